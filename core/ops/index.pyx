"""Reading and writing by index, and what is built of it: gather, scatter, sort."""

cimport cython
cimport numpy as cnp
from libc.string cimport memmove

import reprlib
from collections import namedtuple
from operator import index as index_of

import numpy as np

from plugrad.kernels.base.doors cimport zeros
from plugrad.kernels.rows.rows cimport add_rows, take_rows
from plugrad.ops.common cimport (
    Shape, as_operand, axis_of, cast, expand_to_shape, reshaped, shape_of, sum_to,
)
from plugrad.ops.common import methods
from plugrad.tensor.tensor cimport (
    Op, Tensor, check_writable, grad_enabled, operators, wrap, written,
)

from plugrad.ops.arithmetic import where
from plugrad.tensor.words import warn

cnp.import_array()

cdef int MAX_DEPTH = 32             # of lists within one another, as of dimensions

Sorted = namedtuple("Sorted", ["values", "indices"])


# ---------------------------------------------------------------------------------------- x[index]

cdef object plain(object index):
    """An index as NumPy takes it: ints, slices, None, Ellipsis, bools and arrays of ints or bools,
    one of them or a tuple.  IndexError for all else."""
    if isinstance(index, tuple):
        return tuple([part(i) for i in index])
    return part(index)


cdef object part(object i):
    if i is None or i is Ellipsis or isinstance(i, (int, np.integer, np.bool_)):
        return i
    if isinstance(i, slice):
        return slice(whole(i.start), whole(i.stop), whole(i.step))
    if isinstance(i, Tensor):
        return numbers((<Tensor> i).array, i)
    if isinstance(i, np.ndarray):
        return numbers(i, i)
    if isinstance(i, (list, tuple, range)):
        return numbers(array_of(i, 0), i)
    if hasattr(i, "__index__"):
        return index_of(i)
    raise refused(i)


cdef object numbers(object array, object given):
    """The array as an index: of ints or bools; bytes are a mask, as in PyTorch."""
    kind = array.dtype.kind
    if array.dtype == np.uint8:
        warn("index: a uint8 tensor is taken for a mask; make it one of bools, with .bool()")
        return array != 0
    if kind not in "iub":
        raise refused(given)
    return array


cdef object array_of(object sequence, int depth):
    """The array of a list of ints, of lists of them and so on."""
    if depth == MAX_DEPTH:
        raise IndexError(f"index: expected at most {MAX_DEPTH} lists within one another")
    if len(sequence) == 0:
        return np.empty(0, np.int64)
    try:
        return np.array([array_of(i, depth + 1) if isinstance(i, (list, tuple, range)) else
                         (<Tensor> i).array if isinstance(i, Tensor) else i for i in sequence])
    except ValueError:
        raise IndexError("index: expected lists of one length within a list, got "
                         f"{reprlib.repr(sequence)}") from None


cdef object refused(object i):
    got = f"{i.dtype} of shape {tuple(i.shape)}" if isinstance(i, (Tensor, np.ndarray)) else (
        f"{reprlib.repr(i)} of type {type(i).__name__}")
    hint = ("; convert it, e.g. with .long()" if isinstance(i, (Tensor, np.ndarray)) else
            "; divide with // for an int" if isinstance(i, float) else "")
    return IndexError("index: expected ints, slices, None, ..., or sequences or tensors of ints or "
                      f"bools, got {got}{hint}")


cdef object whole(object i):
    return i.item() if isinstance(i, Tensor) else i


cdef bint is_basic(object index):
    """Whether the index has only ints, slices, None and Ellipsis: then x[index] is a view."""
    if isinstance(index, tuple):
        for i in index:
            if not is_basic_part(i):
                return False
        return True
    return is_basic_part(index)


cdef bint is_basic_part(object i):
    if i is None or i is Ellipsis or isinstance(i, slice):
        return True
    return isinstance(i, (int, np.integer)) and not isinstance(i, bool)


cdef tuple ints_first(tuple index):
    """A mixed index as two, the first of them basic: PyTorch drops the dimensions that have an int
    before it looks at arrays, where NumPy counts the ints among the arrays."""
    cdef list first = [], second = []
    for i in index:
        if isinstance(i, (np.ndarray, bool, np.bool_)):
            first += [slice(None)] * (np.ndim(i) if is_mask(np.asarray(i)) else 1)
            second.append(i)
        elif is_basic(i) and not isinstance(i, slice) and i is not None:
            first.append(i)
            if i is Ellipsis:
                second.append(i)
        else:
            first.append(i)
            second.append(slice(None))
    return tuple(first), tuple(second)


cdef bint mixes_ints(object index):
    """Whether an index has arrays beside ints."""
    if not isinstance(index, tuple) or is_basic(index):
        return False
    for i in index:
        if isinstance(i, (int, np.integer)) and not isinstance(i, bool):
            return True
    return False


@cython.trashcan(True)
cdef class Slice(Op):
    """y = x[index] for a basic index: a view"""
    cdef object index
    cdef Shape shape

    def forward(self, cnp.ndarray x):
        self.shape = shape_of(x)
        self.viewing = True
        y = x[self.index]
        if not isinstance(y, np.ndarray):              # all ints: NumPy gives a number
            y = x[(*self.index, ...) if isinstance(self.index, tuple) else (self.index, ...)]
        return y

    def vjp(self, g):
        return place(g, self.index, self.shape)


@cython.trashcan(True)
cdef class Take(Op):
    """y = x[index] for an index with arrays: a copy"""
    cdef object index
    cdef Shape shape

    def forward(self, cnp.ndarray x):
        cdef object rows = row_numbers(self.index)
        cdef cnp.ndarray y = None
        self.shape = shape_of(x)
        if rows is not None:
            y = take_rows(x, rows)
        return np.asarray(x[self.index]) if y is None else y

    def vjp(self, g):
        return place(g, self.index, self.shape)


@cython.trashcan(True)
cdef class Place(Op):
    """The reverse of x[index]: zeros, with x added at the index (an element named twice gets the
    sum)"""
    cdef object index
    cdef Shape shape

    def forward(self, cnp.ndarray x):
        cdef cnp.ndarray y = zeros(self.shape.ndim, self.shape.sizes, cnp.PyArray_TYPE(x))
        if is_basic(self.index) or is_mask(self.index):
            y[self.index] = x
        else:
            add_at(y, self.index, x)
        return y

    def vjp(self, g):
        return select(g, self.index)


cdef object row_numbers(object index):
    """The array of an index that chooses along the first dimension alone, as int64; else None."""
    if isinstance(index, tuple) and len(index) == 1:
        index = index[0]
    if not isinstance(index, np.ndarray) or not cnp.PyArray_ISINTEGER(<cnp.ndarray> index):
        return None
    return np.ascontiguousarray(index, np.int64) if cnp.PyArray_NDIM(<cnp.ndarray> index) else None


cdef add_at(cnp.ndarray y, object index, cnp.ndarray x):
    """y[index] += x, where an element that is named twice gets the sum."""
    cdef object rows = row_numbers(index)
    cdef Py_ssize_t axis = lone_axis(index)
    if axis > 0:                             # by rows, with a copy before and after: many times
        table = np.ascontiguousarray(np.moveaxis(y, axis, 0))              # faster than add.at
        add_at(table, index[axis], np.ascontiguousarray(np.moveaxis(x, axis, 0)))
        y[...] = np.moveaxis(table, 0, axis)
    elif rows is None or not add_rows(y, rows, x):
        np.add.at(y, index, x)


cdef Py_ssize_t lone_axis(object index):
    """The axis along which an index like that of index_select chooses; -1 for other ones."""
    if not isinstance(index, tuple) or row_numbers(index[-1:]) is None or np.ndim(index[-1]) != 1:
        return -1
    for i in index[:-1]:
        if not isinstance(i, slice) or i != slice(None):
            return -1
    return len(index) - 1


cdef bint is_mask(object index):
    return isinstance(index, np.ndarray) and index.dtype == np.bool_


cdef Tensor place(Tensor g, object index, Shape shape):
    cdef Place op = Place.__new__(Place)
    op.index, op.shape = index, shape
    return op.run1(g)


cdef Tensor select(Tensor x, object index):
    cdef Slice slice_
    cdef Take take
    if mixes_ints(index):
        first, second = ints_first(index)
        return select(select(x, first), second)
    if is_basic(index):
        slice_ = Slice.__new__(Slice)
        slice_.index = index
        return slice_.run1(x)
    take = Take.__new__(Take)
    take.index = index
    return take.run1(x)


cdef object getitem(object x, object index):
    if isinstance(index, Tensor) and cnp.PyArray_NDIM((<Tensor> index).array) == 0 and (
            not cnp.PyArray_ISBOOL((<Tensor> index).array)):
        index = (<Tensor> index).__index__()
    return select(<Tensor> x, plain(index))


# ------------------------------------------------------------------------------------ x[index] = v

@cython.trashcan(True)
cdef class Erase(Op):
    """y = x, with 0 at the index"""
    cdef object index

    def forward(self, cnp.ndarray x):
        y = x.copy()
        y[self.index] = 0
        return y

    def vjp(self, g):
        return erase(g, self.index)


cdef Tensor erase(Tensor x, object index):
    cdef Erase op = Erase.__new__(Erase)
    op.index = index
    return op.run1(x)


@cython.trashcan(True)
cdef class SetItem(Op):
    """x with v at the index, written in place: made by hand below, not by forward"""
    cdef object index
    cdef Shape shape

    def vjp(self, g):
        cdef Shape core = self.shape
        while core.ndim and core.sizes[0] == 1:            # leading 1s broadcast to nothing
            core.ndim -= 1
            memmove(core.sizes, core.sizes + 1, core.ndim * sizeof(cnp.npy_intp))
        gv = None
        if self.needs(1):
            gv = reshaped(sum_to(select(g, self.index), core), self.shape)
        return erase(g, self.index) if self.needs(0) else None, gv


cdef object setitem(object target, object index, object value):
    cdef Tensor x = <Tensor> target
    cdef Tensor v
    cdef SetItem node = None
    index = plain(index)
    if mixes_ints(index):
        first, index = ints_first(index)
        x = select(x, first)
    if isinstance(value, (tuple, list)):
        value = np.asarray(value, x.array.dtype)
    v = cast(as_operand(value), cnp.PyArray_TYPE(x.array))
    check_writable(x, "x[index] = value")
    cdef cnp.ndarray data = v.array
    while cnp.PyArray_NDIM(data) > 0 and cnp.PyArray_DIM(data, 0) == 1:
        data = data[0, ...]                            # PyTorch drops leading dimensions of size 1
    try:
        x.array[index] = data
    except ValueError as error:
        if "shape" not in str(error):
            raise
        raise RuntimeError(f"x[index] = value: a value of shape {tuple(v.shape)} does not fit: "
                           f"{error}") from None
    if grad_enabled() and (x.requires() or v.requires()):
        node = SetItem.__new__(SetItem)
        node.index, node.shape = index, shape_of(v.array)
        node.find_parents((x, v))
        node.record(None, x, v, None)
    written(x, node)


# ------------------------------------------------------------------ writes in place through views

@cython.trashcan(True)
cdef class Places(Op):
    """A view made anew: the elements of a base that lie at some places in its memory."""
    cdef object places
    cdef Shape shape

    def vjp(self, g):
        return place(g.reshape(-1), self.places, self.shape)


@cython.trashcan(True)
cdef class Splice(Op):
    """A base after a write through one of its views: the old base, with the view's new value."""
    cdef object places
    cdef Shape shape

    def vjp(self, g):
        return (erase(g, self.places) if self.needs(0) else None,
                select(g, self.places).reshape(tuple([self.shape.sizes[i]
                                                      for i in range(self.shape.ndim)])))


cdef object places_of(Tensor view, cnp.ndarray base):
    """Where in `base` each element of a view of it lies: an index array per dimension of base."""
    start, end = np.lib.array_utils.byte_bounds(base)
    ordinals = np.full(end - start, -1, np.int64)          # one per byte of base's extent
    ordinals[addresses(base) - start] = np.arange(base.size)
    return np.unravel_index(ordinals[addresses(view.array) - start], np.shape(base))


cdef object addresses(cnp.ndarray a):
    """The address of every element, in C order."""
    total = np.full(np.shape(a), <Py_ssize_t> cnp.PyArray_DATA(a), np.int64)
    for axis in range(cnp.PyArray_NDIM(a)):
        steps = np.arange(cnp.PyArray_DIM(a, axis)) * cnp.PyArray_STRIDE(a, axis)
        total += steps.reshape((-1,) + (1,) * (cnp.PyArray_NDIM(a) - 1 - axis))
    return total.reshape(-1)


cdef object regrow(object base, object view):
    cdef Tensor b = <Tensor> base
    cdef Places node = Places.__new__(Places)
    node.places = places_of(<Tensor> view, b.array)
    node.shape = shape_of(b.array)
    node.find_parents((b,))
    node.record(None, b, None, None)
    return node


cdef object splice(object before, object view, object new):
    cdef Splice node = Splice.__new__(Splice)
    cdef Tensor after = wrap((<Tensor> view).array)
    after.node = <Op> new
    node.places = places_of(<Tensor> view, (<Tensor> before).array)
    node.shape = shape_of((<Tensor> view).array)
    node.find_parents((before, after))
    node.record(None, before, after, None)
    return node


# -------------------------------------------------------------------------------- gather, scatter

cdef cnp.ndarray checked_index(Tensor x, object index, int axis, str what):
    """The index array, known to lie inside x."""
    if not isinstance(index, Tensor):
        raise TypeError(f"{what}: expected the index to be a Tensor, got {type(index).__name__}")
    cdef Tensor i = <Tensor> index
    if cnp.PyArray_ISFLOAT(i.array) or cnp.PyArray_ISBOOL(i.array):
        raise RuntimeError(f"{what}: expected an index of dtype int64, got {i.dtype}")
    size = cnp.PyArray_DIM(x.array, axis) if cnp.PyArray_NDIM(x.array) else 1
    if cnp.PyArray_SIZE(i.array):
        low, high = i.array.min(), i.array.max()
        if low < 0 or high >= size:
            raise RuntimeError(f"{what}: index {low if low < 0 else high} is out of bounds for "
                               f"dimension {axis} with size {size}")
    return i.array


cdef tuple mesh(Tensor x, object index, int axis, str what):
    """The index with which NumPy reads what gather reads."""
    cdef cnp.ndarray i = checked_index(x, index, axis, what)
    cdef int ndim = cnp.PyArray_NDIM(x.array), d
    if ndim == 0:
        return ()
    if cnp.PyArray_NDIM(i) != ndim:
        raise RuntimeError(f"{what}: expected an index of {ndim} dimensions, as the tensor, got "
                           f"shape {np.shape(i)}")
    grid = []
    for d in range(ndim):
        if d == axis:
            grid.append(i)
            continue
        if cnp.PyArray_DIM(i, d) > cnp.PyArray_DIM(x.array, d):
            raise RuntimeError(f"{what}: an index of shape {np.shape(i)} is larger than the tensor "
                               f"of shape {tuple(x.shape)} in dimension {d}")
        grid.append(np.arange(cnp.PyArray_DIM(i, d)).reshape((-1,) + (1,) * (ndim - 1 - d)))
    return tuple(grid)


def gather(input, dim, index, *, sparse_grad=False):
    """y[i][j][k] = x[index[i][j][k]][j][k] for dim 0, and likewise for others."""
    cdef Tensor x = as_operand(input)
    cdef int axis = axis_of(dim, cnp.PyArray_NDIM(x.array), "gather")
    grid = mesh(x, index, axis, "gather")
    if not grid:
        return x.clone().reshape(tuple(index.shape))
    return select_copy(x, grid)


cdef Tensor select_copy(Tensor x, tuple grid):
    cdef Take op = Take.__new__(Take)
    op.index = grid
    return op.run1(x)


@cython.trashcan(True)
cdef class Scatter(Op):
    """y = x, with v at (or added at) the places of a grid"""
    cdef tuple grid
    cdef Shape shape
    cdef bint adding

    def forward(self, cnp.ndarray x, cnp.ndarray v):
        y = x.copy()
        if self.adding:
            add_at(y, self.grid, v)
        else:
            y[self.grid] = v
        return y

    def vjp(self, g):
        gx = None
        if self.needs(0):
            gx = g if self.adding else erase(g, self.grid)
        return gx, select_copy(g, self.grid) if self.needs(1) else None


cdef Tensor scattered(object input, object dim, object index, object src, bint adding, str what):
    cdef Tensor x = as_operand(input)
    cdef Scatter op = Scatter.__new__(Scatter)
    cdef int axis = axis_of(dim, cnp.PyArray_NDIM(x.array), what)
    op.grid, op.adding = mesh(x, index, axis, what), adding
    shape = tuple(index.shape)
    if not isinstance(src, Tensor):
        src = wrap(np.full(shape, src, x.array.dtype))
    if src.dtype is not x.dtype:
        raise RuntimeError(f"{what}: expected src of dtype {x.dtype}, as the tensor, got "
                           f"{src.dtype}")
    if src.ndim != len(shape) or any([a < b for a, b in zip(src.shape, shape)]):
        raise RuntimeError(f"{what}: expected src at least as large as the index {shape}, got "
                           f"{tuple(src.shape)}")
    if tuple(src.shape) != shape:
        src = src[tuple([slice(0, n) for n in shape])]
    return op.run2(x, src)


def scatter(input, dim, index, src=None, *, value=None):
    """A copy of x with y[index[i][j]][j] = src[i][j] for dim 0 (src: a tensor or a number)."""
    return scattered(input, dim, index, value if src is None else src, False, "scatter")


def scatter_add(input, dim, index, src):
    """A copy of x with y[index[i][j]][j] += src[i][j] for dim 0."""
    return scattered(input, dim, index, src, True, "scatter_add")


def index_select(input, dim, index):
    """The slices along `dim` named by a vector of indices."""
    cdef Tensor x = as_operand(input)
    cdef int axis = axis_of(dim, cnp.PyArray_NDIM(x.array), "index_select")
    cdef cnp.ndarray i = checked_index(x, index, axis, "index_select")
    if cnp.PyArray_NDIM(i) > 1:
        raise RuntimeError(f"index_select: expected a vector of indices, got shape {np.shape(i)}")
    if cnp.PyArray_NDIM(x.array) == 0:
        return x.clone()
    cdef Take op = Take.__new__(Take)
    op.index = (slice(None),) * axis + (np.atleast_1d(i),)
    return op.run1(x)


def index_add(input, dim, index, source, *, alpha=1):
    """A copy of x with source's slices added to the slices along `dim` named by `index`."""
    cdef Tensor x = as_operand(input)
    cdef int axis = axis_of(dim, cnp.PyArray_NDIM(x.array), "index_add")
    cdef cnp.ndarray i = np.atleast_1d(checked_index(x, index, axis, "index_add"))
    cdef Scatter op = Scatter.__new__(Scatter)
    op.grid, op.adding = (slice(None),) * axis + (i,), True
    expected = tuple(x.shape)[:axis] + np.shape(i) + tuple(x.shape)[axis + 1:]
    if tuple(source.shape) != expected:
        raise RuntimeError(f"index_add: expected source of shape {expected}, got "
                           f"{tuple(source.shape)}")
    return op.run2(x, cast(as_operand(source * alpha if alpha != 1 else source),
                           cnp.PyArray_TYPE(x.array)))


def take_along_dim(input, indices, dim=None):
    """As gather, both broadcast in the other axes; without dim, in the flattened tensor."""
    if dim is None:
        return gather(input.reshape(-1), 0, indices.reshape(-1))
    if input.ndim != indices.ndim:
        raise RuntimeError("take_along_dim: expected as many dimensions in both, got shape "
                           f"{tuple(indices.shape)} for indices in {tuple(input.shape)}")
    cdef int axis = axis_of(dim, input.ndim, "take_along_dim")
    ours, theirs = list(input.shape), list(indices.shape)
    length, ours[axis] = ours[axis], theirs[axis]
    try:
        common = list(np.broadcast_shapes(tuple(ours), tuple(theirs)))
    except ValueError:
        raise RuntimeError(f"take_along_dim: shapes {tuple(input.shape)} and {tuple(indices.shape)}"
                           f" do not broadcast outside of dim {dim}") from None
    indices = indices.broadcast_to(common)
    common[axis] = length
    return gather(input.broadcast_to(common), axis, indices)


def masked_fill(input, mask, value):
    """x, with `value` (a number or 0-d tensor) where the mask (bool) holds."""
    cdef Tensor x = as_operand(input)
    if not isinstance(mask, Tensor) or not cnp.PyArray_ISBOOL((<Tensor> mask).array):
        raise RuntimeError("masked_fill: expected a mask of dtype bool, got "
                           f"{mask.dtype if isinstance(mask, Tensor) else type(mask).__name__}")
    if isinstance(value, Tensor) and value.ndim:
        raise RuntimeError("masked_fill: expected a number or a 0-d tensor as value, got shape "
                           f"{tuple(value.shape)}")
    if not isinstance(value, Tensor) and cnp.PyArray_ISFLOAT(x.array):
        value = wrap(np.asarray(value, x.array.dtype))                # no rounding on the way
    value = cast(as_operand(value), cnp.PyArray_TYPE(x.array))
    return where(mask, value, x)


def masked_select(input, mask):
    """The elements where the mask (bool, broadcast with x) holds, in one dimension."""
    cdef Tensor x = as_operand(input)
    mask = wrap(numbers(as_operand(mask).array, mask))
    if not cnp.PyArray_ISBOOL((<Tensor> mask).array):
        raise RuntimeError(f"masked_select: expected a mask of bools, got {mask.dtype}; compare, "
                           "as in mask != 0, or convert it with .bool()")
    cdef Shape shape = shape_of(np.empty(np.broadcast_shapes(tuple(x.shape), tuple(mask.shape)),
                                         np.bool_))
    return select(expand_to_shape(x, shape), (expand_to_shape(mask, shape)).array)


def nonzero(input, *, as_tuple=False):
    """The indices of the elements other than 0, one row each (as_tuple: a tensor per dimension)."""
    found = np.nonzero(np.atleast_1d(as_operand(input).array))
    if as_tuple:
        return tuple([wrap(i) for i in found])
    return wrap(np.stack(found, 1)[:, :as_operand(input).ndim])


# -------------------------------------------------------------------------------------------- order

cdef object order_of(cnp.ndarray x, int axis, bint descending):
    """Where the elements come from when sorted stably; NaN counts as the largest."""
    if cnp.PyArray_NDIM(x) == 0:
        return np.zeros((), np.int64)
    if not descending:
        return np.argsort(x, axis, kind="stable")
    n = cnp.PyArray_DIM(x, axis)
    back = np.argsort(np.flip(x, axis), axis, kind="stable")
    return np.ascontiguousarray(n - 1 - np.flip(back, axis))


def sort(input, dim=-1, descending=False, stable=False):
    """(values, indices) in ascending order along `dim`; always stable; NaN counts as largest."""
    cdef Tensor x = as_operand(input)
    cdef int axis = axis_of(dim, cnp.PyArray_NDIM(x.array), "sort")
    at = wrap(order_of(x.array, axis, descending))
    return Sorted(gather(x, axis, at), at)


def argsort(input, dim=-1, descending=False, stable=False):
    """The indices that sort along `dim`."""
    cdef Tensor x = as_operand(input)
    return wrap(order_of(x.array, axis_of(dim, cnp.PyArray_NDIM(x.array), "argsort"), descending))


def topk(input, k, dim=-1, largest=True, sorted=True):
    """(values, indices) of the k largest (smallest) along `dim`, in order."""
    cdef Tensor x = as_operand(input)
    cdef int axis = axis_of(dim, cnp.PyArray_NDIM(x.array), "topk")
    size = x.shape[axis] if x.ndim else 1
    if not 0 <= k <= size:
        raise RuntimeError(f"topk: expected k from 0 to {size}, the size of dimension {dim}, got "
                           f"{k}")
    at = order_of(x.array, axis, largest)
    if x.ndim:
        at = np.take(at, np.arange(k), axis)
    return Sorted(gather(x, axis, wrap(at)), wrap(at))


operators.getitem, operators.setitem = getitem, setitem
operators.regrow, operators.splice = regrow, splice

methods([gather, index_select, masked_select, nonzero, sort, argsort, topk, take_along_dim])
methods([scatter, scatter_add, index_add, masked_fill], in_place_too=True)
