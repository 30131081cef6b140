"""PyTorch's address of the data tools: `plugrad.utils.data` offers what `plugrad.data` does."""

from plugrad.data import *  # noqa: F403
from plugrad.data import __all__ as __all__


def get_worker_info():
    """None, PyTorch's word for "in the main process": samples are never loaded in another one."""
    return None
