"""Tells in an error's text in which layer of a model it happened."""

import numpy as np
from plugrad.tensor.tensor import Tensor
from plugrad.tensor.words import received


def say_where(module, error):
    """Called by every module that the error passes on its way out, the innermost one first.

    That one only notes itself; every later one writes down its own name for it:
    "in layer 'features.2' (Linear(in_features=20, ...)) of Net: linear: expected ...".
    """
    noted = getattr(error, "_raised_in", None)
    if noted is None:
        # The text of a KeyError, an OSError and the like is no plain sentence: they stay as is.
        if len(error.args) == 1 and isinstance(error.args[0], str) and str(error) == error.args[0]:
            error._raised_in = module, error.args[0]
        return
    layer, text = noted
    for name, candidate in module.named_modules():
        if candidate is layer and name:
            error.args = (f"in layer '{name}' ({signature(layer)}) of {type(module).__name__}: "
                          f"{text}",)
            return


def no_tensor(module, args, error):
    """The TypeError for an argument that was asked in vain for what Tensors have, or None."""
    value, asked = error.obj, error.name
    if isinstance(value, (list, tuple, int, float, np.ndarray)) and hasattr(Tensor, asked) and any(
            value is given for given in args):
        return TypeError(f"{type(module).__name__}: expected a Tensor, got {received(value)}; make "
                         "one of it with plugrad.tensor(...)")
    return None


def signature(layer):
    """Linear(in_features=20, out_features=5, bias=True), whatever is inside the layer."""
    try:
        return f"{type(layer).__name__}({layer.extra_repr()})"
    except Exception:           # a broken extra_repr must not hide the error being told of
        return type(layer).__name__
