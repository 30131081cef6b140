"""Runs one component in plugrad and in PyTorch, from the same state, and compares everything."""

import inspect
import re
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import plugrad as pg
import pytest
import torch

from ..tolerances import GRADIENT, SECOND_GRADIENT, VALUE, assert_close

# Arguments of PyTorch's that we do not take.
LEFT_OUT = {
    "size_average": "given up for reduction, years ago",
    "reduce": "given up for reduction, years ago",
    "out": "results go to new memory",
    "_stacklevel": "warnings find the line outside by themselves",
}


@dataclass(frozen=True)
class Row:
    """A component of nn, options of its constructor, and the arrays it is called with.

    "F.name" is a function of nn.functional: it is called with the inputs, then the options."""

    name: str
    options: dict = field(default_factory=dict)
    inputs: tuple = ()
    modes: tuple = (True, False)            # of training

    @property
    def is_function(self):
        return self.name.startswith("F.")

    def __str__(self):
        shapes = "-".join("x".join(map(str, np.shape(x))) or "0d" for x in self.inputs)
        options = ",".join(f"{key}={shown(value)}" for key, value in self.options.items())
        return f"{self.name}({options})-{shapes}"


def shown(value):
    """An option as the name of a test has it: the same in every process."""
    return getattr(value, "__name__", "...") if callable(value) or np.ndim(value) else value


def cases(rows):
    """pytest's arguments (row, dtype, training) for every row; a function has no modes.

    The fast tests try the first row of each name."""
    first = {row.name: row for row in reversed(rows)}
    return pytest.mark.parametrize("row, dtype, training", [
        pytest.param(row, *run.values, id=f"{row}-{run.id}", marks=run.marks)
        for row in rows
        for run in runs(row.modes[:1] if row.is_function else row.modes, first[row.name] is row)])


def runs(modes=(True, False), fast=True):
    """pytest's arguments (dtype, training).  The fast ones of two modes are one in each dtype."""
    return [pytest.param(dtype, training, id=f"{dtype}-{'train' if training else 'eval'}",
                         marks=[] if fast and (len(modes) == 1 or training == (dtype == "float32"))
                         else [pytest.mark.slow])
            for dtype in ("float32", "float64") for training in modes]


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
    """What the row is about, in one library: a module, or a function that knows its options."""
    options = {key: converted(lib, value, dtype) for key, value in row.options.items()}
    if row.is_function:
        return partial(getattr(lib.nn.functional, row.name[2:]), **options)
    return getattr(lib.nn, row.name)(**options).to(getattr(lib, dtype))


def same_modules(row, dtype):
    """The module in both libraries, with the same random state."""
    theirs, ours = made(torch, row, dtype), made(pg, row, dtype)
    if row.is_function:
        return ours, theirs
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
    """What a call and two backward passes give: everything that can be compared, by name.

    Second gradients are missing where the library has none."""
    leaves = {}
    inputs = [converted(lib, value, dtype) for value in row.inputs]
    for n, i in enumerate(inputs):
        if i.is_floating_point():
            leaves[f"input {n}"] = i.requires_grad_()
    if not row.is_function:
        leaves |= dict(module.named_parameters())
    given = [i.clone() for i in inputs]             # no leaves, which may not be written over
    outputs = flat(module(*given))
    found = {f"input {n} afterwards": i.detach().numpy() for n, i in enumerate(given)}
    found |= {f"output {n}": y.detach().numpy() for n, y in enumerate(outputs)}
    first = gradients(lib, outputs, leaves, seed=2, create_graph=True)
    found |= {f"gradient of {name}": g.detach().numpy() for name, g in first.items()}
    try:
        second = gradients(lib, first.values(), leaves, seed=3)
    except (RuntimeError, NotImplementedError):
        if lib is pg:
            raise
    else:
        found |= {f"second gradient of {name}": g.numpy(force=True) for name, g in second.items()}
    buffers = ({key: value for key, value in module.keywords.items() if hasattr(value, "numpy")}
               if row.is_function else dict(module.named_buffers()))
    return found | {f"buffer {name}": b.numpy() for name, b in buffers.items()}


def gradients(lib, ys, leaves, seed, create_graph=False):
    """The gradient of a random sum of the ys for every leaf, zeros for one that plays no part."""
    rng = np.random.default_rng(seed)
    weights = [lib.from_numpy(np.asarray(rng.standard_normal(tuple(y.shape)))).to(y.dtype)
               for y in ys]
    terms = [(y * w).sum() for y, w in zip(ys, weights, strict=True) if y.requires_grad]
    found = [None] * len(leaves)
    if terms and leaves:
        found = lib.autograd.grad(sum(terms), list(leaves.values()), create_graph=create_graph,
                                  allow_unused=True)
    return {name: lib.zeros_like(leaf) if g is None else g
            for (name, leaf), g in zip(leaves.items(), found, strict=True)}


def flat(output):
    """The tensors of a nested tuple."""
    return [y for part in output for y in flat(part)] if isinstance(output, tuple) else [output]


def check(row, dtype, training):
    """Forward, gradients, second gradients and buffers are PyTorch's, and so are printed form and
    state keys."""
    ours, theirs = same_modules(row, dtype)
    if not row.is_function:
        assert repr(ours) == repr(theirs)
        for module in (ours, theirs):
            module.train(training)
    got, expected = outcome(pg, ours, row, dtype), outcome(torch, theirs, row, dtype)
    assert expected.keys() <= got.keys()
    for name, value in expected.items():
        table = (SECOND_GRADIENT if name.startswith("second") else
                 GRADIENT if name.startswith("gradient") else VALUE)
        assert_close(got[name], value, table, name)


def of(lib, name):
    """The component or function of that name, as rows call it."""
    return getattr(lib.nn.functional, name[2:]) if name[:2] == "F." else getattr(lib.nn, name)


def check_begin(row):
    """Parameters and buffers have PyTorch's names, shapes and dtypes, and at first its
    distribution: the largest distance of the empirical distributions (Kolmogorov-Smirnov) of a
    few thousand draws is what chance allows."""
    pg.manual_seed(0)
    torch.manual_seed(0)
    drawn = []
    largest = max((p.numel() for p in made(torch, row, "float32").parameters()), default=4000)
    n = max(40, 4000 // max(largest, 1))
    for lib in (pg, torch):
        times = [made(lib, row, "float32").state_dict() for _ in range(n)]
        drawn.append({name: np.stack([state[name].detach().numpy() for state in times])
                      for name in times[0]})
    ours, theirs = drawn
    assert list(ours) == list(theirs)
    for name, reference in theirs.items():
        assert ours[name].shape == reference.shape and ours[name].dtype == reference.dtype, name
        a, b = np.sort(ours[name], axis=None), np.sort(reference, axis=None)
        at = np.concatenate([a, b])
        apart = np.abs(np.searchsorted(a, at, "right") / max(len(a), 1)
                       - np.searchsorted(b, at, "right") / max(len(b), 1)).max(initial=0)
        assert apart <= 2 * np.sqrt(2 / max(len(a), 1)), (name, apart)     # 1 in 1,500 by chance


def parameters(f):
    """The named ones of a function or class, by name; where PyTorch's takes *args or is compiled,
    those with which its docstring begins: "conv1d(input, weight, bias=None, ...) -> Tensor"."""
    try:
        found = inspect.signature(f).parameters
    except ValueError:
        found = {}
    named = {name: p for name, p in found.items()
             if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}
    documented = re.match(r"\s*\w+\((.*?)\)\s*?(\n|->|$)", f.__doc__ or "", re.DOTALL)
    if named or not documented:
        return named
    return inspect.signature(eval(f"(lambda {documented[1]}: 0)")).parameters


def check_signature(ours, theirs):
    """Names, order and defaults are PyTorch's; what we lack is left out on purpose."""
    mine, reference = parameters(ours), parameters(theirs)
    assert reference.keys() - mine.keys() <= LEFT_OUT.keys()
    assert [name for name in reference if name in mine] == list(mine)
    for name, parameter in mine.items():
        default, expected = (getattr(value, "__name__", value)        # relu of either library
                             for value in (parameter.default, reference[name].default))
        assert default == expected, name


def check_refusal(call, error, text):
    """Both libraries refuse with this error; our message matches the text."""
    with pytest.raises(error):
        call(torch)
    with pytest.raises(error, match=text):
        call(pg)
