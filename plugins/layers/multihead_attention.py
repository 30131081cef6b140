"""MultiheadAttention: several queries of each place, about different things."""

# Longer than other plugins: PyTorch's function has 25 arguments, and masks come in many forms.

from math import sqrt

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F

NAME = "multi_head_attention_forward"


def projected(query, key, value, weights, biases):
    """W_q query, W_k key and W_v value; what is the same tensor is multiplied once."""
    if len(weights) == 3:
        return [F.linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases)]
    (w,), (b,), n = weights, biases, query.shape[-1]
    if query is key is value:
        return F.linear(query, w, b).chunk(3, -1)
    if key is value:
        first, rest = (None, None) if b is None else (b[:n], b[n:])
        return [F.linear(query, w[:n], first), *F.linear(key, w[n:], rest).chunk(2, -1)]
    return projected(query, key, value, w.chunk(3), (None,) * 3 if b is None else b.chunk(3))


def added(mask, like, what, shapes):
    """A mask, True for what is hidden or numbers, as numbers for the scores (N, heads, L, S).

    shapes: those that are allowed, each with what it becomes.   Raises RuntimeError for others.
    """
    if mask is None:
        return 0
    if tuple(mask.shape) not in shapes or mask.dtype not in (pg.bool, like.dtype):
        raise RuntimeError(
            f"{NAME}: expected {what} of shape {' or '.join(map(str, shapes))} and dtype bool or "
            f"{like.dtype}, got {tuple(mask.shape)} and {mask.dtype}")
    if mask.dtype is pg.bool:
        mask = pg.zeros(mask.shape, dtype=like.dtype).masked_fill(mask, -pg.inf)
    return mask.reshape(shapes[tuple(mask.shape)])


def checked(query, key, value, embed_dim, num_heads):
    """Raise unless these are sequences, or batches of them, that fit."""
    q, k, v = (tuple(x.shape) for x in (query, key, value))
    if len(q) not in (2, 3) or not len(q) == len(k) == len(v) or q[-1] != embed_dim or (
            k[:-1] != v[:-1] or q[1:-1] != k[1:-1]):
        raise RuntimeError(f"{NAME}: expected query (L, N, {embed_dim}), key and value (S, N, "
                           f"...), or all without N, got {q}, {k} and {v}; with batch_first N and "
                           "L or S change places")
    if embed_dim % num_heads:
        raise ValueError(f"{NAME}: embed_dim={embed_dim} must be divisible by "
                         f"num_heads={num_heads}")


def multi_head_attention_forward(
        query, key, value, embed_dim_to_check, num_heads, in_proj_weight, in_proj_bias, bias_k,
        bias_v, add_zero_attn, dropout_p, out_proj_weight, out_proj_bias, training=True,
        key_padding_mask=None, need_weights=True, attn_mask=None, use_separate_proj_weight=False,
        q_proj_weight=None, k_proj_weight=None, v_proj_weight=None, static_k=None, static_v=None,
        average_attn_weights=True, is_causal=False):
    """What nn.MultiheadAttention computes: see there; the output, and the weights or None.

    query: (L, N, E)   key, value: (S, N, ...), or all without N
    static_k, static_v: (N * heads, S, E / heads), each in the place of a projection.
    Raises RuntimeError for shapes that do not fit.
    """
    checked(query, key, value, embed_dim_to_check, num_heads)
    if is_causal and attn_mask is None:
        raise RuntimeError(f"{NAME}: is_causal=True is a hint that attn_mask hides the future; "
                           "expected such an attn_mask with it, got None")
    single, H = query.ndim == 2, num_heads
    turned = {id(x): x.unsqueeze(0) if single else x.transpose(0, 1) for x in (query, key, value)}
    query, key, value = (turned[id(x)] for x in (query, key, value))            # (N, L, E)
    (N, L, E), S = query.shape, key.shape[1]
    weights, biases = [in_proj_weight], [in_proj_bias]
    if use_separate_proj_weight:
        weights = q_proj_weight, k_proj_weight, v_proj_weight
        biases = [None] * 3 if in_proj_bias is None else in_proj_bias.chunk(3)
    q, k, v = projected(query, key, value, weights, biases)
    if bias_k is not None:
        k, v = pg.cat([k, bias_k.expand(N, 1, E)], 1), pg.cat([v, bias_v.expand(N, 1, E)], 1)
    q, k, v = (x.unflatten(-1, (H, E // H)).transpose(1, 2) for x in (q, k, v))  # (N, H, L, E / H)
    k = k if static_k is None else static_k.unflatten(0, (N, H))
    v = v if static_v is None else static_v.unflatten(0, (N, H))
    if add_zero_attn:
        k, v = (F.pad(x, (0, 0, 0, 1)) for x in (k, v))
    is_causal = is_causal and key_padding_mask is None and not need_weights
    mask = added(None if is_causal else attn_mask, q, "attn_mask",
                 {(L, S): (1, 1, L, S), (N * H, L, S): (N, H, L, S)})
    mask = mask + added(key_padding_mask, q, "key_padding_mask",
                        {(S,) if single else (N, S): (N, 1, 1, S)})
    mask = None if isinstance(mask, int) else F.pad(mask, (0, k.shape[2] - S))
    dropout_p = dropout_p if training else 0.0
    if need_weights:
        scores = (q * sqrt(1 / q.shape[-1])) @ k.mT
        weights = F.softmax(scores if mask is None else scores + mask, -1)
        weights = F.dropout(weights, dropout_p)
        y = weights @ v
        weights = weights.mean(1) if average_attn_weights else weights
    else:
        y = F.scaled_dot_product_attention(q, k, v, mask, dropout_p, is_causal)
    y = F.linear(y.transpose(1, 2).flatten(2), out_proj_weight, out_proj_bias)  # (N, L, E)
    y = y.squeeze(0) if single else y.transpose(0, 1)
    return y, (weights.squeeze(0) if single else weights) if need_weights else None


class NonDynamicallyQuantizableLinear(nn.Linear):
    """A Linear under the name that PyTorch prints here."""


class MultiheadAttention(nn.Module):
    """y = W_o concat(head_1, ...) + b_o,  head_i = attention(W_q query, W_k key, W_v value)_i

    query: (L, N, E)   key: (S, N, kdim)   value: (S, N, vdim), N first with batch_first, or all
    without N   key_padding_mask: (N, S), attn_mask: (L, S) or (N * heads, L, S): True hides, or
    numbers are added; is_causal says that attn_mask hides the future.  Returns y, like query, and
    the weights (N, L, S), not averaged (N, heads, L, S).  (Vaswani et al., 2017)
    """

    def __init__(self, embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False,
                 add_zero_attn=False, kdim=None, vdim=None, batch_first=False, device=None,
                 dtype=None):
        super().__init__()
        E = self.embed_dim = nn.integer(embed_dim, "MultiheadAttention: embed_dim", least=1)
        self.num_heads = nn.integer(num_heads, "MultiheadAttention: num_heads", least=1)
        if E % num_heads:
            raise ValueError(f"MultiheadAttention: embed_dim={E} must be divisible by "
                             f"num_heads={num_heads}")
        self.kdim, self.vdim = E if kdim is None else kdim, E if vdim is None else vdim
        self.dropout = nn.number(dropout, "MultiheadAttention: dropout", 0, 1)
        self.batch_first, self.head_dim = batch_first, E // num_heads
        self.add_zero_attn = add_zero_attn
        same = self.kdim == self.vdim == E
        shapes = {"in_proj_weight": (3 * E, E) if same else None,
                  "q_proj_weight": None if same else (E, E),
                  "k_proj_weight": None if same else (E, self.kdim),
                  "v_proj_weight": None if same else (E, self.vdim),
                  "in_proj_bias": (3 * E,) if bias else None}
        options = {"device": device, "dtype": dtype}
        self.add_parameters(shapes, options)
        self.out_proj = NonDynamicallyQuantizableLinear(E, E, bias=bias, **options)
        self.add_parameters(dict.fromkeys(("bias_k", "bias_v"), (1, 1, E) if add_bias_kv else None),
                            options)
        self._reset_parameters()

    def add_parameters(self, shapes, options):
        """Register a Parameter of each shape, None for one that is left out."""
        for name, shape in shapes.items():
            x = None if shape is None else nn.Parameter(pg.empty(shape, **options))
            self.register_parameter(name, x)

    def _reset_parameters(self):
        for name, parameter in self.named_parameters():
            if name in ("bias_k", "bias_v"):
                nn.init.xavier_normal_(parameter)
            elif name.startswith("in_proj_bias") or name == "out_proj.bias":
                nn.init.zeros_(parameter)
            elif name != "out_proj.weight":
                nn.init.xavier_uniform_(parameter)

    @staticmethod
    def example():
        x = pg.randn(3, 2, 4)
        return MultiheadAttention(4, 2), (x, x + 1, x - 1)

    def forward(self, query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None,
                average_attn_weights=True, is_causal=False):
        if self.batch_first and query.ndim == 3:
            turned = {id(x): x.transpose(0, 1) for x in (query, key, value)}
            query, key, value = (turned[id(x)] for x in (query, key, value))
        y, weights = F.multi_head_attention_forward(
            query, key, value, self.embed_dim, self.num_heads, self.in_proj_weight,
            self.in_proj_bias, self.bias_k, self.bias_v, self.add_zero_attn, self.dropout,
            self.out_proj.weight, self.out_proj.bias, self.training, key_padding_mask,
            need_weights, attn_mask, self.in_proj_weight is None, self.q_proj_weight,
            self.k_proj_weight, self.v_proj_weight, average_attn_weights=average_attn_weights,
            is_causal=is_causal)
        return y.transpose(0, 1) if self.batch_first and y.ndim == 3 else y, weights


@pg.hookimpl
def register_layers(register):
    register(MultiheadAttention, functional=multi_head_attention_forward)
