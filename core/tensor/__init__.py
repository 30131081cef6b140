"""Tensor, Op and the walk over the graph; dtypes, devices, printing and random numbers."""
