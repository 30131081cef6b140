"""Numbers by a rule: spaced, in powers, windows, all pairs, the indices of triangles."""

import itertools

import numpy as np
import plugrad as pg
from plugrad.ops import length, operand


def logspace(start, end, steps, base=10.0, *, dtype=None, device=None, requires_grad=False):
    """base ** linspace(start, end, steps)"""
    exponents = pg.linspace(start, end, steps, dtype=pg.float64).numpy()
    made = pg.from_numpy(np.asarray(base ** exponents))
    made = made.to(dtype or pg.get_default_dtype(), device=device)
    return made.requires_grad_(requires_grad)


def range(start=0, end=None, step=1, *, dtype=None, device=None, requires_grad=False):
    """start, start + step, ... up to and with end, as floats; `arange` is what is wanted."""
    if end is None:
        start, end = 0, start
    if step == 0 or (end - start) * step < 0:
        raise RuntimeError(f"range: no step of {step} leads from {start} to {end}")
    count = int((end - start) / step) + 1
    numbers = pg.arange(count, dtype=pg.float64) * step + start
    numbers = numbers.to(dtype or pg.get_default_dtype(), device=device)
    return numbers.requires_grad_(requires_grad)


def hann_window(window_length, periodic=True, *, dtype=None, device=None, requires_grad=False):
    """w[n] = (1 - cos(2 pi n / N)) / 2, n from 0 to window_length - 1

    N: window_length, or periodic=False: window_length - 1.
    """
    window_length = length(window_length, "hann_window")
    if window_length == 1:
        return pg.ones(1, dtype=dtype, device=device, requires_grad=requires_grad)
    n = np.arange(window_length)
    window = np.sin(np.pi * n / (window_length if periodic else window_length - 1)) ** 2
    return pg.tensor(window, dtype=dtype or pg.get_default_dtype(), device=device,
                         requires_grad=requires_grad)


def vander(x, N=None, increasing=False):
    """y[i, j] = x[i] ** (N - 1 - j), or x[i] ** j if increasing        x: (n,)   y: (n, N)"""
    x = operand(x, "vander")
    if x.ndim != 1:
        raise RuntimeError(f"vander: expected a vector, got shape {tuple(x.shape)}")
    N = len(x) if N is None else length(N, "vander")
    x = x if x.is_floating_point() else x.long()
    powers = x.unsqueeze(1) ** pg.arange(N, dtype=x.dtype)
    return powers if increasing else powers.flip(1)


def cartesian_prod(*tensors):
    """All ways to take one element of each vector, one a row; a single vector as it is."""
    for x in tensors:
        if x.ndim != 1:
            raise RuntimeError(f"cartesian_prod: expected vectors, got shape {tuple(x.shape)}")
    if len(tensors) == 1:
        return tensors[0]
    return pg.stack([grid.reshape(-1) for grid in pg.meshgrid(*tensors)], 1)


def combinations(input, r=2, with_replacement=False):
    """All ways to take r elements of a vector, in its order, one a row."""
    input = operand(input, "combinations")
    if input.ndim != 1 or r < 0:
        raise RuntimeError(f"combinations: expected a vector and r of 0 or more, got shape "
                           f"{tuple(input.shape)} and {r}")
    if r == 0:
        return input.new_empty(0)
    ways = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    try:
        rows = np.array(list(ways(np.arange(len(input)), r)), np.int64).reshape(-1, r)
    except MemoryError:
        raise MemoryError(f"combinations: no memory for {r} of {len(input)} elements") from None
    return input[pg.from_numpy(rows)]


def _triangle(find, row, col, offset, dtype, device):
    row, col = length(row, find.__name__), length(col, find.__name__)
    length(row * col, find.__name__)
    return pg.tensor(np.stack(find(row, offset, col)), dtype=dtype or pg.int64,
                         device=device)


def tril_indices(row, col, offset=0, *, dtype=None, device=None):
    """The rows and columns, (2, n), of the places on and below a diagonal of a row x col matrix."""
    return _triangle(np.tril_indices, row, col, offset, dtype, device)


def triu_indices(row, col, offset=0, *, dtype=None, device=None):
    """The rows and columns, (2, n), of the places on and above a diagonal of a row x col matrix."""
    return _triangle(np.triu_indices, row, col, offset, dtype, device)


# ------------------------------------------------------------------------------- from what is there

def scalar_tensor(s, *, dtype=None, device=None, requires_grad=False):
    """A number as a 0-d tensor of the default dtype."""
    return pg.full((), s, dtype=dtype or pg.get_default_dtype(), device=device,
                       requires_grad=requires_grad)


def randint_like(input, low=0, high=None, *, generator=None, dtype=None, device=None,
                 requires_grad=False):
    """Integers from low to high - 1, of input's shape and dtype; randint_like(x, high): from 0."""
    input = operand(input, "randint_like")
    low, high = (0, low) if high is None else (low, high)
    return pg.randint(low, high, tuple(input.shape), generator=generator,
                          dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def asarray(obj, *, dtype=None, device=None, copy=None, requires_grad=None):
    """The data as a tensor, on the same memory if that can be

    copy: True for a copy in any case, False for a ValueError where one is needed.
    requires_grad: False detaches a tensor; else one with a history keeps it.
    """
    made = pg.as_tensor(obj, dtype=dtype, device=device)
    shared = isinstance(obj, (pg.Tensor, np.ndarray)) and np.shares_memory(
        made.numpy(force=True), obj.numpy(force=True) if isinstance(obj, pg.Tensor) else obj)
    if copy is False and not shared and made.numel():
        raise ValueError(f"asarray: {type(obj).__name__} can't become this tensor without a copy")
    made = made.clone() if copy and shared else made
    if requires_grad is None or (requires_grad and made.requires_grad):
        return made
    return made.detach().requires_grad_(requires_grad)


@pg.hookimpl
def register_ops(register):
    register(logspace, range, hann_window, vander, cartesian_prod, combinations, tril_indices,
             triu_indices, scalar_tensor, randint_like, asarray, method=False)
