"""CharRNN: what comes next in a text, letter by letter."""

import plugrad as pg
from plugrad import nn

KINDS = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}


class CharRNN(nn.Module):
    """Scores of the next token at every place        (Graves, 2013)

    tokens: integers (N, T)   scores: (N, T, vocabulary)   kind: "rnn", "lstm" or "gru".
    model(tokens) or model(tokens, state) gives (scores, state), to go on from there.
    """

    def __init__(self, vocabulary, hidden=128, layers=1, kind="lstm", dropout=0.0):
        super().__init__()
        nn.choice(kind, "CharRNN: kind", KINDS)
        self.tokens = nn.Embedding(vocabulary, hidden)
        layer = getattr(nn, KINDS[kind])
        self.rnn = layer(hidden, hidden, layers, batch_first=True, dropout=dropout)
        self.head = nn.Linear(hidden, vocabulary)

    @staticmethod
    def example():
        return CharRNN(5, 4), (pg.tensor([[0, 4, 2], [1, 1, 3]]),)

    def forward(self, tokens, state=None):
        h, state = self.rnn(self.tokens(tokens), state)
        return self.head(h), state

    @pg.no_grad()
    def generate(self, tokens, length, temperature=1.0, generator=None):
        """tokens (N, T) and `length` more, drawn from softmax(scores / temperature)."""
        scores, state = self(tokens)
        for _ in range(length):
            p = (scores[:, -1] / temperature).softmax(-1)
            drawn = pg.multinomial(p, 1, generator=generator)
            tokens = pg.cat([tokens, drawn], 1)
            scores, state = self(drawn, state)
        return tokens


@pg.hookimpl
def register_models(register):
    register(CharRNN)
