"""Parameter and Buffer: tensors that a Module owns; an optimizer moves the first."""

from plugrad.ops.create import empty
from plugrad.tensor.tensor import Tensor


class Parameter(Tensor):
    """A leaf on the memory of `data`, without its history; assigned to a Module it is registered.

    data: a Tensor of any shape.   Raises TypeError for anything else, and RuntimeError for
    integers that are asked for a gradient.
    """

    def __init__(self, data=None, requires_grad=True):
        if data is not None:
            if not isinstance(data, Tensor):
                raise TypeError(f"Parameter: expected a Tensor, got {type(data).__name__}; make "
                                "one with plugrad.tensor(...)")
            self.data = data
        self.requires_grad_(requires_grad)

    def __repr__(self):
        return f"Parameter containing:\n{super().__repr__()}"


class Buffer(Tensor):
    """A tensor on the memory of `data` that a Module keeps without training it: assigned to a
    Module it is registered, and saved if `persistent`.

    data: a Tensor of any shape.   Raises TypeError for anything else.
    """

    def __init__(self, data=None, *, persistent=True):
        if data is not None:
            if not isinstance(data, Tensor):
                raise TypeError(f"Buffer: expected a Tensor, got {type(data).__name__}; make one "
                                "with plugrad.tensor(...)")
            self.data = data
        self.persistent = persistent


class Uninitialized:
    """What UninitializedParameter and UninitializedBuffer share: no shape, and no elements yet."""

    becomes = None                      # the class after `materialize`

    @property
    def shape(self):
        """Raises RuntimeError: there is none yet."""
        raise RuntimeError(f"{type(self).__name__}: its shape is known after the first call of the "
                           "lazy module that it belongs to; call the model once")

    def numel(self):
        """Raises ValueError: it is not known yet."""
        raise ValueError(f"{type(self).__name__}: how many elements it has is known after the "
                         "first call of the lazy module that it belongs to; call the model once")

    def materialize(self, shape, device=None, dtype=None):
        """Take this shape, with arbitrary content, and become a plain Parameter or Buffer."""
        self.data = empty(shape, device=device, dtype=dtype or self.dtype)
        self.__class__ = self.becomes

    def __repr__(self):
        return f"<{type(self).__name__}>"


class UninitializedParameter(Uninitialized, Parameter):
    """A Parameter whose shape is not known yet; `materialize(shape)` makes it a plain one."""

    becomes = Parameter

    def __init__(self, requires_grad=True, device=None, dtype=None):
        super().__init__(empty(0, device=device, dtype=dtype), requires_grad)


class UninitializedBuffer(Uninitialized, Buffer):
    """A Buffer whose shape is not known yet; `materialize(shape)` makes it a plain one."""

    becomes = Buffer

    def __init__(self, device=None, dtype=None, persistent=True):
        super().__init__(empty(0, device=device, dtype=dtype), persistent=persistent)
