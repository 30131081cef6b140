"""One function, one row: an operation element by element is a name, a derivative and a sentence.

    sin = unary("sin", lambda g, x: g * x.cos(), "y = sin(x), of x radians")
    tan = unary("tan", lambda g, y: g * (y * y + 1.0), "y = tan(x), of x radians")

The name is that of the kernel.  What is kept for backward is what the derivative asks for by name:
the input x (of two, a and b) or the output y.
"""

cimport numpy as cnp

from inspect import signature

from plugrad.kernels.elementwise cimport door as kernels
from plugrad.kernels.elementwise.door import Binary, Unary
from plugrad.ops.common cimport FLOATING, SAME, Rule, as_floating, as_operand, binary_op
from plugrad.ops.out import put
from plugrad.tensor.tensor cimport Op, Tensor, grad_enabled, wrap

cnp.import_array()


cdef class Row:
    """What all calls of one function share."""
    cdef int code                  # of the kernel
    cdef object vjp                # (g, *what is kept) -> the gradient of each input
    cdef bint keeps_x, keeps_y     # x: the inputs
    cdef str title

    def __init__(self, str name, int code, vjp, tuple inputs):
        self.code = code
        self.vjp = vjp
        asked = [] if vjp is None else list(signature(vjp).parameters)[1:]
        self.keeps_x, self.keeps_y = asked[:len(inputs)] == list(inputs), asked[-1:] == ["y"]
        self.title = name.title() + "Backward0"
        if len(asked) != len(inputs) * self.keeps_x + self.keeps_y:
            raise TypeError(f"{name}: expected a derivative of g, and of {', '.join(inputs)} or y "
                            f"where it needs them, got {signature(vjp)}")


cdef class One(Op):
    """y = f(x), element by element"""
    cdef Row row

    def name(self):
        return self.row.title

    def vjp(self, g):
        return g * 0.0 if self.row.vjp is None else self.row.vjp(g, *self.unpack())


cdef class Two(One):
    """y = f(a, b), element by element"""

    def forward(self, cnp.ndarray a, cnp.ndarray b):
        y = kernels.binary(<kernels.Binary> self.row.code, a, b)
        self.kept = (a, b) * self.row.keeps_x + (y,) * self.row.keeps_y
        return y


cdef Tensor call(Row row, Tensor x):
    """The row's function of x, recorded if a gradient may be wanted."""
    cdef cnp.ndarray y = kernels.unary(<kernels.Unary> row.code, x.array)
    cdef One op
    parent = x.parent() if grad_enabled() else None
    if parent is None:
        return wrap(y)
    op = One.__new__(One)
    op.row, op.parents, op.recording = row, (parent,), True
    if row.keeps_x:
        op.kept = (x.array, y) if row.keeps_y else (x.array,)
    elif row.keeps_y:
        op.kept = (y,)
    return op.finish(y, x, None, None)


def unary(str name, vjp, str doc, *, bint floating=True):
    """The function of one tensor that the kernel `name` computes.

    vjp: (g), (g, x), (g, y) or (g, x, y) -> dx, in Tensor operations; None: 0 wherever there is a
    derivative.   floating: integers become the default dtype; otherwise they stay.
    """
    cdef Row row = Row(name, Unary[name.upper()], vjp, ("x",))

    def function(input, *, out=None):
        cdef Tensor y = call(row, as_floating(input) if floating else as_operand(input))
        return y if out is None else put(name, y, out)

    return named(function, name, doc)


def binary(str name, vjp, str doc, *, bint floating=True):
    """The function of two tensors or numbers that the kernel `name` computes; they broadcast.

    vjp: (g), (g, a, b), (g, y) or (g, a, b, y) -> (da, db), in Tensor operations.
    """
    cdef Row row = Row(name, Binary[name.upper()], vjp, ("a", "b"))
    cdef Rule rule = FLOATING if floating else SAME

    def function(input, other, *, out=None):
        cdef Two op = Two.__new__(Two)
        op.row = row
        y = binary_op(op, input, other, rule)
        return y if out is None else put(name, y, out)

    return named(function, name, doc)


def named(function, name, doc):
    function.__name__ = function.__qualname__ = name
    function.__doc__, function.__module__ = doc, "plugrad"
    return function
