"""The table goes on: views, arrangements, writing and reducing by index."""

from .calls import Call, Function, InPlace, Method
from .specs import INTS, Given, Index, Mask, x
from .table import ALL, EMPTY, MATRICES, ONE, TWO, row

CUBES = [x(3, 3, 4), x(2, 3, 4).T, x(2, 3, 4).step, x(2, 0, 3)]

# Views ----------------------------------------------------------------------------------------

row("diagonal", (Call("diagonal"), [*MATRICES, *EMPTY]),
    (Call("diagonal", 1), MATRICES), (Call("diagonal", offset=-1), MATRICES),
    (Call("diagonal", 9), [x(2, 3)]), (Call("diagonal", -2, -1, 0), CUBES),
    (Call("diagonal", offset=1, dim1=1, dim2=2), CUBES), ints=ALL, lacks={"0-d": "needs two axes"})
row("diag_embed", (Call("diag_embed"), [*MATRICES, *EMPTY, x(3), x(0)]),
    (Call("diag_embed", 1), MATRICES), (Call("diag_embed", offset=-2, dim1=0, dim2=2), MATRICES),
    (Call("diag_embed", 0, -1, 0), MATRICES), ints=ALL, lacks={"0-d": "needs an axis"})
row("diagflat", (Call("diagflat"), [x(3), x(2, 2).T, x(4).step, x(0, 2), x()]),
    (Call("diagflat", -1), [x(2), x(2, 2)]), ints=ALL)
row("unfold by windows", (Method("unfold", 0, 2, 1), [x(3, 4), x(3, 4).T, x(5).step, x(2, 0)]),
    (Method("unfold", -1, 2, 3), [x(3, 7), x(7, 3).T, x(2, 5).step]),
    (Method("unfold", dimension=1, size=3, step=2), [x(2, 6, 2), x(2, 7)]),
    (Method("unfold", 0, 1, 1), [x(), x(3)]), (Method("unfold", 0, 0, 2), [x(), x(3)]), ints=ALL)
row("select", (Call("select", 0, 1), MATRICES[:4]), (Call("select", -1, -2), MATRICES[:4]),
    (Call("select", dim=1, index=0), [x(0, 3), x(3, 4).T]), ints=ALL,
    lacks={"0-d": "needs an axis"})
row("narrow", (Call("narrow", 0, 1, 2), [x(3, 4), x(3, 4).T, x(4).step, x(3, 0)]),
    (Call("narrow", -1, -2, 2), MATRICES[:4]),
    (Call("narrow", dim=1, start=3, length=0), [x(2, 3)]),
    ints=ALL, lacks={"0-d": "needs an axis"})
for name in ("moveaxis", "swapdims"):
    row(name, (Call(name, 0, -1), [*MATRICES, *EMPTY]), ints=ALL, lacks={"0-d": "needs an axis"})

# Arrangements ---------------------------------------------------------------------------------

for k in range(-1, 4):
    row(f"rot90 {k} times", (Call("rot90", k), [*MATRICES, *EMPTY]),
        (Call("rot90", k, [-1, 0]), MATRICES), ints=ALL, lacks={"0-d": "needs two axes"})
row("fliplr", (Call("fliplr"), [*MATRICES, *EMPTY]), ints=ALL, lacks={"0-d": "needs two axes"})
row("flipud", (Call("flipud"), [*MATRICES, *EMPTY, x(3)]), ints=ALL,
    lacks={"0-d": "needs an axis"})
row("tensor_split", (Call("tensor_split", 3), [x(7, 2), x(2, 3).T, x(5).step, x(0, 2)]),
    (Call("tensor_split", (1, 9, 3), dim=-1), MATRICES), (Call("tensor_split", [-2, 3]), [x(5)]),
    (Call("tensor_split", ()), [x(3)]), ints=ALL, lacks={"0-d": "needs an axis"})
row("split_with_sizes",
    (Call("split_with_sizes", [1, 2]), [x(3, 4), x(3, 2).T, x(3).step, x(3, 0)]),
    (Call("split_with_sizes", (1, 3), dim=-1), MATRICES[:3]), ints=ALL,
    lacks={"0-d": "needs an axis"})
row("hsplit", (Call("hsplit", 2), [x(3, 4), x(4, 2).T, x(4).step, x(0, 2)]),
    (Call("hsplit", [1, 2]), MATRICES), ints=ALL, lacks={"0-d": "needs an axis"})
row("vsplit", (Call("vsplit", 2), [x(4, 3), x(4, 2).T, x(2, 4).step, x(2, 0)]),
    (Call("vsplit", (1,)), MATRICES), ints=ALL, lacks={"0-d": "needs two axes"})
row("dsplit", (Call("dsplit", 2), [x(1, 3, 4), x(2, 3, 2).step, x(2, 0, 4), x(2, 2, 6).T]),
    (Call("dsplit", [1]), CUBES), ints=ALL, lacks={"0-d": "needs three axes"})
for name in ("dstack", "column_stack", "row_stack"):
    row(name, (lambda lib, *a, op=name: getattr(lib, op)(a), [
        (x(3, 4), x(3, 4).T), (x(3).step, x(3)), (x(), x()), (x(0, 2), x(0, 2))]), ints=ALL,
        lacks={"broadcast": "wants equal shapes"})
row("column_stack of vectors and matrices",
    (lambda lib, *a: lib.column_stack(a), [(x(3), x(3, 2)), (x(3, 2).T, x(3)), (x(0), x(0, 2)),
                                           (x(), x(1, 2))]), ints=ALL)
for name in ("atleast_1d", "atleast_2d", "atleast_3d"):
    row(name, (Function(name), [*ONE, *TWO]), (lambda lib, *a, op=name: getattr(lib, op)(a), TWO),
        ints=ALL)
row("broadcast_tensors", (Function("broadcast_tensors"), TWO), ints=ALL)
row("block_diag", (Function("block_diag"), [
    (x(2, 3), x(1, 2)), (x(2, 3).T, x(3), x()), (x(0, 2), x(1, 1)), (x(4).step,)]), ints=ALL)

# By index -------------------------------------------------------------------------------------

ROWS_OF = [(x(3, 4), Index((2,), 3, True), x(2, 4)), (x(3, 4).T, Index((3,), 3, True), x(3, 4)),
           (x(3), Index((2,), 3, True), x(2).step), (x(3, 0), Index((1,), 3), x(1, 0))]

row("index_fill", (lambda lib, a, i: lib.index_fill(a, 0, i, 2), [c[:2] for c in ROWS_OF]),
    (lambda lib, a, i, v: a.index_fill(-1, i, v), [(x(2, 3, 4).step, Index((2,), 4), x())]),
    (lambda lib, a, i: a.clone().index_fill_(1, i - 4, 1), [(x(3, 4), Index((2,), 4))]), ints=ALL)
row("index_copy", (lambda lib, a, i, b: lib.index_copy(a, 0, i, b), ROWS_OF),
    (lambda lib, a, i, b: a.index_copy(-1, i, b), [(x(3, 4).T, Index((2,), 4, True), x(3, 2))]),
    (lambda lib, a, i, b: a.clone().index_copy_(0, i, b), ROWS_OF), ints=ALL,
    lacks={"0-d": "needs an axis"})
PAIRS = [(x(3, 4), Index((2,), 3, True), Index((2,), 4), x(2)),
         (x(3, 4).T, Index((3, 1), 3, True), Index((2,), 4), x()),
         (x(3, 4, 2).step, Index((2,), 3, True), Index((2,), 4), x(1, 2)),
         (x(3, 4), Index((0,), 1), Index((0,), 1), x(0))]
SUMS = [(x(2, 3), Index((7,), 2), Index((7,), 3), x(7)),
        (x(2, 3).T, Index((4, 1), 2), Index((5,), 3), x(5).step),
        (x(2, 3, 2), Index((4,), 2), Index((4,), 3), x(4, 2)),
        (x(2, 3), Index((0,), 1), Index((0,), 1), x(0)),
        (x(2, 3), Index((4,), 2), Index((), 3), x())]
row("index_put", (lambda lib, a, i, j, b: lib.index_put(a, (i, j), b), PAIRS),
    (lambda lib, a, i, j, b: a.index_put((i, j), b, accumulate=True), SUMS),
    (lambda lib, a, i, b: a.index_put([i], b, True), [(x(3, 4), Index((5,), 3), x(5, 4))]),
    (lambda lib, a, i, j, b: a.clone().index_put_((i, j), b, True), SUMS),
    (lambda lib, a, m, b: a.index_put((m,), b), [(x(3, 4), Mask((3, 4)), x())]), ints=INTS)
row("take", (Call("take"), [(x(3, 4), Index((2, 3), 12)), (x(3, 4).T, Index((5,), 12)),
                            (x(4).step, Index((0,), 4)), (x(), Index((), 1)),
                            (x(2, 2), Index((), 4))]),
    (lambda lib, a, i: a.take(i - 12), [(x(3, 4), Index((2, 3), 12))]), ints=ALL)
PUTS = [(x(3, 4).T, Index((5,), 12, True), x(5)), (x(4).step, Index((0,), 4), x(0)),
        (x(), Index((), 1), x()), (x(2, 2), Index((3,), 4, True), x(3).step)]
row("put", (lambda lib, a, i, b: lib.put(a, i, b), PUTS),
    (lambda lib, a, i, b: lib.put(a, i, b, accumulate=True), [
        (x(2, 3), Index((3, 4), 6), x(12)), (x(2, 3).T, Index((9,), 6), x(3, 3).T)]),
    (lambda lib, a, i, b: a.clone().put_(i, b), PUTS), ints=INTS)
row("masked_scatter", (Call("masked_scatter"), [
    (x(3, 4), Mask((3, 4)), x(12)), (x(3, 4).T, Mask((4,)), x(3, 5).T),
    (x(4).step, Mask((3, 4)), x(12)), (x(0, 3), Mask((3,)), x(0)), (x(), Mask(()), x(1))]),
    (InPlace("masked_scatter_"), [(x(3, 4), Mask((3, 1)), x(13))]), ints=ALL)
row("fill_diagonal_", (InPlace("fill_diagonal_", 2), [x(3, 4), x(4, 3).T, x(3, 3, 3), x(7, 2),
                                                     x(0, 3), x(3, 2).step]),
    (InPlace("fill_diagonal_", 1, wrap=True), [x(7, 2), x(2, 3), x(8, 2).step]), ints=ALL,
    lacks={"0-d": "needs two axes"})

SENT = [(x(3, 4), Index((3, 6), 4), x(3, 6)), (x(3, 4).T, Index((2, 5), 4), x(2, 5).step),
        (x(3, 4), Index((3, 0), 1), x(3, 0)), (x(2, 3, 4), Index((2, 3, 5), 4), x(2, 3, 5)),
        (x(), Index((), 1), x())]
for reduce in ("sum", "mean", "amax", "amin", "prod"):
    row(f"scatter_reduce {reduce}",
        (lambda lib, a, i, b, reduce=reduce: lib.scatter_reduce(a, -1, i, b, reduce), SENT),
        (lambda lib, a, i, b, reduce=reduce: a.scatter_reduce(0, i, b, reduce=reduce), [
            (x(3, 4), Index((7, 2), 3), x(7, 2))]),
        (lambda lib, a, i, b, reduce=reduce: a.scatter_reduce(
            -1, i, b, reduce, include_self=False), SENT),
        (lambda lib, a, i, b, reduce=reduce: a.clone().scatter_reduce_(-1, i, b, reduce), SENT),
        values="nonzero", ints=INTS)
for reduce in ("amax", "amin"):
    row(f"scatter_reduce {reduce} of equals",
        (lambda lib, a, b, i, reduce=reduce: a.scatter_reduce(0, i, b, reduce), [
            (Given(1, 5, 2), Given(1, 5, 5, 2, 2), Index((5,), 3)),
            (Given(1, 1), Given(1, 1, 1), Index((3,), 2)),
            (Given(0, 3, 3), Given(3, 0, 3, 0), Index((4,), 3)),
            (x(2), x(0), Index((0,), 2)), (x(3).step, x(3), Index((3,), 3))]),
        lacks={"0-d": "the values are the point"})
