"""Devices: the CPU, and "meta", where tensors have a shape and no memory."""

from contextvars import ContextVar

from plugrad.tensor.words import did_you_mean

TYPES = ("cpu", "cuda", "fpga", "hip", "hpu", "ideep", "ipu", "lazy", "maia", "meta", "mkldnn",
         "mps", "mtia", "opencl", "opengl", "ve", "vulkan", "xla", "xpu")


class device:
    """The place where a tensor lies: device("cpu").   type: the part before the colon.

    Inside of `with device("meta"):` new tensors have a shape and a dtype, but no memory of their
    own, and nothing fills them: a model that is made there can be counted, whatever its size.  All
    their elements are 0 and can't be written.

    device("cuda") and others may be named, as in PyTorch without a GPU; a tensor put there is
    refused.   Raises TypeError for what is no text, RuntimeError for a text that names no device.
    """

    __slots__ = ("_outside", "index", "type")

    def __init__(self, type, index=None):
        if isinstance(type, device):
            type, index = type.type, type.index
        if not isinstance(type, str):
            raise TypeError(f"device: expected a text such as 'cpu', got {type!r}")
        self.type, colon, number = type.partition(":")
        if self.type not in TYPES or (colon and not number.isdigit()):
            raise RuntimeError("device: expected a text such as 'cpu' or 'cuda:0', got "
                               f"{type!r}{did_you_mean(self.type, TYPES)}")
        self.index = int(number) if colon else index
        self._outside = []                      # what to return to, for each `with` inside another

    def __enter__(self):
        check_device("with device", self)
        self._outside.append(_current.set(self))
        return self

    def __exit__(self, *error):
        _current.reset(self._outside.pop())

    def __eq__(self, other):
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self):
        return hash((self.type, self.index))

    def __str__(self):
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self):
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type={self.type!r}{index})"


CPU, META = device("cpu"), device("meta")
_current = ContextVar("device", default=CPU)


def check_device(what, asked):
    """The device that is asked for (a `device`, its name, None for that of the `with` around).

    Raises RuntimeError unless it is the CPU or "meta".
    """
    found = _current.get() if asked is None else device(asked)
    if found.type not in ("cpu", "meta"):
        raise RuntimeError(f"{what}: plugrad computes on the CPU alone, got device {str(asked)!r}; "
                           "write device('cpu'), or choose it by cuda.is_available()")
    return found


def set_default_device(device):
    """Where tensors are made from here on: "cpu", which None stands for as well, or "meta"."""
    _current.set(check_device("set_default_device", "cpu" if device is None else device))


def get_default_device():
    """Where tensors are made: the CPU, or "meta"."""
    return _current.get()
