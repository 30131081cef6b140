"""Parameter: a tensor that a Module owns and an optimizer moves."""

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
