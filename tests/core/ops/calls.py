"""How the table calls an op: by function, by method, in place."""

import numpy as np


class Call:
    """lib.name(x, …, *args, **kwargs), and the method x.name(…) where the library has both."""

    def __init__(self, name, *args, **kwargs):
        self.name, self.args, self.kwargs = name, args, kwargs

    def __call__(self, lib, *tensors):
        return getattr(lib, self.name)(*tensors, *self.args, **self.kwargs)

    def method(self, lib, first, *rest):
        return getattr(first, self.name)(*rest, *self.args, **self.kwargs)

    def __repr__(self):
        return f"{self.name}(…, {self.args}, {self.kwargs})"


class Function(Call):
    """lib.name(x, …), where the method of that name wants its arguments in another order."""

    method = None


class Method(Call):
    """x.name(…, *args, **kwargs): what PyTorch offers as a method only."""

    def __call__(self, lib, first, *rest):
        return Call.method(self, lib, first, *rest)


class Functional(Function):
    """lib.nn.functional.name(x, …, *args, **kwargs)"""

    def __call__(self, lib, *tensors):
        return getattr(lib.nn.functional, self.name)(*tensors, *self.args, **self.kwargs)


class InPlace(Function):
    """y = copy of x; y.name_(…): the same object comes back, over the same memory.

    Done twice, the second time on every other element of a wider array, through a view."""

    def __call__(self, lib, first, *rest):
        y = first.clone()
        self.act(y, rest)
        wide = lib.stack([first, first + 0], -1)
        self.act(wide[..., 0], rest)
        return y, wide

    def act(self, y, rest):
        alias = y.detach().numpy()
        assert getattr(y, self.name)(*rest, *self.args, **self.kwargs) is y
        assert np.shares_memory(y.detach().numpy(), alias) or not y.numel()
        np.testing.assert_array_equal(alias, y.detach().numpy())
