"""Every built-in activation against PyTorch."""

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import nn
from plugrad.nn import functional as F

from .parity import Row, cases, check, check_signature, x

WIDE = np.array([-1e3, -30.0, -5.0, -1e-3, 0.0, 1e-3, 5.0, 30.0, 1e3])

ROWS = [
    *(Row(name, options, (inputs,)) for name, options in (
        ("ReLU", {}), ("LeakyReLU", {}), ("LeakyReLU", {"negative_slope": 0.2}),
        ("Sigmoid", {}), ("Tanh", {}), ("GELU", {}), ("GELU", {"approximate": "tanh"}),
    ) for inputs in (x(4, 3), x(2, 3, 4), x(0, 2), WIDE, np.array(0.5))),
    *(Row(name, {"dim": dim}, (inputs,)) for name in ("Softmax", "LogSoftmax")
      for dim, inputs in ((1, x(4, 3)), (0, x(4, 3)), (-1, x(2, 3, 4)), (-2, x(2, 3, 4)),
                          (0, WIDE), (0, np.array(0.5)), (1, x(0, 3)))),
]


@cases(ROWS)
def test_activation_is_pytorchs(row, dtype, training):
    check(row, dtype, training)


@pytest.mark.parametrize("name", sorted({row.name for row in ROWS}))
def test_constructor_is_pytorchs(name):
    check_signature(getattr(nn, name), getattr(torch.nn, name))


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "sigmoid", "tanh"])
def test_functional_form_is_pytorchs(name):
    check_signature(getattr(F, name), getattr(torch.nn.functional, name))
    inputs = x(5).astype(np.float32)
    np.testing.assert_allclose(getattr(F, name)(pg.from_numpy(inputs)).numpy(),
                               getattr(torch.nn.functional, name)(torch.from_numpy(inputs)).numpy(),
                               rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["ReLU", "LeakyReLU"])
def test_in_place_writes_over_the_input_and_keeps_the_gradient(name):
    def run(lib):
        leaf = lib.from_numpy(x(5)).requires_grad_()
        moved = leaf * 2
        result = getattr(lib.nn, name)(inplace=True)(moved)
        assert result is moved
        result.sum().backward()
        return moved.tolist(), leaf.grad.tolist()

    assert run(pg) == run(torch)


@pytest.mark.parametrize("name", ["Softmax", "LogSoftmax"])
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 4), (2, 2, 2, 2)])
def test_softmax_without_dim_chooses_as_pytorch_does_and_warns(name, shape):
    inputs = x(*shape)
    with pytest.warns(UserWarning):
        expected = getattr(torch.nn, name)()(torch.from_numpy(inputs)).numpy()

    with pytest.warns(UserWarning, match="give dim=1"):
        got = getattr(nn, name)()(pg.from_numpy(inputs)).numpy()

    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_gelu_knows_two_forms():
    with pytest.raises(ValueError, match="'none' or 'tanh'"):
        F.gelu(pg.zeros(3), "sigmoid")
