"""Finds something to try a component on: what it says itself, or else a good guess."""

import inspect
import warnings

import numpy as np
from plugrad.ops.create import from_numpy
from plugrad.testing.errors import ComponentError

# What a constructor most likely wants under these names; only arguments without a default matter.
ARGUMENTS = {
    "in_features": 3, "out_features": 2, "in_channels": 3, "out_channels": 2, "channels": 3,
    "num_features": 3, "num_channels": 3, "features": 3, "normalized_shape": (3,),
    "input_size": 3, "hidden_size": 2,
    "kernel_size": 2, "output_size": 2, "dim": -1, "p": 0.5,
    "lr": 0.01, "step_size": 3, "gamma": 0.5, "T_max": 5, "swa_lr": 0.05,
    "val": 0.5, "sparsity": 0.25,
    "size": 5, "padding": 1, "degrees": 30,
    "mean": 0.5, "std": 0.25, "transforms": [abs], "function": abs,
}

SHAPES = ((4, 3), (2, 3, 5), (2, 3, 6, 6), (2, 3, 4, 4, 4), (3,))    # 3 features or channels each


def guess_arguments(function, given, skip=0):
    """{name: value} for the arguments without a default, but for the first `skip` of them."""
    found = dict(given)
    parameters = list(inspect.signature(function).parameters.values())[skip:]
    for p in parameters:
        if p.default is not p.empty or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            continue
        if p.name in found:
            continue
        if p.name not in ARGUMENTS:
            raise ComponentError(
                f"no example of {function.__name__}: its argument {p.name!r} has no default, and "
                f"no value suggests itself; pass {p.name}=... to check_component, or give the "
                "class a static method example() -> (component, inputs)")
        found[p.name] = ARGUMENTS[p.name]
    return found


def floats(*shape, seed=0):
    """A float32 Tensor of numbers that are not equal, and not where functions like to break."""
    rng = np.random.default_rng(seed)
    n = int(np.prod(shape))
    # -2 .. 2, all different; no n makes the odd 0.618 a zero, a whole number or half of one.
    steps = (rng.permutation(n) + 0.618) / max(n, 1) * 4 - 2
    return from_numpy(steps.reshape(shape).astype(np.float32))


def integers(*shape, below=3, seed=0):
    """An int64 Tensor of 0 .. below - 1."""
    return from_numpy(np.random.default_rng(seed).integers(0, below, shape))


def candidates(n):
    """Tuples of n inputs to try one after another."""
    if n == 2:          # most likely a loss: input, and target as numbers, probabilities or labels
        yield floats(4, 3), floats(4, 3, seed=1).sigmoid()
        yield floats(4, 3), integers(4)
    for shape in SHAPES:
        yield tuple(floats(*shape, seed=seed) for seed in range(n))
    for shape in SHAPES:
        yield tuple(integers(*shape, seed=seed) for seed in range(n))


def guess_inputs(name, call, forward):
    """The first candidates that call(*inputs) accepts, and does not warn of."""
    n = sum(p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
            for p in inspect.signature(forward).parameters.values())
    tried = {}
    for inputs in candidates(n):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                call(*inputs)
            return inputs
        except Exception as error:
            shapes = ", ".join(f"{tuple(x.shape)} {x.dtype}" for x in inputs)
            tried[shapes] = f"{type(error).__name__}: {error}"
    reasons = set(tried.values())
    if len(reasons) == 1:
        raise ComponentError(f"{name}: whatever the input, it raised {reasons.pop()}; correct it, "
                             "or if it needs other inputs, give the class a static method "
                             "example() -> (component, inputs)")
    raise ComponentError(
        f"{name}: no example: it took none of these inputs; give the class a static method "
        "example() -> (component, inputs)\n"
        + "\n".join(f"  {shapes}: {reason}" for shapes, reason in tried.items()))
