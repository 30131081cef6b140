"""Loops over memory: no Tensor here, and no Python object inside nogil.

The folders avx2 and avx512 in each hold modules of the same names, compiled for these sets.
The best that the processor has is used; PLUGRAD_ISA=baseline (or another) chooses for oneself.
"""

import os

from plugrad.kernels.base.cpu import instruction_sets


def choose(sets, wanted):
    """`wanted`, or the best of the sets.  Raises ImportError if it is none of them."""
    if wanted and wanted not in sets:
        raise ImportError(f"PLUGRAD_ISA={wanted}: this processor and this build have "
                          f"{', '.join(sets)}")
    return wanted or sets[-1]


def widest_first(path):
    """The search path of a package with compiled loops, with its folder for the instruction set in
    use in front, if it has one.  For the package's __init__.py: __path__ = widest_first(__path__)
    """
    wide = [os.path.join(folder, instruction_set) for folder in path]
    return [*filter(os.path.isdir, wide), *path]


built = os.path.join(os.path.dirname(__file__), "matmul")
instruction_set = choose([isa for isa in instruction_sets()
                          if isa == "baseline" or os.path.isdir(os.path.join(built, isa))],
                         os.environ.get("PLUGRAD_ISA"))
