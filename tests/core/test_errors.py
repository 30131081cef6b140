"""Bad uses get an error that says what failed, what was expected, what came, what to do."""

import gzip
import inspect
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import plugrad as pg
import pytest
import torch

HERE = Path(__file__).name
ANY = (RuntimeError, ValueError, TypeError, IndexError)


def line():
    return inspect.currentframe().f_back.f_lineno


def shape(*sizes):
    """A pattern for a shape, in any brackets."""
    return r"[(\[]\s*" + r",\s*".join(map(str, sizes)) + r",?\s*[)\]]"


def says(error, *patterns):
    """The text of the error has all of these, in any order."""
    text = str(error.value)
    missing = [p for p in patterns if not re.search(p, text)]
    assert not missing, f"{missing} not in: {text}"


def names_line(error, number):
    says(error, re.escape(HERE), rf"\b{number}\b")


# The nine bad uses ------------------------------------------------------------------------------

def test_1_shape_mismatch_in_a_linear_inside_a_sequential():
    net = pg.nn.Sequential(pg.nn.Linear(4, 8), pg.nn.ReLU(), pg.nn.Linear(9, 2))
    with pytest.raises(RuntimeError) as error:
        net(pg.ones(3, 4))
    says(error, "Linear", r"\b2\b", shape(3, 8), shape(2, 9) + "|" + r"\b9\b")


def test_2_integer_tensors_have_no_gradients():
    with pytest.raises(RuntimeError) as error:
        pg.tensor([1, 2]).requires_grad_()
    says(error, "int64", "float")
    with pytest.raises(RuntimeError) as error:
        pg.tensor([1, 2], requires_grad=True)
    says(error, "int64", "float")
    for make in (lambda: pg.zeros(2, dtype=pg.bool, requires_grad=True),
                 lambda: setattr(pg.tensor(1), "requires_grad", True)):
        with pytest.raises(RuntimeError, match="float"):
            make()


def test_3_backward_on_more_than_one_element():
    y = pg.ones(2, 3, requires_grad=True) * 2
    with pytest.raises(RuntimeError) as error:
        y.backward()
    says(error, "backward", shape(2, 3), r"\.sum\(\)|gradient")
    with pytest.raises(RuntimeError) as error:
        pg.autograd.grad(y, y)
    says(error, shape(2, 3), r"\.sum\(\)|grad_outputs")


def test_4_second_backward():
    x = pg.ones(2, requires_grad=True)
    y = x.exp(); where = line()         # noqa: E702
    loss = y.sum()
    loss.backward()
    with pytest.raises(RuntimeError) as error:
        loss.backward()
    says(error, "Exp", "retain_graph=True", "second")
    names_line(error, where)


def test_5_saved_array_changed_in_place():
    x = pg.ones(2, requires_grad=True)
    h = x * 2
    y = h.sin(); where = line()         # noqa: E702
    h.add_(1)
    with pytest.raises(RuntimeError) as error:
        y.sum().backward()
    says(error, "Sin", "in.?place", "clone|out of place|x = x")
    names_line(error, where)


@pytest.mark.parametrize("space, wrong, right", [
    ("nn", "Linaer", "Linear"), ("nn", "Conv2D", "Conv2d"), ("nn", "relu6x", ""),
    ("nn", "CrossEntropy", "CrossEntropyLoss"), ("optim", "Addam", "Adam"),
    ("nn.functional", "rellu", "relu"), ("nn.init", "zeross_", "zeros_"),
    ("optim.lr_scheduler", "StepLr", "StepLR"), ("data", "Minst", "MNIST"),
])
def test_6_unknown_names_suggest_the_nearest(space, wrong, right):
    module = pg
    for part in space.split("."):
        module = getattr(module, part)
    with pytest.raises(AttributeError) as error:
        getattr(module, wrong)
    says(error, wrong, rf"\b{right}\b", re.escape(space))


def test_an_unknown_name_like_no_other_may_be_of_a_plugin_that_is_not_loaded():
    with pytest.raises(AttributeError, match=r"'Zyxwv'; if it is your .*load_plugin\(file\) first"):
        _ = pg.nn.Zyxwv
    with pytest.raises(LookupError, match=r"'Zyxwv'; if it is your .*load_plugin\(file\) first"):
        pg.testing.check_component("activations", "Zyxwv")


def test_a_tensor_of_pytorch_is_called_by_its_library():
    for call in (pg.nn.Linear(2, 2), pg.nn.functional.relu, X[0, :2].add):
        with pytest.raises(TypeError, match=r"got torch.Tensor; make a tensor of it"):
            call(torch.ones(2))


def test_7_wrong_labels_in_cross_entropy():
    loss, logits = pg.nn.CrossEntropyLoss(), pg.zeros(2, 3)
    with pytest.raises((RuntimeError, TypeError)) as error:
        loss(logits, pg.tensor([0.0, 1.0]))
    says(error, "(?i)cross.?entropy", "float32", "int64|long")
    for bad in (3, -1):
        with pytest.raises((IndexError, ValueError, RuntimeError)) as error:
            loss(logits, pg.tensor([0, bad]))
        says(error, "(?i)cross.?entropy", rf"{bad}\b", r"\b[23]\b")
    with pytest.raises((RuntimeError, ValueError)) as error:
        loss(logits, pg.tensor([0, 1, 2]))
    says(error, "(?i)cross.?entropy", shape(2, 3), shape(3))


def test_8_state_dict_with_missing_unexpected_and_mis_shaped_keys():
    net = pg.nn.Sequential(pg.nn.Linear(2, 3), pg.nn.Linear(3, 1))
    before = net.state_dict()["0.weight"].clone()
    state = dict(net.state_dict())
    del state["0.bias"]
    state["2.weight"] = pg.ones(1)
    state["1.weight"] = pg.ones(4, 1)
    state["0.weight"] = before + 1
    with pytest.raises(RuntimeError) as error:
        net.load_state_dict(state)
    says(error, r"(?i)missing[^\n]*\n?.*0\.bias", r"(?i)unexpected[^\n]*\n?.*2\.weight",
         r"1\.weight", shape(1, 3), shape(4, 1))


FILES = ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz",
         "t10k-labels-idx1-ubyte.gz"]


@pytest.mark.parametrize("content", [
    b"no gzip at all", gzip.compress(b"\x00\x00\x08\x03\x00\x00\x00\x05 too short"),
    gzip.compress(bytes(1000))[:20], b"", gzip.compress(b"\x00\x00\x08\x07" + bytes(100))],
    ids=["no gzip", "short", "truncated", "empty", "mislabelled"])
def test_9_a_corrupt_mnist_file(tmp_path, content):
    for name in FILES:
        (tmp_path / name).write_bytes(content)
    with pytest.raises((RuntimeError, ValueError, OSError)) as error:
        pg.data.MNIST(tmp_path, train=True)[0]
    says(error, r"train-(images|labels)-idx", "(?i)download|delete|remove|replace|again")


# The graph --------------------------------------------------------------------------------------

def test_backward_without_a_graph():
    for x in (pg.tensor(1.0), pg.ones(1) * 2, pg.ones(1, requires_grad=True).detach().sum()):
        with pytest.raises(RuntimeError) as error:
            x.backward()
        says(error, "requires?_? ?grad|history|graph")
    with pg.no_grad():
        y = pg.ones(1, requires_grad=True).sum()
    with pytest.raises(RuntimeError, match="grad"):
        y.backward()
    with pytest.raises(RuntimeError, match="grad"):
        pg.autograd.grad(pg.ones(1, requires_grad=True).sum(), pg.ones(1))


def test_numpy_on_a_tensor_with_history_names_its_operation():
    x = pg.ones(2, requires_grad=True)
    y = x.exp(); where = line()         # noqa: E702
    with pytest.raises(RuntimeError) as error:
        y.numpy()
    says(error, "Exp", r"detach\(\)")
    names_line(error, where)


def test_second_backward_over_an_error_is_still_possible():
    """A failed walk leaves the modes and the leaves as they were."""
    x = pg.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError):
        (x * 2).backward()
    (x * 2).sum().backward()
    assert x.grad.tolist() == [2, 2] and pg.is_grad_enabled()


@pytest.mark.parametrize("requires_grad", [False, True])
def test_shapes_that_do_not_broadcast_name_the_operation(requires_grad):
    with pytest.raises(RuntimeError, match=r"sub: shapes \(64, 10\) and \(64,\) do not broadcast"):
        pg.ones(64, 10, requires_grad=requires_grad) - pg.ones(64)


def test_a_gradient_made_without_create_graph_says_so():
    x = pg.ones(3, requires_grad=True)
    first, = pg.autograd.grad((x ** 3).sum(), x)
    with pytest.raises(RuntimeError, match="create_graph=True"):
        pg.autograd.grad(first.sum(), x)


def test_of_two_dtypes_the_input_is_the_one_to_convert():
    for wrong in (pg.ones(4, 2).double(), pg.ones(4, 2).long()):
        with pytest.raises(RuntimeError, match=r"convert the first with \.to\(plugrad\.float32\)"):
            pg.nn.Linear(2, 3)(wrong)


def test_an_error_in_backward_names_the_forward_line():
    class Fails(pg.Op):
        def forward(self, x):
            return x * 1

        def vjp(self, g):
            return g.reshape(7)

    x = pg.ones(2, requires_grad=True)
    y = Fails()(x); where = line()      # noqa: E702
    with pytest.raises(RuntimeError) as error:
        y.sum().backward()
    says(error, "Fails")
    names_line(error, where)


# A table of the others: call, error, what its text must have -------------------------------------

X = pg.ones(2, 3)
BAD = {
    "None": [
        (lambda: pg.exp(None), TypeError, ["exp", "None"]),
        (lambda: X + None, TypeError, ["None"]),
        (lambda: X.matmul(None), TypeError, ["matmul", "None"]),
        (lambda: pg.cat([X, None]), TypeError, ["cat", "None"]),
        (lambda: pg.cat(None), TypeError, ["cat", "None"]),
        (lambda: pg.cat(X), TypeError, ["cat"]),
        (lambda: pg.stack([X, 1]), ANY, ["stack"]),
        (lambda: pg.tensor(None), (TypeError, RuntimeError), ["None"]),
        (lambda: pg.where(None, X, X), TypeError, ["where", "None"]),
        (lambda: pg.autograd.backward(None), TypeError, ["backward|None"]),
        (lambda: X.sum().requires_grad_().backward("a"), TypeError, ["str|Tensor"]),
        (lambda: setattr(X.clone(), "grad", "a"), TypeError, ["grad", "str"]),
        (lambda: pg.einsum("ij", None), TypeError, ["einsum|None"]),
    ],
    "shapes that do not go together": [
        (lambda: X + pg.ones(2), RuntimeError, [shape(2, 3), shape(2), "add"]),
        (lambda: X * pg.ones(4, 3), RuntimeError, [shape(2, 3), shape(4, 3), "mul"]),
        (lambda: pg.maximum(X, pg.ones(4)), RuntimeError, [shape(2, 3), shape(4), "maximum"]),
        (lambda: X @ X, RuntimeError, ["matmul", shape(2, 3)]),
        (lambda: X @ pg.ones(2), RuntimeError, ["matmul", shape(2, 3), shape(2)]),
        (lambda: X @ 2, (RuntimeError, TypeError), [r"matmul|@", r"multiply numbers with \*"]),
        (lambda: X @ pg.tensor(1.0), RuntimeError, ["matmul"]),
        (lambda: pg.ones(2, 3, 4) @ pg.ones(3, 4, 5), RuntimeError,
         [shape(2, 3, 4), shape(3, 4, 5)]),
        (lambda: pg.cat([X, pg.ones(2, 4)]), RuntimeError, ["cat", "3", "4"]),
        (lambda: pg.cat([X, pg.ones(3)]), RuntimeError, ["cat"]),
        (lambda: pg.stack([X, pg.ones(3)]), RuntimeError, ["stack", shape(2, 3), shape(3)]),
        (lambda: pg.cat([]), (RuntimeError, ValueError), ["cat"]),
        (lambda: X.reshape(4), RuntimeError, ["reshape", shape(2, 3), "4"]),
        (lambda: X.reshape(-1, -1), RuntimeError, ["reshape", "-1"]),
        (lambda: X.reshape(-1, 4), RuntimeError, ["reshape", shape(2, 3)]),
        (lambda: X.T.view(6), RuntimeError, ["view", "reshape|contiguous"]),
        (lambda: X.expand(2, 4), RuntimeError, ["expand", "3", "4"]),
        (lambda: X.expand(3), RuntimeError, ["expand", shape(2, 3)]),
        (lambda: X.split([1, 1], 1), (RuntimeError, ValueError), ["split", "3"]),
        (lambda: X.permute(0), RuntimeError, ["permute"]),
        (lambda: X.permute(0, 0), RuntimeError, ["permute"]),
        (lambda: X.unflatten(1, (2, 2)), RuntimeError, ["unflatten", "3"]),
        (lambda: pg.ones(2, 2, 2).t(), RuntimeError, [r"\bt\b|2"]),
        (lambda: pg.tensor(1.0).mT, RuntimeError, ["mT"]),
        (lambda: X.gather(0, pg.tensor([0])), RuntimeError, ["gather"]),
        (lambda: X.topk(9), (RuntimeError, IndexError), ["topk|k", "9", "3"]),
        (lambda: pg.tril(pg.ones(3)), RuntimeError, ["tril"]),
        (lambda: X.repeat(2), RuntimeError, ["repeat"]),
        (lambda: X.roll((1, 2), 0), RuntimeError, ["roll"]),
    ],
    "dimensions": [
        (lambda: X.sum(2), IndexError, ["sum", r"\b2\b", "-2"]),
        (lambda: X.sum(dim=(0, 0)), RuntimeError, ["sum", "0"]),
        (lambda: X.mean(-3), IndexError, ["mean", "-3"]),
        (lambda: X.max(dim=2), IndexError, ["max", "2"]),
        (lambda: X.argmax(5), IndexError, ["argmax", "5"]),
        (lambda: X.cumsum(2), IndexError, ["cumsum", "2"]),
        (lambda: X.softmax(2), IndexError, ["softmax", "2"]),
        (lambda: X.transpose(0, 2), IndexError, ["transpose", "2"]),
        (lambda: X.unsqueeze(4), IndexError, ["unsqueeze", "4"]),
        (lambda: X.squeeze(2), IndexError, ["squeeze", "2"]),
        (lambda: X.flip(3), IndexError, ["flip", "3"]),
        (lambda: pg.cat([X], 2), IndexError, ["cat", "2"]),
        (lambda: X.size(2), IndexError, ["size|dim", "2"]),
        (lambda: X.sum("rows"), TypeError, ["sum", "rows|str"]),
        (lambda: X.sum(1.0), TypeError, ["sum", "1.0|float"]),
        (lambda: X.flatten(1, 0), RuntimeError, ["flatten"]),
    ],
    "empty": [
        (lambda: pg.zeros(0).max(), RuntimeError, ["max"]),
        (lambda: pg.zeros(0, 3).amax(0), (IndexError, RuntimeError), ["max", "empty|0"]),
        (lambda: pg.zeros(0, 3).argmax(0), (IndexError, RuntimeError), ["argmax"]),
        (lambda: pg.zeros(0).item(), RuntimeError, ["item"]),
        (lambda: X.split(0), (RuntimeError, ValueError), ["split"]),
        (lambda: X.chunk(0), (RuntimeError, ValueError), ["chunk"]),
    ],
    "dtypes": [
        (lambda: pg.zeros(2, dtype="flaot32"), TypeError, ["flaot32", "float32"]),
        (lambda: pg.zeros(2, dtype=3), TypeError, ["3", "float32"]),
        (lambda: pg.zeros(2, dtype=np.complex64), TypeError, ["complex64", "float32"]),
        (lambda: X.to("float16"), ANY, ["float16"]),
        (lambda: pg.arange(3).mean(), RuntimeError, ["mean", "int64", "float"]),
        (lambda: pg.arange(3).softmax(0), RuntimeError, ["softmax", "int64|float"]),
        (lambda: X & X, (RuntimeError, TypeError), ["float32"]),
        (lambda: ~X, (RuntimeError, TypeError), ["float32"]),
        (lambda: pg.where(X, X, X), (RuntimeError, TypeError), ["where", "bool"]),
        (lambda: X.masked_fill(X, 0), (RuntimeError, TypeError), ["masked_fill", "bool"]),
        (lambda: X @ X.T.double(), RuntimeError, ["float32", "float64"]),
        (lambda: pg.arange(3).uniform_(), RuntimeError, ["uniform_", "int64|float"]),
        (lambda: pg.arange(3).normal_(), RuntimeError, ["normal_", "int64|float"]),
        (lambda: pg.arange(3).exp_(), RuntimeError, ["exp_", "int64|float"]),
        (lambda: pg.set_default_dtype(pg.int64), TypeError, ["int64", "float"]),
        (lambda: pg.arange(3) ** -1, RuntimeError, ["pow|power", "negative"]),
        (lambda: pg.nn.functional.one_hot(X), (RuntimeError, TypeError), ["one_hot", "int64"]),
    ],
    "sizes": [
        (lambda: pg.zeros(-1), RuntimeError, ["zeros|size", "-1"]),
        (lambda: pg.ones(2, -3), RuntimeError, ["-3"]),
        (lambda: pg.rand(-2), RuntimeError, ["-2"]),
        (lambda: pg.empty(2, -1), RuntimeError, ["-1"]),
        (lambda: pg.zeros(2.5), TypeError, ["2.5|float"]),
        (lambda: pg.zeros("a"), TypeError, ["str|'a'"]),
        (lambda: pg.zeros((2, "a")), TypeError, ["str|'a'"]),
        (lambda: pg.zeros(2**40, 2**40), (*ANY, MemoryError, OverflowError), []),
        (lambda: pg.zeros(10**30), (*ANY, MemoryError, OverflowError), []),
        (lambda: pg.zeros(2**45), (RuntimeError, MemoryError), []),
        (lambda: pg.eye(-1), RuntimeError, ["eye", "-1"]),
        (lambda: pg.randperm(-1), RuntimeError, ["randperm", "-1"]),
        (lambda: pg.linspace(0, 1, -1), RuntimeError, ["linspace|steps", "-1"]),
        (lambda: X.repeat(-1, 1), RuntimeError, ["repeat", "-1"]),
        (lambda: pg.arange(0, 1, 0), (RuntimeError, ValueError), ["arange|step"]),
        (lambda: pg.arange(0, 1, -1), (RuntimeError, ValueError), ["arange|step"]),
        (lambda: pg.arange(float("nan")), (RuntimeError, ValueError), ["arange|nan|finite"]),
        (lambda: pg.arange(0, float("inf")), (RuntimeError, ValueError, OverflowError), []),
        (lambda: pg.arange(0, "a"), TypeError, []),
    ],
    "data": [
        (lambda: pg.tensor("abc"), (TypeError, ValueError), ["str|'abc'|U3"]),
        (lambda: pg.tensor(["a", "b"]), (TypeError, ValueError), ["str|'a'|U1"]),
        (lambda: pg.tensor([[1, 2], [3]]), ValueError, ["length|shape|ragged|same"]),
        (lambda: pg.tensor([1, [2, 3]]), (ValueError, TypeError), []),
        (lambda: pg.tensor(object()), (TypeError, RuntimeError), ["object"]),
        (lambda: pg.tensor({"a": 1}), (TypeError, RuntimeError), ["dict|'a'"]),
        (lambda: pg.tensor([1 + 2j]), TypeError, ["complex"]),
        (lambda: pg.tensor([1, None]), (TypeError, RuntimeError), ["None|object"]),
        (lambda: pg.tensor(10**30), (OverflowError, RuntimeError, ValueError, TypeError), []),
        (lambda: pg.tensor(300, dtype=pg.uint8), (*ANY, OverflowError), ["300", "uint8|byte"]),
        (lambda: pg.tensor(["1.5"]), (TypeError, ValueError), []),
    ],
    "random": [
        (lambda: pg.randint(5, 5, (2,)), (RuntimeError, ValueError), ["randint", "5"]),
        (lambda: pg.bernoulli(pg.tensor([1.5])), (RuntimeError, ValueError), ["bernoulli", "1"]),
        (lambda: pg.ones(2).bernoulli_(-0.1), (RuntimeError, ValueError), ["bernoulli", "-0.1"]),
        (lambda: pg.ones(2).uniform_(2, 1), (RuntimeError, ValueError), ["uniform_", "2", "1"]),
        (lambda: pg.ones(2).normal_(0, -1), (RuntimeError, ValueError), ["normal_", "-1"]),
        (lambda: pg.rand(2, generator=3), TypeError, ["generator|Generator", "int"]),
        (lambda: pg.manual_seed("a"), (TypeError, ValueError, RuntimeError), []),
    ],
    "options": [
        (lambda: X.norm(p="x"), ANY, ["norm"]),
        (lambda: X.clamp(), (RuntimeError, ValueError, TypeError), ["clamp", "min|max"]),
        (lambda: X.clamp("a"), TypeError, ["clamp"]),
        (lambda: pg.div(X, X, rounding_mode="up"), (RuntimeError, ValueError), ["up", "floor"]),
        (lambda: pg.einsum("ij,jk->il", X, X.T), (RuntimeError, ValueError), ["einsum", "l"]),
        (lambda: pg.einsum("ij,jk", X), (RuntimeError, ValueError), ["einsum"]),
        (lambda: pg.einsum("ij,ij->", X, X.T), (RuntimeError, ValueError), ["einsum", "3", "2"]),
        (lambda: pg.einsum("ijk", X), (RuntimeError, ValueError), ["einsum"]),
        (lambda: pg.einsum(3, X), (TypeError, ValueError), ["einsum"]),
        (lambda: X.sum(nonsense=1), TypeError, ["nonsense"]),
        (lambda: pg.exp(), TypeError, []),
        (lambda: X.item(), RuntimeError, ["item", shape(2, 3) + "|6"]),
        (lambda: bool(X), RuntimeError, [r"any\(|all\(|ambiguous"]),
        (lambda: X.nonsense, AttributeError, ["nonsense"]),
        (lambda: X.as_subclass(int), TypeError, ["int"]),
        (lambda: setattr(X, "shape", (6,)), AttributeError, []),
    ],
    "convolutions": [
        (lambda: pg.nn.functional.conv2d(pg.ones(1, 3, 5, 5), pg.ones(2, 4, 3, 3)), RuntimeError,
         ["conv2d", shape(1, 3, 5, 5), shape(2, 4, 3, 3)]),
        (lambda: pg.nn.functional.conv2d(pg.ones(1, 1, 2, 2), pg.ones(1, 1, 3, 3)), RuntimeError,
         ["conv2d", r"\b3\b", r"\b2\b"]),
        (lambda: pg.nn.functional.conv2d(pg.ones(5, 5), pg.ones(1, 1, 3, 3)), RuntimeError,
         ["conv2d"]),
        (lambda: pg.nn.functional.conv2d(pg.ones(1, 3, 5, 5), pg.ones(2, 3, 3, 3), pg.ones(5)),
         RuntimeError, ["conv2d", "bias|5"]),
        (lambda: pg.nn.functional.conv2d(pg.ones(1, 3, 5, 5), pg.ones(2, 3, 3, 3), stride=0),
         ANY, ["conv2d|stride", "0"]),
        (lambda: pg.nn.functional.conv2d(pg.ones(1, 3, 5, 5), pg.ones(2, 3, 3, 3), groups=2),
         RuntimeError, ["conv2d|groups", "2"]),
        (lambda: pg.nn.functional.conv2d(pg.ones(1, 3, 5, 5), pg.ones(2, 3, 3, 3), padding="some"),
         ANY, ["some"]),
        (lambda: pg.nn.functional.unfold(pg.ones(1, 3, 2, 2), 3), RuntimeError, ["unfold|size"]),
        (lambda: pg.nn.functional.fold(pg.ones(1, 5, 9), (4, 4), 2), RuntimeError, ["fold|size"]),
        (lambda: pg.nn.functional.one_hot(pg.tensor([-1])), RuntimeError, ["one_hot", "-1|neg"]),
        (lambda: pg.nn.functional.one_hot(pg.tensor([5]), 3), RuntimeError, ["one_hot|5|3"]),
        (lambda: pg.nn.functional.linear(X, pg.ones(4, 2)), RuntimeError,
         ["linear", shape(2, 3), shape(4, 2)]),
        (lambda: pg.nn.functional.pad(X, (1,)), ANY, ["pad"]),
        (lambda: pg.nn.functional.pad(X, (-2, -2)), ANY, ["pad"]),
        (lambda: pg.nn.functional.pad(X, (1, 1), mode="mirror"), ANY, ["mirror"]),
    ],
}
CASES = [pytest.param(*case, id=f"{group} {i}") for group, cases in BAD.items()
         for i, case in enumerate(cases)]


@pytest.mark.parametrize("call, kind, patterns", CASES)
def test_bad_calls(call, kind, patterns):
    with pytest.raises(kind) as error, warnings.catch_warnings():
        warnings.simplefilter("error")
        call()
    says(error, r"\w{3,}", *patterns)
    assert (X == 1).all()


@pytest.mark.parametrize("other", [None, "a", [1, 2, 3], {}, object()],
                         ids=lambda x: type(x).__name__)
def test_foreign_operands_of_operators(other):
    """The other side gets its turn; comparisons for equality say no."""
    for op in ("+", "-", "*", "/", "//", "%", "**", "@", "<", ">=", "&"):
        with pytest.raises(TypeError, match=r"\w{4,}"):
            eval(f"X {op} other", {"X": X, "other": other})
        if (op, other) == ("%", "a"):       # Python's own formatting
            continue
        with pytest.raises(TypeError, match=r"\w{4,}"):
            eval(f"other {op} X", {"X": X, "other": other})


def test_the_other_side_may_know_what_to_do():
    class Knows:
        def __radd__(self, x):
            return "mine"

        __rmatmul__ = __gt__ = __radd__

    assert [X + Knows(), X @ Knows(), Knows() > X] == ["mine"] * 3


WIDE = pg.ones((1,) * 32)
TOO_MANY = [
    lambda: np.ones((1,) * 40) % X, lambda: X + np.ones((1,) * 40),
    lambda: pg.permute(np.ones((1,) * 40), tuple(range(40))), lambda: pg.exp(np.ones((1,) * 40)),
    lambda: pg.where(np.ones((1,) * 40) > 0, X, X), lambda: WIDE[None], lambda: WIDE[..., None],
    lambda: X[(None,) * 31], lambda: WIDE[pg.zeros(2, 2).long()], lambda: WIDE.unsqueeze(0),
    lambda: pg.stack([WIDE, WIDE]), lambda: WIDE.unfold(0, 1, 1), lambda: pg.diag_embed(WIDE),
    lambda: WIDE.expand((1,) * 33), lambda: WIDE.repeat((1,) * 33), lambda: pg.kron(WIDE, X),
]


@pytest.mark.parametrize("call", TOO_MANY)
def test_no_tensor_has_more_than_32_dimensions(call):
    """Kernels walk arrays with so many strides; NumPy has arrays with twice as many."""
    with pytest.raises(RuntimeError, match=r"at most 32|to 32 sizes"):
        call()


FAR = pg.zeros(4, 2).T                          # not contiguous: the view's strides are searched
OVERFLOWS = [
    lambda: pg.zeros(0).reshape(2**32, 2**32), lambda: pg.zeros(4).reshape(2**62 + 1, 4),
    lambda: FAR.reshape(2**61 + 1, 8), lambda: FAR.view(2**61 + 1, 8),
    lambda: FAR.reshape(2**61 + 1, -1, 8), lambda: pg.zeros(0, 3).T.view(2**32, 2**32),
    lambda: pg.zeros(0).reshape(2**33, 2**33, -1), lambda: pg.zeros(8).unflatten(0, (2**61 + 1, 8)),
    lambda: X.expand(2**32, 2**32, 2, 3), lambda: X.repeat(2**62, 2**62),
    lambda: pg.ones(1).expand(2**33, 1) + pg.ones(1).expand(2**33), lambda: pg.arange(2**62),
    lambda: pg.cat([pg.ones(1).expand(2**60)] * 2 + [pg.ones(1).expand(2**60 + 1)] * 2),
    lambda: pg.outer(*[pg.ones(1).expand(2**33)] * 2), lambda: pg.linspace(0, 1, 2**62),
    lambda: pg.eye(2**31), lambda: pg.arange(0, 1, 1e-300), lambda: pg.hann_window(2**62),
    lambda: pg.nn.functional.one_hot(pg.tensor([2**62])), lambda: pg.bincount(pg.tensor([2**62])),
    lambda: pg.nn.functional.pad(X, (2**62, 1)), lambda: pg.repeat_interleave(X, 2**62),
    lambda: pg.nn.functional.pad(X, (2**62, 1, 1, 1)), lambda: pg.tril_indices(2**31, 2**31),
    lambda: pg.multinomial(pg.ones(3), 2**62, True), lambda: pg.diag_embed(X, 2**31),
]


@pytest.mark.parametrize("call", OVERFLOWS)
def test_sizes_whose_product_overflows_are_refused(call):
    """Their product may come out as the number of elements, or as little memory."""
    with pytest.raises((RuntimeError, MemoryError),
                       match=r"t hold the|don.t multiply|no memory|too many|can.t have|can have"):
        call()


NO_TENSORS = {
    "tensordot": ([1], X), "kron": ("a", X), "cross": (X, None), "cdist": (X, {}), "det": ([],),
    "index_put": (X, (0,), "a"), "masked_scatter": (X, None, X), "addbmm": (X, (), X),
    **{name: ([1.0],) for name in (
        "diag", "trace", "bincount", "unique", "fliplr", "flipud", "rot90", "hsplit", "dsplit",
        "median", "nanmedian", "mode", "quantile", "cov", "histc", "diff", "nansum", "nanmean",
        "inverse", "logdet", "pinverse", "matrix_exp", "adjoint", "vander", "combinations",
        "unique_consecutive", "zeros_like", "rand_like", "randint_like", "bernoulli")},
}


@pytest.mark.parametrize("name", sorted(NO_TENSORS))
def test_functions_in_python_refuse_what_is_no_tensor_as_kernels_do(name):
    call = getattr(pg, name)
    options = {key: 1 for key in inspect.signature(call).parameters
               if key in ("indices_or_sections", "high", "q")}
    with pytest.raises(TypeError, match=rf"^{name.replace('inverse', '.*')}.*: expected a Tensor"):
        call(*NO_TENSORS[name], **options)


@pytest.mark.parametrize("call", [
    lambda n: pg.sqrt(n), lambda n: pg.tensor([1]) + n, lambda n: pg.tensor([1]).fill_(n),
    lambda n: n * pg.tensor([True]), lambda n: pg.tensor([1]) > n, lambda n: pg.tensor(n)])
def test_an_integer_that_no_dtype_holds_is_named_so(call):
    with pytest.raises(RuntimeError, match="integer is too large for"):
        call(2**64)


@pytest.mark.parametrize("size", [(2**31, 2**31), (2**62, 4), (0, 2**62), (2**20,) * 20])
def test_no_memory_for_sizes_beyond_all_memory(size):
    for make in (pg.zeros, pg.ones, pg.empty, pg.rand, pg.randn, lambda n: pg.full(n, 1)):
        with pytest.raises(RuntimeError, match="can't have sizes"):
            make(size)


@pytest.mark.parametrize("dtype", [[], {}, X, np.ones(2), 3, "float31", object()])
def test_what_is_no_dtype_is_refused_with_those_that_are(dtype):
    for call in (pg.promote_types, lambda d, _: pg.zeros(2, dtype=d),
                 lambda d, _: X.sum(dtype=d)):
        with pytest.raises(TypeError, match="expected one of bool, uint8"):
            call(dtype, pg.float32)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_wrong_types_everywhere_are_refused_and_never_crash(seed):
    script = Path(__file__).with_name("fuzz.py")
    done = subprocess.run([sys.executable, str(script), str(seed)], capture_output=True, text=True,
                          timeout=300, check=False)
    last = "\n".join(done.stderr.splitlines()[-30:])
    assert done.returncode == 0, f"status {done.returncode}\n{done.stdout}\nlast calls:\n{last}"
    assert len(done.stderr.splitlines()) > 5_000, "few calls: were the functions found?"
