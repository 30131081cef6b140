"""Samples and labels that fit in memory, with a transform for each: MNIST, Digits and the like."""

from plugrad.data.batch import batch_transform, check_transform
from plugrad.data.collate import default_collate, default_convert
from plugrad.data.dataset import Dataset, index_array


class ArrayDataset(Dataset):
    """Sample i is (data[i] as a NumPy array, targets[i] as a number), each through its transform.

    data (N, *) and targets (N,) are tensors and may be replaced, say by `data[:1000]`.  Batches
    are made in one step if there is no transform or it has a `batch` form.
    """

    def __init__(self, data, targets, transform=None, target_transform=None):
        if len(data) != len(targets) or targets.ndim != 1:
            raise ValueError(
                f"{type(self).__name__}: expected data (N, *) and targets (N,), got shapes "
                f"{tuple(data.shape)} and {tuple(targets.shape)}."
            )
        for option, value in (("transform", transform), ("target_transform", target_transform)):
            if value is not None:
                check_transform(value, f"{type(self).__name__}: {option}")
        self.data = data
        self.targets = targets
        self.transform = transform
        self.target_transform = target_transform

    def __getitem__(self, index):
        sample = self.data.numpy()[index].copy()                # ours to change, not the dataset
        target = self.targets.numpy()[index].item()
        if self.transform is not None:
            sample = self.transform(sample)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return sample, target

    def __getbatch__(self, indices):
        transform = self.transform and batch_transform(self.transform)
        if self.transform is not None and transform is None:
            return default_collate([self[i] for i in indices])
        rows = index_array(indices)                             # (N,)
        samples = self.data.numpy()[rows]
        targets = self.targets.numpy()[rows].tolist()
        if transform is not None:
            samples = transform(samples)
        if self.target_transform is not None:
            targets = [self.target_transform(target) for target in targets]
        return [default_convert(samples), default_collate(targets)]

    def __len__(self):
        return len(self.data)
