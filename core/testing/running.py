"""Runs a module on inputs that are made for one check."""

import numpy as np
from plugrad.autograd import no_grad
from plugrad.autograd.gradcheck import as_tuple
from plugrad.ops.create import from_numpy
from plugrad.tensor.random import manual_seed


def run(module, inputs, seed=0):
    """The outputs as a tuple, the same each time even where they are random."""
    manual_seed(seed)
    return as_tuple(module(*inputs))


def moved(inputs, dtype):
    """New tensors without history, the floating-point ones of this dtype."""
    return [(x.to(dtype) if x.dtype.is_floating_point else x).detach().clone() for x in inputs]


def strided(x):
    """The same numbers, at every other place of a wider memory."""
    wide = np.repeat(x.detach().numpy()[..., None], 2, -1)
    wide[..., 1] = 0
    return from_numpy(wide)[..., 0]


def nudge(module):
    """Move parameters and buffers away from where they began, positive ones to positive ones."""
    with no_grad():
        for x in (*module.parameters(), *module.buffers()):
            if x.dtype.is_floating_point:
                x.mul_(1.25).add_(0.125)
