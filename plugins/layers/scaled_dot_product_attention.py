"""scaled_dot_product_attention: a query asks all keys, and mixes the values of those that fit."""

# Longer than other plugins: its gradient is written twice, and it says in words what does not fit.

from math import sqrt

import numpy as np
import plugrad as pg
import plugrad.plugins.layers._attention as kernels
from plugrad.nn import functional as F

NAME = "scaled_dot_product_attention"


class Attention(pg.Op):
    """y = softmax(q @ k.T * scale + mask) @ v

    q: (..., L, E)   k: (..., S, E)   v: (..., S, V)   mask: (..., L, S) or None   y: (..., L, V)
    """

    def __init__(self, causal, scale):
        self.causal, self.scale = causal, scale

    def forward(self, q, k, v, mask):
        y, lse = kernels.attention(q, k, v, mask, self.causal, self.scale)
        self.save(q, k, v, mask, y, lse)
        return y

    def vjp(self, g):
        q, k, v, mask, *rest = self.saved
        if pg.is_grad_enabled():
            return *gradient_in_tensors(g, q, k, v, mask, self.causal, self.scale), None
        arrays = [x if x is None else x.numpy(force=True) for x in (g, q, k, v, mask, *rest)]
        grads = kernels.attention_backward(*arrays, self.causal, self.scale)
        return *map(pg.from_numpy, grads), None


def chances(q, k, mask, causal, scale):
    """softmax(q @ k.T * scale + mask) in Tensor operations; 0 where a query may see nothing."""
    scores = q @ k.mT * scale
    if causal:
        mask = pg.ones(scores.shape[-2:], dtype=pg.bool).tril()
    if mask is None:
        return F.softmax(scores, -1)
    scores = (scores.masked_fill(~mask, -pg.inf) if mask.dtype is pg.bool else scores + mask)
    blind = (scores == -pg.inf).all(-1, keepdim=True)
    return F.softmax(scores.masked_fill(blind, 0), -1).masked_fill(blind, 0)


def gradient_in_tensors(g, q, k, v, mask, causal, scale):
    """dq, dk, dv in Tensor operations, which can be differentiated again."""
    p = chances(q, k, mask, causal, scale)
    dp = g @ v.mT
    ds = p * (dp - (p * dp).sum(-1, keepdim=True)) * scale
    return ds @ k, ds.mT @ q, p.mT @ g


def checked(query, key, value, mask, causal):
    """The dimensions of heads that all have in common; RuntimeError, as PyTorch's, for misfits."""
    shapes = q, k, v = [tuple(x.shape) for x in (query, key, value)]
    try:
        heads = np.broadcast_shapes(*(shape[:-2] for shape in shapes))
        fits = min(map(len, shapes)) >= 2 and q[-1] == k[-1] and k[-2] == v[-2]
    except ValueError:
        fits = False
    if not fits:
        raise RuntimeError(f"{NAME}: expected query (..., L, E), key (..., S, E) and value "
                           f"(..., S, V), heads that broadcast before, got {q}, {k} and {v}")
    dtype = query.dtype
    if not (dtype is key.dtype is value.dtype and dtype.is_floating_point):
        raise RuntimeError(f"{NAME}: expected query, key and value of one floating-point dtype, "
                           f"got {dtype}, {key.dtype} and {value.dtype}; convert with .to(dtype)")
    if mask is not None and causal:
        raise RuntimeError(f"{NAME}: expected attn_mask or is_causal=True, got both; put the "
                           "triangle into the mask")
    if mask is not None and mask.dtype not in (pg.bool, dtype):
        raise RuntimeError(f"{NAME}: expected attn_mask of dtype bool or {dtype}, got {mask.dtype}")
    scores = (*heads, q[-2], k[-2])
    if mask is not None and not fits_into(tuple(mask.shape), scores):
        raise RuntimeError(f"{NAME}: expected attn_mask that broadcasts to {scores}, got "
                           f"{tuple(mask.shape)}")
    return heads


def fits_into(shape, other):
    """Whether a tensor of this shape can be expanded to the other."""
    return len(shape) <= len(other) and all(n in (1, m) for n, m in zip(shape[::-1], other[::-1]))


def scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0,
                                 is_causal=False, scale=None, enable_gqa=False):
    """y = softmax(query @ key.T * scale + attn_mask) @ value       (Vaswani et al., 2017)

    query: (..., L, E)   key: (..., S, E)   value: (..., S, V)   y: (..., L, V)   scale: 1/√E
    attn_mask: (..., L, S), bool, True for what is seen, or added   is_causal: query i sees keys
    0 to i   dropout_p: of the weights, always   enable_gqa: several heads (dimension -3) of query
    share one of key and value.  A query that sees nothing gets 0.  Raises RuntimeError.
    """
    if not 0 <= dropout_p <= 1:
        raise RuntimeError(f"{NAME}: expected dropout_p between 0 and 1, got {dropout_p}")
    if enable_gqa:
        key, value = repeated(key, query), repeated(value, query)
    heads = checked(query, key, value, attn_mask, is_causal)
    scale = 1 / sqrt(max(query.shape[-1], 1)) if scale is None else scale
    learned = attn_mask is not None and attn_mask.requires_grad
    if dropout_p or learned or 0 in (*query.shape, *key.shape, *value.shape):
        weights = chances(query, key, attn_mask, is_causal, scale)
        return F.dropout(weights, dropout_p) @ value
    query, key, value = (x.expand(*heads, *x.shape[-2:]) for x in (query, key, value))
    if attn_mask is not None:
        attn_mask = attn_mask.expand(*heads, query.shape[-2], key.shape[-2])
    return Attention(is_causal, scale)(query, key, value, attn_mask)


def repeated(x, query):
    """x with each of its heads so often that there are as many as of query."""
    if min(x.ndim, query.ndim) < 3 or query.shape[-3] % x.shape[-3]:
        raise RuntimeError(
            f"{NAME}: enable_gqa expects heads in dimension -3, query's a "
            f"multiple of key's and value's, got {tuple(query.shape)} and {tuple(x.shape)}")
    return x.repeat_interleave(query.shape[-3] // x.shape[-3], -3)


@pg.hookimpl
def register_layers(register):
    register(scaled_dot_product_attention)
