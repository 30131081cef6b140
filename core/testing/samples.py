"""Compares samples, whatever they are made of."""

import numpy as np
from plugrad.tensor.tensor import Tensor


def equal(a, b):
    """Whether two samples are the same; NaN is the same as NaN."""
    if type(a) is not type(b):
        return False
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, Tensor):
        return equal(a.detach().numpy(), b.detach().numpy())
    if isinstance(a, np.ndarray) and a.dtype == object:
        return a.shape == b.shape and equal(a.tolist(), b.tolist())
    if isinstance(a, np.ndarray) and a.shape != b.shape:
        return False
    if type(a).__eq__ is object.__eq__:
        return True                     # equal would mean identical, which is not asked for
    nan = np.asarray(a != a) & np.asarray(b != b)
    return bool(np.all(np.asarray(a == b) | nan))


def kept(sample):
    """A copy of the arrays in a sample, which would else change with the dataset's memory."""
    if type(sample) in (tuple, list):
        return type(sample)(map(kept, sample))
    if type(sample) is dict:
        return {key: kept(value) for key, value in sample.items()}
    if isinstance(sample, np.ndarray):
        return sample.copy()
    return sample.detach().clone() if type(sample) is Tensor else sample
