"""The table goes on: order, statistics, running reductions, products."""

from .calls import Call, Function
from .specs import INTS, Given, Index, x
from .table import ALL, MATRICES, ONE, TWO, over_axes, row

NAN, INF = float("nan"), float("inf")
SOLID = [i for i in ONE if 0 not in i.shape]
ROWS = [x(3, 4), x(3, 4).T, x(2, 3, 5).step, x(0, 3)]
HOLES = [Given([1, NAN, 3.0, 2], [NAN, NAN, 0, 5], [2, 4, 6, 8])]
NOTHING = Given([1.0, NAN], [NAN, NAN])

# Order ----------------------------------------------------------------------------------------

for name in ("median", "nanmedian"):
    row(name, (Call(name), SOLID), (Call(name, dim=0), [*MATRICES, x(4), x()]),
        (Call(name, -1, True), [*MATRICES, x(0, 3), HOLES[0]]),
        (lambda lib, a, op=name: getattr(a * 1.0, op)(), [x(0, 3)]),
        (Call(name), [Given(1, 3, 3, 3, 5), Given(1, NAN, 2), Given(NAN, NAN), *HOLES]),
        values="distinct", ints=INTS)
row("kthvalue", (Call("kthvalue", 2), [x(3, 4), x(3, 4).T, x(2, 3, 4).step, x(0, 3)]),
    (Call("kthvalue", 3, dim=0, keepdim=True), [x(3, 4), x(3, 4).T]),
    (Call("kthvalue", 1), [x(), Given(3, NAN, 1)]), values="distinct", ints=INTS)
row("mode", (Call("mode"), [x(3, 4), x(3, 4).T, x(2, 3, 4).step, x(0, 3), x()]),
    (Call("mode", 0, True), MATRICES), ints=ALL)
row("mode of repeated values", (lambda lib, a: a.mode(-1), [
    Given(3, 1, 3, 2, 1, 1, 3), Given([1, 1, 2, 2], [5, 4, 4, 5]), x(3).step, x(0, 2),
    Given(0, 0)]), lacks={"0-d": "the values are the point"})
for name in ("quantile", "nanquantile"):
    row(name, (Call(name, 0.3), SOLID), (Call(name, 0.6, dim=-1), [*ROWS[:3], x()]),
        (Call(name, 0.5, 0, True), MATRICES[:4]), (Call(name, 1, keepdim=True), SOLID[:4]),
        (lambda lib, a, op=name: getattr(a, op)(lib.tensor([0, 0.2, 1], dtype=a.dtype), 0),
         MATRICES[:4]),
        (lambda lib, a, op=name: getattr(lib, op)(a, lib.tensor([0.5], dtype=a.dtype)), SOLID),
        (Call(name, 0.4, dim=1), HOLES),
        *[(Call(name, 0.5, dim=-1, interpolation=way), ROWS[:3])
          for way in ("lower", "higher", "nearest", "midpoint")],
        values="distinct", lacks={"empty": "PyTorch refuses it"})
row("bucketize", (lambda lib, a: lib.bucketize(a, lib.tensor([-1.0, 0, 1])), ONE),
    (lambda lib, a: lib.bucketize(a, lib.tensor([-1, 1, 1, 2]), right=True, out_int32=True), ONE),
    ints=INTS)
row("searchsorted", *((lambda lib, a, b, k=k: lib.searchsorted(a.sort(-1).values, b, **k), [
    (x(5), x(2, 3)), (x(2, 5), x(2, 3).T), (x(2, 3, 4).step, x(2, 3, 2)), (x(4), x()),
    (x(0), x(2)), (x(3), x(0, 2))]) for k in ({}, {"right": True}, {"side": "right"})),
    (lambda lib, a, b: lib.searchsorted(a.detach(), b, sorter=a.detach().argsort(-1)), [
        (x(5), x(2)), (x(2, 5), x(2, 3).T)]), ints=INTS)
row("isin",
    (Function("isin"), [(x(3, 4), x(3)), (x(3).step, x(4).step), (x(0), x(2)), (x(), x(3))]),
    (lambda lib, a: lib.isin(a, 1, invert=True), [x(3), Given(0, 1, 2)]),
    (lambda lib, a: lib.isin(1, a), [Given(0, 1, 2)]), ints=INTS)
row("unique_consecutive",
    (lambda lib, a: lib.unique_consecutive(a.detach()), [*ONE, Given(3, 3, 1, 1, 1, 3)]),
    (lambda lib, a: a.detach().unique_consecutive(True, True), [
        x(3, 4), Given(3, 3, 1, 1, 3), Given([2.0, 2.0], [1.0, 2.0])]),
    (lambda lib, a: a.detach().unique_consecutive(return_inverse=True, return_counts=True, dim=0),
     [x(3, 4), Given([2.0, 1.0], [2.0, 1.0], [1.0, 1.0])]),
    (lambda lib, a: a.detach().unique_consecutive(dim=1),
     [Given([2.0, 2.0, 1.0], [1.0, 1.0, 0.0])]),
    ints=ALL)
row("aminmax", (Call("aminmax"), SOLID), (Call("aminmax", dim=0), [*MATRICES, x(2, 0), x()]),
    (Call("aminmax", dim=-1, keepdim=True), MATRICES), (Call("aminmax"), [Given(1, 3, 3, 1)]),
    values="distinct", ints=ALL)

# Statistics -----------------------------------------------------------------------------------

row("nansum", *over_axes("nansum"), (Call("nansum"), HOLES), (Call("nansum", 1), HOLES), ints=ALL)
row("nanmean", *over_axes("nanmean"), (Call("nanmean"), HOLES), (Call("nanmean", 1), HOLES),
    (lambda lib, a: a.detach().nanmean(1), [NOTHING]))
for name in ("var_mean", "std_mean"):
    row(name, (Function(name), [x(3, 4), x(3, 4).T, x(2, 3, 4).step, x(5).step]),
        (Function(name, False), ONE[:4]), (Function(name, dim=(0, -1), keepdim=True), MATRICES),
        (Function(name, -1, correction=0), [*MATRICES, x(0, 3)]),
        lacks={"0-d": "one element has no deviation"})
row("cov", (Call("cov"), [x(3, 4), x(3, 4).T, x(5).step, x(2, 7).step]),
    (Call("cov", correction=0), [x(3, 4), x(1, 4), x(4)]),
    (lambda lib, a, w: a.cov(aweights=w), [(x(3, 4), x(4).of("positive"))]),
    (lambda lib, a, i: a.cov(fweights=i + 1), [(x(3, 4), Index((4,), 3)), (x(4), Index((4,), 3))]),
    (lambda lib, a, w, i: a.cov(fweights=i + 1, aweights=w, correction=2),
     [(x(3, 6), x(6).of("positive"), Index((6,), 3))]), ints=INTS,
    lacks={"empty": "no numbers have no variance", "0-d": "nor has one"})
row("corrcoef", (Call("corrcoef"), [x(3, 4), x(3, 4).T, x(2, 7).step, x(4, 6), x(5)]),
    lacks={"empty": "no numbers have no variance", "0-d": "nor has one"})
row("histc", (lambda lib, a: lib.histc(a.detach(), 4), [*ONE, Given(1, 2, 9, 5), Given(2, 2)]),
    (lambda lib, a: a.detach().histc(bins=5, min=-1, max=1), [*ONE, Given(-1, 1, 0.2, NAN, 7)]))
row("dist", (Call("dist"), TWO), *((Call("dist", p), TWO[:5]) for p in (1, 3.5, INF, -INF)),
    (lambda lib, a, b: lib.dist(a.detach(), b.detach(), 0), TWO))
PLACES = [(x(3, 4), x(2, 4)), (x(3, 4).T, x(5, 4).step), (x(2, 3, 2), x(1, 4, 2)),
          (x(0, 2), x(3, 2)), (x(2, 0), x(3, 0))]
# PyTorch's distances have no second gradient: values, and gradients in test_derivatives.
row("cdist", *((lambda lib, a, b, p=p: lib.cdist(a.detach(), b.detach(), p), PLACES)
               for p in (0, 1.0, 1.5, 2, 3, INF)), lacks={"0-d": "wants rows"})
row("diff", (Call("diff"), [x(3, 4), x(3, 4).T, x(5).step, x(0, 3), x(2, 0), x(1)]),
    (Call("diff", 2, 0), MATRICES), (Call("diff", n=0), [x(3)]), (Call("diff", n=9), [x(3)]),
    (lambda lib, a, b: a.diff(dim=0, prepend=b, append=a), [(x(3, 4), x(1, 4)), (x(2), x(0))]),
    ints=ALL, lacks={"0-d": "needs an axis"})
row("trapezoid", (Function("trapezoid"), [x(3, 4), x(3, 4).T, x(5).step, x(0, 3), x(2, 1)]),
    (Function("trapezoid", dx=0.5, dim=0), MATRICES),
    (lambda lib, y, a: lib.trapezoid(y, a, dim=1), [(x(2, 4), x(4)), (x(2, 4).T, x(2, 4).step),
                                                    (x(2, 3, 4), x(3))]),
    (Function("trapz"), [x(3, 4)]),
    lacks={"0-d": "needs an axis"})
row("cumulative_trapezoid",
    (Function("cumulative_trapezoid"), [x(3, 4), x(3, 4).T, x(5).step, x(0, 3)]),
    (lambda lib, y, a: lib.cumulative_trapezoid(y, a, dim=0), [(x(4, 2), x(4)), (x(4), x(4))]),
    lacks={"0-d": "needs an axis"})

# Running --------------------------------------------------------------------------------------

row("cumprod", (Call("cumprod", dim=0), [*ONE, *MATRICES]),
    (Call("cumprod", -1), [*ONE, *MATRICES]),
    (Call("cumprod", 0), [Given(2, 0, 3, 0, 5), x(9)]),
    (lambda lib, a: a.detach().cumprod(0, dtype=lib.float64), ONE),
    (lambda lib, a: a.clone().cumprod_(-1), MATRICES), ints=ALL)
for name in ("cummax", "cummin"):
    row(name, (Call(name, dim=0), [*ONE, *MATRICES]), (Call(name, -1), [*ONE, *MATRICES]),
        (Call(name, 0), [Given(1, 3, 3, 2, 1, 1), Given(1, NAN, 5, NAN)]), ints=ALL)
row("logcumsumexp", (Call("logcumsumexp", dim=0), [*ONE, *MATRICES]),
    (Call("logcumsumexp", -1), [*ONE, *MATRICES]),
    (Call("logcumsumexp", 0), [Given(100, 101, 99), Given(-100, -100.5), Given(5, -900, 5),
                               x(9)]))
row("logcumsumexp of infinities",
    (lambda lib, a: lib.logcumsumexp(a.detach(), 0),
     [Given(-INF, -INF, 0, 1), Given(-INF, 0, INF), Given(-INF, -INF), Given(INF, 1), x(3, 2).T,
      x(0), x(0, 3)]), lacks={"0-d": "the values are the point"})

# Products -------------------------------------------------------------------------------------

row("inner", (Call("inner"), [(x(4), x(4).step), (x(2, 3), x(4, 3).T), (x(2, 3, 4), x(4)),
                              (x(), x(2, 3)), (x(2), x()), (x(0, 3), x(2, 3)), (x(2, 0), x(0))]),
    ints=INTS)
row("vdot", (Call("vdot"), [(x(4), x(4)), (x(9).step, x(9)), (x(0), x(0)), (x(1), x(1))]),
    ints=INTS, lacks={"0-d": "vectors only", "broadcast": "vectors only"})
row("tensordot", (Function("tensordot"), [(x(2, 3, 4), x(3, 4, 5)), (x(3, 4).T, x(3, 4, 2).step),
                                          (x(2, 0, 3), x(0, 3)), (x(3, 4), x(3, 4))]),
    (Function("tensordot", dims=0), [(x(2), x(3)), (x(), x(2)), (x(), x())]),
    (Function("tensordot", dims=1), [(x(2, 3), x(3, 4))]),
    (Function("tensordot", dims=([0, 2], [1, -1])), [(x(2, 3, 4), x(5, 2, 4))]), ints=INTS)
# PyTorch refuses transposed ones.
row("kron", (Call("kron"), [case for case in TWO if "T" not in (i.layout for i in case)]),
    (Call("kron"), [(x(2, 3), x(4)), (x(1, 2), x(3, 2, 2))]), ints=ALL)
row("cross", (Call("cross", dim=-1), [(x(3), x(3)), (x(2, 3).T, x(2, 3)), (x(4, 3), x(1, 3).step),
                                      (x(0, 3), x(0, 3))]),
    (Call("cross", dim=0), [(x(3, 2), x(3, 2).T)]), ints=INTS, lacks={"0-d": "needs an axis"})
row("chain_matmul", (lambda lib, *a: lib.linalg.multi_dot(a), [
    (x(2, 3), x(3, 4)), (x(2, 3).T, x(3, 7), x(7, 1).step), (x(3), x(3, 2), x(2, 4), x(4)),
    (x(3), x(3, 2), x(2)), (x(3), x(3, 2)), (x(2, 3), x(3)), (x(0, 3), x(3, 2), x(2, 5)),
    (x(9, 2), x(2, 9), x(9, 2), x(2, 9), x(9, 1))]), ints=INTS, lacks={"0-d": "wants matrices"})
# PyTorch's own write in place makes its gradient of vander fail: that is in test_derivatives.
row("vander",
    (lambda lib, a: lib.vander(a.detach()), [x(4), x(5).step, x(0), x(1), Given(0, 1, 2)]),
    (lambda lib, a: lib.vander(a.detach(), 3, increasing=True), [x(4), Given(0, 2)]),
    (lambda lib, a: lib.vander(a.detach(), N=0), [x(2)]), ints=ALL, lacks={"0-d": "wants a vector"})
row("cartesian_prod", (Function("cartesian_prod"), [
    (x(3), x(4)), (x(3).step, x(2), x(4)), (x(0), x(2)), (x(3),)]), ints=ALL,
    lacks={"0-d": "wants vectors"})
row("combinations", *((Function("combinations", **k), [x(4), x(5).step, x(0), x(1)])
                      for k in ({}, {"r": 3}, {"with_replacement": True}, {"r": 0}, {"r": 1})),
    ints=ALL, lacks={"0-d": "wants a vector"})
row("apply_ and map_", (lambda lib, a: a.detach().clone().apply_(lambda v: 2 * v + 1), ONE),
    (lambda lib, a, b: a.detach().clone().map_(b.detach(), lambda u, v: u - v), [
        (x(2, 3), x(2, 3)), (x(2, 3).T, x(3)), (x(), x()), (x(0, 3), x(3))]), ints=INTS)
