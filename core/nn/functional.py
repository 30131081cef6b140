"""The functional forms: core operations, and what plugins offer as functions."""

from plugrad.nn.distance import pdist
from plugrad.nn.embedding import embedding
from plugrad.nn.embedding_bag import embedding_bag
from plugrad.nn.grid import affine_grid, grid_sample
from plugrad.nn.instance_norm import instance_norm
from plugrad.nn.interpolation import interpolate, upsample, upsample_bilinear, upsample_nearest
from plugrad.nn.normalization import batch_norm
from plugrad.ops import activation
from plugrad.ops import softmax as ops
from plugrad.ops.conv import conv2d, conv_transpose2d, fold, unfold
from plugrad.ops.convert import one_hot
from plugrad.ops.linalg import linear
from plugrad.ops.shape import pad
from plugrad.plugin.namespace import namespace
from plugrad.tensor.words import warn

__all__ = [
    "affine_grid", "batch_norm", "conv2d", "conv_transpose2d", "embedding", "embedding_bag", "fold",
    "grid_sample", "instance_norm", "interpolate", "linear", "log_softmax", "one_hot", "pad",
    "pdist", "relu", "relu_", "softmax", "unfold", "upsample", "upsample_bilinear",
    "upsample_nearest",
]
__getattr__, __dir__ = namespace(
    __name__, kinds=("functional", "layers", "activations", "normalizations", "ops", "forms"))


def relu(input, inplace=False):
    """y = max(x, 0); inplace: written over x"""
    return relu_(input) if inplace else activation.relu(input)


def relu_(input):
    """y = max(x, 0), written over x"""
    return input.relu_()


def softmax(input, dim=None, dtype=None):
    """y = exp(x) / Σ exp(x), the sum along `dim`"""
    dim = implicit_dim("softmax", input) if dim is None else dim
    return ops.softmax(input, dim, dtype)


def log_softmax(input, dim=None, dtype=None):
    """y = x - log Σ exp(x), the sum along `dim`"""
    dim = implicit_dim("log_softmax", input) if dim is None else dim
    return ops.log_softmax(input, dim, dtype)


def implicit_dim(what, x):
    """The dimension that PyTorch takes where none is given, with its warning."""
    warn(f"{what}: implicit dimension choice has been deprecated; give dim=1 for (N, C)")
    return 0 if x.ndim in (0, 1, 3) else 1
