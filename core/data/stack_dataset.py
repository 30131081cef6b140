"""StackDataset: several datasets side by side."""

from plugrad.data.dataset import Dataset


class StackDataset(Dataset):
    """Sample i is (a[i], b[i], ...) of StackDataset(a, b), {"x": a[i]} of StackDataset(x=a).

    Raises ValueError for none, for datasets of both forms, and for lengths that differ.
    """

    def __init__(self, *args, **kwargs):
        if bool(args) == bool(kwargs):
            raise ValueError("StackDataset: expected datasets, all by position or all by name, got "
                             f"{len(args)} and {len(kwargs)}.")
        self.datasets = args or kwargs
        lengths = [len(dataset) for dataset in (args or kwargs.values())]
        if len(set(lengths)) > 1:
            raise ValueError(f"StackDataset: expected datasets of one length, got {lengths}.")
        self._length = lengths[0]

    def __getitem__(self, index):
        if isinstance(self.datasets, dict):
            return {name: dataset[index] for name, dataset in self.datasets.items()}
        return tuple(dataset[index] for dataset in self.datasets)

    def __len__(self):
        return self._length
