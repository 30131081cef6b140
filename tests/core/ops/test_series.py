"""Numbers by a rule against PyTorch; random ones by what must hold for their numbers."""

import numpy as np
import plugrad as pg
import pytest
import torch

from ...tolerances import assert_close

N = 20_000          # a mean of N draws is known to within sigma / 141


@pytest.mark.filterwarnings("ignore:torch.range is deprecated", "ignore:torch.asarray")
@pytest.mark.parametrize("call", [
    *(lambda lib, case=case: lib.logspace(*case)
      for case in [(0, 2, 5), (-1, 1, 3), (0, 3, 4, 2), (2, 0, 3, 0.5), (0, 1, 0), (3, 9, 1)]),
    lambda lib: lib.logspace(0, 2, 3, dtype=lib.float64),
    lambda lib: lib.logspace(0, 2, 3, base=3.0, requires_grad=True),
    *(lambda lib, case=case: lib.range(*case)
      for case in [(0, 3), (1, 2, 0.25), (3, 0, -1), (-1, 1, 0.3), (2, 2)]),
    lambda lib: lib.range(1, 4, dtype=lib.int64),
    *(lambda lib, n=n: lib.hann_window(n) for n in (0, 1, 2, 7, 8)),
    *(lambda lib, n=n: lib.hann_window(n, periodic=False) for n in (0, 1, 2, 7)),
    lambda lib: lib.hann_window(5, dtype=lib.float64, requires_grad=True),
    *(lambda lib, name=name, case=case: getattr(lib, name)(*case)
      for name in ("tril_indices", "triu_indices")
      for case in [(3, 3), (2, 4), (4, 2, 1), (3, 3, -1), (0, 2), (3, 0), (2, 2, 9), (2, 2, -9)]),
    lambda lib: lib.tril_indices(2, 3, offset=1, dtype=lib.int32),
    lambda lib: lib.scalar_tensor(3),
    lambda lib: lib.scalar_tensor(2.5, dtype=lib.float64, requires_grad=True),
    lambda lib: lib.scalar_tensor(3, dtype=lib.int64),
    lambda lib: lib.asarray([1, 2]),
    lambda lib: lib.asarray([1.5], requires_grad=True),
    lambda lib: lib.asarray(2, dtype=lib.float64),
    lambda lib: lib.asarray(lib.ones(2, requires_grad=True), requires_grad=False),
    lambda lib: lib.asarray(lib.ones(2, requires_grad=True) * 2),
    lambda lib: lib.asarray(lib.ones(2, requires_grad=True) * 2, requires_grad=True),
    lambda lib: lib.asarray(lib.ones(2), dtype=lib.int32),
    lambda lib: lib.asarray(np.arange(3.0)),
])
def test_series(call):
    ours, theirs = call(pg), call(torch)
    assert ours.requires_grad == theirs.requires_grad
    assert_close(ours.detach().numpy(), theirs.detach().numpy())


def test_asarray_shares_memory_where_it_can():
    array, x = np.zeros(3, np.float32), pg.zeros(3)
    assert np.shares_memory(pg.asarray(array).numpy(), array)
    assert np.shares_memory(pg.asarray(x, copy=False).numpy(), x.numpy())
    for copied in (pg.asarray(array, copy=True), pg.asarray(array, dtype=pg.float64)):
        assert not np.shares_memory(copied.numpy(), array)
    for call in (lambda: pg.asarray([1, 2], copy=False),
                 lambda: pg.asarray(array, dtype=pg.int64, copy=False)):
        with pytest.raises(ValueError, match=r"asarray: .* without a copy"):
            call()


def test_broadcast_shapes_and_size():
    for shapes in [((2, 1), (3,)), ((),), ((1, 0), (3, 1)), ((2, 3), (2, 3))]:
        got = pg.broadcast_shapes(*shapes)
        assert isinstance(got, pg.Size) and tuple(got) == tuple(torch.broadcast_shapes(*shapes))


# Random ---------------------------------------------------------------------------------------

def test_randint_like():
    x = pg.zeros(N, dtype=pg.float64)
    drawn = pg.randint_like(x, 3, 6)
    assert drawn.dtype is pg.float64 and sorted(set(drawn.tolist())) == [3, 4, 5]
    assert abs(drawn.mean().item() - 4) < 0.04
    assert set(pg.randint_like(pg.zeros(N, dtype=pg.uint8), high=2).tolist()) == {0, 1}


@pytest.mark.parametrize("fill, quantiles", [
    (lambda x, g: x.geometric_(0.3, generator=g), {0.25: 1, 0.5: 2, 0.9: 7}),
    (lambda x, g: x.log_normal_(0.5, 1.5, generator=g),
     {0.158655: np.exp(-1.0), 0.5: np.exp(0.5), 0.841345: np.exp(2.0)}),
    (lambda x, g: x.cauchy_(1.0, 2.0, generator=g), {0.25: -1, 0.5: 1, 0.75: 3}),
    (lambda x, g: x.random_(100, 200, generator=g), {0.1: 110, 0.5: 150, 0.9: 190}),
    (lambda x, g: x.random_(to=10, generator=g), {0.45: 4, 0.85: 8}),
])
@pytest.mark.parametrize("dtype", [pg.float32, pg.float64])
def test_distributions(fill, quantiles, dtype):
    """A fraction p of the numbers lies below each quantile, within 5 standard errors."""
    x = pg.empty(N, dtype=dtype)
    assert fill(x, pg.Generator().manual_seed(1)) is x
    for p, at in quantiles.items():
        values = x.numpy()
        assert (values < at).mean() - 5 * (p * (1 - p) / N) ** 0.5 <= p
        assert (values <= at).mean() + 5 * (p * (1 - p) / N) ** 0.5 >= p
    y = pg.empty(N, dtype=dtype)
    fill(y, pg.Generator().manual_seed(1))
    assert (x == y).all()


@pytest.mark.parametrize("dtype, most", [
    (pg.bool, 1), (pg.uint8, 255), (pg.int32, 2 ** 31 - 1), (pg.int64, 2 ** 63 - 1),
    (pg.float32, 2 ** 24), (pg.float64, 2 ** 53)])
def test_random_without_bounds_reaches_what_the_dtype_holds(dtype, most):
    x = pg.empty(N, dtype=dtype).random_(generator=pg.Generator().manual_seed(0)).numpy()
    assert x.min() >= 0 and x.max() <= most and x.max() > 0.99 * most
    assert (x == np.trunc(x)).all() and abs(x.mean() / most - 0.5) < 0.02


def test_integers_are_drawn_too():
    x = pg.empty(N, dtype=pg.int64).geometric_(0.5)
    assert x.min() == 1 and abs(x.float().mean().item() - 2) < 0.06


def test_views_are_filled_and_functions_called_once_per_element():
    x = pg.zeros(3, 4)
    x.diagonal().random_(1, 2)
    assert x.sum() == 3 and x[0, 0] == x[1, 1] == x[2, 2] == 1
    seen = []
    x.T.apply_(lambda v: seen.append(v) or v + 1)
    assert len(seen) == 12 and x.sum() == 15 and all(isinstance(v, float) for v in seen)
    y = pg.arange(3).map_(pg.tensor(2.0), lambda a, b: a * b)
    assert y.dtype is pg.int64 and y.tolist() == [0, 2, 4]
