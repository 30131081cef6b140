"""Reading and assigning by index: basic, integer arrays, masks and mixtures, with gradients."""

import numpy as np
import plugrad as pg
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ..tolerances import GRADIENT, assert_close

ROOM = (4, 3, 5)
KEYS = [
    0, -1, 3, (1, 2), (1, 2, 3), (-1, -2, -3), slice(None), slice(1, 3), slice(-2, None),
    slice(None, None, 2), slice(10), slice(2, 1), slice(1, 100, 3), (slice(None), 1),
    (slice(None), slice(None), slice(0, 4, 3)), ..., (..., 1), (1, ...), (0, ..., 2),
    (..., slice(2)),
    None, (None, 1), (1, None), (slice(None), None, 0), (..., None), (None, ..., None),
    [0, 2], [-1, 0, 1], ([0, 2], [1, 1]), ([0, 1], [0, 1], [0, 1]), (0, [1, 2]), ([1, 2], 0),
    (slice(None), [0, 2]), ([0, 1], slice(None), [2, 3]),
    (0, slice(None), [2, 3]), ([0, 1], slice(1), 2), ([[0], [1]], [[0, 2]]), (..., [0, 4]),
    (None, [0, 2], ...), ([1], None, [2]), (slice(None, None, 2), [1, 2], slice(1, None)), [],
    (slice(None), []), True, False, (True, 0), np.array([0, 3]), np.int64(2),
    np.array([True, False, True, False]), (slice(None), np.array([True, False, True])),
    (np.array([True, True, False, True]), 0), (np.array([True, True, False, False]), [0, 1]),
    (0, np.ones((3, 5), bool)), np.zeros((4, 3), bool), np.ones((4, 3, 5), bool), (),
    (np.array([True, False, False, True]), ..., 1),
]
REPEATS = [[-1, 3, 3], (slice(None), slice(None), [0, 0]), ([0, 0], [1, 1]),
           np.array([[1, 1], [1, 0]])]


def room(lib, shape=ROOM, seed=0):
    values = np.random.default_rng(seed).standard_normal(shape)
    return lib.from_numpy(values).requires_grad_()


def converted(lib, key):
    """Arrays as the library's own tensors, at any depth of the tuple."""
    if isinstance(key, tuple):
        return tuple(converted(lib, k) for k in key)
    return lib.from_numpy(key.copy()) if isinstance(key, np.ndarray) else key


def read(lib, x, key):
    """Value, gradient, gradient of gradient of x[key]."""
    y = x[key]
    w = lib.arange(1, y.numel() + 1, dtype=lib.float64).reshape(y.shape).requires_grad_()
    g, = lib.autograd.grad((y * y * w).sum(), x, create_graph=True)
    h, = lib.autograd.grad((g * g).sum(), x)
    return y.detach().numpy(), g.detach().numpy(), h.numpy()


def assert_same(got, expected):
    for mine, theirs in zip(got, expected, strict=True):
        assert_close(mine, theirs, GRADIENT)


@pytest.mark.parametrize("key", KEYS + REPEATS, ids=repr)
def test_reading(key):
    assert_same(read(pg, room(pg), key), read(torch, room(torch), key))
    assert_same(read(pg, room(pg), converted(pg, key)),
                read(torch, room(torch), converted(torch, key)))


def assign(lib, key, value, form="tensor"):
    """y[key] = v on a copy: the outcome, and the gradients of what was kept and what was put."""
    x = room(lib)
    y = x * 1
    v = lib.from_numpy(value).requires_grad_() if form == "tensor" else value
    y[key] = v
    leaves = [x, v] if form == "tensor" else [x]
    w = lib.arange(1, y.numel() + 1, dtype=lib.float64).reshape(y.shape)
    grads = lib.autograd.grad((y * y * w).sum(), leaves, allow_unused=True)   # False puts nothing
    return [y.detach().numpy(), *(np.zeros(value.shape) if g is None else g.numpy() for g in grads)]


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_assigning(key):
    """Not at repeated places: which of the values stays there is nobody's promise."""
    shape = tuple(room(torch)[key].shape)
    rng = np.random.default_rng(1)
    for value_shape in {shape, shape[1:], (), (1, *shape)}:
        value = np.array(rng.standard_normal(value_shape))
        assert_same(assign(pg, key, value), assign(torch, key, value))
    assert_same(assign(pg, key, 2.5, "number"), assign(torch, key, 2.5, "number"))


@st.composite
def shape_and_key(draw):
    """A shape of up to four axes and a key for it, with at most one kind of array in it."""
    shape = tuple(draw(st.lists(st.integers(0, 4), max_size=4)))
    arrays = draw(st.sampled_from(["none", "integers", "mask"]))
    common = draw(st.sampled_from([(3,), (2, 2), (0,), (1, 2)]))
    key, masked = [], False
    for n in shape[:draw(st.integers(0, len(shape)))]:
        kind = draw(st.sampled_from(["slice", "slice", "int", arrays]))
        if kind == "int" and n:
            key.append(draw(st.integers(-n, n - 1)))
        elif kind == "integers" and n:
            lengths = tuple(draw(st.sampled_from([c, 1])) for c in common)
            count = int(np.prod(lengths))
            places = draw(st.lists(st.integers(-n, n - 1), min_size=count, max_size=count))
            key.append(np.array(places, int).reshape(lengths))
        elif kind == "mask" and not masked:
            masked = True
            key.append(np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)), bool))
        else:
            bound, step = st.none() | st.integers(-5, 5), st.none() | st.integers(1, 3)
            key.append(slice(draw(bound), draw(bound), draw(step)))
    if draw(st.booleans()):     # an ellipsis may stand anywhere if the rest of the axes follow it
        key.append(...)
    for _ in range(draw(st.integers(0, 2))):
        key.insert(draw(st.integers(0, len(key))), None)
    return shape, tuple(key)


@given(shape_and_key(), st.integers(0, 1000))
@settings(deadline=None, max_examples=150)
def test_any_key_reads_as_in_pytorch(case, seed):
    shape, key = case
    mine, theirs = room(pg, shape, seed), room(torch, shape, seed)
    assert_same(read(pg, mine, converted(pg, key)), read(torch, theirs, converted(torch, key)))
    kinds = {type(k) for k in key}
    if not (np.ndarray in kinds and int in kinds):      # there NumPy puts the axes elsewhere
        np.testing.assert_array_equal(mine.detach()[key].numpy(), theirs.detach().numpy()[key])


@given(shape_and_key(), st.data())
@settings(deadline=None, max_examples=150)
def test_any_key_assigns_as_in_numpy(case, data):
    shape, key = case
    assume(not any(isinstance(k, np.ndarray) for k in key) or not any(type(k) is int for k in key))
    base = np.arange(int(np.prod(shape)), dtype=np.float64).reshape(shape)
    places = base[key]
    assume(np.unique(places).size == places.size)
    value = np.array(-1.0 - np.arange(places.size).reshape(places.shape))
    if data.draw(st.booleans()) and value.ndim:
        value = value[:1] if value.shape[0] else value
    x = pg.from_numpy(base.copy())
    x[converted(pg, key)] = pg.from_numpy(value)
    base[key] = value
    np.testing.assert_array_equal(x.numpy(), base)


# Views and copies -----------------------------------------------------------------------------

@pytest.mark.parametrize("key", [0, slice(1, 3), (slice(None), 1), (..., None), (1, 2, 3)],
                         ids=repr)
def test_basic_keys_give_views(key):
    x = pg.zeros(*ROOM)
    x[key].add_(1)
    assert x.sum().item() == np.zeros(ROOM)[key].size


@pytest.mark.parametrize("key", [[0, 1], (slice(None), [1]), np.ones(ROOM, bool)], ids=repr)
def test_arrays_and_masks_give_copies(key):
    x = pg.zeros(*ROOM)
    x[key].add_(1)
    assert x.sum().item() == 0


def test_repeated_positions_add_their_gradients():
    x = pg.tensor([1.0, 2.0, 3.0], requires_grad=True)
    x[[0, 0, 2, 0]].sum().backward()
    assert x.grad.tolist() == [3, 0, 1]


def test_assignment_casts_to_the_dtype_of_the_target():
    x = pg.zeros(3, dtype=pg.int64)
    x[0] = 2.9
    x[1:] = pg.tensor([1.5, -1.5])
    assert x.tolist() == [2, 1, -1] and x.dtype is pg.int64


def test_assigning_a_tensor_to_itself():
    x = pg.arange(6.0)
    x[1:] = x[:-1].clone()
    assert x.tolist() == [0, 0, 1, 2, 3, 4]


def test_overlapping_assignment_is_as_if_copied_first_or_refused():
    x = pg.arange(6.0)
    expected = np.arange(6.0)
    try:
        x[1:] += x[:-1]
    except RuntimeError as error:
        assert "clone" in str(error)
    else:
        expected[1:] += expected[:-1]
    assert x.tolist() == expected.tolist()


def test_augmented_assignment_through_a_key_keeps_the_graph():
    x = pg.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 2
    y[1] *= x[0]
    y[[0, 2]] += x[1]
    y.sum().backward()          # 2 x0 + x1 + 2 x1 x0 + 2 x2 + x1
    assert y.tolist() == [4, 4, 8]
    assert x.grad.tolist() == [6, 4, 2]


# The protocol around indexing -----------------------------------------------------------------

def test_iteration_length_and_unpacking():
    x = pg.arange(6).reshape(3, 2)
    assert len(x) == 3
    assert [row.tolist() for row in x] == [[0, 1], [2, 3], [4, 5]]
    _, _, last = x
    assert last.tolist() == [4, 5]
    assert [list(map(int, row)) for row in x] == x.tolist()
    for bad in (lambda: len(pg.tensor(1)), lambda: iter(pg.tensor(1)), lambda: list(pg.tensor(1))):
        with pytest.raises(TypeError, match="0-d"):
            bad()


def test_membership():
    x = pg.tensor([1.0, 2.0])
    assert 1 in x and 3 not in x and pg.tensor(2.0) in x


def test_a_tensor_of_one_integer_is_an_index():
    assert [10, 20, 30][pg.tensor(1)] == 20
    assert list(range(5))[pg.tensor(1):pg.tensor(3)] == [1, 2]
    assert pg.arange(5)[pg.tensor(3)].item() == 3
    assert pg.arange(5)[pg.tensor(1):pg.tensor(3)].tolist() == [1, 2]
    with pytest.raises(TypeError, match=r"\w+"):
        [1, 2][pg.tensor(1.5)]
    assert pg.arange(6).reshape(2, 3)[pg.tensor(1)].tolist() == [3, 4, 5]


@pytest.mark.parametrize("key, error", [
    (4, IndexError), (-5, IndexError), ((0, 3), IndexError), ((0, 0, 0, 0), IndexError),
    ([0, 4], IndexError), (([0], [3]), IndexError), (([0, 1], [0, 1, 2]), IndexError),
    (np.ones(3, bool), IndexError), (np.ones((4, 4), bool), IndexError),
    (1.5, (TypeError, IndexError)), ("a", (TypeError, IndexError)),
    (slice(None, None, 0), ValueError),
    (slice("a"), TypeError),
], ids=repr)
def test_bad_keys(key, error):
    x = pg.zeros(*ROOM)
    with pytest.raises(error, match=r"\w{3,}"):
        x[converted(pg, key)]
    with pytest.raises(error, match=r"\w{3,}"):
        x[converted(pg, key)] = 1.0


NESTED = []
NESTED.append(NESTED)


@pytest.mark.parametrize("key", [
    (0, 0.5), (0, "a"), (0, None, 1.5), (0, {}), (0, b"a"), ([0, 1.5], 0), (0, [1.5]), (0, 1j),
    (0, [[0, 1], [1]]), (0, NESTED), NESTED, (0, np.array(["a"])), (0, np.ones(2)), {},
    (0, Ellipsis, {1})], ids=lambda key: repr(key)[:30])
def test_what_is_no_index_is_refused_in_our_words(key):
    x = pg.zeros(*ROOM)
    with pytest.raises(IndexError, match=r"^index: expected"):
        x[key]
    with pytest.raises(IndexError, match=r"^index: expected"):
        x[key] = 1.0


def test_a_quotient_is_told_to_be_no_int():
    x = pg.zeros(4, 4)
    with pytest.raises(IndexError, match=r"got 2\.0 of type float; divide with //"):
        x[0, len(x) / 2]


@pytest.mark.parametrize("key", [
    (0, range(2)), (range(2), 1), (range(4), 3), (0, (1, 2)), ((0, 1), 2), ([0, 1], 1),
    ((0, 1), slice(None), (1, 0)), (np.int64(1), range(3)), (slice(None), range(1, 3)), range(3)],
    ids=repr)
def test_a_sequence_of_ints_is_an_index_beside_ints(key):
    mine, theirs = pg.arange(64.0).reshape(4, 4, 4), torch.arange(64.0).reshape(4, 4, 4)

    np.testing.assert_array_equal(mine[key], theirs[key])
    mine[key], theirs[key] = -1.0, -1.0
    np.testing.assert_array_equal(mine, theirs)


@pytest.mark.filterwarnings("ignore:.*uint8:UserWarning")
def test_bytes_are_a_mask():
    x = pg.arange(4.0)
    mask = pg.tensor([0, 2, 0, 1], dtype=pg.uint8)

    assert x[mask].tolist() == x.masked_select(mask).tolist() == [1.0, 3.0]
    assert torch.arange(4.0)[torch.tensor([0, 2, 0, 1], dtype=torch.uint8)].tolist() == [1.0, 3.0]
    x[mask] = 7.0
    assert x.tolist() == [0.0, 7.0, 2.0, 7.0]


def test_bytes_as_a_mask_give_a_warning():
    with pytest.warns(UserWarning, match="uint8 tensor is taken for a mask"):
        pg.arange(4.0)[pg.tensor([0, 1, 0, 1], dtype=pg.uint8)]


def test_a_negative_step_is_refused_or_right():
    """PyTorch refuses it."""
    x = room(pg)
    w = pg.arange(60, dtype=pg.float64).reshape(ROOM)
    try:
        y = x[:, ::-1]
    except ValueError as error:
        assert "step" in str(error)
    else:
        expected, = pg.autograd.grad((x.flip(1) ** 2 * w).sum(), x)
        got, = pg.autograd.grad((y ** 2 * w).sum(), x)
        assert_same([y.detach().numpy(), got.numpy()], [x.detach().flip(1).numpy(),
                                                        expected.numpy()])


def test_out_of_range_says_index_axis_and_size():
    x = pg.zeros(4, 3)
    with pytest.raises(IndexError, match=r"(?s)3.*(axis|dim\w*) 1.*3"):
        x[0, 3]


def test_assigned_shapes_must_broadcast():
    x = pg.zeros(4, 3)
    for key in (0, slice(None), [0, 1]):
        with pytest.raises(RuntimeError, match=r"(?s)\b2\b"):
            x[key] = pg.ones(2)
    assert not x.any()


def test_zero_d_tensors_have_nothing_to_index():
    with pytest.raises(IndexError, match=r"0-d|0-dim|scalar"):
        pg.tensor(1.0)[0]
    assert pg.tensor(1.0)[...].item() == 1
    assert pg.tensor(1.0)[None].shape == (1,)
    assert pg.tensor(1.0)[()].item() == 1


# gather, scatter, index_select: what the table of ops does not show ----------------------------

def test_positions_out_of_range_are_refused():
    x = pg.zeros(3, 4)
    bad = pg.tensor([[0, 4, 1]])
    for call in (lambda: x.gather(1, bad), lambda: x.scatter(1, bad, 1.0),
                 lambda: x.scatter_add(1, bad, pg.ones(1, 3)),
                 lambda: x.index_select(1, pg.tensor([4])),
                 lambda: x.index_select(1, pg.tensor([-5]))):
        with pytest.raises((IndexError, RuntimeError), match=r"(?s)[45]"):
            call()
    with pytest.raises((IndexError, RuntimeError)):
        x.gather(1, pg.tensor([[-5]]))


def test_positions_must_be_integers():
    x = pg.zeros(3, 4)
    for call in (lambda: x.gather(1, pg.zeros(1, 1)), lambda: x.index_select(0, pg.zeros(1)),
                 lambda: x.scatter(0, pg.zeros(1, 1), 1.0)):
        with pytest.raises((RuntimeError, TypeError, IndexError), match="int"):
            call()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rows, width, at", [(65, 128, (12, 64)), (7, 70, (1000,)), (5, 1, (3, 4)),
                                             (4, 0, (3,)), (3, 6, (0,)), (300, 500, (200,))])
def test_rows_by_their_numbers(rows, width, at, dtype):
    """As an embedding reads them: against NumPy, with the same bits on any number of threads."""
    r = np.random.default_rng(0)
    x, g = r.standard_normal((rows, width)).astype(dtype), r.standard_normal((*at, width))
    g, index = g.astype(dtype), r.integers(-rows, rows, at)
    dx = np.zeros_like(x)
    np.add.at(dx, index, g)
    before = pg.get_num_threads()
    try:
        for threads in (1, 2, 3):
            pg.set_num_threads(threads)
            w = pg.from_numpy(x).requires_grad_()
            y = w[pg.from_numpy(index)]
            y.backward(pg.from_numpy(g))
            np.testing.assert_array_equal(y.detach().numpy(), x[index])
            np.testing.assert_array_equal(w.grad.numpy(), dx)
            again = pg.zeros(rows, width, dtype=w.dtype).index_add(
                0, pg.from_numpy(index.reshape(-1) % rows),
                pg.from_numpy(g.reshape(index.size, width)))
            np.testing.assert_array_equal(again.numpy(), dx)
    finally:
        pg.set_num_threads(before)


@pytest.mark.parametrize("bad", [5, -6])
def test_a_row_that_is_not_there(bad):
    with pytest.raises(IndexError, match=f"index {bad} is out of bounds for axis 0 with size 5"):
        pg.zeros(5, 3)[pg.tensor([[0, bad]])]


@pytest.mark.parametrize("shape", [(4, 3, 5), (0, 3, 5), (2, 3, 0)])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
@pytest.mark.parametrize("axis", [1, 2])
def test_what_is_named_along_an_axis_counts_as_often(axis, dtype, shape):
    """index_add, and thus the gradient of x[:, index], against NumPy, in the same order."""
    r = np.random.default_rng(0)
    n = shape[axis]
    at = r.integers(0, n, 11 if n else 0)
    x = r.integers(-9, 9, shape).astype(dtype) / (1 if dtype == "int64" else 7)
    x, key = x.astype(dtype), (slice(None),) * axis + (at,)
    g = np.arange(x[key].size).reshape(x[key].shape[::-1]).T.astype(dtype)      # not contiguous
    expected = x.copy()
    np.add.at(expected, key, g)

    y = pg.from_numpy(x).index_add(axis, pg.from_numpy(at), pg.from_numpy(g))

    np.testing.assert_array_equal(y.numpy(), expected)
    if dtype != "int64":
        w = pg.from_numpy(x).requires_grad_()
        w[(slice(None),) * axis + (pg.from_numpy(at - n),)].backward(pg.from_numpy(g))
        dx = np.zeros_like(x)
        np.add.at(dx, key, g)
        np.testing.assert_array_equal(w.grad.numpy(), dx)
