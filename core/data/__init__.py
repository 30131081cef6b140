"""Datasets, transforms and the loader that makes batches: `plugrad.data`.

The names of registered datasets and transforms (MNIST, ToTensor, ...) are answered here too.
"""

from plugrad.arguments import integer
from plugrad.data.array_dataset import ArrayDataset
from plugrad.data.batch import batch_fetch, batch_transform, check_transform
from plugrad.data.collate import default_collate, default_convert
from plugrad.data.dataset import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    Subset,
    TensorDataset,
    random_split,
)
from plugrad.data.idx import parse_idx, read_idx
from plugrad.data.idx_dataset import IDXDataset
from plugrad.data.loader import DataLoader
from plugrad.data.sampler import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from plugrad.namespace import namespace

__all__ = [
    "ArrayDataset",
    "BatchSampler",
    "ChainDataset",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "IDXDataset",
    "IterableDataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "batch_fetch",
    "batch_transform",
    "check_transform",
    "default_collate",
    "default_convert",
    "integer",
    "parse_idx",
    "random_split",
    "read_idx",
]

__getattr__, __dir__ = namespace(__name__, kinds=("datasets", "transforms"))
