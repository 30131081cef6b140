"""Every built-in initializer: the distribution of PyTorch's."""

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad.nn import init

from .parity import check_refusal, check_signature

# name, options, shape, what the elements look like: (lowest, highest, mean, deviation)
SQRT3 = 3 ** 0.5


def uniform(a, b):
    return a, b, (a + b) / 2, (b - a) / 2 / SQRT3


def normal(mean, std):
    return -np.inf, np.inf, mean, std


def symmetric(deviation):
    return uniform(-deviation * SQRT3, deviation * SQRT3)


LINEAR, CONV = (300, 200), (40, 20, 5, 5)           # fans (200, 300) and (500, 1000)
ROWS = [
    ("zeros_", {}, LINEAR, (0, 0, 0, 0)),
    ("ones_", {}, LINEAR, (1, 1, 1, 0)),
    ("constant_", {"val": 0.3}, LINEAR, (0.3, 0.3, 0.3, 0)),
    ("uniform_", {}, LINEAR, uniform(0, 1)),
    ("uniform_", {"a": -2, "b": 5}, LINEAR, uniform(-2, 5)),
    ("normal_", {}, LINEAR, normal(0, 1)),
    ("normal_", {"mean": 3, "std": 0.5}, LINEAR, normal(3, 0.5)),
    ("xavier_uniform_", {}, LINEAR, symmetric((2 / 500) ** 0.5)),
    ("xavier_uniform_", {"gain": 2}, CONV, symmetric(2 * (2 / 1500) ** 0.5)),
    ("xavier_normal_", {}, LINEAR, normal(0, (2 / 500) ** 0.5)),
    ("xavier_normal_", {"gain": 2}, CONV, normal(0, 2 * (2 / 1500) ** 0.5)),
    ("kaiming_uniform_", {}, LINEAR, symmetric((2 / 200) ** 0.5)),
    ("kaiming_uniform_", {"a": 5 ** 0.5}, LINEAR, uniform(-(200 ** -0.5), 200 ** -0.5)),
    ("kaiming_uniform_", {"mode": "fan_out", "nonlinearity": "relu"}, CONV,
     symmetric((2 / 1000) ** 0.5)),
    ("kaiming_normal_", {}, LINEAR, normal(0, (2 / 200) ** 0.5)),
    ("kaiming_normal_", {"mode": "fan_out", "nonlinearity": "tanh"}, CONV,
     normal(0, 5 / 3 / 1000 ** 0.5)),
]


@pytest.mark.parametrize("name, options, shape, expected", ROWS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_distribution_is_as_written_and_as_pytorchs(name, options, shape, expected, dtype):
    low, high, mean, deviation = expected
    slack = 1e-6 * max(abs(mean), deviation, 1)
    for lib in (pg, torch):
        lib.manual_seed(0)
        tensor = lib.empty(shape, dtype=getattr(lib, dtype))
        drawn = getattr(lib.nn.init, name)(tensor, **options).numpy()
        assert low - slack <= drawn.min() and drawn.max() <= high + slack
        assert abs(drawn.mean() - mean) <= 0.02 * deviation + slack
        assert abs(drawn.std() - deviation) <= 0.02 * deviation + slack
        if np.isfinite(low):                        # a uniform one reaches its ends
            assert drawn.max() - drawn.min() >= 0.99 * (high - low)


@pytest.mark.parametrize("name", sorted({row[0] for row in ROWS}))
def test_signature_is_pytorchs(name):
    check_signature(getattr(init, name), getattr(torch.nn.init, name))


@pytest.mark.parametrize("name", ["uniform_", "normal_", "xavier_uniform_", "xavier_normal_",
                                  "kaiming_uniform_", "kaiming_normal_"])
def test_a_generator_decides_what_is_drawn(name):
    def draw(seed):
        generator = pg.Generator().manual_seed(seed)
        return getattr(init, name)(pg.empty(3, 3), generator=generator).tolist()

    assert draw(1) == draw(1) != draw(2)


@pytest.mark.parametrize("nonlinearity", ["linear", "conv1d", "conv_transpose3d", "sigmoid", "tanh",
                                          "relu", "leaky_relu", "selu"])
@pytest.mark.parametrize("param", [None, 0.2, 1])
def test_gain_is_pytorchs(nonlinearity, param):
    expected = torch.nn.init.calculate_gain(nonlinearity, param)

    assert init.calculate_gain(nonlinearity, param) == pytest.approx(expected)


BAD = [
    (lambda lib: lib.nn.init.calculate_gain("cube"), ValueError, "leaky_relu or one of"),
    (lambda lib: lib.nn.init.calculate_gain("leaky_relu", "x"), ValueError, "negative_slope"),
    (lambda lib: lib.nn.init.xavier_uniform_(lib.zeros(3)), ValueError, r"shape \(3,\)"),
    (lambda lib: lib.nn.init.kaiming_normal_(lib.zeros(3, 3), mode="in"), ValueError, "fan_out"),
]


@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)
