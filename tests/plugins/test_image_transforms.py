"""Transforms of images against NumPy, PyTorch's resampling and Python's colorsys."""

import colorsys
import math

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import data
from plugrad.data import images


def image(*shape, dtype="float32", seed=0):
    """Random pixels: 0..1, or 0..255 of uint8."""
    x = np.random.default_rng([seed, *shape]).random(shape)
    return (x * 255).astype(dtype) if dtype == "uint8" else x.astype(dtype)


def applied(transform, x):
    """What becomes of a NumPy array (..., H, W)."""
    return transform(pg.from_numpy(x.copy())).numpy()


def drawn(transform, x, times, seed=0):
    pg.manual_seed(seed)
    return [applied(transform, x) for _ in range(times)]


# Every transform that changes an image (3, 8, 8), and the same again for an image (8, 8).
RANDOM = [
    data.RandomCrop(5), data.RandomCrop(8, padding=2, padding_mode="reflect"),
    data.RandomResizedCrop(6), data.RandomHorizontalFlip(), data.RandomVerticalFlip(),
    data.RandomRotation(30), data.RandomAffine(30, (0.2, 0.2), (0.5, 2), 10), data.RandomErasing(),
    data.GaussianBlur(3), data.RandomApply([data.CenterCrop(3), data.Pad(1)]),
    data.RandomChoice([data.Pad(1), data.CenterCrop(3)]),
]
FIXED = [data.Pad(2), data.CenterCrop(5), data.Resize(5), data.Resize((4, 9))]
COLORED = [data.ColorJitter(0.5, 0.5, 0.5, 0.2), data.RandomGrayscale(0.5)]


@pytest.mark.parametrize("transform", [*RANDOM, *COLORED], ids=repr)
def test_the_seed_says_what_is_drawn(transform):
    x = image(3, 8, 8)

    one, two, other = (drawn(transform, x, 8, seed) for seed in (1, 1, 2))

    assert all(np.array_equal(a, b) for a, b in zip(one, two))
    assert not all(np.array_equal(a, b) for a, b in zip(one, other))


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
@pytest.mark.parametrize("transform", [*RANDOM, *COLORED, *FIXED, data.Grayscale(3)], ids=repr)
def test_a_batch_is_changed_as_its_images_and_keeps_its_dtype(transform, dtype):
    x = image(2, 3, 8, 8, dtype=dtype)
    [batch], [first] = drawn(transform, x, 1), drawn(transform, x[0], 1)

    np.testing.assert_allclose(batch[0], first, atol=1e-6)
    assert batch.dtype == dtype and batch.shape[:2] == (2, 3)


@pytest.mark.parametrize("transform", [*FIXED, data.Grayscale()], ids=repr)
def test_what_is_not_random_takes_whole_batches_of_a_loader(transform):
    x = image(4, 3, 8, 8)
    batch = data.batch_transform(transform)(pg.from_numpy(x)).numpy()

    np.testing.assert_allclose(batch, np.stack([applied(transform, part) for part in x]), atol=1e-6)


@pytest.mark.parametrize("transform", [*RANDOM, *COLORED], ids=repr)
def test_what_is_random_goes_sample_by_sample(transform):
    assert data.batch_transform(transform) is None


@pytest.mark.parametrize("transform", [*RANDOM, *COLORED, *FIXED], ids=repr)
def test_the_image_itself_stays_as_it_was(transform):
    x = pg.from_numpy(image(3, 8, 8))
    for _ in range(4):
        transform(x)

    assert np.array_equal(x.numpy(), image(3, 8, 8))


@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "symmetric"])
@pytest.mark.parametrize("padding, sides", [
    (2, (2, 2, 2, 2)), ((1, 3), (1, 3, 1, 3)), ([4, 0, 1, 2], (4, 0, 1, 2)),
])
def test_pad_is_numpys(padding, sides, mode):
    x, (left, top, right, bottom) = image(2, 5, 6), sides
    options = {"constant_values": 7} if mode == "constant" else {}

    got = applied(data.Pad(padding, 7, mode), x)

    assert np.array_equal(got, np.pad(x, ((0, 0), (top, bottom), (left, right)), mode, **options))


@pytest.mark.parametrize("h, w, oh, ow", [(7, 8, 3, 4), (8, 8, 8, 8), (5, 9, 7, 3), (3, 2, 6, 6),
                                          (2, 3, 5, 6)])
def test_center_crop_takes_the_middle(h, w, oh, ow):
    x, (down, right) = image(1, h, w), (max(oh - h, 0), max(ow - w, 0))
    padded = np.pad(x, ((0, 0), (down // 2, -(-down // 2)), (right // 2, -(-right // 2))))
    before, left = padded.shape[1] - oh, padded.shape[2] - ow
    got = applied(data.CenterCrop((oh, ow)), x)

    assert any(np.array_equal(got, padded[:, i:i + oh, j:j + ow])
               for i in {before // 2, -(-before // 2)} for j in {left // 2, -(-left // 2)})


def test_random_crops_are_everywhere_alike():
    x = np.arange(5 * 6, dtype=np.float32).reshape(1, 5, 6)
    seen = drawn(data.RandomCrop((3, 4)), x, 3000)
    corners = [int(y[0, 0, 0]) for y in seen]

    counts = np.unique(corners, return_counts=True)
    assert counts[0].tolist() == [0, 1, 2, 6, 7, 8, 12, 13, 14]
    assert ((counts[1] - 3000 / 9) ** 2 / (3000 / 9)).sum() < 26        # χ² of 8: 1 in 1,000
    for corner, y in zip(corners[:50], seen):
        top, left = divmod(corner, 6)
        assert np.array_equal(y, x[:, top:top + 3, left:left + 4])


def test_random_crop_pads_first_and_where_needed():
    x = image(1, 4, 4)
    padded = np.pad(x, ((0, 0), (2, 2), (2, 2)), "reflect")
    windows = {np.lib.stride_tricks.sliding_window_view(padded[0], (4, 4))[i, j].tobytes()
               for i in range(5) for j in range(5)}
    seen = {y.tobytes() for y in drawn(data.RandomCrop(4, 2, padding_mode="reflect"), x, 300)}

    assert seen == windows
    wide = np.pad(x, ((0, 0), (0, 0), (3, 3)), constant_values=9)
    assert {y.tobytes() for y in drawn(data.RandomCrop((4, 7), None, True, 9), x, 100)} == {
        wide[:, :, i:i + 7].tobytes() for i in range(4)}
    assert drawn(data.RandomCrop((6, 2), pad_if_needed=True), x, 1)[0].shape == (1, 6, 2)
    assert np.array_equal(drawn(data.RandomCrop(4, pad_if_needed=True), x, 1)[0], x)


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "bilinear", "bicubic"])
@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_resize_is_pytorchs(mode, antialias, dtype):
    x = image(3, 9, 7, dtype=dtype)
    theirs = torch.nn.functional.interpolate(
        torch.from_numpy(x)[None].float(), (4, 11), mode=mode,
        antialias=antialias and mode in ("bilinear", "bicubic"))[0].numpy()
    if dtype == "uint8":
        theirs = theirs.round().clip(0, 255)

    got = applied(data.Resize((4, 11), mode, antialias=antialias), x)

    np.testing.assert_allclose(got, theirs, atol=1e-6)


@pytest.mark.parametrize("size, max_size, shape, expected", [
    (4, None, (8, 12), (4, 6)), (4, None, (12, 8), (6, 4)), (5, None, (5, 5), (5, 5)),
    (4, 5, (8, 12), (3, 5)), (4, 5, (12, 8), (5, 3)), (4, 6, (8, 12), (4, 6)),
    ((3, 4), None, (8, 12), (3, 4)),
])
def test_resize_keeps_the_proportion(size, max_size, shape, expected):
    assert applied(data.Resize(size, max_size=max_size), image(1, *shape)).shape[1:] == expected


def test_random_pieces_have_the_area_and_ratio_asked_for():
    pg.manual_seed(0)
    sizes = np.array([size for _ in range(300)
                      for size in images.pieces(900, 1200, (0.1, 0.5), (0.5, 4))])
    area, ratio = sizes.prod(1) / (900 * 1200), sizes[:, 1] / sizes[:, 0]

    for values, low, high in ((area, 0.1, 0.5), (np.log(ratio), math.log(0.5), math.log(4))):
        spread = (values - low) / (high - low)                  # uniform from 0 to 1
        assert spread.min() > -0.01 and spread.max() < 1.01
        assert np.abs(np.quantile(spread, [0.25, 0.5, 0.75]) - [0.25, 0.5, 0.75]).max() < 0.04


def test_random_resized_crop_is_a_piece_resized():
    x = image(3, 9, 9)
    whole = applied(data.RandomResizedCrop((4, 5), scale=(1, 1), ratio=(1, 1)), x)
    np.testing.assert_array_equal(whole, applied(data.Resize((4, 5)), x))
    rows = np.broadcast_to(np.arange(40.0)[:, None], (1, 40, 40))
    for y in drawn(data.RandomResizedCrop(5, (0.2, 0.3)), rows, 50):
        assert y.min() >= 0 and y.max() <= 39 and (np.diff(y, axis=1) > 0).all()
    tops = [y.min() for y in drawn(data.RandomResizedCrop(5, (0.2, 0.3)), rows, 200)]
    assert min(tops) < 4 and max(tops) > 12
    for y in drawn(data.RandomResizedCrop(5, (0.5, 1), (1, 20)), np.ones((1, 6, 30)), 50):
        np.testing.assert_allclose(y, np.ones((1, 5, 5)))       # few pieces fit, and none beyond x


def test_a_piece_that_never_fits_is_the_largest_in_the_middle():
    x = np.broadcast_to(np.arange(20.0), (1, 4, 20)).copy()
    crop = data.RandomResizedCrop((4, 8), scale=(4, 5), ratio=(2, 2))

    assert np.array_equal(applied(crop, x), x[..., 6:14])


def test_a_vertical_flip_happens_as_often_as_asked():
    x = image(3, 4, 5)
    seen = drawn(data.RandomVerticalFlip(0.3), x, 1000)
    flipped = [np.array_equal(y, x[:, ::-1]) for y in seen]

    assert 240 < sum(flipped) < 360
    assert all(f or np.array_equal(y, x) for f, y in zip(flipped, seen))


@pytest.mark.parametrize("quarters", [-1, 0, 1, 2, 3])
@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_quarters_of_a_turn_are_numpys(quarters, mode):
    for n in (5, 6):
        x = image(2, n, n, seed=n)
        got = applied(data.RandomRotation((90 * quarters,) * 2, mode), x)
        np.testing.assert_allclose(got, np.rot90(x, quarters, (1, 2)), atol=1e-6)
    x = image(2, 4, 7)
    got = applied(data.RandomRotation((90 * quarters,) * 2, mode, expand=True), x)
    np.testing.assert_allclose(got, np.rot90(x, quarters, (1, 2)), atol=1e-6)


def in_torch(x, matrix, mode):
    """x where an affine matrix in pixels from the middle leads, by PyTorch's grid_sample."""
    h, w = x.shape[-2:]
    rows, columns = np.mgrid[:h, :w]
    p = np.stack([columns - (w - 1) / 2, rows - (h - 1) / 2, np.ones((h, w))], -1)
    grid = p @ matrix.T / [w / 2, h / 2]
    return torch.nn.functional.grid_sample(
        torch.from_numpy(x)[None], torch.from_numpy(grid)[None], mode, align_corners=False)[0]


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
@pytest.mark.parametrize("seed", range(4))
def test_affine_maps_are_pytorchs(mode, seed):
    rng, x = np.random.default_rng(seed), image(2, 7, 9, dtype="float64")
    matrix = images.inverse_affine(rng.uniform(-90, 90), rng.uniform(-2, 2, 2),
                                   rng.uniform(0.5, 2), rng.uniform(-20, 20, 2),
                                   rng.uniform(-2, 2, 2))

    got = images.affine(pg.from_numpy(x), matrix, mode).numpy()

    np.testing.assert_allclose(got, in_torch(x, matrix, mode).numpy(), atol=1e-12)
    filled = images.affine(pg.from_numpy(x), matrix, mode, fill=5).numpy()
    outside = 1 - in_torch(np.ones_like(x), matrix, mode).numpy()
    np.testing.assert_allclose(filled, got + 5 * outside, atol=1e-12)


def test_an_affine_map_turns_clockwise_scales_shears_and_moves():
    def where(point, *options):
        """To where the map brings a point (column, row)."""
        inverse = images.inverse_affine(*options)
        return np.linalg.solve(inverse[:, :2], point - inverse[:, 2])

    np.testing.assert_allclose(where([1, 0], 90), [0, 1], atol=1e-12)        # right goes down
    np.testing.assert_allclose(where([1, 2], 0, (3, -1)), [4, 1])
    np.testing.assert_allclose(where([1, 2], 0, (0, 0), 2), [2, 4])
    np.testing.assert_allclose(where([1, 2], 0, (0, 0), 1, (45, 0)), [-1, 2])
    np.testing.assert_allclose(where([1, 2], 0, (0, 0), 1, (0, 45)), [1, 1])
    np.testing.assert_allclose(where([1, 2], 77, (0, 0), 3, (0, 0), (1, 2)), [1, 2])


def test_random_affine_moves_and_scales_within_its_limits():
    x = np.zeros((1, 21, 31), np.float32)
    x[0, 10, 15] = 1
    places = np.array([np.argwhere(y[0] == 1)[0] - (10, 15)
                       for y in drawn(data.RandomAffine(0, (0.1, 0.2)), x, 400)])
    assert sorted(set(places[:, 0])) == list(range(-4, 5))                  # 0.2 * 21
    assert sorted(set(places[:, 1])) == list(range(-3, 4))                  # 0.1 * 31

    sums = [y.sum() for y in drawn(data.RandomAffine(0, scale=(1, 2)), np.ones_like(x), 3)]
    assert sums == [21 * 31] * 3                                # larger: no border comes in sight
    assert drawn(data.RandomAffine(0, scale=(0.5, 0.5)), np.ones_like(x), 1)[0].sum() < 200


def test_random_affine_puts_its_draws_together():
    x, fixed = image(1, 9, 8), {"scale": (1.5, 1.5), "shear": (10, 10, -5, -5), "center": (2, 3)}
    matrix = images.inverse_affine(30, (0, 0), 1.5, (10, -5), (2 - 4, 3 - 4.5))

    got = applied(data.RandomAffine((30, 30), **fixed, fill=2, interpolation="bilinear"), x)

    expected = images.affine(pg.from_numpy(x), matrix, "bilinear", 2).numpy()
    np.testing.assert_allclose(got, expected, atol=1e-6)


def test_random_angles_are_within_their_limits():
    x = np.zeros((1, 41, 41), np.float32)
    x[0, 20, 40] = 1                                                        # in the east
    turned = drawn(data.RandomRotation((10, 60), "bilinear"), x, 200)
    angles = [math.degrees(math.atan2(20 - row, column - 20)) for row, column in (
        np.unravel_index(y[0].argmax(), (41, 41)) for y in turned)]

    assert 8 < min(angles) < 15 and 55 < max(angles) < 62


def test_a_rotation_about_a_corner_leaves_it_in_place():
    x = image(1, 6, 6)
    got = applied(data.RandomRotation((-90, -90), center=(0.5, 0.5)), x)

    assert got[0, 0, 0] == x[0, 0, 0] and np.array_equal(got[0, :, 0], x[0, 0])
    assert (got[0, :, 1:] == 0).all()


def test_grayscale_weighs_colors_as_television_did():
    x = image(3, 4, 5, dtype="float64")
    expected = np.tensordot([0.2989, 0.587, 0.114], x, 1)

    np.testing.assert_allclose(applied(data.Grayscale(3), x), [expected] * 3, atol=1e-12)
    assert np.array_equal(applied(data.Grayscale(), x[:1]), x[:1])
    white = np.full((3, 1, 1), 200, np.uint8)
    assert applied(data.Grayscale(), white).tolist() == [[[199]]]          # cut off, not rounded
    gray = [len({part.tobytes() for part in y}) == 1
            for y in drawn(data.RandomGrayscale(0.3), x, 1000)]
    assert 240 < sum(gray) < 360


def jitter(x, **options):
    """ColorJitter with one factor that is given."""
    [(name, value)] = options.items()
    return applied(data.ColorJitter(**{name: (value, value)}), x)


def test_color_jitter_has_the_formulas_of_light():
    x = image(3, 4, 5, dtype="float64")
    gray = np.tensordot([0.2989, 0.587, 0.114], x, 1)

    np.testing.assert_allclose(jitter(x, brightness=1.7), (1.7 * x).clip(0, 1))
    np.testing.assert_allclose(jitter(x, contrast=0.4), 0.4 * x + 0.6 * gray.mean())
    np.testing.assert_allclose(jitter(x, saturation=2.5), (2.5 * x - 1.5 * gray).clip(0, 1))
    np.testing.assert_allclose(jitter(x, saturation=0), [gray] * 3)
    assert np.array_equal(jitter(image(3, 2, 2, dtype="uint8"), brightness=0.5),
                          image(3, 2, 2, dtype="uint8") // 2)


@pytest.mark.parametrize("by", [-0.5, -0.2, 0.1, 0.5])
def test_hue_is_colorsyss(by):
    x = image(3, 6, 7, dtype="float64")
    x[:, 0] = x[:1, 0]                                                      # grays
    x[0, 1], x[1, 1] = 1, x[2, 1]                                           # two colors alike
    expected = np.empty_like(x)
    for i, j in np.ndindex(6, 7):
        h, s, v = colorsys.rgb_to_hsv(*x[:, i, j])
        expected[:, i, j] = colorsys.hsv_to_rgb((h + by) % 1, s, v)

    np.testing.assert_allclose(jitter(x, hue=by), expected, atol=1e-12)


def test_color_jitter_draws_within_its_limits_and_does_nothing_by_default():
    x = np.full((3, 1, 1), 0.25)
    factors = [y.mean() / 0.25 for y in drawn(data.ColorJitter(brightness=0.4), x, 500)]

    assert 0.6 <= min(factors) < 0.62 and 1.38 < max(factors) <= 1.4
    assert np.mean(factors) == pytest.approx(1, abs=0.04)
    assert applied(data.ColorJitter(), x * 100).tolist() == (x * 100).tolist()
    orders = {y.tobytes() for y in drawn(data.ColorJitter((3, 3), (0.1, 0.1)), image(3, 4, 4), 20)}
    assert len(orders) == 2                                     # brighter first, or contrast first
    assert data.ColorJitter(brightness=2).brightness == (0, 3)
    assert np.array_equal(applied(data.ColorJitter(0, 0, 0.5, 0.5), x[:1]), x[:1])


def test_random_erasing_erases_one_rectangle():
    x = image(3, 20, 30) + 1
    seen = drawn(data.RandomErasing(0.7, (0.1, 0.2), (0.4, 0.9), value=(7, 8, 9)), x, 500)
    erased = [y for y in seen if not np.array_equal(y, x)]

    assert 300 < len(erased) < 400
    for y in erased:
        at = y[0] != x[0]
        rows, columns = np.flatnonzero(at.any(1)), np.flatnonzero(at.any(0))
        h, w = np.ptp(rows) + 1, np.ptp(columns) + 1
        assert at.sum() == h * w and 0.08 < h * w / 600 < 0.22 and 0.3 < h / w < 1
        assert (y[:, at] == [[7], [8], [9]]).all() and np.array_equal(y[:, ~at], x[:, ~at])


def test_random_erasing_fills_with_noise_and_in_place():
    x = pg.zeros(3, 40, 40)
    pg.manual_seed(0)
    y = data.RandomErasing(1, (0.5, 0.6), (1, 1), "random", inplace=True)(x)
    noise = x.numpy()[x.numpy() != 0]

    assert y is x and 0.45 < noise.size / x.numel() < 0.65
    assert abs(noise.mean()) < 0.1 and noise.std() == pytest.approx(1, abs=0.1)
    assert not data.RandomErasing(1, (1, 1), (1, 1))(pg.ones(1, 4, 4)).eq(0).any()     # never fits


@pytest.mark.parametrize("kernel_size, sigma", [(3, 0.5), ((5, 3), 1.3), (1, 2.0)])
def test_gaussian_blur_is_a_weighted_mean(kernel_size, sigma):
    x = image(2, 7, 8, dtype="float64")
    kh, kw = (kernel_size,) * 2 if isinstance(kernel_size, int) else kernel_size
    rows, columns = np.mgrid[:kh, :kw]
    weights = np.exp(-((rows - kh // 2) ** 2 + (columns - kw // 2) ** 2) / (2 * sigma ** 2))
    padded = np.pad(x, ((0, 0), (kh // 2,) * 2, (kw // 2,) * 2), "reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), (1, 2))
    expected = (windows * weights).sum((-2, -1)) / weights.sum()

    np.testing.assert_allclose(applied(data.GaussianBlur(kernel_size, sigma), x), expected)


def test_sigma_is_drawn_within_its_limits():
    x = np.zeros((1, 9, 9))
    x[0, 4, 4] = 1
    peaks = [y.max() for y in drawn(data.GaussianBlur(5, (0.5, 1.0)), x, 200)]
    most, least = (applied(data.GaussianBlur(5, sigma), x).max() for sigma in (0.5, 1.0))

    assert least <= min(peaks) < least * 1.1 and most * 0.9 < max(peaks) <= most


def test_apply_and_choice_happen_as_often_as_asked():
    add = [data.Lambda(lambda x, n=n: x + n) for n in (1, 10, 100)]
    sums = [data.RandomApply(add, 0.3)(0) for _ in range(1000)]
    assert set(sums) == {0, 111} and 240 < sums.count(111) < 360
    pg.manual_seed(0)
    alike = [data.RandomChoice(add)(0) for _ in range(900)]
    assert all(240 < alike.count(n) < 360 for n in (1, 10, 100))
    chosen = [data.RandomChoice(add, [1, 0, 3])(0) for _ in range(400)]
    assert 60 < chosen.count(1) < 140 and chosen.count(10) == 0


def test_transforms_of_images_print_as_they_are_written():
    assert repr(data.RandomCrop(4, padding=2)) == (
        "RandomCrop(size=(4, 4), padding=2, pad_if_needed=False, fill=0, padding_mode='constant')")
    assert repr(data.RandomApply([data.Grayscale()])) == (
        "RandomApply([Grayscale(num_output_channels=1)], p=0.5)")


X = pg.zeros(3, 6, 6)
BAD = [
    (lambda: data.Pad(-1), ValueError, "Pad: padding: expected at least 0"),
    (lambda: data.Pad((1, 2, 3)), TypeError, "Pad: padding: expected an int or 4 ints"),
    (lambda: data.Pad(1, fill="x"), TypeError, "Pad: fill: expected a number"),
    (lambda: data.Pad(1, 0, "mirror"), ValueError, "Pad: padding_mode: expected one of 'constant'"),
    (lambda: data.CenterCrop(0), ValueError, "CenterCrop: size: expected at least 1"),
    (lambda: data.CenterCrop("3"), TypeError, "CenterCrop: size: expected an int or a pair"),
    (lambda: data.RandomCrop(7)(X), ValueError, "at least 7 x 7 pixels, got 6 x 6; give padding"),
    (lambda: data.Resize(4, "cubic"), ValueError, "Resize: interpolation"),
    (lambda: data.Resize(4, max_size=3), ValueError, "max_size above size"),
    (lambda: data.Resize((4, 4), max_size=5), ValueError, "max_size above size"),
    (lambda: data.RandomResizedCrop(4, scale=0.5), TypeError, r"scale: expected a pair of num"),
    (lambda: data.RandomResizedCrop(4, ratio=(2, 1)), ValueError, "ratio: expected low <= high"),
    (lambda: data.RandomVerticalFlip(2), ValueError, "RandomVerticalFlip: p"),
    (lambda: data.RandomRotation(-3), ValueError, "RandomRotation: degrees"),
    (lambda: data.RandomRotation(3, "bicubic"), ValueError, "RandomRotation: interpolation"),
    (lambda: data.RandomAffine(0, translate=(0.1, 2)), ValueError, "RandomAffine: translate"),
    (lambda: data.RandomAffine(0, center=3), TypeError, "center: expected a pair of numbers"),
    (lambda: data.RandomAffine(0, scale=(0, 1)), ValueError, "RandomAffine: scale"),
    (lambda: data.ColorJitter(brightness=-1), ValueError, "ColorJitter: brightness"),
    (lambda: data.ColorJitter(hue=0.7), ValueError, "ColorJitter: hue"),
    (lambda: data.ColorJitter(0.1)(pg.zeros(4, 6, 6)), TypeError, "1 or 3 channels, got a tensor"),
    (lambda: data.Grayscale(2), ValueError, "num_output_channels: expected 1 or 3, got 2"),
    (lambda: data.Grayscale()(pg.zeros(6, 6)), TypeError, r"got a tensor \(6, 6\)"),
    (lambda: data.RandomGrayscale()(pg.zeros(2, 6, 6)), TypeError, "RandomGrayscale: expected 1"),
    (lambda: data.RandomErasing(scale=(0, 2)), ValueError, "RandomErasing: scale"),
    (lambda: data.RandomErasing(value="blue"), ValueError, "value: expected one of 'random'"),
    (lambda: data.RandomErasing(value=(1, 2))(X), ValueError, "one for each channel of a tensor"),
    (lambda: data.GaussianBlur(4), ValueError, "GaussianBlur: kernel_size: expected odd numbers"),
    (lambda: data.GaussianBlur(3, 0), ValueError, "GaussianBlur: sigma"),
    (lambda: data.RandomApply([3]), TypeError, "RandomApply: expected a function of a sample"),
    (lambda: data.RandomChoice([abs], [1, 2]), ValueError, "a p for each of 1 transforms"),
]


@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


@pytest.mark.parametrize("transform", [*RANDOM[:9], *FIXED, *COLORED, data.Grayscale()], ids=repr)
def test_what_is_no_image_tensor_is_refused(transform):
    name = type(transform).__name__
    for wrong in (np.zeros((2, 3, 8, 8)), np.zeros(8), pg.zeros(8), None):
        with pytest.raises(TypeError, match=f"^{name}: expected a tensor .*; put ToTensor"):
            transform(wrong)


@pytest.mark.parametrize("shape", [(12, 9), (12, 9, 1), (12, 9, 3)], ids=str)
@pytest.mark.parametrize("make", [
    lambda: data.RandomCrop(8, padding=4), lambda: data.RandomHorizontalFlip(),
    lambda: data.Resize((5, 7)), lambda: data.CenterCrop(6), lambda: data.RandomRotation(30),
    lambda: data.RandomErasing(1.0), lambda: data.Pad((1, 2))])
def test_an_array_is_taken_with_its_channels_last(make, shape):
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    planes = image[..., None] if len(shape) == 2 else image

    pg.manual_seed(1)
    got = make()(image)
    pg.manual_seed(1)
    expected = make()(pg.from_numpy(planes.transpose(2, 0, 1).copy())).numpy().transpose(1, 2, 0)

    assert isinstance(got, np.ndarray) and got.ndim == len(shape) and got.dtype == np.uint8
    assert (got.reshape(expected.shape) == expected).all()


def test_the_usual_order_of_a_tutorial():
    usual = data.Compose([
        data.RandomCrop(32, padding=4), data.RandomHorizontalFlip(), data.ToTensor(),
        data.Normalize((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))])
    y = usual(np.full((32, 32, 3), 255, np.uint8))
    assert tuple(y.shape) == (3, 32, 32) and y.max().item() == 2.0


@pytest.mark.parametrize("shape", [(4, 12, 9), (4, 12, 9, 3)], ids=str)
def test_a_batch_of_arrays_is_as_its_images(shape):
    images = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    for transform in (data.Resize(6), data.CenterCrop(5), data.Pad(2)):
        assert (transform.batch(images) == np.stack([transform(x) for x in images])).all()
