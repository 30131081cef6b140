"""Modules that are made of modules, or called with more than tensors, in both libraries."""

import numpy as np
import plugrad as pg
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from ..tolerances import GRADIENT, SECOND_GRADIENT, VALUE, assert_close
from .parity import Row, converted, outcome


class Call:
    """A module, and options that each call of it gets."""

    def __init__(self, lib, make, dtype, options):
        self.module = make(lib).to(getattr(lib, dtype))
        self.options = {key: converted(lib, value, dtype) for key, value in options.items()}

    def __call__(self, *inputs):
        y = self.module(*inputs, **self.options)
        return tuple(part for part in y if part is not None) if isinstance(y, tuple) else y

    def __getattr__(self, name):
        return getattr(self.module, name)


def same_calls(make, dtype="float64", training=True, **options):
    """What make(lib) makes, in both libraries, with the same random state."""
    ours, theirs = (Call(lib, make, dtype, options) for lib in (pg, torch))
    rng = np.random.default_rng(1)
    with torch.no_grad():
        for tensor in theirs.state_dict().values():
            drawn = rng.uniform(-0.7, 0.7, tuple(tensor.shape))
            tensor.copy_(torch.from_numpy(np.asarray(drawn)))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict({name: pg.from_numpy(tensor.numpy())
                          for name, tensor in theirs.state_dict().items()})
    assert repr(ours.module) == repr(theirs.module)
    assert [name for name, _ in ours.named_parameters()] == [
        name for name, _ in theirs.named_parameters()]
    ours.train(training)
    theirs.train(training)
    return ours, theirs


def check_call(make, inputs, dtype="float64", training=True, **options):
    """As parity.check, for what make(lib) makes, called with inputs and options."""
    ours, theirs = same_calls(make, dtype, training, **options)
    with sdpa_kernel(SDPBackend.MATH):              # PyTorch's way that has second gradients
        got, expected = (outcome(lib, call, Row("", inputs=inputs), dtype)
                         for lib, call in ((pg, ours), (torch, theirs)))
    assert got.keys() == expected.keys()
    for name, value in expected.items():
        table = (SECOND_GRADIENT if name.startswith("second") else
                 GRADIENT if name.startswith("gradient") else VALUE)
        assert_close(got[name], value, table, name)
