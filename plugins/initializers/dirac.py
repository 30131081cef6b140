"""dirac_: a convolution that hands its input on."""

import plugrad as pg
from plugrad.nn import init


@init.filling
def dirac_(tensor, groups=1):
    """tensor <- 1 at the kernel's middle from channel c to channel c of each group, else 0.

    tensor: (out, in, *kernel) with 1 to 3 axes of the kernel.  Returns it.
    Raises ValueError for others, and unless groups divides out.
    """
    if tensor.ndim not in (3, 4, 5):
        raise ValueError(f"dirac_: expected a tensor of 3, 4 or 5 dimensions, got shape "
                         f"{tuple(tensor.shape)}")
    if tensor.shape[0] % groups:
        raise ValueError(f"dirac_: groups={groups} must divide the {tensor.shape[0]} output "
                         "channels")
    out = tensor.shape[0] // groups
    middle = tuple(k // 2 for k in tensor.shape[2:])
    tensor.zero_()
    for g in range(groups):
        for c in range(min(out, tensor.shape[1])):
            tensor[(g * out + c, c, *middle)] = 1
    return tensor


@pg.hookimpl
def register_initializers(register):
    register(dirac_)
