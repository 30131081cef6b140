"""PyTorch's address of NVIDIA's accelerators: there is none, and is_available() is False."""

from plugrad.absent import *  # noqa: F403
from plugrad.cuda import amp as amp
