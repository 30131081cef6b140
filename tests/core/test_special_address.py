"""torch.special's names, against PyTorch."""

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import special
from plugrad.testing import gradcheck, gradgradcheck

ONE = np.array([0.1, 0.5, 0.9])
TWO = {"xlogy", "xlog1py"}
DIM = {"softmax", "log_softmax", "logsumexp"}


@pytest.mark.parametrize("name", special.__all__)
def test_each_is_pytorchs(name):
    rest = (ONE[::-1].copy(),) if name in TWO else ()
    ours = getattr(special, name)(*map(pg.tensor, (ONE, *rest)), *([0] if name in DIM else []))
    theirs = getattr(torch.special, name)(*map(torch.tensor, (ONE, *rest)),
                                          *([0] if name in DIM else []))
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-6)


@pytest.mark.parametrize("name", ["entr", "ndtr"])
def test_those_that_are_only_here(name):
    x = np.array([-1.5, -0.0, 0.0, 0.3, 2.0])
    ours, theirs = getattr(special, name)(pg.tensor(x)), getattr(torch.special, name)(
        torch.tensor(x))
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-6)
    x = pg.tensor(ONE, requires_grad=True)
    assert gradcheck(getattr(special, name), (x,)) and gradgradcheck(getattr(special, name), (x,))
