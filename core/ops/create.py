"""Making tensors: from data, filled, counted or random; in C order, whatever memory_format says."""

import math
import operator
import reprlib
from functools import partial

import numpy as np
from plugrad.tensor import dtypes, random
from plugrad.tensor.devices import META, check_device
from plugrad.tensor.tensor import Tensor, from_array
from plugrad.tensor.words import received

__all__ = ["arange", "as_tensor", "bernoulli", "empty", "empty_like", "eye", "from_dlpack",
           "from_numpy", "full", "full_like", "linspace", "multinomial", "normal", "ones",
           "ones_like", "rand", "rand_like", "randint", "randn", "randn_like", "randperm", "tensor",
           "zeros", "zeros_like"]


MOST = 2 ** 60 - 1         # elements of 8 bytes; a ninth byte has no address

# The only memory of tensors on the device "meta", by dtype.
BLANK = {d.numpy: np.zeros((), d.numpy) for d in dtypes.ALL}


def _made(array, requires_grad=False, device=None):
    if check_device("device", device) == META:
        array = _blank(array.shape, array.dtype)
    x = from_array(array)
    return x.requires_grad_() if requires_grad else x


def _new(make, sizes, dtype, device, requires_grad):
    """A tensor of make(sizes, dtype), a function of NumPy, which is not called for "meta"."""
    if check_device("device", device) == META:
        make = _blank
    return _made(make(sizes, dtype), requires_grad, device)


def _blank(sizes, dtype):
    return np.broadcast_to(BLANK[dtype], sizes)


def _numpy(dtype):
    return (dtypes.get_default_dtype() if dtype is None else dtypes.as_dtype(dtype)).numpy


def _sizes(size, what):
    if len(size) == 1 and isinstance(size[0], (tuple, list)):
        size = size[0]
    try:
        sizes = tuple(operator.index(s) for s in size)
    except TypeError:
        raise TypeError(f"{what}: expected sizes as ints, got {size!r}") from None
    if any(s < 0 for s in sizes):
        raise RuntimeError(f"{what}: sizes can't be negative, got {sizes}")
    if len(sizes) > 32:
        raise RuntimeError(f"{what}: expected at most 32 dimensions, got {len(sizes)}")
    check_size(what, sizes)
    return sizes


def check_size(what, sizes):
    """Raises RuntimeError where no array of these sizes can have an address for each element."""
    if math.prod(size or 1 for size in sizes) > MOST:
        raise RuntimeError(f"{what}: a tensor can't have sizes {reprlib.repr(tuple(sizes))}: their "
                           f"product is larger than {MOST}")


def length(n, what):
    """n, a number of elements.  Raises as sizes do: for what is no int, below 0, beyond memory."""
    return _sizes(((n,),), what)[0]


def _array(data, what, dtype=None):
    """Data as an array of one of the six dtypes; Python floats get `dtype` or the default one."""
    if isinstance(data, Tensor):
        return data.detach().numpy()
    given = data
    if isinstance(data, (list, tuple)) and _holds_tensor(data):
        data = _plain(data)
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise ValueError(f"{what}: rows of unequal length: {error}") from None
    except OverflowError:
        raise RuntimeError(f"{what}: an integer is too large for int64") from None
    if isinstance(data, (np.ndarray, np.generic)) or hasattr(data, "__array__"):
        return array
    if array.dtype == np.float64:
        return array if dtype is not None or _holds_double(given) else array.astype(_numpy(None))
    if array.dtype.kind in "OUSV":
        for odd in _odd(data):
            raise TypeError(f"{what}: expected numbers, got {odd!r}; the elements of a tensor are "
                            "numbers or bools, in rows of equal length")
    if array.dtype.kind == "O" or array.dtype == np.uint64:
        raise RuntimeError(f"{what}: an integer is too large for int64")
    return array


def _holds_tensor(data):
    return any(isinstance(x, Tensor) or (isinstance(x, (list, tuple)) and _holds_tensor(x))
               for x in data)


def _holds_double(data):
    """Whether rows hold a float64 of NumPy or a tensor, which stays one, among Python floats."""
    if isinstance(data, (list, tuple)):
        return any(_holds_double(x) for x in data)
    return getattr(data, "dtype", None) in (np.float64, dtypes.float64)


def _plain(data):
    if isinstance(data, Tensor):
        return data.tolist()
    return [_plain(x) for x in data] if isinstance(data, (list, tuple)) else data


def _odd(data):
    """All that is no number, in rows of rows."""
    if isinstance(data, (list, tuple)):
        for x in data:
            yield from _odd(x)
    elif not isinstance(data, (bool, int, float)):
        yield data


def tensor(data, *, dtype=None, device=None, requires_grad=False):
    """A tensor with a copy of the data: numbers, nested lists, an array or a tensor.

    dtype: None keeps an array's, and gives bool, int64 or the default float dtype for Python
    numbers.  Raises TypeError for what is no number, ValueError for ragged lists.
    """
    array = _array(data, "tensor", dtype)
    if dtype is not None:
        return _made(_converted(array, _numpy(dtype), "tensor"), requires_grad, device)
    return _made(array.copy(), requires_grad, device)


def _converted(array, dtype, what):
    """The array in another dtype; RuntimeError for an integer that does not fit."""
    if dtype.kind in "iu" and array.dtype.kind in "iu" and array.size:
        limits, low, high = np.iinfo(dtype), array.min(), array.max()
        if low < limits.min or high > limits.max:
            raise RuntimeError(f"{what}: {low if low < limits.min else high} does not fit into "
                               f"{dtype.name}, which holds {limits.min} to {limits.max}")
    with np.errstate(all="ignore"):
        return array.astype(dtype)


def as_tensor(data, dtype=None, device=None):
    """The data as a tensor, without a copy where data is a tensor or array of that dtype."""
    if isinstance(data, Tensor):
        return data.to(dtype, device=device)
    array = _array(data, "as_tensor", dtype)
    return _made(array if dtype is None else array.astype(_numpy(dtype), copy=False), device=device)


def from_dlpack(ext_tensor):
    """A tensor on the memory of another library's array, through the DLPack protocol."""
    return _made(np.from_dlpack(ext_tensor))


def from_numpy(ndarray):
    """A tensor on the memory of a NumPy array: writing to one changes the other."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"from_numpy: expected a NumPy array, got {type(ndarray).__name__}")
    return _made(ndarray)


def full(size, fill_value, *, dtype=None, device=None, requires_grad=False):
    """A tensor of this shape, every element fill_value."""
    size = _sizes((size,) if isinstance(size, (tuple, list)) else ((size,),), "full")
    if isinstance(fill_value, Tensor):
        fill_value = fill_value.item()
    dtype = _array(fill_value, "full").dtype if dtype is None else _numpy(dtype)
    return _new(lambda size, dtype: np.full(size, fill_value, dtype), size, dtype, device,
                requires_grad)


def zeros(*sizes, size=None, dtype=None, device=None, requires_grad=False):
    """A tensor of zeros."""
    sizes = _sizes(sizes if size is None else (size,), "zeros")
    return _new(np.zeros, sizes, _numpy(dtype), device, requires_grad)


def ones(*sizes, size=None, dtype=None, device=None, requires_grad=False):
    """A tensor of ones."""
    sizes = _sizes(sizes if size is None else (size,), "ones")
    return _new(np.ones, sizes, _numpy(dtype), device, requires_grad)


def empty(*sizes, size=None, dtype=None, device=None, requires_grad=False):
    """A tensor of arbitrary content."""
    sizes = _sizes(sizes if size is None else (size,), "empty")
    return _new(np.empty, sizes, _numpy(dtype), device, requires_grad)


def _given(x, what):
    if not isinstance(x, (Tensor, np.ndarray)):
        raise TypeError(f"{what}: expected a Tensor, got {received(x)}; make one with "
                        "plugrad.tensor(...)")
    return x


def _like(input, dtype, what):
    _given(input, what)
    return tuple(input.shape), input.dtype if dtype is None else dtype


def full_like(input, fill_value, *, dtype=None, device=None, requires_grad=False,
              memory_format=None):
    """A tensor of input's shape and dtype, every element fill_value."""
    size, dtype = _like(input, dtype, "full_like")
    return full(size, fill_value, dtype=dtype, device=device,
                requires_grad=requires_grad)


def zeros_like(input, *, dtype=None, device=None, requires_grad=False, memory_format=None):
    """Zeros of input's shape and dtype."""
    size, dtype = _like(input, dtype, "zeros_like")
    return zeros(size, dtype=dtype, device=device,
                 requires_grad=requires_grad)


def ones_like(input, *, dtype=None, device=None, requires_grad=False, memory_format=None):
    """Ones of input's shape and dtype."""
    size, dtype = _like(input, dtype, "ones_like")
    return ones(size, dtype=dtype, device=device,
                requires_grad=requires_grad)


def empty_like(input, *, dtype=None, device=None, requires_grad=False, memory_format=None):
    """Arbitrary content of input's shape and dtype."""
    size, dtype = _like(input, dtype, "empty_like")
    return empty(size, dtype=dtype, device=device,
                 requires_grad=requires_grad)


def _number(x, what):
    """x as a finite number.  Raises TypeError for what is none, RuntimeError for inf and NaN."""
    x = x.item() if isinstance(x, Tensor) else x
    if not isinstance(x, (int, float, np.integer, np.floating)):
        raise TypeError(f"{what}: expected numbers, got {x!r}")
    if isinstance(x, (float, np.floating)) and not math.isfinite(x):
        raise RuntimeError(f"{what}: expected finite numbers, got {x}")
    return x


def arange(start=0, end=None, step=1, *, dtype=None, device=None, requires_grad=False):
    """start, start + step, ... up to but without end; arange(end) starts at 0.

    int64 if all are ints, else the default dtype.
    """
    if end is None:
        start, end = 0, start
    start, end, step = (_number(x, "arange") for x in (start, end, step))
    if step == 0:
        raise RuntimeError("arange: step must not be 0")
    if (end - start) * step < 0:
        raise RuntimeError(f"arange: no step of {step} leads from {start} to {end}")
    try:
        length(math.ceil((end - start) / step), "arange")
    except OverflowError:
        raise MemoryError(f"arange: no memory for steps of {step} from {start} to {end}") from None
    if dtype is None:
        ints = all(isinstance(x, (int, np.integer)) for x in (start, end, step))
        dtype = dtypes.int64 if ints else None
    exact = np.arange(start, end, step, np.float64 if _numpy(dtype).kind == "f" else None)
    return _made(exact.astype(_numpy(dtype)), requires_grad, device)


def linspace(start, end, steps, *, dtype=None, device=None, requires_grad=False):
    """`steps` numbers from start to end, both included, equally far apart."""
    start, end = _number(start, "linspace"), _number(end, "linspace")
    steps = length(steps, "linspace")
    return _made(np.linspace(start, end, steps).astype(_numpy(dtype)), requires_grad, device)


def eye(n, m=None, *, dtype=None, device=None, requires_grad=False):
    """Ones on the diagonal of an n x m matrix (m: n unless given), zeros elsewhere."""
    n, m = _sizes((n, n if m is None else m), "eye")
    return _made(np.eye(n, m, dtype=_numpy(dtype)), requires_grad, device)


# ------------------------------------------------------------------------------------------ random

def _float(dtype):
    """The dtype of random numbers to compare with numbers of this one."""
    return dtype if dtype.kind == "f" else np.dtype(np.float32)


def _floats(draw, size, dtype, device, requires_grad):
    """Random floats drawn straight in the dtype wanted."""
    d = _numpy(dtype)
    if d.kind != "f":
        raise RuntimeError(f"random floats: expected float32 or float64, got {d.name}")
    return _new(draw, size, d, device, requires_grad)


def rand(*sizes, size=None, generator=None, dtype=None, device=None, requires_grad=False):
    """Uniform in [0, 1)."""
    sizes = _sizes(sizes if size is None else (size,), "rand")
    return _floats(partial(random.uniform, generator), sizes, dtype, device, requires_grad)


def randn(*sizes, size=None, generator=None, dtype=None, device=None, requires_grad=False):
    """Normal, with mean 0 and variance 1."""
    sizes = _sizes(sizes if size is None else (size,), "randn")
    return _floats(partial(random.normal, generator), sizes, dtype, device, requires_grad)


def rand_like(input, *, generator=None, dtype=None, device=None, requires_grad=False,
              memory_format=None):
    """Uniform in [0, 1), of input's shape and dtype."""
    size, dtype = _like(input, dtype, "rand_like")
    return rand(size, generator=generator, dtype=dtype, device=device,
                requires_grad=requires_grad)


def randn_like(input, *, generator=None, dtype=None, device=None, requires_grad=False,
               memory_format=None):
    """Standard normal, of input's shape and dtype."""
    size, dtype = _like(input, dtype, "randn_like")
    return randn(size, generator=generator, dtype=dtype, device=device,
                 requires_grad=requires_grad)


def normal(mean, std=1.0, size=None, *, generator=None, dtype=None, device=None,
           requires_grad=False):
    """Normal with this mean and standard deviation: numbers and a size, or tensors."""
    if size is None:
        size = np.broadcast_shapes(*(tuple(x.shape) if isinstance(x, Tensor) else ()
                                     for x in (mean, std)))
    z = randn(size, generator=generator, dtype=dtype, device=device)
    return (z * std + mean).detach().requires_grad_(requires_grad)


def randint(low=None, high=None, size=None, *, generator=None, dtype=None, device=None,
            requires_grad=False):
    """Integers from low to high - 1, all equally likely; randint(high, size) starts at 0."""
    if size is None:
        low, high, size = None, low, high
    if high is None:
        low, high = None, low
    if high is None or size is None:
        raise TypeError("randint: expected a bound and a size, e.g. randint(0, 10, (3,))")
    low = 0 if low is None else low
    try:
        low, high = operator.index(low), operator.index(high)
    except TypeError:
        raise TypeError(f"randint: expected ints as bounds, got {low!r} and {high!r}") from None
    if not -2**63 <= low < high <= 2**63:
        raise RuntimeError("randint: expected low < high, both integers of 64 bits, got "
                           f"{low} and {high}")
    drawn = random.integers(generator, _sizes((size,), "randint"), low, high)
    return _made(drawn.astype(_numpy(dtype or dtypes.int64)), requires_grad, device)


def randperm(n, *, generator=None, dtype=None, device=None):
    """The integers from 0 to n - 1 in random order."""
    n, = _sizes(((n,),), "randperm")
    return _made(random.permutation(generator, n).astype(_numpy(dtype or dtypes.int64)),
                 device=device)


def bernoulli(input, p=None, *, generator=None):
    """1 with the probability given by each element (or by p), else 0."""
    input = _given(input, "bernoulli")
    chance = input.detach().numpy() if p is None else p
    if np.size(chance) and not (np.min(chance) >= 0 and np.max(chance) <= 1):
        raise RuntimeError("bernoulli: expected probabilities from 0 to 1, got values from "
                           f"{np.min(chance)} to {np.max(chance)}")
    if p is None:
        drawn = random.uniform(generator, chance.shape, _float(chance.dtype)) < chance
    else:
        drawn = random.coins(generator, tuple(input.shape), np.float32, p)
    return _made(np.asarray(drawn, input.dtype.numpy))


def multinomial(input, num_samples, replacement=False, *, generator=None):
    """num_samples indices per row, drawn with the row's weights as probabilities.

    Without replacement: the places of the largest w / e, e exponential (Efraimidis and Spirakis,
    2006).
    """
    input = _given(input, "multinomial")
    num_samples, weights = length(num_samples, "multinomial"), input.detach().numpy()
    if weights.ndim not in (1, 2):
        raise RuntimeError("multinomial: expected a vector of weights or a matrix with a row for "
                           f"each draw, got shape {weights.shape}")
    rows = weights.reshape(-1, weights.shape[-1]).astype(_float(weights.dtype))
    if not (np.isfinite(rows).all() and (rows >= 0).all() and (rows.sum(1) > 0).all()):
        raise RuntimeError("multinomial: expected finite weights of 0 or more, not all 0")
    if not replacement and (np.count_nonzero(rows, 1) < num_samples).any():
        raise RuntimeError(f"multinomial: can't draw {num_samples} different indices from fewer "
                           "weights above 0; use replacement=True")
    if replacement and num_samples > 1:
        u = random.uniform(generator, (len(rows), num_samples), np.float64)
        heights = rows.cumsum(1)
        heights /= heights[:, -1:]
        drawn = np.array([np.searchsorted(*pair) for pair in zip(heights, u)], np.int64)
    else:
        waits = random.exponential(generator, rows.shape).astype(rows.dtype)
        drawn = (-rows / waits).argsort(1, kind="stable")[:, :num_samples]
    return _made(drawn.reshape(*weights.shape[:-1], num_samples))
