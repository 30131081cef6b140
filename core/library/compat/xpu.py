"""PyTorch's address of Intel's accelerator: there is none, and is_available() is False."""

from plugrad.absent import *  # noqa: F403
