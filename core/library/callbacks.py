"""Callbacks, which watch training; the contract is Callback, and Events says what they hear of."""

from plugrad.plugin.namespace import namespace
from plugrad.training.observers import EVENTS, Callback, Events, Observers

__all__ = ["EVENTS", "Callback", "Events", "Observers"]
__getattr__, __dir__ = namespace(__name__, kinds=("callbacks",))
