"""GPT: a transformer that only looks back."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F

# layers, heads, width: Table 2.1 of Brown et al. (2020), but for two rows that don't work out, xl
# with 24 heads and 13B of width 5140: heads are 128 wide there.
SIZES = {"small": (12, 12, 768), "medium": (24, 16, 1024), "large": (24, 16, 1536),
         "xl": (24, 16, 2048), "2.7B": (32, 32, 2560), "6.7B": (32, 32, 4096),
         "13B": (40, 40, 5120), "175B": (96, 96, 12288)}


class GPTBlock(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x))        x: (N, T, width)"""

    def __init__(self, width, heads, dropout):
        super().__init__()
        self.heads, self.p = heads, dropout
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(),
                                 nn.Linear(4 * width, width), nn.Dropout(dropout))

    def forward(self, x):
        q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2)
                   for part in self.qkv(self.norm1(x)).chunk(3, -1))
        seen = F.scaled_dot_product_attention(q, k, v, dropout_p=self.p if self.training else 0.0,
                                              is_causal=True)
        x = x + F.dropout(self.out(seen.transpose(1, 2).flatten(2)), self.p, self.training)
        return x + self.mlp(self.norm2(x))


class GPT(nn.Module):
    """Scores of the next token at every place        (Radford et al., 2019)

    tokens: integers (N, T), T <= context   scores: (N, T, vocabulary)   The table of tokens is the
    matrix of the last layer as well.   GPT.sized("small") has the sizes of GPT-3; inside of
    `with pg.device("meta"):` even "175B" can be made and counted, but not run.
    """

    def __init__(self, vocabulary, context, layers=4, heads=4, width=128, dropout=0.0):
        super().__init__()
        if width % heads:
            raise ValueError(f"GPT: width={width} must be divisible by heads={heads}")
        self.context = nn.integer(context, "GPT: context", least=1)
        self.tokens, self.places = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.blocks = nn.Sequential(*(GPTBlock(width, heads, dropout) for _ in range(layers)))
        self.norm = nn.LayerNorm(width)
        for name, p in self.named_parameters():
            if p.ndim > 1:
                last = name.endswith(("out.weight", "mlp.2.weight"))
                nn.init.normal_(p, 0, 0.02 / (2 * layers) ** 0.5 if last else 0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(p)

    @classmethod
    def sized(cls, name, vocabulary=50257, context=2048, **options):
        """The model with layers, heads and width of a row of GPT-3's table, such as "small"."""
        layers, heads, width = SIZES[nn.choice(name, "GPT: size", SIZES)]
        return cls(vocabulary, context, layers, heads, width, **options)

    @staticmethod
    def example():
        return GPT(5, 4, 2, 2, 8), (pg.tensor([[0, 4, 2], [1, 1, 3]]),)

    def forward(self, tokens):
        if tokens.ndim != 2 or tokens.shape[1] > self.context:
            raise RuntimeError(f"GPT: expected tokens (N, T) with T up to context={self.context}, "
                               f"got {tuple(tokens.shape)}")
        x = self.tokens(tokens) + self.places.weight[:tokens.shape[1]]
        return F.linear(self.norm(self.blocks(x)), self.tokens.weight)


@pg.hookimpl
def register_models(register):
    register(GPT)
