"""Other shapes: views of the same memory where one exists, and joining and taking apart."""

cimport cython
cimport numpy as cnp
from cpython.number cimport PyNumber_AsSsize_t

import numpy as np

from plugrad.kernels.base cimport buffers
from plugrad.kernels.strides.copies cimport contiguous as copied, lay
from plugrad.kernels.base.views cimport strided
from plugrad.ops import create
from plugrad.ops.common cimport Shape, as_operand, axes_of, axis_of, cast, reshaped, run1, shape_of
from plugrad.ops.common import methods, result_type
from plugrad.tensor.tensor cimport Op, Tensor, view_of, wrap
from plugrad.tensor.tensor import attach

from plugrad.ops.create import check_size
from plugrad.tensor import dtypes

cnp.import_array()


cdef tuple sizes_from(tuple sizes, str what):
    """The sizes in f(2, 3), f((2, 3)) or f(shape).  Raises TypeError for what is no size."""
    if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)):
        sizes = tuple(sizes[0])
    try:
        return tuple([PyNumber_AsSsize_t(s, OverflowError) for s in sizes])
    except (TypeError, OverflowError):
        raise TypeError(f"{what}: expected ints of at most 64 bits, got {sizes}") from None


cdef Shape resolved(Tensor x, tuple sizes, object what):
    """The shape asked for, with -1 worked out.  Raises RuntimeError if it can't hold x."""
    cdef Shape shape
    cdef Py_ssize_t total = cnp.PyArray_SIZE(x.array), known = 1
    cdef double product = 1                 # as `known`, which wraps around
    cdef int i, unknown = -1
    if len(sizes) > 32:
        raise RuntimeError(f"{what}: expected at most 32 dimensions, got {len(sizes)}")
    shape.ndim = len(sizes)
    for i in range(shape.ndim):
        shape.sizes[i] = sizes[i]
        if sizes[i] == -1 and unknown < 0:
            unknown = i
        elif sizes[i] < 0:
            raise RuntimeError(f"{what}: {sizes} is no shape: sizes are not negative, but for one "
                               "-1 that is worked out")
        else:
            known *= shape.sizes[i]
            product *= shape.sizes[i]
    if unknown >= 0 and known > 0 and total % known == 0:
        shape.sizes[unknown] = total // known
        known = total
    elif unknown >= 0:
        known = -1
    if known != total or product > 2.0**62:
        raise RuntimeError(f"{what}: shape {sizes} can't hold the {total} elements of a tensor of "
                           f"shape {tuple(x.shape)}")
    return shape


# ------------------------------------------------------------------------------------------- views

def reshape(input, *sizes, shape=None):
    """The same elements, in C order, in another shape; one size may be -1.  A view if the strides
    allow one, else a copy."""
    cdef Tensor x = as_operand(input)
    return reshaped(x, resolved(x, sizes_from(sizes if shape is None else (shape,), "reshape"),
                                "reshape"))


def view(Tensor self, *shape):
    """As reshape, but always on the same memory: RuntimeError if that can't be.  view(dtype) sees
    the same bytes as another dtype."""
    cdef Tensor y
    if len(shape) == 1 and isinstance(shape[0], dtypes.dtype):
        return view_of(self, self.array.view(shape[0].numpy))
    y = reshaped(self, resolved(self, sizes_from(shape, "view"), "view"))
    if cnp.PyArray_SIZE(y.array) and cnp.PyArray_DATA(y.array) != cnp.PyArray_DATA(self.array):
        raise RuntimeError(f"view: no view of shape {tuple(y.shape)} exists for a tensor of shape "
                           f"{tuple(self.shape)} whose elements lie apart (after a transpose, "
                           "say); use .reshape(...)")
    return y


def view_as(input, other):
    """The view in the shape of other."""
    return view(input, tuple(other.shape))


def reshape_as(input, other):
    """reshape to the shape of other."""
    return reshape(input, tuple(other.shape))


def flatten(input, start_dim=0, end_dim=-1):
    """The dimensions from start_dim to end_dim as one."""
    cdef Tensor x = as_operand(input)
    cdef int ndim = cnp.PyArray_NDIM(x.array)
    cdef int first = axis_of(start_dim, ndim, "flatten"), last = axis_of(end_dim, ndim, "flatten")
    if ndim == 0:
        return reshape(x, 1)
    if first > last:
        raise RuntimeError(f"flatten: start_dim {start_dim} comes after end_dim {end_dim}")
    if first == last:
        return x
    shape = tuple(x.shape)
    middle = 1
    for size in shape[first:last + 1]:
        middle *= size
    return reshape(x, shape[:first] + (middle,) + shape[last + 1:])


def ravel(input):
    """All elements in one dimension."""
    return reshape(input, -1)


def unflatten(input, dim, sizes):
    """Dimension `dim` taken apart into `sizes`; one may be -1."""
    cdef Tensor x = as_operand(input)
    cdef int axis = axis_of(dim, cnp.PyArray_NDIM(x.array), "unflatten")
    shape = tuple(x.shape)
    known = 1
    for size in sizes:
        known *= size if size != -1 else 1
    sizes = tuple([shape[axis] // known if size == -1 and known else size for size in sizes])
    product = 1
    for size in sizes:
        product *= size
    if product != shape[axis]:
        raise RuntimeError(f"unflatten: sizes {sizes} don't multiply to {shape[axis]}, the size of "
                           f"dimension {dim} of shape {shape}")
    return reshape(x, shape[:axis] + sizes + shape[axis + 1:])


def squeeze(input, dim=None):
    """Without the dimensions of size 1 (all, or those in `dim`)."""
    cdef Tensor x = as_operand(input)
    cdef int ndim = cnp.PyArray_NDIM(x.array)
    cdef unsigned long long axes
    axes = (1ULL << ndim) - 1 if dim is None else axes_of(dim, ndim, "squeeze")
    if isinstance(dim, (tuple, list)) and len(dim) == 0:
        axes = 0
    return reshape(x, tuple([s for i, s in enumerate(x.shape) if s != 1 or not axes >> i & 1]))


def unsqueeze(input, dim):
    """With a new dimension of size 1 at `dim`."""
    cdef Tensor x = as_operand(input)
    cdef int axis = axis_of(dim, cnp.PyArray_NDIM(x.array) + 1, "unsqueeze")
    shape = tuple(x.shape)
    return reshape(x, shape[:axis] + (1,) + shape[axis:])


cdef class Permute(Op):
    """y[i, j, ...] = x[those indices in another order]"""
    cdef int order[32]

    def forward(self, cnp.ndarray x):
        cdef cnp.npy_intp sizes[32]
        cdef cnp.npy_intp strides[32]
        cdef int i, ndim = cnp.PyArray_NDIM(x)
        self.viewing = True
        for i in range(ndim):
            sizes[i] = cnp.PyArray_DIM(x, self.order[i])
            strides[i] = cnp.PyArray_STRIDE(x, self.order[i])
        return strided(x, ndim, sizes, strides, 0)

    def vjp(self, g):
        cdef Permute back = Permute.__new__(Permute)
        cdef Tensor g_ = g
        cdef int i
        for i in range(cnp.PyArray_NDIM(g_.array)):
            back.order[self.order[i]] = i
        return back.run1(g_)


def permute(input, *order, dims=None):
    """The dimensions in the order `dims`.  A view."""
    cdef Tensor x = as_operand(input)
    cdef Permute op = Permute.__new__(Permute)
    cdef int i, ndim = cnp.PyArray_NDIM(x.array)
    cdef unsigned long long seen = 0
    order = sizes_from(order if dims is None else (dims,), "permute")
    if len(order) != ndim:
        raise RuntimeError(f"permute: expected {ndim} dimensions for shape {tuple(x.shape)}, got "
                           f"{order}")
    for i in range(ndim):
        op.order[i] = axis_of(order[i], ndim, "permute")
        seen |= 1ULL << op.order[i]
    if seen != (1ULL << ndim) - 1:
        raise RuntimeError(f"permute: {order} names a dimension twice")
    return op.run1(x)


def transpose(input, dim0, dim1):
    """Dimensions dim0 and dim1 exchanged.  A view."""
    cdef Tensor x = as_operand(input)
    cdef Permute op = Permute.__new__(Permute)
    cdef int i, ndim = cnp.PyArray_NDIM(x.array)
    cdef int a = axis_of(dim0, ndim, "transpose"), b = axis_of(dim1, ndim, "transpose")
    for i in range(ndim):
        op.order[i] = b if i == a else a if i == b else i
    return op.run1(x)


def t(input):
    """The transpose of a matrix; a vector or number as it is."""
    cdef Tensor x = as_operand(input)
    if cnp.PyArray_NDIM(x.array) > 2:
        raise RuntimeError(f"t: expected at most 2 dimensions, got shape {tuple(x.shape)}; use .mT "
                           "for the last two")
    return transpose(x, 0, 1) if cnp.PyArray_NDIM(x.array) == 2 else x


def _T(input):
    """All dimensions in reverse order.  A view."""
    cdef Tensor x = as_operand(input)
    cdef Permute op = Permute.__new__(Permute)
    cdef int i, ndim = cnp.PyArray_NDIM(x.array)
    for i in range(ndim):
        op.order[i] = ndim - 1 - i
    return op.run1(x)


def _mT(input):
    """The last two dimensions exchanged.  A view."""
    if input.ndim < 2:
        raise RuntimeError(f"mT: expected at least 2 dimensions, got shape {tuple(input.shape)}")
    return transpose(input, -2, -1)


def movedim(input, source, destination):
    """Dimensions moved to other places; the others keep their order.  A view."""
    cdef Tensor x = as_operand(input)
    cdef int ndim = cnp.PyArray_NDIM(x.array)
    sources = [axis_of(d, ndim, "movedim")
               for d in (source if isinstance(source, (tuple, list)) else (source,))]
    targets = [axis_of(d, ndim, "movedim")
               for d in (destination if isinstance(destination, (tuple, list)) else (destination,))]
    if len(sources) != len(targets) or len(set(sources)) < len(sources) or (
            len(set(targets)) < len(targets)):
        raise RuntimeError(f"movedim: {source} to {destination} is no one-to-one move")
    order = [i for i in range(ndim) if i not in sources]
    for target, origin in sorted(zip(targets, sources)):
        order.insert(target, origin)
    return permute(x, order)


cdef class Contiguous(Op):
    """A copy in memory of its own, in C order."""

    def forward(self, cnp.ndarray x):
        return copied(x)

    def vjp(self, g):
        return g


def clone(input, *, memory_format=None):
    """A copy in memory of its own; gradients pass through it."""
    return run1(Contiguous.__new__(Contiguous), as_operand(input))


def contiguous(input, *, memory_format=None):
    """The tensor itself if its elements lie in C order without gaps, else such a copy."""
    cdef Tensor x = as_operand(input)
    return x if cnp.PyArray_IS_C_CONTIGUOUS(x.array) else clone(x)


# ------------------------------------------------------------------------------- joining, repeating

@cython.trashcan(True)
cdef class Cat(Op):
    """y = the inputs one after the other along a dimension"""
    cdef int axis, ndim
    cdef list lengths, passed

    def forward(self, *arrays):
        """Arrays of shape (0,) are passed over, whatever ndim is, as in PyTorch."""
        cdef cnp.ndarray a, out
        cdef Shape shape
        cdef Py_ssize_t n, at = 0
        self.passed, self.lengths = [], []
        for a in arrays:
            self.passed.append(cnp.PyArray_NDIM(a) != self.ndim)
            if not self.passed[-1]:
                shape = shape_of(a)
            n = 0 if self.passed[-1] else cnp.PyArray_DIM(a, self.axis)
            self.lengths.append(n)
            at += n
        shape.sizes[self.axis] = at
        out = buffers.empty(shape.ndim, shape.sizes, cnp.PyArray_TYPE(a))
        at = 0
        for a, n in zip(arrays, self.lengths):
            if n:
                lay(out, at * cnp.PyArray_STRIDE(out, self.axis), -1, a)
            at += n
        return out

    def vjp(self, g):
        parts = split(g, self.lengths, self.axis)
        return tuple([part.reshape(0) if passed else part
                      for part, passed in zip(parts, self.passed)])


cpdef list parts_of(object tensors, str what):
    """The tensors of a list or tuple.  Raises TypeError for anything else, a Tensor, too."""
    if not isinstance(tensors, (tuple, list)):
        raise TypeError(f"{what}: expected a list or tuple of tensors, got "
                        f"{type(tensors).__name__}")
    return [as_operand(x, what) for x in tensors]


def cat(tensors, dim=0, *, axis=None):
    """The tensors one after the other along `dim` (or `axis`); all other sizes must agree."""
    dim = dim if axis is None else axis
    cdef Cat op = Cat.__new__(Cat)
    parts = parts_of(tensors, "cat")
    if not parts:
        raise RuntimeError("cat: expected at least one tensor, got an empty list")
    solid = [x for x in parts if tuple(x.shape) != (0,)] or parts
    first, op.ndim = solid[0], solid[0].ndim
    if first.ndim == 0:
        raise RuntimeError("cat: a 0-d tensor can't be joined; use stack")
    op.axis = axis_of(dim, first.ndim, "cat")
    for i, x in enumerate(solid):
        if any_other((<Tensor> x).array, (<Tensor> first).array, op.axis):
            raise RuntimeError(f"cat: sizes must agree but along dimension {dim}: tensor 0 has "
                               f"shape {tuple(first.shape)}, tensor {i} {tuple(x.shape)}")
    return op.run(alike(parts))


cdef bint any_other(cnp.ndarray a, cnp.ndarray b, int axis) noexcept:
    """Whether two shapes differ but along an axis (-1: anywhere)."""
    cdef int i
    if cnp.PyArray_NDIM(a) != cnp.PyArray_NDIM(b):
        return True
    for i in range(cnp.PyArray_NDIM(a)):
        if i != axis and cnp.PyArray_DIM(a, i) != cnp.PyArray_DIM(b, i):
            return True
    return False


cdef tuple alike(list parts):
    """The tensors in one dtype."""
    cdef int typenum = cnp.PyArray_TYPE((<Tensor> parts[0]).array)
    for x in parts:
        if cnp.PyArray_TYPE((<Tensor> x).array) != typenum:
            typenum = result_type(*parts).numpy.num
            return tuple([cast(x, typenum) for x in parts])
    return tuple(parts)


@cython.trashcan(True)
cdef class Stack(Op):
    """y = the inputs, all of one shape, side by side in a new dimension"""
    cdef int axis

    def forward(self, *arrays):
        cdef cnp.ndarray a = arrays[0], out
        cdef Shape shape = shape_of(a)
        cdef int i
        for i in range(shape.ndim, self.axis, -1):
            shape.sizes[i] = shape.sizes[i - 1]
        shape.sizes[self.axis] = len(arrays)
        shape.ndim += 1
        out = buffers.empty(shape.ndim, shape.sizes, cnp.PyArray_TYPE(a))
        for i in range(len(arrays)):
            lay(out, i * cnp.PyArray_STRIDE(out, self.axis), self.axis, arrays[i])
        return out

    def vjp(self, g):
        return unbind(g, self.axis)


def stack(tensors, dim=0, *, axis=None):
    """The tensors, all of one shape, side by side in a new dimension at `dim` (or `axis`)."""
    dim = dim if axis is None else axis
    parts = parts_of(tensors, "stack")
    if not parts:
        raise RuntimeError("stack: expected at least one tensor, got an empty list")
    for i, x in enumerate(parts):
        if any_other((<Tensor> x).array, (<Tensor> parts[0]).array, -1):
            raise RuntimeError(f"stack: expected tensors of one shape: tensor 0 has shape "
                               f"{tuple(parts[0].shape)}, tensor {i} {tuple(x.shape)}")
    cdef Stack op = Stack.__new__(Stack)
    op.axis = axis_of(dim, parts[0].ndim + 1, "stack")
    return op.run(alike(parts))


def hstack(tensors):
    """The tensors joined along dimension 1 (0 for vectors)."""
    parts = parts_of(tensors, "hstack")
    parts = [reshape(x, 1) if x.ndim == 0 else x for x in parts]
    return cat(parts, 0 if parts and parts[0].ndim == 1 else 1)


def vstack(tensors):
    """The tensors joined along dimension 0; vectors become rows."""
    parts = parts_of(tensors, "vstack")
    return cat([reshape(x, 1, -1) if x.ndim < 2 else x for x in parts], 0)


@cython.trashcan(True)
cdef class Split(Op):
    """ys = x cut into pieces of given lengths along a dimension, each a view"""
    cdef int axis
    cdef list lengths

    def forward(self, cnp.ndarray x):
        cdef Shape shape = shape_of(x)
        cdef Py_ssize_t stride = cnp.PyArray_STRIDE(x, self.axis), start = 0
        cdef list parts = []
        self.viewing = True
        for length in self.lengths:
            shape.sizes[self.axis] = length
            parts.append(strided(x, shape.ndim, shape.sizes, cnp.PyArray_STRIDES(x),
                                 start * stride if length else 0))
            start += length
        return parts

    def vjp(self, *gs):
        return cat(gs, self.axis)


def split(tensor, split_size_or_sections, dim=0):
    """Pieces along `dim`: of that size (the last may be smaller), or of the sizes in a list."""
    cdef Tensor x = as_operand(tensor)
    cdef Split op = Split.__new__(Split)
    if cnp.PyArray_NDIM(x.array) == 0:
        raise RuntimeError("split: a 0-d tensor can't be split")
    op.axis = axis_of(dim, cnp.PyArray_NDIM(x.array), "split")
    length = cnp.PyArray_DIM(x.array, op.axis)
    if isinstance(split_size_or_sections, (tuple, list)):
        op.lengths = list(sizes_from(tuple(split_size_or_sections), "split"))
        if sum(op.lengths) != length or (op.lengths and min(op.lengths) < 0):
            raise RuntimeError(f"split: sizes {op.lengths} must add up to {length}, the size of "
                               f"dimension {dim} of shape {tuple(x.shape)}")
    else:
        size, = sizes_from((split_size_or_sections,), "split")
        if size < 0 or (size == 0 and length):
            raise RuntimeError(f"split: expected a positive size, got {size}")
        op.lengths = [min(size, length - i) for i in range(0, length, size or 1)] or [0]
    return op.run((x,))


def chunk(input, chunks, dim=0):
    """At most `chunks` pieces of one size along `dim`; the last may be smaller."""
    cdef Tensor x = as_operand(input)
    chunks, = sizes_from((chunks,), "chunk")
    if chunks < 1:
        raise RuntimeError(f"chunk: expected at least 1 chunk, got {chunks}")
    cdef int axis = axis_of(dim, cnp.PyArray_NDIM(x.array), "chunk")
    length = x.shape[axis] if x.ndim else 1
    size = -(-length // chunks)
    return split(x, size, dim) if length else split(x, [0] * create.length(chunks, "chunk"), dim)


@cython.trashcan(True)
cdef class Unbind(Op):
    """ys = the slices of x along a dimension, without it, each a view"""
    cdef int axis

    def forward(self, cnp.ndarray x):
        cdef cnp.npy_intp sizes[32]
        cdef cnp.npy_intp strides[32]
        cdef int i, ndim = 0
        self.viewing = True
        for i in range(cnp.PyArray_NDIM(x)):
            if i != self.axis:
                sizes[ndim], strides[ndim] = cnp.PyArray_DIM(x, i), cnp.PyArray_STRIDE(x, i)
                ndim += 1
        return [strided(x, ndim, sizes, strides, i * cnp.PyArray_STRIDE(x, self.axis))
                for i in range(cnp.PyArray_DIM(x, self.axis))]

    def vjp(self, *gs):
        return stack(gs, self.axis)


def unbind(input, dim=0):
    """The slices along `dim`, without that dimension."""
    cdef Tensor x = as_operand(input)
    if cnp.PyArray_NDIM(x.array) == 0:
        raise RuntimeError("unbind: a 0-d tensor has no dimension to take apart")
    cdef Unbind op = Unbind.__new__(Unbind)
    op.axis = axis_of(dim, cnp.PyArray_NDIM(x.array), "unbind")
    return op.run((x,)) if cnp.PyArray_DIM(x.array, op.axis) else ()


def repeat(input, *sizes):
    """The tensor repeated sizes[i] times along each dimension (new ones in front)."""
    cdef Tensor x = as_operand(input)
    times = sizes_from(sizes, "repeat")
    extra = len(times) - x.ndim
    if extra < 0 or (times and min(times) < 0):
        raise RuntimeError(f"repeat: expected at least {x.ndim} counts of 0 or more for shape "
                           f"{tuple(x.shape)}, got {times}")
    shape = (1,) * extra + tuple(x.shape)
    apart, wide, whole = [], [], []
    for n, size in zip(times, shape):
        apart += [1, size]
        wide += [n, size]
        whole.append(n * size)
    return clone(reshape(x, apart).expand(wide)).reshape(whole)


def tile(input, *dims):
    """As repeat; missing counts in front are 1."""
    times = sizes_from(dims, "tile")
    return repeat(input, (1,) * (as_operand(input, "tile").ndim - len(times)) + times)


def repeat_interleave(input, repeats, dim=None):
    """Each element (slice along `dim`) repeated `repeats` times (an int or one per slice)."""
    cdef Tensor x = as_operand(input)
    if dim is None:
        x, dim = reshape(x, -1), 0
    axis = axis_of(dim, x.ndim, "repeat_interleave")
    counts = np.asarray(repeats.array if isinstance(repeats, Tensor) else repeats)
    if counts.dtype.kind not in "iu" or counts.shape not in ((), (1,), (x.size(axis),)):
        raise RuntimeError("repeat_interleave: expected a whole number of times, or a vector of "
                           f"{x.size(axis)}, got {counts.dtype} of shape {counts.shape}")
    if counts.size and counts.min() < 0:
        raise RuntimeError(f"repeat_interleave: expected counts of 0 or more, got {counts.min()}")
    create.length(int(np.sum(counts, dtype=float)) * (x.size(axis) if counts.size == 1 else 1),
                  "repeat_interleave")
    return x.index_select(axis, wrap(np.repeat(np.arange(x.size(axis)), counts)))


# --------------------------------------------------------------------------------- rearranging

cdef class Flip(Op):
    """y = x with some dimensions in reverse order"""
    cdef unsigned long long axes

    def forward(self, cnp.ndarray x):
        axes = tuple([i for i in range(cnp.PyArray_NDIM(x)) if self.axes >> i & 1])
        return np.ascontiguousarray(np.flip(x, axes)).reshape(np.shape(x))

    def vjp(self, g):
        cdef Flip back = Flip.__new__(Flip)
        back.axes = self.axes
        return back.run1(g)


def flip(input, *axes, dims=None):
    """The elements in reverse order along each of `dims`."""
    cdef Tensor x = as_operand(input)
    cdef Flip op = Flip.__new__(Flip)
    named = sizes_from(axes if dims is None else (dims,), "flip")
    op.axes = axes_of(named, cnp.PyArray_NDIM(x.array), "flip") if named else 0
    return op.run1(x)


@cython.trashcan(True)
cdef class Roll(Op):
    """y = x moved along some dimensions, what falls off coming in at the other end"""
    cdef tuple shifts, axes

    def forward(self, cnp.ndarray x):
        return np.roll(x, self.shifts, self.axes)

    def vjp(self, g):
        cdef Roll back = Roll.__new__(Roll)
        back.shifts, back.axes = tuple([-s for s in self.shifts]), self.axes
        return back.run1(g)


def roll(input, shifts, dims=None):
    """The elements moved by `shifts` along `dims`; without dims, in the flattened tensor."""
    cdef Tensor x = as_operand(input)
    cdef Roll op = Roll.__new__(Roll)
    op.shifts = tuple(shifts) if isinstance(shifts, (tuple, list)) else (int(shifts),)
    if dims is None:
        if len(op.shifts) != 1:
            raise RuntimeError(f"roll: several shifts {op.shifts} need dims")
        op.axes = (0,)
        return reshape(op.run1(reshape(x, -1)), tuple(x.shape))
    named = dims if isinstance(dims, (tuple, list)) else (dims,)
    op.axes = tuple([axis_of(d, cnp.PyArray_NDIM(x.array), "roll") for d in named])
    if len(op.axes) != len(op.shifts):
        raise RuntimeError(f"roll: expected one shift per dimension, got shifts {op.shifts} and "
                           f"dims {tuple(named)}")
    return op.run1(x) if x.ndim else clone(x)


cdef class Triangle(Op):
    """y = x on and below (above) a diagonal, 0 elsewhere"""
    cdef Py_ssize_t diagonal
    cdef bint upper

    def forward(self, cnp.ndarray x):
        return (np.triu if self.upper else np.tril)(x, self.diagonal)

    def vjp(self, g):
        return triangle(g, self.diagonal, self.upper, "tril")


cdef Tensor triangle(object input, object diagonal, bint upper, str what):
    cdef Tensor x = as_operand(input)
    cdef Triangle op = Triangle.__new__(Triangle)
    if cnp.PyArray_NDIM(x.array) < 2:
        raise RuntimeError(f"{what}: expected at least 2 dimensions, got shape {tuple(x.shape)}")
    op.diagonal, = sizes_from((diagonal,), what)
    op.diagonal = max(-x.shape[-2], min(op.diagonal, x.shape[-1]))      # NumPy calculates with it
    op.upper = upper
    return op.run1(x)


def tril(input, diagonal=0):
    """The lower triangle of the last two dimensions, 0 above the diagonal."""
    return triangle(input, diagonal, False, "tril")


def triu(input, diagonal=0):
    """The upper triangle of the last two dimensions, 0 below the diagonal."""
    return triangle(input, diagonal, True, "triu")


def pad(input, pad, mode="constant", value=None):
    """The tensor with a border.  pad: (left, right) of the last dimension, then of the one before
    it, and so on; negative sizes cut off.

    mode: "constant" (value, 0 if None), "reflect", "replicate" or "circular".
    """
    cdef Tensor x = as_operand(input)
    widths = sizes_from(tuple(pad), "pad")
    if len(widths) % 2 or len(widths) > 2 * x.ndim:
        raise RuntimeError(f"pad: expected pairs (before, after) for at most {x.ndim} dimensions, "
                           f"got {tuple(pad)}")
    if mode not in ("constant", "reflect", "replicate", "circular"):
        raise ValueError("pad: expected mode constant, reflect, replicate or circular, got "
                         f"{mode!r}")
    for k in range(0, len(widths), 2):
        axis = x.ndim - 1 - k // 2
        before, after, size = widths[k], widths[k + 1], x.shape[axis]
        if before == 0 and after == 0:
            continue
        if size + before + after < 0:
            raise RuntimeError(f"pad: {before} and {after} cut more off dimension {axis} than its "
                               f"size {size}")
        check_size("pad", (*x.shape[:axis], size + before + after, *x.shape[axis + 1:]))
        if mode == "circular" and min(before, after) < 0:       # what is cut off does not return
            x = x.narrow(axis, max(-before, 0), size + min(before, 0) + min(after, 0))
            before, after, size = max(before, 0), max(after, 0), x.shape[axis]
        if mode == "constant":
            x = padded(x, axis, before, after, 0 if value is None else value)
        else:
            x = x.index_select(axis, wrap(border(size, before, after, mode)))
    return clone(x) if x is input else x


cdef object border(Py_ssize_t size, Py_ssize_t before, Py_ssize_t after, str mode):
    """For each place of the padded dimension, where its element comes from."""
    at = np.arange(-before, size + after)
    if mode == "replicate":
        return at.clip(0, size - 1)
    limit = size - 1 if mode == "reflect" else size
    if before > limit or after > limit:
        raise RuntimeError(f"pad: mode {mode} reaches at most {limit} beyond a dimension of size "
                           f"{size}, got {before} and {after}")
    if mode == "circular":
        return at % size
    return (size - 1) - np.abs(size - 1 - np.abs(at))


cdef Tensor padded(Tensor x, int axis, Py_ssize_t before, Py_ssize_t after, object value):
    if before < 0 or after < 0:
        cut = [slice(None)] * axis + [slice(max(-before, 0), x.shape[axis] - max(-after, 0))]
        x = x[tuple(cut)]
    shape = list(x.shape)
    parts = [x]
    if before > 0:
        shape[axis] = before
        parts.insert(0, wrap(np.full(shape, value, x.array.dtype)))
    if after > 0:
        shape[axis] = after
        parts.append(wrap(np.full(shape, value, x.array.dtype)))
    return cat(parts, axis)


methods([reshape, view, view_as, reshape_as, flatten, ravel, unflatten, squeeze, unsqueeze, permute,
         transpose, t, movedim, clone, contiguous, split, chunk, unbind, repeat, tile,
         repeat_interleave, flip, roll])
methods([tril, triu], in_place_too=True)
swapaxes = transpose
attach("swapaxes", transpose)
attach("T", property(_T))
attach("mT", property(_mT))
