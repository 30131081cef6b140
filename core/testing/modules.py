"""What every layer, activation, normalization and loss promises."""

import copy
import inspect
import pickle
import sys
import warnings

import numpy as np
from plugrad.autograd import no_grad
from plugrad.create import from_numpy
from plugrad.dtypes import float32, float64
from plugrad.nn import Module, Parameter
from plugrad.random import manual_seed
from plugrad.tensor import Tensor
from plugrad.testing.errors import ComponentError, require
from plugrad.testing.examples import guess_arguments, guess_inputs
from plugrad.testing.gradcheck import GradcheckError, as_tuple, gradcheck, gradgradcheck

TOLERANCE = {"float32": {"rtol": 1e-4, "atol": 1e-5}, "float64": {"rtol": 1e-9, "atol": 1e-11}}
CLEAR = (RuntimeError, TypeError, ValueError)       # what may refuse an empty batch, in words


class FunctionModule(Module):
    """A plain function (an activation may be one) in the place of a Module."""

    def __init__(self, function, options):
        super().__init__()
        self.function, self.options = function, options

    def forward(self, *inputs):
        return self.function(*inputs, **self.options)


def check_module(component, kwargs):
    """Try all promises; ComponentError for the first that is not kept."""
    Subject(component, kwargs).check()


class Subject:
    """One component, and what it is tried on."""

    def __init__(self, component, kwargs):
        self.name, self.component, self.kwargs = component.__name__, component, kwargs
        self.inputs = self.example_inputs = None
        module = self.make()
        self.inputs = self.example_inputs or guess_inputs(
            self.name, lambda *inputs: run(module, inputs),
            module.forward if inspect.isclass(component) else component)

    def make(self, seed=0):
        """A new object of the component, the same each time."""
        manual_seed(seed)
        if not inspect.isclass(self.component):
            return FunctionModule(self.component, self.kwargs)
        if hasattr(self.component, "example") and not self.kwargs:
            made, inputs = self.component.example()
            self.example_inputs = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
            return made
        return self.component(**guess_arguments(self.component, self.kwargs))

    def check(self):
        self.describes_itself()
        self.keeps_dtype()
        self.does_not_change_inputs()
        self.takes_strided_inputs()
        self.takes_empty_batches()
        for training in (True, False):
            self.has_gradients(training)
        self.repeats_itself_after_eval()
        if inspect.isclass(self.component):
            self.registers_its_parameters()
            self.saves_its_state()
            self.copies()

    # ---- one promise each

    def describes_itself(self):
        require((self.component.__doc__ or "").strip(),
                f"{self.name}: it has no docstring; write its formula and shapes in one")
        text = repr(self.make()) if inspect.isclass(self.component) else self.name
        require(self.name in text, f"{self.name}: repr(object) is {text!r}, without its name; let "
                "__repr__ of Module do it, and define extra_repr for the options")

    def keeps_dtype(self):
        for dtype in (float32, float64):
            module, inputs = self.make().to(dtype), moved(self.inputs, dtype)
            for y in run(module, inputs):
                require(isinstance(y, Tensor), f"{self.name}: forward returned "
                        f"{type(y).__name__}, expected a Tensor or a tuple of Tensors")
                right = not y.dtype.is_floating_point or y.dtype is dtype
                require(right, f"{self.name}: {dtype} inputs and parameters gave {y.dtype}; make "
                        "constants with the input's dtype, as zeros_like(x) does")
                require(np.isfinite(y.detach().numpy()).all(),
                        f"{self.name}: the output for moderate {dtype} inputs is not finite")

    def does_not_change_inputs(self):
        module, originals = self.make(), moved(self.inputs, float32)
        inputs = moved(originals, float32)
        run(module, inputs)
        for i, (before, after) in enumerate(zip(originals, inputs, strict=True)):
            same = np.array_equal(before.detach().numpy(), after.detach().numpy())
            require(same or getattr(module, "inplace", False),
                    f"{self.name}: forward changed input {i}; work on a new tensor")

    def takes_strided_inputs(self):
        expected = run(self.make().eval(), self.inputs)
        got = run(self.make().eval(), [strided(x) for x in self.inputs])
        for y, z in zip(expected, got, strict=True):
            self.same(y, z, "the output differs for an input that is not contiguous; does it read "
                            "memory without minding strides? call .contiguous() first")

    def takes_empty_batches(self):
        inputs = [x[:0] if x.ndim else x for x in self.inputs]
        module = self.make().eval()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                for y in run(module, inputs):
                    if y.requires_grad:
                        y.sum().backward()
        except CLEAR as error:
            require(str(error), f"{self.name}: an empty batch raised {error!r}, without a text")
        except Exception as error:
            raise ComponentError(f"{self.name}: an empty batch raised {error!r}; guard size zero, "
                                 "or raise a ValueError that says what was expected") from error

    def has_gradients(self, training):
        module = self.make().to(float64).train(training)
        inputs = moved(self.inputs, float64)
        for x in inputs:
            x.requires_grad_(x.dtype.is_floating_point)
        tested = (*inputs, *(p for p in module.parameters() if p.requires_grad))
        if not any(x.requires_grad for x in tested):
            return

        def fn(*args):
            return run(module, args[:len(inputs)])

        mode = "train()" if training else "eval()"
        names = [f"input {i} is forward's argument {i}" for i in range(len(inputs))]
        names += [f"input {len(inputs) + i} is parameter {name}" for i, (name, p)
                  in enumerate(module.named_parameters()) if p.requires_grad]
        try:
            if any(y.requires_grad for y in fn(*tested)):
                gradcheck(fn, tested)
                gradgradcheck(fn, tested)
        except GradcheckError as error:
            raise ComponentError(f"{self.name} in {mode}: {error}  ({'; '.join(names)})") from error

    def repeats_itself_after_eval(self):
        module = self.make().eval()
        require(all(part.training is False for part in module.modules()),
                f"{self.name}: a part of it is still training after eval(); if train is "
                "overridden, call super().train(mode) and return self")
        for y, z in zip(run(module, self.inputs, seed=1), run(module, self.inputs, seed=2),
                        strict=True):
            self.same(y, z, "after eval() two calls gave two results; let what is random or "
                            "accumulates depend on self.training")

    def registers_its_parameters(self):
        for part in self.make().modules():
            for name, value in vars(part).items():
                loose = isinstance(value, Tensor) and value.requires_grad and value.is_leaf
                require(not loose or isinstance(value, Parameter),
                        f"{self.name}: the attribute {name} asks for gradients but is no "
                        f"parameter, so no optimizer finds it; write self.{name} = "
                        "nn.Parameter(...)")

    def saves_its_state(self):
        module, other = self.make(), self.make(seed=1)
        nudge(module)
        try:
            other.load_state_dict(module.state_dict())
        except Exception as error:
            raise ComponentError(f"{self.name}: a new object did not load the state_dict of "
                                 f"another: {error}") from error
        for y, z in zip(run(module.eval(), self.inputs), run(other.eval(), self.inputs),
                        strict=True):
            self.same(y, z, "an object loaded from the state_dict computes something else; make "
                            "what it learns an nn.Parameter and what it gathers a buffer")

    def copies(self):
        module = self.make()
        nudge(module)
        ways = {"copy.deepcopy": copy.deepcopy(module)}
        home = sys.modules.get(self.component.__module__)
        if getattr(home, self.component.__qualname__, None) is self.component:
            try:
                ways["pickle"] = pickle.loads(pickle.dumps(module))
            except Exception as error:
                raise ComponentError(f"{self.name}: it cannot be pickled: {error}; keep no "
                                     "lambdas or open files in attributes") from error
        expected = run(module.eval(), self.inputs)
        for way, made in ways.items():
            for y, z in zip(expected, run(made.eval(), self.inputs), strict=True):
                self.same(y, z, f"the object made by {way} computes something else")
            shared = {id(p) for p in made.parameters()} & {id(p) for p in module.parameters()}
            require(not shared, f"{self.name}: {way} shares parameters with the original")

    def same(self, y, z, text):
        tolerance = TOLERANCE.get(y.dtype.name, {"rtol": 0, "atol": 0})
        a, b = y.detach().numpy(), z.detach().numpy()
        require(a.shape == b.shape and np.allclose(a, b, **tolerance, equal_nan=True),
                f"{self.name}: {text}")


def run(module, inputs, seed=0):
    """The outputs as a tuple, the same each time even where they are random."""
    manual_seed(seed)
    return as_tuple(module(*inputs))


def moved(inputs, dtype):
    """New tensors without history, the floating-point ones of this dtype."""
    return [(x.to(dtype) if x.dtype.is_floating_point else x).detach().clone() for x in inputs]


def strided(x):
    """The same numbers, at every other place of a wider memory."""
    wide = np.repeat(x.detach().numpy()[..., None], 2, -1)
    wide[..., 1] = 0
    return from_numpy(wide)[..., 0]


def nudge(module):
    """Move parameters and buffers away from where they began, positive ones to positive ones."""
    with no_grad():
        for x in (*module.parameters(), *module.buffers()):
            if x.dtype.is_floating_point:
                x.mul_(1.25).add_(0.125)
