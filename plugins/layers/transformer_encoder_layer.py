"""TransformerEncoderLayer: every place looks at all others, and then thinks for itself."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


class TransformerEncoderLayer(nn.Module):
    """x <- norm1(x + attention(x)),   x <- norm2(x + W_2 activation(W_1 x))  (Vaswani et al., 2017)

    src: (T, N, d_model), (N, T, d_model) with batch_first, or (T, d_model).  norm_first: x <- x +
    attention(norm1(x)) and so on (Xiong et al., 2020).  activation: "relu", "gelu" or a function.
    Masks and is_causal as in nn.MultiheadAttention.  dropout also acts on the weights.
    """

    def __init__(self, d_model, nhead, dim_feedforward=2048, dropout=0.1, activation=F.relu,
                 layer_norm_eps=1e-5, batch_first=False, norm_first=False, bias=True, device=None,
                 dtype=None):
        super().__init__()
        options = {"bias": bias, "device": device, "dtype": dtype}
        self.self_attn = nn.MultiheadAttention(d_model, nhead, dropout=dropout,
                                               batch_first=batch_first, **options)
        self.linear1 = nn.Linear(d_model, dim_feedforward, **options)
        self.dropout = nn.Dropout(dropout)
        self.linear2 = nn.Linear(dim_feedforward, d_model, **options)
        self.norm_first = norm_first
        self.norm1 = nn.LayerNorm(d_model, layer_norm_eps, **options)
        self.norm2 = nn.LayerNorm(d_model, layer_norm_eps, **options)
        self.dropout1, self.dropout2 = nn.Dropout(dropout), nn.Dropout(dropout)
        self.activation = activation
        if isinstance(activation, str):
            if activation not in ("relu", "gelu"):
                raise RuntimeError("TransformerEncoderLayer: expected activation 'relu', 'gelu' or "
                                   f"a function, got {activation!r}")
            self.activation = getattr(F, activation)

    @staticmethod
    def example():
        return TransformerEncoderLayer(4, 2, 1, activation="gelu", bias=False), (pg.randn(2, 2, 4),)

    def attend(self, x, **masks):
        y, _ = self.self_attn(x, x, x, need_weights=False, **masks)
        return self.dropout1(y)

    def feed(self, x):
        return self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))

    def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False):
        masks = {"attn_mask": src_mask, "key_padding_mask": src_key_padding_mask,
                 "is_causal": is_causal}
        if self.norm_first:
            x = src + self.attend(self.norm1(src), **masks)
            return x + self.feed(self.norm2(x))
        x = self.norm1(src + self.attend(src, **masks))
        return self.norm2(x + self.feed(x))


@pg.hookimpl
def register_layers(register):
    register(TransformerEncoderLayer)
