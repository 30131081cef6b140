"""Transformer: an encoder reads one sequence, a decoder writes another."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


class Transformer(nn.Module):
    """y = decoder(tgt, encoder(src))                                    (Vaswani et al., 2017)

    src: (S, N, d_model), tgt and y: (T, N, d_model), N first with batch_first, or all without N.
    Layers as nn.TransformerEncoderLayer and nn.TransformerDecoderLayer, a LayerNorm behind each
    stack; weights begin as xavier_uniform_ has them.  Raises RuntimeError for other shapes.
    """

    def __init__(self, d_model=512, nhead=8, num_encoder_layers=6, num_decoder_layers=6,
                 dim_feedforward=2048, dropout=0.1, activation=F.relu, custom_encoder=None,
                 custom_decoder=None, layer_norm_eps=1e-5, batch_first=False, norm_first=False,
                 bias=True, device=None, dtype=None):
        super().__init__()
        options = {"bias": bias, "device": device, "dtype": dtype}
        layer = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first,
                 norm_first)
        self.encoder = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(*layer, **options), num_encoder_layers,
            nn.LayerNorm(d_model, layer_norm_eps, **options),
        ) if custom_encoder is None else custom_encoder
        self.decoder = nn.TransformerDecoder(
            nn.TransformerDecoderLayer(*layer, **options), num_decoder_layers,
            nn.LayerNorm(d_model, layer_norm_eps, **options),
        ) if custom_decoder is None else custom_decoder
        self._reset_parameters()
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first

    def _reset_parameters(self):
        for parameter in self.parameters():
            if parameter.ndim > 1:
                nn.init.xavier_uniform_(parameter)

    @staticmethod
    def example():
        model = Transformer(3, 1, 0, 1, 1, activation="gelu", bias=False)
        return model, (pg.randn(2, 1, 3), pg.randn(2, 1, 3))

    @staticmethod
    def generate_square_subsequent_mask(sz, device=None, dtype=None):
        """A mask (sz, sz) that hides the future: -inf above the diagonal, else 0."""
        return pg.full((sz, sz), -pg.inf, dtype=dtype, device=device).triu(1)

    @staticmethod
    def hides_the_future(mask):
        """Whether the mask is that one, or the same as bool; attention is faster if it knows."""
        if mask is None or mask.ndim != 2 or mask.shape[0] != mask.shape[1]:
            return False
        value = True if mask.dtype is pg.bool else -pg.inf
        return pg.equal(mask, pg.full_like(mask, value).triu(1))

    def forward(self, src, tgt, src_mask=None, tgt_mask=None, memory_mask=None,
                src_key_padding_mask=None, tgt_key_padding_mask=None, memory_key_padding_mask=None,
                src_is_causal=None, tgt_is_causal=None, memory_is_causal=False):
        n = 0 if self.batch_first else 1
        if (src.ndim != tgt.ndim or (src.ndim == 3 and src.shape[n] != tgt.shape[n])
                or not src.shape[-1] == tgt.shape[-1] == self.d_model):
            order = "(N, S, " if self.batch_first else "(S, N, "
            raise RuntimeError(f"Transformer: expected src {order}{self.d_model}) and tgt the same "
                               f"with T for S, or both without N, got {tuple(src.shape)} and "
                               f"{tuple(tgt.shape)}")
        memory = self.encoder(src, mask=src_mask, src_key_padding_mask=src_key_padding_mask,
                              is_causal=src_is_causal)
        return self.decoder(
            tgt, memory, tgt_mask=tgt_mask, memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask, tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal)


@pg.hookimpl
def register_layers(register):
    register(Transformer)
