"""Whether PyTorch's random numbers are of one stream, and so ours."""

import torch


def coins_are_of_another():
    """Whether PyTorch tosses coins, as dropout does, with a generator of MKL to which its own only
    gives the seed: so it does on processors of Intel."""
    torch.manual_seed(0)
    torch.empty(2).bernoulli_(0.5)
    following = torch.rand(1)
    torch.manual_seed(0)
    return bool(following != torch.rand(5)[4])
