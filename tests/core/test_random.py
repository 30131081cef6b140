"""A seed gives the numbers that it gives in PyTorch."""

import warnings

import numpy as np
import plugrad as pg
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ..streams import coins_are_of_another

EXACT, ROUNDED = 0, 3e-7            # of a logarithm, a sine or a sum, the last digit may differ
W = [0.1, 0.2, 0.3, 0.4, 0.0]


def drawn(lib, seed, draw):
    """What is drawn from this seed, as arrays, and where the stream is then."""
    lib.manual_seed(seed)
    found = draw(lib)
    found = list(found) if isinstance(found, (tuple, list)) else [found]
    return [np.asarray(x.detach().numpy() if hasattr(x, "detach") else x)
            for x in [*found, lib.rand(2), lib.randint(0, 2**40, (1,))]]


def check(draw, tolerance, seed=7):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        ours, theirs = drawn(pg, seed, draw), drawn(torch, seed, draw)
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs):
        assert a.shape == b.shape and a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=10 * tolerance, atol=tolerance)


@given(st.integers(-2**63, 2**64 - 1), st.lists(st.integers(0, 7), max_size=3),
       st.sampled_from(["float32", "float64"]))
def test_uniform_and_normal_numbers(seed, shape, dtype):
    check(lambda t: (t.rand(shape, dtype=getattr(t, dtype)), t.randn(3), t.randn(shape),
                     t.randn(shape, dtype=getattr(t, dtype)),
                     t.empty(shape).uniform_(-2, 3)), ROUNDED, seed)


@pytest.mark.parametrize("n", [15, 16, 17, 31, 32, 1000])
def test_normal_numbers_by_the_block(n):
    check(lambda t: (t.randn(3), t.randn(n), t.empty(n, dtype=t.float64).normal_(2, 5)), ROUNDED)


@given(st.integers(-2**40, 2**40), st.integers(1, 2**41), st.integers(0, 5))
def test_integers(low, count, n):
    check(lambda t: t.randint(low, low + count, (n,)), EXACT)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8", "bool"])
def test_integers_of_the_whole_range(dtype):
    check(lambda t: (t.empty(9, dtype=getattr(t, dtype)).random_(), t.empty(5).random_(3, 8),
                     t.randint_like(t.ones(4), 5)), EXACT)


@pytest.mark.parametrize("n", [0, 1, 2, 10, 1000])
def test_permutations(n):
    check(lambda t: t.randperm(n), EXACT)


@pytest.mark.parametrize("draw", [
    lambda t: t.bernoulli(t.rand(20)), lambda t: t.bernoulli(t.rand(20, dtype=t.float64)),
    lambda t: t.rand(3).bernoulli_(t.rand(3)), lambda t: t.bernoulli(t.rand(()))])
def test_coins_of_a_chance_each(draw):
    check(draw, EXACT)


of_one_stream = pytest.mark.skipif(coins_are_of_another(), reason="here PyTorch draws these by MKL")


@of_one_stream
@pytest.mark.parametrize("draw", [
    lambda t: t.empty(99).bernoulli_(0.3), lambda t: t.empty(()).bernoulli_(0.3),
    lambda t: t.empty(5, dtype=t.float64).bernoulli_(0.5)])
def test_coins(draw):
    check(draw, EXACT)


@of_one_stream
@pytest.mark.parametrize("draw", [
    lambda t: t.empty(99).exponential_(3.0),
    lambda t: t.empty(2, 3, dtype=t.float64).exponential_(), lambda t: t.empty(()).exponential_()])
def test_exponential_numbers(draw):
    check(draw, ROUNDED)


@pytest.mark.parametrize("draw", [
    lambda t: t.empty(20).geometric_(0.3), lambda t: t.empty(20).log_normal_(),
    lambda t: t.empty(20, dtype=t.float64).cauchy_(2, 3),
    lambda t: t.normal(2.0, 3.0, (20,)), lambda t: t.normal(t.ones(5), t.arange(5) + 1.0),
    lambda t: t.normal(t.zeros(20), 2.0)])
def test_other_distributions(draw):
    check(draw, ROUNDED)


@pytest.mark.parametrize("draw", [
    lambda t: t.multinomial(t.tensor(W), 1), lambda t: t.multinomial(t.tensor(W), 4),
    lambda t: t.multinomial(t.tensor(W), 1, replacement=True),
    lambda t: t.multinomial(t.rand(4, 9, dtype=t.float64), 2)])
@of_one_stream
def test_classes(draw):
    check(draw, EXACT)


@pytest.mark.parametrize("draw", [
    lambda t: t.multinomial(t.tensor([W, W[::-1]]), 7, replacement=True),
    lambda t: t.multinomial(t.rand(9, dtype=t.float64), 20, replacement=True)])
def test_classes_with_replacement(draw):
    check(draw, EXACT)


@pytest.mark.parametrize("draw", [
    lambda t: t.nn.functional.dropout(t.ones(4, 5)), lambda t: t.nn.Dropout1d()(t.ones(2, 3, 4)),
    lambda t: t.nn.Dropout2d(0.3)(t.ones(3, 4, 2, 2)), lambda t: t.nn.AlphaDropout(0.2)(t.ones(9)),
    lambda t: t.nn.FeatureAlphaDropout(0.4)(t.ones(2, 3, 4, 4))])
@of_one_stream
def test_dropout(draw):
    check(draw, ROUNDED)


def test_random_leaks():
    check(lambda t: t.nn.functional.rrelu(t.linspace(-5, 5, 20), training=True), ROUNDED)


@pytest.mark.parametrize("shape", [(6, 8), (8, 6), (20, 5)], ids=str)
@pytest.mark.parametrize("name, options", [
    ("uniform_", (-1, 2)), ("normal_", ()), ("xavier_uniform_", ()), ("xavier_normal_", ()),
    ("kaiming_uniform_", ()), ("kaiming_normal_", ()), ("trunc_normal_", ()),
    ("trunc_normal_", (0, 1, 2.5, 3)), ("sparse_", (0.3,))])
def test_initializers(name, options, shape):
    check(lambda t: getattr(t.nn.init, name)(t.empty(shape), *options), ROUNDED)


@pytest.mark.parametrize("shape", [(6, 8), (8, 6), (3, 2, 4)], ids=str)
def test_orthogonal_matrices(shape):
    check(lambda t: t.nn.init.orthogonal_(t.empty(shape, dtype=t.float64)), 1e-12)


@pytest.mark.parametrize("name, options", [
    ("Linear", (3, 4)), ("Linear", (30, 40)), ("Bilinear", (3, 4, 5)), ("Conv1d", (3, 4, 3)),
    ("Conv2d", (3, 4, 3)), ("Conv3d", (2, 3, 2)), ("ConvTranspose2d", (3, 4, 3)),
    ("Embedding", (10, 4)), ("EmbeddingBag", (10, 4)), ("RNN", (3, 4)), ("LSTM", (3, 4, 2)),
    ("GRU", (3, 4)), ("LSTMCell", (3, 4)), ("MultiheadAttention", (8, 2)),
    ("TransformerEncoderLayer", (8, 2)), ("Transformer", (8, 2, 1, 1, 16))])
def test_the_first_weights_of_a_layer(name, options):
    check(lambda t: list(getattr(t.nn, name)(*options).state_dict().values()), ROUNDED)


def epochs(t, **options):
    loader = t.utils.data.DataLoader(t.utils.data.TensorDataset(t.arange(20)), **options)
    return [batch for _ in range(2) for batch, in loader]


@pytest.mark.parametrize("draw", [
    lambda t: epochs(t, batch_size=6, shuffle=True), lambda t: epochs(t, batch_size=9),
    lambda t: epochs(t, batch_size=7, shuffle=True, generator=t.Generator().manual_seed(3)),
    lambda t: [part[0][0] for part in
               t.utils.data.random_split(t.utils.data.TensorDataset(t.arange(20)), [0.7, 0.3])],
    lambda t: list(t.utils.data.WeightedRandomSampler([0.1, 0.5, 0.4], 20)),
    lambda t: list(t.utils.data.SubsetRandomSampler([4, 5, 6, 7])),
    lambda t: list(t.utils.data.RandomSampler(range(9), replacement=True, num_samples=50)),
    lambda t: list(t.utils.data.RandomSampler(range(9), num_samples=50))])
def test_the_order_of_the_data(draw):
    check(draw, EXACT)


@of_one_stream
def test_a_training_run():
    def losses(t):
        x, y = t.randn(32, 5), t.randint(0, 3, (32,))
        model = t.nn.Sequential(t.nn.Linear(5, 16), t.nn.ReLU(), t.nn.Dropout(0.2),
                                t.nn.Linear(16, 3))
        optimizer = t.optim.Adam(model.parameters(), lr=0.01)
        found = []
        for _ in range(5):
            for xs, ys in t.utils.data.DataLoader(t.utils.data.TensorDataset(x, y), 8, True):
                loss = t.nn.functional.cross_entropy(model(xs), ys)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                found.append(loss.item())
        return found

    check(losses, 1e-6)


def test_a_state_brings_the_stream_back():
    generator = pg.Generator().manual_seed(5)
    pg.randn(3, generator=generator)
    state = generator.get_state()
    first = pg.randn(3, generator=generator).tolist()
    generator.set_state(state)
    assert pg.randn(3, generator=generator).tolist() == first
    assert generator.initial_seed() == 5
