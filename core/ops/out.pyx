"""out=: a tensor of the caller's that takes over what a function has made."""

from functools import wraps
from inspect import signature

from plugrad.tensor.tensor cimport Tensor, grad_enabled


def with_out(function):
    """The function, which with out= writes its result there and returns it: a Tensor, or a tuple
    of as many as there are results.  Where it takes a dtype, it computes in that of out."""
    takes_dtype = "dtype" in signature(function).parameters

    @wraps(function)
    def call(*args, out=None, **options):
        if out is None:
            return function(*args, **options)
        if takes_dtype and isinstance(out, Tensor):
            options.setdefault("dtype", out.dtype)
        return put(function.__name__, function(*args, **options), out)

    call.__module__ = "plugrad"
    return call


def put(str what, result, out):
    """`result` in the memory of `out`.  Raises RuntimeError where a gradient would be lost, or for
    another shape unless out is empty, or a dtype that can't hold the result."""
    if isinstance(result, tuple):
        if not isinstance(out, (tuple, list)) or len(out) != len(result):
            raise TypeError(f"{what}: expected out to be a tuple of {len(result)} Tensors, got "
                            f"{type(out).__name__}")
        outs = [put(what, one, place) for one, place in zip(result, out)]
        return type(result)(*outs) if hasattr(result, "_fields") else tuple(outs)
    if not isinstance(out, Tensor):
        raise TypeError(f"{what}: expected out to be a Tensor, got {type(out).__name__}")
    if grad_enabled() and (result.requires_grad or out.requires_grad):
        raise RuntimeError(f"{what}(): functions with out=... arguments don't support automatic "
                           "differentiation, but one of the arguments requires grad; leave out "
                           "out=, or use no_grad()")
    if group(result.dtype) > group(out.dtype):
        raise RuntimeError(f"{what}: result type {result.dtype} can't be cast to the desired "
                           f"output type {out.dtype}; make out of dtype {result.dtype}")
    if out.numel() == 0:
        out.data = result.to(out.dtype, copy=True)
    elif out.shape != result.shape:
        raise RuntimeError(f"{what}: expected out of shape {tuple(result.shape)}, or without "
                           f"elements, got {tuple(out.shape)}; make it anew in that shape")
    else:
        out.copy_(result)
    return out


cdef int group(dtype):
    """Bools, integers or floating point numbers: what goes into the same or a later one."""
    return 2 if dtype.is_floating_point else dtype.name != "bool"
