"""A text as samples for a model that says what comes next."""

import operator

from plugrad.data.dataset import Dataset, index_array
from plugrad.ops.create import from_numpy, tensor
from plugrad.tensor.arguments import integer


class CharDataset(Dataset):
    """Sample i is (tokens[i : i + context], tokens[i + 1 : i + context + 1]), int64 (context,)

    tokens: the numbers of the characters of `text` in `chars`, which are all that it has in order
    if None; encode and decode lead there and back.   Raises ValueError for too short a text.
    """

    def __init__(self, text, context=64, chars=None):
        name = type(self).__name__
        if not isinstance(text, str):
            raise TypeError(f"{name}: expected a text, got {type(text).__name__}; a file's is "
                            "Path(...).read_text()")
        self.context = integer(context, f"{name}: context", least=1)
        if len(text) <= context:
            raise ValueError(f"{name}: expected a text longer than context={context}, got "
                             f"{len(text)} characters")
        self.text = text
        self.chars = "".join(sorted(set(text)) if chars is None else chars)
        self._numbers = {char: number for number, char in enumerate(self.chars)}
        self.tokens = self.encode(text)

    def encode(self, text):
        """The numbers of the characters, int64 (length,).  ValueError for one not in `chars`."""
        try:
            return tensor([self._numbers[char] for char in text]).long()
        except KeyError as error:
            raise ValueError(f"{type(self).__name__}: expected characters of the alphabet "
                             f"{self.chars!r}, got {error.args[0]!r}") from None

    def decode(self, tokens):
        """The text of numbers, given as a tensor or a list."""
        return "".join(self.chars[int(token)] for token in tokens)

    def __getitem__(self, index):
        i = range(len(self))[operator.index(index)]
        return self.tokens[i:i + self.context], self.tokens[i + 1:i + self.context + 1]

    def __getbatch__(self, indices):
        first = index_array([range(len(self))[i] for i in indices])
        at = from_numpy(first).unsqueeze(1) + from_numpy(index_array(range(self.context + 1)))
        rows = self.tokens[at]                                      # (N, context + 1)
        return [rows[:, :-1], rows[:, 1:]]

    def __len__(self):
        return len(self.tokens) - self.context
