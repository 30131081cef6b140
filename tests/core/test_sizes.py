"""Sizes that are too large: of what is made, of windows, of borders.  No crash, and our words."""

import numpy as np
import plugrad as pg
import pytest
from plugrad import nn

F = nn.functional
HUGE, ROW, IMAGE = 2 ** 62, pg.ones(1, 1, 4), pg.ones(1, 1, 4, 4)
WORDS = (r"can't have sizes|no array can have sizes|at most 2147483647|no memory|does not fit|"
         r"Unable to allocate")

CALLS = {
    "empty": lambda: pg.empty(HUGE, HUGE), "zeros": lambda: pg.zeros(2 ** 31, 2 ** 33),
    "rand": lambda: pg.rand(HUGE, 4), "full": lambda: pg.full((HUGE, 8), 1.0),
    "repeat_interleave": lambda: pg.ones(4).repeat_interleave(HUGE),
    "add": lambda: pg.ones(1).expand(2 ** 60) + 1,
    "softmax": lambda: pg.ones(1).expand(2 ** 60).softmax(0),
    "clone": lambda: pg.ones(1, 1).expand(2 ** 40, 2 ** 20).clone(),
    "matmul": lambda: pg.ones(1, 1).expand(2 ** 40, 1) @ pg.ones(1, 1).expand(1, 2 ** 20),
    "pad": lambda: F.pad(ROW, (HUGE, HUGE)),
    "replicate": lambda: F.pad(ROW, (HUGE, HUGE), mode="replicate"),
    "conv padding": lambda: F.conv2d(IMAGE, IMAGE, padding=HUGE),
    "conv stride": lambda: F.conv2d(IMAGE, IMAGE, stride=HUGE),
    "conv dilation": lambda: F.conv2d(IMAGE, IMAGE, dilation=HUGE),
    "conv1d": lambda: F.conv1d(ROW, ROW, padding=HUGE),
    "conv_transpose": lambda: F.conv_transpose2d(IMAGE, IMAGE, stride=HUGE),
    "unfold": lambda: F.unfold(IMAGE, 2, padding=HUGE),
    "fold": lambda: F.fold(pg.ones(1, 4, 4), (HUGE, HUGE), 2),
    "interpolate": lambda: F.interpolate(IMAGE, size=(2 ** 31, 2 ** 32)),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_is_too_large_is_refused(name):
    with pytest.raises((RuntimeError, ValueError, MemoryError), match=WORDS):
        CALLS[name]()


@pytest.mark.parametrize("make", [
    lambda: nn.AdaptiveMaxPool1d(HUGE), lambda: nn.AdaptiveAvgPool1d(HUGE),
    lambda: nn.MaxPool2d(HUGE), lambda: nn.AvgPool1d(2, stride=HUGE), lambda: nn.Fold(HUGE, 2),
    lambda: nn.Unfold(2, dilation=HUGE), lambda: nn.Conv2d(1, 1, 2, padding=HUGE)])
def test_layers_of_windows_refuse_it_at_their_first_use(make):
    with pytest.raises((ValueError, RuntimeError), match=WORDS):
        layer = make()
        layer(ROW if "1d" in type(layer).__name__ else pg.ones(1, 4, 9))


def test_one_number_in_a_tuple_is_meant_for_all_axes():
    x = pg.ones(1, 1, 4, 4)

    assert F.avg_pool2d(x, (2,)).shape == nn.MaxPool2d((2,), (2,))(x).shape == (1, 1, 2, 2)
    assert F.conv2d(x, x[..., :2, :2], stride=(2,)).shape == (1, 1, 2, 2)


@pytest.mark.parametrize("widths, row", [
    ((2, -1), [1, 2, 0, 1, 2]), ((-1, 2), [1, 2, 3, 1, 2]), ((-1, -1), [1, 2])])
def test_a_circular_border_is_of_what_is_left(widths, row):
    y = F.pad(pg.arange(12.0).reshape(1, 3, 4), widths, mode="circular")

    np.testing.assert_array_equal(y[0, 0], row)
