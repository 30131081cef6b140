"""Sequences of different lengths against PyTorch's nn.utils.rnn, and through recurrent layers."""

import numpy as np
import plugrad as pg
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from plugrad import nn

from ...tolerances import GRADIENT, VALUE, assert_close

pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")


def x(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def both(call):
    """What the call gives in plugrad and in PyTorch, tensors as lists."""
    return tuple(plain(call(lib, lib.nn.utils.rnn)) for lib in (pg, torch))


def plain(value):
    if isinstance(value, (tuple, list)):
        return [plain(part) for part in value]
    return value.detach().tolist() if hasattr(value, "detach") else value


LENGTHS = st.lists(st.integers(1, 5), min_size=1, max_size=6)


@given(LENGTHS, st.booleans())
def test_packing_and_padding_are_pytorchs(lengths, batch_first):
    steps, n = max(lengths) + 1, len(lengths)
    padded = x(*((n, steps) if batch_first else (steps, n)), 2)

    def call(lib, rnn):
        packed = rnn.pack_padded_sequence(lib.from_numpy(padded), lib.tensor(lengths), batch_first,
                                          enforce_sorted=False)
        again = rnn.pad_packed_sequence(packed, batch_first, padding_value=7.0, total_length=6)
        return packed, again, rnn.unpack_sequence(packed)

    got, expected = both(call)
    assert got == expected


@given(LENGTHS, st.booleans(), st.sampled_from(["left", "right"]))
def test_lists_of_sequences_are_padded_and_packed_as_by_pytorch(lengths, batch_first, side):
    sequences = [x(n, 2, seed=i) for i, n in enumerate(lengths)]

    def call(lib, rnn):
        tensors = [lib.from_numpy(part) for part in sequences]
        padded = rnn.pad_sequence(tensors, batch_first, 3.0, side)
        cut = rnn.unpad_sequence(rnn.pad_sequence(tensors, batch_first), lib.tensor(lengths),
                                 batch_first)
        return padded, cut, rnn.pack_sequence(tensors, enforce_sorted=False)

    got, expected = both(call)
    assert got == expected


@pytest.mark.parametrize("lengths, ordered", [([5, 3, 3, 1], True), ([2, 5, 1, 5], False),
                                              ([4, 4], True), ([1], True)])
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True},
                                     {"bidirectional": True, "batch_first": True}])
@pytest.mark.parametrize("name, proj_size", [("RNN", 0), ("GRU", 0), ("LSTM", 0), ("LSTM", 2)])
@pytest.mark.parametrize("with_state", [False, True])
def test_a_recurrent_layer_takes_a_packed_sequence_as_pytorchs_does(
        name, proj_size, options, lengths, ordered, with_state):
    options = options | {"proj_size": proj_size} if proj_size else options
    theirs = getattr(torch.nn, name)(3, 4, **options).double()
    ours = getattr(nn, name)(3, 4, **options).double()
    ours.load_state_dict({key: pg.from_numpy(value.numpy().copy())
                          for key, value in theirs.state_dict().items()})
    rows = options.get("num_layers", 1) * (2 if options.get("bidirectional") else 1)
    arrays = (x(5, len(lengths), 3), x(rows, len(lengths), proj_size or 4),
              x(rows, len(lengths), 4, seed=1))
    found = []
    for lib, module in ((pg, ours), (torch, theirs)):
        leaf, h0, c0 = (lib.from_numpy(a.copy()).requires_grad_() for a in arrays)
        packed = lib.nn.utils.rnn.pack_padded_sequence(leaf, lengths, enforce_sorted=ordered)
        state = ((h0, c0) if name == "LSTM" else h0) if with_state else None
        y, last = module(packed, state)
        lasts = list(last) if isinstance(last, tuple) else [last]
        total = sum((part * part * part).sum() for part in [y.data, *lasts])
        total.backward()
        found.append([y.data, *lasts, leaf.grad, *([h0.grad] if with_state else []),
                      *([c0.grad] if with_state and name == "LSTM" else []),
                      *(p.grad for p in module.parameters())])

    for got, expected in zip(*found, strict=True):
        assert_close(got.detach().numpy(), expected.detach().numpy(), GRADIENT)


def test_padding_changes_nothing():
    module, lengths = nn.GRU(3, 4, bidirectional=True), [4, 2]
    padded = x(4, 2, 3).astype(np.float32)
    other = padded.copy()
    other[2:, 1] = np.nan

    results = [module(nn.utils.rnn.pack_padded_sequence(pg.from_numpy(a), lengths))
               for a in (padded, other)]

    for got, expected in zip(*([y.data, h] for y, h in results), strict=True):
        assert np.isfinite(got.detach().numpy()).all()
        assert_close(got.detach().numpy(), expected.detach().numpy(), VALUE)


BAD = [
    (lambda lib, rnn: rnn.pack_padded_sequence(lib.zeros(3, 2, 4), [2, 3]), RuntimeError,
     "enforce_sorted=False"),
    (lambda lib, rnn: rnn.pack_padded_sequence(lib.zeros(3, 2, 4), [3, 0]), RuntimeError,
     "lengths from 1 to 3"),
    (lambda lib, rnn: rnn.pack_padded_sequence(lib.zeros(3, 2, 4), [3]), RuntimeError,
     "batch size 2, got 1"),
    (lambda lib, rnn: rnn.pad_packed_sequence(rnn.pack_sequence([lib.zeros(3)]), total_length=2),
     ValueError, "at least 3"),
    (lambda lib, rnn: lib.nn.GRU(4, 3)(rnn.pack_sequence([lib.zeros(3, 5)])), RuntimeError,
     r"4\), got \(3, 5\)"),
]


@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    with pytest.raises(error):
        call(torch, torch.nn.utils.rnn)
    with pytest.raises(error, match=text):
        call(pg, nn.utils.rnn)
