"""PyTorch's address of the loader."""

from plugrad.data.collate import default_collate
from plugrad.data.loader import DataLoader

__all__ = ["DataLoader", "default_collate", "get_worker_info"]


def get_worker_info():
    """None, PyTorch's word for "in the main process": samples are never loaded in another one."""
    return None
