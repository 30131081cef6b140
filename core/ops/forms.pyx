"""The forms of an operation: the function of an Op class, one that takes out=, and in place."""

from inspect import Parameter, Signature, signature

from plugrad.ops.common import in_place, promoted
from plugrad.ops.common cimport as_operand
from plugrad.ops.out import with_out as taking_out
from plugrad.tensor.tensor cimport Op

__all__ = ["function_of", "in_place", "takes_one", "with_out"]


def arguments(op_class):
    """(the inputs of its forward, the options of its constructor), as Parameters."""
    options = ()
    if any("__init__" in vars(base) for base in op_class.__mro__[:-2]):     # without Op and object
        options = tuple(signature(op_class.__init__).parameters.values())[1:]
    return tuple(signature(op_class.forward).parameters.values())[1:], options


def takes_one(op_class):
    """Whether an Op class is of one array, so that its result may take that array's place."""
    inputs, _ = arguments(op_class)
    return len(inputs) == 1 and inputs[0].kind is not Parameter.VAR_POSITIONAL


def function_of(op_class, str name):
    """name(*inputs, *options), for an Op class: a new op(*options), called with the inputs.

    Inputs may be numbers.  Those of an op that says `elementwise = True` are given one dtype and
    one shape first, and get gradients of their own shapes.
    """
    inputs, options = arguments(op_class)
    cdef bint several = bool(inputs) and inputs[-1].kind is Parameter.VAR_POSITIONAL
    cdef Py_ssize_t n = len(inputs)
    cdef bint together = getattr(op_class, "elementwise", False) and (several or n > 1)
    cdef tuple names = tuple([p.name for p in inputs])

    def function(*args, **kwargs):
        cdef Py_ssize_t count = len(args) if several else n
        if len(args) < count:
            args = args + tuple([kwargs.pop(key) for key in names[len(args):] if key in kwargs])
            if len(args) < count:
                raise TypeError(f"{name}: expected {', '.join(names)}, got {len(args)} of them")
        tensors = promoted(*args[:count]) if together else tuple([
            as_operand(x, name) if i == 0 else x for i, x in enumerate(args[:count])])
        return (<Op?> op_class(*args[count:], **kwargs)).run(tensors)

    function.__name__ = function.__qualname__ = name
    function.__doc__, function.__module__ = op_class.__doc__, op_class.__module__
    function.__signature__ = Signature([
        *inputs, *[p.replace(kind=Parameter.KEYWORD_ONLY) if several and p.kind is
                   Parameter.POSITIONAL_OR_KEYWORD else p for p in options]])
    return function


def with_out(function):
    """The function, with an argument out= if it has none."""
    return function if "out" in signature(function).parameters else taking_out(function)
