"""CTCLoss against PyTorch, and against a count of all paths."""

import itertools

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import nn
from plugrad.nn import functional as F
from plugrad.testing import gradgradcheck

from ..tolerances import GRADIENT, VALUE, assert_close
from .parity import check_refusal, converted, labels, x

REDUCTIONS = ("mean", "sum", "none")
TARGETS = np.array([[1, 2, 2], [3, 1, 0], [2, 2, 2]])
PLAIN = (x(6, 3, 4), TARGETS, (6, 4, 5), (3, 2, 3))      # scores, targets, lengths


def outcome(lib, scores, targets, input_lengths, target_lengths, dtype="float64", **options):
    """Loss and gradient of the scores."""
    scores = converted(lib, scores, dtype).requires_grad_()
    loss = lib.nn.CTCLoss(**options)(
        scores.log_softmax(-1), converted(lib, targets, dtype),
        converted(lib, input_lengths, dtype), converted(lib, target_lengths, dtype))
    weights = lib.from_numpy(np.asarray(x(*loss.shape, seed=1))).to(loss.dtype)
    (loss * weights).sum().backward()
    return loss.detach().numpy(), scores.grad.numpy()


def agrees(*args, **options):
    for dtype in ("float32", "float64"):
        ours, theirs = (outcome(lib, *args, dtype=dtype, **options) for lib in (pg, torch))
        assert_close(ours[0], theirs[0], VALUE, "loss")
        assert_close(ours[1], theirs[1], GRADIENT, "gradient")


# A target may contain the blank; but if it ends with it, PyTorch's gradient leaves out a state.
CASES = {
    "padded": PLAIN,
    "tensors of lengths": (*PLAIN[:2], np.array(PLAIN[2]), np.array(PLAIN[3])),
    "lengths of 32 bits": (*PLAIN[:2], *(np.array(n, np.int32) for n in PLAIN[2:])),
    "one after another": (PLAIN[0], np.array([1, 2, 2, 3, 1, 2, 2, 2]), *PLAIN[2:]),
    "targets of 32 bits": (PLAIN[0], TARGETS.astype(np.int32), *PLAIN[2:]),
    "padded by what is no class": (PLAIN[0], np.array([[1, 2, 2], [3, 1, 9], [2, 2, -1]]),
                                   (6, 4, 5), (3, 2, 2)),
    "no label": (x(6, 3, 4), TARGETS, (6, 4, 5), (0, 2, 0)),
    "no label at all": (x(6, 3, 4), TARGETS[:, :0], (6, 4, 5), (0, 0, 0)),
    "one step": (x(1, 3, 4), TARGETS, (1, 1, 1), (1, 1, 0)),
    "only just": (x(5, 2, 4), np.array([[2, 2, 2], [1, 2, 3]]), (5, 3), (3, 3)),
    "the blank among the labels": (x(6, 2, 4), np.array([[0, 1], [0, 2]]), (6, 5), (2, 2)),
    "unbatched": (x(6, 4), TARGETS[0], np.array(6), np.array(3)),
    "unbatched, by tuples": (x(6, 4), TARGETS[0], (6,), (3,)),
    "long": (x(200, 2, 5), labels(2, 40, below=4) + 1, (200, 150), (40, 30)),
    "extreme": (x(6, 3, 4) * 100, *PLAIN[1:]),
}


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("case", CASES)
def test_loss_and_gradient_are_pytorchs(case, reduction):
    agrees(*CASES[case], reduction=reduction)


@pytest.mark.parametrize("blank", [1, 3])
def test_any_class_may_be_the_blank(blank):
    agrees(x(6, 2, 4), np.array([[0, 2, 2], [2, 0, 0]]), (6, 5), (3, 2), blank=blank)


@pytest.mark.parametrize("zero_infinity", [False, True])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_a_target_that_does_not_fit(reduction, zero_infinity):
    """Three labels in two steps, two equal labels in two steps, and one that fits."""
    args = (x(6, 3, 4), np.array([[1, 2, 2], [2, 2, 0], [2, 2, 2]]), (2, 2, 5), (3, 2, 2))
    ours, theirs = (outcome(lib, *args, reduction=reduction, zero_infinity=zero_infinity)
                    for lib in (pg, torch))

    assert_close(ours[0], theirs[0])
    assert_close(ours[1], theirs[1], GRADIENT)


def test_no_step_fits_no_label_only():
    def run(lib):
        return lib.nn.CTCLoss(reduction="none")(
            lib.zeros(5, 2, 4), lib.tensor([[1], [2]]), (0, 0), (0, 1)).numpy()

    np.testing.assert_array_equal(run(pg), run(torch))


def test_is_the_sum_over_all_paths():
    p = np.exp(x(4, 3))
    p /= p.sum(1, keepdims=True)

    def collapsed(path):
        return [c for c, _ in itertools.groupby(path) if c != 0]

    expected = sum(np.prod(p[range(4), path]) for path in itertools.product(range(3), repeat=4)
                   if collapsed(path) == [2, 1])
    loss = nn.CTCLoss(reduction="sum")(pg.from_numpy(np.log(p)), pg.tensor([2, 1]), (4,), (2,))

    assert loss.item() == pytest.approx(-np.log(expected), rel=1e-12)


@pytest.mark.parametrize("zero_infinity", [False, True])
@pytest.mark.parametrize("case", ["padded", "no label", "no label at all", "only just",
                                  "the blank among the labels", "one step", "unbatched"])
def test_second_gradients(case, zero_infinity):
    """PyTorch has none.  They come from Tensor operations, the naive twin of the kernel."""
    scores, targets, steps, count = CASES[case]
    if zero_infinity and case == "padded":
        steps = (2, *steps[1:])                                         # the first does not fit
    loss = nn.CTCLoss(reduction="none", zero_infinity=zero_infinity)
    args = (pg.from_numpy(targets), *(pg.as_tensor(n) for n in (steps, count)))

    assert gradgradcheck(lambda s: loss(s.log_softmax(-1), *args),
                         (pg.from_numpy(scores).requires_grad_(),))


def test_third_gradients_are_refused():
    scores = pg.from_numpy(PLAIN[0]).log_softmax(-1).requires_grad_()
    first, = pg.autograd.grad(F.ctc_loss(scores, pg.from_numpy(TARGETS), *PLAIN[2:]), scores,
                              create_graph=True)

    with pytest.raises(RuntimeError, match="ctc_loss: there are no third derivatives"):
        pg.autograd.grad(first.square().sum(), scores, create_graph=True)


def test_threads_change_nothing():
    scores, targets = x(100, 8, 30), labels(8, 30, below=29) + 1
    found = []
    before = pg.get_num_threads()
    try:
        for threads in (1, 2, 3):
            pg.set_num_threads(threads)
            found.append(outcome(pg, scores, targets, (100,) * 8, range(23, 31), "float32"))
    finally:
        pg.set_num_threads(before)

    for loss, gradient in found[1:]:
        assert loss == found[0][0] and np.array_equal(gradient, found[0][1])


def test_printed_form_is_pytorchs():
    assert repr(nn.CTCLoss(blank=2)) == repr(torch.nn.CTCLoss(blank=2))


def called(scores=(6, 2, 4), targets=((1, 2, 2), (3, 1, 0)), steps=(6, 4), count=(3, 2), **options):
    """A call with one thing that is wrong."""
    return lambda lib: lib.nn.functional.ctc_loss(
        lib.zeros(*scores), lib.tensor(targets), steps, count, **options)


BAD = [
    (called(steps=(7, 4)), RuntimeError, "input_lengths from 0 to 6, got numbers from 4 to 7"),
    (called(steps=(-1, 4)), RuntimeError, "input_lengths from 0 to 6, got numbers from -1 to 4"),
    (called(steps=(6,)), RuntimeError, r"input_lengths of shape \(2,\).*got 1"),
    (called(count=(3,)), RuntimeError, r"target_lengths of shape \(2,\).*got 1"),
    (called(count=(4, 2)), RuntimeError, "target_lengths from 0 to 3, got numbers from 2 to 4"),
    (called(count=(-1, 2)), RuntimeError, "target_lengths from 0 to 3, got numbers from -1 to 2"),
    (called(targets=(1, 2, 2, 3)), RuntimeError, r"\(5,\), got \(4,\)"),
    (called(targets=((1, 2, 2),)), RuntimeError, r"targets of shape \(2, S\).*got \(1, 3\)"),
    (called(targets=(((1, 2, 2),),)), RuntimeError, r"targets of shape \(2, S\)"),
    (called(blank=4), RuntimeError, r"in \[0, 4\).*got blank 4"),
    (called(blank=-1), RuntimeError, r"in \[0, 4\).*got blank -1"),
    (called(scores=(6, 0, 4), targets=(), steps=(), count=()), RuntimeError, "with elements, got"),
    (called(scores=(4,)), RuntimeError, r"\(T, N, C\) or \(T, C\)"),
    (called(scores=(6, 4), targets=(1, 2, 2), steps=6, count=3), TypeError, "got 6"),
    (lambda lib: lib.nn.functional.ctc_loss(
        lib.zeros(6, 2, 4), lib.tensor([[1], [2]]), lib.tensor([6.0, 6.0]), lib.tensor([1, 1])),
     RuntimeError, "input_lengths of integers"),
    (called(reduction="some"), ValueError, "not a valid value for reduction"),
]


@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)


@pytest.mark.parametrize("label", [4, -1])
def test_a_label_that_is_no_class_is_refused(label):
    """PyTorch reads other memory."""
    with pytest.raises(RuntimeError, match=rf"targets in \[0, 4\).*{label}"):
        called(targets=((1, 2, label), (3, 1, 0)))(pg)
