"""Tensors beside NumPy, Python and PyTorch: sharing memory, copying, pickling, printing."""

import copy
import io
import operator
import pickle

import numpy as np
import plugrad as pg
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

DTYPES = ("float32", "float64", "int32", "int64", "uint8", "bool")


# NumPy ------------------------------------------------------------------------------------------

@pytest.mark.parametrize("dtype", DTYPES)
def test_from_numpy_and_numpy_share_memory(dtype):
    a = np.zeros((2, 3), dtype)
    for array in (a, a.T, a[:, ::2], a[1:]):
        x = pg.from_numpy(array)
        assert np.shares_memory(x.numpy(), a)
        assert x.numpy().dtype == dtype and x.stride() == tuple(
            s // a.itemsize for s in array.strides)
    pg.from_numpy(a)[0, 0] = 1
    assert a[0, 0] == 1
    a[1, 2] = 1
    assert pg.from_numpy(a).sum().item() == 2


def test_as_tensor_and_asarray_share_memory():
    a = np.zeros(3, np.float32)
    assert np.shares_memory(pg.as_tensor(a).numpy(), a)
    x = pg.zeros(3)
    assert np.shares_memory(np.asarray(x), x.numpy())
    assert not np.shares_memory(np.array(x), x.numpy())
    assert np.asarray(x, dtype=np.float64).dtype == np.float64


@pytest.mark.parametrize("array", [
    np.zeros(2, np.float16), np.zeros(2, np.complex64), np.array(["a"]), np.array([object()]),
    np.zeros(2, "datetime64[s]"), np.zeros(2, [("a", int)])], ids=lambda a: str(a.dtype))
def test_foreign_dtypes_are_refused_by_name(array):
    for make in (pg.from_numpy, pg.tensor, pg.as_tensor):
        with pytest.raises(TypeError, match=r"\w{3,}"):
            make(array)


@pytest.mark.parametrize("array", [np.eye(2).view(np.matrix), np.ma.ones((2, 2)),
                                   np.ones((2, 2)).view(np.recarray)],
                         ids=lambda a: type(a).__name__)
def test_arrays_of_a_class_of_their_own_become_plain(array):
    """A row of a matrix has two dimensions again: kernels must not meet one."""
    class Twice(pg.Op):
        def forward(self, x):
            return np.add(array, array)

    plain = np.asarray(array)
    for make in (pg.from_numpy, pg.tensor, pg.as_tensor, pg.abs, lambda a: pg.add(a, 0),
                 lambda a: pg.zeros(2, 2, dtype=pg.float64) + a,
                 lambda a: Twice()(pg.ones(1)) / 2):
        x = make(array)
        assert type(x.numpy()) is np.ndarray and np.array_equal(x.numpy(), plain)
    with pytest.raises(RuntimeError, match="fold: expected columns"):
        pg.nn.functional.fold(array, 4, 2, (1, 2))


def test_from_numpy_wants_an_array():
    for bad in ([1, 2], 3, None, pg.zeros(2)):
        with pytest.raises(TypeError, match=r"(?i)array"):
            pg.from_numpy(bad)


def test_foreign_byte_order_is_converted_or_refused():
    try:
        x = pg.tensor(np.array([1.0, 2.0], ">f4"))
    except (TypeError, ValueError) as error:
        assert "byte" in str(error)
    else:
        assert x.tolist() == [1, 2]


def test_read_only_arrays_are_never_written_to():
    a = np.zeros(3, np.float32)
    a.flags.writeable = False
    try:
        x = pg.from_numpy(a)
        x += 1
    except (RuntimeError, ValueError, UserWarning):
        pass
    assert not a.any()


@pytest.mark.parametrize("name", ["sin", "exp", "negative", "sum", "mean", "argmax", "ravel",
                                  "concatenate", "sort", "unique", "isnan", "maximum.reduce"])
def test_numpy_functions_take_tensors(name):
    a = np.array([[1.0, 3.0], [2.0, 0.5]])
    x = pg.from_numpy(a)
    argument = [x, x] if name == "concatenate" else x
    function = operator.attrgetter(name)(np)
    expected = function([a, a] if name == "concatenate" else a)
    np.testing.assert_array_equal(np.asarray(function(argument)), expected)


@pytest.mark.parametrize("op", ["__add__", "__sub__", "__mul__", "__truediv__", "__pow__",
                                "__matmul__", "__eq__", "__lt__", "__floordiv__", "__mod__"])
def test_arrays_and_tensors_in_one_operation_give_a_tensor(op):
    a = np.array([[1.0, 3.0], [2.0, 0.5]])
    x = pg.from_numpy(a.T.copy())
    f = getattr(operator, op)
    for y, expected in ((f(x, a), f(a.T, a)), (f(a, x), f(a, a.T))):
        assert isinstance(y, pg.Tensor)
        np.testing.assert_allclose(y.numpy(), expected, rtol=1e-14)


@pytest.mark.parametrize("scalar", [np.float64(2), np.float32(2), np.int64(2), np.bool_(True)])
def test_numpy_scalars_are_numbers(scalar):
    x = pg.ones(3)
    for y in (x * scalar, scalar * x, x + scalar, scalar + x):
        assert isinstance(y, pg.Tensor) and y.dtype is pg.float32
    assert (pg.ones(3, dtype=pg.int64) * scalar).dtype is (
        pg.float32 if isinstance(scalar, np.floating) else pg.int64)


def test_gradients_flow_past_arrays():
    x = pg.ones(2, dtype=pg.float64, requires_grad=True)
    a = np.array([3.0, 4.0])
    (a * x + x * a).sum().backward()
    assert x.grad.tolist() == [6, 8]


def test_numpy_indexes_and_is_indexed():
    a = np.arange(5)
    assert a[pg.tensor([1, 3])].tolist() == [1, 3]
    assert a[pg.tensor(2)] == 2
    assert pg.arange(5)[np.array([1, 3])].tolist() == [1, 3]
    assert pg.arange(5)[np.int64(2)].item() == 2


def test_a_tensor_that_requires_grad_does_not_slip_into_numpy():
    x = pg.ones(2, requires_grad=True)
    for cut in (lambda: x.numpy(), lambda: np.asarray(x), lambda: np.sin(x), lambda: np.array([x])):
        with pytest.raises(RuntimeError, match="detach"):
            cut()
    assert x.detach().numpy().tolist() == [1, 1]
    assert (x * 2).numpy(force=True).tolist() == [2, 2]


# DLPack -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("dtype", DTYPES)
def test_dlpack_both_ways(dtype):
    x = pg.ones(2, 3, dtype=getattr(pg, dtype)).T
    theirs, array = torch.from_dlpack(x), np.from_dlpack(x)
    assert theirs.shape == (3, 2) and array.shape == (3, 2)
    x[0, 1] = 0
    assert theirs[0, 1] == 0 and array[0, 1] == 0
    t = torch.ones(2, 3, dtype=getattr(torch, dtype))
    mine = pg.from_dlpack(t)
    t[1, 2] = 0
    assert isinstance(mine, pg.Tensor) and mine[1, 2].item() == 0
    assert mine.dtype is getattr(pg, dtype)
    assert pg.from_dlpack(np.ones(3, dtype)).tolist() == [1, 1, 1]


def test_dlpack_does_not_cut_gradients_silently():
    with pytest.raises((RuntimeError, BufferError), match=r"grad|detach"):
        pg.ones(2, requires_grad=True).__dlpack__()


# Python -----------------------------------------------------------------------------------------

def test_numbers():
    assert float(pg.tensor(2.5)) == 2.5 and int(pg.tensor([3])) == 3
    assert bool(pg.tensor(0.0)) is False and bool(pg.tensor([2])) is True
    assert pg.tensor([[7]]).item() == 7 and type(pg.tensor(7).item()) is int
    assert type(pg.tensor(1.5).item()) is float and type(pg.tensor(True).item()) is bool
    assert complex(pg.tensor(2.0)) == 2 and round(float(pg.tensor(2.5))) == 2
    assert range(5)[pg.tensor(2)] == 2 and "ab" * pg.tensor(2) == "abab"
    assert f"{pg.tensor(3.14159):.2f}" == "3.14"


def test_more_than_one_element_is_no_number():
    for f in (float, int, bool, lambda x: x.item()):
        for x in (pg.ones(2), pg.ones(0)):
            with pytest.raises((RuntimeError, ValueError, TypeError), match=r"\w{4,}"):
                f(x)


def test_tolist_is_made_of_python_numbers():
    assert pg.tensor([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]
    assert pg.tensor(1.5).tolist() == 1.5 and pg.zeros(2, 0).tolist() == [[], []]
    assert type(pg.ones(1).tolist()[0]) is float


def test_tensors_are_keys_by_identity():
    a, b = pg.ones(2), pg.ones(2)
    assert {a: 1, b: 2}[a] == 1 and len({a, b, a}) == 2


def test_size_is_a_tuple():
    s = pg.zeros(2, 3).shape
    assert s == (2, 3) and isinstance(s, tuple) and s.numel() == 6 and s[0] == 2
    assert isinstance(s, pg.Size)
    a, b = s
    assert (a, b) == pg.zeros(2, 3).size() and pg.zeros(2, 3).size(-1) == 3
    assert repr(s) == repr(torch.Size([2, 3])).replace("torch", pg.__name__)


def test_what_a_tensor_says_of_itself():
    x = pg.zeros(2, 3)
    assert (x.ndim, x.dim(), x.numel(), x.nelement(), x.element_size()) == (2, 2, 6, 6, 4)
    assert x.stride() == (3, 1) and x.T.stride() == (1, 3) and x.stride(0) == 3
    assert x.is_contiguous() and not x.T.is_contiguous()
    assert x.is_floating_point() and not x.long().is_floating_point()
    assert pg.is_tensor(x) and not pg.is_tensor([1])
    assert str(x.device) == "cpu" and x.cpu() is x


def test_equality_of_tensors():
    a = pg.tensor([1.0, 2.0])
    assert pg.equal(a, a.clone()) and not pg.equal(a, a + 1) and not pg.equal(a, a[:1])
    assert pg.allclose(a, a + 1e-9) and not pg.allclose(a, a + 1)
    assert (a == a).all() and (a != a + 1).all() and not (a == 1).all()
    assert (a == None) is False and (a != "x") is True      # noqa: E711


# Copies -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("make", [
    copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))],
    ids=["copy", "deepcopy", "pickle"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_copies_are_alike(make, dtype):
    x = pg.tensor([[0, 1], [1, 0]], dtype=getattr(pg, dtype))
    x.requires_grad_(dtype.startswith("float"))
    for original in (x, x.detach().T, x.detach()[0]):
        twin = make(original)
        assert twin is not original and type(twin) is type(original)
        assert twin.dtype is original.dtype and twin.tolist() == original.tolist()
        assert twin.requires_grad == original.requires_grad and twin.is_leaf
        assert np.shares_memory(twin.detach().numpy(), x.detach().numpy()) == (make is copy.copy)


def test_deep_copies_share_among_each_other_what_the_originals_shared():
    x = pg.ones(2)
    a, b = copy.deepcopy([x, x])
    assert a is b and a is not x


def test_deepcopy_and_pickle_take_the_gradient_along():
    x = pg.ones(2, requires_grad=True)
    (x * 3).sum().backward()
    twin = copy.deepcopy(x)
    assert twin.grad.tolist() == [3, 3] and twin.grad is not x.grad


def test_the_middle_of_a_graph_has_no_deep_copy():
    y = pg.ones(2, requires_grad=True) * 2
    with pytest.raises(RuntimeError, match=r"leaf|leave|detach|explicitly"):
        copy.deepcopy(y)


@pytest.mark.parametrize("what", [pg.float32, pg.bool, pg.zeros(2, 3).shape], ids=str)
def test_dtypes_and_sizes_survive_pickling(what):
    twin = pickle.loads(pickle.dumps(what))
    assert twin == what and (twin is what or isinstance(what, tuple))
    assert copy.deepcopy(what) == what


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_every_pickle_protocol(protocol):
    x = pg.arange(6).reshape(2, 3).T
    stream = io.BytesIO()
    pickle.dump(x, stream, protocol)
    stream.seek(0)
    assert pickle.load(stream).tolist() == x.tolist()


def test_a_pickled_view_does_not_carry_the_rest():
    x = pg.zeros(100_000)
    assert len(pickle.dumps(x[:2].clone())) < 2_000


class Named(pg.Tensor):
    """A subclass with an attribute of its own."""


def test_subclasses():
    x = pg.ones(2).as_subclass(Named)
    x.label = "weight"
    assert isinstance(x, Named) and isinstance(x, pg.Tensor) and x.tolist() == [1, 1]
    twin = copy.deepcopy(x)
    assert isinstance(twin, Named) and twin.label == "weight"
    assert isinstance(pickle.loads(pickle.dumps(x)), Named)


# Printing ---------------------------------------------------------------------------------------

def prints_alike(make):
    expected = repr(make(torch)).replace("torch.", f"{pg.__name__}.")
    assert repr(make(pg)) == expected
    assert str(make(pg)) == expected


@pytest.mark.parametrize("values", [
    1.0, 2, True, 1.5, -0.25, [], [1, 2, 3], [1.0, 2.0], [1.5, 2.25], [True, False], [-1, 10],
    [[1.0, 2.0], [3.0, 4.0]], [[[1, 2]], [[3, 4]]], [1e-8, 1.0], [1e8, 1.0], [1e10], [1e5, 2.0],
    [0.1, 100.5], [float("nan"), 1.0], [float("inf"), -1.0], [float("-inf")], [[]], [0.0, -0.0],
    [1e-30], [123456.0, 0.001], [99999.0, 100000.0], [1e-4, 1.0], [9e-5, 1.0], [1000.5, 1.0],
    [3.0, 1e20], [float("nan")], [2.5, float("inf"), float("nan")], [[0.5], [-10.25]],
    [-0.0, 0.0, 0.0, 0.0, 0.0, 100000008.0],
], ids=repr)
def test_small_tensors_print_as_in_pytorch(values):
    prints_alike(lambda lib: lib.tensor(values))


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes_print_as_in_pytorch(dtype):
    for values in ([0, 1, 2], [], 1, [[0], [1]]):
        prints_alike(lambda lib, v=values: lib.tensor(v, dtype=getattr(lib, dtype)))


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0), (1001,), (40, 40), (3, 400), (1200, 2),
                                   (2, 3, 4), (11, 11, 11), (30,), (2, 30), (1, 1, 1, 1), (1000,)])
def test_shapes_print_as_in_pytorch(shape):
    n = int(np.prod(shape))
    prints_alike(lambda lib: lib.arange(n).reshape(shape))
    prints_alike(lambda lib: (lib.arange(n, dtype=lib.float32) / 7).reshape(shape))
    prints_alike(lambda lib: (lib.arange(n) % 2 == 0).reshape(shape))


def test_requires_grad_and_grad_fn_are_printed():
    prints_alike(lambda lib: lib.ones(2, requires_grad=True))
    prints_alike(lambda lib: lib.ones(2, requires_grad=True) * 2)
    prints_alike(lambda lib: lib.ones(2, requires_grad=True).sum())
    prints_alike(lambda lib: lib.ones(2, dtype=lib.float64, requires_grad=True).exp())


@given(st.lists(st.floats(width=32), min_size=1, max_size=6))
@settings(deadline=None, max_examples=100)
def test_any_floats_print_as_in_pytorch(values):
    prints_alike(lambda lib: lib.tensor(values))


@given(st.lists(st.integers(-10**6, 10**6), min_size=1, max_size=30))
@settings(deadline=None, max_examples=30)
def test_any_integers_print_as_in_pytorch(values):
    prints_alike(lambda lib: lib.tensor(values))
