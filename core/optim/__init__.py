"""Optimizers and their contract."""

from plugrad.namespace import namespace
from plugrad.optim import lr_scheduler

__all__ = ["lr_scheduler"]
__getattr__, __dir__ = namespace(__name__, kinds=("optimizers",))
