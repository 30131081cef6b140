"""DataLoader: from a dataset to batches."""

from plugrad.data.batch import batch_fetch, batch_form
from plugrad.data.collate import default_collate, default_convert
from plugrad.data.dataset import Dataset, IterableDataset
from plugrad.data.sampler import (
    BatchSampler,
    RandomSampler,
    SequentialSampler,
    check_count,
    drawn_seed,
)
from plugrad.tensor.words import received


class DataLoader:
    """Iterate over `dataset` in batches; each `iter(loader)` is one epoch.

    batch_size      samples a batch; None gives the samples themselves, unbatched
    shuffle         a new random order each epoch, from `generator`, else from the generator that
                    `plugrad.manual_seed` seeds: the same seed gives the same batches
    sampler         iterable of indices, in place of `shuffle`
    batch_sampler   iterable of lists of indices, in place of the four arguments above
                    and `drop_last`
    collate_fn      list of samples -> batch, default `default_collate`
    drop_last       leave out a last batch that is shorter than the others

    A dataset with `__getbatch__` (TensorDataset, MNIST, a Subset of these) is asked once a batch
    instead of once a sample, unless a `collate_fn` wants to see the samples.

    The remaining arguments are PyTorch's, accepted so that scripts run unchanged, and have no
    effect: samples are loaded in this process whatever `num_workers` is, and there is no device
    memory to pin.
    """

    def __init__(self, dataset, batch_size=1, shuffle=None, sampler=None, batch_sampler=None,
                 num_workers=0, collate_fn=None, pin_memory=False, drop_last=False, timeout=0,
                 worker_init_fn=None, multiprocessing_context=None, generator=None, *,
                 prefetch_factor=None, persistent_workers=False, pin_memory_device="",
                 in_order=True):
        if num_workers < 0:
            raise ValueError(f"DataLoader: num_workers must be 0 or more, got {num_workers}.")
        self.dataset = dataset
        self.num_workers = num_workers
        self.pin_memory = pin_memory
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.generator = generator
        self._streams = isinstance(dataset, IterableDataset)
        _check(dataset, batch_size, shuffle, sampler, batch_sampler, drop_last)
        if batch_sampler is not None:
            batch_size = None
        elif self._streams:
            sampler = dataset               # its samples are grouped in place of indices
        elif sampler is None:
            sampler = (RandomSampler(dataset, generator=generator) if shuffle
                       else SequentialSampler(dataset))
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self._batch_size = batch_size
        self._drop_last = drop_last
        self.collate_fn = collate_fn or (
            default_convert if batch_sampler is None else default_collate)

    def __repr__(self):
        shuffle = isinstance(self.sampler, RandomSampler)
        options = {"batch_size": self.batch_size, "shuffle": shuffle, "drop_last": self.drop_last}
        shown = [f"{name}={value}" for name, value in options.items() if value is not False]
        dataset = self.dataset              # a list as long as a dataset is nothing to print
        first = repr(dataset) if isinstance(dataset, Dataset) else type(dataset).__name__
        return f"DataLoader({', '.join([first, *shown])})"

    @property
    def batch_size(self):
        """Samples a batch; fixed, since the batch sampler was made from it."""
        return self._batch_size

    @property
    def drop_last(self):
        """Whether a shorter last batch is left out; fixed like `batch_size`."""
        return self._drop_last

    def __len__(self):
        return len(self._items())

    def __iter__(self):
        fetch = self._fetch()
        drawn_seed(self.generator)          # PyTorch's workers would get it: the stream moves on
        return (fetch(item) for item in self._items())

    def _items(self):
        """What an epoch goes through: lists of indices, or indices, or of a stream the samples."""
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    def _fetch(self):
        """The quickest way from such an item to a batch that still calls all the user wrote."""
        collate, dataset = self.collate_fn, self.dataset
        if self._streams:
            return collate
        if self.batch_sampler is None:
            return lambda index: collate(dataset[index])
        if collate is default_collate and (fetch := batch_fetch(dataset)):
            return fetch
        if fetch := batch_form(dataset, "__getitems__", "__getitem__"):     # PyTorch's: a list
            return lambda indices: collate(fetch(indices))
        return lambda indices: collate([dataset[i] for i in indices])


def _check(dataset, batch_size, shuffle, sampler, batch_sampler, drop_last):
    """Order and batches are each decided once: ValueError names the option that comes second."""
    if isinstance(dataset, type):
        raise TypeError(f"DataLoader: expected a dataset, got {received(dataset)}.")
    if isinstance(dataset, IterableDataset):
        _refuse("has an IterableDataset, which gives its own order",
                shuffle=shuffle, sampler=sampler, batch_sampler=batch_sampler)
    elif sampler is None and batch_sampler is None and not hasattr(dataset, "__len__"):
        missing = "only __len__ is" if hasattr(dataset, "__getitem__") else "both are"
        raise TypeError(
            "DataLoader: expected a dataset with __getitem__ and __len__, or an IterableDataset; "
            f"got {type(dataset).__name__}, of which {missing} missing."
        )
    if sampler is not None:
        _refuse("has a sampler, which gives the order", shuffle=shuffle)
    if batch_sampler is not None:
        _refuse("has a batch_sampler, which makes the batches", shuffle=shuffle,
                batch_size=batch_size != 1, sampler=sampler, drop_last=drop_last)
    elif batch_size is not None:
        check_count("DataLoader: batch_size", batch_size)
    else:
        _refuse("has batch_size=None, that is no batches", drop_last=drop_last)


def _refuse(why, **options):
    for name, value in options.items():
        if value is not None and value is not False:
            raise ValueError(f"DataLoader: {name} cannot be given to a loader that {why}.")
