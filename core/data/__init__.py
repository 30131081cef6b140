"""Datasets, transforms and the loader that makes batches: `plugrad.data`.

The names of registered datasets and transforms (MNIST, ToTensor, ...) are answered here too.
"""

from plugrad.data import images
from plugrad.data.array_dataset import ArrayDataset
from plugrad.data.batch import batch_fetch, batch_transform, check_transform
from plugrad.data.char_dataset import CharDataset
from plugrad.data.cifar_dataset import CIFARDataset
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
from plugrad.data.file_dataset import FromFiles
from plugrad.data.idx import check_hash, parse_idx, read_idx
from plugrad.data.idx_dataset import IDXDataset
from plugrad.data.loader import DataLoader
from plugrad.data.points import PointDataset, noisy, seeded
from plugrad.data.sampler import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from plugrad.data.stack_dataset import StackDataset
from plugrad.plugin.namespace import namespace
from plugrad.tensor.arguments import integer

__all__ = [
    "ArrayDataset",
    "BatchSampler",
    "CIFARDataset",
    "ChainDataset",
    "CharDataset",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "FromFiles",
    "IDXDataset",
    "IterableDataset",
    "PointDataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "StackDataset",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "batch_fetch",
    "batch_transform",
    "check_hash",
    "check_transform",
    "default_collate",
    "default_convert",
    "images",
    "integer",
    "noisy",
    "parse_idx",
    "random_split",
    "read_idx",
    "seeded",
]

__getattr__, __dir__ = namespace(__name__, kinds=("datasets", "transforms"))
