"""PReLU: a leaky ReLU that learns how leaky it is."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


def prelu(input, weight):
    """y = x where x > 0, else w * x        x: (N, C, ...)   w: one number, or one a channel: (C,)

    Raises RuntimeError if w has another shape or dtype.
    """
    if not isinstance(weight, pg.Tensor):
        raise TypeError(f"prelu: expected weight to be a Tensor, got {type(weight).__name__}")
    if input.dtype is not weight.dtype:
        raise RuntimeError(f"prelu: expected input and weight of one dtype, got {input.dtype} and "
                           f"{weight.dtype}; convert one with .to(dtype)")
    if weight.ndim > 1:
        raise RuntimeError("prelu: expected weight to have no or one dimension, got shape "
                           f"{tuple(weight.shape)}")
    C = input.shape[1] if input.ndim > 1 else 1
    if weight.numel() not in (1, C):
        raise RuntimeError(f"prelu: expected 1 number or {C} as weight, one for each channel of "
                           f"input {tuple(input.shape)}, got {weight.numel()}")
    w = weight.reshape(-1, *[1] * (input.ndim - 2)) if input.ndim > 1 else weight.reshape(())
    positive = input > 0
    return pg.where(positive, input, w * input.masked_fill(positive, 0.0))


class PReLU(nn.Module):
    """y = x where x > 0, else w * x   (He et al., 2015)        x, y: (N, C, ...)

    num_parameters: 1, or C for one w a channel.   w, of shape (num_parameters,), begins as init.
    """

    def __init__(self, num_parameters=1, init=0.25, device=None, dtype=None):
        super().__init__()
        self.num_parameters = nn.integer(num_parameters, "PReLU: num_parameters", least=0)
        self.init = nn.number(init, "PReLU: init")
        self.weight = nn.Parameter(pg.empty((self.num_parameters,), device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self):
        """Set all w back to init."""
        with pg.no_grad():
            self.weight.fill_(self.init)

    def forward(self, x):
        return F.prelu(x, self.weight)

    def extra_repr(self):
        return f"num_parameters={self.num_parameters}"


@pg.hookimpl
def register_activations(register):
    register(PReLU, functional=prelu)
