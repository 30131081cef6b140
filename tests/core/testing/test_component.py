"""check_component finds each broken promise, and says what to do."""

import numpy as np
import plugrad as pg
import pytest
from numpy.lib.stride_tricks import as_strided
from plugrad import data, nn, optim
from plugrad.callbacks import Callback
from plugrad.nn import functional as F
from plugrad.optim import lr_scheduler
from plugrad.testing import ComponentError, check_component


class Swish(nn.Module):
    """x * sigmoid(beta * x)"""

    def __init__(self, beta=1.0):
        super().__init__()
        self.beta = beta

    def forward(self, x):
        return x * (self.beta * x).sigmoid()


class Scale(nn.Module):
    """w * x"""

    def __init__(self, num_features):
        super().__init__()
        self.w = nn.Parameter(pg.ones(num_features))

    def forward(self, x):
        if x.ndim != 2:
            raise ValueError(f"expected (N, C), got {tuple(x.shape)}")
        return x * self.w


def swish(x):
    """x * sigmoid(x)"""
    return x * x.sigmoid()


def test_what_is_right_passes():
    assert check_component(Swish) and check_component("activations", Swish)
    assert check_component(Swish, beta=2.0) and check_component(swish)
    assert check_component("activations", "ReLU") and check_component("losses", "MSELoss")
    assert check_component(Scale) and check_component(Scale, num_features=3)


def refuse_large(self, x):
    if (x.abs() > 10).any():
        raise ValueError("expected numbers between -10 and 10")
    return (100 - x * x).sqrt()


def test_large_inputs_may_be_refused_or_overflow_and_lie_outside_of_an_example():
    assert check_component(module(forward=refuse_large))
    assert check_component(module(forward=lambda self, x: x.exp()))

    class Arcus(Swish):
        """arcsin(x), for -1 <= x <= 1"""

        def forward(self, x):
            return x.asin()

        @classmethod
        def example(cls):
            return cls(), pg.linspace(-0.9, 0.9, 5)

    assert check_component(Arcus)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", ["Dropout2d", "InstanceNorm1d"])
def test_an_input_that_is_warned_of_is_no_example(name, recwarn):
    assert check_component("layers" if name == "Dropout2d" else "normalizations", name)
    assert not recwarn


def module(**methods):
    """A class like Swish, with some methods replaced."""
    return type("Broken", (Swish,), {"__doc__": "Broken.", **methods})


class Detached(pg.Op):
    """y = x², with a derivative that cannot be differentiated again"""

    def forward(self, x):
        self.save(x)
        return x * x

    def vjp(self, g):
        x, = self.saved
        return 2 * x.detach() * g


class Wrong(Detached):
    """y = x², with a wrong derivative"""

    def vjp(self, g):
        x, = self.saved
        return x * g


class Silent(Detached):
    """y = x², with a derivative that is computed and not returned"""

    def vjp(self, g):
        x, = self.saved
        2 * x * g


def keep_count(self, x):
    self.count = getattr(self, "count", 0) + 1
    return x + self.count


def gather_unsaved(self, x):
    if self.training:
        self.beta = 0.9 * self.beta + 0.1 * x.detach().mean().item()
        return x - x.mean()
    return x - self.beta


def change_input(self, x):
    with pg.no_grad():
        x.add_(1)
    return x * 1


def ignore_strides(self, x):
    array = x.detach().numpy()
    dense = as_strided(array, array.shape, np.empty_like(array, order="C").strides)
    return x * 0 + pg.from_numpy(dense.copy())


def refuse_silently(self, x):
    if not x.numel():
        raise ValueError
    return x * 1


def loose_weight(self):
    nn.Module.__init__(self)
    self.beta = pg.ones(1, requires_grad=True)


def hidden_state(self):
    nn.Module.__init__(self)
    self.beta = 1.0
    self.shift = pg.randn(1).item()


class Unpicklable(Swish):
    """x * sigmoid(x)"""

    def __init__(self):
        super().__init__()
        self.kept = lambda: None


BROKEN = {
    "no docstring": ({"__doc__": None}, "no docstring"),
    "repr": ({"__repr__": lambda self: "?"}, "repr"),
    "not a tensor": ({"forward": lambda self, x: 3.0}, "returned float"),
    "dtype": ({"forward": lambda self, x: x.double()}, "gave plugrad.float64"),
    "not finite": ({"forward": lambda self, x: x.log()}, "not finite"),
    "changes its input": ({"forward": change_input}, "changed input 0"),
    "gradient": ({"forward": lambda self, x: Wrong()(x)}, "gradient of output 0 by input 0"),
    "no return": ({"forward": lambda self, x: Silent()(x)}, "or a vjp returned None"),
    "second gradient": ({"forward": lambda self, x: Detached()(x)}, "gradient of the gradient"),
    "strides": ({"forward": ignore_strides}, "not contiguous"),
    "never the same": ({"forward": keep_count}, "two calls"),
    "random in eval": ({"forward": lambda self, x: F.dropout(x)}, "gave two results"),
    "never evaluates": ({"train": lambda self, mode=True: self}, "still training after eval"),
    "empty": ({"forward": lambda self, x: x * (1 // x.numel())}, "empty batch raised ZeroDivision"),
    "empty, no text": ({"forward": refuse_silently}, "empty batch raised .*without a text"),
    "loose weight": ({"__init__": loose_weight}, "is no parameter"),
    "state": ({"__init__": hidden_state, "forward": lambda self, x: x + self.shift},
              "computes something else"),
    "gathers": ({"forward": gather_unsaved}, "computes something else"),
    "misspelt": ({"forward": lambda self, x: x * self.bta},
                 "whatever the input, it raised AttributeError: .*'bta'"),
    "no input": ({"forward": lambda self: self.beta * x},    # noqa: F821
                 "whatever the input, it raised NameError: name 'x'"),
    "exp overflows": ({"forward": lambda self, x: x.exp() / (1 + x.exp())},
                      "output for 1000 times the inputs is NaN"),
    "where": ({"forward": lambda self, x: pg.where(x > 0, x, x.exp() - 1)},
              "gradient for 1000 times the inputs is NaN"),
    "takes nothing": ({"forward": lambda self, x: x[0, 0, 0, 0, 0, 0]}, "took none of these"),
}


@pytest.mark.parametrize("methods, text", BROKEN.values(), ids=list(BROKEN))
def test_a_broken_module_is_found(methods, text):
    with pytest.raises(ComponentError, match=text):
        check_component(module(**methods))


def test_a_module_that_cannot_be_pickled_is_found():
    with pytest.raises(ComponentError, match=r"cannot be pickled.*lambdas"):
        check_component(Unpicklable)


def test_a_constructor_that_says_nothing_asks_for_an_example():
    class Layer(Swish):
        """Needs something."""

        def __init__(self, wavelength):
            super().__init__(wavelength)

    with pytest.raises(ComponentError, match=r"'wavelength' has no default.*example"):
        check_component(Layer)
    assert check_component(Layer, wavelength=2.0)
    Layer.example = classmethod(lambda cls: (cls(3.0), pg.ones(2, 5)))
    assert check_component(Layer)


class Descent(optim.Optimizer):
    """w <- w - lr * g"""

    def __init__(self, params, lr=0.1):
        super().__init__(params, {"lr": lr})

    def update(self, w, g, state, group):
        w -= group["lr"] * g


def ascend(self, w, g, state, group):
    w += group["lr"] * g


def remember_nothing(self, w, g, state, group):
    v = state["v"] = state["v"] + g
    w -= group["lr"] * v


def remember_outside(self, w, g, state, group):
    self.t = getattr(self, "t", 0) + 1
    w -= group["lr"] / self.t * g


@pytest.mark.parametrize("methods, text", [
    ({"__doc__": ""}, "no docstring"),
    ({"update": ascend}, "does update move w against g"),
    ({"update": remember_nothing}, r"KeyError: 'v'.*state\.get\('v', 0\.0\)"),
    ({"update": remember_outside}, "loaded from a state_dict it takes other steps"),
    ({"step": lambda self, closure: None}, "changed|return what closure"),
])
def test_a_broken_optimizer_is_found(methods, text):
    assert check_component(Descent)
    with pytest.raises(ComponentError, match=text):
        check_component(type("Broken", (Descent,), {"__doc__": "Broken.", **methods}))


class Halving(lr_scheduler.LRScheduler):
    """lr = lr_0 / 2 ** epoch"""

    def get_lr(self):
        return [lr / 2 ** self.last_epoch for lr in self.base_lrs]


class Ticket:
    n = 0


def ever_other(self):
    Ticket.n += 1
    return [0.1 / Ticket.n for _ in self.base_lrs]


@pytest.mark.parametrize("methods, text", [
    ({"__doc__": ""}, "no docstring"),
    ({"get_lr": lambda self: [float("nan") for _ in self.base_lrs]}, "finite rates"),
    ({"get_lr": ever_other}, "two runs"),
    ({"load_state_dict": lambda self, state: None}, "loaded from a state_dict"),
])
def test_a_broken_scheduler_is_found(methods, text):
    assert check_component(Halving)
    with pytest.raises(ComponentError, match=text):
        check_component(type("Broken", (Halving,), {"__doc__": "Broken.", **methods}))


def fill_(tensor):
    """tensor <- 2"""
    with pg.no_grad():
        return tensor.fill_(2)


def recorded_(tensor):
    """tensor <- 2"""
    return tensor.fill_(2)


def half_(tensor):
    """tensor <- 2, here and there"""
    with pg.no_grad():
        tensor[::2].fill_(2)
        return tensor


def silent_(tensor):
    """tensor <- 2"""
    with pg.no_grad():
        tensor.fill_(2)


def outside_(tensor):
    """tensor <- random"""
    with pg.no_grad():
        return tensor.copy_(pg.from_numpy(np.random.default_rng().standard_normal(tensor.shape)))


def test_broken_initializers_are_found():
    assert check_component(fill_) and check_component("initializers", "zeros_")
    for broken, text in ((half_, "not filled"), (silent_, "must return"),
                         (outside_, "drew other numbers")):
        with pytest.raises(ComponentError, match=text):
            check_component(broken)
    with pytest.raises(ComponentError, match=r"recorded_: filling a parameter of .*leaf.*no_grad"):
        check_component(recorded_)


class Squares(data.Dataset):
    """(i, i²)"""

    def __len__(self):
        return 5

    def __getitem__(self, i):
        if not -5 <= i < 5:
            raise IndexError(i)
        return i, i * i


@pytest.mark.parametrize("methods, text", [
    ({"__doc__": ""}, "no docstring"),
    ({"__len__": lambda self: 0}, "length above 0"),
    ({"__getitem__": lambda self, i: i}, "must raise IndexError"),
    ({"__getitem__": lambda self, i: np.random.default_rng().random(3)}, "asked for twice"),
])
def test_a_broken_dataset_is_found(methods, text):
    assert check_component(Squares)
    with pytest.raises(ComponentError, match=text):
        check_component(type("Broken", (Squares,), {"__doc__": "Broken.", **methods}))


class Double:
    """y = 2 * x"""

    def __call__(self, x):
        return x * 2

    def __repr__(self):
        return "Double()"


@pytest.mark.parametrize("methods, text", [
    ({"__doc__": ""}, "no docstring"),
    ({"__repr__": object.__repr__}, None),
    ({"__repr__": lambda self: "?"}, "repr"),
    ({"__call__": lambda self, x: None}, "returned nothing"),
    ({"__call__": lambda self, x: x * np.random.default_rng().random()}, "gave two results"),
    ({"__call__": lambda self, x: x.nothing}, "took none of these samples"),
])
def test_a_broken_transform_is_found(methods, text):
    assert check_component("transforms", Double)
    broken = type("Broken", (Double,), {"__doc__": "Broken.", "__repr__": lambda self: "Broken()",
                                        **methods})
    if text is None:
        assert check_component("transforms", broken)
        return
    with pytest.raises(ComponentError, match=text):
        check_component("transforms", broken)


class Quiet(Callback):
    """Hears all, does nothing."""

    def on_epoch_end(self, logs):
        self.logs = logs


def meddle(self, trainer):
    with pg.no_grad():
        for w in trainer.model.parameters():
            w.add_(1)


@pytest.mark.parametrize("methods, text", [
    ({"__doc__": ""}, "no docstring"),
    ({"on_batch_end": lambda self, loss: 1 / 0}, "ended with ZeroDivisionError"),
    ({"on_batch_start": meddle}, "went another way"),
])
def test_a_broken_callback_is_found(methods, text):
    assert check_component(Quiet)
    with pytest.raises(ComponentError, match=text):
        check_component(type("Broken", (Quiet,), {"__doc__": "Broken.", **methods}))


@pytest.mark.parametrize("call, error, text", [
    (lambda: check_component("layer", Swish), ValueError, "no kind; expected one of layers"),
    (lambda: check_component(Swish()), TypeError, "expected a class or a function"),
    (lambda: check_component("activations", "Nothing"), LookupError, "Nothing"),
    (lambda: check_component(int), TypeError, "kind"),
])
def test_what_is_no_component_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()
