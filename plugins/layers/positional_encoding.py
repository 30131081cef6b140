"""PositionalEncoding: attention does not see the order of a sequence unless it is told."""

from math import log

import plugrad as pg
from plugrad import nn


class PositionalEncoding(nn.Module):
    """y = dropout(x + P),  P[t, 2i] = sin(t / 10000^(2i / d_model)),  P[t, 2i + 1] = cos of that

    x: (T, N, d_model), (N, T, d_model) with batch_first, or (T, d_model); T is at most max_len, or
    RuntimeError.  (Vaswani et al., 2017)
    """

    def __init__(self, d_model, dropout=0.1, max_len=5000, batch_first=False):
        super().__init__()
        self.d_model = nn.integer(d_model, "PositionalEncoding: d_model", least=1)
        self.max_len = nn.integer(max_len, "PositionalEncoding: max_len", least=1)
        self.batch_first, self.dropout = batch_first, nn.Dropout(dropout)
        t = pg.arange(max_len, dtype=pg.float64).unsqueeze(1)
        angles = t * (pg.arange(0, d_model, 2, dtype=pg.float64) * (-log(1e4) / d_model)).exp()
        pe = pg.stack([angles.sin(), angles.cos()], -1).flatten(1)[:, :d_model]
        self.register_buffer("pe", pe.float())                                # (max_len, d_model)

    @staticmethod
    def example():
        return PositionalEncoding(4, max_len=6), (pg.randn(5, 2, 4),)

    def forward(self, x):
        length = x.shape[1 if self.batch_first and x.ndim == 3 else 0] if x.ndim else 0
        if x.ndim not in (2, 3) or x.shape[-1] != self.d_model or length > self.max_len:
            order = "(N, T, " if self.batch_first else "(T, N, "
            raise RuntimeError(
                f"PositionalEncoding: expected x {order}{self.d_model}) or (T, {self.d_model}) "
                f"with T up to max_len={self.max_len}, got {tuple(x.shape)}")
        pe = self.pe[:length]
        return self.dropout(x + (pe if self.batch_first or x.ndim == 2 else pe.unsqueeze(1)))

    def extra_repr(self):
        return f"{self.d_model}, max_len={self.max_len}, batch_first={self.batch_first}"


@pg.hookimpl
def register_layers(register):
    register(PositionalEncoding)
