"""Parameter and Buffer: tensors that a Module owns; an optimizer moves the first."""

from plugrad.tensor import Tensor


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
