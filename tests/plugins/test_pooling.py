"""Pooling and its reverse, and the window layers that are LeNet's, against PyTorch."""

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import nn
from plugrad.nn import functional as F

from ..tolerances import assert_close
from .parity import Row, cases, check, check_refusal, of, x

SHAPES = {"1d": (2, 3, 9), "2d": (2, 3, 7, 8), "3d": (2, 2, 5, 6, 7)}
SLIDING = [{}, {"stride": 1}, {"kernel_size": 3, "stride": 2, "padding": 1}, {"ceil_mode": True},
           {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}, {"kernel_size": 1}]


def rows(name, options, first):
    """A row per options; and one each without a batch, and with an empty one."""
    shape = SHAPES[name[-2:]]
    return [*(Row(name, first | changed, (x(*shape),)) for changed in options),
            Row(name, first, (x(*shape[1:]),)), Row(name, first, (x(0, *shape[1:]),))]


def places(shape, below, seed=0):
    """Indices, different ones in each plane."""
    rng = np.random.default_rng(seed)
    planes = [rng.permutation(below)[:int(np.prod(shape[2:]))] for _ in range(shape[0] * shape[1])]
    return np.stack(planes).reshape(shape)


KERNEL, P2 = {"kernel_size": 2}, {"norm_type": 2, "kernel_size": 2}
ROWS = [
    *rows("MaxPool1d", [*SLIDING, {"dilation": 2}, {"return_indices": True}], KERNEL),
    *rows("MaxPool3d", [*SLIDING, {"dilation": 2}, {"return_indices": True},
                        {"kernel_size": (2, 3, 1), "stride": (1, 2, 3), "padding": (1, 1, 0),
                         "dilation": (2, 1, 1), "return_indices": True}], KERNEL),
    *rows("AvgPool1d", [*SLIDING, {"kernel_size": 3, "padding": 1, "count_include_pad": False}],
          KERNEL),
    *rows("AvgPool3d", [*SLIDING, {"kernel_size": 3, "padding": 1, "count_include_pad": False},
                        {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True,
                         "count_include_pad": False},
                        {"kernel_size": (1, 2, 3), "stride": (2, 1, 3)},
                        {"kernel_size": 3, "padding": 1, "divisor_override": 5}], KERNEL),
    *(row for name, sizes in (
        ("AdaptiveAvgPool1d", (1, 4, 9, 11)), ("AdaptiveMaxPool1d", (1, 4, 9, 11)),
        ("AdaptiveMaxPool2d", (1, (2, 5), (None, 4), (7, 8), 9)),
        ("AdaptiveAvgPool3d", (1, (2, 4, 3), (None, 1, 7), 8)),
        ("AdaptiveMaxPool3d", (1, (2, 4, 3), (None, 1, 7), 8)))
      for row in rows(name, [{"output_size": size} for size in sizes], {"output_size": 3})),
    *(row for n in (1, 2, 3) for row in rows(
        f"AdaptiveMaxPool{n}d", [{"return_indices": True}], {"output_size": 2})),
    *(row for n in (1, 2, 3) for row in rows(
        f"LPPool{n}d", [{}, {"stride": 1}, {"kernel_size": 3, "ceil_mode": True}, {"norm_type": 4},
                        {"stride": 3, "kernel_size": 1}, {"norm_type": 1}], P2)),
    Row("LPPool2d", {"norm_type": 3, "kernel_size": (2, 1), "stride": (1, 2)},
        (abs(x(2, 3, 4, 5)),)),
    Row("LPPool1d", {"norm_type": 1.5, "kernel_size": 2}, (abs(x(2, 3, 6)),)),
    Row("LPPool2d", P2, (np.zeros((1, 1, 4, 4)),)),
    *(Row("MaxUnpool1d", {"kernel_size": 2} | options, (x(2, 3, 4), places((2, 3, 4), 8)))
      for options in ({}, {"kernel_size": 3}, {"kernel_size": 3, "stride": 3, "padding": 1})),
    *(Row("MaxUnpool2d", {"kernel_size": 2} | options, (x(2, 3, 4, 3), places((2, 3, 4, 3), 24)))
      for options in ({}, {"kernel_size": (3, 2)}, {"kernel_size": 3, "stride": 2, "padding": 1},
                      {"stride": (3, 2)})),
    Row("MaxUnpool2d", KERNEL, (x(3, 2, 2), places((1, 3, 2, 2), 16)[0])),
    Row("MaxUnpool3d", KERNEL, (x(2, 2, 2, 2, 3), places((2, 2, 2, 2, 3), 96))),
    Row("MaxUnpool3d", {"kernel_size": (2, 1, 3), "padding": (1, 0, 1)},
        (x(1, 2, 2, 4, 2), places((1, 2, 2, 4, 2), 32))),
    *(Row("Unfold", {"kernel_size": 2} | options, (x(2, 3, 6, 5),)) for options in (
        {}, {"kernel_size": (2, 3)}, {"dilation": 2}, {"padding": (1, 0), "stride": (2, 1)})),
    Row("Unfold", {"kernel_size": 3}, (x(3, 6, 5),)),
    Row("Fold", {"output_size": (4, 5), "kernel_size": 2}, (x(2, 12, 12),)),
    Row("Fold", {"output_size": (4, 5), "kernel_size": (2, 3), "dilation": (2, 1),
                 "padding": (0, 1), "stride": 2}, (x(2, 12, 3),)),
    Row("Fold", {"output_size": 4, "kernel_size": 2, "stride": 2}, (x(8, 4),)),
    Row("F.unfold", {"kernel_size": (2, 3), "dilation": (2, 1), "stride": 2}, (x(2, 3, 6, 5),)),
    Row("F.fold", {"output_size": (4, 5), "kernel_size": 2, "padding": 1}, (x(2, 12, 30),)),
    Row("F.max_pool1d", {"kernel_size": 3, "stride": 2, "padding": 1}, (x(2, 3, 9),)),
    Row("F.max_pool2d", {"kernel_size": 2, "return_indices": True}, (x(2, 3, 6, 7),)),
    Row("F.max_pool3d", {"kernel_size": 2, "stride": 1, "return_indices": True}, (x(2, 4, 4, 4),)),
    Row("F.avg_pool1d", {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False},
        (x(2, 3, 9),)),
    Row("F.avg_pool2d", {"kernel_size": 2, "divisor_override": 3}, (x(2, 3, 6, 7),)),
    Row("F.avg_pool3d", {"kernel_size": 2, "padding": 1}, (x(2, 4, 4, 4),)),
    *(Row(f"F.adaptive_{kind}_pool{n}d", {"output_size": 3}, (x(2, 3, *(5,) * n),))
      for n in (1, 2, 3) for kind in ("avg", "max")),
    Row("F.adaptive_max_pool2d", {"output_size": (2, 3), "return_indices": True}, (x(3, 5, 4),)),
    *(Row(f"F.lp_pool{n}d", {"norm_type": 2, "kernel_size": 2}, (x(2, 3, *(5,) * n),))
      for n in (1, 2, 3)),
    *(Row(f"F.max_unpool{n}d", {"kernel_size": 2},
          (x(1, 2, *(3,) * n), places((1, 2, *(3,) * n), 6 ** n))) for n in (1, 2, 3)),
    Row("F.max_unpool2d", {"kernel_size": 2, "output_size": (7, 5)},
        (x(1, 2, 3, 3), places((1, 2, 3, 3), 35))),
    Row("F.max_unpool2d", {"kernel_size": 2, "output_size": (1, 2, 7, 5)},
        (x(1, 2, 3, 3), places((1, 2, 3, 3), 35))),
]


@cases(ROWS)
def test_pooling_is_pytorchs(row, dtype, training):
    check(row, dtype, training)


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf, 0.0])
@pytest.mark.parametrize("name, options", [
    ("max_pool1d", {"kernel_size": 3, "stride": 2, "padding": 1}),
    ("max_pool3d", {"kernel_size": 2}), ("adaptive_max_pool1d", {"output_size": 3}),
    ("adaptive_max_pool2d", {"output_size": (3, 2)}), ("adaptive_max_pool3d", {"output_size": 3})])
def test_maxima_and_places_of_special_numbers_are_pytorchs(name, options, special):
    """NaN is the largest, and of equal ones the first counts."""
    image = x(2, 3, *(6,) * int(name[-2])).astype(np.float32)
    image[np.random.default_rng(0).random(image.shape) < 0.4] = special

    ours = of(pg, f"F.{name}")(pg.from_numpy(image), **options, return_indices=True)
    theirs = of(torch, f"F.{name}")(torch.from_numpy(image), **options, return_indices=True)

    for got, expected in zip(ours, theirs, strict=True):
        assert_close(got.numpy(), expected.numpy())


@pytest.mark.parametrize("n", [1, 2, 3])
def test_unpooling_puts_the_maxima_back(n):
    image = pg.from_numpy(x(2, 3, *(6,) * n))
    pool, unpool = of(pg, f"MaxPool{n}d")(2, return_indices=True), of(pg, f"MaxUnpool{n}d")(2)

    y, at = pool(image)
    back = unpool(y, at, output_size=image.shape).numpy()

    kept = back != 0
    assert kept.sum() == y.numel() and (back[kept] == image.numpy()[kept]).all()


def median_in_pytorch(image, kernel, stride, padding):
    """The same with PyTorch's own windows and median."""
    h, w = padding
    padded = torch.nn.functional.pad(image, (w, w, h, h), mode="reflect")
    windows = padded.unfold(2, kernel[0], stride[0]).unfold(3, kernel[1], stride[1])
    return windows.flatten(4).median(4).values


@pytest.mark.parametrize("kernel, stride, padding", [
    ((3, 3), (3, 3), (0, 0)), ((3, 3), (1, 1), (1, 1)), ((2, 2), (2, 2), (0, 0)),
    ((2, 3), (1, 2), (1, 0)), ((1, 1), (2, 2), (0, 0))])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_median_of_windows_and_its_gradient(kernel, stride, padding, dtype):
    image = x(2, 3, 6, 7).astype(dtype)
    ours, theirs = pg.from_numpy(image).requires_grad_(), torch.from_numpy(image).requires_grad_()

    y = nn.MedianPool2d(kernel, stride, padding)(ours)
    expected = median_in_pytorch(theirs, kernel, stride, padding)
    (y ** 2).sum().backward()
    (expected ** 2).sum().backward()

    assert_close(y.detach().numpy(), expected.detach().numpy())
    assert_close(ours.grad.numpy(), theirs.grad.numpy())


def test_a_median_filter_takes_out_a_wild_pixel_and_keeps_an_edge():
    image = pg.zeros(1, 6, 6)
    image[:, :, 3:] = 1
    wild = image.clone()
    wild[0, 2, 1] = 1e6

    assert nn.MedianPool2d(3, stride=1, padding=1)(wild).tolist() == image.tolist()
    assert F.median_pool2d(image.unsqueeze(0), 3, 1, 1).tolist() == [image.tolist()]
    assert repr(nn.MedianPool2d(3)) == "MedianPool2d(kernel_size=3, stride=3, padding=0)"


def test_subsampling_is_lenets():
    layer, image = nn.Subsampling2d(6), pg.from_numpy(x(2, 6, 28, 28).astype(np.float32))

    y = layer(image)

    w, b = (p.detach().numpy()[:, None, None] for p in (layer.weight, layer.bias))
    sums = image.numpy().reshape(2, 6, 14, 2, 14, 2).sum((3, 5))
    assert_close(y.detach().numpy(), sums * w + b)
    assert sum(p.numel() for p in layer.parameters()) == 12             # as the paper counts
    assert tuple(layer(image[0]).shape) == (6, 14, 14)
    assert repr(layer) == "Subsampling2d(6, kernel_size=(2, 2), stride=(2, 2))"


def test_subsampling_begins_uniform():
    pg.manual_seed(0)

    weight = nn.Subsampling2d(4000, kernel_size=3).weight.detach().numpy()

    assert 0.33 < abs(weight).max() <= 1 / 3 + 1e-6
    assert abs(weight.std() * np.sqrt(27) - 1) < 0.05


def lenets_c3(**options):
    return nn.ConnectedConv2d(6, 16, 5, nn.ConnectedConv2d.LENET5_C3, **options)


def test_lenets_c3_has_as_many_parameters_as_the_paper_says():
    layer = lenets_c3()

    assert sum(p.numel() for p in layer.parameters()) == 1516
    assert list(layer.state_dict()) == ["weight", "bias"]
    assert repr(layer) == ("ConnectedConv2d(6, 16, kernel_size=(5, 5), connections=60, "
                           "stride=(1, 1))")


@pytest.mark.parametrize("options", [{}, {"stride": 2, "padding": 1}, {"bias": False}])
def test_a_connected_convolution_sees_the_channels_of_its_table(options):
    layer, image = lenets_c3(**options), pg.from_numpy(x(2, 6, 14, 14).astype(np.float32))
    given = {key: value for key, value in options.items() if key != "bias"}

    y, first = layer(image), 0

    for o, inputs in enumerate(nn.ConnectedConv2d.LENET5_C3):
        weight = layer.weight[first:first + len(inputs)].unsqueeze(0)
        bias = None if layer.bias is None else layer.bias[o:o + 1]
        expected = F.conv2d(image[:, list(inputs)], weight, bias, **given)
        assert_close(y[:, o:o + 1].detach().numpy(), expected.detach().numpy())
        first += len(inputs)


def test_connected_weights_begin_uniform_by_the_inputs_of_their_output():
    pg.manual_seed(0)

    layer = nn.ConnectedConv2d(9, 2, 20, [range(9), [4]])

    for weight, inputs in ((layer.weight[:9], 9), (layer.weight[9:], 1)):
        bound = 1 / np.sqrt(inputs * 400)
        assert 0.95 * bound < weight.abs().max().item() <= bound * (1 + 1e-6)


BAD = [
    (lambda lib: lib.nn.MaxPool1d(9)(lib.zeros(1, 1, 5)), RuntimeError, "does not fit"),
    (lambda lib: lib.nn.MaxPool1d(2)(lib.zeros(5)), RuntimeError,
     r"max_pool1d: expected sequences \(N, C, L\) or \(C, L\), got shape \(5,\)"),
    (lambda lib: lib.nn.MaxPool3d(2)(lib.zeros(4, 5)), RuntimeError, "expected volumes"),
    (lambda lib: lib.nn.MaxPool3d(2, padding=2)(lib.zeros(1, 4, 4, 4)),
     (RuntimeError, ValueError), "half"),
    (lambda lib: lib.nn.AvgPool1d(9)(lib.zeros(1, 1, 5)), RuntimeError, "does not fit"),
    (lambda lib: lib.nn.AvgPool3d(2)(lib.zeros(4, 5)), RuntimeError, "expected volumes"),
    (lambda lib: lib.nn.AdaptiveMaxPool2d(2)(lib.zeros(4, 5)), RuntimeError, "expected images"),
    (lambda lib: lib.nn.AdaptiveMaxPool2d(-1)(lib.zeros(1, 4, 5)), (RuntimeError, ValueError),
     "at least 0"),
    (lambda lib: lib.nn.AdaptiveMaxPool1d(2)(lib.zeros(1, 2, 0)), RuntimeError, "with pixels"),
    (lambda lib: lib.nn.LPPool2d(2, 9)(lib.zeros(1, 1, 5, 5)), RuntimeError, "does not fit"),
    (lambda lib: lib.nn.MaxUnpool2d(2)(lib.zeros(1, 2, 2), lib.zeros(1, 2, 1).long()),
     RuntimeError, "indices of the input's shape"),
    (lambda lib: lib.nn.MaxUnpool2d(2)(lib.zeros(1, 2, 2), lib.zeros(1, 2, 2).long() + 99),
     RuntimeError, "99 is out of bounds"),
    (lambda lib: lib.nn.MaxUnpool2d(2)(lib.zeros(1, 2, 2), lib.zeros(1, 2, 2).long(), (9, 9)),
     ValueError, r"output_size of 2 numbers, nearer to \(4, 4\)"),
    (lambda lib: lib.nn.Unfold(9)(lib.zeros(1, 1, 5, 5)), RuntimeError, "unfold"),
    (lambda lib: lib.nn.Fold(4, 2)(lib.zeros(1, 4, 7)), RuntimeError, "fold"),
    (lambda lib: lib.nn.Fold(4, 2)(lib.zeros(1, 5, 9)), RuntimeError, "fold"),
]


@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)


@pytest.mark.parametrize("call, error, text", [
    (lambda: nn.MedianPool2d(9)(pg.zeros(1, 5, 5)), RuntimeError, "does not fit"),
    (lambda: nn.MedianPool2d(2)(pg.zeros(5)), RuntimeError, "expected images"),
    (lambda: nn.MedianPool2d(3, padding=5)(pg.zeros(1, 5, 5)), RuntimeError, "reflect"),
    (lambda: nn.Subsampling2d(3)(pg.zeros(1, 4, 6, 6)), RuntimeError,
     r"Subsampling2d: expected images \(N, 3, H, W\)"),
    (lambda: nn.Subsampling2d("3"), TypeError, "channels: expected an int"),
    (lambda: nn.ConnectedConv2d(3, 3, 2, [[0], [1]]), ValueError, "of 3 outputs, got 2"),
    (lambda: nn.ConnectedConv2d(3, 2, 2, [[0], [1, 3]]), ValueError, r"connections\[1\].* 0 to 2"),
    (lambda: nn.ConnectedConv2d(3, 2, 2, [[0], [1, 1]]), ValueError, "each once"),
    (lambda: nn.ConnectedConv2d(3, 2, 2, [[0], []]), ValueError, r"connections\[1\]"),
    (lambda: nn.ConnectedConv2d(3, 1, 2, [[0]])(pg.zeros(1, 4, 6, 6)), RuntimeError,
     r"ConnectedConv2d: expected images \(N, 3, H, W\)"),
])
def test_bad_use_of_our_own_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()
