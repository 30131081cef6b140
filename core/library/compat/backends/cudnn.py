"""The library for convolutions on NVIDIA's accelerators, which is not there."""

from plugrad.absent import is_available as is_available

enabled = benchmark = deterministic = allow_tf32 = False


def version():
    """None: it is not there."""
