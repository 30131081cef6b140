"""The functional forms: core operations, and what plugins offer as functions."""

from plugrad.namespace import namespace

__getattr__, __dir__ = namespace(__name__, kinds=("functional", "activations"))
