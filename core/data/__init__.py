"""Datasets, transforms and what feeds them to a model."""

from plugrad.namespace import namespace

__getattr__, __dir__ = namespace(__name__, kinds=("datasets", "transforms"))
