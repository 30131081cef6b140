"""What is easily forgotten when writing a first component is found, and told in plain words."""

import random

import numpy as np
import plugrad as pg
import pytest
from plugrad import data, nn, optim
from plugrad.optim import lr_scheduler
from plugrad.testing import ComponentError, check_component
from plugrad.testing.samples import equal


class Dense(nn.Module):
    """y = x W"""

    def __init__(self, in_features=3, out_features=3):
        super().__init__()
        self.W = nn.Parameter(pg.randn(in_features, out_features))

    def forward(self, x):
        return x @ self.W


def layer(forward=Dense.forward, setup=lambda self: None):
    """A class like Dense, with something else in __init__ or forward."""

    def __init__(self):
        Dense.__init__(self)
        setup(self)

    return type("Broken", (Dense,), {"__doc__": "Broken.", "__init__": __init__,
                                     "forward": forward})


def refused(text, *args, **kwargs):
    with pytest.raises(ComponentError, match=text):
        check_component(*args, **kwargs)


def without_recording(self, x):
    with pg.no_grad():
        return x @ self.W


def through_numpy(self, x):
    return pg.from_numpy((x @ self.W).detach().numpy() * 2)


@pytest.mark.parametrize("forward", [
    lambda self, x: (x @ self.W).detach(), without_recording, through_numpy,
    lambda self, x: pg.tensor((x @ self.W).tolist()),
    lambda self, x: pg.tensor((x @ self.W).tolist(), dtype=x.dtype),
    lambda self, x: x.detach() @ self.W, lambda self, x: x @ self.W.data,
], ids=["detach", "no_grad", "NumPy", "tolist", "tolist and dtype", "input", "parameter"])
def test_a_layer_that_learns_nothing_is_found(forward):
    refused(r"depends on input \d but carries no gradient.*NumPy or no_grad cut it off",
            layer(forward))


@pytest.mark.parametrize("forward", [
    lambda self, x: x.sign(), lambda self, x: (x > 0).to(x.dtype), lambda self, x: x.round(),
    lambda self, x: x.argmax(-1), lambda self, x: (x - x.max(-1, keepdim=True)[0] >= 0).to(x.dtype),
], ids=["sign", "step", "round", "argmax", "one-hot"])
def test_an_output_that_only_jumps_passes(forward):
    assert check_component(type("Step", (nn.Module,), {"__doc__": "Step.", "forward": forward}))
    learns = type("Step", (Dense,), {"__doc__": "Step.", "forward": lambda self, x: forward(
        self, Dense.forward(self, x))})
    assert check_component(learns)


def test_an_example_at_the_edge_of_a_jump_passes():
    class Heaviside(nn.Module):
        """1 where x > 0"""

        def forward(self, x):
            return (x > 0).to(x.dtype)

        @classmethod
        def example(cls):
            return cls(), pg.zeros(2, 2)

    assert check_component(Heaviside)


def forget(self):
    self.bias = nn.Parameter(pg.zeros(3))


def forget_layer(self):
    self.out = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2))
    self.frozen = nn.Parameter(pg.zeros(3), requires_grad=False)


def test_a_parameter_that_forward_never_uses_is_named():
    refused("forward never uses the parameter bias: no gradient", layer(setup=forget))
    refused("never uses the sub-layer out and the parameter frozen", layer(setup=forget_layer))


def test_a_parameter_that_is_used_at_times_passes():
    def scale(self):
        self.scale = nn.Parameter(pg.ones(3), requires_grad=False)

    def experts(self):
        self.experts = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])

    def choose(self, x):
        return self.experts[int((x @ self.W).sum().item() > 0)](x) + x @ self.W

    assert check_component(layer(lambda self, x: x @ self.W * self.scale, scale))
    assert check_component(layer(choose, experts))
    assert check_component(layer(lambda self, x: x @ self.W + (0 if self.training else self.bias),
                                 forget))


def plain_weight(self):
    self.V = pg.randn(3, 3, requires_grad=True)


def scaled_weight(self):
    self.V = nn.Parameter(pg.randn(3, 3)) * 0.1


def plain_list(self):
    self.parts = [nn.Linear(3, 3), nn.Linear(3, 3)]


def plain_dict(self):
    self.parts = {"a": nn.Linear(3, 3)}


def plain_parameters(self):
    self.parts = (nn.Parameter(pg.randn(3, 3)),)


@pytest.mark.parametrize("setup, forward, text", [
    (plain_weight, lambda self, x: x @ self.W @ self.V, r"self\.V = nn\.Parameter\(\.\.\.\)"),
    (scaled_weight, lambda self, x: x @ self.W @ self.V, "V is the result of .*around all of"),
    (plain_list, lambda self, x: self.parts[0](x @ self.W), r"plain list .*nn\.ModuleList"),
    (plain_dict, lambda self, x: self.parts["a"](x @ self.W), r"plain dict .*nn\.ModuleDict"),
    (plain_parameters, lambda self, x: x @ self.W @ self.parts[0], r"tuple .*nn\.ParameterList"),
])
def test_what_is_not_registered_is_told_before_what_follows_from_it(setup, forward, text):
    refused(text, layer(forward, setup))


def test_a_plain_list_of_members_passes():
    def setup(self):
        self.a = nn.Linear(3, 3)
        self.order = [self.a]

    assert check_component(layer(lambda self, x: self.order[0](x @ self.W), setup))


def test_a_layer_made_in_forward_is_told():
    refused("float64 and plugrad.float32.*does forward make a layer.*in __init__",
            layer(lambda self, x: nn.Linear(3, 2)(x @ self.W)))


def test_a_plain_tensor_is_told_where_the_dtype_breaks():
    def setup(self):
        self.mask = pg.ones(3, 3)

    refused(r"self\.mask stays plugrad\.float32: .*register_buffer\('mask'",
            layer(lambda self, x: x @ self.W @ self.mask, setup))


def count(self, x):
    self.n = getattr(self, "n", 0) + 1
    return x @ self.W * self.n


def test_what_differs_between_two_calls_is_told_without_gradchecks_words():
    refused(r"in train\(\): two calls .* two outputs; forward changes self\.n; let", layer(count))
    refused("draw random numbers from plugrad, not from NumPy",
            layer(lambda self, x: x @ self.W * random.random()))


def test_a_forward_without_return_is_told():
    refused("returned NoneType.*return y", layer(lambda self, x: None))


class Squared(nn.Module):
    """(input - target)²"""

    def forward(self, input, target):
        return (input - target) ** 2


def test_a_loss_is_one_number():
    refused(r"one number, a Tensor of shape \(\), got shape \(4, 3\).*mean", "losses", Squared)
    assert check_component("layers", Squared)
    assert check_component("losses", nn.MSELoss)
    assert check_component("losses", nn.MSELoss, reduction="none")


class Pairs(data.Dataset):
    """x and y as they are"""

    x, y = [float("nan"), 1.0, 2.0], [0, 1, 0]

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


class Lengthy(data.Dataset):
    """It has a length."""

    __len__ = Pairs.__len__


class Getting(data.Dataset):
    """It gives samples."""

    __getitem__ = Pairs.__getitem__


def fail_in_the_middle(self, i):
    if i == 1:
        raise ValueError("no file")
    return i


@pytest.mark.parametrize("methods, text", [
    ({"__getitem__": lambda self, i: None}, r"dataset\[0\] is None.*return"),
    ({"__getitem__": fail_in_the_middle}, r"dataset\[1\] raised ValueError\('no file'\)"),
    ({"__getitem__": lambda self, i: (i, random.random())}, "asked for twice"),
    ({"__len__": lambda self: 5}, r"len\(dataset\) is 5, but dataset\[3\] raised IndexError"),
    ({"__len__": lambda self: 10 ** 6}, "does __len__ count more samples than there are"),
    ({"__getitem__": lambda self, i: i},
     r"dataset\[3\] must raise IndexError.*if index >= len\(self\): raise IndexError\(index\)"),
    ({"__getitem__": lambda self, i: {0: 0, 1: 1, 2: 2}[i]}, r"must raise .*raised KeyError\(3\)"),
    ({"__init__": lambda self: 1 / 0}, "making one: ZeroDivisionError"),
])
def test_a_broken_dataset_is_found(methods, text):
    refused(text, type("Broken", (Pairs,), {"__doc__": "Broken.", **methods}))


def test_natural_datasets_pass():
    assert check_component(Pairs)
    for x in (pg.randn(3), np.array([1.0, np.nan, 2.0]), ["a", "b", "c"],
              np.full((3, 2), np.nan)):
        assert check_component(type("Natural", (Pairs,), {"__doc__": "Natural.", "x": x}))


def test_the_missing_method_of_a_dataset_is_named():
    refused(r"it has no __getitem__\(self, index\);", Lengthy)
    refused(r"it has no __len__\(self\);", Getting)


def test_a_stream_needs_no_length():
    class Stream(data.IterableDataset):
        """0, 1, 2, ..."""

        def __iter__(self):
            return iter(range(10 ** 9))

    assert check_component(Stream)
    Stream.__len__ = lambda self: 10 ** 9
    assert check_component(Stream)
    Stream.__iter__ = lambda self: iter([1, None])
    refused("None as sample 1", Stream)


@pytest.mark.parametrize("a, b, same", [
    (1.0, 1.0, True), (1.0, 2.0, False), (float("nan"), float("nan"), True), ("a", "b", False),
    (1, 1.0, False), ([1, {"a": 2}], [1, {"a": 2}], True), ({"a": 1}, {"a": 2}, False),
    (np.array([np.nan]), np.array([np.nan]), True), (np.ones(2), np.ones(3), False),
    (np.array(["a", None]), np.array(["a", None]), True), (object(), object(), True),
    (pg.ones(2, requires_grad=True), pg.ones(2), True), (pg.ones(2), pg.zeros(2), False),
])
def test_samples_are_compared_by_value(a, b, same):
    assert equal(a, b) is same


class Jitter:
    """A random number"""

    def __call__(self, x):
        return random.random()


def test_a_transform_that_draws_elsewhere_is_found():
    refused("gave two results", "transforms", Jitter)


class Forgetful(optim.Optimizer):
    """w <- w - 0.1 * g"""

    def __init__(self, params, lr=0.1):
        super().__init__(params, {"lr": lr})

    def update(self, w, g, state):
        w -= 0.1 * g


def test_an_optimizer_is_told_the_signature_of_update():
    refused(r"expected def update\(self, w, g, state, group\), got def update\(self, w, g, state\)",
            Forgetful)


@pytest.mark.parametrize("get_lr", [lambda self: 0.1, lambda self: [0.1], lambda self: None])
def test_a_scheduler_is_told_what_get_lr_returns(get_lr):
    refused("get_lr must return a list with one number per param group", type(
        "Broken", (lr_scheduler.LRScheduler,), {"__doc__": "Broken.", "get_lr": get_lr}))


def test_an_error_of_the_component_is_chained_and_says_what_was_tried():
    def fail(self, mode=True):
        raise KeyError("mode")

    broken = layer()
    broken.train = fail
    with pytest.raises(ComponentError, match=r"Broken, while .*: KeyError") as caught:
        check_component(broken)
    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize("call, text", [
    (lambda: check_component(Jitter), r'check_component\("transforms", Jitter\)'),
    (lambda: check_component(Jitter, kind="transforms"), r'\("transforms", Jitter\)'),
    (lambda: check_component(Dense, kind="layers"), r'kind comes first: .*\("layers", Dense\)'),
    (lambda: check_component(Dense, "layers"), r"check_component\('layers', Dense\)"),
    (lambda: check_component("layers"), "expected the name of one of the layers, a class"),
    (lambda: check_component("layers", Dense()), "expected the name of one of the layers, a class"),
    (lambda: check_component(Dense, width=3), "no option 'width'; expected one of in_features"),
])
def test_a_call_that_cannot_be_meant_is_told_how_to_write_it(call, text):
    with pytest.raises(TypeError, match=text):
        call()


def test_a_class_without_the_base_of_its_kind_is_refused():
    refused(r"derive from Module, got class Jitter\(object\)", "layers", Jitter)
