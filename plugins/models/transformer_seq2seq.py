"""TransformerSeq2Seq: one sequence of tokens into another."""

import plugrad as pg
from plugrad import nn


class TransformerSeq2Seq(nn.Module):
    """Scores of the next token of the target at every place        (Vaswani et al., 2017)

    source: integers (N, S)   target: (N, T)   scores: (N, T, target_vocabulary)
    pad: the token that fills up short sequences, which nobody looks at.
    """

    def __init__(self, source_vocabulary, target_vocabulary, width=512, heads=8, layers=6,
                 feedforward=2048, dropout=0.1, max_len=5000, pad=None):
        super().__init__()
        self.width, self.pad = width, pad
        self.source = nn.Embedding(source_vocabulary, width, padding_idx=pad)
        self.target = nn.Embedding(target_vocabulary, width, padding_idx=pad)
        self.places = nn.PositionalEncoding(width, dropout, max_len, batch_first=True)
        self.transformer = nn.Transformer(width, heads, layers, layers, feedforward, dropout,
                                          batch_first=True)
        self.head = nn.Linear(width, target_vocabulary)

    @staticmethod
    def example():
        return (TransformerSeq2Seq(5, 6, 8, 2, 1, 8, 0.0),
                (pg.tensor([[0, 4, 2]]), pg.tensor([[1, 5]])))

    def forward(self, source, target):
        hidden = [None if self.pad is None else tokens == self.pad for tokens in (source, target)]
        future = nn.Transformer.generate_square_subsequent_mask(target.shape[1])
        x, y = (self.places(table(tokens) * self.width ** 0.5)
                for table, tokens in ((self.source, source), (self.target, target)))
        if self.pad is not None:
            future = future < 0                       # masks of one kind: both bool
        y = self.transformer(x, y, tgt_mask=future, src_key_padding_mask=hidden[0],
                             tgt_key_padding_mask=hidden[1], memory_key_padding_mask=hidden[0],
                             tgt_is_causal=True)
        return self.head(y)

    @pg.no_grad()
    def generate(self, source, begin, length):
        """The likeliest tokens, one after the other, behind `begin`: (N, 1 + length)."""
        target = pg.full((len(source), 1), begin, dtype=pg.int64)
        for _ in range(length):
            target = pg.cat([target, self(source, target)[:, -1:].argmax(-1)], 1)
        return target


@pg.hookimpl
def register_models(register):
    register(TransformerSeq2Seq)
