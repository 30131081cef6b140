"""The table of ops: one row per op, checked by test_ops against PyTorch.

A row has a name, and forms: (how the op is called, the inputs it is called with).  A new op is a
new row; what is then checked (values, dtypes, shapes, gradients, gradients of gradients, strided,
empty and 0-d inputs, integers) is the same for all and written once, in test_ops.
"""

from dataclasses import dataclass, field

from .calls import Call, Function, Functional, InPlace, Method
from .specs import BOOL, INTS, Given, Index, Mask, x


@dataclass
class Row:
    name: str
    forms: list                     # of (callable(lib, *tensors), [inputs of one call, …])
    values: str = "real"            # where the inputs lie unless they say so themselves
    ints: tuple = ()                # the integer and bool dtypes that the op takes, too
    lacks: dict = field(default_factory=dict)   # what no case can show, and why

    def calls(self):
        """(callable, inputs) for every call that the row asks for."""
        return ((call, inputs) for call, cases in self.forms for inputs in cases)


ROWS = {}


def row(name, *forms, **options):
    assert name not in ROWS
    forms = [(call, [c if isinstance(c, tuple) else (c,) for c in cases]) for call, cases in forms]
    ROWS[name] = Row(name, forms, **options)


ALL = INTS + BOOL

# Every layout that an op of one array can meet.
ONE = [x(3, 4), x(3, 4).T, x(2, 3, 4).step, x(5).step, x(0, 3), x(2, 0), x()]
# Two arrays: alike, broadcast either way and both ways, strided, empty, 0-d.
TWO = [(x(3, 4), x(3, 4)), (x(3, 4).T, x(4).step), (x(4), x(2, 3, 4)), (x(2, 1, 4), x(3, 1)),
       (x(2, 3).T, x(2, 3)), (x(0, 3), x(3)), (x(2, 0), x(2, 1)), (x(), x(2, 3)),
       (x(2, 1, 2).step, x()), (x(), x())]
MATRICES = [x(3, 4), x(3, 4).T, x(2, 3, 4).step, x(3, 3), x(1, 4), x(2, 4, 2).T]
EMPTY = [x(0, 3), x(2, 0, 3)]


# Arithmetic and comparison --------------------------------------------------------------------

row("add",
    (Call("add"), TWO),
    (Call("add", alpha=3), TWO),
    (lambda lib, a, b: a + b, TWO),
    (lambda lib, a: 2 + a, ONE),
    (lambda lib, a: a + 1.5, ONE),
    (lambda lib, a: a + a, ONE), ints=INTS)
row("sub",
    (Call("sub"), TWO),
    (Call("sub", alpha=3), TWO),
    (lambda lib, a, b: a - b, TWO),
    (lambda lib, a: 2 - a, ONE),
    (lambda lib, a: a - a, ONE),
    (lambda lib, a: a - 1.5, ONE), ints=INTS)
row("mul",
    (Call("mul"), TWO),
    (lambda lib, a, b: a * b, TWO),
    (lambda lib, a: 2 * a, ONE),
    (lambda lib, a: a * 1.5, ONE),
    (lambda lib, a: a * a, ONE), ints=ALL)
row("div",
    (Call("div"), TWO),
    (lambda lib, a, b: a / b, TWO),
    (lambda lib, a: 2 / a, ONE),
    (lambda lib, a: a / 1.5, ONE),
    (lambda lib, a: a / a, ONE),
    (Call("div", rounding_mode="floor"), TWO),
    (Call("div", rounding_mode="trunc"), TWO), values="nonzero", ints=ALL)
row("div by zero",
    (lambda lib, a, b: a / b, [(Given(1, -1, 0, 2), Given(0, 0, 0, -0.0)),
                               (x(2, 3), Given(0, 1, 0)),
                               (x(2, 0), x(1)), (x(3, 2).T, Given(0, -0.0)),
                               (x(3, 2, 2).step, Given([0.0], [-0.0]))]),
    lacks={"0-d": "the values are the point"})
# PyTorch has no derivative of floor_divide: values only.
row("floor_divide",
    (lambda lib, a, b: lib.floor_divide(a.detach(), b.detach()), TWO),
    (lambda lib, a, b: a.detach() // b.detach(), TWO),
    (lambda lib, a: a.detach() // 2, ONE),
    (lambda lib, a: 7 // a.detach(), ONE),
    (lambda lib, a: a.detach() // -1.5, ONE), values="nonzero", ints=INTS)
row("remainder",
    (Call("remainder"), TWO),
    (lambda lib, a, b: a % b, TWO),
    (lambda lib, a: a % 3, ONE),
    (lambda lib, a: 7 % a.detach(), ONE),       # no derivative there
    (lambda lib, a: a % -1.5, ONE), values="nonzero", ints=INTS)
row("neg", (Call("neg"), ONE), (lambda lib, a: -a, ONE), ints=INTS)
row("pos", (lambda lib, a: +a, ONE), ints=INTS)

for name in ("eq", "ne", "lt", "le", "gt", "ge"):
    row(name,
        (Call(name), [*TWO, (Given(1, 2, 3), Given(1, 3, 2))]),
        (lambda lib, a, b, op=f"__{name}__": getattr(a, op)(b), TWO),
        (lambda lib, a, op=f"__{name}__": getattr(a, op)(1), [*ONE, Given(0, 1, 2)]),
        (lambda lib, a, op=f"__{name}__": getattr(a, op)(0.5), ONE), ints=ALL)
row("comparison with nan",
    (lambda lib, a, b: lib.stack([a == b, a != b, a < b, a <= b, a > b, a >= b]),
     [(Given(1, float("nan"), float("inf")), Given(float("nan"), float("nan"), float("inf"))),
      (x(2, 3), Given(float("nan"), 0, float("-inf"))), (x(3, 2).T, Given(float("nan"))),
      (x(0, 1), Given(float("nan"))), (x(), Given(float("nan"))),
      (x(2, 1), Given(float("nan"), 1))]))
for name, op in [("bitwise_and", "__and__"), ("bitwise_or", "__or__"), ("bitwise_xor", "__xor__")]:
    row(name, (lambda lib, a, b, op=op: getattr(a > 0, op)(b > 0), TWO),
        (lambda lib, a, b, op=op: getattr((a * 10).int(), op)((b * 10).int()), TWO), ints=ALL)
row("bitwise_not", (lambda lib, a: ~(a > 0), ONE), (lambda lib, a: ~(a * 10).int(), ONE), ints=ALL)


# One array, element by element ----------------------------------------------------------------

for name, values in [
    ("exp", "real"), ("expm1", "real"), ("log", "positive"), ("log1p", "positive"),
    ("sqrt", "positive"), ("rsqrt", "positive"), ("sin", "real"), ("cos", "real"),
    ("tan", "small"), ("tanh", "real"), ("sigmoid", "real"), ("erf", "real"),
    ("asin", "small"), ("acos", "small"), ("atan", "real"), ("sinh", "real"), ("cosh", "real"),
    ("asinh", "real"), ("atanh", "small"), ("arcsin", "small"), ("arccos", "small"),
    ("arctan", "real"), ("arcsinh", "real"), ("arctanh", "small"), ("exp2", "real"),
    ("log10", "positive"), ("erfc", "real"), ("erfinv", "small"), ("logit", "unit"),
    ("sinc", "nonzero"), ("deg2rad", "real"), ("rad2deg", "real"),
]:
    row(name, (Call(name), ONE), values=values, ints=ALL)
for name in ("acosh", "arccosh"):
    row(name, (lambda lib, a, op=name: getattr(lib, op)(a + 1), ONE),
        (lambda lib, a, op=name: getattr(a + 1, op)(), ONE), values="positive", ints=ALL)
row("sinc at zero", (Call("sinc"), [Given(0, -0.0, 1, -2), Given(0.0), Given([0.5], [0.0]),
                                    Given(float("inf"), float("nan"))]),
    lacks={"0-d": "the values are the point", "empty": "the values are the point",
           "strided": "the values are the point"})
row("logit of a clamped number", (Call("logit", 0.1), [*ONE, Given(-1, 0, 0.1, 0.9, 1, 2)]),
    (Call("logit", eps=0.2), ONE), values="unit", ints=ALL)
# PyTorch's second derivative of lgamma and first of digamma are good to nine digits only: the
# others are in test_special.
row("lgamma", (lambda lib, a: lib.lgamma(a.detach()), ONE), values="nonzero", ints=INTS)
row("digamma", (lambda lib, a: lib.digamma(a.detach()), ONE), values="nonzero", ints=INTS)
for name in ("sgn", "positive", "frac"):
    row(name, (Call(name), [*ONE, Given(0, 1, -2.5, 0.5)]), ints=INTS if name != "frac" else ())
for name in ("fix", "absolute", "negative"):
    row(name, (Call(name), ONE), ints=INTS)
SPECIAL = [*ONE, Given(1, float("nan"), float("inf"), float("-inf"), -0.0, 0)]
row("nan_to_num", (Call("nan_to_num"), SPECIAL), (Call("nan_to_num", 1.5, 7.0), SPECIAL),
    (Call("nan_to_num", nan=2.0, neginf=-3.0), SPECIAL), ints=ALL)
for name in ("isposinf", "isneginf", "isreal", "signbit"):
    row(name, (Call(name), SPECIAL), ints=ALL)
row("abs", (Call("abs"), ONE), (lambda lib, a: abs(a), ONE),
    (Call("abs"), [Given(0.0, -0.0, 1, -2)]), ints=INTS)
row("sign", (Call("sign"), ONE), (Call("sign"), [Given(0, 1, -2, float("inf"))]), ints=ALL)
row("floor", (Call("floor"), ONE), (Call("floor"), [Given(-1.5, -1, -0.5, 0, 0.5, 1)]), ints=INTS)
row("round", (Call("round"), ONE),
    (Call("round"), [Given(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.49)]), ints=INTS)
row("relu", (Call("relu"), ONE), (Call("relu"), [Given(0.0, -0.0, 1, -1)]), ints=INTS)
row("clamp",
    (Call("clamp", -0.5, 0.5), ONE),
    (Call("clamp", min=0), ONE),
    (Call("clamp", max=1), ONE),
    (Call("clamp", min=0, max=1), [Given(-1, 0, 0.5, 1, 2)]),       # at the bound: gradient 1
    (Call("clamp", min=1, max=0), [x(2, 3)]), ints=INTS)
row("out of range",
    (lambda lib, a: lib.stack([a.log(), a.log1p(), a.sqrt(), a.rsqrt(), a.exp(), a.expm1()]),
     [Given(-2, -1, 0, 1), Given(100.5, 1e4, -1e4), Given(float("inf"), float("-inf")),
      Given(float("nan"), 0), Given([1000.0], [-1000.0])]),
    (lambda lib, a: lib.stack([a.tanh(), a.sigmoid(), a.erf(), a.relu()]),
     [Given(-1e4, -100, -20, 20, 100, 1e4), Given(float("inf"), float("-inf"), float("nan")),
      Given(-0.0, 0, 1e-30), Given([1000.0], [-1000.0])]),
    lacks={"0-d": "the values are the point", "empty": "the values are the point",
           "strided": "the values are the point"})


# Two or three arrays, element by element ------------------------------------------------------

row("pow",
    (Call("pow"), TWO),
    (lambda lib, a, b: a ** b, TWO), values="positive", ints=INTS)
row("pow with a number",
    (lambda lib, a: a ** 2, ONE),
    (lambda lib, a: a ** 3, ONE),
    (lambda lib, a: a ** 1, ONE),
    (lambda lib, a: a ** 0, ONE),
    (Call("pow", 4), ONE), ints=INTS)
row("pow with a fraction",
    (lambda lib, a: a ** 0.5, ONE),
    (lambda lib, a: a ** -1, ONE),
    (lambda lib, a: a ** -1.5, ONE),
    (lambda lib, a: a ** 2.5, ONE),
    (lambda lib, a: 2 ** a, ONE),
    (lambda lib, a: 0.5 ** a, ONE), values="positive")
row("pow at zero",
    (lambda lib, a: a ** 2, [Given(0, -1, 2), Given([0.0])]),
    (lambda lib, a: a ** 1, [Given(0, -1, 2), x(2, 3).T]),
    (lambda lib, a: a ** 0, [Given(0, -1, 2), x(0, 2)]),
    (lambda lib, a: 0 ** a, [Given(0, 1, 2), x().of("positive")]),
    (lambda lib, a, b: a ** b, [(Given(0, 0, 0, 2, -2), Given(0, 1, 2, 0, 2)),
                                (Given([0.0], [1.0]), Given(1, 2))]))
for name in ("maximum", "minimum"):
    row(name, (Call(name), TWO),
        (Call(name), [(Given(1, 2, 3, -1), Given(1, 3, 2, -1)),         # a tie is shared by halves
                      (Given(1, float("nan")), Given(float("nan"), 1))]), ints=ALL)
for name in ("fmax", "fmin"):
    row(name, (Call(name), [*TWO, (Given(1, 2, 3, -1), Given(1, 3, 2, -1)),
                            (Given(1, float("nan"), float("nan")),
                             Given(float("nan"), 1, float("nan")))]), ints=ALL)
row("fmod", (Call("fmod"), TWO), (Call("fmod", 3), ONE), (Call("fmod", -1.5), ONE),
    values="nonzero", ints=INTS)
row("hypot", (Call("hypot"), [*TWO, (Given(3e30, 0, 3e-30), Given(4e30, 2, 4e-30))]),
    values="nonzero")
for name in ("logaddexp", "logaddexp2"):
    row(name, (Call(name), [*TWO, (Given(0, 1000, -1000, 40), Given(0, 999, -1000, 0))]),
        (lambda lib, a, b, op=name: getattr(lib, op)(a.detach(), b.detach()),
         [(Given(float("inf"), float("-inf"), float("inf")),
           Given(float("inf"), float("-inf"), float("nan")))]))
row("copysign", (Call("copysign"), [*TWO, (Given(1, -1, 0, 2), Given(0, -0.0, -1, float("-inf")))]),
    (Call("copysign", -2), [*ONE, Given(0.0, -0.0)]), ints=ALL)
# PyTorch has no derivative of heaviside: values only.
row("heaviside", (lambda lib, a, b: lib.heaviside(a.detach(), b.detach()),
                  [*TWO, (Given(-1, 0, float("nan"), 2, -0.0), Given(5, 6, 7, 8, 9))]), ints=ALL)
row("float_power", (Call("float_power"), TWO), (Call("float_power", 3), ONE),
    (lambda lib, a: lib.float_power(2, a), ONE), (Call("float_power", -0.5), ONE),
    values="positive", ints=ALL)
row("ldexp", (Call("ldexp"), TWO),
    (lambda lib, a, b: a.detach().ldexp((b * 4).long()), TWO), ints=ALL)
for name in ("gcd", "lcm"):
    row(name, (lambda lib, a, b, op=name: getattr(lib, op)((6 * a).long(), (4 * b).int()), TWO),
        (lambda lib, a, b, op=name: getattr((6 * a).int(), op)((4 * b).int()), TWO), ints=INTS)
row("xlogy", (Call("xlogy"), TWO), (Call("xlogy", 2.5), ONE),
    (lambda lib, a: lib.xlogy(2, a), ONE), values="positive", ints=ALL)
row("xlogy at zero", (lambda lib, a, b: lib.xlogy(a.detach(), b.detach()),
                      [(Given(0, 0, 0, 0, 2, 0), Given(0, -1, float("inf"), float("nan"), 0, 2)),
                       (Given(0.0), x(2, 3)), (x(3, 2).T, Given(0.0, -1.0)),
                       (x(0, 2), Given(0.0, 1.0)), (x(), Given(0.0))]))
row("where",
    (Function("where"), [(Mask(m), a, b) for m, a, b in [
        ((3, 4), x(3, 4), x(3, 4)), ((4,), x(3, 4).T, x(3, 1)), ((2, 1, 4), x(3, 4).step, x()),
        ((), x(2, 3), x(3)), ((), x(), x()), ((0, 3), x(3), x(1)), ((3, 4), x(), x(4).step)]]),
    (lambda lib, m, a: lib.where(m, a, 0), [(Mask((3, 4)), x(3, 4)), (Mask((3, 1)), x(4).step)]),
    (lambda lib, m, a: lib.where(m, 1.5, a), [(Mask((3, 4)), x(3, 4)), (Mask((4,)), x(3, 1))]),
    (lambda lib, a, b: a.where(b > 0, b), [(x(3, 4), x(4)), (x(), x())]), ints=ALL)


# Reductions -----------------------------------------------------------------------------------

def over_axes(name, **options):
    """All elements; one axis; several; the last; all by name; each with and without keepdim."""
    return [(Call(name, **options), ONE),
            (Call(name, dim=0, **options), [*MATRICES, *EMPTY, x(3), x()]),
            (Call(name, dim=-1, keepdim=True, **options), [*MATRICES, *EMPTY]),
            (Call(name, dim=(0, -1), **options), [*MATRICES, x(0, 3), x(2, 0, 3)]),
            (Call(name, dim=(0, 1), keepdim=True, **options), [x(2, 3, 4).step, x(2, 3, 2).T]),
            (Call(name, dim=[1], **options), MATRICES)]


def one_axis(name, *args, **options):
    return [(Call(name, *args, dim=0, **options), [*MATRICES, x(4), x(2, 0), x()]),
            (Call(name, *args, dim=-1, **options), [*MATRICES, x(0, 3)]),
            (Call(name, *args, dim=1, keepdim=True, **options), [*MATRICES, x(0, 3)])]


row("sum", *over_axes("sum"),
    (lambda lib, a: lib.sum(a, 1), MATRICES),
    (lambda lib, a: a.sum(dtype=lib.float64), ONE),
    (lambda lib, a: a.sum(0, True), MATRICES), ints=ALL)
row("mean", *over_axes("mean"))
for name in ("var", "std"):
    row(name,
        (Call(name), [x(3, 4), x(3, 4).T, x(2, 3, 4).step, x(5).step]),
        (Call(name, correction=0), [*ONE[:4], x()]),
        (Call(name, unbiased=False), ONE[:4]),
        (Call(name, dim=0), MATRICES[:4]),
        (Call(name, dim=(0, -1), keepdim=True), MATRICES),
        (Call(name, dim=-1, correction=0, keepdim=True), [*MATRICES, x(0, 3)]),
        (Call(name, 1, correction=2), [x(3, 4)]))
row("prod", (Call("prod"), ONE), *one_axis("prod"),
    (Call("prod"), [Given(2, 0, 3), Given(0, 0, 3), Given([1.0, 0.0], [0.0, 2.0])]),
    (Call("prod", dim=1), [Given([1.0, 0.0, 2.0], [0.0, 2.0, 0.0], [1.0, 2.0, 3.0])]), ints=ALL)
for name in ("max", "min"):
    row(name, (Call(name), [i for i in ONE if 0 not in i.shape]),
        *one_axis(name),
        (Call(name), TWO),
        (Call(name), [Given(1, 3, 3, 1), Given(float("nan"), 1)]),      # ties share the gradient
        (Call(name, dim=0), [Given(1, float("nan"), 2)]), values="distinct", ints=ALL)
for name in ("amax", "amin"):
    row(name, (Call(name), [i for i in ONE if 0 not in i.shape]),
        (Call(name, dim=0), [*MATRICES, x(4), x(2, 0), x()]),
        (Call(name, dim=-1, keepdim=True), [*MATRICES, x(0, 3)]),
        (Call(name, dim=(0, -1)), MATRICES),
        (Call(name), [Given(1, 3, 3, 1)]),
        (lambda lib, a, op=name: getattr(a.detach(), op)(), [Given(float("nan"), 1)]),
        (Call(name, dim=(0, 1), keepdim=True), [Given([1.0, 3.0], [3.0, 1.0])]),
        values="distinct", ints=ALL)
for name in ("argmax", "argmin"):
    row(name, (Call(name), [i for i in ONE if 0 not in i.shape]), *one_axis(name),
        (Call(name), [Given(1, 3, 0, 3, 0), Given(1, float("nan"), 2)]),
        (Call(name, dim=1), [Given([1.0, 1.0], [2.0, 3.0])]), values="distinct", ints=INTS)
row("logsumexp", *over_axes("logsumexp")[1:],
    (Call("logsumexp", dim=0), [Given(1000, 1000.5), Given(-1000, -1000.5),
                                Given(float("-inf"), 0), Given(float("-inf"), float("-inf")),
                                Given(float("inf"), 0)]))
row("norm", (Call("norm"), ONE),
    *[(Call("norm", p=p), ONE) for p in (1, 2, 3)],
    *[(Call("norm", p=p, dim=1), MATRICES) for p in (1, 2, 2.5)],
    *[(Call("norm", p=p, dim=-1, keepdim=True), MATRICES) for p in (float("inf"), float("-inf"))],
    (Call("norm", dim=(0, -1), keepdim=True), [*MATRICES, x(0, 3)]),
    (Call("norm"), [Given(0.0, 0.0), Given([3.0, 4.0], [0.0, 0.0])]),
    (Call("norm", p=1), [Given(0.0, 1.0, -2.0)]), (Call("norm", p=3), [Given(0.0, 0.0)]),
    (Call("norm", p=0), [Given(0.0, 1.0, -2.0)]))
row("cumsum", (Call("cumsum", dim=0), [*ONE, *MATRICES]),
    (Call("cumsum", -1), [*ONE, *MATRICES]),
    (Call("cumsum", 1), [*MATRICES, *EMPTY]), ints=ALL)
for name in ("all", "any"):
    row(name, (Call(name), ONE), *one_axis(name),
        (lambda lib, a, op=name: getattr(a > 0, op)(), ONE),
        (lambda lib, a, op=name: getattr(lib, op)(a > -1, dim=(0, 1)), MATRICES), ints=ALL)
for name in ("softmax", "log_softmax"):
    row(name, (Call(name, dim=0), [*ONE, *MATRICES]),
        (Call(name, -1), [*ONE, *MATRICES]),
        (Call(name, dim=1), MATRICES),
        (Call(name, 0), [Given(1000, 1001), Given(-1000, 0), Given(float("-inf"), 0)]))


# Shape ----------------------------------------------------------------------------------------

WIDE = [x(3, 4), x(3, 4).T, x(2, 6).step, x(4, 3).T]
FLAT = {"empty": "the shape is given", "0-d": "the shape is given"}

row("reshape", (Call("reshape", (2, 6)), WIDE), (Method("reshape", 4, -1), WIDE),
    (Call("reshape", (-1,)), ONE), (Call("reshape", (1, -1, 1)), [x(3, 4).T, x()]),
    (Call("reshape", (0, 5)), [x(0, 3), x(2, 0)]), ints=ALL)
row("view", (Method("view", 2, 6), [x(3, 4), x(4, 3)]),
    (Method("view", -1), [x(3, 4), x(), x(0, 3)]),
    (Method("view", (4, -1)), [x(3, 4)]), (Method("view", 3, 2, 2), [x(3, 4), x(3, 4).step]),
    (Method("view", 1, 3, 4), [x(3, 4).T]), ints=ALL)
row("view_as", (lambda lib, a, b: a.view_as(b), [(x(3, 4), x(2, 6)), (x(0, 3), x(3, 0)),
                                                 (x(3, 4).T, x(1, 3, 4)), (x(), x(1))]),
    (lambda lib, a, b: a.reshape_as(b), [(x(3, 4).T, x(2, 6))]), ints=ALL)
row("flatten", (Call("flatten"), ONE),
    (Call("flatten", 1), [x(2, 3, 4).step, x(2, 3, 4).T, x(0, 3, 2)]),
    (Call("flatten", start_dim=0, end_dim=-2), [x(2, 3, 4), x(2, 3, 4).T]), ints=ALL)
row("unflatten", (Call("unflatten", 0, (2, 3)), [x(6), x(6, 4).T, x(6, 2).step]),
    (Call("unflatten", -1, (2, -1)), [x(3, 4), x(0, 4), x(2, 4).step]), ints=ALL,
    lacks={"0-d": "needs an axis"})
row("squeeze", (Call("squeeze"), [*ONE, x(1, 3, 1), x(1, 3, 1).T, x(1, 2, 1, 2).step, x(1, 1)]),
    (Call("squeeze", 0), [x(1, 3), x(3, 1).T, x(), x(1, 0)]),
    (Call("squeeze", -1), [x(1, 3), x(3, 1).T]),
    (Call("squeeze", (0, 2)), [x(1, 3, 1), x(1, 3, 2)]), ints=ALL)
row("unsqueeze", (Call("unsqueeze", 0), ONE), (Call("unsqueeze", -1), ONE),
    (Call("unsqueeze", dim=1), MATRICES), ints=ALL)
row("transpose", (Call("transpose", 0, 1), [*MATRICES, *EMPTY]),
    (Call("transpose", -1, 0), [*ONE]),
    (Call("transpose", dim0=1, dim1=2), [x(2, 3, 4), x(2, 3, 4).T]),
    (Method("t"), [x(3, 4), x(3, 4).T]), ints=ALL)
row("permute", (Call("permute", (1, 0)), WIDE + EMPTY[:1]),
    (Method("permute", 2, 0, -2), [x(2, 3, 4), x(2, 3, 4).T]),
    (Call("permute", ()), [x()]), (Call("permute", dims=(0, 2, 1)), [x(2, 3, 4).step]), ints=ALL)
row("T", (lambda lib, a: a.T, [x(3, 4), x(3, 4).T, x(2, 3).step, x(0, 3), x(1, 5)]), ints=ALL,
    lacks={"0-d": "PyTorch deprecates it beside two axes"})
row("mT", (lambda lib, a: a.mT, [*MATRICES, *EMPTY]), ints=ALL, lacks={"0-d": "needs two axes"})
row("expand", (Method("expand", 2, 3, 4), [x(3, 4), x(3, 1).T, x(4).step, x(), x(1, 4)]),
    (Method("expand", -1, 5), [x(3, 1), x(0, 1)]), (Method("expand", (2, -1)), [x(3), x(1, 3)]),
    (lambda lib, a, b: a.expand_as(b), [(x(3, 1), x(2, 3, 4)), (x(), x(2, 0))]), ints=ALL)
row("broadcast_to", (Call("broadcast_to", (2, 3, 4)), [x(3, 4), x(3, 1).T, x(4).step, x()]),
    (Call("broadcast_to", (0, 3)), [x(1, 3), x(3), x(0, 1)]), ints=ALL)
row("repeat", (Method("repeat", 2, 3), [x(3, 4), x(3, 4).T, x(4).step, x(), x(0, 2)]),
    (Method("repeat", (1, 2, 2)), [x(2, 3, 2).step, x(2)]),
    (Method("repeat", 0, 2), [x(2, 3)]), ints=ALL)
row("cat", (lambda lib, *a: lib.cat(a), [(x(3, 4), x(2, 4)), (x(3, 4).T, x(1, 4).step), (x(2),),
                                         (x(0, 4), x(2, 4), x(0, 4)), (x(2, 0), x(3, 0)),
                                         (x(0), x(2, 3)), (x(0), x(0))]),
    (lambda lib, *a: lib.cat(a, dim=-1),
     [(x(3, 4), x(3, 2).T), (x(2, 2, 1), x(2, 2, 3), x(2, 2, 2))]),
    (lambda lib, *a: lib.cat(list(a), 1), [(x(3, 4), x(3, 2))]),
    (lambda lib, a: lib.cat([a, a]), [x(3, 4)]), ints=ALL, lacks={"0-d": "needs an axis"})
row("stack", (lambda lib, *a: lib.stack(a), [(x(3, 4), x(3, 4).T), (x(), x()), (x(0, 2), x(0, 2))]),
    (lambda lib, *a: lib.stack(a, dim=-1), [(x(3, 4).step, x(3, 4)), (x(2), x(2), x(2)), (x(),)]),
    (lambda lib, *a: lib.stack(list(a), 1), [(x(3, 4), x(3, 4))]), ints=ALL,
    lacks={"broadcast": "wants equal shapes"})
row("split", (Call("split", 2), [x(5, 2), x(5, 2).T, x(4).step, x(2, 3), x(0, 3)]),
    (Call("split", [1, 4], dim=-1), [x(2, 5), x(2, 5).T, x(5).step]),
    (Call("split", [0, 3, 2], dim=0), [x(5, 2)]), ints=ALL, lacks={"0-d": "needs an axis"})
row("chunk", (Call("chunk", 3), [x(5, 2), x(5, 2).T, x(4).step, x(2, 3), x(0, 3)]),
    (Call("chunk", 2, dim=-1), [x(2, 5), x(2, 5).T, x(4)]), ints=ALL,
    lacks={"0-d": "needs an axis"})
row("unbind", (Call("unbind"), [x(3, 4), x(3, 4).T, x(3).step, x(2, 0)]),
    (Call("unbind", dim=-1), [x(3, 2), x(3, 2).T, x(0, 2)]), ints=ALL,
    lacks={"0-d": "needs an axis"})
row("flip", (Call("flip", (0,)), [*MATRICES, *EMPTY, x(3)]), (Call("flip", (0, -1)), MATRICES),
    (Method("flip", 0, 1), MATRICES), (Call("flip", ()), [x(), x(2, 3)]), ints=ALL)
row("roll", (Call("roll", 1), ONE), (Call("roll", 2, 0), [*MATRICES, *EMPTY]),
    (Call("roll", (1, -2), (0, 1)), MATRICES),
    (Call("roll", shifts=-7, dims=-1), MATRICES), ints=ALL)
row("pad", (Functional("pad", (1, 2)), ONE[:6]),
    (Functional("pad", (1, 0, 2, 1), value=1.5), [*MATRICES, *EMPTY]),
    (Functional("pad", (-1, 2)), MATRICES),
    (Functional("pad", (0, -1, -1, 0)), [x(3, 4), x(3, 4).T]),
    (Functional("pad", (0, -1)), [x(1)]),
    (Functional("pad", ()), [x()]),
    (Functional("pad", (1, 1), mode="constant", value=0), [x(2, 3)]),
    *[(Functional("pad", (2, 1), mode=mode), [x(3, 4), x(3, 4).T, x(2, 3, 4).step])
      for mode in ("reflect", "replicate", "circular")],
    *[(Functional("pad", (1, 0, 2, 1), mode=mode), [x(2, 3, 4), x(1, 2, 3, 4).T])
      for mode in ("reflect", "replicate", "circular")])
for name in ("tril", "triu"):
    row(name, (Call(name), [*MATRICES, *EMPTY]), (Call(name, 1), MATRICES),
        (Call(name, diagonal=-1), MATRICES), (Call(name, diagonal=-9), [x(2, 3)]),
        (Call(name, diagonal=9), [x(2, 3)]), ints=ALL, lacks={"0-d": "needs two axes"})
row("clone", (Call("clone"), ONE), ints=ALL)
row("contiguous", (Method("contiguous"), ONE), ints=ALL)
row("to", (lambda lib, a: a.to(lib.float64), ONE), (lambda lib, a: a.float(), ONE),
    (lambda lib, a: a.double(), ONE), (lambda lib, a: a.long(), ONE), (lambda lib, a: a.int(), ONE),
    (lambda lib, a: a.bool(), ONE), (lambda lib, a: a.to(dtype=lib.int32), ONE),
    (lambda lib, a, b: a.to(b), [(x(2, 3), x(2))]),
    (lambda lib, a: a.type_as(a.double()), [x(2, 3)]), ints=ALL)


# Indexing (more in test_indexing) -------------------------------------------------------------

GRIDS = [x(4, 5), x(4, 5).T, x(4, 5).step, x(4, 5, 2), x(5, 4, 2).T]
ROWS_AND_COLUMNS = [(g, Index((3,), 4), Index((2, 1), 4)) for g in GRIDS]

row("getitem",
    *[(lambda lib, a, key=key: a[key], GRIDS) for key in [
        1, -1, slice(1, 3), slice(None, None, 2), (slice(None), 2), (..., 0), (None, 1, None),
        (slice(3, 1),), (1, 2), (slice(1, None), slice(0, -1, 3)), [0, 2, 2], ([0, 1], [3, 1]),
        (slice(None), [1, 0, 1]), (0, [1, 2])]],
    (lambda lib, a: a[...], ONE), (lambda lib, a: a[None], ONE),
    (lambda lib, a: a[a > 0], ONE),
    (lambda lib, a, i, j: a[i, j], ROWS_AND_COLUMNS),
    (lambda lib, a, i, j: a[:, i], ROWS_AND_COLUMNS),
    (lambda lib, a, i, j: a[j], ROWS_AND_COLUMNS),
    (lambda lib, a, m: a[m],
     [(x(3, 4), Mask((3,))), (x(3, 4).T, Mask((3, 4))), (x(0, 4), Mask((0,)))]),
    (lambda lib, a, m: a[:, m], [(x(3, 4), Mask((4,)))]), ints=ALL)


def assigned(key):
    def assign(lib, a, b):
        y = a.clone()
        y[key] = b
        return y
    return assign


def assign_at(lib, a, where, b):
    y = a * 1
    y[where] = b
    return y


row("setitem",
    (assigned(1), [(x(3, 4), x(4)), (x(3, 4).T, x()), (x(3, 4), x(1, 4).step), (x(3, 0), x(1))]),
    (assigned((slice(None), slice(0, None, 2))), [(x(3, 4), x(3, 2)), (x(3, 4).step, x(3, 1))]),
    (assigned(...), [(x(), x()), (x(2, 3), x(3))]),
    (assigned([2, 0]), [(x(3, 4), x(2, 4)), (x(3, 4).T, x(4))]),
    (assigned((slice(1, None), [2, 0])), [(x(3, 4), x(2, 2)), (x(3, 4).T, x())]),
    (assign_at, [(x(3, 4), Mask((3, 4)), x()), (x(3, 4), Mask((3,)), x(4).step),
                 (x(3, 4), Index((2,), 3, True), x(2, 4)), (x(3, 4).T, Index((1,), 3), x(1, 1))]))
row("gather",
    (lambda lib, a, i: lib.gather(a, 0, i),
     [(x(3, 4), Index((2, 4), 3)), (x(3, 4).T, Index((5, 2), 3)), (x(3, 4).step, Index((0, 4), 3)),
      (x(3), Index((4,), 3)), (x(), Index((), 1)), (x(0, 4), Index((0, 4), 1))]),
    (lambda lib, a, i: a.gather(-1, i),
     [(x(3, 4), Index((3, 1), 4)), (x(2, 3, 4).T, Index((2, 1, 6), 4)), (x(), Index((), 1))]),
    ints=ALL)
INTO = [(x(3, 4), Index((3, 2), 4, True), x(3, 2)),
        (x(3, 4).T, Index((2, 4), 4, True), x(2, 4).step),
        (x(2, 3, 4).step, Index((2, 1, 3), 4, True), x(2, 1, 3)),
        (x(3, 4), Index((3, 0), 1), x(3, 0)), (x(), Index((), 1), x())]
# An index smaller than the source takes its first corner; PyTorch has no gradient there.
CORNER = [(x(3, 4), Index((2, 3), 4, True), x(3, 4)), (x(3, 4), Index((3, 0), 1), x(3, 4).T)]
row("scatter",
    (lambda lib, a, i, b: lib.scatter(a, -1, i, b), INTO),
    (lambda lib, a, i, b: a.scatter(dim=-1, index=i, src=b), INTO[:2]),
    (lambda lib, a, i, b: a.scatter(1, i, b.detach()), CORNER),
    (lambda lib, a, i: a.scatter(0, i, 1.5), [(x(3, 4), Index((2, 4), 3)), (x(3), Index((2,), 3))]),
    ints=ALL)
row("scatter_add",
    (lambda lib, a, i, b: lib.scatter_add(a, 1, i, b),
     [(x(3, 4), Index((3, 6), 4), x(3, 6)), (x(3, 4).T, Index((2, 5), 4), x(2, 5).step),
      (x(3, 4), Index((3, 0), 1), x(3, 0))]),
    (lambda lib, a, i, b: a.scatter_add(1, i, b.detach()), CORNER),
    (lambda lib, a, i, b: a.scatter_add(0, i, b),
     [(x(3), Index((7,), 3), x(7).step), (x(), Index((), 1), x())]), ints=ALL)
row("index_select",
    (lambda lib, a, i: lib.index_select(a, 0, i),
     [(x(3, 4), Index((5,), 3)), (x(3, 4).T, Index((2,), 3)),
      (x(3), Index((0,), 3)), (x(3, 0), Index((2,), 3))]),
    (lambda lib, a, i: a.index_select(-1, i),
     [(x(3, 4).step, Index((5,), 4)), (x(), Index((1,), 1))]),
    ints=ALL)
row("masked_fill",
    (lambda lib, a, m: lib.masked_fill(a, m, 1),
     [(x(3, 4), Mask((3, 4))), (x(3, 4).T, Mask((4,))), (x(3, 4).step, Mask((3, 1))),
      (x(0, 3), Mask((3,))),
      (x(4), Mask((3, 4))), (x(), Mask(()))]),
    (lambda lib, a, m: a.masked_fill(m, float("-inf")), [(x(3, 4), Mask((3, 4)))]),
    (lambda lib, a, m: (a / 2).masked_fill(m, 1.2), [(x(3, 4), Mask((3, 4)))]),
    (lambda lib, a, m, v: a.masked_fill(m, v), [(x(3, 4), Mask((4,)), x())]), ints=ALL)
row("topk", (Call("topk", 2), [x(3, 4), x(3, 4).T, x(2, 3, 4).step, x(5).step, x(0, 3)]),
    (Call("topk", 2, dim=0, largest=False), MATRICES[:3]),
    (Call("topk", 0), [x(2, 3)]), (Call("topk", 1), [x()]), values="distinct", ints=INTS)
row("sort", (Call("sort"), [*ONE[:4], x(0, 3), x(2, 0), x()]),
    (Call("sort", dim=0, descending=True), MATRICES), (Method("sort", 1), MATRICES),
    (Call("sort", stable=True), [Given(1, 0, 1, 0, 1), Given([2.0, 2.0, 1.0], [0.0, 0.0, 0.0])]),
    (Call("sort", stable=True, descending=True), [Given(1, 0, 1, 0, 1)]),
    (Call("argsort"), MATRICES), values="distinct", ints=INTS)


# Products -------------------------------------------------------------------------------------

PRODUCTS = [(x(3, 4), x(4, 2)), (x(3, 4).T, x(4, 2).T), (x(3, 4).step, x(4, 2)), (x(4), x(4)),
            (x(3, 4), x(4).step), (x(4), x(4, 2)), (x(2, 3, 4), x(2, 4, 5)),
            (x(2, 3, 4).T, x(4, 5)), (x(2, 1, 3, 4), x(5, 4, 2)), (x(4), x(2, 4, 3)),
            (x(2, 3, 4), x(4)), (x(0, 3), x(3, 2)), (x(2, 0), x(0, 3)), (x(0, 2, 3), x(3, 2)),
            (x(0), x(0)), (x(1, 1), x(1, 1)), (x(3, 17), x(17, 33)), (x(2, 3, 4), x(1, 4, 5).step)]
row("matmul", (Call("matmul"), PRODUCTS), (lambda lib, a, b: a @ b, PRODUCTS), ints=INTS,
    lacks={"0-d": "matmul takes no numbers"})
row("linear",
    (Functional("linear"), [(x(3, 4), x(2, 4)), (x(4), x(2, 4)), (x(2, 3, 4).step, x(5, 4).T),
                            (x(0, 4), x(2, 4))]),
    (Functional("linear"), [(x(3, 4), x(2, 4), x(2)), (x(3, 4).T, x(2, 4), x(2).step),
                            (x(2, 3, 4), x(5, 4), x(5)), (x(0, 4), x(2, 4), x(2))]),
    lacks={"0-d": "needs an axis of features"})
PAIR = [(x(3, 4), x(4, 2)), (x(3, 4).T, x(4, 2).step), (x(0, 4), x(4, 2))]
BATCH = [(x(2, 3, 4), x(2, 4, 5)), (x(2, 3, 4).T, x(2, 4, 5).step)]
row("einsum",
    *[(lambda lib, *a, eq=eq: lib.einsum(eq, *a), cases) for eq, cases in [
        ("ij,jk->ik", PAIR), ("ij,jk", PAIR), ("ij,jk->ki", PAIR), ("ij, jk -> ", PAIR),
        ("bij,bjk->bik", BATCH), ("bij,bjk->ik", BATCH), ("...ij,...jk->...ik", PAIR + BATCH),
        ("i,j->ij", [(x(3), x(4).step), (x(0), x(2))]), ("i,i->", [(x(3), x(3).step)]),
        ("i,i->i", [(x(3), x(3))]), ("ii->i", [x(3, 3), x(3, 3).T]), ("ii->", [x(3, 3).step]),
        ("ij->ji", WIDE), ("ij->j", WIDE), ("ij->", WIDE), ("ba", WIDE), ("...", [x(), x(2, 3)]),
        ("ij,ij->ij", [(x(3, 4), x(3, 4).T)]), ("ij,kj,k->i", [(x(2, 3), x(4, 3), x(4))]),
        ("bhqd,bhkd->bhqk", [(x(2, 2, 3, 4), x(2, 2, 5, 4).T)]), ("i,->i", [(x(3), x())]),
        ("ij,i->ij", [(x(3, 4), x(3))]), ("iij,jk->ik", [(x(2, 2, 3), x(3, 4))])]],
    (lambda lib, *a: lib.einsum("ij,jk->ik", list(a)), PAIR), ints=INTS)


# Windows --------------------------------------------------------------------------------------

IMAGES = [(x(2, 3, 6, 5), x(4, 3, 3, 2), x(4)), (x(2, 3, 6, 5).T, x(4, 3, 3, 2).step, x(4).step),
          (x(0, 3, 6, 5), x(4, 3, 3, 2), x(4)), (x(2, 3, 6, 6).step, x(1, 3, 1, 1), x(1))]
GROUPED = [(x(2, 4, 6, 5), x(6, 2, 3, 3), x(6)), (x(1, 4, 5, 5).T, x(2, 2, 3, 2).T, x(2))]
row("conv2d",
    (Functional("conv2d"), [*IMAGES, *[case[:2] for case in IMAGES], (x(3, 6, 5), x(2, 3, 3, 3))]),
    (Functional("conv2d", stride=2), IMAGES[:2]),
    (Functional("conv2d", stride=(1, 2), padding=(2, 1)), IMAGES),
    (Functional("conv2d", padding=1, dilation=2), IMAGES[:2]),
    (Functional("conv2d", padding="same"), IMAGES[:2]),
    (Functional("conv2d", padding="valid"), IMAGES[:1]),
    (Functional("conv2d", stride=3, padding=1, dilation=(1, 2)), [(x(2, 1, 7, 8), x(2, 1, 3, 3))]),
    (Functional("conv2d", groups=2, padding=1), GROUPED),
    (Functional("conv2d", groups=4), [(x(2, 4, 5, 5), x(4, 1, 3, 3), x(4)),
                                      (x(2, 4, 5, 5), x(8, 1, 2, 2))]),
    lacks={"0-d": "wants images"})
row("unfold",
    (Functional("unfold", 2),
     [x(2, 3, 4, 5), x(2, 3, 4, 5).T, x(1, 2, 3, 4).step, x(0, 2, 3, 3), x(2, 4, 5)]),
    (Functional("unfold", (2, 3), stride=2, padding=1), [x(2, 3, 4, 5), x(2, 3, 4, 5).T]),
    (Functional("unfold", kernel_size=2, dilation=(1, 2), padding=(0, 1), stride=(2, 1)),
     [x(2, 3, 4, 5)]),
    lacks={"0-d": "wants images"})
row("fold",
    (Functional("fold", (4, 5), 2),
     [x(2, 12, 12), x(2, 12, 12).T, x(1, 4, 12).step, x(0, 4, 12), x(4, 12)]),
    (Functional("fold", (4, 5), (2, 3), stride=2, padding=1), [x(2, 6, 9), x(2, 12, 9).T]),
    (Functional("fold", output_size=(4, 5), kernel_size=2, dilation=(1, 2), padding=(0, 1),
                stride=(2, 1)), [x(2, 4, 10)]),
    lacks={"0-d": "wants columns"})
row("one_hot",
    (lambda lib, i: lib.nn.functional.one_hot(i),
     [Index((5,), 4), Index((2, 3), 4), Index((3, 2, 2), 3)]),
    (lambda lib, i: lib.nn.functional.one_hot(i, 6),
     [Index((5,), 4), Index((2, 3), 4), Index((), 4), Index((0,), 4)]),
    (lambda lib, i: lib.nn.functional.one_hot(i.T, num_classes=4), [Index((2, 3), 4)]),
    lacks={"strided": "taken as .T inside the row"})


# In place -------------------------------------------------------------------------------------

ONTO = [(x(3, 4), x(3, 4)), (x(3, 4).T, x(4).step), (x(2, 3, 4), x(3, 1)), (x(2, 3).T, x()),
        (x(0, 3), x(3)), (x(), x())]

row("add_", (InPlace("add_"), ONTO), (InPlace("add_", alpha=3), ONTO), (InPlace("add_", 2), ONE),
    (InPlace("__iadd__"), ONTO), ints=INTS)
row("sub_", (InPlace("sub_"), ONTO), (InPlace("sub_", alpha=3), ONTO), (InPlace("sub_", 2), ONE),
    (InPlace("__isub__"), ONTO), ints=INTS)
row("mul_", (InPlace("mul_"), ONTO), (InPlace("mul_", 2), ONE),
    (InPlace("__imul__"), ONTO), ints=ALL)
row("div_", (InPlace("div_"), ONTO), (InPlace("div_", 2), ONE), (InPlace("__itruediv__"), ONTO),
    (InPlace("div_", rounding_mode="floor"), ONTO), values="nonzero")
row("pow_", (InPlace("pow_"), ONTO), (InPlace("pow_", 2), ONE), (InPlace("__ipow__", 3), ONE),
    values="positive", ints=INTS)
row("floor_divide_",
    (lambda lib, a, b: InPlace("floor_divide_")(lib, a.detach(), b.detach()), ONTO),
    (lambda lib, a: InPlace("__ifloordiv__", 2)(lib, a.detach()), ONE), values="nonzero", ints=INTS)
row("remainder_", (InPlace("remainder_"), ONTO), (InPlace("__imod__", 2), ONE),
    values="nonzero", ints=INTS)
for name, values in [
    ("exp_", "real"), ("expm1_", "real"), ("log_", "positive"), ("log1p_", "positive"),
    ("sqrt_", "positive"), ("rsqrt_", "positive"), ("sin_", "real"), ("cos_", "real"),
    ("tan_", "small"), ("tanh_", "real"), ("sigmoid_", "real"), ("erf_", "real"),
    ("asin_", "small"), ("acos_", "small"), ("atan_", "real"), ("sinh_", "real"), ("cosh_", "real"),
    ("arcsin_", "small"), ("arccos_", "small"), ("arctan_", "real"), ("exp2_", "real"),
    ("log10_", "positive"), ("erfc_", "real"), ("erfinv_", "small"), ("logit_", "unit"),
    ("sinc_", "nonzero"), ("deg2rad_", "real"), ("rad2deg_", "real"), ("frac_", "real"),
    ("nan_to_num_", "real"),
]:
    row(name, (InPlace(name), ONE), values=values)
# PyTorch has no derivative of these in place: values only.
for name in ("asinh_", "arcsinh_", "atanh_", "arctanh_", "lgamma_", "digamma_"):
    row(name, (lambda lib, a, op=name: InPlace(op)(lib, a.detach()), ONE), values="unit")
for name in ("acosh_", "arccosh_"):
    row(name, (lambda lib, a, op=name: InPlace(op)(lib, a.detach() + 1), ONE), values="unit")
for name in ("abs_", "sign_", "floor_", "round_", "relu_", "neg_", "sgn_", "fix_", "absolute_",
             "negative_"):
    row(name, (InPlace(name), ONE), ints=INTS)
for name, values in [("fmod_", "nonzero"), ("atan2_", "nonzero"), ("arctan2_", "nonzero"),
                     ("hypot_", "nonzero"), ("copysign_", "nonzero"), ("xlogy_", "positive"),
                     ("ldexp_", "real"), ("true_divide_", "nonzero")]:
    row(name, (InPlace(name), ONTO), values=values)
row("heaviside_", (lambda lib, a, b: InPlace("heaviside_")(lib, a.detach(), b.detach()), ONTO),
    ints=INTS)
for name in ("gcd_", "lcm_"):
    row(name, (lambda lib, a, b, op=name: InPlace(op)(lib, (6 * a).int(), (4 * b).int()), ONTO),
        ints=INTS)
for name in ("eq_", "ne_", "lt_", "le_", "gt_", "ge_", "not_equal_", "less_", "less_equal_",
             "greater_", "greater_equal_"):
    row(name, (InPlace(name), ONTO), (InPlace(name, 0.5), ONE), ints=ALL)
for name in ("logical_and_", "logical_or_", "logical_xor_"):
    row(name, (lambda lib, a, b, op=name: InPlace(op)(lib, a.detach(), b.detach()), ONTO), ints=ALL)
row("logical_not_", (lambda lib, a: InPlace("logical_not_")(lib, a.detach()), ONE), ints=ALL)
row("bitwise_not_", (lambda lib, a: InPlace("bitwise_not_")(lib, (a * 10).int()), ONE), ints=ALL)
for name in ("bitwise_and_", "bitwise_or_", "bitwise_xor_"):
    row(name, (lambda lib, a, b, op=name: InPlace(op)(lib, (a * 10).int(), (b * 10).int()), ONTO),
        ints=ALL)
for name in ("clamp_min_", "clamp_max_"):
    row(name, (InPlace(name, 0.3), ONE), (InPlace(name), ONTO), ints=INTS)
row("clip_", (InPlace("clip_", -0.5, 0.5), ONE), (InPlace("clip_", min=0), ONE), ints=INTS)
row("cumsum_", (InPlace("cumsum_", 0), [*ONE, *MATRICES]), ints=INTS)
row("clamp_", (InPlace("clamp_", -0.5, 0.5), ONE), (InPlace("clamp_", min=0), ONE),
    (InPlace("clamp_", max=0), ONE), ints=INTS)
row("zero_", (InPlace("zero_"), ONE), ints=ALL)
row("fill_", (InPlace("fill_", 2), ONE), (InPlace("fill_"), [(x(2, 3), x())]), ints=ALL)
row("copy_", (InPlace("copy_"), ONTO),
    (lambda lib, a, b: a.clone().copy_(b.double()), ONTO), ints=ALL)
row("masked_fill_",
    (InPlace("masked_fill_", 2), [(x(3, 4), Mask((3, 4))), (x(3, 4).T, Mask((4,))),
                                  (x(0, 3), Mask((3,))), (x(), Mask(()))]), ints=ALL)
row("scatter_", (lambda lib, a, i, b: a.clone().scatter_(-1, i, b), INTO),
    (lambda lib, a, i: a.clone().scatter_(0, i, 1.5), [(x(3, 4), Index((2, 4), 3))]), ints=ALL)
row("scatter_add_", (lambda lib, a, i, b: a.clone().scatter_add_(-1, i, b), INTO), ints=ALL)
for name in ("tril_", "triu_"):
    row(name, (InPlace(name), [*MATRICES, *EMPTY]), (InPlace(name, 1), MATRICES), ints=ALL,
        lacks={"0-d": "needs two axes"})


# More that PyTorch has and plugrad has, too ---------------------------------------------------

for name, values in [("ceil", "real"), ("trunc", "real"), ("square", "real"), ("log2", "positive"),
                     ("reciprocal", "nonzero")]:
    row(name, (Call(name), ONE), values=values, ints=INTS)
    row(f"{name}_", (InPlace(f"{name}_"), ONE), values=values)
for name in ("isnan", "isinf", "isfinite"):
    row(name, (Call(name), [*ONE, Given(1, float("nan"), float("inf"), float("-inf"))]), ints=ALL)
for name in ("logical_and", "logical_or", "logical_xor"):
    row(name, (Call(name), [*TWO, (Given(0, 0, 1, 2), Given(0, 1, 0, 3))]), ints=ALL)
row("logical_not", (Call("logical_not"), [*ONE, Given(0, -0.0, 2)]), ints=ALL)
row("isclose", (Call("isclose"), [*TWO, (Given(1, 2), Given(1 + 1e-7, 2.1))]), ints=INTS)
for name in ("atan2", "arctan2"):
    row(name, (Call(name), TWO), values="nonzero", ints=INTS)
row("lerp", (Call("lerp", 0.3), TWO[:8]), (Call("lerp"), [(a, b, a) for a, b in TWO[:4]]))
for name in ("addcmul", "addcdiv"):
    row(name, (Call(name), [(a, b, a) for a, b in TWO]),
        (Call(name, value=0.5), [(b, a, b) for a, b in TWO]), values="nonzero")
for name in ("multiply", "subtract", "divide", "true_divide"):
    row(name, (Call(name), TWO), values="nonzero", ints=INTS)
for name in ("less", "greater", "less_equal", "greater_equal", "not_equal"):
    row(name, (Call(name), TWO), ints=ALL)
row("clip", (Call("clip", -0.5, 0.5), ONE), (Call("clip", min=0), ONE), ints=INTS)
row("dot", (Call("dot"), [(x(4), x(4)), (x(9).step, x(9)), (x(0), x(0)), (x(1), x(1))]), ints=INTS,
    lacks={"0-d": "vectors only", "broadcast": "vectors only"})
row("mv", (Call("mv"), [(x(3, 4), x(4)), (x(2, 4).T, x(4).step), (x(0, 4), x(4)), (x(3, 0), x(0))]),
    ints=INTS, lacks={"0-d": "wants a matrix"})
row("mm", (Call("mm"), [(x(3, 4), x(4, 2)), (x(2, 4).T, x(4, 2).step), (x(0, 4), x(4, 2)),
                        (x(3, 0), x(0, 2))]), ints=INTS, lacks={"0-d": "wants matrices"})
row("bmm", (Call("bmm"), [(x(2, 3, 4), x(2, 4, 2)), (x(2, 1, 4).T, x(2, 4, 2).step),
                          (x(0, 3, 4), x(0, 4, 2)), (x(2, 3, 0), x(2, 0, 2))]), ints=INTS,
    lacks={"0-d": "wants batches"})
row("addmm", (Call("addmm"), [(x(2), x(3, 4), x(4, 2)), (x(3, 2).T, x(3, 4).T, x(4, 2).step),
                              (x(3, 1), x(3, 4), x(4, 2)), (x(2), x(0, 4), x(4, 2))]),
    (Call("addmm", beta=0.5, alpha=2), [(x(3, 2), x(3, 4), x(4, 2))]),
    lacks={"0-d": "wants matrices"})
row("outer", (Call("outer"), [(x(3), x(4)), (x(3).step, x(2)), (x(0), x(2)), (x(1), x(1))]),
    ints=ALL, lacks={"0-d": "vectors only"})
row("movedim", (Call("movedim", 0, -1), [*MATRICES, *EMPTY]),
    (Call("movedim", (0, 1), (1, 0)), MATRICES), ints=ALL, lacks={"0-d": "needs an axis"})
row("swapaxes", (Call("swapaxes", 0, -1), [*MATRICES, *EMPTY]), ints=ALL,
    lacks={"0-d": "needs an axis"})
row("ravel", (Call("ravel"), ONE), ints=ALL)
row("tile", (Call("tile", (2, 3)), [x(3, 4), x(3, 4).T, x(4).step, x(), x(0, 2)]),
    (Call("tile", (2,)), MATRICES), ints=ALL)
row("repeat_interleave", (Call("repeat_interleave", 2), [*ONE]),
    (Call("repeat_interleave", 3, dim=-1), MATRICES),
    (lambda lib, a: a.repeat_interleave(lib.tensor([0, 2, 1]), dim=0), [x(3, 4), x(3, 4).T]),
    ints=ALL)
for name in ("hstack", "vstack"):
    row(name, (lambda lib, *a, op=name: getattr(lib, op)(a), [
        (x(3, 4), x(3, 4).T), (x(3).step, x(3)), (x(), x()), (x(0, 2), x(0, 2))]), ints=ALL,
        lacks={"broadcast": "wants equal shapes"})
row("masked_select", (Call("masked_select"), [
    (x(3, 4), Mask((3, 4))), (x(3, 4).T, Mask((4,))), (x(3, 4).step, Mask((3, 1))),
    (x(0, 3), Mask((3,))), (x(), Mask(()))]), ints=ALL)
row("take_along_dim", (lambda lib, a, i: lib.take_along_dim(a, i, 1), [
    (x(3, 4), Index((3, 2), 4)), (x(3, 4).T, Index((3, 6), 4)), (x(3, 4).step, Index((1, 2), 4)),
    (x(0, 4), Index((0, 2), 4))]), ints=ALL, lacks={"0-d": "needs an axis"})
row("index_add", (lambda lib, a, i, b: a.index_add(0, i, b), [
    (x(3, 4), Index((5,), 3), x(5, 4)), (x(3, 4).T, Index((2,), 3), x(2, 4).step),
    (x(3), Index((4,), 3), x(4)), (x(3, 0), Index((2,), 3), x(2, 0))]),
    (lambda lib, a, i, b: a.index_add(1, i, b, alpha=2), [(x(3, 4), Index((5,), 4), x(3, 5))]),
    (lambda lib, a, i, b: a.clone().index_add_(0, i, b), [(x(3, 4), Index((5,), 3), x(5, 4))]),
    ints=INTS, lacks={"0-d": "needs an axis"})
row("nonzero", (Call("nonzero"), [*ONE, Given(0, 1, 0, 2)]),
    (lambda lib, a: a.nonzero(as_tuple=True), [x(3, 4), Given([0.0, 1.0], [2.0, 0.0])]), ints=ALL)
row("sum_to_size", (Method("sum_to_size", 1, 4), [x(3, 4), x(2, 4).T, x(2, 3, 4).step, x(0, 4)]),
    lacks={"0-d": "the size is given"})
for name in ("clamp_min", "clamp_max"):
    row(name, (Call(name, 0.3), ONE), (Call(name), TWO), ints=INTS)
row("diag", (Call("diag"), [x(3, 4), x(3, 4).T, x(5).step, x(0, 3), x(2, 0), x(1), x(0)]),
    (Call("diag", 1), [x(3, 4), x(4), x(2, 1)]), (Call("diag", -2), [x(3, 4).T, x(3)]), ints=ALL,
    lacks={"0-d": "vectors and matrices"})
row("trace", (Call("trace"), [x(3, 4), x(3, 3).T, x(4, 2).step, x(0, 3)]), ints=INTS,
    lacks={"0-d": "wants a matrix"})
row("meshgrid", *((lambda lib, *a, way=way: lib.meshgrid(*a, indexing=way),
                   [(x(3), x(4)), (x(3).step, x(2), x(4)), (x(0), x(2)), (x(), x(2)), (x(3),)])
                  for way in ("ij", "xy")),
    (lambda lib, a, b: lib.meshgrid([a, b], indexing="ij"), [(x(3), x(4))]), ints=ALL)
row("baddbmm", (Call("baddbmm"), [(x(2, 3, 5), x(2, 3, 4), x(2, 4, 5)),
                                  (x(5).step, x(2, 3, 4).step, x(2, 4, 5).step),
                                  (x(3, 5), x(0, 3, 4), x(0, 4, 5))]),
    (Call("baddbmm", beta=0.5, alpha=2), [(x(2, 1, 5), x(2, 3, 4), x(2, 4, 5))]),
    lacks={"0-d": "wants batches"})
row("addbmm", (Call("addbmm"), [(x(3, 5), x(2, 3, 4), x(2, 4, 5)),
                                (x(5).step, x(2, 3, 4).step, x(2, 4, 5).step),
                                (x(3, 5), x(0, 3, 4), x(0, 4, 5)), (x(), x(2, 3, 0), x(2, 0, 5))]),
    (Call("addbmm", beta=0.5, alpha=2), [(x(1, 5), x(2, 3, 4), x(2, 4, 5))]))
row("addmv", (Call("addmv"), [(x(3), x(3, 4), x(4)), (x(1), x(3, 4).T, x(4).step),
                              (x(0), x(0, 4), x(4)), (x(3), x(3, 0), x(0))]),
    (Call("addmv", beta=3, alpha=2), [(x(3), x(3, 4), x(4))]), ints=INTS,
    lacks={"0-d": "wants vectors and a matrix"})
row("addr", (Call("addr"), [(x(3, 4), x(3), x(4)), (x(4).step, x(3).step, x(4)),
                            (x(0, 4), x(0), x(4)), (x(), x(3), x(2))]),
    (Call("addr", beta=0.5, alpha=2), [(x(3, 1), x(3), x(4))]), ints=INTS)
row("addmm_", (InPlace("addmm_"), [(x(3, 2), x(3, 4), x(4, 2)), (x(2, 2).T, x(2, 4).T, x(4, 2)),
                                   (x(0, 2), x(0, 4), x(4, 2)), (x(3, 2), x(3, 0), x(0, 2))]),
    (InPlace("addmm_", beta=0.5, alpha=2), [(x(3, 2), x(3, 4), x(4, 2))]),
    lacks={"0-d": "wants matrices"})
for name in ("addbmm_", "baddbmm_"):
    b = (2,) if name == "baddbmm_" else ()
    row(name, (InPlace(name), [(x(*b, 3, 5), x(2, 3, 4), x(2, 4, 5)),
                               (x(*b, 3, 2).step, x(2, 3, 4).step, x(2, 4, 2)),
                               (x(*b, 0, 5), x(2, 0, 4), x(2, 4, 5)),
                               (x(*b, 3, 5), x(2, 3, 0), x(2, 0, 5))]),
        lacks={"0-d": "wants batches"})
row("addmv_", (InPlace("addmv_"), [(x(3), x(3, 4), x(4)), (x(2).step, x(2, 4).T, x(4).step),
                                   (x(0), x(0, 4), x(4)), (x(3), x(3, 0), x(0))]),
    lacks={"0-d": "wants a matrix"})
row("addr_", (InPlace("addr_"), [(x(3, 4), x(3), x(4)), (x(3, 2).T, x(3).step, x(2)),
                                 (x(0, 4), x(0), x(4)), (x(3, 0), x(3), x(0))]),
    lacks={"0-d": "wants a matrix"})
row("fill", (Function("fill", 2), ONE), (Function("fill"), [(x(2, 3), x())]), ints=ALL)
row("count_nonzero", (Call("count_nonzero"), [*ONE, Given(0, 1, 0, 2)]),
    (Call("count_nonzero", dim=1), [x(3, 4), Given([0.0, 1.0], [2.0, 0.0])]), ints=ALL)
row("argwhere", (Call("argwhere"), [*ONE, Given(0, 1, 0, 2)]), ints=ALL)
row("unique", (lambda lib, a: lib.unique(a.detach()), [*ONE, Given(3, 1, 3, 2, 1)]),
    (lambda lib, a: lib.unique(a.detach(), return_inverse=True, return_counts=True),
     [x(3, 4), Given(3, 1, 3, 2, 1), Given([2.0, 1.0], [1.0, 2.0])]), ints=ALL)
row("bincount", (lambda lib, a, i: i.bincount(), [(x(1), Index((7,), 4)), (x(2, 2), Index((0,), 4)),
                                                 (x(), Index((3,), 2))]),
    (lambda lib, a, i: lib.bincount(i, a.detach(), 6), [(x(7), Index((7,), 4))]),
    lacks={"strided": "counts come from the other"})
