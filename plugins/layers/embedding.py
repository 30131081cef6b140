"""Embedding: a vector for each number, learned."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


class Embedding(nn.EmbeddingTable):
    """y = weight[x]        x: (*) of integers below num_embeddings   y: (*, embedding_dim)

    weight (num_embeddings, embedding_dim) begins normal with mean 0 and variance 1; padding_idx:
    this row begins as 0 and gets no gradient.   See F.embedding for the other options.
    """

    printed = (("padding_idx", None), ("max_norm", None), ("norm_type", 2.0),
               ("scale_grad_by_freq", False))

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None, max_norm=None,
                 norm_type=2.0, scale_grad_by_freq=False, sparse=False, _weight=None,
                 _freeze=False, device=None, dtype=None):
        super().__init__(num_embeddings, embedding_dim, padding_idx, max_norm, norm_type,
                         scale_grad_by_freq, sparse, _weight, _freeze, device, dtype)

    @classmethod
    def from_pretrained(cls, embeddings, freeze=True, padding_idx=None, max_norm=None,
                        norm_type=2.0, scale_grad_by_freq=False, sparse=False):
        """An Embedding with this weight (V, D), which does not learn unless freeze=False."""
        if embeddings.ndim != 2:
            raise ValueError("Embedding.from_pretrained: expected 2 dimensions (V, D), got shape "
                             f"{tuple(embeddings.shape)}")
        return cls(*embeddings.shape, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse,
                   _weight=embeddings, _freeze=freeze)

    @staticmethod
    def example():
        return Embedding(5, 2), pg.tensor([[3, 0, 4], [1, 2, 1]])

    def forward(self, x):
        return F.embedding(x, self.weight, self.padding_idx, self.max_norm, self.norm_type,
                           self.scale_grad_by_freq)


@pg.hookimpl
def register_layers(register):
    register(Embedding)
