"""EmbeddingBag: the sum, mean or maximum of the vectors of several numbers."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


class EmbeddingBag(nn.EmbeddingTable):
    """y[i] = the sum, mean or max of weight[j] over the numbers j in bag i; 0 for an empty bag

    Call it with x (B, L), whose rows are the bags, or with x (n,) and offsets (B,), where each
    begins; in mode "sum" also with per_sample_weights like x.   y: (B, embedding_dim)
    weight begins as in Embedding.   See F.embedding_bag for the options.
    """

    printed = (("max_norm", None), ("norm_type", 2.0), ("scale_grad_by_freq", False),
               ("mode", None), ("padding_idx", None))

    def __init__(self, num_embeddings, embedding_dim, max_norm=None, norm_type=2.0,
                 scale_grad_by_freq=False, mode="mean", sparse=False, _weight=None,
                 include_last_offset=False, padding_idx=None, device=None, dtype=None):
        super().__init__(num_embeddings, embedding_dim, padding_idx, max_norm, norm_type,
                         scale_grad_by_freq, sparse, _weight, False, device, dtype)
        self.mode = nn.choice(mode, "EmbeddingBag: mode", ("sum", "mean", "max"))
        self.include_last_offset = nn.flag(include_last_offset, "EmbeddingBag: include_last_offset")

    @classmethod
    def from_pretrained(cls, embeddings, freeze=True, max_norm=None, norm_type=2.0,
                        scale_grad_by_freq=False, mode="mean", sparse=False,
                        include_last_offset=False, padding_idx=None):
        """An EmbeddingBag with this weight (V, D), which does not learn unless freeze=False."""
        if embeddings.ndim != 2:
            raise ValueError("EmbeddingBag.from_pretrained: expected 2 dimensions (V, D), got "
                             f"shape {tuple(embeddings.shape)}")
        module = cls(*embeddings.shape, max_norm, norm_type, scale_grad_by_freq, mode, sparse,
                     embeddings, include_last_offset, padding_idx)
        module.weight.requires_grad_(not freeze)
        return module

    @staticmethod
    def example():
        return EmbeddingBag(5, 2), pg.tensor([[3, 0, 4], [1, 2, 1]])

    def forward(self, x, offsets=None, per_sample_weights=None):
        return F.embedding_bag(
            x, self.weight, offsets, self.max_norm, self.norm_type, self.scale_grad_by_freq,
            self.mode, False, per_sample_weights, self.include_last_offset, self.padding_idx)


@pg.hookimpl
def register_layers(register):
    register(EmbeddingBag)
