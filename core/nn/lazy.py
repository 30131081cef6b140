"""Modules that find the size of their input when they are called first."""

import inspect

from plugrad.autograd import no_grad
from plugrad.nn.members import BUFFER, PARAMETER
from plugrad.nn.module import Module
from plugrad.nn.parameter import Uninitialized, UninitializedBuffer, UninitializedParameter


class Lazy(Module):
    """The contract of lazy modules: a subclass derives from Lazy and from a module, `plain`, whose
    first argument it does without: the attribute `size`, which is that of the input's `axis`.

    Parameters and floating-point buffers have no shape before the first call, or load_state_dict.
    The first call gives them one, draws them, and makes the object one of the class `plain`.
    """

    plain, size, axis = Module, "in_features", -1

    def __init_subclass__(cls):
        """Its arguments are those of `plain` but for the first."""
        arguments = [*inspect.signature(cls.plain).parameters.values()]
        cls.__signature__ = inspect.Signature(arguments[1:])

    def __init__(self, *args, **options):
        super().__init__(0, *args, **options)
        self._arguments = args, options
        for name, parameter in self._members(PARAMETER):
            if parameter is not None:
                setattr(self, name, UninitializedParameter(dtype=parameter.dtype))
        for name, buffer in self._members(BUFFER):
            if buffer is not None and buffer.is_floating_point():
                setattr(self, name, UninitializedBuffer(dtype=buffer.dtype))

    def reset_parameters(self):
        """Nothing: what has no shape yet is drawn at the first call."""

    def forward(self, input, *args, **options):
        self.initialize(input)
        return self.forward(input, *args, **options)

    def initialize(self, x):
        """Become what `plain` makes for an input like x, but for tensors that were loaded."""
        shape = tuple(x.shape)
        if not -len(shape) <= self.axis < len(shape):
            raise RuntimeError(f"{type(self).__name__}: expected an input whose dimension "
                               f"{self.axis} gives {self.size}, got shape {shape}")
        args, options = self.__dict__.pop("_arguments")
        made = self.plain(shape[self.axis], *args, **options)
        with no_grad():
            for name, drawn in made._members(PARAMETER, BUFFER):
                mine = getattr(self, name)
                if isinstance(mine, Uninitialized):
                    mine.materialize(drawn.shape)
                    mine.copy_(drawn)
        setattr(self, self.size, shape[self.axis])
        self.__class__ = self.plain
