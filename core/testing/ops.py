"""What every op promises: a function of tensors with its derivatives, and the forms it comes in."""

import inspect

import numpy as np
from plugrad.autograd.gradcheck import GradcheckError, gradcheck
from plugrad.ops.create import empty
from plugrad.ops.forms import arguments, function_of, in_place, with_out
from plugrad.plugin.kinds import snake
from plugrad.tensor.dtypes import float64, int64
from plugrad.tensor.tensor import Tensor
from plugrad.testing.errors import ComponentError, during, require
from plugrad.testing.modules import CLEAR, TOLERANCE, Subject
from plugrad.testing.running import moved

PROMISES = {
    "equals_its_reference": "comparing it with the function that it is to equal",
    "takes_single_numbers": "computing with 0-d tensors",
    "broadcasts": "computing with shapes that broadcast",
    "takes_integers": "computing with integers",
    "writes_in_place": "computing in place",
    "writes_to_out": "computing with out=",
}


def check_op(component, kwargs, equals=None):
    """Try all promises; ComponentError for the first that is not kept.

    equals: a function of float64 arrays that gives what the op is to give."""
    OpSubject(component, kwargs, equals).check()


def callable_of(op):
    """The function of an Op class; a function itself."""
    return function_of(op, snake(op.__name__)) if inspect.isclass(op) else op


class OpSubject(Subject):
    """One op: what is said of functions holds, and what is said of ops."""

    left_out = frozenset({"stands_large_inputs"})       # x³ of large numbers is infinite, rightly

    def __init__(self, component, kwargs, equals):
        super().__init__(callable_of(component), kwargs)
        self.op, self.equals, self.name = component, equals, component.__name__
        self.elementwise = inspect.isclass(component) and getattr(component, "elementwise", False)

    def takes_inputs(self):
        if hasattr(self.op, "example"):
            with during(f"{self.name}: calling its example()"):
                inputs = self.op.example()
            self.example_inputs = inputs if isinstance(inputs, tuple) else (inputs,)
        super().takes_inputs()

    def call(self, *inputs):
        return self.component(*inputs, **self.kwargs)

    def result(self, *inputs):
        """The result as an array, if it is one tensor; else None."""
        y = self.call(*inputs)
        return y.detach().numpy().copy() if isinstance(y, Tensor) else None

    def check(self):
        super().check()
        for promise, words in PROMISES.items():
            with during(f"{self.name}, while {words}"):
                getattr(self, promise)()

    def is_pointwise(self):
        """Whether each element of the result is of the elements at its place."""
        shapes = {tuple(x.shape) for x in self.inputs}
        y = self.result(*self.fresh())
        if y is None or shapes != {y.shape} or not all(x.is_floating_point() for x in self.inputs):
            return False
        try:
            row = self.result(*(x.reshape(-1)[:3] for x in self.fresh()))
        except (*CLEAR, IndexError):
            return False
        return np.array_equal(row, y.reshape(-1)[:3], equal_nan=True)

    def close(self, got, expected, what):
        expected = np.asarray(expected)
        require(got.shape == expected.shape, f"{self.name}: {what} has shape {got.shape}, expected "
                                             f"{expected.shape}")
        tolerance = TOLERANCE.get(got.dtype.name, {"rtol": 0, "atol": 0})
        far = ~np.isclose(got, expected, **tolerance, equal_nan=True)
        if far.any():
            at = tuple(int(i) for i in np.argwhere(far)[0])
            raise ComponentError(f"{self.name}: {what} is {got[at]} at {at}, expected "
                                 f"{expected[at]}; {far.sum()} of {far.size} elements differ")

    # ---- one promise each

    def equals_its_reference(self):
        if self.equals is not None:
            inputs = moved(self.inputs, float64)
            self.close(self.result(*inputs), self.equals(*(x.numpy() for x in inputs)), "the value")

    def takes_single_numbers(self):
        if self.is_pointwise():
            inputs = self.fresh()
            whole = self.result(*inputs)
            self.close(self.result(*(x[(0,) * x.ndim] for x in inputs)), whole[(0,) * whole.ndim],
                       "the value of 0-d tensors")

    def broadcasts(self):
        if not self.elementwise or len(arguments(self.op)[0]) < 2:
            return
        inputs = [x.reshape(-1)[:3] for x in moved(self.inputs, float64)]
        inputs[0] = inputs[0].reshape(3, 1)
        wide = [x.expand(3, 3) for x in inputs]
        self.close(self.result(*inputs), self.result(*wide), "the value of shapes (3, 1) and (3,)")
        try:
            gradcheck(self.call, [x.requires_grad_() for x in inputs])
        except GradcheckError as error:
            raise ComponentError(f"{self.name}: with shapes (3, 1) and (3,), {error}") from error

    def takes_integers(self):
        """Or refuses them in words."""
        inputs = [x.to(int64) if x.is_floating_point() else x for x in self.fresh()]
        try:
            got = self.result(*inputs)
        except CLEAR:
            return
        if got is not None and got.dtype.kind == "f":
            self.close(got, self.result(*moved(inputs, float64)), "the value of integers")

    def writes_in_place(self):
        if not self.inputs:
            return
        x, *rest = self.fresh()
        expected = self.result(*self.fresh())
        like = x.numpy()
        if expected is None or (expected.shape, expected.dtype) != (like.shape, like.dtype):
            return
        leaf = x.requires_grad_()
        copy = leaf.clone()
        y = in_place(self.component)(copy, *rest, **self.kwargs)
        require(y is copy, f"{self.name}: the form in place gives another tensor than its own")
        self.close(y.detach().numpy(), expected, "the value in place")
        require(y.requires_grad == self.call(leaf, *rest).requires_grad,
                f"{self.name}: in place, the gradient is lost")

    def writes_to_out(self):
        inputs = self.fresh()
        expected = self.call(*inputs)
        if isinstance(expected, Tensor):
            out = empty(0, dtype=expected.dtype)
            y = with_out(self.component)(*inputs, out=out, **self.kwargs)
            require(y is out, f"{self.name}: out= gives another tensor than out")
            self.close(out.numpy(), expected.detach().numpy(), "the value in out")
