"""Images of another size, with other borders, and with their pixels elsewhere, against PyTorch."""

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad.nn import functional as F

from ..tolerances import VALUE, assert_close
from .parity import Row, cases, check, check_refusal, x

SHAPES = {1: (2, 3, 7), 2: (2, 3, 5, 7), 3: (1, 2, 4, 3, 5)}
PADS = ["ReflectionPad", "ReplicationPad", "CircularPad", "ZeroPad"]
ROWS = [
    *(Row(f"{name}{n}d", {"padding": padding}, (x(*SHAPES[n]),))
      for name in PADS for n in (1, 2, 3) for padding in (1, (2, 0) * n, 0)),
    *(Row(f"{name}{n}d", {"padding": (1, 2) * n}, (x(*SHAPES[n][1:]),))
      for name in PADS for n in (1, 2, 3)),
    *(Row(f"{name}{n}d", {"padding": 1}, (x(0, *SHAPES[n][1:]),))
      for name in PADS for n in (1, 2, 3)),
    *(Row(f"ConstantPad{n}d", {"padding": padding, "value": 3.5}, (x(*SHAPES[n]),))
      for n in (1, 2, 3) for padding in (2, (1, 0) * n, (-1, 2) * n)),
    Row("ConstantPad1d", {"padding": 1, "value": -2}, (x(5),)),
    Row("ZeroPad2d", {"padding": (-1, 1, 2, -2)}, (x(5, 4),)),
    Row("ReflectionPad1d", {"padding": (-1, 3)}, (x(2, 3, 7),)),
    Row("ReplicationPad1d", {"padding": (9, -1)}, (x(2, 3, 7),)),
    Row("CircularPad1d", {"padding": (7, 7)}, (x(2, 3, 7),)),
    *(Row("PixelShuffle", {"upscale_factor": r}, (x(*shape),)) for r, shape in (
        (2, (2, 8, 3, 2)), (3, (9, 2, 2)), (1, (2, 3, 2, 2)), (2, (2, 1, 4, 3, 3)))),
    *(Row("PixelUnshuffle", {"downscale_factor": r}, (x(*shape),)) for r, shape in (
        (2, (2, 3, 4, 6)), (3, (2, 6, 3)), (1, (2, 3, 2, 2)), (2, (2, 1, 3, 2, 4)))),
    *(Row("ChannelShuffle", {"groups": g}, (x(*shape),)) for g, shape in (
        (2, (2, 6, 3, 2)), (3, (2, 6, 4)), (1, (1, 4, 2, 2)), (4, (1, 4, 2, 2, 2)))),
    Row("F.pixel_shuffle", {"upscale_factor": 2}, (x(1, 4, 2, 3),)),
    Row("F.pixel_unshuffle", {"downscale_factor": 2}, (x(1, 1, 4, 6),)),
    Row("F.channel_shuffle", {"groups": 2}, (x(1, 4, 3),)),
    *(Row("UpsamplingNearest2d", options, (x(*SHAPES[2]),)) for options in (
        {"size": 9}, {"size": (4, 13)}, {"scale_factor": 2}, {"scale_factor": (1.5, 3)})),
    *(Row("UpsamplingBilinear2d", options, (x(*SHAPES[2]),)) for options in (
        {"size": 9}, {"size": (1, 13)}, {"scale_factor": 2}, {"scale_factor": (1.5, 3)})),
    Row("Upsample", {"scale_factor": 2}, (x(2, 3, 5),)),
    Row("Upsample", {"size": (9, 4), "mode": "bilinear", "align_corners": True}, (x(2, 3, 5, 7),)),
    Row("Upsample", {"scale_factor": (1.5, 2.5), "mode": "bicubic"}, (x(2, 3, 5, 7),)),
    Row("Upsample", {"scale_factor": 1.7, "mode": "bilinear", "recompute_scale_factor": True},
        (x(2, 3, 5, 7),)),
]

ROWS += [Row("F.pad", {"pad": (1, 2) * n, "mode": mode}, (x(*SHAPES[n]),))
         for mode in ("constant", "reflect", "replicate", "circular") for n in (1, 2, 3)]
ROWS += [Row("F.pad", {"pad": pad, "value": value}, (x(2, 3, 4),))
         for pad, value in (((1, -1), 2.5), ((1, 0, 0, 2, 3, 1), -1), ((), 3))]

MODES = [("nearest", 1), ("nearest", 2), ("nearest", 3), ("nearest-exact", 1), ("nearest-exact", 2),
         ("nearest-exact", 3), ("area", 1), ("area", 2), ("area", 3), ("linear", 1),
         ("bilinear", 2), ("trilinear", 3), ("bicubic", 2)]
HOW = [{"size": 11}, {"size": 3}, {"size": 1}, {"scale_factor": 2}, {"scale_factor": 1.7},
       {"scale_factor": 0.6}, {"scale_factor": 1.7, "recompute_scale_factor": True}]
ROWS += [Row("F.interpolate", {"mode": mode} | how, (x(*SHAPES[n]),))
         for mode, n in MODES for how in HOW]
ROWS += [Row("F.interpolate", {"mode": mode, "align_corners": True} | how, (x(*SHAPES[n]),))
         for mode, n in MODES[-4:] for how in HOW]
ROWS += [Row("F.interpolate", {"mode": mode, "antialias": True, "align_corners": align} | how,
             (x(*SHAPES[2]),))
         for mode in ("bilinear", "bicubic") for align in (False, True) for how in HOW]
ROWS += [Row("F.interpolate", {"mode": mode, "size": SHAPES[n][2:]}, (x(*SHAPES[n]),))
         for mode, n in MODES]
ROWS += [Row("F.interpolate", {"mode": mode, "size": 6}, (x(0, *SHAPES[n][1:]),))
         for mode, n in MODES]


@cases(ROWS)
def test_resampling_is_pytorchs(row, dtype, training):
    check(row, dtype, training)


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "linear"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("before", [3, 7, 10, 64])
def test_every_size_takes_pytorchs_pixels(mode, dtype, before):
    """Where a place lies between two pixels is a matter of rounding: of PyTorch's rounding."""
    line = x(1, 1, before).astype(dtype)

    for after in range(1, 3 * before):
        ours = F.interpolate(pg.from_numpy(line), after, mode=mode)
        theirs = torch.nn.functional.interpolate(torch.from_numpy(line), after, mode=mode)
        assert_close(ours.numpy(), theirs.numpy(), what=f"{before} -> {after}")


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "linear"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("scale", [0.31, 0.7, 1.1, 1.3, 2.4, 3.3, 7.7])
def test_every_scale_takes_pytorchs_pixels(mode, dtype, scale):
    line = x(1, 1, 50).astype(dtype)

    assert_close(F.interpolate(pg.from_numpy(line), scale_factor=scale, mode=mode).numpy(),
                 torch.nn.functional.interpolate(torch.from_numpy(line), scale_factor=scale,
                                                 mode=mode).numpy())


@pytest.mark.parametrize("mode", ["nearest", "bilinear", "bicubic", "area"])
def test_special_numbers_reach_as_far_as_in_pytorch(mode):
    image = x(1, 2, 6, 6)
    image[0, 0, 2, 3], image[0, 1, 4, 1] = np.nan, np.inf

    assert_close(F.interpolate(pg.from_numpy(image), (9, 10), mode=mode).numpy(),
                 torch.nn.functional.interpolate(torch.from_numpy(image), (9, 10),
                                                 mode=mode).numpy(), VALUE)


def test_whole_numbers_and_bytes_stay_what_they_are():
    image = np.arange(16, dtype=np.uint8).reshape(1, 1, 4, 4)

    ours = F.interpolate(pg.from_numpy(image), scale_factor=2)
    theirs = torch.nn.functional.interpolate(torch.from_numpy(image), scale_factor=2)

    assert_close(ours.numpy(), theirs.numpy())


@pytest.mark.parametrize("shape", [(2, 8, 3, 4), (0, 4, 3, 3)])
def test_unshuffling_undoes_shuffling(shape):
    """An empty batch as well, where PyTorch's own gradient fails."""
    image = pg.from_numpy(x(*shape)).requires_grad_()

    y = F.pixel_unshuffle(F.pixel_shuffle(image, 2), 2)
    y.sum().backward()

    assert y.tolist() == image.tolist() and tuple(image.grad.shape) == shape


BAD = [
    (lambda lib: lib.nn.functional.interpolate(lib.zeros(1, 1, 4), 3, antialias=True), ValueError,
     "antialias with mode 'bilinear' or 'bicubic'"),
    (lambda lib: lib.nn.functional.interpolate(lib.zeros(1, 1, 4).long(), 3, mode="linear"),
     NotImplementedError, "takes floats"),
    (lambda lib: lib.nn.Upsample()(lib.zeros(1, 1, 4)), ValueError, "neither"),
    (lambda lib: lib.nn.Upsample(3, 2)(lib.zeros(1, 1, 4)), ValueError, "both"),
    (lambda lib: lib.nn.Upsample(3, mode="nearest", align_corners=True)(lib.zeros(1, 1, 4)),
     ValueError, "no align_corners with mode 'nearest'"),
    (lambda lib: lib.nn.Upsample(3, mode="bilinear")(lib.zeros(1, 1, 4)), NotImplementedError,
     r"'bilinear' takes 4D input \(N, C, ...\), got shape \(1, 1, 4\)"),
    (lambda lib: lib.nn.Upsample(3)(lib.zeros(1, 4)), NotImplementedError,
     "takes 3D or 4D or 5D input"),
    (lambda lib: lib.nn.Upsample((3, 4))(lib.zeros(1, 1, 4)), ValueError, "expected one number"),
    (lambda lib: lib.nn.Upsample(scale_factor=(3, 4))(lib.zeros(1, 1, 4)), ValueError,
     "expected one number"),
    (lambda lib: lib.nn.Upsample(3, recompute_scale_factor=True)(lib.zeros(1, 1, 4)), ValueError,
     "no meaning with size"),
    (lambda lib: lib.nn.Upsample(0)(lib.zeros(1, 1, 4)), RuntimeError, "at least 1"),
    (lambda lib: lib.nn.ReflectionPad2d(1)(lib.zeros(4, 5)), NotImplementedError,
     r"ReflectionPad2d: expected images \(N, C, H, W\)"),
    (lambda lib: lib.nn.ReplicationPad3d(1)(lib.zeros(2, 4, 5)), NotImplementedError,
     "expected volumes"),
    (lambda lib: lib.nn.CircularPad1d(1)(lib.zeros(4)), ValueError, "expected sequences"),
    (lambda lib: lib.nn.ReflectionPad1d(5)(lib.zeros(1, 1, 5)), RuntimeError, "at most 4"),
    (lambda lib: lib.nn.CircularPad1d(6)(lib.zeros(1, 1, 5)), RuntimeError, "at most 5"),
    (lambda lib: lib.nn.ConstantPad1d(-3, 0)(lib.zeros(1, 1, 5)), RuntimeError, "cut more off"),
    (lambda lib: lib.nn.PixelShuffle(2)(lib.zeros(1, 6, 2, 2)), RuntimeError, "C \\* r \\* r"),
    (lambda lib: lib.nn.PixelShuffle(2)(lib.zeros(4, 2)), RuntimeError, "pixel_shuffle: expected"),
    (lambda lib: lib.nn.PixelUnshuffle(2)(lib.zeros(1, 3, 2)), RuntimeError, "H \\* r, W \\* r"),
    (lambda lib: lib.nn.PixelUnshuffle(0)(lib.zeros(1, 2, 2)), RuntimeError, "r at least 1"),
    (lambda lib: lib.nn.ChannelShuffle(4)(lib.zeros(1, 6, 2)), RuntimeError, "divisible by groups"),
]


@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)


@pytest.mark.parametrize("call, error, text", [
    (lambda: F.interpolate(pg.zeros(1, 1, 4), 3, mode="cubic"), ValueError, "mode: expected one"),
    (lambda: pg.nn.ZeroPad2d((1, 2)), TypeError, "ZeroPad2d: padding: expected an int or 4 ints"),
    (lambda: pg.nn.ZeroPad1d(1.5), TypeError, "ZeroPad1d: padding"),
    (lambda: pg.nn.ConstantPad1d(1, "0"), TypeError, "ConstantPad1d: value: expected a number"),
])
def test_options_are_checked(call, error, text):
    with pytest.raises(error, match=text):
        call()
