"""PyTorch's address of the data tools: `plugrad.utils.data` offers what `plugrad.data` does."""

from plugrad.data import *  # noqa: F403
from plugrad.data import __all__ as __all__
from plugrad.utils.data import dataloader as dataloader
from plugrad.utils.data import dataset as dataset
from plugrad.utils.data import sampler as sampler
from plugrad.utils.data.dataloader import get_worker_info as get_worker_info
