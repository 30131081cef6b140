"""ViT: an image read like a sentence of patches."""

import plugrad as pg
from plugrad import nn


class ViT(nn.Module):
    """A transformer encoder over patches, and a linear layer on a token of its own

    x: (N, 3, img_size, img_size)   y: (N, num_classes)   (Dosovitskiy et al., 2021)
    """

    layers, heads, width = 12, 12, 768

    def __init__(self, img_size=224, patch_size=16, num_classes=1000, in_chans=3, dropout=0.0):
        super().__init__()
        self.patches = nn.PatchEmbed(img_size, patch_size, in_chans, self.width)
        self.token = nn.Parameter(pg.zeros(1, 1, self.width))
        self.places = nn.Parameter(pg.empty((1, 1 + self.patches.num_patches, self.width)))
        nn.init.normal_(self.places, 0, 0.02)
        self.dropout = nn.Dropout(dropout)
        layer = nn.TransformerEncoderLayer(self.width, self.heads, 4 * self.width, dropout, "gelu",
                                           layer_norm_eps=1e-6, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, self.layers,
                                             nn.LayerNorm(self.width, eps=1e-6))
        self.head = nn.Linear(self.width, num_classes)

    @classmethod
    def example(cls):
        return cls(4, 2, 3), (pg.randn(2, 3, 4, 4),)

    def forward(self, x):
        x = self.patches(x)
        x = pg.cat([self.token.expand(len(x), -1, -1), x], 1)
        return self.head(self.encoder(self.dropout(x + self.places))[:, 0])


class ViTTiny(ViT):
    """ViT of width 192 with 3 heads        (Touvron et al., 2021)"""

    heads, width = 3, 192


class ViTSmall(ViT):
    """ViT of width 384 with 6 heads        (Touvron et al., 2021)"""

    heads, width = 6, 384


class ViTBase(ViT):
    """ViT of width 768 with 12 heads        (Dosovitskiy et al., 2021)"""


@pg.hookimpl
def register_models(register):
    register(ViTTiny)
    register(ViTSmall)
    register(ViTBase)
