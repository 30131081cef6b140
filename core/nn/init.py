"""Initializers: functions that fill a tensor in place and return it."""

from plugrad.namespace import namespace

__getattr__, __dir__ = namespace(__name__, kinds=("initializers",))
