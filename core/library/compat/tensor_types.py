"""PyTorch's older names of dtypes: FloatTensor, LongTensor and the like."""

from numbers import Integral

from plugrad.ops import create
from plugrad.tensor import dtypes
from plugrad.tensor.devices import check_device
from plugrad.tensor.tensor import Size, Tensor, attach


class TensorType:
    """FloatTensor([1, 2]): data in this dtype;   FloatTensor(2, 3): that shape, arbitrary content;
    isinstance(x, FloatTensor): whether x has this dtype.

    Raises TypeError for a number that is no size, and for a tensor of another dtype.
    """

    def __init__(self, name, dtype):
        self.__name__, self.dtype = name, dtype

    def __call__(self, *data, size=None):
        if size is not None or not data or isinstance(data[0], Size):
            return create.empty(size or (data or ((0,),))[0], dtype=self.dtype)
        if all(isinstance(number, Integral) for number in data):
            return create.empty(*data, dtype=self.dtype)
        if len(data) > 1 or not hasattr(data[0], "__len__") or isinstance(data[0], str):
            raise TypeError(f"{self.__name__}: expected sizes, or a sequence of numbers, got "
                            f"{', '.join(map(repr, data))}; write plugrad.tensor(...)")
        if not isinstance(data[0], Tensor):
            return create.tensor(data[0], dtype=self.dtype)
        if data[0].dtype is not self.dtype:
            raise TypeError(f"{self.__name__}: expected a tensor of {self.dtype}, got "
                            f"{data[0].dtype}; convert it with .type({self.__name__})")
        return data[0].detach()

    def __instancecheck__(self, x):
        return isinstance(x, Tensor) and x.dtype is self.dtype

    def __repr__(self):
        return f"<class 'plugrad.{self.__name__}'>"


FloatTensor = TensorType("FloatTensor", dtypes.float32)
DoubleTensor = TensorType("DoubleTensor", dtypes.float64)
IntTensor = TensorType("IntTensor", dtypes.int32)
LongTensor = TensorType("LongTensor", dtypes.int64)
ByteTensor = TensorType("ByteTensor", dtypes.uint8)
BoolTensor = TensorType("BoolTensor", dtypes.bool_)
TYPES = {t.__name__: t for t in (FloatTensor, DoubleTensor, IntTensor, LongTensor, ByteTensor,
                                 BoolTensor)}
BY_DTYPE = {t.dtype: t for t in TYPES.values()}


def tensor_type(name):
    """The type of that name: "FloatTensor", "torch.FloatTensor" or "plugrad.FloatTensor"."""
    path, _, last = name.rpartition(".")
    if path.count("."):
        check_device("type", path.partition(".")[2])              # of torch.cuda.FloatTensor
    if last not in TYPES:
        raise ValueError(f"type: expected one of {', '.join(TYPES)}, got {name!r}")
    return TYPES[last]


def type_(self, dtype=None, non_blocking=False):
    """The tensor in another dtype, given as such or as "torch.LongTensor"; without one, the name:
    "plugrad.FloatTensor".   Raises ValueError for an unknown name."""
    if dtype is None:
        return f"plugrad.{BY_DTYPE[self.dtype].__name__}"
    if isinstance(dtype, str):
        dtype = tensor_type(dtype)
    return self.to(dtype.dtype if isinstance(dtype, TensorType) else dtypes.as_dtype(dtype))


def new(self, *data, size=None):
    """A tensor of self's dtype from data, or of this shape: see `TensorType`."""
    return BY_DTYPE[self.dtype](*data, size=size)


def set_default_tensor_type(t):
    """Make t's dtype, that of FloatTensor or DoubleTensor, the one of Python floats."""
    if isinstance(t, str):
        t = tensor_type(t)
    if not isinstance(t, TensorType) or not t.dtype.is_floating_point:
        raise TypeError(f"set_default_tensor_type: expected FloatTensor or DoubleTensor, got {t!r}")
    dtypes.set_default_dtype(t.dtype)


def typename(obj):
    """"plugrad.FloatTensor" of a tensor; else the full name of a class, or of an object's class."""
    if isinstance(obj, Tensor):
        return obj.type()
    cls = obj if isinstance(obj, type) else type(obj)
    return cls.__qualname__ if cls.__module__ == "builtins" else (
        f"{cls.__module__}.{cls.__qualname__}")


attach("type", type_)
attach("new", new)
