"""TransformerEncoder: copies of a layer, one after the other."""

from copy import deepcopy

import plugrad as pg
from plugrad import nn


class TransformerEncoder(nn.Module):
    """x <- layer(x), num_layers times, and at the end norm(x) if there is a norm

    encoder_layer: a module like TransformerEncoderLayer, copied for each layer.  is_causal: None
    finds out whether mask hides the future.  enable_nested_tensor and mask_check change nothing.
    """

    def __init__(self, encoder_layer, num_layers, norm=None, enable_nested_tensor=True,
                 mask_check=True):
        super().__init__()
        self.num_layers = nn.integer(num_layers, "TransformerEncoder: num_layers", least=0)
        self.layers = nn.ModuleList([deepcopy(encoder_layer) for _ in range(self.num_layers)])
        self.norm = norm
        self.enable_nested_tensor, self.mask_check = enable_nested_tensor, mask_check

    @staticmethod
    def example():
        layer = nn.TransformerEncoderLayer(4, 2, 1, activation="gelu", norm_first=True, bias=False)
        return TransformerEncoder(layer, 1, nn.LayerNorm(4)), (pg.randn(2, 2, 4),)

    def forward(self, src, mask=None, src_key_padding_mask=None, is_causal=None):
        if is_causal is None:
            is_causal = nn.Transformer.hides_the_future(mask)
        for layer in self.layers:
            src = layer(src, src_mask=mask, src_key_padding_mask=src_key_padding_mask,
                        is_causal=is_causal)
        return src if self.norm is None else self.norm(src)


@pg.hookimpl
def register_layers(register):
    register(TransformerEncoder)
