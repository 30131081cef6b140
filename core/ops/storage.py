"""Where and how a tensor is stored: on the CPU, dense, in C order, of real numbers."""

from mmap import mmap

import numpy as np
from plugrad.layouts import preserve_format, strided
from plugrad.ops import create
from plugrad.ops.common import operand
from plugrad.ops.shape import squeeze, t, transpose, unsqueeze
from plugrad.tensor import dtypes
from plugrad.tensor.devices import check_device
from plugrad.tensor.tensor import attach, is_grad_enabled


def cuda(self, device=None, non_blocking=False, memory_format=preserve_format):
    """Raises RuntimeError: plugrad computes on the CPU."""
    check_device("cuda", "cuda")


def pin_memory(self, device=None):
    """Raises RuntimeError: pinned memory is for accelerators, and there is none."""
    raise RuntimeError("pin_memory: there is no accelerator to copy to; leave it out, or ask "
                       "cuda.is_available() first")


def is_pinned(self, device=None):
    """False: memory is pinned for accelerators only."""
    return False


def get_device(input):
    """-1, which stands for the CPU."""
    return -1


def _memory(x):
    """The object that holds the elements."""
    held = x.detach().numpy()
    while isinstance(held, np.ndarray) and held.base is not None:
        held = held.base
    return held


def is_shared(self):
    """Whether forked processes see each other's writes to it: after `share_memory_`."""
    memory = _memory(self)
    return isinstance(memory.obj if isinstance(memory, memoryview) else memory, mmap)


def share_memory_(self):
    """Move the elements to memory that processes forked from here on share.  Returns self."""
    if not is_shared(self):
        shared = np.frombuffer(mmap(-1, max(self.nbytes, 1)), self.dtype.numpy, self.numel())
        shared = shared.reshape(tuple(self.shape))
        shared[...] = self.detach().numpy()
        self.data = create.from_numpy(shared)
    return self


def storage_offset(self):
    """How many elements lie before the first one, in the memory that it is a view of."""
    array = self.detach().numpy()
    owner = array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    return (array.ctypes.data - owner.ctypes.data) // self.itemsize


def is_complex(input):
    """False: all dtypes are real."""
    return False


def is_signed(self):
    """Whether the dtype has negative numbers."""
    return self.dtype not in (dtypes.uint8, dtypes.bool_)


def is_nonzero(input):
    """Whether the only element is not 0.  Raises RuntimeError for more or none."""
    return bool(input)


def half(self, memory_format=None):
    """Raises TypeError: there is no float16."""
    return self.to(dtypes.as_dtype("float16"))


def bfloat16(self, memory_format=None):
    """Raises TypeError: there is no bfloat16."""
    return self.to(dtypes.as_dtype("bfloat16"))


def adjoint(input):
    """The last two dimensions exchanged.  A view.  RuntimeError for fewer than two."""
    input = operand(input, "adjoint")
    if input.ndim < 2:
        raise RuntimeError("adjoint: expected matrices or batches of matrices, got shape "
                           f"{tuple(input.shape)}")
    return transpose(input, -2, -1)


def _H(input):
    """The transpose of a matrix.  A view."""
    if input.ndim not in (0, 2):
        raise RuntimeError(f"H: expected a matrix, got shape {tuple(input.shape)}; use .mH for "
                           "batches of matrices")
    return adjoint(input) if input.ndim else input


def _in_place(function):
    def method(self, *args, **options):
        if self.requires_grad and (is_grad_enabled() or not self.is_leaf):
            name = function.__name__
            raise RuntimeError(f"{name}_: this tensor requires a gradient, and its history knows "
                               f"its shape; use x = x.{name}(...)")
        self.data = function(self, *args, **options)
        return self

    method.__name__ = method.__qualname__ = f"{function.__name__}_"
    method.__doc__ = f"As {function.__name__}, in place.  RuntimeError if it requires a gradient."
    return method


for _f in (squeeze, t, transpose, unsqueeze):
    attach(f"{_f.__name__}_", _in_place(_f))
for _name in ("swapaxes_", "swapdims_"):
    attach(_name, _in_place(transpose))
for _f in (cuda, pin_memory, is_pinned, get_device, is_shared, share_memory_, storage_offset,
           is_complex, is_signed, is_nonzero, half, bfloat16, adjoint):
    attach(_f.__name__, _f)
attach("mH", property(adjoint))
attach("H", property(_H))
attach("is_cpu", True)
for _name in ("is_sparse", "is_quantized", "is_mps", "is_xpu"):
    attach(_name, False)
attach("layout", strided)
