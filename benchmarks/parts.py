"""Networks for the benchmark, made of what both libraries have."""


def resnet20(lib):
    nn = lib.nn

    class Block(nn.Module):
        """Two 3x3 convolutions and a shortcut; where the size changes, the shortcut takes every
        second pixel and fills up with channels of zeros."""

        def __init__(self, inside, outside, stride):
            super().__init__()
            self.conv1 = nn.Conv2d(inside, outside, 3, stride, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(outside)
            self.conv2 = nn.Conv2d(outside, outside, 3, padding=1, bias=False)
            self.bn2 = nn.BatchNorm2d(outside)
            self.stride, self.more = stride, outside - inside

        def forward(self, x):
            y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
            if self.stride > 1:
                x = x[:, :, ::self.stride, ::self.stride]
            if self.more:
                x = nn.functional.pad(x, (0, 0, 0, 0, self.more // 2, self.more // 2))
            return (y + x).relu()

    layers = [nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    inside = 16
    for outside in (16, 32, 64):
        for _ in range(3):
            layers.append(Block(inside, outside, 1 if inside == outside else 2))
            inside = outside
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def GPT(lib, vocabulary, context, width, heads, layers):
    nn = lib.nn

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
            self.gelu = nn.GELU()

        def forward(self, x):
            n, t, _ = x.shape
            q, k, v = (part.reshape(n, t, heads, width // heads).transpose(1, 2)
                       for part in self.qkv(self.norm1(x)).chunk(3, dim=-1))
            seen = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(seen.transpose(1, 2).reshape(n, t, width))
            return x + self.down(self.gelu(self.up(self.norm2(x))))

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens = nn.Embedding(vocabulary, width)
            self.places = nn.Parameter(lib.randn(context, width) * 0.02)
            self.blocks = nn.Sequential(*(Block() for _ in range(layers)))
            self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)

        def forward(self, i):
            return self.head(self.norm(self.blocks(self.tokens(i) + self.places)))

    return Net()


def CharLSTM(lib, vocabulary, hidden):
    nn = lib.nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens = nn.Embedding(vocabulary, hidden)
            self.lstm = nn.LSTM(hidden, hidden, batch_first=True)
            self.head = nn.Linear(hidden, vocabulary)

        def forward(self, i):
            return self.head(self.lstm(self.tokens(i))[0])

    return Net()
