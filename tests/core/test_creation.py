"""Creation functions against PyTorch; random ones by what must hold for their numbers."""

import threading

import numpy as np
import plugrad as pg
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ..tolerances import assert_close

DTYPES = ("float32", "float64", "int32", "int64", "uint8", "bool")
SHAPES = [(), (3,), (2, 3), (0,), (2, 0, 3), (1, 1, 1)]
N = 20_000          # a mean of N draws is known to within sigma / 141


def same(got, expected):
    assert tuple(got.shape) == tuple(expected.shape)
    assert str(got.dtype).rpartition(".")[2] == str(expected.dtype).rpartition(".")[2]
    assert got.requires_grad == expected.requires_grad
    assert_close(got.detach().numpy(), expected.detach().numpy())


def both(call):
    same(call(pg), call(torch))


# From data ------------------------------------------------------------------------------------

@pytest.mark.parametrize("data", [
    1, 2.5, True, [], [[]], [1, 2], [1.0, 2], [True, False], [True, 2], [True, 2.5],
    [[1, 2], [3, 4]], ((1, 2), [3, 4]), range(4), [[[]]], -0.0, float("inf"), [float("nan")], 2**40,
    [2**62], -7,
    [np.float32(1), np.float32(2)], np.float64(3), np.int32(3), (1,),
    [np.float64(1), 2.0], [[1], [np.float64(2)]], [np.float32(1), 2.0], [np.int64(1), 2.0],
], ids=repr)
def test_tensor_infers_shape_and_dtype(data):
    both(lambda lib: lib.tensor(data))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("data", [[0, 1, 2], [[0.0, 1.5], [-0.0, 2.9]], [True, False], 1, []])
def test_tensor_of_a_given_dtype(data, dtype):
    both(lambda lib: lib.tensor(data, dtype=getattr(lib, dtype)))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["tensor", "as_tensor", "from_numpy"])
def test_from_arrays(name, dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    both(lambda lib: getattr(lib, name)(array.copy()))
    both(lambda lib: getattr(lib, name)(array.copy().T))
    both(lambda lib: getattr(lib, name)(array.copy()[:, ::2]))
    both(lambda lib: getattr(lib, name)(array.copy()[:0]))
    both(lambda lib: getattr(lib, name)(np.array(1, dtype)))


def test_tensor_copies_and_as_tensor_shares():
    array = np.zeros(3, np.float32)
    copied, shared = pg.tensor(array), pg.as_tensor(array)
    cast = pg.as_tensor(array, dtype=pg.int64)
    array[0] = 1
    assert copied.tolist() == [0, 0, 0]
    assert shared.tolist() == [1, 0, 0]
    assert cast.tolist() == [0, 0, 0] and cast.dtype is pg.int64
    t = pg.zeros(2)
    assert pg.as_tensor(t) is t


def test_tensor_of_a_list_of_scalars_tensors():
    both(lambda lib: lib.tensor([lib.tensor(1.5), lib.tensor(2.5)]))
    both(lambda lib: lib.tensor([lib.tensor(1.5, dtype=lib.float64), 2.5]))


def test_tensor_of_a_list_of_arrays_keeps_their_dtype():
    same(pg.tensor([np.ones(2), np.zeros(2)]), torch.tensor(np.stack([np.ones(2), np.zeros(2)])))


def test_tensor_is_a_leaf_that_may_ask_for_gradients():
    x = pg.tensor([1.0, 2.0], requires_grad=True)
    assert x.is_leaf and x.requires_grad and x.grad is None and x.grad_fn is None
    assert pg.tensor([1.0]).requires_grad is False


# By shape -------------------------------------------------------------------------------------

@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["zeros", "ones"])
def test_zeros_and_ones(name, shape):
    both(lambda lib: getattr(lib, name)(shape))
    both(lambda lib: getattr(lib, name)(list(shape)))
    both(lambda lib: getattr(lib, name)(size=shape))
    if shape:
        both(lambda lib: getattr(lib, name)(*shape))
    both(lambda lib: getattr(lib, name)(shape, requires_grad=True))
    for dtype in DTYPES:
        both(lambda lib, dtype=dtype: getattr(lib, name)(shape, dtype=getattr(lib, dtype)))


@pytest.mark.parametrize("shape", SHAPES)
def test_empty_has_the_shape_and_dtype(shape):
    for dtype in DTYPES:
        x = pg.empty(shape, dtype=getattr(pg, dtype))
        assert tuple(x.shape) == shape and x.dtype is getattr(pg, dtype)
    assert tuple(pg.empty(2, 3).shape) == (2, 3)


@pytest.mark.parametrize("value", [2, 2.5, True, float("-inf")])
@pytest.mark.parametrize("shape", SHAPES)
def test_full(shape, value):
    both(lambda lib: lib.full(shape, value))
    both(lambda lib: lib.full(size=shape, fill_value=value, dtype=lib.float64))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_like(shape, dtype):
    for name in ("zeros_like", "ones_like"):
        both(lambda lib, name=name: getattr(lib, name)(lib.ones(shape, dtype=getattr(lib, dtype))))
        both(lambda lib, name=name: getattr(lib, name)(
            lib.ones(shape, dtype=getattr(lib, dtype)), dtype=lib.float64, requires_grad=True))
    both(lambda lib: lib.full_like(lib.ones(shape, dtype=getattr(lib, dtype)), 1))
    x = pg.empty_like(pg.ones(shape, dtype=getattr(pg, dtype)))
    assert tuple(x.shape) == shape and x.dtype is getattr(pg, dtype)


def test_new_tensors_from_a_tensor():
    for name, args in [("new_zeros", ((2, 3),)), ("new_ones", ((2,),)), ("new_full", ((2,), 3)),
                       ("new_tensor", ([1, 2],))]:
        both(lambda lib, n=name, a=args: getattr(lib.ones(1, dtype=lib.float64), n)(*a))


@pytest.mark.parametrize("args", [
    (5,), (0,), (2, 5), (5, 2, -1), (1, 2, 0.5), (5.0,), (0, 1, 0.1), (2, 2), (-3, 3, 2), (0.5, 3),
    (10, 0, -3), (1, 0.0, -0.25)])
def test_arange(args):
    both(lambda lib: lib.arange(*args))
    both(lambda lib: lib.arange(*args, dtype=lib.float64))
    if all(isinstance(a, int) for a in args):
        both(lambda lib: lib.arange(*args, dtype=lib.int64))


def test_arange_by_keyword():
    both(lambda lib: lib.arange(start=1, end=7, step=2))
    both(lambda lib: lib.arange(end=3, dtype=lib.float32, requires_grad=True))


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 9), st.booleans())
@settings(deadline=None, max_examples=60)
def test_arange_of_integers(start, end, step, down):
    step, (start, end) = (-step, (max(start, end), min(start, end))) if down else (
        step, (min(start, end), max(start, end)))
    both(lambda lib: lib.arange(start, end, step))


@pytest.mark.parametrize("args", [(0, 1, 5), (1, 0, 3), (-2, 2, 1), (0, 1, 0), (3, 3, 4),
                                  (0, 10, 101), (-1.5, 2.5, 7)])
def test_linspace(args):
    both(lambda lib: lib.linspace(*args))
    both(lambda lib: lib.linspace(*args, dtype=lib.float64))
    both(lambda lib: lib.linspace(args[0], args[1], steps=args[2]))
    assert args[2] < 2 or pg.linspace(*args)[-1].item() == args[1]


@pytest.mark.parametrize("args", [(3,), (2, 4), (4, 2), (0,), (0, 3), (1,)])
def test_eye(args):
    both(lambda lib: lib.eye(*args))
    for dtype in DTYPES:
        both(lambda lib, dtype=dtype: lib.eye(*args, dtype=getattr(lib, dtype)))


# Random ---------------------------------------------------------------------------------------

DRAWS = {
    "rand": lambda lib, g=None: lib.rand(N, generator=g),
    "randn": lambda lib, g=None: lib.randn(N, generator=g),
    "randint": lambda lib, g=None: lib.randint(-3, 7, (N,), generator=g),
    "randperm": lambda lib, g=None: lib.randperm(N, generator=g),
    "bernoulli": lambda lib, g=None: lib.bernoulli(lib.full((N,), 0.3), generator=g),
    "uniform_": lambda lib, g=None: lib.empty(N).uniform_(-1, 3, generator=g),
    "normal_": lambda lib, g=None: lib.empty(N).normal_(2, 0.5, generator=g),
    "bernoulli_": lambda lib, g=None: lib.empty(N).bernoulli_(0.3, generator=g),
    "dropout mask": lambda lib, g=None: lib.empty(N).bernoulli_(0.5, generator=g),
}
MOMENTS = {     # mean, standard deviation
    "rand": (0.5, 1 / 12 ** 0.5), "randn": (0, 1), "randint": (1.5, (99 / 12) ** 0.5),
    "randperm": ((N - 1) / 2, ((N ** 2 - 1) / 12) ** 0.5), "bernoulli": (0.3, 0.21 ** 0.5),
    "uniform_": (1, 4 / 12 ** 0.5), "normal_": (2, 0.5), "bernoulli_": (0.3, 0.21 ** 0.5),
    "dropout mask": (0.5, 0.5),
}
RANGES = {"rand": (0, 1), "randint": (-3, 6), "randperm": (0, N - 1), "bernoulli": (0, 1),
          "uniform_": (-1, 3), "bernoulli_": (0, 1), "dropout mask": (0, 1)}


@pytest.mark.parametrize("name", DRAWS)
def test_moments(name):
    pg.manual_seed(1)
    draws = DRAWS[name](pg).numpy().astype(np.float64)
    mean, deviation = MOMENTS[name]
    assert abs(draws.mean() - mean) < 5 * deviation / N ** 0.5
    assert abs(draws.std() - deviation) < 0.03 * deviation
    half = N // 2       # what follows does not depend on what came before
    if name != "randperm":
        assert abs(np.corrcoef(draws[:-1], draws[1:])[0, 1]) < 0.04
        assert not np.array_equal(draws[:half], draws[half:])


@pytest.mark.parametrize("name", RANGES)
def test_ranges(name):
    draws = DRAWS[name](pg, pg.Generator().manual_seed(2)).numpy()
    low, high = RANGES[name]
    assert draws.min() >= low and draws.max() <= high
    if draws.dtype.kind == "i" or name.startswith("bern"):
        assert {low, high} <= set(np.unique(draws).tolist())
    if name == "rand":
        assert draws.max() < 1


@pytest.mark.parametrize("name", DRAWS)
def test_the_same_seed_gives_the_same_numbers(name):
    pg.manual_seed(3)
    first, second = DRAWS[name](pg).numpy(), DRAWS[name](pg).numpy()
    pg.manual_seed(3)
    again = DRAWS[name](pg).numpy()
    pg.manual_seed(4)
    other = DRAWS[name](pg).numpy()
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("name", DRAWS)
def test_a_generator_is_a_stream_of_its_own(name):
    one, two = pg.Generator().manual_seed(5), pg.Generator().manual_seed(5)
    pg.manual_seed(6)
    expected = DRAWS["randn"](pg).numpy()
    pg.manual_seed(6)
    a = DRAWS[name](pg, one).numpy()
    np.testing.assert_array_equal(DRAWS["randn"](pg).numpy(), expected)   # the global one rested
    b = DRAWS[name](pg, two).numpy()
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, DRAWS[name](pg, one).numpy())


def test_manual_seed_returns_the_generator():
    assert isinstance(pg.manual_seed(7), pg.Generator)
    g = pg.Generator()
    assert g.manual_seed(7) is g
    assert g.initial_seed() == 7


def test_generator_state_can_be_kept():
    g = pg.Generator().manual_seed(8)
    pg.randn(3, generator=g)
    state = g.get_state()
    first = pg.randn(5, generator=g).tolist()
    g.set_state(state)
    assert pg.randn(5, generator=g).tolist() == first


def test_the_state_of_the_default_generator_is_a_tensor():
    pg.manual_seed(-3)
    state = pg.get_rng_state()
    first = pg.rand(5).tolist()
    assert state.dtype is pg.uint8 and not pg.equal(state, pg.get_rng_state())
    pg.manual_seed(4)
    pg.set_rng_state(state.clone())
    assert pg.rand(5).tolist() == first and pg.initial_seed() == -3


@pytest.mark.parametrize("wrong, error", [
    (lambda lib: lib.zeros(3, dtype=lib.uint8), RuntimeError),
    (lambda lib: lib.zeros(3), TypeError), (lambda lib: [1, 2], TypeError)])
def test_what_is_no_state_of_a_generator(wrong, error):
    for lib in (pg, torch):
        with pytest.raises(error):
            lib.set_rng_state(wrong(lib))
    before = pg.get_rng_state()
    with pytest.raises(error, match="set_state: expected"):
        pg.set_rng_state(wrong(pg))
    assert pg.equal(before, pg.get_rng_state())


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_and_dtypes_of_random_tensors(shape):
    for name in ("rand", "randn"):
        x = getattr(pg, name)(shape, dtype=pg.float64, requires_grad=True)
        assert tuple(x.shape) == shape and x.dtype is pg.float64 and x.requires_grad
        assert tuple(getattr(pg, name)(*(shape or (1,))).shape) == (shape or (1,))
        like = getattr(pg, f"{name}_like")(x)
        assert tuple(like.shape) == shape and like.dtype is pg.float64
    x = pg.randint(5, shape)
    assert tuple(x.shape) == shape and x.dtype is pg.int64
    assert pg.randint(0, 2, shape, dtype=pg.uint8).dtype is pg.uint8
    assert pg.bernoulli(pg.full(shape, 0.5, dtype=pg.float64)).dtype is pg.float64


@given(st.integers(0, 40), st.integers(0, 2**31))
@settings(deadline=None, max_examples=40)
def test_randperm_is_a_permutation(n, seed):
    p = pg.randperm(n, generator=pg.Generator().manual_seed(seed))
    assert p.dtype is pg.int64
    assert sorted(p.tolist()) == list(range(n))


@given(st.integers(-9, 9), st.integers(1, 9), st.integers(0, 2**31))
@settings(deadline=None, max_examples=40)
def test_randint_stays_within(low, width, seed):
    x = pg.randint(low, low + width, (50,), generator=pg.Generator().manual_seed(seed))
    assert low <= x.min().item() and x.max().item() < low + width


@pytest.mark.parametrize("args, options", [
    ((3, (50,)), {}), ((3,), {"size": (50,)}), ((), {"high": 3, "size": (50,)}),
    ((0, 3), {"size": (50,)}), ((0,), {"high": 3, "size": (50,)}),
    ((), {"low": 0, "high": 3, "size": (50,)})])
def test_randint_in_every_way_to_call_it(args, options):
    for lib in (pg, torch):
        assert set(lib.randint(*args, **options).tolist()) == {0, 1, 2}


@pytest.mark.parametrize("args, options", [((), {}), ((3,), {}), ((), {"size": (2,)})])
def test_randint_needs_a_bound_and_a_size(args, options):
    for lib in (pg, torch):
        with pytest.raises(TypeError):
            lib.randint(*args, **options)


def test_bernoulli_of_probabilities():
    x = pg.bernoulli(pg.tensor([0.0, 1.0, 0.0, 1.0]))
    assert x.tolist() == [0, 1, 0, 1]


def test_random_in_place_returns_self_and_records_nothing():
    x = pg.empty(3)
    assert x.uniform_() is x and x.normal_() is x and x.bernoulli_() is x
    assert x.requires_grad is False


def test_threads_may_draw_at_once():
    """Every number is drawn once: no two threads see the same piece of the stream."""
    pg.manual_seed(9)
    parts = []
    threads = [threading.Thread(target=lambda: parts.append(pg.rand(500, dtype=pg.float64).numpy()))
               for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(np.unique(np.concatenate(parts))) == 8 * 500
