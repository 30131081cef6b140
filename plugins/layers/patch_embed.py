"""PatchEmbed: an image as a sequence of its patches."""

import plugrad as pg
from plugrad import nn


class PatchEmbed(nn.Module):
    """y[n, t] = W x[n, patch t] + b        x: (N, in_chans, H, W)   y: (N, H/P * W/P, embed_dim)

    Patches do not overlap and are taken row by row: a convolution `proj` with kernel and stride P.
    img_size and patch_size: a number, or (height, width).  Raises RuntimeError for other images,
    ValueError if patches do not fill one.  (Dosovitskiy et al., 2021)
    """

    def __init__(self, img_size=224, patch_size=16, in_chans=3, embed_dim=768, bias=True,
                 device=None, dtype=None):
        super().__init__()
        self.img_size = nn.pair(img_size, "PatchEmbed: img_size")
        self.patch_size = nn.pair(patch_size, "PatchEmbed: patch_size")
        (H, W), (PH, PW) = self.img_size, self.patch_size
        if H % PH or W % PW:
            raise ValueError(f"PatchEmbed: img_size={self.img_size} must be divisible by "
                             f"patch_size={self.patch_size}")
        self.grid_size = H // PH, W // PW
        self.num_patches = self.grid_size[0] * self.grid_size[1]
        self.proj = nn.Conv2d(in_chans, embed_dim, self.patch_size, self.patch_size, bias=bias,
                              device=device, dtype=dtype)

    @staticmethod
    def example():
        return PatchEmbed((4, 6), 2, 3, 5), (pg.randn(2, 3, 4, 6),)

    def forward(self, x):
        if x.ndim != 4 or tuple(x.shape[2:]) != self.img_size:
            H, W = self.img_size
            raise RuntimeError(f"PatchEmbed: expected images (N, {self.proj.in_channels}, {H}, "
                               f"{W}), got {tuple(x.shape)}")
        return self.proj(x).flatten(2).transpose(1, 2)

    def extra_repr(self):
        return f"img_size={self.img_size}, num_patches={self.num_patches}"


@pg.hookimpl
def register_layers(register):
    register(PatchEmbed)
