"""Whole batches at once: the optional second form of a dataset and of a transform.

A dataset answers `dataset[i]`; one that can fetch many samples in a single step also defines
`__getbatch__(indices)` and returns what collating those samples would have returned.  A transform
answers `transform(sample)`; one that works on a stack of samples also defines `batch(samples)`.
Neither is ever needed: without it, samples go one by one and the result is the same.
"""

from plugrad.tensor.words import needs_object, received


def batch_form(obj, many, one):
    """obj's method `many`; None if there is none, or if a subclass has overridden `one` since.

    A student who inherits from TensorDataset and writes `__getitem__` must see it called.
    """
    for cls in type(obj).__mro__:
        if many in vars(cls):
            return getattr(obj, many)           # may itself be None: see Subset, Compose
        if one in vars(cls):
            return None
    return None


def batch_fetch(dataset):
    """dataset's `__getbatch__`, or None where samples have to be fetched one by one."""
    return batch_form(dataset, "__getbatch__", "__getitem__")


def batch_transform(transform):
    """transform's `batch`, or None where it has to be applied sample by sample."""
    return batch_form(transform, "batch", "__call__")


def check_transform(transform, what):
    """transform, which must be callable.  Raises TypeError; what: how the error calls it."""
    if not callable(transform) or needs_object(transform):
        raise TypeError(f"{what}: expected a function of a sample, got {received(transform)}")
    return transform
