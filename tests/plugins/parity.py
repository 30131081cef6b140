"""Runs one component in plugrad and in PyTorch, from the same state, and compares everything."""

import inspect
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import plugrad as pg
import pytest
import torch

from ..tolerances import GRADIENT, VALUE, assert_close

NO_OPTIONS = MappingProxyType({})


@dataclass(frozen=True)
class Row:
    """A component, options of its constructor, and the arrays it is called with."""

    name: str
    options: dict = field(default_factory=dict)
    inputs: tuple = ()
    modes: tuple = (True, False)            # of training

    def __str__(self):
        shapes = "-".join("x".join(map(str, np.shape(x))) or "0d" for x in self.inputs)
        options = ",".join(f"{key}={value if np.ndim(value) == 0 else '...'}"
                           for key, value in self.options.items())
        return f"{self.name}({options})-{shapes}"


def cases(rows):
    """pytest's arguments (row, dtype, training) for every row."""
    return pytest.mark.parametrize("row, dtype, training", [
        pytest.param(row, dtype, training, id=f"{row}-{dtype}-{'train' if training else 'eval'}")
        for row in rows for dtype in ("float32", "float64") for training in row.modes])


def x(*shape, seed=0):
    """Normal random numbers."""
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def labels(*shape, below, seed=0):
    """Random integers."""
    return np.random.default_rng([seed, *shape]).integers(0, below, shape)


def converted(lib, value, dtype):
    """An array as a Tensor of the library, floats in this dtype; anything else as it is."""
    if not isinstance(value, np.ndarray):
        return value
    return lib.from_numpy(value.astype(dtype) if value.dtype.kind == "f" else value.copy())


def made(lib, row, dtype):
    """The module of the row in one library."""
    options = {key: converted(lib, value, dtype) for key, value in row.options.items()}
    return getattr(lib.nn, row.name)(**options).to(getattr(lib, dtype))


def same_modules(row, dtype):
    """The module in both libraries, with the same random state."""
    theirs, ours = made(torch, row, dtype), made(pg, row, dtype)
    rng = np.random.default_rng(1)
    with torch.no_grad():
        for tensor in theirs.state_dict().values():
            if tensor.is_floating_point():
                drawn = rng.uniform(0.5, 1.5, tuple(tensor.shape))
                tensor.copy_(torch.from_numpy(np.asarray(drawn)))
    state = {name: pg.from_numpy(tensor.numpy()) for name, tensor in theirs.state_dict().items()}
    assert list(state) == list(ours.state_dict())
    ours.load_state_dict(state)
    return ours, theirs


def outcome(lib, module, row, dtype):
    """What a call and a backward pass give: everything that can be compared, by name."""
    inputs = [converted(lib, value, dtype) for value in row.inputs]
    for i in inputs:
        i.requires_grad_(i.is_floating_point())
    output = module(*inputs)
    outputs = flat(output)
    found = {f"output {i}": y.detach().numpy() for i, y in enumerate(outputs)}
    rng = np.random.default_rng(2)
    weight = lib.from_numpy(np.asarray(rng.standard_normal(tuple(outputs[0].shape)), dtype))
    (outputs[0] * weight).sum().backward(retain_graph=len(outputs) > 1)
    for y in outputs[1:]:
        if y.requires_grad:
            (y * y).sum().backward(retain_graph=True)
    gradients = {f"gradient of input {n}": i.grad for n, i in enumerate(inputs)}
    gradients |= {f"gradient of {name}": p.grad for name, p in module.named_parameters()}
    found |= {name: g.numpy() for name, g in gradients.items() if g is not None}
    return found | {f"buffer {name}": b.numpy() for name, b in module.named_buffers()}


def flat(output):
    """The tensors of a nested tuple."""
    return [y for part in output for y in flat(part)] if isinstance(output, tuple) else [output]


def check(row, dtype, training):
    """Forward, gradients and buffers are PyTorch's, and so are printed form and state keys."""
    ours, theirs = same_modules(row, dtype)
    assert repr(ours) == repr(theirs)
    for module in (ours, theirs):
        module.train(training)
    got, expected = outcome(pg, ours, row, dtype), outcome(torch, theirs, row, dtype)
    assert got.keys() == expected.keys()
    for name, value in expected.items():
        assert_close(got[name], value, GRADIENT if "gradient" in name else VALUE, name)


def check_signature(ours, theirs):
    """Names, order and defaults are PyTorch's, for the arguments that we have."""
    mine, reference = (inspect.signature(f).parameters for f in (ours, theirs))
    mine = {name: p for name, p in mine.items() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}
    if any(p.kind is p.VAR_POSITIONAL for p in reference.values()):
        return                              # such as Tanh(*args, **kwargs), which ignores them
    assert [name for name in reference if name in mine] == list(mine)
    for name, parameter in mine.items():
        assert parameter.default == reference[name].default, name


def check_refusal(call, error, text):
    """Both libraries refuse with this error; our message matches the text."""
    with pytest.raises(error):
        call(torch)
    with pytest.raises(error, match=text):
        call(pg)
