"""Tensor, an array that remembers how it was made; and Op, one step of the making."""

cimport numpy as cnp
from cpython.buffer cimport PyObject_GetBuffer
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF
from cpython.tuple cimport PyTuple_SetItem

import weakref
from copy import deepcopy

import numpy as np

from plugrad.tensor import dtypes

cimport cython

cnp.import_array()

cdef extern from "tensor/native.h":
    int plugrad_grad_enabled
    PyObject* plugrad_where(int* position)
    int plugrad_line(object code, int position)
    int plugrad_attach(object type, object name, object value) except -1
    int plugrad_detach(object type, object name) except -1
    void plugrad_ask(object type, bint yes)
    void plugrad_whom_to_ask(object asked)
    void plugrad_known_as(object type, const char* address)
    bint plugrad_of_python_class(object)

cdef extern from "Python.h":
    void Py_DECREF(PyObject*)

cdef cnp.ndarray NOTHING = np.empty(0, np.float32)
cdef dict DTYPES = {d.numpy.num: d for d in dtypes.ALL}
DTYPES.setdefault(np.dtype(np.longlong).num, dtypes.int64)     # long and long long are one size
cdef tuple PLAIN = (int, float, np.generic, np.ndarray)     # what operators take beside a Tensor


class Size(tuple):
    """The shape of a tensor: a tuple of ints."""

    __slots__ = ()

    def numel(self):
        """The number of elements of a tensor of this shape."""
        n = 1
        for size in self:
            n *= size
        return n

    def __repr__(self):
        return f"plugrad.Size({list(self)})"


@cython.final
@cython.freelist(128)
cdef class Version:
    """How often the memory behind a tensor was written to; all tensors on it share one."""


# --------------------------------------------------------------------------------- gradient mode

cdef bint grad_enabled() noexcept:
    return plugrad_grad_enabled


cdef bint set_grad(bint mode) noexcept:
    global plugrad_grad_enabled
    cdef bint before = plugrad_grad_enabled
    plugrad_grad_enabled = mode
    return before


def is_grad_enabled():
    """Whether this thread records operations for a later backward."""
    return bool(plugrad_grad_enabled)


def _set_grad_enabled(bint mode):
    """Switch recording on or off in this thread; gives the mode before."""
    return bool(set_grad(mode))


# ----------------------------------------------------------------------------------------- Tensor

cdef inline Version shared_version(Tensor x):
    """The counter of x's memory; x has none before it is written to or shared."""
    if x.version is None:
        x.version = Version.__new__(Version)
    return x.version


cdef inline long writes(Tensor x):
    """How often the memory of x was written to."""
    return 0 if x.version is None else x.version.n


@cython.binding(False)           # a method called on the class checks what it is given as self
@cython.freelist(128)
@cython.trashcan(True)        # a chain of a million operations is freed without a deep C stack
cdef class Tensor:
    """An n-dimensional array of one dtype that records what is done to it.

    Tensor(data) makes one of the default dtype, as `plugrad.tensor(data, dtype=...)` does.
    """

    __array_priority__ = 1000

    def __cinit__(self):
        self.array = NOTHING

    def __init__(self, data=()):
        self.array = checked(np.array(data, dtypes.get_default_dtype().numpy))

    cdef bint requires(self) noexcept:
        if self.node is not None or self.leaf_requires_grad:
            return True
        return (self.base is not None and self.base.rebased != self.seen_rebased
                and self.base.requires())

    cdef object parent(self):
        """Where a gradient for this tensor goes: its node, itself if a leaf, or None."""
        if self.base is not None and self.base.rebased != self.seen_rebased:
            # Someone wrote into the shared memory since: look into what is there now.
            self.seen_rebased = self.base.rebased
            self.node = operators.regrow(self.base, self) if self.base.requires() else None
        if self.node is not None:
            return self.node
        return self if self.leaf_requires_grad else None

    # ---- what it is

    @property
    def shape(self):
        """The size of each dimension."""
        return Size(dims(self.array))

    @property
    def ndim(self):
        """The number of dimensions."""
        return cnp.PyArray_NDIM(self.array)

    @property
    def dtype(self):
        """The type of the elements."""
        return DTYPES[cnp.PyArray_TYPE(self.array)]

    @property
    def itemsize(self):
        """Bytes per element."""
        return self.array.itemsize

    @property
    def nbytes(self):
        """Bytes of all elements."""
        return self.array.nbytes

    @property
    def is_leaf(self):
        """Whether it was made by the user rather than by a recorded operation."""
        return self.parent() is None or self.node is None

    @property
    def grad_fn(self):
        """The operation that made it, or None."""
        self.parent()
        return self.node

    @property
    def requires_grad(self):
        """Whether a backward pass computes a gradient for it."""
        return self.requires()

    @requires_grad.setter
    def requires_grad(self, value):
        self.requires_grad_(value)

    def requires_grad_(self, requires_grad=True):
        """Ask for a gradient (or stop asking).  Returns self.

        Raises RuntimeError for an integer or bool tensor, and for one that an operation made.
        """
        cdef bint mode = requires_grad
        if self.parent() is not None and self.node is not None:
            if mode:
                return self
            raise RuntimeError(
                f"requires_grad_(False): this tensor was made by {self.node.describe()}, so it is "
                "not a leaf; use .detach() to get a tensor without history")
        if mode and not is_floating(self.array):
            raise RuntimeError(
                "requires_grad_: only tensors of floating point dtype can require gradients, got "
                f"{self.dtype}; convert it first, e.g. with .float()")
        self.leaf_requires_grad = mode
        return self

    @property
    def grad(self):
        """The gradient accumulated by backward, a Tensor of the same shape and dtype, or None."""
        if self.gradient is None and self.node is not None and self.node.retainers is None:
            import warnings
            warnings.warn("grad: this tensor is not a leaf, so backward keeps no gradient for it; "
                          "call .retain_grad() on it first", UserWarning, stacklevel=2)
        return self.gradient

    @grad.setter
    def grad(self, value):
        cdef Tensor g
        if value is not None:
            if not isinstance(value, Tensor):
                raise TypeError(f"grad: expected a Tensor or None, got {type(value).__name__}")
            g = value
            if not same_shape(g.array, self.array):
                raise RuntimeError(f"grad: expected shape {self.shape}, got {g.shape}")
            if cnp.PyArray_TYPE(g.array) != cnp.PyArray_TYPE(self.array):
                raise RuntimeError(f"grad: expected dtype {self.dtype}, got {g.dtype}")
        self.gradient = value

    @grad.deleter
    def grad(self):
        self.gradient = None

    @property
    def data(self):
        """The same memory without history: writes through it are not noticed by autograd."""
        return wrap(self.array)

    @data.setter
    def data(self, value):
        cdef Tensor other = as_tensor_like(value, "data")
        if cnp.PyArray_TYPE(other.array) != cnp.PyArray_TYPE(self.array) and self.requires():
            if not is_floating(other.array):
                raise RuntimeError(f"data: a tensor that requires grad can't become {other.dtype}")
        self.array = other.array

    # ---- history

    def detach(self):
        """A tensor on the same memory that has no history and needs no gradient."""
        return detached(self)

    def detach_(self):
        """Forget the history in place.  Returns self."""
        self.parent()
        self.node = None
        self.leaf_requires_grad = False
        return self

    def as_subclass(self, cls):
        """A new object of `cls`, a subclass of Tensor, on the same memory, without history."""
        if not (isinstance(cls, type) and issubclass(cls, Tensor)):
            raise TypeError(f"as_subclass: expected a subclass of Tensor, got {cls!r}")
        cdef Tensor new = cls.__new__(cls)
        new.array = self.array
        new.version = shared_version(self)
        return new

    def retain_grad(self):
        """Keep the gradient of this tensor in `.grad` although it is not a leaf."""
        cdef Op node
        if not self.requires():
            raise RuntimeError("retain_grad: this tensor does not require a gradient")
        if self.parent() is not self:
            node = self.node
            if node.retainers is None:
                node.retainers = []
            if all([kept() is not self for kept in node.retainers]):
                node.retainers.append(weakref.ref(self))

    @property
    def retains_grad(self):
        """Whether `.retain_grad()` was called on a tensor that is not a leaf."""
        return self.node is not None and self.node.retainers is not None

    def register_hook(self, hook):
        """Call hook(gradient) when the gradient of this tensor is known; a Tensor that it returns
        takes the gradient's place.  Returns a handle with .remove()."""
        if not callable(hook):
            raise TypeError(f"register_hook: expected a function, got {type(hook).__name__}")
        if not self.requires():
            raise RuntimeError("register_hook: this tensor does not require a gradient")
        cdef list hooks
        if self.parent() is self:
            if self.hooks is None:
                self.hooks = []
            hooks = self.hooks
        else:
            if self.node.hooks is None:
                self.node.hooks = []
            hooks = self.node.hooks
        return HookHandle(hooks, hook)

    def register_post_accumulate_grad_hook(self, hook):
        """Call hook(tensor) whenever backward has added to the `.grad` of this leaf.  Returns a
        handle with .remove().  Raises RuntimeError for a tensor that is no leaf."""
        if not callable(hook):
            raise TypeError("register_post_accumulate_grad_hook: expected a function, got "
                            f"{type(hook).__name__}")
        if self.parent() is not self:
            raise RuntimeError("register_post_accumulate_grad_hook: expected a leaf that requires "
                               "a gradient; post accumulate grad hooks cannot be registered on "
                               "other tensors: use register_hook")
        if self.after_grad is None:
            self.after_grad = []
        return HookHandle(self.after_grad, hook)

    @property
    def _version(self):
        """How often the memory was written to in place."""
        return writes(self)

    # ---- NumPy, Python, other libraries

    def numpy(self, *, force=False):
        """The elements as a NumPy array on the same memory.  Raises RuntimeError if the tensor
        requires a gradient (the array could not carry it on), unless force=True."""
        if not force:
            self.check_no_grad("numpy()")
        return self.array

    def check_no_grad(self, what):
        """Raises RuntimeError if leaving for NumPy by `what` would cut a gradient off."""
        if self.requires():
            made = "is a leaf that requires grad" if self.node is None else (
                f"was made by {self.node.describe()}")
            raise RuntimeError(
                f"{what}: this tensor {made}, and NumPy would cut its gradient off; "
                "use tensor.detach().numpy() if that is what you want")

    def __array__(self, dtype=None, copy=None):
        self.check_no_grad("conversion to a NumPy array")
        if dtype is not None and self.array.dtype != dtype:
            if copy is False:
                raise ValueError(f"__array__: {self.dtype} to {dtype} needs a copy")
            return self.array.astype(dtype)
        return self.array.copy() if copy else self.array

    def __array_wrap__(self, array, context=None, return_scalar=False):
        return wrap(checked(np.asarray(array)))

    def __getbuffer__(self, Py_buffer* buffer, int flags):
        if self.requires():
            raise BufferError("this tensor requires grad; use .detach()")
        PyObject_GetBuffer(self.array, buffer, flags)

    def __dlpack__(self, **options):
        self.check_no_grad("__dlpack__()")
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()

    def item(self):
        """The only element as a Python number.  Raises RuntimeError if there are more or none."""
        if cnp.PyArray_SIZE(self.array) != 1:
            raise RuntimeError(f"item: a tensor with {self.array.size} elements, of shape "
                               f"{tuple(self.shape)}, is not one number; use .tolist()")
        return self.array.item()

    def tolist(self):
        """The elements as nested lists, or a number if there are no dimensions."""
        return self.array.tolist()

    def __bool__(self):
        if cnp.PyArray_SIZE(self.array) != 1:
            raise RuntimeError(f"bool: the truth of a tensor of shape {tuple(self.shape)} is "
                               "ambiguous; use .any() or .all()")
        return bool(self.array.item())

    def __float__(self):
        return float(self.item())

    def __int__(self):
        return int(self.item())

    def __index__(self):
        if is_floating(self.array) or cnp.PyArray_SIZE(self.array) != 1:
            raise TypeError("only integer tensors of a single element can be used as an index, got "
                            f"{self.dtype} of shape {tuple(self.shape)}")
        return int(self.array.item())

    def __len__(self):
        if cnp.PyArray_NDIM(self.array) == 0:
            raise TypeError("len: a 0-d tensor has no length")
        return cnp.PyArray_DIM(self.array, 0)

    def __iter__(self):
        if cnp.PyArray_NDIM(self.array) == 0:
            raise TypeError("iteration: a 0-d tensor has no elements to go through; use .item()")
        return iter([self[i] for i in range(len(self))])

    def __contains__(self, x):
        return bool((self == x).array.any())

    def __hash__(self):
        return <Py_hash_t> (<size_t> <void*> self >> 4)

    def __repr__(self):
        from plugrad.tensor.printing import tensor_text
        return tensor_text(self)

    def __format__(self, str spec not None):
        if cnp.PyArray_NDIM(self.array) == 0:
            return format(self.array.item(), spec)
        if spec:
            raise TypeError(f"format: {spec!r} formats one number, and this tensor has shape "
                            f"{tuple(self.shape)}")
        return str(self)

    def __copy__(self):
        cdef Tensor new = self.as_subclass(type(self))
        new.leaf_requires_grad = self.leaf_requires_grad
        new.gradient = self.gradient
        new.node = self.node
        copy_attributes(self, new, None)
        return new

    def __deepcopy__(self, memo):
        cdef Tensor new
        if id(self) in memo:
            return memo[id(self)]
        if self.parent() is not None and self.node is not None:
            raise RuntimeError("deepcopy: only leaf tensors can be copied deeply, and this one was "
                               f"made by {self.node.describe()}; use .detach().clone()")
        new = wrap(self.array if self.is_meta else self.array.copy()).as_subclass(type(self))
        new.leaf_requires_grad = self.leaf_requires_grad
        memo[id(self)] = new
        new.gradient = deepcopy(self.gradient, memo)
        copy_attributes(self, new, memo)
        return new

    def __reduce__(self):
        if self.parent() is not None and self.node is not None:
            raise RuntimeError("pickle: only leaf tensors can be pickled, and this one was made by "
                               f"{self.node.describe()}; use .detach()")
        return rebuild, (type(self), self.array, bool(self.leaf_requires_grad),
                         getattr(self, "__dict__", None))

    # ---- operators

    def __getitem__(self, index):
        return operators.getitem(self, index)

    def __setitem__(self, index, value):
        operators.setitem(self, index, value)

    def __neg__(self): return operators.neg(self)
    def __pos__(self): return self
    def __abs__(self): return operators.abs(self)
    def __invert__(self): return operators.invert(self)

    def __add__(self, other): return call(operators.add, self, other, other)
    def __radd__(self, other): return call(operators.add, other, self, other)
    def __iadd__(self, other): return call(operators.iadd, self, other, other)
    def __sub__(self, other): return call(operators.sub, self, other, other)
    def __rsub__(self, other): return call(operators.sub, other, self, other)
    def __isub__(self, other): return call(operators.isub, self, other, other)
    def __mul__(self, other): return call(operators.mul, self, other, other)
    def __rmul__(self, other): return call(operators.mul, other, self, other)
    def __imul__(self, other): return call(operators.imul, self, other, other)
    def __truediv__(self, other): return call(operators.div, self, other, other)
    def __rtruediv__(self, other): return call(operators.div, other, self, other)
    def __itruediv__(self, other): return call(operators.idiv, self, other, other)
    def __floordiv__(self, other): return call(operators.floordiv, self, other, other)
    def __rfloordiv__(self, other): return call(operators.floordiv, other, self, other)
    def __ifloordiv__(self, other): return call(operators.ifloordiv, self, other, other)
    def __mod__(self, other): return call(operators.mod, self, other, other)
    def __rmod__(self, other): return call(operators.mod, other, self, other)
    def __imod__(self, other): return call(operators.imod, self, other, other)
    def __pow__(self, other, modulo): return call(operators.pow, self, other, other)
    def __rpow__(self, other, modulo): return call(operators.pow, other, self, other)
    def __ipow__(self, other): return call(operators.ipow, self, other, other)
    def __matmul__(self, other): return call(operators.matmul, self, other, other)
    def __rmatmul__(self, other): return call(operators.matmul, other, self, other)
    def __and__(self, other): return call(operators.and_, self, other, other)
    def __rand__(self, other): return call(operators.and_, other, self, other)
    def __iand__(self, other): return call(operators.iand, self, other, other)
    def __or__(self, other): return call(operators.or_, self, other, other)
    def __ror__(self, other): return call(operators.or_, other, self, other)
    def __ior__(self, other): return call(operators.ior, self, other, other)
    def __xor__(self, other): return call(operators.xor, self, other, other)
    def __rxor__(self, other): return call(operators.xor, other, self, other)
    def __ixor__(self, other): return call(operators.ixor, self, other, other)
    def __eq__(self, other): return call(operators.eq, self, other, other)
    def __ne__(self, other): return call(operators.ne, self, other, other)
    def __lt__(self, other): return call(operators.lt, self, other, other)
    def __le__(self, other): return call(operators.le, self, other, other)
    def __gt__(self, other): return call(operators.gt, self, other, other)
    def __ge__(self, other): return call(operators.ge, self, other, other)


cdef inline object call(binary_function f, object a, object b, object other):
    if isinstance(other, Tensor) or isinstance(other, PLAIN):
        return f(a, b)
    return NotImplemented


class HookHandle:
    """What register_hook returns: `.remove()` takes the hook away."""

    def __init__(self, hooks, hook):
        self.hooks, self.hook = hooks, hook
        hooks.append(hook)

    def remove(self):
        """Take the hook away; a second time does nothing."""
        if self.hook in self.hooks:
            self.hooks.remove(self.hook)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.remove()


def rebuild(cls, array, requires_grad, attributes):
    """A tensor as pickle or deepcopy saw it."""
    cdef Tensor new = wrap(checked(array)).as_subclass(cls)
    new.leaf_requires_grad = requires_grad
    if attributes:
        new.__dict__.update(attributes)
    return new


cdef copy_attributes(Tensor old, Tensor new, memo):
    """Carry over what a Python subclass keeps in its __dict__."""
    attributes = getattr(old, "__dict__", None)
    if attributes:
        new.__dict__.update(attributes if memo is None else deepcopy(attributes, memo))


def attach(name, function):
    """Give Tensor a method (core/ops does, at import)."""
    plugrad_attach(Tensor, name, function)


def detach(name):
    """Take a method from Tensor."""
    plugrad_detach(Tensor, name)


def ask_for_missing(asked):
    """Call asked(name) for a name that a tensor does not have, then look for it once more; None:
    ask nobody.  While somebody is asked, methods are found by a slower way."""
    if asked is not None:
        plugrad_whom_to_ask(asked)
    types = [Tensor]
    for cls in types:
        types += cls.__subclasses__()
        plugrad_ask(cls, asked is not None)


# ------------------------------------------------------------------------------------ small doors

cdef tuple dims(cnp.ndarray a):
    return tuple([a.shape[i] for i in range(cnp.PyArray_NDIM(a))])


cdef bint is_floating(cnp.ndarray a) noexcept:
    return cnp.PyArray_ISFLOAT(a)


cdef bint same_shape(cnp.ndarray a, cnp.ndarray b) noexcept:
    return cnp.PyArray_SAMESHAPE(a, b)


cdef cnp.ndarray checked(cnp.ndarray array):
    """The array itself if a Tensor can hold it.  Raises TypeError for a foreign dtype."""
    if cnp.PyArray_TYPE(array) not in DTYPES:
        names = ", ".join(t.name for t in dtypes.ALL)
        raise TypeError(f"tensor: expected data of dtype {names}, got {array.dtype}; convert it "
                        "first, e.g. with array.astype('float32')")
    if cnp.PyArray_NDIM(array) > 32:
        raise RuntimeError(f"tensor: expected at most 32 dimensions, got {array.ndim}")
    if not cnp.PyArray_CheckExact(array):       # a np.matrix, say, turns what is cut from it
        array = array.view(np.ndarray)
    if not array.dtype.isnative:
        return array.astype(array.dtype.newbyteorder("="))
    return array


cdef Tensor wrap(cnp.ndarray array):
    """A Tensor on this array, without history."""
    cdef Tensor x = Tensor.__new__(Tensor)
    x.array = array
    return x


def from_array(array):
    """A Tensor on this NumPy array's memory.  Raises TypeError for a dtype that it can't hold."""
    return wrap(checked(array))


cdef Tensor view_of(Tensor base, cnp.ndarray array):
    """A Tensor on an array that looks into base's memory."""
    cdef Tensor x = Tensor.__new__(Tensor)
    x.array = array
    x.version = shared_version(base)
    x.base = base if base.base is None else base.base
    x.seen_rebased = x.base.rebased
    return x


cdef Tensor detached(Tensor x):
    cdef Tensor y = Tensor.__new__(Tensor)
    y.array = x.array
    y.version = shared_version(x)
    return y


cdef Tensor as_tensor_like(object x, object what):
    if not isinstance(x, Tensor):
        raise TypeError(f"{what}: expected a Tensor, got {type(x).__name__}")
    return <Tensor> x


cdef cnp.ndarray as_array(object y):
    """What a forward returned, as an array: NumPy turns 0-d results into scalars."""
    if cnp.PyArray_CheckExact(y):
        return <cnp.ndarray> y
    return checked(np.asarray(y))


cdef cnp.ndarray read_only(cnp.ndarray a):
    """A view of a that can't be written to."""
    cdef cnp.ndarray view = a.view()
    cnp.PyArray_CLEARFLAGS(view, cnp.NPY_ARRAY_WRITEABLE)
    return view


cdef cnp.ndarray owner(cnp.ndarray a):
    """The array that a looks into."""
    while isinstance(cnp.get_array_base(a), cnp.ndarray):
        a = <cnp.ndarray> cnp.get_array_base(a)
    return a


cdef cnp.ndarray apart(object y, tuple inputs):
    """What a forward returned, as an array that shares no memory with the inputs."""
    cdef cnp.ndarray a = as_array(y)
    for x in inputs:
        if isinstance(x, Tensor) and owner((<Tensor> x).array) is owner(a):
            return a.copy()
    return a


cdef inline bint same_place(cnp.ndarray a, cnp.ndarray b):
    """Whether both are the same elements of the same memory."""
    return a is b or same_elements(a, b)


cdef bint same_elements(cnp.ndarray a, cnp.ndarray b):
    cdef int i
    if (cnp.PyArray_DATA(a) != cnp.PyArray_DATA(b) or cnp.PyArray_TYPE(a) != cnp.PyArray_TYPE(b)
            or not cnp.PyArray_SAMESHAPE(a, b)):
        return False
    for i in range(cnp.PyArray_NDIM(a)):
        if cnp.PyArray_STRIDE(a, i) != cnp.PyArray_STRIDE(b, i):
            return False
    return True


cdef Tensor input_on(cnp.ndarray array, Tensor a, Tensor b, tuple inputs):
    """The input that lies in the same place: a, b or one of a tuple; None if there is none."""
    if a is not None and same_place(a.array, array):
        return a
    if b is not None and same_place(b.array, array):
        return b
    if inputs is not None:
        for x in inputs:
            if isinstance(x, Tensor) and same_place((<Tensor> x).array, array):
                return <Tensor> x
    return None


# -------------------------------------------------------------------------------- writing in place

cdef int check_writable(Tensor x, object what) except -1:
    """Raises RuntimeError if writing to x in place would spoil gradients or memory."""
    if plugrad_grad_enabled:
        if x.leaf_requires_grad and x.parent() is x:
            raise RuntimeError(
                f"{what}: this tensor is a leaf that requires grad, and its gradient would no "
                "longer belong to its value; write inside `with plugrad.no_grad():`, or to a "
                ".clone()")
        if x.base is not None and x.base.leaf_requires_grad and x.base.parent() is x.base:
            raise RuntimeError(
                f"{what}: this tensor is a view of a leaf that requires grad, and the gradient "
                "would no longer belong to the leaf's value; write inside `with "
                "plugrad.no_grad():`, or to a .clone()")
    if not cnp.PyArray_ISWRITEABLE(x.array):
        raise RuntimeError(f"{what}: the memory of this tensor is read-only; write to a .clone()")
    cdef int i
    for i in range(cnp.PyArray_NDIM(x.array) if cnp.PyArray_SIZE(x.array) else 0):
        if x.array.strides[i] == 0 and x.array.shape[i] > 1:
            raise RuntimeError(
                f"{what}: several elements of this expanded tensor share one place in memory; "
                "write to a .clone()")
    return 0


cdef int written(Tensor x, Op node) except -1:
    """Note that x's memory was written to, and that `node` (None: no history) made its content."""
    cdef Tensor base = x.base, before
    cdef Version version = shared_version(x)
    version.n += 1
    if node is None:
        return 0
    if base is None:
        x.node = node
        x.leaf_requires_grad = False
        x.rebased += 1
    else:
        before = detached(base)
        before.node = base.node
        base.node = operators.splice(before, x, node)
        base.rebased += 1
        x.node = operators.regrow(base, x)
        x.seen_rebased = base.rebased
    return 0


# --------------------------------------------------------------------------------------------- Op

@cython.binding(False)
@cython.freelist(128)
@cython.trashcan(True)
cdef class Op:
    """One step of a computation.  Subclass it to write an operation with its derivative:

        class Square(Op):
            def forward(self, x):          # arrays in, array (or tuple of arrays) out
                self.save(x)
                return x * x
            def vjp(self, g):              # gradient of the output, a Tensor ...
                x, = self.saved
                return 2 * x * g           # ... to the gradient of each input

        y = Square()(x)                    # options, if any, go to __init__

    `vjp` returns one gradient per input, in order (None for one that is not needed); written in
    Tensor operations it can be differentiated again.  An object is used once.
    """

    def __call__(self, *inputs):
        return self.run(inputs)

    def forward(self, *arrays):
        """The result of the operation on NumPy arrays."""
        raise NotImplementedError(f"{type(self).__name__} must define forward(self, *arrays)")

    def vjp(self, *g):
        """The gradient of each input, from the gradient of each output."""
        raise NotImplementedError(f"{type(self).__name__} must define vjp(self, g)")

    def save(self, *arrays):
        """In forward: keep inputs, the output or other arrays (or None) for vjp."""
        self.kept = tuple([*arrays])            # its own: the walk takes it apart

    @property
    def saved(self):
        """In vjp: what forward kept, as a tuple of Tensors; inputs and output with their history.
        Raises RuntimeError if they were freed, or written to since."""
        return self.unpack()

    cpdef bint needs(self, Py_ssize_t i):
        """Whether input i needs a gradient."""
        return self.parents is not None and self.parents[i] is not None

    def name(self):
        """What it is called in messages and where a tensor is printed."""
        return type(self).__name__ + "Backward0"

    @property
    def next_functions(self):
        """Per input: the operation or leaf that its gradient goes to, or None; and 0."""
        return tuple([(p, 0) for p in self.parents or ()])

    def called_from(self, frame):
        """Messages shall name the line that `frame` is at, rather than the innermost one."""
        if self.code is not None:
            self.code, self.position = frame.f_code, frame.f_lasti

    def __repr__(self):
        return f"<{self.name()}, {self.describe()}>"

    cdef object describe(self):
        """Its name and the line that called it."""
        name = self.name().removesuffix("0").removesuffix("Backward")
        if self.code is None:
            return name
        line = plugrad_line(self.code, self.position)
        return f'{name} at "{self.code.co_filename}", line {line}'

    # ---- forward

    cdef Tensor run1(self, Tensor a):
        """The operation on one tensor, recorded if a gradient may be wanted."""
        if plugrad_grad_enabled:
            parent = a.parent()
            if parent is not None:
                self.parents = (parent,)
                self.recording = True
        return self.finish(self.forward(a.array), a, None, None)

    cdef Tensor run2(self, Tensor a, Tensor b):
        """The operation on two tensors, recorded if a gradient may be wanted."""
        if plugrad_grad_enabled:
            parent, other = a.parent(), b.parent()
            if parent is not None or other is not None:
                self.parents = (parent, other)
                self.recording = True
        return self.finish(self.forward(a.array, b.array), a, b, None)

    cdef object run(self, tuple inputs):
        """The operation on any inputs; those that are not tensors reach forward as they are.

        An operation written in Python gets its arrays read-only, and what it returns is copied if
        it lies in their memory: other tensors and their gradients live there."""
        if self.code is not None:
            raise RuntimeError(f"{self.describe()}: this object recorded a call already; make a "
                               f"new one for each call: {type(self).__name__}(...)(x)")
        cdef bint in_python = plugrad_of_python_class(self)
        cdef list arrays = [(<Tensor> x).array if isinstance(x, Tensor) else x for x in inputs]
        if plugrad_grad_enabled:
            self.find_parents(inputs)
        if in_python:
            arrays = [read_only(<cnp.ndarray> x) if isinstance(x, cnp.ndarray) else x
                      for x in arrays]
        if self.recording and in_python:
            self.inputs_are = tuple([(dims((<Tensor> x).array), (<Tensor> x).array.dtype)
                                     if isinstance(x, Tensor) else None for x in inputs])
        try:
            y = self.forward(*arrays)
        except ValueError as error:
            if in_python and "read-only" in str(error):
                raise RuntimeError(
                    f"{type(self).__name__}.forward: an operation must not write into its inputs "
                    f"({error}); compute out of place, or work on x.copy()") from error
            raise
        if isinstance(y, (tuple, list)):
            return self.finish_many([apart(part, inputs) for part in y] if in_python else y, inputs)
        if y is None:
            raise TypeError(f"{type(self).__name__}.forward: expected an array, got None; "
                            "does it end with a return?")
        return self.finish(apart(y, inputs) if in_python else <cnp.ndarray> y, None, None, inputs)

    cdef int find_parents(self, tuple inputs) except -1:
        """Note where the gradient of each input goes."""
        cdef list parents = []
        for x in inputs:
            parent = (<Tensor> x).parent() if isinstance(x, Tensor) else None
            parents.append(parent)
            if parent is not None:
                self.recording = True
        self.parents = tuple(parents)
        return 0

    cdef Tensor finish(self, cnp.ndarray y, Tensor a, Tensor b, tuple inputs):
        """The result as a Tensor, with its history.  Inputs: a and b, or any in a tuple."""
        cdef Tensor out
        if cnp.PyArray_NDIM(y) > 32:                # as indices with None may make of NumPy's
            checked(y)
        if self.viewing:
            out = view_of(a if inputs is None else <Tensor> inputs[0], y)
        else:
            out = wrap(y)
        if self.recording and is_floating(y):
            self.record(out, a, b, inputs)
            out.node = self
        return out

    cdef object finish_many(self, object ys, tuple inputs):
        cdef Tensor out
        cdef Py_ssize_t i
        cdef list outs = []
        for y in ys:
            outs.append(view_of(<Tensor> inputs[0], y) if self.viewing else wrap(as_array(y)))
        if self.recording:
            self.outputs_are = tuple([(dims((<Tensor> y).array), (<Tensor> y).array.dtype)
                                      for y in outs])
            mark_outputs(self, outs)
            self.record(None, None, None, inputs)
            for i in range(len(outs)):
                out = <Tensor> outs[i]
                if is_floating(out.array):
                    out.node = port_of(self, i)
        return tuple(outs)

    cdef int record(self, Tensor out, Tensor a, Tensor b, tuple inputs) except -1:
        """Note where it was called and, of what forward kept, what are tensors of the graph."""
        cdef Py_ssize_t i
        cdef tuple kept = self.kept
        cdef cnp.ndarray array
        cdef Tensor x
        self.code = <object> plugrad_where(&self.position)
        if self.code is not None:
            Py_DECREF(<PyObject*> self.code)         # the cast above took a second reference
        if kept is None:
            return 0
        self.kept = None                             # a tuple can be changed by its only holder
        for i in range(len(kept)):
            item = kept[i]
            if item is None or type(item) is tuple:
                continue
            array = as_array(item)
            if out is not None and array is out.array:
                self.output_version = shared_version(out)
                self.kept_output = True
                self.kept_versions += writes(out)
                continue
            x = input_on(array, a, b, inputs)
            if x is None:
                x = wrap(array)
            self.kept_versions += writes(x)
            Py_INCREF(x)
            PyTuple_SetItem(kept, i, x)
        self.kept = kept
        return 0

    # ---- backward

    cdef tuple unpack(self):
        """What forward kept, checked: see `saved`."""
        cdef Tensor x
        cdef long versions = 0
        cdef list items
        if self.released:
            raise RuntimeError(
                f"backward a second time through {self.describe()}: its saved arrays were freed by "
                "the first; pass retain_graph=True to the first backward, or compute the loss "
                "anew before the second")
        if self.kept is None:
            return ()
        if self.kept_output:
            items = []
            for item in self.kept:
                if isinstance(item, cnp.ndarray):
                    x = wrap(<cnp.ndarray> item)
                    x.version = self.output_version
                    x.node = self
                    item = x
                elif type(item) is tuple:
                    array, version, index = item
                    x = wrap(<cnp.ndarray> array)
                    x.version = version
                    x.node = port_of(self, index)
                    item = x
                items.append(item)
            kept = tuple(items)
        else:
            kept = self.kept
        for item in kept:
            if item is not None:
                if not isinstance(item, Tensor):
                    raise RuntimeError(f"{self.describe()}: save(...) was called outside of "
                                       "forward; call it there")
                versions += writes(<Tensor> item)
        if versions != self.kept_versions:
            raise RuntimeError(
                f"backward through {self.describe()}: an array that it saved for backward was "
                "changed in place since; write out of place there (x = x + 1, not x += 1), or "
                "change a .clone()")
        return kept

    cdef int release(self) except -1:
        """Free what forward kept."""
        if self.kept is not None:
            self.kept = None
            self.released = True
        return 0


cdef Port port_of(Op op, Py_ssize_t index):
    cdef Port port = Port.__new__(Port)
    port.parents = (op,)
    port.index = index
    return port


cdef int mark_outputs(Op op, list outs) except -1:
    """Where forward kept outputs, put (array, version, index): tensors would hold op in a cycle."""
    cdef Tensor out
    if op.kept is None:
        return 0
    kept = list(op.kept)
    for index, out in enumerate(outs):
        for i, item in enumerate(kept):
            if item is out.array and is_floating(out.array):
                kept[i] = (out.array, shared_version(out), index)
                op.kept_versions += writes(out)
                op.kept_output = True
    op.kept = tuple(kept)
    return 0


cdef class Port(Op):
    """One output of an operation that has several: it hands its gradient to the operation."""

    def name(self):
        return (<Op> self.parents[0]).name()

    @property
    def next_functions(self):
        return (<Op> self.parents[0]).next_functions

    cdef object describe(self):
        return f"output {self.index} of {(<Op> self.parents[0]).describe()}"


plugrad_known_as(Tensor, "plugrad.Tensor")
plugrad_known_as(Op, "plugrad.Op")
