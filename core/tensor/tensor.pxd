cimport cython
cimport numpy as cnp
cimport plugrad.kernels.base.abi

ctypedef object (*unary_function)(object)
ctypedef object (*binary_function)(object, object)
ctypedef object (*ternary_function)(object, object, object)

cdef struct Operators:
    # What Python's operators call.  core/ops fills it in: this floor knows no operation.
    binary_function add, sub, mul, div, floordiv, mod, pow, matmul
    binary_function iadd, isub, imul, idiv, ifloordiv, imod, ipow
    binary_function and_, or_, xor, iand, ior, ixor
    binary_function eq, ne, lt, le, gt, ge
    unary_function neg, abs, invert
    binary_function getitem
    ternary_function setitem
    binary_function regrow        # (base, view) -> the node that makes view from base again
    ternary_function splice       # (old base, view, new value) -> the node that makes the new base

cdef Operators operators


@cython.final
cdef class Version:
    cdef long n


cdef class Tensor:
    cdef readonly cnp.ndarray array
    cdef Version version          # shared by all tensors on the same memory
    cdef Op node                  # the operation that made it; None for a leaf
    cdef Tensor base              # the tensor that a view looks into; None for an owner
    cdef Tensor gradient
    cdef list hooks               # of a leaf; another tensor's hooks are on its node
    cdef list after_grad          # of a leaf: called when its gradient is there
    cdef long rebased             # base: how often its node was replaced by a write in place
    cdef long seen_rebased        # view: base.rebased when its node was made
    cdef bint leaf_requires_grad
    cdef object __weakref__

    cdef bint requires(self) noexcept
    cdef object parent(self)


cdef class Op:
    cdef tuple parents            # per input: an Op, a leaf Tensor, or None (needs no gradient)
    cdef tuple kept               # what forward saved, for vjp
    cdef tuple inputs_are         # per input (shape, dtype), for operations written in Python
    cdef tuple outputs_are        # per output (shape, dtype), where there are several
    cdef Version output_version   # set when the output itself was saved
    cdef long kept_versions       # sum of the versions of what was saved
    cdef bint kept_output         # whether an output is among it
    cdef bint recording           # whether somebody will want a gradient
    cdef bint viewing             # whether the output shares the first input's memory
    cdef bint released
    cdef int position
    cdef object code              # where it was recorded
    cdef list hooks, retainers
    # Scratch of a walk over the graph.
    cdef object g
    cdef bint g_is_ours
    cdef bint useful
    cdef long walk
    cdef Py_ssize_t waiting
    cdef object __weakref__

    cpdef bint needs(self, Py_ssize_t i)
    cdef tuple unpack(self)
    cdef Tensor run1(self, Tensor a)
    cdef Tensor run2(self, Tensor a, Tensor b)
    cdef object run(self, tuple inputs)
    cdef int find_parents(self, tuple inputs) except -1
    cdef Tensor finish(self, cnp.ndarray y, Tensor a, Tensor b, tuple inputs)
    cdef object finish_many(self, object ys, tuple inputs)
    cdef int record(self, Tensor out, Tensor a, Tensor b, tuple inputs) except -1
    cdef int release(self) except -1
    cdef object describe(self)


cdef class Port(Op):
    cdef readonly Py_ssize_t index


cdef Tensor wrap(cnp.ndarray array)
cdef Tensor view_of(Tensor base, cnp.ndarray array)
cdef cnp.ndarray as_array(object y)
cdef bint grad_enabled() noexcept
cdef bint set_grad(bint mode) noexcept
cdef Tensor detached(Tensor x)
cdef int check_writable(Tensor x, object what) except -1
cdef int written(Tensor x, Op node) except -1
