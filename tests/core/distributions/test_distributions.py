"""Distributions beside PyTorch's: densities, moments, samples, divergences, refusals."""

import math

import numpy as np
import plugrad as pg
import pytest
import torch

from ...tolerances import GRADIENT, VALUE, assert_close

LIBS = pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])


def uniform(*shape, low=0.2, high=0.9, seed=0):
    return np.random.default_rng([seed, *shape]).uniform(low, high, shape)


# name -> (class, {parameter: array or number}, values to judge)
NUMBERS = uniform(4, 2, 3, low=-2, high=2)
CASES = {
    "Normal": ("Normal", {"loc": uniform(2, 3), "scale": uniform(3, seed=1)}, NUMBERS),
    "Normal of numbers": ("Normal", {"loc": 1.0, "scale": 2}, NUMBERS),
    "Uniform": ("Uniform", {"low": -2 * uniform(2, 3), "high": 2 + uniform(3)},
                uniform(4, 2, 3, low=-0.3, high=2)),
    "Exponential": ("Exponential", {"rate": uniform(2, 3)}, np.abs(NUMBERS)),
    "Bernoulli": ("Bernoulli", {"probs": uniform(2, 3)}, (NUMBERS > 0) * 1.0),
    "Bernoulli of a number": ("Bernoulli", {"probs": 0.3}, np.array([0.0, 1.0])),
    "Bernoulli of logits": ("Bernoulli", {"logits": uniform(2, 3) * 4 - 2}, (NUMBERS > 0) * 1.0),
    "Bernoulli at 0": ("Bernoulli", {"logits": np.zeros(3)}, np.array([0.0, 1.0, 1.0])),
    "Bernoulli for certain": ("Bernoulli", {"probs": np.array([0.0, 1.0, 0.5])}, np.zeros(3)),
    "Categorical": ("Categorical", {"probs": uniform(2, 3, 5)}, np.arange(24).reshape(4, 2, 3) % 5),
    "Categorical alone": ("Categorical", {"probs": uniform(4)}, np.array([[0, 1], [3, 2]])),
    "Categorical of logits": ("Categorical", {"logits": uniform(3, 5) * 9}, np.array([0, 4, 2])),
    "Categorical masked": ("Categorical", {"logits": np.array([[1.0, -np.inf, 2.0]])},
                           np.array([0, 2])),
    "Uniform at the ends": ("Uniform", {"low": np.zeros(2), "high": np.ones(2)},
                            np.array([[0.0, 1.0], [1.0, 0.0]])),
    "Categorical for certain": ("Categorical", {"probs": np.array([0.0, 1.0])}, np.array([1, 0])),
}
EVERY = pytest.mark.parametrize("name", CASES)
KL = [("Normal", "Normal"), ("Uniform", "Uniform"), ("Exponential", "Exponential"),
      ("Bernoulli", "Bernoulli"), ("Bernoulli of logits", "Bernoulli"),
      ("Bernoulli for certain", "Bernoulli for certain"), ("Categorical", "Categorical"),
      ("Categorical for certain", "Categorical for certain"), ("Uniform", "Normal"),
      ("Exponential", "Normal")]


def made(lib, name, shift=0.0):
    """(the distribution, its parameters as leaves, the values)"""
    cls, options, values = CASES[name]
    leaves = {key: lib.from_numpy(np.array(value + shift)).requires_grad_()
              if isinstance(value, np.ndarray) else value for key, value in options.items()}
    distribution = getattr(lib.distributions, cls)(**leaves)
    like = np.float32 if "number" in name else values.dtype
    return (distribution, [x for x in leaves.values() if not isinstance(x, (int, float))],
            lib.from_numpy(values.astype(like)))


def judged(lib, name, ask):
    """What ask(distribution, values) gives, and the gradients of its sum for the parameters."""
    distribution, leaves, values = made(lib, name)
    y = ask(distribution, values)
    found = [y.detach().numpy()]
    if y.requires_grad:
        finite = lib.where(lib.isfinite(y), y, lib.zeros_like(y))
        grads = lib.autograd.grad(finite.sum(), leaves, allow_unused=True)
        found += [np.zeros(1) if g is None else g.numpy() for g in grads]
    return found


def compare(name, ask):
    for ours, theirs, table in zip(judged(pg, name, ask), judged(torch, name, ask),
                                   [VALUE, GRADIENT, GRADIENT], strict=False):
        assert_close(ours, theirs, table)


@EVERY
def test_log_prob(name):
    compare(name, lambda d, x: d.log_prob(x))


@EVERY
@pytest.mark.parametrize("what", ["mean", "mode", "variance", "stddev"])
def test_moments(name, what):
    compare(name, lambda d, x: getattr(d, what))


@EVERY
@pytest.mark.parametrize("what", ["entropy", "perplexity"])
def test_entropy(name, what):
    compare(name, lambda d, x: getattr(d, what)())


@pytest.mark.parametrize("name", ["Normal", "Normal of numbers", "Uniform", "Exponential"])
def test_cdf(name):
    compare(name, lambda d, x: d.cdf(x))


@pytest.mark.parametrize("name", ["Uniform", "Exponential"])
def test_the_inverse_of_cdf(name):
    d, _, values = made(pg, name)
    assert_close(d.icdf(d.cdf(values)).detach().numpy(), values.numpy(), GRADIENT)
    compare(name, lambda d, x: d.icdf(x * 0 + 0.3))


@EVERY
@pytest.mark.parametrize("expand", [True, False])
def test_all_values(name, expand):
    ours, theirs = made(pg, name)[0], made(torch, name)[0]
    assert ours.has_enumerate_support == theirs.has_enumerate_support
    assert ours.has_rsample == theirs.has_rsample
    if theirs.has_enumerate_support:
        assert_close(ours.enumerate_support(expand).numpy(),
                     theirs.enumerate_support(expand).numpy())


@EVERY
def test_shapes_and_text(name):
    ours, theirs = made(pg, name)[0], made(torch, name)[0]
    assert repr(ours).replace("plugrad", "torch") == repr(theirs)
    for shape in ((), (2,), (3, 1)):
        assert tuple(ours.sample(shape).shape) == tuple(theirs.sample(shape).shape)
        assert ours.sample(shape).dtype.name == str(theirs.sample(shape).dtype)[6:]
    assert tuple(ours.batch_shape) == tuple(theirs.batch_shape)
    wide = ours.expand((5, *ours.batch_shape))
    assert tuple(wide.batch_shape) == (5, *ours.batch_shape)
    value = ours.sample()
    expected = ours.log_prob(value).expand((5, *ours.batch_shape))
    assert_close(wide.log_prob(value).detach().numpy(), expected.detach().numpy())
    assert wide.sample((2,)).shape == (2, *wide.batch_shape)


@EVERY
@pytest.mark.parametrize("shape", [(), (7,), (2, 3)])
def test_samples_of_a_seed_are_those_of_pytorch(name, shape):
    found = []
    for lib in (pg, torch):
        lib.manual_seed(3)
        found.append(made(lib, name)[0].sample(shape).numpy())
    assert_close(*found)


@EVERY
def test_samples_have_the_mean_and_variance(name):
    pg.manual_seed(0)
    ours = made(pg, name)[0]
    sample = ours.sample((4000,))
    assert not sample.requires_grad
    if "Categorical" in name:
        for k in range(ours.probs.shape[-1]):
            share, p = (sample == k).double().mean(0), ours.probs[..., k].detach()
            assert ((share - p).abs() <= 5 * (p * (1 - p) / 4000).sqrt()).all()
        return
    error = (ours.variance / 4000).sqrt()
    assert ((sample.mean(0) - ours.mean).abs() <= 5 * error).all()
    assert ((sample.var(0) - ours.variance).abs() <= 0.3 * ours.variance).all()


@pytest.mark.parametrize("name", ["Normal", "Uniform", "Exponential"])
def test_gradients_reach_the_parameters_through_samples(name):
    ours, leaves, _ = made(pg, name)
    pg.manual_seed(0)
    sample = ours.rsample((5,))
    found = pg.autograd.grad(sample.sum(), leaves)
    eps = 1e-6
    for leaf, g in zip(leaves, found, strict=True):
        with pg.no_grad():
            leaf += eps
            pg.manual_seed(0)
            moved = type(ours)(*leaves).rsample((5,)).sum() - sample.sum()
            leaf -= eps
        assert moved.item() / eps == pytest.approx(g.sum().item(), rel=1e-4)


@pytest.mark.parametrize("p, q", KL)
def test_divergence(p, q):
    found = []
    for lib in (pg, torch):
        (first, leaves, _), (second, more, _) = made(lib, p), made(lib, q, shift=0.05 * (
            "certain" not in q))
        y = lib.distributions.kl_divergence(first, second)
        finite = lib.where(lib.isfinite(y), y, lib.zeros_like(y)).sum()
        grads = [] if "certain" in p else lib.autograd.grad(finite, [*leaves, *more])
        found.append([y.detach().numpy(), *(g.numpy() for g in grads)])
    for ours, theirs in zip(*found, strict=True):
        assert_close(ours, theirs, GRADIENT)


def test_an_infinite_divergence():
    D = pg.distributions
    for p, q in ((D.Uniform(0.0, 2.0), D.Uniform(0.0, 1.0)), (D.Bernoulli(0.5), D.Bernoulli(0.0)),
                 (D.Bernoulli(0.5), D.Bernoulli(1.0))):
        assert D.kl_divergence(p, q).item() == math.inf
    assert D.kl_divergence(D.Bernoulli(0.0), D.Bernoulli(0.0)).item() == 0


def test_divergences_can_be_added():
    D = pg.distributions

    class Mine(D.Normal):
        """A Normal of another name."""

    assert D.kl_divergence(Mine(0.0, 1.0), D.Normal(0.0, 1.0)).item() == 0
    with pytest.raises(NotImplementedError, match="no formula for Normal and Bernoulli"):
        D.kl_divergence(D.Normal(0.0, 1.0), D.Bernoulli(0.3))

    @D.register_kl(Mine, D.Bernoulli)
    def formula(p, q):
        return 7

    try:
        assert D.kl_divergence(Mine(0.0, 1.0), D.Bernoulli(0.3)) == 7
    finally:
        del D.kl.FORMULAS[Mine, D.Bernoulli]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_independent(n):
    found = []
    for lib in (pg, torch):
        D = lib.distributions
        d = D.Independent(made(lib, "Normal")[0], n)
        x = made(lib, "Normal")[2]
        other = D.Independent(made(lib, "Normal", shift=0.1)[0], n)
        assert d.has_rsample and repr(d).startswith("Independent(Normal(loc: ")
        assert d.rsample((2,)).requires_grad and not d.sample().requires_grad
        assert tuple(d.expand((4, *d.batch_shape)).log_prob(x[:, None]).shape)[:2] == (4, 4)
        found.append([t.detach().numpy() for t in (
            d.log_prob(x), d.entropy(), d.mean, d.variance, d.mode, d.stddev,
            D.kl_divergence(d, other))] + [tuple(d.batch_shape), tuple(d.event_shape)])
    for ours, theirs in zip(*found, strict=True):
        assert_close(ours, theirs)


@LIBS
def test_independent_dimensions_are_as_many_on_both_sides(lib):
    D = lib.distributions
    d = made(lib, "Normal")[0]
    with pytest.raises(NotImplementedError):
        D.kl_divergence(D.Independent(d, 1), D.Independent(d, 2))


def tensor(lib, *values):
    return lib.tensor(values)


@LIBS
@pytest.mark.parametrize("call, error", [
    (lambda D, t: D.Normal(0.0, -1.0), ValueError), (lambda D, t: D.Normal("a", 1.0), ValueError),
    (lambda D, t: D.Normal(t(0.0, 1.0), t(1.0, 1.0, 1.0)), RuntimeError),
    (lambda D, t: D.Normal(math.nan, 1.0), ValueError),
    (lambda D, t: D.Uniform(1.0, 0.0), ValueError),
    (lambda D, t: D.Exponential(0.0), ValueError), (lambda D, t: D.Bernoulli(1.5), ValueError),
    (lambda D, t: D.Bernoulli(), ValueError), (lambda D, t: D.Bernoulli(0.1, 0.2), ValueError),
    (lambda D, t: D.Categorical(t(0.5, -0.1)), ValueError),
    (lambda D, t: D.Categorical(), ValueError),
    (lambda D, t: D.Categorical(t(0.5)[0]), ValueError),
    (lambda D, t: D.Normal(0.0, 1.0).log_prob(1.0), ValueError),
    (lambda D, t: D.Normal(0.0, 1.0).cdf(t(math.nan)), ValueError),
    (lambda D, t: D.Normal(t(0.0, 1.0), 1.0).log_prob(t(1.0, 2.0, 3.0)), ValueError),
    (lambda D, t: D.Uniform(0.0, 1.0).log_prob(t(1.5)), ValueError),
    (lambda D, t: D.Exponential(1.0).log_prob(t(-1.0)), ValueError),
    (lambda D, t: D.Bernoulli(0.5).log_prob(t(0.5)), ValueError),
    (lambda D, t: D.Categorical(t(0.5, 0.5)).log_prob(t(2)), ValueError),
    (lambda D, t: D.Categorical(t(0.5, 0.5)).log_prob(t(0.5)), ValueError),
    (lambda D, t: D.Independent(D.Normal(t(0.0), 1.0), 2), ValueError),
    (lambda D, t: D.Bernoulli(0.5).rsample(), NotImplementedError),
    (lambda D, t: D.Bernoulli(0.5).cdf(t(1.0)), NotImplementedError),
    (lambda D, t: D.Distribution(validate_args=False).log_prob(t(1.0)), NotImplementedError)])
def test_refused(lib, call, error):
    with pytest.raises(error, match=None if lib is torch else r"\w+(:| has no|.*expected)"):
        call(lib.distributions, lambda *values: tensor(lib, *values))


@LIBS
def test_checks_can_be_left_out(lib):
    D = lib.distributions
    assert D.Uniform(0.0, 1.0, validate_args=False).log_prob(lib.tensor(1.5)).item() == -math.inf
    assert D.Uniform(0.0, 1.0, validate_args=False).cdf(lib.tensor(1.5)).item() == 1
    D.Normal(0.0, -1.0, validate_args=False)
    D.Distribution.set_default_validate_args(False)
    try:
        D.Normal(0.0, -1.0)
        with pytest.raises(ValueError):
            D.Normal(0.0, -1.0, validate_args=True)
    finally:
        D.Distribution.set_default_validate_args(True)
    with pytest.raises(ValueError):
        D.Distribution.set_default_validate_args("yes")


def test_a_policy_gradient_learns_which_arm_pays():
    pg.manual_seed(0)
    logits = pg.zeros(3, requires_grad=True)
    optimizer = pg.optim.SGD([logits], lr=0.5)
    for _ in range(60):
        d = pg.distributions.Categorical(logits=logits)
        action = d.sample((16,))
        loss = -(d.log_prob(action) * (action == 2).float()).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert d.probs[2].item() > 0.9
