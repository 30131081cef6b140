"""Where the tensors of a module lie and of what dtype they are: one function for all of them."""

from plugrad.autograd import no_grad
from plugrad.layouts import memory_format as MemoryFormat
from plugrad.nn.members import BUFFER, PARAMETER, TRANSIENT
from plugrad.nn.parameter import Uninitialized
from plugrad.ops.create import empty_like
from plugrad.tensor.devices import check_device
from plugrad.tensor.devices import device as Device
from plugrad.tensor.dtypes import dtype as DType
from plugrad.tensor.dtypes import float32, float64
from plugrad.tensor.tensor import Tensor


class Moving:
    """The part of Module that converts and moves it; each method returns the module itself."""

    def to(self, *args, **kwargs):
        """to(dtype), to(tensor) or to(device): convert floating-point parameters and buffers.

        The only device is "cpu", and memory_format is without effect.   Returns self.
        Raises TypeError for a dtype of integers, RuntimeError for another device.
        """
        dtype = None
        for arg in (*args, *kwargs.values()):
            if isinstance(arg, (DType, Tensor)):
                dtype = arg if isinstance(arg, DType) else arg.dtype
            elif isinstance(arg, (str, Device)):
                check_device(f"{type(self).__name__}.to", arg)
            elif not (arg is None or isinstance(arg, (bool, MemoryFormat))):
                raise ValueError(f"to: expected a dtype, a Tensor or the device 'cpu', got {arg!r}")
        if dtype is None:
            return self
        if not dtype.is_floating_point:
            raise TypeError(f"to: a Module only accepts floating point dtypes, got {dtype}")
        return self._apply(lambda x: x.to(dtype) if x.dtype.is_floating_point else x)

    def float(self):
        """Convert to float32.  Returns self."""
        return self.to(float32)

    def double(self):
        """Convert to float64.  Returns self."""
        return self.to(float64)

    def half(self):
        """Raises TypeError: there is no float16."""
        return self._apply(Tensor.half)

    def bfloat16(self):
        """Raises TypeError: there is no bfloat16."""
        return self._apply(Tensor.bfloat16)

    def type(self, dst_type):
        """Convert all parameters and buffers, to a dtype or its name.  Returns self."""
        return self._apply(lambda x: x.type(dst_type))

    def cpu(self):
        """The module itself: plugrad computes on the CPU."""
        return self

    def cuda(self, device=None):
        """Raises RuntimeError: plugrad computes on the CPU."""
        check_device(f"{type(self).__name__}.cuda", "cuda")

    def share_memory(self):
        """Move all tensors to memory that processes forked from here on share.  Returns self."""
        return self._apply(Tensor.share_memory_)

    def to_empty(self, *, device, recurse=True):
        """Give all parameters and buffers memory of arbitrary content.  Returns self."""
        return self._apply(lambda x: empty_like(x, device=device), recurse)

    def _apply(self, fn, recurse=True):
        """Put fn(tensor) in the place of every parameter's data and gradient, and every buffer."""
        with no_grad():
            for module in self.modules() if recurse else [self]:
                for _, parameter in module._members(PARAMETER):
                    if parameter is not None:
                        gradient, parameter.grad = parameter.grad, None
                        parameter.data = fn(parameter.data)
                        parameter.grad = None if gradient is None else fn(gradient)
                for name, buffer in module._members(BUFFER, TRANSIENT):
                    if isinstance(buffer, Uninitialized):
                        buffer.data = fn(buffer.data)
                    elif buffer is not None:
                        setattr(module, name, fn(buffer))
        return self
