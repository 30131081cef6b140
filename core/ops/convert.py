"""The smaller methods of Tensor: asking what it is, filling it, making others like it."""

from functools import wraps

import numpy as np
from plugrad.ops import create
from plugrad.ops.common import operand
from plugrad.tensor import dtypes, random
from plugrad.tensor.devices import CPU, META
from plugrad.tensor.tensor import Tensor, attach

# ------------------------------------------------------------------------------- what it is

def size(self, dim=None):
    """The shape, or the size of one dimension."""
    if dim is None:
        return self.shape
    n = self.ndim
    if not -n <= dim < n:
        raise IndexError(f"size: dimension out of range: expected {-n} to {n - 1}, got {dim}")
    return self.shape[dim]


def dim(self):
    """The number of dimensions."""
    return self.ndim


def numel(self):
    """The number of elements."""
    return self.detach().numpy().size


def element_size(self):
    """Bytes per element."""
    return self.itemsize


def is_floating_point(self):
    """Whether the dtype is float32 or float64."""
    return self.dtype.is_floating_point


def is_contiguous(self, memory_format=None):
    """Whether the elements lie in C order without gaps."""
    return self.detach().numpy().flags.c_contiguous


def stride(self, dim=None):
    """How many elements lie between neighbors of each dimension, or of one."""
    strides = tuple(s // self.itemsize for s in self.detach().numpy().strides)
    return strides if dim is None else strides[dim]


def data_ptr(self):
    """The address of the first element."""
    return self.detach().numpy().ctypes.data


def cpu(self):
    """The tensor itself: plugrad computes on the CPU."""
    return self


def type_as(self, other):
    """The tensor in the dtype of other."""
    return self.to(other.dtype)


# ---------------------------------------------------------------------------- where it lies

def device(self):
    """The device of the tensor: the CPU, or "meta" for one without memory."""
    return META if self.is_meta else CPU


def is_meta(self):
    """Whether it has a shape and a dtype, but no memory of its own, as in `with device("meta")`."""
    return self.data_ptr() == create.BLANK[self.dtype.numpy].ctypes.data


# --------------------------------------------------------------------------------- filling

def filler(function):
    """A method that fills the tensor and returns it, and lets one on the device "meta" be."""
    @wraps(function)
    def method(self, *args, **kwargs):
        return self if self.is_meta else function(self, *args, **kwargs)

    return method

def copy_(self, src, non_blocking=False):
    """Take over the values of src, which broadcasts and is converted.  Returns self."""
    self[...] = src
    return self


@filler
def fill_(self, value):
    """Set every element to a number (or a 0-d tensor).  Returns self."""
    if isinstance(value, Tensor) and value.ndim:
        raise RuntimeError("fill_: expected a number or a 0-d tensor, got shape "
                           f"{tuple(value.shape)}")
    self[...] = value
    return self


def fill(input, value):
    """A tensor like input, every element a number (or a 0-d tensor)."""
    input = operand(input, "fill")
    return fill_(input.clone(), value)


@filler
def zero_(self):
    """Set every element to 0.  Returns self."""
    return fill_(self, 0)


def _drawn(self, what, array):
    if not self.dtype.is_floating_point:
        raise RuntimeError(f"{what}: expected a floating point tensor, got {self.dtype}")
    self[...] = create.from_numpy(np.asarray(array))
    return self


def _float(x):
    return x.dtype.numpy if x.dtype.is_floating_point else np.float32


@filler
def uniform_(self, a=0.0, b=1.0, *, generator=None):
    """Fill with numbers uniform in [a, b).  Returns self."""
    if not (a <= b and b - a <= float(np.finfo(_float(self)).max)):
        raise RuntimeError(f"uniform_: expected a <= b at a finite distance, got {a} and {b}")
    return _drawn(self, "uniform_",
                  random.uniform(generator, tuple(self.shape), _float(self), a, b))


@filler
def normal_(self, mean=0.0, std=1.0, *, generator=None):
    """Fill with normal numbers of this mean and standard deviation.  Returns self."""
    if not std >= 0:
        raise RuntimeError(f"normal_: expected std of 0 or more, got {std}")
    z = random.normal(generator, tuple(self.shape), _float(self))
    z *= std
    z += mean
    return _drawn(self, "normal_", z)


@filler
def bernoulli_(self, p=0.5, *, generator=None):
    """Fill with 1 with probability p (a number or a tensor), else 0.  Returns self."""
    if isinstance(p, Tensor):
        return copy_(self, create.bernoulli(p.expand(tuple(self.shape)), generator=generator))
    return copy_(self, create.bernoulli(self, float(p), generator=generator))


@filler
def exponential_(self, lambd=1.0, *, generator=None):
    """Fill with exponentially distributed numbers of rate lambd.  Returns self."""
    return _drawn(self, "exponential_",
                  random.exponential(generator, tuple(self.shape)) / lambd)


# ------------------------------------------------------------------------------ others like it

def new_tensor(self, data, *, dtype=None, device=None, requires_grad=False):
    """A tensor with this data and, unless given, self's dtype."""
    return create.tensor(data, dtype=dtype or self.dtype, device=device,
                         requires_grad=requires_grad)


def new_zeros(self, *size, dtype=None, device=None, requires_grad=False):
    """Zeros of this shape and self's dtype."""
    return create.zeros(*size, dtype=dtype or self.dtype, device=device,
                        requires_grad=requires_grad)


def new_ones(self, *size, dtype=None, device=None, requires_grad=False):
    """Ones of this shape and self's dtype."""
    return create.ones(*size, dtype=dtype or self.dtype, device=device,
                       requires_grad=requires_grad)


def new_empty(self, *size, dtype=None, device=None, requires_grad=False):
    """Arbitrary content of this shape and self's dtype."""
    return create.empty(*size, dtype=dtype or self.dtype, device=device,
                        requires_grad=requires_grad)


def new_full(self, size, fill_value, *, dtype=None, device=None, requires_grad=False):
    """A tensor of this shape and self's dtype, every element fill_value."""
    return create.full(size, fill_value, dtype=dtype or self.dtype, device=device,
                       requires_grad=requires_grad)


def one_hot(input, num_classes=-1):
    """For each class index a row of num_classes zeros with a 1 there; -1: the largest plus 1."""
    if input.dtype is not dtypes.int64:
        raise RuntimeError(f"one_hot: expected class indices of dtype int64, got {input.dtype}")
    index = input.numpy()
    if index.size == 0 and num_classes <= 0:
        raise RuntimeError("one_hot: an empty tensor needs num_classes")
    if index.size and index.min() < 0:
        raise RuntimeError(f"one_hot: class indices are not negative, got {index.min()}")
    if num_classes != -1:
        num_classes = create.length(num_classes, "one_hot")
    if num_classes == -1:
        num_classes = create.length(int(index.max()) + 1, "one_hot")
    if index.size and index.max() >= num_classes:
        raise RuntimeError(f"one_hot: class {index.max()} needs num_classes of at least "
                           f"{index.max() + 1}, got {num_classes}")
    return create.from_numpy((index[..., None] == np.arange(num_classes)).astype(np.int64))


for _f in (size, dim, numel, element_size, is_floating_point, is_contiguous, stride, data_ptr, cpu,
           type_as, copy_, fill_, zero_, uniform_, normal_, bernoulli_, exponential_, new_tensor,
           new_zeros, new_ones, new_empty, new_full):
    attach(_f.__name__, _f)
attach("ndimension", dim)
attach("nelement", numel)
attach("bernoulli", create.bernoulli)
attach("multinomial", create.multinomial)
attach("is_cuda", False)
attach("device", property(device))
attach("is_meta", property(is_meta))
