"""The walk over the graph: gradients from a result back to what it was made of."""

cimport numpy as cnp
from cpython.ref cimport PyObject

from plugrad.kernels.base.buffers cimport empty_like
from plugrad.tensor.tensor cimport Op, Port, Tensor, grad_enabled, operators, set_grad, wrap
from plugrad.kernels.base.buffers import Block
from plugrad.tensor.tensor import attach

import numpy as np

cnp.import_array()

cdef long walks = 0
cdef bint nan_check = False

cdef extern from "Python.h":
    Py_ssize_t Py_REFCNT(PyObject*)


cdef inline int enter(Op op, long walk) except -1:
    """Prepare op for a walk.  RuntimeError if a gradient of another walk waits at it."""
    if op.g is not None:
        raise busy(op)
    op.walk, op.waiting, op.useful = walk, 0, False
    return 0


cdef object busy(Op op):
    return RuntimeError(f"backward: another backward walks through {op.describe()} at this moment; "
                        "let one end before the next begins")


cdef list in_order(list roots, long walk):
    """Every operation that the roots depend on, each after all that use its result.

    Two loops instead of recursion: the first counts, for each operation, the reachable ones that
    use its result; the second takes an operation once all of these were taken (Kahn, 1962).
    """
    cdef list stack = [], order = []
    cdef Op op, parent
    for op in roots:
        if op.walk != walk:
            enter(op, walk)
            stack.append(op)
    while stack:
        op = <Op> stack.pop()
        for p in op.parents:
            if isinstance(p, Op):
                parent = <Op> p
                if parent.walk != walk:
                    enter(parent, walk)
                    stack.append(parent)
                parent.waiting += 1
    cdef set seen = set()
    for op in roots:
        if op.waiting == 0 and op not in seen:
            seen.add(op)
            stack.append(op)
    while stack:
        op = <Op> stack.pop()
        order.append(op)
        for p in op.parents:
            if isinstance(p, Op):
                parent = <Op> p
                parent.waiting -= 1
                if parent.waiting == 0:
                    stack.append(parent)
    return order


cdef mark_useful(list order, dict wanted):
    """Mark the operations on a way to a wanted tensor: the others need not run."""
    cdef Op op
    for op in reversed(order):
        for p in on_the_way(op.parents, wanted):
            if p is not None:
                op.useful = True


cdef inline Tensor plus(Tensor a, Tensor b, bint into):
    """a + b, written into a when that is ours alone to write to."""
    return <Tensor> (operators.iadd(a, b) if into else operators.add(a, b))


cdef int deliver(object parent, Tensor g, dict leaves, long walk) except -1:
    """Add a gradient to what has arrived at this operation or leaf."""
    cdef Op op
    cdef bint into = not grad_enabled()
    if not isinstance(parent, Op):
        before = leaves.get(parent)
        leaves[parent] = g if before is None else operators.add(before, g)
        return 0
    op = <Op> parent
    if op.walk != walk:
        raise busy(op)
    if op.g is None:
        op.g = g
        op.g_is_ours = False
    else:
        op.g = plus(<Tensor> op.g, g, into and op.g_is_ours)
        op.g_is_ours = True
    return 0


cdef Tensor through_hooks(list hooks, Tensor g, object who):
    """The gradient after the user's hooks had a look at it."""
    for hook in list(hooks):
        new = hook(g)
        if new is None:
            continue
        if not isinstance(new, Tensor):
            raise TypeError(f"hook of {who}: expected a Tensor or None, got {type(new).__name__}")
        if new.shape != g.shape:
            raise RuntimeError(f"hook of {who}: expected a gradient of shape {tuple(g.shape)}, "
                               f"got {tuple(new.shape)}")
        g = <Tensor> new
    return g


cdef object derivative(Op op):
    """What the user calls the method that computes its gradients: the name of an Op ends in 0 where
    that of a Function does not, as in PyTorch."""
    return op.name().removesuffix("0").removesuffix("Backward") + (
        ".vjp" if op.name().endswith("0") else ".backward")


cdef Tensor fitted(object g, tuple is_, Op op, Py_ssize_t i):
    """A gradient that somebody's Python vjp returned, checked against its input."""
    shape, dtype = is_
    if not isinstance(g, Tensor):
        raise TypeError(f"{derivative(op)}: expected a Tensor or None as gradient of input "
                        f"{i}, got {type(g).__name__}")
    if g.shape != shape:
        try:
            fits = np.broadcast_shapes(shape, g.shape) == tuple(g.shape)
        except ValueError:
            fits = False
        if not fits:
            raise RuntimeError(f"{derivative(op)}: expected a gradient of shape {shape} for "
                               f"input {i}, got {tuple(g.shape)}")
        g = g.sum_to_size(shape)
    return g if (<Tensor> g).array.dtype == dtype else g.to(dtype)


cdef tuple gradients(Op op, object g):
    """The gradients of op's inputs, as a tuple."""
    cdef tuple gs
    cdef Py_ssize_t i
    if op.outputs_are is None:
        result = op.vjp(g)
    else:
        result = op.vjp(*[wrap(np.zeros(shape, dtype)) if part is None else part
                          for part, (shape, dtype) in zip(g, op.outputs_are)])
    if type(result) is not tuple:
        result = tuple(result) if isinstance(result, list) else (result,)
    gs = <tuple> result
    if len(gs) != len(op.parents):
        raise RuntimeError(f"{derivative(op)}: expected {len(op.parents)} gradients, one "
                           f"per input of forward, got {len(gs)}; give None where none is needed")
    if op.inputs_are is not None:
        gs = tuple([None if part is None or op.parents[i] is None
                    else fitted(part, op.inputs_are[i], op, i) for i, part in enumerate(gs)])
    return gs


def set_nan_check(bint mode):
    """Switch on or off that backward stops at the first NaN; gives the mode before."""
    global nan_check
    before, nan_check = nan_check, mode
    return bool(before)


cdef refuse_nan(Op op, tuple gs):
    """Raise RuntimeError if a gradient that op gave is NaN."""
    for i, g in enumerate(gs):
        if g is not None and np.isnan((<Tensor?> g).array).any():
            raise RuntimeError(f"detect_anomaly: the gradient of input {i} of {op.describe()} has "
                               "nan among its elements, and none before it in backward had; look "
                               "at that line's inputs")


cdef tuple on_the_way(tuple parents, dict wanted):
    """The parents through which a wanted tensor is reached, None for the others: an operation asks
    here whose gradients it needs to compute."""
    return tuple([p if p is not None and (p in wanted or (isinstance(p, Op) and (<Op> p).useful))
                  else None for p in parents])


cdef visit(Op op, bint retain_graph, dict leaves, dict wanted, long walk):
    """Send the gradient that arrived at op on to its parents."""
    cdef Py_ssize_t i
    cdef Op owner
    g, op.g = op.g, None
    if g is None:
        return
    if op.outputs_are is None:
        if op.hooks is not None:
            g = through_hooks(op.hooks, <Tensor> g, op.describe())
        if op.retainers is not None:
            for retainer in op.retainers:
                kept = retainer()
                if kept is not None:
                    accumulate(<Tensor> kept, <Tensor> g)
        if wanted is not None:
            if op in wanted:
                wanted[op] = g
            if not op.useful:
                return
    if type(op) is Port:
        owner = <Op> op.parents[0]
        if owner.walk != walk:
            raise busy(owner)
        if owner.g is None:
            owner.g = [None] * len(owner.outputs_are)
        i = (<Port> op).index
        before = (<list> owner.g)[i]
        (<list> owner.g)[i] = g if before is None else operators.add(before, g)
        return
    if wanted is None:
        gs = gradients(op, g)
    else:
        parents, op.parents = op.parents, on_the_way(op.parents, wanted)
        try:
            gs = gradients(op, g)
        finally:
            op.parents = parents
    if nan_check:
        refuse_nan(op, gs)
    for i in range(len(gs)):
        if gs[i] is not None and op.parents[i] is not None:
            deliver(op.parents[i], <Tensor?> gs[i], leaves, walk)
    if not retain_graph:
        op.release()


cdef bint owns(cnp.ndarray a):
    """Whether a is the only array on its memory, NumPy's or the pool's, rather than a view."""
    return (cnp.PyArray_CHKFLAGS(a, cnp.NPY_ARRAY_OWNDATA)
            or type(cnp.get_array_base(a)) is Block)


cdef accumulate(Tensor leaf, Tensor g):
    """leaf.grad += g; the first gradient is taken over when nobody else holds its memory."""
    cdef cnp.ndarray array = g.array
    if not cnp.PyArray_SAMESHAPE(array, leaf.array):
        raise RuntimeError(
            f"backward: a gradient of shape {tuple(g.shape)} arrived at a tensor of shape "
            f"{tuple(leaf.shape)}; its .data had another shape when it was used: compute the loss "
            "anew after such a change")
    if leaf.gradient is None:
        if grad_enabled():
            leaf.gradient = g
        elif (g.base is None and owns(array)
                and cnp.PyArray_IS_C_CONTIGUOUS(array) and Py_REFCNT(<PyObject*> g) <= 1
                and Py_REFCNT(<PyObject*> array) <= 2):
            leaf.gradient = g
        else:
            leaf.gradient = wrap(array.copy())
    else:
        leaf.gradient = plus(leaf.gradient, g, not grad_enabled())
    if leaf.after_grad is not None:
        for hook in list(leaf.after_grad):
            hook(leaf)


def walk(list outputs, list gs, targets, bint retain_graph, bint create_graph):
    """Carry the gradients gs of the outputs back through the graph.

    targets None: add to `.grad` of every leaf.  Else: a list of tensors; returns their gradients
    (None where the outputs do not depend on one) and leaves every `.grad` alone.
    """
    global walks
    walks += 1
    cdef long number = walks
    cdef dict leaves = {}
    cdef dict wanted = None
    cdef list roots = [], keys = [], order
    cdef Tensor x, g
    cdef Op op = None
    if targets is not None:
        keys = [(<Tensor?> t).parent() for t in targets]
        wanted = dict.fromkeys([k for k in keys if k is not None])
    for x in outputs:
        if x.parent() is not x:
            roots.append(x.node)
    order = in_order(roots, number)
    if wanted is not None:
        mark_useful(order, wanted)
    cdef bint before = set_grad(create_graph)
    try:
        for x, g in zip(outputs, gs):
            deliver(x.parent(), g, leaves, number)
        x = g = None
        for op in order:
            visit(op, retain_graph, leaves, wanted, number)
        op = None
        while leaves:
            leaf, last = leaves.popitem()
            x, g = <Tensor> leaf, <Tensor> last
            leaf = last = None
            if x.hooks is not None:
                g = through_hooks(x.hooks, g, "a leaf")
            if wanted is None:
                accumulate(x, g)
            elif x in wanted:
                wanted[x] = g
    except Exception as error:
        if op is not None and type(op) is not Port and op.code is not None:
            explain(error, op)
        raise
    finally:
        set_grad(before)
        for op in order:
            op.g = None
    if wanted is not None:
        return [None if key is None else wanted[key] for key in keys]


cdef explain(error, Op op):
    """Say in the error which operation's backward failed, unless it says so itself."""
    where = op.describe()
    if len(error.args) == 1 and isinstance(error.args[0], str) and where not in error.args[0]:
        error.args = (f"in the backward of {where}: {error.args[0]}",)


# ----------------------------------------------------------------------------------- what is called

cdef cnp.ndarray one(cnp.ndarray a):
    """An array of a's shape and dtype, filled with 1."""
    cdef cnp.ndarray out = empty_like(a, cnp.PyArray_TYPE(a))
    cnp.PyArray_FillWithScalar(out, 1)
    return out


cdef Tensor seed(Tensor output, object given, str what):
    """The gradient that a walk starts with at this output: `given`, or 1 for a single element."""
    cdef Tensor g
    if not output.requires():
        raise RuntimeError(
            f"{what}: this tensor does not require grad and no operation recorded it: nothing that "
            "it was computed from requires a gradient, or .detach(), .data, NumPy or no_grad() cut "
            "it off; set requires_grad=True on the inputs or parameters before computing it (a "
            "gradient can be differentiated again if it was made with create_graph=True)")
    if given is None:
        if cnp.PyArray_SIZE(output.array) != 1:
            raise RuntimeError(
                f"{what}: a gradient can be started only at a scalar, got a tensor of shape "
                f"{tuple(output.shape)}; reduce it first, e.g. with .sum() or .mean(), or give the "
                "gradient of each element")
        return wrap(one(output.array))
    if not isinstance(given, Tensor):
        raise TypeError(f"{what}: expected the gradient to be a Tensor, got "
                        f"{type(given).__name__}")
    g = <Tensor> given
    if not cnp.PyArray_SAMESHAPE(g.array, output.array):
        raise RuntimeError(f"{what}: expected a gradient of shape {tuple(output.shape)}, got "
                           f"{tuple(g.shape)}")
    if cnp.PyArray_TYPE(g.array) != cnp.PyArray_TYPE(output.array):
        g = g.to(output.dtype)
    return g


cdef list listed(object x):
    return [x] if isinstance(x, Tensor) or not hasattr(x, "__iter__") else list(x)


cdef list seeds(list outputs, object given, str what):
    gs = [None] * len(outputs) if given is None else listed(given)
    if len(gs) != len(outputs):
        raise RuntimeError(f"{what}: expected one gradient per tensor, {len(outputs)}, got "
                           f"{len(gs)}")
    for x in outputs:
        if not isinstance(x, Tensor):
            raise TypeError(f"{what}: expected tensors, got {type(x).__name__}")
    return [seed(x, g, what) for x, g in zip(outputs, gs)]


def backward(Tensor self, gradient=None, retain_graph=None, bint create_graph=False, inputs=None):
    """Add d self / d leaf to `.grad` of every leaf that self was computed from.

    gradient: d loss / d self, of self's shape; may be left out for a single element.
    retain_graph: keep what forward saved, for another backward (default: create_graph).
    create_graph: record the backward itself, for gradients of gradients.
    inputs: only these leaves get a gradient.
    """
    cdef bint keep = create_graph if retain_graph is None else retain_graph
    cdef list start = [seed(self, gradient, "backward")]
    if inputs is None:
        walk([self], start, None, keep, create_graph)
        return
    targets = listed(inputs)
    before = set_grad(create_graph)
    try:
        for x, g in zip(targets, walk([self], start, targets, keep, create_graph)):
            if g is not None:
                accumulate(x, g)
    finally:
        set_grad(before)


def backward_all(tensors, grad_tensors=None, retain_graph=None, bint create_graph=False):
    """`backward` of several tensors in one walk."""
    cdef list outputs = listed(tensors)
    walk(outputs, seeds(outputs, grad_tensors, "backward"), None,
         create_graph if retain_graph is None else retain_graph, create_graph)


def grad(outputs, inputs, grad_outputs=None, retain_graph=None, bint create_graph=False,
         only_inputs=True, allow_unused=None, bint materialize_grads=False):
    """The gradients of the outputs with respect to the inputs, as a tuple; `.grad` is not touched,
    whatever only_inputs is, which older scripts give.

    Raises RuntimeError if an input does not require a gradient, or was not used (allow_unused=True
    gives None for it, materialize_grads=True zeros).
    """
    cdef list sources = listed(outputs), targets = listed(inputs)
    gs = seeds(sources, grad_outputs, "grad")
    for i, x in enumerate(targets):
        if not isinstance(x, Tensor):
            raise TypeError(f"grad: expected input {i} to be a Tensor, got {type(x).__name__}")
        if not (<Tensor> x).requires():
            raise RuntimeError(f"grad: input {i} does not require a gradient; set "
                               "requires_grad=True on it before it is used")
    found = walk(sources, gs, targets,
                 create_graph if retain_graph is None else retain_graph, create_graph)
    for i, g in enumerate(found):
        if g is None and materialize_grads:
            found[i] = wrap(np.zeros_like((<Tensor> targets[i]).array))
        elif g is None and not allow_unused:
            raise RuntimeError(f"grad: input {i} was not used to compute the outputs; "
                               "allow_unused=True gives None for it")
    return tuple(found)


attach("backward", backward)
