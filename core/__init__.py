"""plugrad: a deep-learning framework to learn from."""

import math as _math
import sys as _sys

# What is in these folders is found without their names: library/linalg.py is plugrad.linalg.
__path__ += [f"{__path__[0]}/library", f"{__path__[0]}/library/compat"]

from plugrad.tensor import dtypes as _dtypes
from plugrad.autograd import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from plugrad.ops.create import (
    arange, as_tensor, bernoulli, empty, empty_like, eye, from_dlpack, from_numpy, full, full_like,
    linspace, multinomial, normal, ones, ones_like, rand, rand_like, randint, randn, randn_like,
    randperm, tensor, zeros, zeros_like,
)
from plugrad.tensor.devices import device, get_default_device, set_default_device
from plugrad.tensor.dtypes import (
    dtype, float32, float64, get_default_dtype, int32, int64, promote_types, set_default_dtype,
    uint8,
)
from plugrad.kernels.base.buffers import (
    empty_cache, memory_stats, reset_peak_memory_stats, set_cache_limit,
)
from plugrad.kernels.base.threads import get_num_threads, set_num_threads
from plugrad.layouts import (
    channels_last, channels_last_3d, contiguous_format, layout, memory_format, preserve_format,
    strided,
)
from plugrad.limits import finfo, iinfo
from plugrad.ops.activation import relu, sigmoid, tanh
from plugrad.ops.arithmetic import (
    add, addcdiv, addcmul, clamp, div, floor_divide, fmod, lerp, maximum, minimum, mul, pow,
    remainder, sub, where,
)
from plugrad.ops.common import broadcast_to, result_type
from plugrad.ops.compare import (
    allclose, bitwise_and, bitwise_not, bitwise_or, bitwise_xor, eq, equal, ge, gt, isclose,
    isfinite, isinf, isnan, isneginf, isposinf, isreal, le, logical_and, logical_not, logical_or,
    logical_xor, lt, ne, signbit,
)
from plugrad.ops.composed import (
    argwhere, bincount, clamp_max, clamp_min, count_nonzero, diag, meshgrid, trace, unique,
)
from plugrad.ops.convert import fill
from plugrad.ops.index import (
    argsort, gather, index_add, index_select, masked_fill, masked_select, nonzero, scatter,
    scatter_add, sort, take_along_dim, topk,
)
from plugrad.ops.indexed import (
    index_copy, index_fill, index_put, index_put_, masked_scatter, narrow, put, select, take,
)
from plugrad.ops.linalg import addmm, bmm, dot, einsum, matmul, mm, mv, outer
from plugrad.ops.math import (
    abs, ceil, exp, exp2, expm1, floor, log, log1p, log2, log10, neg, reciprocal, round, rsqrt,
    sign, sqrt, square, trunc,
)
from plugrad.ops.out import with_out as _with_out
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
from plugrad.ops.views import diag_embed, diagonal
from plugrad.ops.storage import adjoint, get_device, is_complex, is_nonzero
from plugrad.tensor import random                                       # isort: skip
from plugrad.tensor.printing import set_printoptions
from plugrad.tensor.random import (
    Generator, default_generator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state,
)
from plugrad.switches import (
    are_deterministic_algorithms_enabled, compile, get_float32_matmul_precision,
    get_num_interop_threads, set_float32_matmul_precision, set_flush_denormal,
    set_num_interop_threads, use_deterministic_algorithms,
)
from plugrad.tensor.tensor import Op, Size, Tensor
from plugrad.tensor_types import (
    BoolTensor, ByteTensor, DoubleTensor, FloatTensor, IntTensor, LongTensor,
    set_default_tensor_type, typename,
)
from plugrad.amp import GradScaler, autocast, is_autocast_enabled        # isort: skip

from plugrad import (  # isort: skip
    accelerator, amp, autograd, backends, callbacks, cuda, data, distributions, func, linalg,
    models, mps, nn, optim, special, utils, version, xpu,
)
from plugrad.io import load, save                                        # isort: skip
from plugrad.plugin import methods as _methods                           # isort: skip
from plugrad.plugin.namespace import namespace as _namespace             # isort: skip
from plugrad.plugin import registry   # isort: skip  # after it, the namespaces answer for plugins
from plugrad.plugin.hookspecs import hookimpl                            # isort: skip
from plugrad.plugin.registry import load_plugin, register                # isort: skip

_sys.modules["plugrad.registry"] = registry                              # its public address

# What writes its result where out= says, as in PyTorch.
globals().update({name: _with_out(globals()[name]) for name in (
    "abs", "add", "addcdiv", "addcmul", "addmm", "all", "amax", "amin", "any", "arange", "argmax",
    "argmin", "bitwise_and", "bitwise_not", "bitwise_or", "bitwise_xor", "bmm", "cat", "ceil",
    "clamp", "clamp_max", "clamp_min", "cumsum", "diag", "div", "dot", "empty", "eq", "exp",
    "exp2", "expm1", "eye", "floor", "floor_divide", "fmod", "full", "gather", "ge", "gt",
    "hstack", "index_copy", "index_select", "isneginf", "isposinf", "le", "lerp", "linspace",
    "log", "log10", "log1p", "log2", "log_softmax", "logical_and", "logical_not", "logical_or",
    "logical_xor", "logsumexp", "lt", "masked_select", "matmul", "max", "maximum", "mean", "min",
    "minimum", "mm", "mul", "multinomial", "mv", "ne", "neg", "nonzero", "norm", "normal", "ones",
    "outer", "pow", "prod", "rand", "randint", "randn", "randperm", "reciprocal", "remainder",
    "round", "rsqrt", "sigmoid", "sign", "signbit", "softmax", "sort", "sqrt", "square", "stack",
    "std", "sub", "sum", "take_along_dim", "tanh", "topk", "tril", "triu", "trunc", "var",
    "vstack", "where", "zeros",
)})

bool = _dtypes.bool_
float, double, int, long = float32, float64, int32, int64
divide, multiply, subtract, clip, true_divide = div, mul, sub, clamp, div
absolute, negative, sgn, fix = abs, neg, sign, trunc
greater, less, greater_equal, less_equal, not_equal = gt, lt, ge, le, ne
concat = concatenate = cat
spmm = mm
newaxis = None
pi, inf, nan, e = _math.pi, _math.inf, _math.nan, _math.e

# The in-place methods that PyTorch offers as functions, too: exp_(x) is x.exp_().
globals().update({name: getattr(Tensor, name) for name in (
    "abs_", "ceil_", "clamp_", "clamp_max_", "clamp_min_", "clip_", "exp2_", "exp_", "expm1_",
    "fill_", "fix_", "floor_", "log10_", "log1p_", "log2_", "log_", "neg_", "negative_",
    "reciprocal_", "relu_", "round_", "rsqrt_", "sigmoid_", "sqrt_", "square_", "tanh_", "trunc_",
    "zero_",
)})

_PUBLIC_MODULES = (
    "accelerator", "amp", "autograd", "backends", "callbacks", "cuda", "data", "distributions",
    "func", "linalg", "models", "mps", "nn", "optim", "registry", "special", "testing", "training",
    "utils", "version", "xpu")

# What PyTorch offers beside its tensor functions as well: torch.cosine_similarity.
_OF_FUNCTIONAL = frozenset((
    "adaptive_avg_pool1d", "adaptive_max_pool1d", "alpha_dropout", "avg_pool1d", "bilinear", "celu",
    "channel_shuffle", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d",
    "conv_transpose3d", "cosine_similarity", "dropout", "feature_alpha_dropout", "group_norm",
    "hardshrink", "layer_norm", "max_pool1d", "max_pool2d", "max_pool3d", "pairwise_distance",
    "pdist", "pixel_shuffle", "pixel_unshuffle", "prelu", "rms_norm", "rrelu", "selu", "threshold"))


def is_tensor(obj):
    """Whether obj is a Tensor."""
    return isinstance(obj, Tensor)


def numel(input):
    """The number of elements."""
    return input.numel()


def is_floating_point(input):
    """Whether the tensor's dtype is float32 or float64."""
    return input.is_floating_point()


def detach(input):
    """The same memory as a tensor that has no history and needs no gradient."""
    return input.detach()


def detach_(input):
    """Forget the history of input.  Returns input."""
    return input.detach_()


_of_plugins, _dir_of_plugins = _namespace(__name__, kinds=("ops", "forms"))
_methods.open_door()


def __getattr__(name):
    if name == "__all__":                # of `from plugrad import *`
        return __dir__()
    if name == "__version__":
        return version.__version__
    if name in _OF_FUNCTIONAL:
        return getattr(nn.functional, name)
    if name in ("testing", "training"):  # modules that few programs need
        from importlib import import_module
        return import_module(f"plugrad.{name}")
    if name in ("float16", "half", "bfloat16", "int8", "int16", "short", "complex64", "complex128"):
        raise AttributeError(f"plugrad has no dtype {name}; it has "
                             f"{', '.join(d.name for d in _dtypes.ALL)}")
    return _of_plugins(name)


def __dir__():
    own = {name for name, value in globals().items()
           if not name.startswith("_") and not isinstance(value, type(_math))}
    functional = _OF_FUNCTIONAL.intersection(dir(nn.functional))
    return sorted({*own, *_PUBLIC_MODULES, *functional, *_dir_of_plugins(), "__version__"})
