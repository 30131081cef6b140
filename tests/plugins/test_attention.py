"""Attention against PyTorch's: the function, its kernels, and MultiheadAttention."""

import subprocess
import sys

import numpy as np
import plugrad as pg
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from plugrad import nn
from plugrad.nn import functional as F
from plugrad.plugins.layers import _attention as kernels
from plugrad.plugins.layers.scaled_dot_product_attention import (
    Attention,
    chances,
    gradient_in_tensors,
)
from torch.nn.attention import SDPBackend, sdpa_kernel

from ..tolerances import GRADIENT, assert_close
from .calls import check_call, same_calls
from .parity import Row, cases, check, check_begin, check_refusal, check_signature, runs, x

SDPA = "F.scaled_dot_product_attention"
SEEN = x(5, 7) > -0.5
BLIND = SEEN & (np.arange(5) != 2)[:, None]                       # the third query sees nothing


def qkv(L, S, E, V, *heads, seed=0):
    """Random queries, keys and values."""
    sizes = (L, E), (S, E), (S, V)
    return tuple(x(*heads, *size, seed=seed + i) for i, size in enumerate(sizes))


ROWS = [
    *(Row(SDPA, options, qkv(5, 7, 4, 4, 2, 3)) for options in (
        {}, {"is_causal": True}, {"scale": 0.3}, {"scale": 0.0}, {"attn_mask": SEEN},
        {"attn_mask": BLIND}, {"attn_mask": x(5, 7, seed=9)}, {"attn_mask": x(2, 1, 5, 7) > 0},
        {"attn_mask": x(3, 1, 7) > -1}, {"attn_mask": x(5, 1), "scale": 2.0})),
    *(Row(SDPA, {"is_causal": causal}, qkv(*sizes, 2)) for causal in (False, True) for sizes in (
        (1, 1, 1, 1), (1, 9, 3, 2), (9, 1, 3, 5), (7, 4, 2, 3), (70, 140, 5, 4), (140, 70, 3, 3))),
    Row(SDPA, {"is_causal": True}, qkv(530, 530, 4, 4, 1, 1)),             # past a section's edge
    Row(SDPA, {}, qkv(3, 5, 4, 2)),
    Row(SDPA, {"attn_mask": SEEN}, qkv(5, 7, 4, 2, 2, 1, 3)),
    Row(SDPA, {}, (x(2, 1, 3, 4), x(1, 3, 5, 4), x(5, 2))),
    *(Row(SDPA, {"enable_gqa": True, "is_causal": True}, (x(2, 6, 3, 4), *[x(2, n, 3, 4)] * 2))
      for n in (1, 2, 6)),
    Row(SDPA, {}, (*qkv(5, 7, 4, 4, 2), x(5, 7))),              # a mask that wants a gradient
    Row(SDPA, {}, qkv(3, 0, 4, 2, 2)),
    Row(SDPA, {}, qkv(0, 3, 4, 2, 2)),
    Row(SDPA, {"is_causal": True}, qkv(3, 3, 4, 4, 0, 2)),
    Row(SDPA, {"dropout_p": 1.0}, qkv(3, 5, 4, 2, 2)),
]


@cases(ROWS)
def test_attention_is_pytorchs(row, dtype, training):
    with sdpa_kernel(SDPBackend.MATH):              # PyTorch's way that has second gradients
        check(row, dtype, training)


@pytest.mark.parametrize("causal", [False, True])
def test_attention_is_that_of_pytorchs_kernel(causal):
    inputs = qkv(200, 200, 32, 32, 2, 3)
    with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
        check(Row(SDPA, {"is_causal": causal}, inputs), "float32", True)
        check(Row(SDPA, {"is_causal": causal}, [5 * part for part in inputs[:2]] + [inputs[2]]),
              "float64", True)


def masks(draw, L, S):
    """None, or a bool or additive mask, that one of rows and columns may share."""
    shape = draw(st.sampled_from([(L, S), (1, S), (L, 1)]))
    numbers = x(*shape, seed=5)
    return draw(st.sampled_from([None, numbers > 0, numbers]))


@settings(deadline=None, max_examples=60)
@given(st.data(), st.integers(1, 150), st.integers(1, 300), st.sampled_from([1, 3, 16, 33, 300]),
       st.sampled_from([1, 8, 17, 260]), st.sampled_from(["float32", "float64"]))
def test_kernels_are_the_formula(data, L, S, E, V, dtype):
    mask = masks(data.draw, L, S)
    causal = mask is None and data.draw(st.booleans())
    inputs = [pg.from_numpy(part.astype(dtype)) for part in qkv(L, S, E, V, 2)]
    if mask is not None:
        mask = pg.from_numpy(mask if mask.dtype == bool else mask.astype(dtype)).expand(2, L, S)
    leaves = [part.clone().requires_grad_() for part in inputs]
    g = pg.from_numpy((x(2, L, V, seed=7) / V).astype(dtype))    # where S = 1, sums of V cancel

    y = Attention(causal, 0.25)(*leaves, mask)
    grads = pg.autograd.grad(y, leaves, g)

    expected = gradient_in_tensors(g, *inputs, mask, causal, 0.25)
    assert_close(y.detach(), chances(*inputs[:2], mask, causal, 0.25) @ inputs[2], GRADIENT)
    for got, reference in zip(grads, expected, strict=True):
        scale = max(1, np.abs(reference.numpy()).max())
        assert_close(got.numpy() / scale, reference.numpy() / scale, GRADIENT)


@pytest.mark.parametrize("causal", [False, True])
def test_heads_inside_of_rows_stay_there(causal):
    joined = [pg.from_numpy(part).requires_grad_() for part in qkv(70, 70, 12, 12, 2)]
    plain = [part.detach().clone().requires_grad_() for part in joined]
    q, k, v = (part.unflatten(-1, (3, 4)).transpose(1, 2) for part in joined)
    apart = [part.unflatten(-1, (3, 4)).transpose(1, 2).contiguous() for part in plain]

    y, z = (F.scaled_dot_product_attention(*parts, is_causal=causal)
            for parts in ((q, k, v), apart))
    (y * y).sum().backward()
    (z * z).sum().backward()

    assert y.transpose(1, 2).is_contiguous() and z.is_contiguous()
    for part, other in zip((y, *(p.grad for p in joined)), (z, *(p.grad for p in plain))):
        assert np.array_equal(part.detach().numpy(), other.detach().numpy())


@pytest.mark.parametrize("heads", [1, 3, 12])
@pytest.mark.parametrize("causal", [False, True])
def test_threads_do_not_change_a_bit(heads, causal):
    before, found = pg.get_num_threads(), []
    inputs = [pg.from_numpy(part.astype("float32")) for part in qkv(600, 300, 16, 24, heads)]
    try:
        for threads in (1, 2, 4):
            pg.set_num_threads(threads)
            leaves = [part.clone().requires_grad_() for part in inputs]
            y = F.scaled_dot_product_attention(*leaves, is_causal=causal)
            y.sin().sum().backward()
            found.append([y.detach().numpy()] + [part.grad.numpy() for part in leaves])
    finally:
        pg.set_num_threads(before)

    for others in zip(*found, strict=True):
        assert all(np.array_equal(others[0], other) for other in others[1:])


def test_there_is_never_a_matrix_of_scores():
    program = """
import plugrad as pg
import plugrad.kernels.base.buffers as buffers
q, k, v = (pg.randn(1, 2048, 16).requires_grad_() for _ in range(3))
pg.nn.functional.scaled_dot_product_attention(q, k, v).sum().backward()
print(buffers.memory_stats()["peak"])
"""
    peak = int(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True,
                              text=True).stdout)

    assert peak < 2048 * 2048 * 4 / 4


def test_large_scores_and_what_is_not_finite():
    q, k, v = (pg.from_numpy(part) for part in qkv(3, 5, 4, 2, 1))
    y = F.scaled_dot_product_attention(q * 1e4, k * 1e4, v).numpy()
    assert np.isfinite(y).all()

    k[0, 1, 0] = np.nan

    assert np.isnan(F.scaled_dot_product_attention(q, k, v).numpy()).all()


def test_dropout_drops_weights_and_scales_the_others():
    pg.manual_seed(0)
    q, v = pg.zeros(1, 200, 4), pg.eye(100).unsqueeze(0)
    weights = F.scaled_dot_product_attention(q, pg.zeros(1, 100, 4), v, dropout_p=0.25).numpy()

    assert np.allclose(np.unique(weights), [0, 0.01 / 0.75])
    assert abs((weights == 0).mean() - 0.25) < 0.02


def sdpa(lib, *shapes, **options):
    options = {key: f(lib) if callable(f) else f for key, f in options.items()}
    tensors = [lib.zeros(shape) for shape in shapes]
    return lib.nn.functional.scaled_dot_product_attention(*tensors, **options)


BAD = [
    (lambda lib: sdpa(lib, (4,), (5, 4), (5, 2)), RuntimeError, r"\(\.\.\., L, E\).* \(4,\)"),
    (lambda lib: sdpa(lib, (3, 4), (5, 3), (5, 2)), RuntimeError, r"\(3, 4\), \(5, 3\)"),
    (lambda lib: sdpa(lib, (3, 4), (5, 4), (6, 2)), RuntimeError, r"\(5, 4\) and \(6, 2\)"),
    (lambda lib: sdpa(lib, (3, 4), (5, 4), (5, 2), is_causal=True,
                      attn_mask=lambda lib: lib.zeros(3, 5)), RuntimeError, "both"),
    (lambda lib: sdpa(lib, (3, 4), (5, 4), (5, 2),
                      attn_mask=lambda lib: lib.zeros(2, 3, 5)), RuntimeError, r"\(2, 3, 5\)"),
    (lambda lib: sdpa(lib, (3, 4), (5, 4), (5, 2), attn_mask=lambda lib: lib.zeros(3, 4)),
     RuntimeError, r"attn_mask .*\(3, 4\)"),
    (lambda lib: sdpa(lib, (3, 4), (5, 4), (5, 2), dropout_p=2.0), RuntimeError, "between 0 and 1"),
    (lambda lib: sdpa(lib, (3, 4), (5, 4), (5, 2),
                      attn_mask=lambda lib: lib.ones(3, 5, dtype=lib.int64)), RuntimeError, "bool"),
    (lambda lib: sdpa(lib, (2, 4, 3, 4), (2, 2, 5, 4), (2, 2, 5, 2)), RuntimeError, "heads"),
    (lambda lib: sdpa(lib, (2, 4, 3, 4), (2, 3, 5, 4), (2, 3, 5, 2), enable_gqa=True),
     RuntimeError, r"a multiple .*\(2, 3, 5, 4\)"),
]


@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)


def test_kernels_refuse_what_does_not_fit():
    fits = [*qkv(3, 5, 4, 2, 2), None]
    wrongs = np.zeros(3), np.zeros((2, 5, 3)), np.zeros((2, 5, 2), "f4"), np.zeros((2, 3, 4))
    for i, wrong in enumerate(wrongs):
        with pytest.raises(RuntimeError, match="attention: expected"):
            kernels.attention(*fits[:i], wrong, *fits[i + 1:], False, 1.0)
    y, lse = kernels.attention(*fits, False, 1.0)
    with pytest.raises(RuntimeError, match="gradient of shape"):
        kernels.attention_backward(y[:, :2], *fits, y, lse, False, 1.0)
    with pytest.raises(RuntimeError, match="lse of shape"):
        kernels.attention_backward(y, *fits, y, lse[:1], False, 1.0)


# ------------------------------------------------------------------------------ MultiheadAttention

SIZES = {"embed_dim": 6, "num_heads": 3}
Q, K, V = x(4, 2, 6), x(5, 2, 6, seed=1), x(5, 2, 6, seed=2)            # L = 4, S = 5, N = 2
PADDED = np.array([[False] * 5, [False] * 3 + [True] * 2])
HIDDEN = np.triu(np.ones((4, 5), bool), 1)
MODULES = [
    ({}, (Q, K, V), {}),
    *(({}, (Q, K, V), options) for options in (
        {"need_weights": False}, {"average_attn_weights": False}, {"key_padding_mask": PADDED},
        {"key_padding_mask": PADDED, "need_weights": False}, {"attn_mask": HIDDEN},
        {"attn_mask": x(4, 5, seed=3), "need_weights": False},
        {"attn_mask": x(6, 4, 5) > 1, "key_padding_mask": PADDED},
        {"attn_mask": x(6, 4, 5), "key_padding_mask": x(2, 5), "need_weights": False},
        {"attn_mask": HIDDEN, "is_causal": True, "need_weights": False},
        {"attn_mask": HIDDEN, "is_causal": True, "key_padding_mask": PADDED})),
    *((options, (Q, K, V), call) for options in (
        {"bias": False}, {"add_bias_kv": True}, {"add_zero_attn": True},
        {"add_bias_kv": True, "add_zero_attn": True, "bias": False})
      for call in ({}, {"key_padding_mask": PADDED, "attn_mask": HIDDEN, "need_weights": False})),
    ({"kdim": 4, "vdim": 3}, (Q, x(5, 2, 4), x(5, 2, 3)), {}),
    ({"kdim": 4, "bias": False, "add_bias_kv": True}, (Q, x(5, 2, 4), V), {"need_weights": False}),
    ({}, (Q[:, 0], K[:, 0], V[:, 0]), {}),
    ({"batch_first": True}, (Q[:, 0], K[:, 0], V[:, 0]),
     {"key_padding_mask": PADDED[1], "attn_mask": HIDDEN, "need_weights": False}),
    ({"batch_first": True}, (Q, x(4, 3, 6), x(4, 3, 6, seed=1)), {}),
    ({"batch_first": True}, (x(0, 4, 6), x(0, 3, 6), x(0, 3, 6, seed=1)), {"need_weights": False}),
    ({"dropout": 1.0}, (Q, K, V), {"need_weights": False}),
]


@pytest.mark.parametrize("dtype, training", runs())
@pytest.mark.parametrize("options, inputs, call", MODULES, ids=range(len(MODULES)))
def test_multihead_attention_is_pytorchs(options, inputs, call, dtype, training):
    check_call(lambda lib: lib.nn.MultiheadAttention(**SIZES | options), inputs, dtype, training,
               **call)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("shared", ["all", "key and value", "query and value"])
def test_what_is_the_same_tensor_is_projected_as_pytorch_does(shared, batch_first):
    def attend(lib):
        layer = lib.nn.MultiheadAttention(**SIZES, batch_first=batch_first)
        forward = layer.forward
        layer.forward = lambda x, y: forward(x, *{"all": (x, x), "key and value": (y, y),
                                                  "query and value": (y, x)}[shared])
        return layer

    check_call(attend, (x(4, 4, 6), x(4, 4, 6, seed=1)))


def test_multihead_attention_begins_as_pytorchs():
    check_signature(nn.MultiheadAttention, torch.nn.MultiheadAttention)
    check_signature(nn.MultiheadAttention.forward, torch.nn.MultiheadAttention.forward)
    for options in ({}, {"add_bias_kv": True, "kdim": 4}, {"bias": False}):
        check_begin(Row("MultiheadAttention", SIZES | options))


def test_the_function_takes_what_pytorchs_takes():
    check_signature(F.multi_head_attention_forward,
                    torch.nn.functional.multi_head_attention_forward)
    found = []
    for lib in (pg, torch):
        given = [lib.from_numpy(part) for part in (
            Q, K, V, x(18, 6), x(18), x(6, 6), x(6), x(6, 5, 2), x(6, 5, 2, seed=1))]
        found.append(lib.nn.functional.multi_head_attention_forward(
            *given[:3], 6, 3, *given[3:5], None, None, False, 0.0, *given[5:7],
            static_k=given[7], static_v=given[8]))

    for got, expected in zip(*found, strict=True):
        assert_close(got.numpy(), expected.numpy())


def test_a_query_that_sees_nothing_is_nan_with_weights_and_zero_without():
    for need_weights in (True, False):
        ours, theirs = same_calls(lambda lib: lib.nn.MultiheadAttention(**SIZES),
                                  need_weights=need_weights, key_padding_mask=PADDED | True)
        got, expected = (call(*(lib.from_numpy(part) for part in (Q, K, V)))
                         for lib, call in ((pg, ours), (torch, theirs)))
        for part, reference in zip(got, expected, strict=True):
            assert_close(part.detach().numpy(), reference.detach().numpy())


def test_weights_are_dropped_in_training_only():
    pg.manual_seed(0)
    layer = nn.MultiheadAttention(4, 2, dropout=0.5)
    sequence = pg.randn(50, 1, 4)

    weights = layer(sequence, sequence, sequence, average_attn_weights=False)[1]

    assert abs((weights == 0).float().mean().item() - 0.5) < 0.05
    layer.eval()
    for need_weights in (True, False):
        y, z = (layer(sequence, sequence, sequence, need_weights=need_weights)[0] for _ in range(2))
        assert y.tolist() == z.tolist()


def attend(lib, *shapes, **options):
    options = {key: f(lib) if callable(f) else f for key, f in options.items()}
    return lib.nn.MultiheadAttention(4, 2)(*(lib.zeros(shape) for shape in shapes), **options)


WRONG = [
    (lambda lib: lib.nn.MultiheadAttention(5, 2), (AssertionError, ValueError), "divisible"),
    (lambda lib: lib.nn.MultiheadAttention(0, 2), ValueError, "embed_dim"),
    (lambda lib: attend(lib, (3, 2, 5), (3, 2, 4), (3, 2, 4)), (AssertionError, RuntimeError),
     r"\(L, N, 4\).*\(3, 2, 5\)"),
    (lambda lib: attend(lib, (3, 2, 4), (5, 2, 4), (6, 2, 4)), (AssertionError, RuntimeError),
     r"\(6, 2, 4\)"),
    (lambda lib: attend(lib, (3, 2, 4), (5, 4), (5, 4)), (AssertionError, RuntimeError), "all"),
    (lambda lib: attend(lib, (3, 2, 4), (5, 2, 4), (5, 2, 4), is_causal=True), RuntimeError,
     "hint"),
    (lambda lib: attend(lib, (3, 2, 4), (5, 2, 4), (5, 2, 4), attn_mask=lambda lib: lib.ones(5, 3)),
     RuntimeError, r"\(3, 5\) or \(4, 3, 5\).*\(5, 3\)"),
    (lambda lib: attend(lib, (3, 2, 4), (5, 2, 4), (5, 2, 4),
                        key_padding_mask=lambda lib: lib.ones(5, 2)),
     (AssertionError, RuntimeError), r"key_padding_mask of shape \(2, 5\)"),
]


@pytest.mark.parametrize("call, error, text", WRONG, ids=range(len(WRONG)))
def test_bad_use_of_the_module_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)
