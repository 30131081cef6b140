"""What every optimizer and every scheduler promises."""

import copy
import inspect
import math

import numpy as np
from plugrad.nn import Parameter
from plugrad.ops.create import from_numpy
from plugrad.optim import Optimizer
from plugrad.optim.lr_scheduler import LRScheduler
from plugrad.tensor.dtypes import float32, float64
from plugrad.tensor.random import manual_seed
from plugrad.testing.errors import ComponentError, during, require
from plugrad.testing.examples import guess_arguments

STEPS = 20


class Problem:
    """Σ (w - target)² for two parameters, and an optimizer that lowers it."""

    def __init__(self, component, kwargs, dtype=float64):
        rng = np.random.default_rng(0)
        ndims = component.ndims or (2, 1)
        self.w = [Parameter(from_numpy(rng.standard_normal(shape).astype(dtype.numpy)))
                  for shape in ((3, 2, 2, 2, 2)[:ndims[0]], (4, 3, 2, 2, 2)[:ndims[-1]])]
        self.unused = Parameter(from_numpy(np.ones((2, 1, 1, 1, 1)[:ndims[-1]], dtype.numpy)))
        options = guess_arguments(component, kwargs, skip=1)
        with during(f"{component.__name__}: making one for a list of parameters"):
            self.optimizer = component([*self.w, self.unused], **options)

    def loss(self):
        return sum(((w - 3.0) ** 2).sum() for w in self.w)

    def closure(self):
        self.optimizer.zero_grad()
        loss = self.loss()
        loss.backward()
        return loss

    def steps(self, n):
        name = type(self.optimizer).__name__
        with during(f"{name}: taking steps"):
            try:
                return [self.optimizer.step(self.closure) for _ in range(n)]
            except KeyError as error:
                raise ComponentError(
                    f"{name}: taking steps: KeyError: {error}; `state` is empty at first, so "
                    f"read it by state.get({error}, 0.0), and `group` has what went to "
                    "super().__init__(params, defaults)") from error


def check_update(name, optimizer):
    """update can be called as step calls it."""
    if type(optimizer).step is not Optimizer.step:
        return                                        # its own step may call it as it likes
    signature = inspect.signature(optimizer.update)
    try:
        signature.bind("w", "g", "state", "group")
    except TypeError as error:
        arguments = ", ".join(("self", *map(str, signature.parameters.values())))
        raise ComponentError(
            f"{name}: expected def update(self, w, g, state, group), got def update({arguments}); "
            "w is the parameter, g its gradient, state a dict of its own, and group holds the "
            "options, such as group['lr']") from error


def check_optimizer(component, kwargs):
    """Lowers a quadratic function, keeps dtypes, goes on from its state_dict."""
    name = component.__name__
    require((component.__doc__ or "").strip(), f"{name}: it has no docstring; write its formula")
    check_update(name, Problem(component, kwargs).optimizer)
    for dtype in (float32, float64):
        problem = Problem(component, kwargs, dtype)
        before = problem.loss().item()
        returned = problem.steps(STEPS)
        after = problem.loss().item()
        require(after < before, f"{name}: {STEPS} steps changed Σ (w - 3)² from {before:.6g} to "
                f"{after:.6g}; does update move w against g, in place?")
        require(returned[0] is not None and returned[0].item() == before,
                f"{name}: step(closure) must return what closure returned")
        require(all(w.dtype is dtype for w in problem.w),
                f"{name}: parameters of {dtype} became {problem.w[0].dtype}")
        require((problem.unused == 1.0).all().item(),
                f"{name}: it moved a parameter without a gradient; skip those")
    require(name in repr(problem.optimizer), f"{name}: repr does not contain its name")
    resumes(name, Problem(component, kwargs), Problem(component, kwargs))


def resumes(name, first, second):
    """One that is stopped, saved and loaded moves on as if it had not been."""
    first.steps(3)
    for theirs, ours in zip(first.w, second.w, strict=True):
        ours.data = theirs.detach().clone()
    with during(f"{name}: loading its state_dict into another"):
        second.optimizer.load_state_dict(copy.deepcopy(first.optimizer.state_dict()))
    first.steps(3)
    second.steps(3)
    for theirs, ours in zip(first.w, second.w, strict=True):
        require(np.array_equal(theirs.detach().numpy(), ours.detach().numpy()),
                f"{name}: loaded from a state_dict it takes other steps; keep what it remembers "
                "in `state` and its options in `group`, not in attributes of its own")


class Plain(Optimizer):
    """w <- w - lr * g"""

    def __init__(self, params, lr=0.5):
        super().__init__(params, {"lr": lr})

    def update(self, w, g, state, group):
        w -= group["lr"] * g


def rates(scheduler, optimizer, n):
    """The learning rates of n epochs, two groups each."""
    found = []
    for _ in range(n):
        found.append([group["lr"] for group in optimizer.param_groups])
        optimizer.step()
        scheduler.step(*[1.0] * scheduler.needs_metrics)
    return found


def watched(component):
    """The scheduler, but for get_lr, which refuses what is no list with one rate per group."""
    if component.get_lr is LRScheduler.get_lr:
        return component                              # it defines step, or get_lr is missing

    def get_lr(self):
        rates, n = component.get_lr(self), len(self.optimizer.param_groups)
        require(isinstance(rates, (list, tuple)) and len(rates) == n,
                f"{component.__name__}: get_lr must return a list with one number per param "
                f"group, here {n}, got {rates!r}; write [... for lr in self.base_lrs]")
        return rates

    return type(component.__name__, (component,), {"__doc__": component.__doc__, "get_lr": get_lr})


def check_scheduler(component, kwargs):
    """Gives finite rates, the same each time, and goes on from its state_dict.

    Where no options suggest themselves, a class method example(optimizer) makes one.
    """
    name = component.__name__
    require((component.__doc__ or "").strip(), f"{name}: it has no docstring; write its formula")
    make = watched(component)
    if hasattr(component, "example") and not kwargs:
        make, options = make.example, {}
    else:
        options = guess_arguments(component, kwargs, skip=1)
    with during(f"{name}: stepping through {STEPS} epochs"):
        check_rates(name, make, options)


def check_rates(name, component, options):
    """The rates themselves, and those of one that is stopped, saved and loaded."""

    def make():
        manual_seed(0)
        w = [Parameter(from_numpy(np.zeros(2))) for _ in range(2)]
        optimizer = Plain([{"params": w[:1]}, {"params": w[1:], "lr": 0.25}])
        return component(optimizer, **options), optimizer

    expected = rates(*make(), STEPS)
    for lr in (lr for row in expected for lr in row):
        require(isinstance(lr, (int, float)) and math.isfinite(lr) and lr >= 0,
                f"{name}: expected finite rates of at least 0, got {lr!r}")
    require(rates(*make(), STEPS) == expected, f"{name}: two runs gave different rates")
    scheduler, optimizer = make()
    rates(scheduler, optimizer, 7)
    resumed, other = make()
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    resumed.load_state_dict(copy.deepcopy(scheduler.state_dict()))
    require(resumed.get_last_lr() == scheduler.get_last_lr()
            and rates(resumed, other, STEPS - 7) == expected[7:],
            f"{name}: loaded from a state_dict it gives other rates; keep what it remembers in "
            "attributes, and let get_lr depend on these and last_epoch alone")
