"""What every dataset promises."""

import inspect
import itertools

import numpy as np
from plugrad.data import Dataset, IterableDataset
from plugrad.testing.data import check_documented, make
from plugrad.testing.errors import ComponentError, during, require
from plugrad.testing.samples import equal, kept

LOOKS = 50                              # at so many samples, where there are more


def check_dataset(component, kwargs):
    """Has samples; gives the same one for the same index; ends where its length says."""
    name = component.__name__
    check_documented(component)
    if "download" in inspect.signature(component).parameters:
        kwargs = {"download": False, **kwargs}
    dataset = make(component, kwargs)
    if isinstance(dataset, IterableDataset):
        check_stream(name, dataset)
        return
    check_methods(name, type(dataset))
    with during(f"{name}: asking for len(dataset)"):
        n = len(dataset)
    require(n > 0, f"{name}: expected a length above 0, got {n}")
    check_samples(name, dataset, n)
    check_end(name, dataset, n)


def check_stream(name, dataset):
    with during(f"{name}: iterating over it"):
        samples = list(itertools.islice(iter(dataset), LOOKS))
    require(samples, f"{name}: it gives no sample at all")
    for i, sample in enumerate(samples):
        require(sample is not None, f"{name}: iterating over it gave None as sample {i}; expected "
                "a number, an array, a Tensor, or a tuple of such")


def check_methods(name, cls):
    """What has indices has both __getitem__ and __len__."""
    gets = getattr(cls, "__getitem__", Dataset.__getitem__) is not Dataset.__getitem__
    has = {"__getitem__(self, index)": gets, "__len__(self)": hasattr(cls, "__len__")}
    missing = " and ".join(method for method, there in has.items() if not there)
    require(not missing, f"{name}: it has no {missing}; a dataset gives sample `index` by "
            "__getitem__ and their number by __len__; for a stream of samples without indices, "
            "derive from IterableDataset and define __iter__(self)")


def check_samples(name, dataset, n):
    for i in sorted(set(np.linspace(0, n - 1, min(n, LOOKS)).astype(int).tolist())):
        sample = take(name, dataset, i, n)
        require(sample is not None, f"{name}: dataset[{i}] is None; does every path through "
                "__getitem__ end in `return ...`?")
        first = kept(sample)
        require(equal(first, kept(take(name, dataset, i, n))),
                f"{name}: sample {i} is not the same when asked for twice; make random choices in "
                "the constructor, or in a transform")


def take(name, dataset, i, n):
    try:
        return dataset[i]
    except Exception as error:
        remedy = ("does __len__ count more samples than there are?"
                  if isinstance(error, IndexError) else "does __getitem__ take every index?")
        raise ComponentError(f"{name}: len(dataset) is {n}, but dataset[{i}] raised {error!r}; "
                             f"expected a sample for every index from 0 to {n - 1}: "
                             f"{remedy}") from error


def check_end(name, dataset, n):
    """A for loop asks for ever higher indices until one raises IndexError."""
    try:
        dataset[n]
    except IndexError:
        return
    except Exception as error:
        got = f"raised {error!r}"
    else:
        got = "gave a sample"
    raise ComponentError(
        f"{name}: len(dataset) is {n}, so dataset[{n}] must raise IndexError, which is how a for "
        f"loop knows the end, but it {got}; begin __getitem__(self, index) with "
        "`if index >= len(self): raise IndexError(index)`")
