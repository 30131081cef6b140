"""What every initializer, transform and callback promises."""

import copy
import inspect

import numpy as np
from plugrad.nn import Module, Parameter
from plugrad.ops.create import from_numpy
from plugrad.tensor.dtypes import float32, float64
from plugrad.tensor.random import manual_seed
from plugrad.testing.errors import ComponentError, during, require
from plugrad.testing.examples import floats, guess_arguments
from plugrad.testing.optimization import Plain
from plugrad.testing.samples import equal
from plugrad.training import Trainer


def make(component, kwargs):
    """An object of the component, after its own example() or with guessed arguments."""
    if hasattr(component, "example") and not kwargs:
        with during(f"{component.__name__}: calling its example()"):
            made = component.example()
        return made[0] if isinstance(made, tuple) else made
    options = guess_arguments(component, kwargs)
    with during(f"{component.__name__}: making one"):
        return component(**options)


def check_documented(component):
    require((component.__doc__ or "").strip(),
            f"{component.__name__}: it has no docstring; say in one sentence what it does")


def check_initializer(component, kwargs):
    """Fills a tensor in place, outside of the graph, whatever its dtype and strides."""
    name = component.__name__
    check_documented(component)
    options = guess_arguments(component, kwargs, skip=1)
    shapes = taken(component, options)
    for dtype, shape in zip((float32, float64, float64), shapes):
        memory = np.full(shape, np.nan, dtype.numpy)
        tensor = Parameter(from_numpy(memory))
        with during(f"{name}: filling a parameter of shape {shape} and {dtype}"):
            result = component(tensor, **options)
        require(result is tensor, f"{name}: it must return the tensor that it filled")
        require(tuple(tensor.shape) == shape and tensor.dtype is dtype,
                f"{name}: a tensor of shape {shape} and {dtype} became {tuple(tensor.shape)} and "
                f"{tensor.dtype}; fill in place")
        require(np.isfinite(memory).all(), f"{name}: some elements were not filled, or are not "
                "finite; fill the tensor's own memory")
        require(tensor.is_leaf and tensor.requires_grad,
                f"{name}: the filling was recorded; wrap it in `with plugrad.no_grad():`")
    wide = np.full((*shapes[0][:-1], 2 * shapes[0][-1]), np.nan)
    with during(f"{name}: filling a tensor with strides"):
        component(from_numpy(wide)[..., ::2], **options)
    require(np.isfinite(wide[..., ::2]).all() and np.isnan(wide[..., 1::2]).all(),
            f"{name}: on a tensor with strides it wrote to the wrong places")
    drawn = []
    for _ in range(2):
        manual_seed(0)
        drawn.append(component(from_numpy(np.zeros(shapes[0])), **options).numpy())
    require(np.array_equal(*drawn), f"{name}: after the same manual_seed it drew other numbers; "
            "draw with the tensor's own uniform_ or normal_")


def taken(component, options):
    """Shapes to fill, of as many dimensions as the initializer takes: ValueError for others."""
    found, refused = [], None
    for shape in ((6, 5), (4, 3, 2, 2), (0, 3)):
        try:
            component(from_numpy(np.zeros(shape)), **options)
        except ValueError as error:
            refused = error
            continue
        except Exception:                             # the check itself meets it again, and tells
            pass
        found.append(shape)
    require(found, f"{component.__name__}: filling a tensor of 2 or of 4 dimensions: {refused!r}")
    return found


def check_transform(component, kwargs):
    """Is callable, and does the same to the same sample after the same seed."""
    name = component.__name__
    check_documented(component)
    if not inspect.isclass(component):
        transform = component
    else:
        transform = make(component, kwargs)
        require(name in repr(transform), f"{name}: repr does not contain its name; define "
                "__repr__, it is what a student sees in a printed dataset")
    require(callable(transform), f"{name}: its objects must be callable: define __call__")
    tried = []
    for sample in samples(component, kwargs):
        try:
            results = []
            for _ in range(2):
                manual_seed(0)
                results.append(transform(copy.deepcopy(sample)))
        except Exception as error:
            tried.append(f"  {described(sample)}: {type(error).__name__}: {error}")
            continue
        require(results[0] is not None, f"{name}: it returned nothing")
        require(equal(*results), f"{name}: after the same manual_seed it gave two results; draw "
                "from plugrad's generator")
        return
    raise ComponentError(f"{name}: it took none of these samples; give the class a static method "
                         "example() -> (transform, sample)\n" + "\n".join(tried))


def described(sample):
    array = hasattr(sample, "shape") and hasattr(sample, "dtype")
    kind = type(sample).__name__
    return f"{kind} {tuple(sample.shape)} {sample.dtype}" if array else f"{kind} {sample!r:.60}"


def samples(component, kwargs):
    """What a transform may be meant for."""
    if hasattr(component, "example") and not kwargs:
        yield component.example()[1]
        return
    yield np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)
    yield floats(3, 8, 8)
    yield floats(1, 8, 8)
    yield floats(4)


class Line(Module):
    """y = w * x"""

    def __init__(self):
        super().__init__()
        self.w = Parameter(from_numpy(np.ones(1, np.float32)))

    def forward(self, x):
        return x * self.w


def check_callback(component, kwargs):
    """Watches a whole run, with and without validation, and does not disturb it."""
    name = component.__name__
    check_documented(component)
    batches = [(floats(4, seed=i), 2 * floats(4, seed=i)) for i in range(3)]

    def fit(callbacks):
        model = Line()
        trainer = Trainer(model, lambda y, target: ((y - target) ** 2).mean(),
                          Plain(model.parameters(), lr=0.01), callbacks=callbacks)
        trainer.fit(batches, val=batches[:1], epochs=2)
        return model.w.item()

    alone, callback = fit([]), make(component, kwargs)
    try:
        watched = fit([callback])
    except Exception as error:
        raise ComponentError(f"{name}: a run of two epochs that it watched ended with "
                             f"{error!r}") from error
    require(watched == alone, f"{name}: the run that it watched went another way")
