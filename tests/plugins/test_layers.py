"""Every built-in layer against PyTorch."""

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import nn

from .parity import Row, cases, check, check_refusal, x

ROWS = [
    Row("Linear", {"in_features": 3, "out_features": 5}, (x(4, 3),)),
    Row("Linear", {"in_features": 3, "out_features": 5}, (x(3),)),
    Row("Linear", {"in_features": 3, "out_features": 2, "bias": False}, (x(2, 4, 3),)),
    Row("Linear", {"in_features": 3, "out_features": 2}, (x(0, 3),)),
    *(Row("F.linear", {}, inputs) for inputs in (
        (x(4, 3), x(5, 3), x(5)), (x(2, 4, 3), x(5, 3)), (x(3), x(5, 3), x(5)))),
    *(Row("Conv2d", {"in_channels": 4, "out_channels": 6, "kernel_size": 3} | options,
          (x(2, 4, 7, 8),)) for options in (
        {}, {"bias": False}, {"stride": 2, "padding": 1}, {"kernel_size": (2, 3)},
        {"padding": (0, 2), "stride": (2, 1)}, {"dilation": 2}, {"dilation": (1, 2), "padding": 2},
        {"groups": 2}, {"groups": 2, "bias": False, "padding": "same"}, {"padding": "valid"},
        {"padding": "same", "dilation": (2, 1)}, {"padding": "same", "kernel_size": (2, 4)},
        {"padding": 1, "padding_mode": "reflect"}, {"padding": 2, "padding_mode": "replicate"},
        {"padding": (1, 2), "padding_mode": "circular"})),
    Row("Conv2d", {"in_channels": 2, "out_channels": 3, "kernel_size": 1}, (x(2, 5, 5),)),
    Row("F.conv2d", {"stride": 2, "padding": (1, 0), "dilation": (1, 2)},
        (x(2, 3, 5, 6), x(4, 3, 2, 3), x(4))),
    Row("F.conv2d", {"padding": "same", "groups": 3}, (x(3, 5, 5), x(6, 1, 3, 3))),
    *(Row("MaxPool2d", {"kernel_size": 2} | options, (x(2, 3, 7, 8),)) for options in (
        {}, {"stride": 1}, {"kernel_size": 3, "stride": 2, "padding": 1}, {"ceil_mode": True},
        {"kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 0)}, {"dilation": 2},
        {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
        {"return_indices": True})),
    Row("MaxPool2d", {"kernel_size": 2}, (x(3, 6, 6),)),
    *(Row("AvgPool2d", {"kernel_size": 2} | options, (x(2, 3, 7, 8),)) for options in (
        {}, {"stride": 1}, {"kernel_size": 3, "stride": 2, "padding": 1}, {"ceil_mode": True},
        {"kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 0)},
        {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False},
        {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
        {"divisor_override": 3})),
    Row("AvgPool2d", {"kernel_size": 3}, (x(3, 6, 6),)),
    *(Row("AdaptiveAvgPool2d", {"output_size": size}, (x(2, 3, 7, 8),))
      for size in (1, 3, (2, 5), (None, 4), (7, 8), 9)),
    Row("AdaptiveAvgPool2d", {"output_size": 2}, (x(3, 6, 6),)),
    Row("Flatten", {}, (x(2, 3, 4, 5),)),
    Row("Flatten", {"start_dim": 0, "end_dim": 1}, (x(2, 3, 4),)),
    Row("Flatten", {"start_dim": -2}, (x(2, 3, 4),)),
    Row("Unflatten", {"dim": 1, "unflattened_size": (2, 3)}, (x(2, 6),)),
    Row("Unflatten", {"dim": -1, "unflattened_size": (-1, 2)}, (x(2, 3, 4),)),
    Row("Identity", {}, (x(2, 3),)),
    Row("Dropout", {}, (x(4, 3),), modes=(False,)),
    Row("Dropout", {"p": 0.0}, (x(4, 3),)),
    Row("Dropout", {"p": 1.0}, (x(4, 3),)),
]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")     # PyTorch's
@cases(ROWS)
def test_layer_is_pytorchs(row, dtype, training):
    check(row, dtype, training)


def test_dropout_keeps_the_mean_and_scales_what_stays():
    pg.manual_seed(0)
    ones = pg.ones(100, 100)

    y = nn.Dropout(0.25)(ones).numpy()

    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.75)}
    assert abs((y == 0).mean() - 0.25) < 0.02


def test_dropout_draws_anew_and_repeats_after_a_seed():
    layer, ones = nn.Dropout(), pg.ones(50)
    pg.manual_seed(3)
    first, second = layer(ones).tolist(), layer(ones).tolist()
    pg.manual_seed(3)

    assert first != second and layer(ones).tolist() == first


def test_dropout_in_place_writes_over_its_input():
    ones = pg.ones(50)

    assert nn.Dropout(inplace=True)(ones) is ones and 0 in ones.tolist()


BAD = [
    (lambda lib: lib.nn.Conv2d(3, 4, 3, groups=2), ValueError, "divisible by groups=2"),
    (lambda lib: lib.nn.Conv2d(4, 3, 3, groups=2), ValueError, "divisible by groups=2"),
    (lambda lib: lib.nn.Conv2d(1, 1, 3, stride=2, padding="same"), ValueError, "needs stride 1"),
    (lambda lib: lib.nn.Conv2d(1, 1, 3, padding="some"), ValueError, "'same' or 'valid'"),
    (lambda lib: lib.nn.Conv2d(1, 1, 3, padding_mode="some"), ValueError, "'reflect', 'replicate'"),
    (lambda lib: lib.nn.Dropout(1.5), ValueError, "between 0 and 1"),
    (lambda lib: lib.nn.Linear(3, 2)(lib.zeros(4, 5)), RuntimeError, r"\(4, 5\)"),
    (lambda lib: lib.nn.Conv2d(3, 2, 3)(lib.zeros(1, 4, 5, 5)), RuntimeError, r"4"),
    (lambda lib: lib.nn.MaxPool2d(2)(lib.zeros(4, 5)), (RuntimeError, ValueError), r"\(4, 5\)"),
    (lambda lib: lib.nn.MaxPool2d(9)(lib.zeros(1, 1, 5, 5)), RuntimeError,
     "kernel of 9 .* does not fit into an image of 5"),
    (lambda lib: lib.nn.MaxPool2d(2, padding=2)(lib.zeros(1, 1, 5, 5)),
     (RuntimeError, ValueError), "half"),
]


@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)


@pytest.mark.parametrize("kernel_size, error", [("3", TypeError), ((1, 2, 3), TypeError),
                                                (1.5, TypeError), (0, ValueError)])
def test_a_kernel_size_that_is_none_is_refused(kernel_size, error):
    with pytest.raises(error, match="Conv2d: kernel_size: expected"):
        nn.Conv2d(1, 1, kernel_size)


@pytest.mark.parametrize("name, arguments", [("Linear", (3, 2)), ("Conv2d", (3, 2, 3)),
                                             ("Bilinear", (3, 2, 2))])
@pytest.mark.parametrize("bias", [True, False])
def test_a_reset_draws_weight_and_bias_and_nothing_that_a_subclass_adds(name, arguments, bias):
    def numbers(lib):
        class Adapted(getattr(lib.nn, name)):
            def __init__(self):
                super().__init__(*arguments, bias=bias)
                self.extra = lib.nn.Parameter(lib.zeros(2))

        lib.manual_seed(0)
        layer = Adapted()
        layer.reset_parameters()
        return [*layer.weight.flatten().tolist(), *layer.extra.tolist(), lib.rand(1).item()]

    assert numbers(pg) == pytest.approx(numbers(torch), rel=1e-6)
