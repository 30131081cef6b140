"""TransformerDecoderLayer: every place looks back, then into another sequence."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


class TransformerDecoderLayer(nn.Module):
    """x <- norm1(x + attention(x)),   x <- norm2(x + attention(x, memory)),
    x <- norm3(x + W_2 activation(W_1 x))                                   (Vaswani et al., 2017)

    tgt: (T, N, d_model), memory: (S, N, d_model), N first with batch_first, or both without N.
    Options, masks and norm_first as in nn.TransformerEncoderLayer.
    """

    def __init__(self, d_model, nhead, dim_feedforward=2048, dropout=0.1, activation=F.relu,
                 layer_norm_eps=1e-5, batch_first=False, norm_first=False, bias=True, device=None,
                 dtype=None):
        super().__init__()
        options = {"bias": bias, "device": device, "dtype": dtype}
        for name in ("self_attn", "multihead_attn"):
            self.add_module(name, nn.MultiheadAttention(d_model, nhead, dropout=dropout,
                                                        batch_first=batch_first, **options))
        self.linear1 = nn.Linear(d_model, dim_feedforward, **options)
        self.dropout = nn.Dropout(dropout)
        self.linear2 = nn.Linear(dim_feedforward, d_model, **options)
        self.norm_first = norm_first
        for name in ("norm1", "norm2", "norm3"):
            self.add_module(name, nn.LayerNorm(d_model, layer_norm_eps, **options))
        for name in ("dropout1", "dropout2", "dropout3"):
            self.add_module(name, nn.Dropout(dropout))
        self.activation = activation
        if isinstance(activation, str):
            if activation not in ("relu", "gelu"):
                raise RuntimeError("TransformerDecoderLayer: expected activation 'relu', 'gelu' or "
                                   f"a function, got {activation!r}")
            self.activation = getattr(F, activation)

    @staticmethod
    def example():
        layer = TransformerDecoderLayer(3, 1, 1, activation="gelu", bias=False)
        return layer, (pg.randn(2, 1, 3), pg.randn(2, 1, 3))

    def forward(self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None,
                memory_key_padding_mask=None, tgt_is_causal=False, memory_is_causal=False):
        def attend(x):
            y, _ = self.self_attn(x, x, x, tgt_key_padding_mask, False, tgt_mask,
                                  is_causal=tgt_is_causal)
            return self.dropout1(y)

        def look(x):
            y, _ = self.multihead_attn(x, memory, memory, memory_key_padding_mask, False,
                                       memory_mask, is_causal=memory_is_causal)
            return self.dropout2(y)

        def feed(x):
            y = self.linear2(self.dropout(self.activation(self.linear1(x))))
            return self.dropout3(y)

        x = tgt
        for norm, branch in ((self.norm1, attend), (self.norm2, look), (self.norm3, feed)):
            x = x + branch(norm(x)) if self.norm_first else norm(x + branch(x))
        return x


@pg.hookimpl
def register_layers(register):
    register(TransformerDecoderLayer)
