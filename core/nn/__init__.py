"""Layers, activations, normalizations and losses, and what they are made of."""

from plugrad.namespace import namespace
from plugrad.nn import functional, init

__all__ = ["functional", "init"]
__getattr__, __dir__ = namespace(
    __name__, kinds=("layers", "activations", "normalizations", "losses"))
