"""LearnedPositionalEncoding: a vector for each place in a sequence, learned like any weight."""

import plugrad as pg
from plugrad import nn


class LearnedPositionalEncoding(nn.Module):
    """y = dropout(x + W[0 ... T - 1])                  (Gehring et al., 2017; Radford et al., 2018)

    x: (T, N, d_model), (N, T, d_model) with batch_first, or (T, d_model); T is at most max_len, or
    RuntimeError.  W (max_len, d_model) begins normal, with standard deviation 0.02.
    """

    def __init__(self, d_model, dropout=0.1, max_len=512, batch_first=False, device=None,
                 dtype=None):
        super().__init__()
        self.d_model = nn.integer(d_model, "LearnedPositionalEncoding: d_model", least=1)
        self.max_len = nn.integer(max_len, "LearnedPositionalEncoding: max_len", least=1)
        self.batch_first, self.dropout = batch_first, nn.Dropout(dropout)
        self.weight = nn.Parameter(pg.empty((max_len, d_model), device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self):
        """Draw the weight anew."""
        nn.init.normal_(self.weight, std=0.02)

    @staticmethod
    def example():
        return LearnedPositionalEncoding(4, max_len=6), (pg.randn(5, 2, 4),)

    def forward(self, x):
        length = x.shape[1 if self.batch_first and x.ndim == 3 else 0] if x.ndim else 0
        if x.ndim not in (2, 3) or x.shape[-1] != self.d_model or length > self.max_len:
            order = "(N, T, " if self.batch_first else "(T, N, "
            raise RuntimeError(
                f"LearnedPositionalEncoding: expected x {order}{self.d_model}) or "
                f"(T, {self.d_model}) with T up to max_len={self.max_len}, got {tuple(x.shape)}")
        w = self.weight[:length]
        return self.dropout(x + (w if self.batch_first or x.ndim == 2 else w.unsqueeze(1)))

    def extra_repr(self):
        return f"{self.d_model}, max_len={self.max_len}, batch_first={self.batch_first}"


@pg.hookimpl
def register_layers(register):
    register(LearnedPositionalEncoding)
