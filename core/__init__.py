"""plugrad: a deep-learning framework to learn from."""

import math as _math

from plugrad import dtypes as _dtypes
from plugrad.autograd import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from plugrad.create import (
    arange, as_tensor, bernoulli, empty, empty_like, eye, from_dlpack, from_numpy, full, full_like,
    linspace, multinomial, normal, ones, ones_like, rand, rand_like, randint, randn, randn_like,
    randperm, tensor, zeros, zeros_like,
)
from plugrad.devices import backends, cuda, device
from plugrad.dtypes import (
    dtype, float32, float64, get_default_dtype, int32, int64, promote_types, set_default_dtype,
    uint8,
)
from plugrad.kernels.buffers import (
    empty_cache, memory_stats, reset_peak_memory_stats, set_cache_limit,
)
from plugrad.kernels.threads import get_num_threads, set_num_threads
from plugrad.ops.activation import relu, sigmoid, tanh
from plugrad.ops.arithmetic import (
    add, addcdiv, addcmul, atan2, clamp, div, floor_divide, lerp, maximum, minimum, mul, pow,
    remainder, sub, where,
)
from plugrad.ops.common import broadcast_to, result_type
from plugrad.ops.compare import (
    allclose, bitwise_and, bitwise_not, bitwise_or, bitwise_xor, eq, equal, ge, gt, isclose,
    isfinite, isinf, isnan, le, logical_and, logical_not, logical_or, logical_xor, lt, ne,
)
from plugrad.ops.composed import (
    argwhere, baddbmm, bincount, clamp_max, clamp_min, count_nonzero, diag, meshgrid, trace, unique,
)
from plugrad.ops.index import (
    argsort, gather, index_add, index_select, masked_fill, masked_select, nonzero, scatter,
    scatter_add, sort, take_along_dim, topk,
)
from plugrad.ops.linalg import addmm, bmm, dot, einsum, matmul, mm, mv, outer
from plugrad.ops.math import (
    abs, ceil, cos, erf, exp, expm1, floor, log, log1p, log2, neg, reciprocal, round, rsqrt, sign,
    sin, sqrt, square, tan, trunc,
)
from plugrad.ops.reduce import (
    all, amax, amin, any, argmax, argmin, cumsum, logsumexp, max, mean, min, norm, prod, std, sum,
    var,
)
from plugrad.ops.shape import (
    cat, chunk, clone, flatten, flip, hstack, movedim, permute, ravel, repeat_interleave, reshape,
    roll, split, squeeze, stack, swapaxes, t, tile, transpose, tril, triu, unbind, unflatten,
    unsqueeze, vstack,
)
from plugrad.ops.softmax import log_softmax, softmax
from plugrad.random import Generator, default_generator, initial_seed, manual_seed, seed
from plugrad.tensor import Op, Size, Tensor

from plugrad import autograd, callbacks, data, models, nn, optim, utils        # isort: skip
from plugrad.io import load, save                                        # isort: skip
from plugrad import registry       # isort: skip   # after it, the namespaces answer for plugins
from plugrad.hookspecs import hookimpl                                   # isort: skip
from plugrad.registry import load_plugin, register                       # isort: skip

bool = _dtypes.bool_
float, double, int, long = float32, float64, int32, int64
divide, multiply, subtract, clip, true_divide = div, mul, sub, clamp, div
concat = concatenate = cat
pi, inf, nan, e = _math.pi, _math.inf, _math.nan, _math.e

_PUBLIC_MODULES = ("autograd", "callbacks", "data", "models", "nn", "optim", "registry",
                   "testing", "training", "utils")


def is_tensor(obj):
    """Whether obj is a Tensor."""
    return isinstance(obj, Tensor)


def numel(input):
    """The number of elements."""
    return input.numel()


def is_floating_point(input):
    """Whether the tensor's dtype is float32 or float64."""
    return input.is_floating_point()


def __getattr__(name):
    if name == "__version__":            # asked for seldom, and slow to find out
        from importlib.metadata import version
        return version("plugrad")
    if name in ("testing", "training"):  # modules that few programs need
        from importlib import import_module
        return import_module(f"plugrad.{name}")
    raise AttributeError(f"module 'plugrad' has no attribute {name!r}")


def __dir__():
    own = {name for name, value in globals().items()
           if not name.startswith("_") and not isinstance(value, type(_math))}
    return sorted({*own, *_PUBLIC_MODULES, "__version__"})
