"""Loops over memory: no Tensor here, and no Python object inside nogil."""
