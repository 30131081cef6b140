"""Single operations."""

from . import products


def chain(lib):
    """(a*b+a).relu().sum().backward() on 4x4"""
    a, b = lib.randn(4, 4, requires_grad=True), lib.randn(4, 4, requires_grad=True)
    return lambda: (a * b + a).relu().sum().backward()


def op(lib):
    """a * b on 4x4, recorded"""
    a, b = lib.randn(4, 4, requires_grad=True), lib.randn(4, 4, requires_grad=True)
    return lambda: a * b


def modules(lib):
    """ten modules that do nothing, called by Sequential"""
    class Nothing(lib.nn.Module):
        def forward(self, x):
            return x

    model, x = lib.nn.Sequential(*(Nothing() for _ in range(10))), lib.ones(1)
    return lambda: model(x)


def functions(lib):
    """ten functions of Python that do nothing, called in a loop: what the row above adds to"""
    def nothing(x):
        return x

    calls, x = [nothing] * 10, lib.ones(1)

    def run(y=x):
        for call in calls:
            y = call(y)
        return y
    return run


def on(shape, call, what, grad=True):
    """call(lib, x) for a random x, with its gradient."""
    def make(lib):
        x = lib.randn(*shape, requires_grad=grad)
        if not grad:
            return lambda: call(lib, x)
        w = lib.randn(tuple(call(lib, x).shape))
        return lambda: call(lib, x).backward(w)
    make.__doc__ = f"{what} of {shape}" + (", both ways" if grad else "")
    return make


def layer(name, arguments, shape, call=lambda layer, x: layer(x)):
    """A layer of nn with these arguments, called with a random x of this shape."""
    def make(lib):
        module = getattr(lib.nn, name)(*arguments)
        x = lib.randn(*shape, requires_grad=True)
        w = lib.randn(tuple(call(module, x).shape))
        return lambda: call(module, x).backward(w)
    make.__doc__ = f"{name}{arguments} of {shape}, both ways"
    return make


def recurrent(layer, x):
    return layer(x)[0]


def self_attention(layer, x):
    return layer(x, x, x, need_weights=False)[0]


def optimizer(name, **options):
    def make(lib):
        ws = [lib.randn(256, 256, requires_grad=True) for _ in range(10)]
        for w in ws:
            w.grad = lib.randn(256, 256)
        o = getattr(lib.optim, name)(ws, **options)
        return o.step
    make.__doc__ = f"{name}.step, ten weights 256x256"
    return make


MICRO = {
    "op": op,
    "chain": chain,
    "modules": modules,
    "functions": functions,
    **products.TABLE,
    "exp": on((256, 1024), lambda lib, x: x.exp(), "exp", grad=False),
    "tanh": on((256, 1024), lambda lib, x: x.tanh(), "tanh"),
    "gelu": on((256, 1024), lambda lib, x: lib.nn.functional.gelu(x), "gelu"),
    "add": on((256, 1024), lambda lib, x: x + x, "x + x", grad=False),
    "sum": on((256, 1024), lambda lib, x: x.sum(), "sum", grad=False),
    "sum-rows": on((256, 1024), lambda lib, x: x.sum(1), "sum along rows", grad=False),
    "sum-columns": on((256, 1024), lambda lib, x: x.sum(0), "sum along columns", grad=False),
    "softmax": on((256, 1024), lambda lib, x: x.softmax(-1), "softmax"),
    "cross-entropy": on((512, 1000), lambda lib, x: lib.nn.functional.cross_entropy(
        x, lib.arange(512)), "cross_entropy"),
    "dropout": on((256, 1024), lambda lib, x: lib.nn.functional.dropout(x, 0.5), "dropout"),
    "embedding": on((1000, 128), lambda lib, x: x[lib.arange(768) * 7 % 1000], "768 rows"),
    "maxpool": on((64, 16, 32, 32), lambda lib, x: lib.nn.functional.max_pool2d(x, 2),
                  "max_pool2d"),
    "avgpool": layer("AvgPool2d", (2,), (64, 16, 32, 32)),
    "adaptive-pool": layer("AdaptiveAvgPool2d", (7,), (16, 64, 14, 14)),
    "layer-norm": layer("LayerNorm", (128,), (768, 128)),
    "rms-norm": layer("RMSNorm", (128,), (768, 128)),
    "group-norm": layer("GroupNorm", (4, 16), (64, 16, 32, 32)),
    "batch-norm": layer("BatchNorm2d", (16,), (64, 16, 32, 32)),
    "batch-norm3": layer("BatchNorm2d", (64,), (64, 64, 8, 8)),
    "rnn": layer("RNN", (128, 128), (50, 32, 128), recurrent),
    "gru": layer("GRU", (128, 128), (50, 32, 128), recurrent),
    "attention": layer("MultiheadAttention", (128, 4, 0.0, True, False, False, None, None, True),
                       (12, 64, 128), self_attention),
    "upsample": layer("Upsample", (None, 2, "bilinear"), (16, 16, 16, 16)),
    "sgd": optimizer("SGD", lr=1e-3, momentum=0.9),
    "adam": optimizer("Adam"),
    "adadelta": optimizer("Adadelta"),
}
