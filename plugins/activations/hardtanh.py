"""Hardtanh: the identity between two bounds, flat outside."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F
from plugrad.utils import warn


def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    """y = min(max(x, min_val), max_val); inplace: written over x

    Raises ValueError if min_val > max_val, RuntimeError for bools.
    """
    if min_val > max_val:
        raise ValueError(f"hardtanh: expected min_val <= max_val, got {min_val} and {max_val}")
    if input.dtype is pg.bool:
        raise RuntimeError("hardtanh: expected numbers, got bools; convert them with .float()")
    if inplace:
        return nn.in_place(hardtanh, input, min_val, max_val)
    # Not clamp alone, whose gradient is 1 at the bounds themselves; here it is 0.
    outside = (input <= min_val) | (input >= max_val)
    return pg.where(outside, input.detach().clamp(min_val, max_val), input)


def hardtanh_(input, min_val=-1.0, max_val=1.0):
    """F.hardtanh, written over the input"""
    return hardtanh(input, min_val, max_val, inplace=True)


class Hardtanh(nn.Module):
    """y = min(max(x, min_val), max_val)   (Collobert, 2004)

    inplace: write y over x.   min_value, max_value: former names of the bounds.
    Raises AssertionError unless min_val < max_val.
    """

    def __init__(self, min_val=-1.0, max_val=1.0, inplace=False, min_value=None, max_value=None):
        super().__init__()
        if min_value is not None:
            warn("Hardtanh: min_value is now called min_val", FutureWarning)
            min_val = min_value
        if max_value is not None:
            warn("Hardtanh: max_value is now called max_val", FutureWarning)
            max_val = max_value
        self.min_val = nn.number(min_val, "Hardtanh: min_val")
        self.max_val = nn.number(max_val, "Hardtanh: max_val")
        self.inplace = nn.flag(inplace, "Hardtanh: inplace")
        if not min_val < max_val:
            raise AssertionError("Hardtanh: expected min_val < max_val, got "
                                 f"min_val={min_val} and max_val={max_val}")

    def forward(self, x):
        return F.hardtanh(x, self.min_val, self.max_val, self.inplace)

    def extra_repr(self):
        text = f"min_val={self.min_val}, max_val={self.max_val}"
        return f"{text}, inplace=True" if self.inplace else text


@pg.hookimpl
def register_activations(register):
    register(Hardtanh, functional=(hardtanh, hardtanh_))
