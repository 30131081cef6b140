"""Recurrent layers and their cells against PyTorch's, and what has no counterpart there."""

import numpy as np
import plugrad as pg
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from plugrad import nn
from plugrad.nn import functional as F
from plugrad.testing import gradcheck, gradgradcheck

from .parity import (
    Row,
    cases,
    check,
    check_begin,
    check_refusal,
    flat,
    same_modules,
    x,
)

pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
SIZES = {"input_size": 3, "hidden_size": 4}
ROWS = [
    *(Row("LSTM", SIZES | options, (x(5, 2, 3),)) for options in (
        {}, {"num_layers": 3}, {"bidirectional": True}, {"bias": False}, {"batch_first": True},
        {"num_layers": 2, "bidirectional": True, "batch_first": True},
        {"num_layers": 2, "bidirectional": True, "bias": False})),
    Row("LSTM", {"num_layers": 2, "dropout": 0.5} | SIZES, (x(5, 2, 3),), modes=(False,)),
    Row("LSTM", SIZES, (x(5, 3),)),
    Row("LSTM", SIZES | {"bidirectional": True, "batch_first": True}, (x(5, 3),)),
    Row("LSTM", SIZES, (x(1, 2, 3),)),
    Row("LSTM", {"input_size": 3, "hidden_size": 70}, (x(3, 40, 3),)),    # past a tile's edge
    Row("LSTM", {"input_size": 2, "hidden_size": 300}, (x(2, 3, 2),)),    # and past a panel's
    *(Row("LSTM", SIZES | {"proj_size": 2} | options, (inputs,)) for options, inputs in (
        ({}, x(5, 2, 3)), ({"num_layers": 3, "bias": False}, x(5, 2, 3)), ({}, x(5, 3)),
        ({"num_layers": 2, "bidirectional": True, "batch_first": True}, x(5, 2, 3)))),
    *(Row("LSTMCell", SIZES | {"bias": bias}, (x(2, 3),)) for bias in (True, False)),
    Row("LSTMCell", SIZES, (x(3),)),
    *(Row(name, SIZES | options, (x(5, 2, 3),)) for name in ("RNN", "GRU") for options in (
        {}, {"num_layers": 3}, {"bidirectional": True}, {"bias": False}, {"batch_first": True},
        {"num_layers": 2, "bidirectional": True, "batch_first": True})),
    *(Row("RNN", SIZES | {"nonlinearity": "relu"} | options, (x(5, 2, 3),))
      for options in ({}, {"bidirectional": True, "batch_first": True})),
    *(Row(name, {"input_size": 2, "hidden_size": 300}, (x(3, 40, 2),)) for name in ("RNN", "GRU")),
    *(Row(name, SIZES, (x(5, 3),)) for name in ("RNN", "GRU")),
    *(Row(name, SIZES | options, (inputs,)) for name in ("RNNCell", "GRUCell")
      for options in ({}, {"bias": False}) for inputs in (x(2, 3), x(3))),
    Row("RNNCell", SIZES | {"nonlinearity": "relu"}, (x(2, 3),)),
]


@cases(ROWS)
def test_recurrent_layer_is_pytorchs(row, dtype, training):
    check(row, dtype, training)


def test_a_projection_begins_as_pytorchs():
    check_begin(Row("LSTM", SIZES | {"proj_size": 2, "num_layers": 2, "bidirectional": True}))


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("proj_size", [0, 2])
def test_a_first_state_and_its_gradient_are_pytorchs(batch_first, single, proj_size):
    row = Row("LSTM", SIZES | {"num_layers": 2, "bidirectional": True, "batch_first": batch_first,
                               "proj_size": proj_size})
    ours, theirs = same_modules(row, "float64")
    shape = (5, 3) if single else (5, 2, 3)
    lead = (4,) if single else (4, 5 if batch_first else 2)
    state = [x(*lead, proj_size or 4), x(*lead, 4, seed=1)]
    found = []
    for lib, module in ((pg, ours), (torch, theirs)):
        h, c = (lib.from_numpy(part.copy()).requires_grad_() for part in state)
        y, (h_n, c_n) = module(lib.from_numpy(x(*shape)), (h, c))
        (y.sum() + (h_n * h_n).sum() + (c_n * c_n * c_n).sum()).backward()
        found.append([part.detach().numpy() for part in (y, h_n, c_n, h.grad, c.grad)])

    for got, expected in zip(*found, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("order", [(False, False), (True, False), (False, True), (True, True)])
def test_gradients_and_their_gradients(order):
    from plugrad.plugins.layers.lstm import Steps
    shapes = (3, 2, 8), (2, 2), (2, 2), (8, 2)
    if order[0]:
        shapes = (2, 3, 8), *shapes[1:]
    inputs = [pg.from_numpy(x(*shape, seed=7) * 0.7).requires_grad_() for shape in shapes]

    assert gradcheck(lambda *inputs: Steps(*order)(*inputs), inputs)
    assert gradgradcheck(lambda *inputs: Steps(*order)(*inputs), inputs)


@given(st.integers(0, 4), st.integers(0, 9), st.integers(1, 20), st.booleans(), st.booleans())
def test_both_forms_of_the_gradient_agree(steps, n, hidden, batch_first, reverse):
    from plugrad.plugins.layers.lstm import Steps, gradient_in_tensors
    lead = (n, steps) if batch_first else (steps, n)
    inputs = [pg.from_numpy(x(*shape)) for shape in (
        (*lead, 4 * hidden), (n, hidden), (n, hidden), (4 * hidden, hidden))]
    leaves = [part.clone().requires_grad_() for part in inputs]
    h, c = Steps(batch_first, reverse)(*leaves)
    gh, gc = pg.from_numpy(x(*lead, hidden, seed=1)), pg.from_numpy(x(n, hidden, seed=1))

    fused = pg.autograd.grad((h, c), leaves, (gh, gc))

    for got, expected in zip(fused, gradient_in_tensors(gh, gc, *inputs, batch_first, reverse),
                             strict=True):
        np.testing.assert_allclose(got.numpy(), expected.numpy(), rtol=1e-9, atol=1e-10)


@given(st.sampled_from(["tanh", "relu", "gru"]), st.integers(0, 4), st.integers(0, 9),
       st.integers(1, 20), st.booleans(), st.booleans())
def test_both_forms_of_the_gradients_of_rnn_and_gru_agree(kind, steps, n, hidden, batch_first,
                                                          reverse):
    from plugrad.plugins.layers import gru, rnn
    lead, order = (n, steps) if batch_first else (steps, n), (batch_first, reverse)
    if kind == "gru":
        shapes = (*lead, 3 * hidden), (n, hidden), (3 * hidden, hidden), (3 * hidden,)
        op, in_tensors, options = gru.Steps(*order), gru.gradient_in_tensors, order
    else:
        shapes = (*lead, hidden), (n, hidden), (hidden, hidden)
        op, in_tensors = rnn.Steps(kind, *order), rnn.gradient_in_tensors
        options = (kind == "relu", *order)
    inputs = [pg.from_numpy(x(*shape)) for shape in shapes]
    leaves = [part.clone().requires_grad_() for part in inputs]
    gh = pg.from_numpy(x(*lead, hidden, seed=1))

    fused = pg.autograd.grad(op(*leaves), leaves, gh)

    for got, expected in zip(fused, in_tensors(gh, *inputs, *options), strict=True):
        np.testing.assert_allclose(got.numpy(), expected.numpy(), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_threads_do_not_change_a_bit(kind):
    module, x = kind(16, 48, bidirectional=True), pg.randn(9, 37, 16)
    before, found = pg.get_num_threads(), []
    try:
        for threads in (1, 2, 4):
            pg.set_num_threads(threads)
            module.zero_grad()
            y, state = module(x)
            (y.sin().sum() + (state[1] if kind is nn.LSTM else state).sum()).backward()
            found.append([y.detach().numpy().copy()]
                         + [p.grad.numpy().copy() for p in module.parameters()])
    finally:
        pg.set_num_threads(before)

    for others in zip(*found, strict=True):
        assert all(np.array_equal(others[0], other) for other in others[1:])


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_what_was_returned_may_be_overwritten_before_backward(kind):
    module, sequence = kind(3, 4), pg.randn(5, 2, 3)
    y, _ = module(sequence)
    y.sum().backward()
    expected = module.weight_hh_l0.grad.numpy().copy()
    module.zero_grad()

    y, _ = module(sequence)
    z = y.sum()
    y.data.fill_(9)
    z.backward()

    assert np.array_equal(module.weight_hh_l0.grad.numpy(), expected)


def test_dropout_between_layers_drops_in_training_only():
    pg.manual_seed(0)
    module, sequence = nn.LSTM(3, 8, num_layers=2, dropout=0.9), pg.randn(5, 2, 3)

    assert module(sequence)[0].tolist() != module(sequence)[0].tolist()
    module.eval()
    assert module(sequence)[0].tolist() == module(sequence)[0].tolist()


BAD = [
    (lambda lib: lib.nn.LSTM(3, 4)(lib.zeros(5, 2, 7)), (RuntimeError, ValueError), r"\(5, 2, 7\)"),
    (lambda lib: lib.nn.LSTM(3, 4)(lib.zeros(3)), (RuntimeError, ValueError), r"\(3,\)"),
    (lambda lib: lib.nn.LSTM(3, 4)(lib.zeros(5, 2, 3), (lib.zeros(1, 3, 4), lib.zeros(1, 3, 4))),
     RuntimeError, r"\(1, 2, 4\)"),
    (lambda lib: lib.nn.LSTM(3, 4)(lib.zeros(5, 2, 3), (lib.zeros(1, 2, 4), None)),
     (TypeError, AttributeError), "2 Tensor"),
    (lambda lib: lib.nn.LSTM(3, 4)(lib.zeros(5, 2, 3), lib.zeros(1, 2, 4)), Exception, "2 Tensor"),
    (lambda lib: lib.nn.LSTMCell(3, 4)(lib.zeros(2, 5)), (RuntimeError, ValueError), r"\(2, 5\)"),
    (lambda lib: lib.nn.LSTMCell(3, 4)(lib.zeros(2, 3), (lib.zeros(2, 4), lib.zeros(3, 4))),
     (RuntimeError, ValueError), r"\(2, 4\)"),
    (lambda lib: lib.nn.LSTM(3, 0), ValueError, "hidden_size"),
    (lambda lib: lib.nn.RNN(3, 4, nonlinearity="sigmoid"), ValueError, "nonlinearity"),
    (lambda lib: lib.nn.GRUCell(3, 4)(lib.zeros(2, 3), lib.zeros(3, 4)), RuntimeError, r"\(2, 4\)"),
    (lambda lib: lib.nn.LSTM(3, 4, dropout=2.0), ValueError, "dropout"),
    (lambda lib: lib.nn.LSTM(3, 4, proj_size=4), ValueError, "proj_size below hidden_size=4"),
    (lambda lib: lib.nn.LSTM(3, 4, proj_size=-1), ValueError, "proj_size: expected at least 0"),
    (lambda lib: lib.nn.GRU(3, 4, proj_size=2), ValueError, "GRU: proj_size is for LSTM only"),
    (lambda lib: lib.nn.LSTM(3, 4, proj_size=2)(lib.zeros(5, 2, 3), (lib.zeros(1, 2, 4),) * 2),
     RuntimeError, r"\(1, 2, 2\), \(1, 2, 4\)"),
]


@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)


def test_the_kernel_refuses_what_does_not_fit():
    from plugrad.plugins.layers._lstm import lstm_backward, lstm_forward
    fits = [np.zeros(shape) for shape in ((3, 2, 8), (2, 2), (2, 2), (8, 2))]
    for i, wrong in enumerate((np.zeros((3, 2, 7)), np.zeros((3, 2)), np.zeros(2, np.float32),
                               np.zeros((2, 8)))):
        with pytest.raises(RuntimeError, match="lstm: expected"):
            lstm_forward(*fits[:i], wrong, *fits[i + 1:], False, False)
    _, c, *inside = lstm_forward(*fits, False, False)
    with pytest.raises(RuntimeError, match="gradient of shape"):
        lstm_backward(np.zeros((3, 2, 3)), c, *inside, *fits[1:], False, False)


@pytest.mark.parametrize("name, shapes", [("rnn", [(3, 2, 4), (2, 4), (4, 4)]),
                                          ("gru", [(3, 2, 6), (2, 2), (6, 2), (6,)])])
def test_the_kernels_of_rnn_and_gru_refuse_what_does_not_fit(name, shapes):
    from plugrad.plugins.layers import _gru, _rnn
    forward = _gru.gru_forward if name == "gru" else lambda *a: _rnn.rnn_forward(*a[:3], 0, *a[3:])
    fits = [np.zeros(shape) for shape in shapes]
    forward(*fits, False, False)
    for i, shape in enumerate(shapes):
        for wrong in (np.zeros((*shape, 1)), np.zeros(shape, np.float32), np.zeros(shape[1:])):
            with pytest.raises(RuntimeError, match=f"{name}: expected"):
                forward(*fits[:i], wrong, *fits[i + 1:], False, False)


class Elman(nn.Recurrent):
    """h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)   (Elman, 1990)"""

    def run(self, x, state, weights, reverse):
        w_ih, w_hh, b_ih, b_hh = weights
        (h,), dim, hs = state, 1 if self.batch_first else 0, []
        steps = F.linear(x, w_ih, b_ih).unbind(dim)
        for step in reversed(steps) if reverse else steps:
            h = (step + F.linear(h, w_hh, b_hh)).tanh()
            hs.append(h)
        return pg.stack(hs[::-1] if reverse else hs, dim), h


class ElmanCell(nn.RecurrentCell):
    def run(self, x, state, weights):
        w_ih, w_hh, b_ih, b_hh = weights
        return (F.linear(x, w_ih, b_ih) + F.linear(state[0], w_hh, b_hh)).tanh()


@pytest.mark.parametrize("name", ["RNN", "RNNCell"])
def test_a_recurrent_layer_of_ones_own_writes_one_step(name):
    theirs = getattr(torch.nn, name)(3, 5, **({"num_layers": 2, "bidirectional": True}
                                             if name == "RNN" else {})).double()
    ours = (Elman(3, 5, num_layers=2, bidirectional=True) if name == "RNN" else ElmanCell(3, 5))
    ours.double().load_state_dict({key: pg.from_numpy(value.numpy())
                                   for key, value in theirs.state_dict().items()})
    sequence = x(4, 2, 3) if name == "RNN" else x(2, 3)

    got, expected = ours(pg.from_numpy(sequence)), theirs(torch.from_numpy(sequence))

    for y, z in zip(flat(got), flat(expected), strict=True):
        np.testing.assert_allclose(y.detach().numpy(), z.detach().numpy(), rtol=1e-10)


def test_a_step_that_gives_another_state_is_told_so():
    class Wrong(Elman):
        def run(self, *args):
            y, h = super().run(*args)
            return y, (h, h)

    with pytest.raises(RuntimeError, match=r"Wrong.run: expected a state of 1 Tensor"):
        Wrong(3, 5)(pg.randn(4, 2, 3))


@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}, {"bias": False},
                                     {"num_layers": 2, "proj_size": 2}], ids=str)
def test_the_lists_of_all_weights_are_pytorchs(options):
    ours, theirs = nn.LSTM(3, 4, **options), torch.nn.LSTM(3, 4, **options)
    shapes = [[[tuple(w.shape) for w in weights] for weights in lstm.all_weights]
              for lstm in (ours, theirs)]
    assert shapes[0] == shapes[1]
    assert ours._flat_weights_names == theirs._flat_weights_names
    assert ours.all_weights[0][0] is ours.weight_ih_l0
