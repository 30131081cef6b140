"""Every built-in initializer: the distribution of PyTorch's."""

import subprocess
import sys

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


TRUNCATED = [{}, {"mean": 1.0, "std": 0.5, "a": 0.2, "b": 1.1}, {"a": 1.0, "b": 3.0},
             {"std": 5.0, "a": -0.5, "b": 1.0}, {"mean": 2.0, "a": 2.5, "b": 9.0},
             {"std": 0.02}]


@pytest.mark.parametrize("options", TRUNCATED, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_truncated_normal_has_pytorchs_distribution(options, dtype):
    drawn = []
    for lib in (pg, torch):
        lib.manual_seed(1)
        tensor = lib.empty(100, 200, dtype=getattr(lib, dtype))
        drawn.append(np.sort(lib.nn.init.trunc_normal_(tensor, **options).numpy(), axis=None))
    ours, theirs = drawn
    assert options.get("a", -2.0) <= ours[0] + 1e-6 and ours[-1] - 1e-6 <= options.get("b", 2.0)
    assert abs(ours.mean() - theirs.mean()) <= 0.04 * theirs.std()
    assert abs(ours.std() - theirs.std()) <= 0.03 * theirs.std()
    at = np.concatenate(drawn)
    apart = np.abs(np.searchsorted(ours, at, "right") - np.searchsorted(theirs, at, "right")).max()
    assert apart / ours.size <= 2 * np.sqrt(2 / ours.size)              # Kolmogorov-Smirnov


def test_truncated_normal_warns_of_a_mean_far_away():
    for lib in (pg, torch):
        with pytest.warns(UserWarning, match="2 std"):
            lib.nn.init.trunc_normal_(lib.empty(3), mean=5.0)


def test_truncated_normal_ends_whatever_it_is_given():
    """In a process of its own, which can be ended if it does not; as in PyTorch, NaNs pass."""
    code = """
import plugrad as pg
from math import inf, nan
for options in [(nan,), (0, nan), (inf,), (0, inf), (0, 1, 1e30, 2e30), (0, 1, -inf, inf)]:
    assert pg.nn.init.trunc_normal_(pg.zeros(9), *options).numel() == 9
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("a, b", [(np.nan, 1.0), (0.0, np.nan), (5.0, np.inf), (-np.inf, 0.0),
                                  (-3e38, 3e38), (2.0, 1.0)])
def test_uniform_needs_bounds_at_a_finite_distance(a, b):
    for lib in (pg, torch):
        with pytest.raises(RuntimeError, match=r"expected a <= b|out of bounds|uniform_ expects"):
            lib.nn.init.uniform_(lib.empty(3), a, b)


@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (5, 2), (0, 3)])
def test_identity_is_pytorchs(shape):
    ours, theirs = (lib.nn.init.eye_(lib.ones(shape)).numpy() for lib in (pg, torch))
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("groups", [1, 2, 3])
@pytest.mark.parametrize("shape", [(6, 3, 3), (6, 2, 4, 3), (6, 8, 1, 5), (6, 2, 3, 3, 2)])
def test_dirac_is_pytorchs(shape, groups):
    ours, theirs = (lib.nn.init.dirac_(lib.ones(shape), groups).numpy() for lib in (pg, torch))
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("shape", [(7, 7), (4, 9), (9, 4), (6, 2, 3, 3), (20, 2, 3)])
@pytest.mark.parametrize("gain", [1, 2.5])
def test_orthogonal_is_orthogonal(shape, gain):
    q = init.orthogonal_(pg.empty(shape, dtype=pg.float64), gain).numpy().reshape(shape[0], -1)
    q = q if q.shape[0] <= q.shape[1] else q.T
    np.testing.assert_allclose(q @ q.T, gain ** 2 * np.eye(len(q)), atol=1e-12)


def test_orthogonal_prefers_no_direction():
    pg.manual_seed(0)
    drawn = np.stack([init.orthogonal_(pg.empty(3, 3)).numpy() for _ in range(2000)])
    np.testing.assert_allclose(drawn.mean(0), 0, atol=0.06)
    np.testing.assert_allclose((drawn ** 2).mean(0), 1 / 3, atol=0.03)


@pytest.mark.parametrize("sparsity", [0, 0.1, 0.5, 0.99, 1])
def test_sparse_has_pytorchs_zeros_in_each_column(sparsity):
    pg.manual_seed(0)
    ours, theirs = (lib.nn.init.sparse_(lib.ones(101, 300), sparsity, 0.5).numpy()
                    for lib in (pg, torch))
    np.testing.assert_array_equal((ours == 0).sum(0), (theirs == 0).sum(0))
    if 0 < sparsity < 0.9:
        assert abs(ours[ours != 0].std() - 0.5) < 0.02 and (ours == 0).any(1).all()


@pytest.mark.parametrize("name", ["trunc_normal_", "eye_", "dirac_", "orthogonal_", "sparse_"])
def test_signature_of_the_others_is_pytorchs(name):
    check_signature(getattr(init, name), getattr(torch.nn.init, name))


@pytest.mark.parametrize("name, options", [("trunc_normal_", {}), ("orthogonal_", {}),
                                           ("sparse_", {"sparsity": 0.3})])
def test_a_generator_decides_of_the_others_too(name, options):
    def draw(seed):
        generator = pg.Generator().manual_seed(seed)
        return getattr(init, name)(pg.empty(4, 4), **options, generator=generator).tolist()

    assert draw(1) == draw(1) != draw(2)


@pytest.mark.parametrize("call, text", [
    (lambda lib: lib.nn.init.eye_(lib.zeros(3)), r"2 dimensions, got shape \(3,\)"),
    (lambda lib: lib.nn.init.dirac_(lib.zeros(3, 3)), "3, 4 or 5 dimensions"),
    (lambda lib: lib.nn.init.dirac_(lib.zeros(4, 3, 3), 3), "groups=3 must divide the 4 output"),
    (lambda lib: lib.nn.init.orthogonal_(lib.zeros(3)), "at least 2 dimensions"),
    (lambda lib: lib.nn.init.sparse_(lib.zeros(3, 3, 3), 0.5), "of 2 dimensions"),
], ids=range(5))
def test_wrong_shapes_are_refused_as_by_pytorch(call, text):
    check_refusal(call, ValueError, text)
