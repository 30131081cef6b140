"""The training loop: Trainer, what observes it, and Ctrl-C that waits for the end of a step."""

from plugrad.training.trainer import Trainer, accuracy

__all__ = ["Trainer", "accuracy"]
