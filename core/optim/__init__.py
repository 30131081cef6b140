"""Optimizers: their contract, their schedules, and the namespace that offers them."""

from plugrad.optim import lr_scheduler, swa_utils
from plugrad.optim.optimizer import Optimizer
from plugrad.plugin.namespace import namespace

__all__ = ["Optimizer", "lr_scheduler", "swa_utils"]
__getattr__, __dir__ = namespace(__name__, kinds=("optimizers",))
