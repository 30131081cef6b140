"""PyTorch's address of Apple's accelerator: there is none, and is_available() is False."""

from plugrad.absent import *  # noqa: F403
