"""TransformerDecoder: copies of a layer, one after the other, that look into a memory."""

from copy import deepcopy

import plugrad as pg
from plugrad import nn


class TransformerDecoder(nn.Module):
    """x <- layer(x, memory), num_layers times, and at the end norm(x) if there is a norm

    decoder_layer: a module like TransformerDecoderLayer, copied for each layer.  tgt_is_causal:
    None finds out whether tgt_mask hides the future.
    """

    def __init__(self, decoder_layer, num_layers, norm=None):
        super().__init__()
        self.num_layers = nn.integer(num_layers, "TransformerDecoder: num_layers", least=0)
        self.layers = nn.ModuleList([deepcopy(decoder_layer) for _ in range(self.num_layers)])
        self.norm = norm

    @staticmethod
    def example():
        layer, inputs = nn.TransformerDecoderLayer.example()
        return TransformerDecoder(layer, 1), inputs

    def forward(self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None,
                memory_key_padding_mask=None, tgt_is_causal=None, memory_is_causal=False):
        if tgt_is_causal is None:
            tgt_is_causal = nn.Transformer.hides_the_future(tgt_mask)
        for layer in self.layers:
            tgt = layer(tgt, memory, tgt_mask=tgt_mask, memory_mask=memory_mask,
                        tgt_key_padding_mask=tgt_key_padding_mask,
                        memory_key_padding_mask=memory_key_padding_mask,
                        tgt_is_causal=tgt_is_causal, memory_is_causal=memory_is_causal)
        return tgt if self.norm is None else self.norm(tgt)


@pg.hookimpl
def register_layers(register):
    register(TransformerDecoder)
