"""Single operations."""


def chain(lib):
    """(a*b+a).relu().sum().backward() on 4x4"""
    a, b = lib.randn(4, 4, requires_grad=True), lib.randn(4, 4, requires_grad=True)
    return lambda: (a * b + a).relu().sum().backward()


def op(lib):
    """a * b on 4x4, recorded"""
    a, b = lib.randn(4, 4, requires_grad=True), lib.randn(4, 4, requires_grad=True)
    return lambda: a * b


def gemm(m, k, n):
    def make(lib):
        a, b = lib.randn(m, k), lib.randn(k, n)
        return lambda: a @ b
    make.__doc__ = f"({m}, {k}) @ ({k}, {n})"
    return make


def convolution(shape, filters, kernel, **options):
    def make(lib):
        x = lib.randn(*shape, requires_grad=True)
        layer = lib.nn.Conv2d(shape[1], filters, kernel, **options)

        def both():
            layer(x).sum().backward()
        return both
    make.__doc__ = f"{shape}, {filters} filters {kernel}x{kernel}, {options}, both ways"
    return make


def on(shape, call, what, grad=True):
    """call(lib, x) for a random x, with its gradient."""
    def make(lib):
        x = lib.randn(*shape, requires_grad=grad)
        if not grad:
            return lambda: call(lib, x)
        w = lib.randn(*call(lib, x).shape)
        return lambda: call(lib, x).backward(w)
    make.__doc__ = f"{what} of {shape}" + (", both ways" if grad else "")
    return make


def norm(name, argument, shape):
    def make(lib):
        layer = getattr(lib.nn, name)(argument)
        x, w = lib.randn(*shape, requires_grad=True), lib.randn(*shape)
        return lambda: layer(x).backward(w)
    make.__doc__ = f"{name} of {shape}, both ways"
    return make


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
    **{f"gemm-{m}x{k}x{n}": gemm(m, k, n) for m, k, n in [
        (8, 8, 8), (32, 32, 32), (128, 128, 128), (512, 512, 512), (100, 16, 16), (64, 784, 100),
        (6, 25, 36864), (16, 150, 6400), (64, 144, 65536)]},
    "conv-lenet1": convolution((64, 1, 28, 28), 6, 5, padding=2),
    "conv-lenet2": convolution((64, 6, 14, 14), 16, 5),
    "conv-resnet1": convolution((64, 16, 32, 32), 16, 3, padding=1, bias=False),
    "conv-resnet2": convolution((64, 32, 16, 16), 32, 3, padding=1, bias=False),
    "conv-resnet3": convolution((64, 64, 8, 8), 64, 3, padding=1, bias=False),
    "conv-stride2": convolution((64, 16, 32, 32), 32, 3, padding=1, stride=2, bias=False),
    "conv-1x1": convolution((64, 64, 16, 16), 64, 1),
    "conv-depthwise": convolution((64, 32, 16, 16), 32, 3, padding=1, groups=32),
    "exp": on((256, 1024), lambda lib, x: x.exp(), "exp", grad=False),
    "tanh": on((256, 1024), lambda lib, x: x.tanh(), "tanh"),
    "gelu": on((256, 1024), lambda lib, x: lib.nn.functional.gelu(x), "gelu"),
    "add": on((256, 1024), lambda lib, x: x + x, "x + x", grad=False),
    "sum": on((256, 1024), lambda lib, x: x.sum(), "sum", grad=False),
    "sum-rows": on((256, 1024), lambda lib, x: x.sum(1), "sum along rows", grad=False),
    "sum-columns": on((256, 1024), lambda lib, x: x.sum(0), "sum along columns", grad=False),
    "softmax": on((256, 1024), lambda lib, x: x.softmax(-1), "softmax"),
    "maxpool": on((64, 16, 32, 32), lambda lib, x: lib.nn.functional.max_pool2d(x, 2),
                  "max_pool2d"),
    "layer-norm": norm("LayerNorm", 128, (768, 128)),
    "batch-norm": norm("BatchNorm2d", 16, (64, 16, 32, 32)),
    "sgd": optimizer("SGD", lr=1e-3, momentum=0.9),
    "adam": optimizer("Adam"),
}
