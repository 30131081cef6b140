"""What all operations share: promotion, broadcasting, casts, axes and writing in place."""

cimport numpy as cnp

import numpy as np

from plugrad.tensor import dtypes
from plugrad.ops.create import empty_like
from plugrad.tensor.devices import check_device
from plugrad.kernels.strides.copies cimport contiguous, contiguous_as
from plugrad.kernels.reduce.door cimport SUM, reduce
from plugrad.kernels.base.views cimport strided, view_strides
from plugrad.tensor.tensor cimport (
    Op, Tensor, check_writable, grad_enabled, wrap, written,
)
from plugrad.tensor.tensor import attach, from_array

cnp.import_array()


# -------------------------------------------------------------------------------- dtypes, promotion

cdef int default_typenum() except -1:
    return cnp.NPY_FLOAT32 if dtypes._default is dtypes.float32 else cnp.NPY_FLOAT64


cdef class To(Op):
    """The same numbers in another dtype."""
    cdef int typenum, source

    def forward(self, cnp.ndarray x):
        self.source = cnp.PyArray_TYPE(x)
        return cnp.PyArray_Cast(x, self.typenum)

    def vjp(self, g):
        return cast(g, self.source)


cdef Tensor cast(Tensor x, int typenum):
    """x in this dtype: x itself if it has it already."""
    if cnp.PyArray_TYPE(x.array) == typenum:
        return x
    cdef To op = To.__new__(To)
    op.typenum = typenum
    with np.errstate(all="ignore"):            # float to int out of range: any number, no warning
        return op.run1(x)


def to(Tensor self, *args, dtype=None, device=None, copy=False, non_blocking=False,
       memory_format=None):
    """The tensor in another dtype: x.to(dtype), x.to(other) or x.to("cpu").  The tensor itself if
    nothing changes, unless copy=True."""
    for a in args:
        if isinstance(a, Tensor):
            dtype = a.dtype
        elif isinstance(a, (dtypes.dtype, type, np.dtype)):
            dtype = a
        elif isinstance(a, str) and a not in dtypes._BY_NAME:
            device = a
        elif isinstance(a, str):
            dtype = a
        elif not isinstance(a, bool) and a is not None:
            device = a
    if device is not None:
        found = check_device("to", device)
        if found != self.device:
            if self.is_meta:
                raise NotImplementedError("to: this tensor has no data, for it was made on the "
                                          "device 'meta'; make it anew outside of it")
            return empty_like(self, device=found, dtype=dtype)
    cdef Tensor y = self if dtype is None else cast(self, dtypes.as_dtype(dtype).numpy.num)
    return y.clone() if copy and y is self else y


def _converter(name, target):
    def method(Tensor self):
        return cast(self, (dtypes._default if target is None else target).numpy.num)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"The tensor as {target}; itself if it is that already."
    return method


for _name, _target in dict(float=dtypes.float32, double=dtypes.float64, int=dtypes.int32,
                           long=dtypes.int64, bool=dtypes.bool_, byte=dtypes.uint8).items():
    attach(_name, _converter(_name, _target))
attach("to", to)


cdef cnp.ndarray scalar_array(object value, int typenum):
    """A Python number as a 0-d array."""
    cdef cnp.ndarray a = cnp.PyArray_EMPTY(0, NULL, typenum, 0)
    if typenum == cnp.NPY_FLOAT32:
        (<float*> cnp.PyArray_DATA(a))[0] = <float> <double> value
    elif typenum == cnp.NPY_FLOAT64:
        (<double*> cnp.PyArray_DATA(a))[0] = value
    else:
        fill_with_int(a, value)
    return a


cdef int fill_with_int(cnp.ndarray a, object value) except -1:
    """Put a number into an array of integers or bools."""
    try:
        if cnp.PyArray_TYPE(a) == cnp.NPY_UINT8 and not 0 <= value <= 255:
            value = int(value) & 255           # wraps around, as in PyTorch
        a[...] = value
    except OverflowError:
        raise too_large(a.dtype) from None
    return 0


cdef object too_large(dtype):
    return RuntimeError(f"an integer is too large for {dtype}; use a float, or tensors of floats")


cdef object group_dtype(object x):
    """(which group of operands x counts in, its dtype): see dtypes.combine."""
    if isinstance(x, Tensor):
        return (0 if cnp.PyArray_NDIM((<Tensor> x).array) else 1), (<Tensor> x).dtype
    return 2, dtypes.as_dtype(bool if isinstance(x, (bool, np.bool_)) else
                              int if isinstance(x, (int, np.integer)) else float)


def result_type(*operands):
    """The dtype that an operation on these tensors and numbers computes in."""
    groups = [None, None, None]
    for x in operands:
        i, d = group_dtype(x)
        groups[i] = d if groups[i] is None else dtypes.promote_types(groups[i], d)
    return dtypes.combine(*groups)


cdef bint is_number(object x):
    return isinstance(x, (int, float, np.integer, np.floating, np.bool_))


cdef Tensor as_operand(object x, str what=None):
    """x as a Tensor: itself, an array's memory, or a number as a 0-d tensor."""
    if isinstance(x, Tensor):
        return <Tensor> x
    if isinstance(x, cnp.ndarray):
        return from_array((<cnp.ndarray> x).astype(dtypes.as_dtype((<cnp.ndarray> x).dtype).numpy,
                                                   copy=False))
    if is_number(x):
        try:
            return wrap(np.array(x, group_dtype(x)[1].numpy))
        except OverflowError:
            raise too_large("int64") from None
    remedy = ("take one of its elements, as of the (output, state) of recurrent layers"
              if isinstance(x, tuple) and any(isinstance(part, Tensor) for part in x)
              else "make a tensor of it first with plugrad.tensor(...)")
    name = type(x).__name__
    if name == "Tensor":                        # another library's
        name = f"{type(x).__module__}.Tensor"
    raise TypeError(f"{what + ': ' if what else ''}expected a Tensor or a number, got {name}; "
                    f"{remedy}")


def operand(x, what):
    """x as a Tensor, for functions in Python: see as_operand."""
    return as_operand(x, what)


cdef Tensor as_floating(object x):
    """x as a Tensor of floating point dtype: integers become the default dtype."""
    cdef Tensor t = as_operand(x)
    if cnp.PyArray_ISFLOAT(t.array):
        return t
    return cast(t, default_typenum())


cdef inline bint takes(cnp.ndarray a, object number):
    """Whether Python's number changes nothing about a's dtype, at a glance."""
    if cnp.PyArray_ISFLOAT(a):
        return isinstance(number, (float, int))
    return cnp.PyArray_ISINTEGER(a) and isinstance(number, int)


cdef tuple operands(object a, object b, Rule rule):
    """Both as tensors of one dtype; one that needs a gradient also in the common shape."""
    cdef int typenum
    cdef Tensor x, y
    if isinstance(a, cnp.ndarray):
        a = as_operand(a)
    if isinstance(b, cnp.ndarray):
        b = as_operand(b)
    if isinstance(a, Tensor) and takes((<Tensor> a).array, b):
        typenum = cnp.PyArray_TYPE((<Tensor> a).array)
    elif isinstance(b, Tensor) and takes((<Tensor> b).array, a):
        typenum = cnp.PyArray_TYPE((<Tensor> b).array)
    elif (isinstance(a, Tensor) and isinstance(b, Tensor)
          and cnp.PyArray_TYPE((<Tensor> a).array) == cnp.PyArray_TYPE((<Tensor> b).array)):
        typenum = cnp.PyArray_TYPE((<Tensor> a).array)
    else:
        for operand in (a, b):
            if not isinstance(operand, Tensor):
                as_operand(operand)             # refuses what is no number
        typenum = result_type(a, b).numpy.num
    if rule == FLOATING and typenum != cnp.NPY_FLOAT32 and typenum != cnp.NPY_FLOAT64:
        typenum = default_typenum()
    x = cast(<Tensor> a, typenum) if isinstance(a, Tensor) else wrap(scalar_array(a, typenum))
    y = cast(<Tensor> b, typenum) if isinstance(b, Tensor) else wrap(scalar_array(b, typenum))
    # Shapes that do not fit are left to the kernel, which says what operation they were for.
    if grad_enabled() and not cnp.PyArray_SAMESHAPE(x.array, y.array):
        wide = cnp.PyArray_NDIM(y.array) and x.requires()        # a number stretches nothing
        wide_y = cnp.PyArray_NDIM(x.array) and y.requires()
        if (wide or wide_y) and broadcast(shape_of(x.array), shape_of(y.array)).ndim >= 0:
            if wide:
                x = expand_to(x, y.array)
            if wide_y:
                y = expand_to(y, x.array)
    return x, y


cdef Tensor binary_op(Op op, object a, object b, Rule rule):
    """The operation on two operands of any dtype, shape and kind."""
    cdef Tensor x, y
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        x, y = <Tensor> a, <Tensor> b
        if (cnp.PyArray_TYPE(x.array) == cnp.PyArray_TYPE(y.array)
                and cnp.PyArray_SAMESHAPE(x.array, y.array)
                and (rule == SAME or cnp.PyArray_ISFLOAT(x.array))):
            return op.run2(x, y)
    x, y = operands(a, b, rule)
    return op.run2(x, y)


def promoted(*inputs):
    """Tensors and numbers as tensors of one dtype and one shape; a gradient returns in the shape
    and dtype of each."""
    cdef Shape shape, common
    cdef Tensor x
    found = [value if is_number(value) else as_operand(value) for value in inputs]
    cdef int typenum = result_type(*found).numpy.num
    tensors = [cast(as_operand(value), typenum) for value in found]
    common.ndim = 0
    for x in tensors:
        shape = broadcast(common, shape_of(x.array))
        if shape.ndim < 0:
            raise unlike(common, shape_of(x.array))
        common = shape
    return tuple([expand_to_shape(x, common) for x in tensors])


# ------------------------------------------------------------------------------------ broadcasting

cdef Shape shape_of(cnp.ndarray a) noexcept:
    """The shape of an array in C."""
    cdef Shape shape
    cdef int i
    shape.ndim = cnp.PyArray_NDIM(a)
    for i in range(shape.ndim):
        shape.sizes[i] = cnp.PyArray_DIM(a, i)
    return shape


cdef class Expand(Op):
    """x seen in a larger shape, without a copy.  Its vjp is the one place where broadcasting is
    undone: the gradient is summed over the dimensions that were added or stretched."""
    cdef Shape shape, source

    def forward(self, cnp.ndarray x):
        cdef cnp.npy_intp strides[32]
        cdef int i, j
        self.source = shape_of(x)
        self.viewing = True
        for i in range(self.shape.ndim):
            j = i - self.shape.ndim + self.source.ndim
            strides[i] = (0 if j < 0 or self.source.sizes[j] != self.shape.sizes[i]
                          else cnp.PyArray_STRIDE(x, j))
        return strided(x, self.shape.ndim, self.shape.sizes, strides, 0)

    def vjp(self, g):
        return sum_to(g, self.source)


cdef Tensor expand_to(Tensor x, cnp.ndarray like):
    """x broadcast against `like`; x itself if that changes nothing."""
    cdef Shape shape = shape_of(like)
    return expand_to_shape(x, shape)


cdef Shape broadcast(Shape a, Shape b) noexcept:
    """The common shape of both; its ndim is -1 if there is none."""
    cdef Shape common
    cdef int i, j
    cdef cnp.npy_intp of_a, of_b
    common.ndim = max(a.ndim, b.ndim)
    for i in range(common.ndim):
        j = i - common.ndim
        of_a = a.sizes[a.ndim + j] if a.ndim + j >= 0 else 1
        of_b = b.sizes[b.ndim + j] if b.ndim + j >= 0 else 1
        if of_a != of_b and of_a != 1 and of_b != 1:
            common.ndim = -1
            break
        common.sizes[i] = of_b if of_a == 1 else of_a
    return common


cdef object unlike(Shape a, Shape b):
    """The error for two shapes that have none in common."""
    first = tuple([a.sizes[i] for i in range(a.ndim)])
    second = tuple([b.sizes[i] for i in range(b.ndim)])
    return RuntimeError(f"can't broadcast shapes {first} and {second}: counted from the last "
                        "dimension, sizes must be equal or 1")


cdef Tensor expand_to_shape(Tensor x, Shape other):
    cdef Expand op = Expand.__new__(Expand)
    cdef Shape mine = shape_of(x.array)
    cdef int i
    op.shape = broadcast(mine, other)
    if op.shape.ndim < 0:
        raise unlike(mine, other)
    if op.shape.ndim == mine.ndim:
        for i in range(mine.ndim):
            if op.shape.sizes[i] != mine.sizes[i]:
                break
        else:
            return x
    return op.run1(x)


def expand(input, *sizes):
    """x seen in a larger shape: dimensions of size 1 are stretched, new ones put in front, and -1
    keeps a size.  A view; RuntimeError if a size other than 1 would change."""
    cdef Tensor x = as_operand(input)
    cdef Expand op = Expand.__new__(Expand)
    cdef int i, j
    shape = sizes[0] if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)) else sizes
    old = tuple(x.shape)
    if len(shape) < len(old) or len(shape) > 32:
        raise RuntimeError(f"expand: {old} can't become {tuple(shape)}: expected {len(old)} to 32 "
                           f"sizes, got {len(shape)}")
    op.shape.ndim = len(shape)
    for i in range(op.shape.ndim):
        j = i - op.shape.ndim + len(old)
        size = int(shape[i])
        if size == -1 and j >= 0:
            size = old[j]
        if size < 0 or (j >= 0 and old[j] != 1 and old[j] != size):
            raise RuntimeError(f"expand: {old} can't become {tuple(shape)}: only dimensions of "
                               "size 1 stretch, and -1 stands for a size that is there")
        op.shape.sizes[i] = size
    return op.run1(x)


def broadcast_to(input, size):
    """x seen in the shape `size`, as `expand`."""
    return expand(input, tuple(size))


def expand_as(input, other):
    """x seen in the shape of other, as `expand`."""
    return expand(input, tuple(other.shape))


cdef Tensor reshaped(Tensor x, Shape shape):
    """x in a shape of as many elements."""
    cdef Reshape op = Reshape.__new__(Reshape)
    op.shape = shape
    return op.run1(x)


cdef class Reshape(Op):
    """The same elements, in C order, in another shape; a view where the strides allow one."""
    cdef Shape shape, source

    def forward(self, cnp.ndarray x):
        cdef cnp.PyArray_Dims dims
        cdef cnp.npy_intp strides[32]
        self.source = shape_of(x)
        self.viewing = True
        if cnp.PyArray_IS_C_CONTIGUOUS(x) or cnp.PyArray_SIZE(x) == 0:
            dims.ptr, dims.len = self.shape.sizes, self.shape.ndim
            return cnp.PyArray_Newshape(x, &dims, cnp.NPY_CORDER)
        if view_strides(x, self.shape.ndim, self.shape.sizes, strides):
            return strided(x, self.shape.ndim, self.shape.sizes, strides, 0)
        self.viewing = False
        return contiguous_as(x, self.shape.ndim, self.shape.sizes)

    def vjp(self, g):
        return reshaped(g, self.source)


cdef class SumTo(Op):
    """The sum over all dimensions in which x is larger than a smaller shape."""
    cdef Shape shape, source
    cdef unsigned long long axes

    def forward(self, cnp.ndarray x):
        cdef cnp.PyArray_Dims dims
        self.source = shape_of(x)
        dims.ptr, dims.len = self.shape.sizes, self.shape.ndim
        return cnp.PyArray_Newshape(reduce(SUM, x, self.axes, True), &dims, cnp.NPY_CORDER)

    def vjp(self, g):
        return expand_to_shape(g, self.source)


cdef Tensor sum_to(Tensor x, Shape shape):
    """x summed to a shape that broadcasts to x's."""
    cdef SumTo op = SumTo.__new__(SumTo)
    cdef int i, extra = cnp.PyArray_NDIM(x.array) - shape.ndim
    op.shape = shape
    op.axes = 0
    for i in range(cnp.PyArray_NDIM(x.array)):
        if i < extra or shape.sizes[i - extra] != cnp.PyArray_DIM(x.array, i):
            op.axes |= 1ULL << i
    return op.run1(x) if op.axes else x


def sum_to_size(input, *size):
    """The sum over the dimensions that broadcasting `size` to x's shape would stretch."""
    shape = size[0] if len(size) == 1 and isinstance(size[0], (tuple, list)) else size
    try:
        fits = np.broadcast_shapes(tuple(shape), tuple(input.shape)) == tuple(input.shape)
    except ValueError:
        fits = False
    if not fits:
        raise RuntimeError(f"sum_to_size: {tuple(shape)} does not broadcast to "
                           f"{tuple(input.shape)}")
    return sum_to(input, shape_of(np.empty(tuple(shape), np.bool_)))


# -------------------------------------------------------------------------------------------- axes

cpdef int axis_of(object dim, int ndim, object what) except -1:
    """A dimension counted from the front.  A 0-d tensor takes 0 and -1, as in PyTorch."""
    if not isinstance(dim, (int, np.integer)) or isinstance(dim, bool):
        raise TypeError(f"{what}: expected dim to be an int, got {dim!r}")
    cdef int n = ndim if ndim > 0 else 1
    if ndim > 32:
        raise RuntimeError(f"{what}: expected at most 32 dimensions, the result would have {ndim}")
    if not -n <= dim < n:
        raise IndexError(f"{what}: dimension out of range: expected {-n} to {n - 1}, got {dim}")
    return dim if dim >= 0 else dim + n


cdef unsigned long long axes_of(object dim, int ndim, object what) except? 0xFFFFFFFFFFFFFFFF:
    """A bit for each dimension named: an int, several, or None (or none) for all."""
    cdef unsigned long long axes = 0, bit
    if dim is None or (isinstance(dim, (tuple, list)) and len(dim) == 0):
        return (1ULL << ndim) - 1
    for d in (dim if isinstance(dim, (tuple, list)) else (dim,)):
        bit = 1ULL << axis_of(d, ndim, what)
        if axes & bit:
            raise RuntimeError(f"{what}: dimension {d} is named twice in {dim}")
        axes |= bit
    return axes & ((1ULL << ndim) - 1)


# ------------------------------------------------------------------------------- writing in place

cdef Tensor before_write(Tensor x, object what, bint recording):
    """x as it is before it is written to: with its history, and in memory of its own if an
    operation may save it."""
    cdef Tensor old
    check_writable(x, what)
    old = wrap(contiguous(x.array) if recording else x.array)
    parent = x.parent()
    if isinstance(parent, Op):
        old.node = <Op> parent
    return old


cdef Tensor overwrite(Tensor x, Tensor new, object what):
    """Put new's values into x's memory, and new's history behind x.  Returns x."""
    if not cnp.PyArray_SAMESHAPE(x.array, new.array):
        raise RuntimeError(f"{what}: the result has shape {tuple(new.shape)}, and this tensor of "
                           f"shape {tuple(x.shape)} can't hold it")
    if new.dtype.category > x.dtype.category:
        raise RuntimeError(f"{what}: the result is {new.dtype}, and this tensor of {x.dtype} can't "
                           "hold it; convert it first")
    if grad_enabled() and x.requires() and not new.requires():
        x[...] = new                            # records that x no longer depends on anything
        return x
    with np.errstate(all="ignore"):
        new = cast(new, cnp.PyArray_TYPE(x.array))
        cnp.PyArray_CopyInto(x.array, new.array)
    parent = new.parent()
    written(x, <Op> parent if isinstance(parent, Op) else None)
    return x


def in_place(function):
    """The in-place form of a function of one tensor and options: x.exp_() is x = x.exp(), in x's
    memory."""
    name = function.__name__ + "_"

    def method(Tensor self, *args, **kwargs):
        cdef bint recording = grad_enabled()
        return overwrite(self, function(before_write(self, name, recording), *args, **kwargs), name)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"`{function.__name__}`, written into this tensor's memory.  Returns self."
    return method


def methods(functions, in_place_too=False):
    """Make these functions methods of Tensor."""
    for function in functions:
        attach(function.__name__, function)
        if in_place_too:
            attach(function.__name__ + "_", in_place(function))


def aliases(**functions):
    """Other names of methods, and of their in-place forms."""
    for alias, function in functions.items():
        attach(alias, function)
        in_place_form = getattr(Tensor, function.__name__ + "_", None)
        if in_place_form is not None:
            attach(alias + "_", in_place_form)


methods([expand, broadcast_to, expand_as, sum_to_size])
