"""What every layer, activation, normalization and loss promises."""

import copy
import inspect
import pickle
import sys
import warnings

import numpy as np
from plugrad.autograd.gradcheck import Check, GradcheckError, gradcheck, gradgradcheck
from plugrad.nn import Module
from plugrad.tensor.dtypes import float32, float64
from plugrad.tensor.random import manual_seed
from plugrad.tensor.tensor import Tensor
from plugrad.testing.errors import ComponentError, during, require
from plugrad.testing.examples import guess_arguments, guess_inputs
from plugrad.testing.extremes import check_large
from plugrad.testing.members import check_registered, check_used, plain_state, plain_tensors
from plugrad.testing.running import moved, nudge, run, strided

TOLERANCE = {"float32": {"rtol": 1e-4, "atol": 1e-5}, "float64": {"rtol": 1e-9, "atol": 1e-11}}
MODES = {True: "train()", False: "eval()"}
CLEAR = (RuntimeError, TypeError, ValueError)       # what may refuse an empty batch, in words

# What is tried, in this order: a fault comes before those that only follow from it.
PROMISES = {
    "describes_itself": "describing itself",
    "registers_its_members": "looking for its parameters",
    "takes_inputs": "trying inputs",
    "returns_tensors": "looking at its outputs",
    "does_not_change_inputs": "looking whether it changes its inputs",
    "repeats_itself": "calling it twice with the same inputs",
    "carries_gradients": "looking for gradients",
    "keeps_dtype": "computing in float32 and in float64",
    "takes_strided_inputs": "computing with inputs that are not contiguous",
    "takes_empty_batches": "computing with an empty batch",
    "stands_large_inputs": "computing with large inputs",
    "has_right_gradients": "comparing its gradients with differences",
    "uses_its_parameters": "looking whether forward uses all parameters",
    "repeats_itself_after_eval": "calling it twice after eval()",
    "saves_its_state": "saving and loading",
    "copies": "copying",
}
# A function has no eval() either: one that is random is random always.
OF_CLASSES = {"registers_its_members", "uses_its_parameters", "repeats_itself_after_eval",
              "saves_its_state", "copies"}


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


def check_loss(component, kwargs):
    """A module whose output can be lowered: one number."""
    LossSubject(component, kwargs).check()


def check_model(component, kwargs):
    """A module made of others: its gradients, which are theirs, are not differentiated."""
    ModelSubject(component, kwargs).check()


class Subject:
    """One component, and what it is tried on."""

    left_out = frozenset()                # promises that it need not keep

    def __init__(self, component, kwargs):
        self.name, self.component, self.kwargs = component.__name__, component, kwargs
        self.inputs = self.example_inputs = None

    def make(self, seed=0):
        """A new object of the component, the same each time."""
        manual_seed(seed)
        if not inspect.isclass(self.component):
            return FunctionModule(self.component, self.kwargs)
        if hasattr(self.component, "example") and not self.kwargs:
            made, inputs = self.own_example()
            self.example_inputs = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
            return made
        options = guess_arguments(self.component, self.kwargs)
        with during(f"{self.name}: making one with {options}" if options
                    else f"{self.name}: making one"):
            return self.component(**options)

    def own_example(self):
        with during(f"{self.name}: calling its example()"):
            made, inputs = self.component.example()
        return made, inputs

    def fresh(self):
        return [x.detach().clone() for x in self.inputs]

    def check(self):
        for promise, words in PROMISES.items():
            if promise in self.left_out:
                continue
            if promise in OF_CLASSES and not inspect.isclass(self.component):
                continue
            with during(f"{self.name}, while {words}"):
                getattr(self, promise)()

    # ---- one promise each

    def describes_itself(self):
        require((self.component.__doc__ or "").strip(),
                f"{self.name}: it has no docstring; write its formula and shapes in one")
        text = repr(self.make()) if inspect.isclass(self.component) else self.name
        require(self.name in text, f"{self.name}: repr(object) is {text!r}, without its name; let "
                "__repr__ of Module do it, and define extra_repr for the options")

    def registers_its_members(self):
        check_registered(self.name, self.make())

    def takes_inputs(self):
        module = self.make()
        self.inputs = self.example_inputs or guess_inputs(
            self.name, lambda *inputs: run(module, inputs),
            module.forward if inspect.isclass(self.component) else self.component)

    def returns_tensors(self):
        for y in run(self.make(), self.inputs):
            require(isinstance(y, Tensor), f"{self.name}: forward returned {type(y).__name__}, "
                    "expected a Tensor or a tuple of Tensors, nested or not; does it end in "
                    "`return y`?")

    def repeats_itself(self):
        for training, mode in MODES.items():
            module = self.make().train(training)
            first = [y.detach().numpy().copy() for y in run(module, self.fresh())]
            before = plain_state(module)
            for y, z in zip(first, run(module, self.fresh()), strict=True):
                if not np.array_equal(y, z.detach().numpy(), equal_nan=y.dtype.kind == "f"):
                    after = plain_state(module)
                    changed = [name for name in after if before.get(name) != after[name]]
                    raise ComponentError(
                        f"{self.name} in {mode}: two calls with the same inputs and the same "
                        "manual_seed gave two outputs"
                        + "".join(f"; forward changes self.{name}" for name in changed)
                        + "; let the output depend on inputs and parameters alone, and draw random "
                        "numbers from plugrad, not from NumPy or random")

    def carries_gradients(self):
        """Before dtypes are tried, for an output that is cut off has often lost its dtype too."""
        def look(fn, tested):
            moving = [(i, x) for i, x in enumerate(tested) if x.requires_grad]
            Check(fn, tested, moving, eps=1e-4, atol=0.05, rtol=0).fail_if_cut_off()

        for training in MODES:
            self.differentiate(training, float32, look)

    def keeps_dtype(self):
        for dtype in (float32, float64):
            module, inputs = self.make().to(dtype), moved(self.inputs, dtype)
            remedy = "".join(f"; self.{name} stays {x.dtype}: make it a buffer with "
                             f"self.register_buffer({name.rpartition('.')[2]!r}, ...)"
                             for name, x in plain_tensors(module).items() if x.dtype is not dtype)
            with during(f"{self.name} with inputs and parameters of {dtype}",
                        remedy or "; does forward make a layer? make it in __init__"):
                outputs = run(module, inputs)
            for y in outputs:
                right = not y.dtype.is_floating_point or y.dtype is dtype
                require(right, f"{self.name}: {dtype} inputs and parameters gave {y.dtype}; make "
                        "constants with the input's dtype, as zeros_like(x) does" + remedy)
                require(np.isfinite(y.detach().numpy()).all(),
                        f"{self.name}: the output for moderate {dtype} inputs is not finite")

    def does_not_change_inputs(self):
        module, originals, inputs = self.make(), self.fresh(), self.fresh()
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

    def stands_large_inputs(self):
        if self.example_inputs is None:        # its own may lie where alone it is defined
            check_large(self.name, self.make().eval(), self.inputs)

    def has_right_gradients(self):
        def compare(fn, tested):
            gradcheck(fn, tested)
            if any(y.requires_grad for y in fn(*tested)):
                gradgradcheck(fn, tested)

        for training in MODES:
            self.differentiate(training, float64, compare)

    def differentiate(self, training, dtype, check):
        """check(function, inputs and parameters), if some of these can require a gradient."""
        module = self.make().to(dtype).train(training)
        inputs = moved(self.inputs, dtype)
        for x in inputs:
            x.requires_grad_(x.dtype.is_floating_point)
        tested = (*inputs, *(p for p in module.parameters() if p.requires_grad))
        if not any(x.requires_grad for x in tested):
            return

        def fn(*args):
            return run(module, args[:len(inputs)])

        names = [f"input {i} is forward's argument {i}" for i in range(len(inputs))]
        learning = [name for name, p in module.named_parameters() if p.requires_grad]
        names += [f"input {i} is parameter {name}" for i, name in enumerate(learning, len(inputs))]
        try:
            check(fn, tested)
        except GradcheckError as error:
            raise ComponentError(f"{self.name} in {MODES[training]}: {error}  "
                                 f"({'; '.join(names)})") from error

    def uses_its_parameters(self):
        check_used(self.name, self.make, self.inputs)

    def repeats_itself_after_eval(self):
        module = self.make().eval()
        require(all(part.training is False for part in module.modules()),
                f"{self.name}: a part of it is still training after eval(); if train is "
                "overridden, call super().train(mode) and return self")
        for y, z in zip(run(module, self.inputs, seed=1), run(module, self.inputs, seed=2),
                        strict=True):
            self.same(y, z, "after eval() two calls gave two results; let what is random or "
                            "accumulates depend on self.training")

    def saves_its_state(self):
        module, other = self.make(), self.make(seed=1)
        run(module, self.fresh())              # in training it may gather something
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


class LossSubject(Subject):
    """A loss, and what it is tried on."""

    def returns_tensors(self):
        super().returns_tensors()
        module = self.make()
        outputs = run(module, self.inputs)
        shapes = " and ".join(str(tuple(y.shape)) for y in outputs)
        require(getattr(module, "reduction", None) == "none" or shapes == "()",
                f"{self.name}: expected one number, a Tensor of shape (), got shape {shapes}; end "
                "forward with .mean(), or derive from nn.Loss and return "
                "self.reduce(losses, self.reduction)")


class ModelSubject(Subject):
    """A model, and what it is tried on."""

    left_out = frozenset({"has_right_gradients", "carries_gradients", "stands_large_inputs"})
