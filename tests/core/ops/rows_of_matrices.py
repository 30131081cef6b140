"""The table goes on: linear algebra.  Vectors that are determined up to their sign are squared."""

from .calls import Call, Function
from .specs import Given, Index, x
from .table import MATRICES, ONE, row

INF = float("inf")
SQUARE = [x(3, 3), x(3, 3).T, x(2, 4, 4).step, x(1, 1), x(2, 2, 2, 2).T, x(0, 2, 2), x(0, 0)]
SQUARE_OR_COPIED = [*SQUARE[:4], x(2, 2, 2, 2), *SQUARE[5:]]     # as PyTorch wants it
WIDE = [x(3, 4), x(2, 5).T, x(2, 3, 4).step, x(1, 4), x(3, 3)]
TALL = [x(4, 3), x(5, 2).T, x(2, 4, 3).step, x(4, 1), x(0, 3, 2)]
SYSTEMS = [(x(3, 3), x(3, 2)), (x(3, 3).T, x(3)), (x(2, 3, 3).step, x(2, 3, 1).T),
           (x(2, 3, 3), x(2, 3)), (x(3, 3), x(2, 3, 4)), (x(2, 1, 2, 2), x(3, 2, 2)),
           (x(0, 0), x(0, 2)), (x(0, 3, 3), x(0, 3, 2))]
NO_NUMBER = {"0-d": "wants matrices"}


class Linalg(Function):
    """lib.linalg.name(x, ...)"""

    def __call__(self, lib, *tensors):
        return getattr(lib.linalg, self.name)(*tensors, *self.args, **self.kwargs)


def positive(lib, a):
    return a @ a.mT + lib.eye(a.shape[-1], dtype=a.dtype)


def both(a):
    return a + a.mT


# Inverses and systems -------------------------------------------------------------------------

row("inv", (Linalg("inv"), SQUARE), (Call("inverse"), SQUARE), lacks=NO_NUMBER)
row("solve", (Linalg("solve"), SYSTEMS),
    (Linalg("solve", left=False), [(x(3, 3), x(2, 3)), (x(2, 2).T, x(4, 3, 2))]), lacks=NO_NUMBER)
row("pinv", (Linalg("pinv"), [*WIDE, *TALL]), (Linalg("pinv", rtol=0.3), [x(4, 2), x(2, 4)]),
    (Linalg("pinv", atol=0.1), [x(3, 3)]), (Call("pinverse"), TALL),
    (lambda lib, a: lib.linalg.pinv(positive(lib, a) + 3 * lib.eye(a.shape[-1], dtype=a.dtype),
                                    hermitian=True), SQUARE[:3]),
    (lambda lib, a, b: lib.linalg.pinv(a @ b, rtol=1e-4), [(x(4, 2), x(2, 3))]), lacks=NO_NUMBER)
row("lstsq", (lambda lib, a, b: lib.linalg.lstsq(a, b).solution, [
    (x(4, 3), x(4, 2)), (x(5, 2).T, x(5, 1).step), (x(2, 4, 3), x(2, 4, 2)), (x(2, 4), x(2, 3)),
    (x(2, 4, 3), x(2, 4))]),
    (lambda lib, a, b: lib.linalg.lstsq(a.detach(), b.detach(), driver="gelsd"), [
        (x(4, 3), x(4, 2)), (x(2, 3), x(2, 2)), (x(2, 5, 2), x(2, 5, 1))]),
    lacks={**NO_NUMBER, "empty": "PyTorch refuses it"})
for name in ("det", "slogdet"):
    row(name, (Linalg(name), SQUARE), (Call(name), SQUARE[:2]), lacks=NO_NUMBER)
row("logdet", (lambda lib, a: lib.logdet(positive(lib, a)), SQUARE[:5]),
    (lambda lib, a: a.logdet(), [x(0, 0)]),
    (lambda lib, a: a.detach().logdet(), [Given([0.0, 1], [1, 0]), Given([1.0, 1], [1, 1])]),
    lacks=NO_NUMBER)

row("matrix_exp", (Call("matrix_exp"), SQUARE_OR_COPIED),
    (lambda lib, a: (3.0 * a).matrix_exp(), SQUARE_OR_COPIED),
    (Linalg("matrix_exp"), SQUARE[:2]), lacks=NO_NUMBER)

row("matrix_power", *((Call("matrix_power", n), SQUARE[:6]) for n in (-2, -1, 1, 2, 3, 5)),
    (lambda lib, a: a.detach().matrix_power(0), SQUARE),
    (Linalg("matrix_power", 3), SQUARE[:2]), lacks=NO_NUMBER)

# Factorizations -------------------------------------------------------------------------------

row("cholesky", (lambda lib, a: lib.linalg.cholesky(positive(lib, a)), SQUARE[:5]),
    (lambda lib, a: positive(lib, a).cholesky(True), SQUARE[:3]),
    (Linalg("cholesky"), [x(0, 0), x(0, 2, 2)]), lacks=NO_NUMBER)
row("qr", (Linalg("qr"), [*WIDE, *TALL]), (Linalg("qr", "complete"), WIDE),
    (lambda lib, a: lib.linalg.qr(a.detach(), mode="complete"), TALL),
    (lambda lib, a: lib.linalg.qr(a.detach(), mode="r"), [*WIDE, *TALL]), lacks=NO_NUMBER)
row("eigh",
    (lambda lib, a: (lambda w, v: (w, v * v, (v * w.exp().unsqueeze(-2)) @ v.mT))(
        *lib.linalg.eigh(both(a))), SQUARE),
    (lambda lib, a: lib.linalg.eigvalsh(both(a)), SQUARE),
    (lambda lib, a: lib.linalg.eigh(a, "U")[0], SQUARE[:3]),
    (lambda lib, a: lib.linalg.eigvalsh(a), SQUARE[:3]), lacks=NO_NUMBER)
row("svd",
    *((lambda lib, a, full=full: (lambda u, s, vh: (u[..., :, :s.shape[-1]] ** 2, s, (
        u[..., :, :s.shape[-1]] * s.sin().unsqueeze(-2)) @ vh[..., :s.shape[-1], :]))(
        *lib.linalg.svd(a, full_matrices=full)), [*WIDE, *TALL]) for full in (True, False)),
    (lambda lib, a: [t.shape[-1] + 0 * t.sum() for t in lib.linalg.svd(a)], [*WIDE, *TALL]),
    (Linalg("svdvals"), [*WIDE, *TALL, x(0, 0)]), lacks=NO_NUMBER)

# Norms ----------------------------------------------------------------------------------------

row("vector_norm", (Linalg("vector_norm"), ONE), (Linalg("vector_norm", 3.5, 0), MATRICES),
    (Linalg("vector_norm", ord=1, dim=(0, -1), keepdim=True), MATRICES),
    (Linalg("vector_norm", INF, -1), MATRICES), (Linalg("vector_norm", 0), [Given(0, 1, 2)]),
    (Linalg("vector_norm", -2.0, dim=1), MATRICES))
row("matrix_norm",
    *((Linalg("matrix_norm", ord), [*WIDE, *TALL[:4]])
      for ord in ("fro", "nuc", 1, -1, 2, -2, INF, -INF)),
    *((Linalg("matrix_norm", ord, (0, 2), True), [x(2, 3, 4), x(2, 3, 4).T])
      for ord in ("fro", "nuc", 1, 2, -INF)),
    (Linalg("matrix_norm", "nuc", dim=(1, 0)), [x(2, 3), x(0, 3)]), lacks=NO_NUMBER)
row("linalg.norm", (Linalg("norm"), ONE), (Linalg("norm", 3), [x(4), x(5).step]),
    (Linalg("norm", 1), WIDE[:1]), (Linalg("norm", "nuc"), TALL[:2]),
    (Linalg("norm", dim=(0, 1)), MATRICES), (Linalg("norm", 2, dim=(-2, -1)), MATRICES),
    (Linalg("norm", 1, dim=0), MATRICES))
# PyTorch writes into what it needs for the gradient of these: that is in test_derivatives.
row("cond", *((Linalg("cond", p), SQUARE[:5]) for p in (None, 2, -2, "nuc")),
    (Linalg("cond"), [x(3, 4), x(4, 3)]),
    *((lambda lib, a, p=p: lib.linalg.cond(a.detach(), p), [*SQUARE[:5], Given([1.0, 2], [2, 4])])
      for p in (1, INF, -1, "fro")), lacks={**NO_NUMBER, "empty": "PyTorch refuses it"})
row("matrix_rank", (Linalg("matrix_rank"), [*WIDE, *TALL]),
    (Linalg("matrix_rank", atol=1.0), SQUARE), (Linalg("matrix_rank", rtol=0.4), WIDE),
    (Linalg("matrix_rank", hermitian=True), SQUARE[:3]),
    (lambda lib, a, b: lib.linalg.matrix_rank((a @ b).detach()), [(x(5, 2), x(2, 4))]),
    lacks=NO_NUMBER)
row("linalg.cross", (Linalg("cross"), [(x(3), x(3)), (x(2, 3).T, x(2, 3)), (x(4, 3), x(1, 3)),
                                       (x(0, 3), x(0, 3))]),
    (Linalg("cross", dim=0), [(x(3, 2), x(3, 2).T)]), lacks={"0-d": "needs an axis"})
row("linalg.diagonal", (Linalg("diagonal"), [*WIDE, *TALL]), (Linalg("diagonal", offset=1), WIDE),
    (lambda lib, a, i: lib.linalg.diagonal(a, offset=-1).take(i), [(x(3, 3), Index((2,), 2))]),
    lacks=NO_NUMBER)
