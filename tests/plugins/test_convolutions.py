"""Convolutions of sequences, images and volumes, and their transposes, against PyTorch."""

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import nn
from plugrad.nn import functional as F

from ..tolerances import assert_close
from .parity import Row, cases, check, check_begin, check_refusal, of, x

CONV = {"in_channels": 4, "out_channels": 6, "kernel_size": 3}


FEW = {"in_channels": 2, "out_channels": 4}                  # where a window has many pixels


def rows(name, inputs, options):
    return [Row(name, CONV | changed, (inputs,)) for changed in options]


ROWS = [
    *rows("Conv1d", x(2, 4, 9), [
        {}, {"bias": False}, {"stride": 2, "padding": 1}, {"kernel_size": (2,)}, {"dilation": 2},
        {"groups": 2}, {"padding": "valid"}, {"padding": "same", "dilation": 2},
        {"padding": "same", "kernel_size": 4}, {"padding": 2, "padding_mode": "reflect"},
        {"padding": 2, "padding_mode": "replicate", "bias": False}, {"kernel_size": 1},
        {"padding": 1, "padding_mode": "circular"}, {"stride": 4}]),
    *rows("Conv1d", x(4, 9), [{}, {"padding": "same", "groups": 2}]),
    *rows("Conv1d", x(0, 4, 9), [{}]),
    *rows("Conv2d", x(2, 4, 6, 7), [{"padding": 1, "padding_mode": "reflect", "bias": False}]),
    *rows("Conv3d", x(2, 2, 5, 6, 4), [FEW | row for row in (
        {}, {"bias": False}, {"stride": 2, "padding": 1}, {"kernel_size": (2, 3, 1)},
        {"stride": (1, 2, 1), "padding": (2, 0, 1)}, {"dilation": (2, 1, 1)}, {"groups": 2},
        {"padding": "same", "kernel_size": (2, 3, 4)}, {"padding": "valid"},
        {"padding": (1, 2, 1), "padding_mode": "reflect"}, {"kernel_size": 1},
        {"padding": 1, "padding_mode": "replicate"}, {"padding": 1, "padding_mode": "circular"})]),
    *rows("Conv3d", x(2, 5, 4, 4), [FEW, FEW | {"padding": "same"}]),
    *rows("Conv3d", x(0, 4, 5, 4, 4), [{}]),
    *rows("ConvTranspose1d", x(2, 4, 5), [
        {}, {"bias": False}, {"stride": 2, "padding": 1, "output_padding": 1}, {"dilation": 2},
        {"dilation": 3, "output_padding": 2}, {"groups": 2, "kernel_size": (2,)}, {"padding": 2},
        {"stride": 3, "kernel_size": 2}]),
    *rows("ConvTranspose1d", x(4, 5), [{}]),
    *rows("ConvTranspose1d", x(0, 4, 5), [{}]),
    *rows("ConvTranspose2d", x(2, 4, 5, 4), [
        {}, {"bias": False}, {"stride": 2}, {"stride": 2, "padding": 1, "output_padding": 1},
        {"kernel_size": (2, 3), "stride": (1, 2), "padding": (0, 1), "output_padding": (0, 1)},
        {"dilation": 2}, {"dilation": (3, 2), "output_padding": (2, 1)}, {"groups": 2},
        {"groups": 2, "stride": 3, "bias": False}, {"kernel_size": 1, "stride": 2}]),
    *rows("ConvTranspose2d", x(4, 5, 4), [{}]),
    *rows("ConvTranspose2d", x(0, 4, 5, 4), [{}]),
    *rows("ConvTranspose3d", x(2, 4, 3, 4, 3), [
        {}, {"bias": False}, {"stride": 2, "padding": 1, "output_padding": 1}, {"groups": 2},
        {"kernel_size": (2, 3, 1), "stride": (2, 1, 1), "padding": (1, 1, 0)}, {"dilation": 2},
        {"dilation": (3, 1, 2), "output_padding": (2, 0, 1)}]),
    *rows("ConvTranspose3d", x(4, 3, 4, 3), [{}]),
    *rows("ConvTranspose3d", x(0, 4, 3, 4, 3), [{}]),
    Row("F.conv1d", {"stride": 2, "padding": 1, "dilation": 2}, (x(2, 3, 9), x(4, 3, 2), x(4))),
    Row("F.conv1d", {"padding": "same"}, (x(3, 9), x(4, 3, 3))),
    Row("F.conv1d", {"groups": 3}, (x(2, 3, 9), x(6, 1, 3), x(6))),
    Row("F.conv3d", {"stride": 2, "padding": (1, 0, 1), "dilation": (1, 1, 2)},
        (x(2, 3, 4, 5, 4), x(4, 3, 2, 2, 2), x(4))),
    Row("F.conv3d", {"padding": "same"}, (x(3, 4, 4, 4), x(4, 3, 3, 3, 3))),
    Row("F.conv_transpose1d", {"stride": 2, "output_padding": 1}, (x(2, 3, 4), x(3, 4, 3), x(4))),
    Row("F.conv_transpose1d", {"groups": 3}, (x(3, 4), x(3, 2, 3))),
    Row("F.conv_transpose2d", {"stride": 2, "padding": 1, "output_padding": 1},
        (x(2, 3, 4, 3), x(3, 4, 3, 3), x(4))),
    Row("F.conv_transpose2d", {"groups": 3, "dilation": 2}, (x(3, 4, 4), x(3, 2, 3, 3))),
    Row("F.conv_transpose3d", {"stride": 2, "padding": 1, "output_padding": 1},
        (x(2, 3, 2, 3, 2), x(3, 2, 3, 3, 3), x(2))),
]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")     # PyTorch's
@cases(ROWS)
def test_convolution_is_pytorchs(row, dtype, training):
    check(row, dtype, training)


CLASSES = sorted({row.name for row in ROWS if not row.is_function})


@pytest.mark.parametrize("name", CLASSES)
def test_parameters_of_groups_begin_as_pytorchs(name):
    check_begin(Row(name, CONV | {"groups": 2, "kernel_size": 2}))


TURNED = {"in_channels": 2, "out_channels": 3, "kernel_size": 3, "stride": 3, "padding": 1}


@pytest.mark.parametrize("name, shape, size", [
    ("ConvTranspose1d", (2, 2, 4), (12,)), ("ConvTranspose1d", (2, 4), (2, 11)),
    ("ConvTranspose2d", (2, 2, 4, 3), (10, 9)), ("ConvTranspose2d", (2, 2, 4, 3), (2, 3, 12, 7)),
    ("ConvTranspose2d", (2, 4, 3), (11, 8)), ("ConvTranspose3d", (1, 2, 2, 3, 2), (4, 8, 6))])
def test_an_output_size_is_pytorchs(name, shape, size):
    theirs = of(torch, name)(**TURNED).double()
    ours = of(pg, name)(**TURNED).double()
    ours.load_state_dict({key: pg.from_numpy(p.detach().numpy())
                          for key, p in theirs.state_dict().items()})
    images = x(*shape)

    assert_close(ours(pg.from_numpy(images), list(size)).detach().numpy(),
                 theirs(torch.from_numpy(images), list(size)).detach().numpy())


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_the_transpose_is_the_gradient_of_the_convolution(ndim):
    options = {"stride": 2, "padding": 1, "dilation": 2, "groups": 2}
    images = pg.from_numpy(x(2, 4, *(9,) * ndim)).requires_grad_()
    weight = pg.from_numpy(x(6, 2, *(3,) * ndim))

    y = getattr(F, f"conv{ndim}d")(images, weight, **options)
    g = pg.from_numpy(x(*y.shape, seed=1))
    expected, = pg.autograd.grad((y * g).sum(), [images])

    assert_close(getattr(F, f"conv_transpose{ndim}d")(g, weight, **options).numpy(),
                 expected.numpy())


BAD = [
    (lambda lib: lib.nn.Conv1d(3, 4, 3, groups=2), ValueError, "divisible by groups=2"),
    (lambda lib: lib.nn.ConvTranspose3d(4, 3, 3, groups=2), ValueError, "divisible by groups=2"),
    (lambda lib: lib.nn.Conv1d(1, 1, 3, stride=2, padding="same"), ValueError, "needs stride 1"),
    (lambda lib: lib.nn.Conv3d(1, 1, 3, padding="some"), ValueError, "'same' or 'valid'"),
    (lambda lib: lib.nn.Conv1d(1, 1, 3, padding_mode="some"), ValueError, "'reflect', 'replicate'"),
    (lambda lib: lib.nn.Conv1d(3, 2, 3)(lib.zeros(1, 4, 5)), RuntimeError,
     r"Conv1d: expected sequences \(N, 3, L\) or \(3, L\), got shape \(1, 4, 5\)"),
    (lambda lib: lib.nn.Conv1d(3, 2, 2)(lib.zeros(2, 4, 3)), RuntimeError, r"permute\(0, 2, 1\)"),
    (lambda lib: lib.nn.Conv1d(3, 2, 9)(lib.zeros(1, 3, 5)), RuntimeError, "larger than the input"),
    (lambda lib: lib.nn.Conv3d(3, 2, 2)(lib.zeros(1, 4, 5, 5, 5)), RuntimeError,
     r"Conv3d: expected volumes \(N, 3, D, H, W\)"),
    (lambda lib: lib.nn.Conv3d(3, 2, 2)(lib.zeros(4, 5, 5, 3)), RuntimeError,
     r"permute\(3, 0, 1, 2\)"),
    (lambda lib: lib.nn.Conv3d(3, 2, 4)(lib.zeros(3, 3, 5, 5)), RuntimeError, "does not fit"),
    (lambda lib: lib.nn.ConvTranspose2d(1, 1, 3, padding_mode="reflect"), ValueError, "'zeros'"),
    (lambda lib: lib.nn.ConvTranspose2d(1, 1, 3, padding="same")(lib.zeros(1, 1, 4, 4)), TypeError,
     "must be numbers"),
    (lambda lib: lib.nn.ConvTranspose2d(3, 2, 3)(lib.zeros(1, 4, 5, 5)), RuntimeError,
     r"ConvTranspose2d: expected images \(N, 3, H, W\)"),
    (lambda lib: lib.nn.ConvTranspose2d(3, 2, 3, output_padding=1)(lib.zeros(1, 3, 5, 5)),
     RuntimeError, "output_padding smaller than stride"),
    (lambda lib: lib.nn.ConvTranspose3d(3, 2, 3, output_padding=1)(lib.zeros(1, 3, 5, 5, 5)),
     RuntimeError, "output_padding smaller than stride"),
    (lambda lib: lib.nn.ConvTranspose1d(3, 2, 1, padding=3)(lib.zeros(1, 3, 5)), RuntimeError,
     "pad less"),
    (lambda lib: lib.nn.ConvTranspose2d(3, 2, 3, stride=2)(lib.zeros(1, 3, 5, 5), [20, 20]),
     ValueError, r"from \(11, 11\) to \(12, 12\)"),
    (lambda lib: lib.nn.ConvTranspose2d(3, 2, 3)(lib.zeros(1, 3, 5, 5), [7]), ValueError,
     "output_size of 2 or 4 numbers"),
    (lambda lib: lib.nn.functional.conv1d(lib.zeros(3), lib.zeros(1, 3, 1)), RuntimeError,
     r"conv1d: expected sequences"),
    (lambda lib: lib.nn.functional.conv3d(lib.zeros(3, 5), lib.zeros(1, 3, 1, 1, 1)), RuntimeError,
     r"conv3d: expected volumes"),
]


@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)


@pytest.mark.parametrize("kernel_size, error", [("3", TypeError), ((1, 2), TypeError),
                                                (1.5, TypeError), (0, ValueError)])
@pytest.mark.parametrize("name", ["Conv1d", "Conv3d", "ConvTranspose1d"])
def test_a_kernel_size_that_is_none_is_refused(name, kernel_size, error):
    with pytest.raises(error, match=f"{name}: kernel_size: expected"):
        getattr(nn, name)(1, 1, kernel_size)


def test_a_film_is_seen_frame_by_frame_by_a_flat_kernel():
    layer, film = nn.Conv3d(2, 3, (1, 3, 3)), pg.from_numpy(x(1, 2, 4, 5, 5).astype(np.float32))

    for t in range(4):
        frame = F.conv2d(film[:, :, t], layer.weight[:, :, 0], layer.bias)
        assert_close(layer(film)[:, :, t].detach().numpy(), frame.detach().numpy())
