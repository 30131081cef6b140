"""Matrix products and convolutions, with their numbers of operations; and their neighbors' shapes.

A kernel may be good at the shapes of the table alone.  NEIGHBORS has each of them with one
dimension larger or smaller by 1, and the name of the shape that it is to be compared with.
"""

from . import flops


def gemm(m, k, n):
    """a @ b, which NumPy has too"""
    def make(lib):
        randn = getattr(lib, "randn", None) or numpy_randn(lib)
        a, b = randn(m, k), randn(k, n)
        return lambda: a @ b
    make.__doc__ = f"({m}, {k}) @ ({k}, {n})"
    make.flops = 2 * m * k * n
    make.libraries = ("torch", "plugrad", "numpy")
    return make


def numpy_randn(numpy):
    return lambda *shape: numpy.random.randn(*shape).astype("float32")


def convolution(way, n, channels, size, filters, kernel, first=False, **options):
    """One way through a convolution of square images; `first`: with no gradient of the input."""
    def make(lib):
        x = lib.randn(n, channels, size, size, requires_grad=not first)
        layer = lib.nn.Conv2d(channels, filters, kernel, **options)
        if way == "forward":
            return lambda: layer(x)
        y = layer(x)
        wanted = [*layer.parameters(), *([] if first else [x])]
        g = lib.randn(*y.shape)
        return lambda: lib.autograd.grad(y, wanted, g, retain_graph=True)

    said = "".join(f", {key} {value}" for key, value in options.items())
    make.__doc__ = (f"({n}, {channels}, {size}, {size}), {filters} filters "
                    f"{kernel}x{kernel}{said}, {way}"
                    + ", no gradient of the input" * (first and way == "backward"))
    out = (size + 2 * options.get("padding", 0) - kernel) // options.get("stride", 1) + 1
    make.flops = flops.convolution(n, channels, filters, kernel, out * out,
                                   options.get("groups", 1))
    make.flops *= 1 if way == "forward" else 2 - first
    return make


GEMM = [(8, 8, 8), (32, 32, 32), (128, 128, 128), (512, 512, 512), (100, 16, 16), (64, 784, 100),
        (6, 25, 36864), (16, 150, 6400), (64, 144, 65536)]
BARE = {"padding": 1, "bias": False}
CONV = {                          # images, channels, size, filters, kernel
    "lenet1": ((64, 1, 28, 6, 5), {"padding": 2, "first": True}),
    "lenet2": ((64, 6, 14, 16, 5), {}),
    "resnet0": ((64, 3, 32, 16, 3), BARE | {"first": True}),
    "resnet1": ((64, 16, 32, 16, 3), BARE),
    "resnet1to2": ((64, 16, 32, 32, 3), BARE | {"stride": 2}),
    "resnet2": ((64, 32, 16, 32, 3), BARE),
    "resnet2to3": ((64, 32, 16, 64, 3), BARE | {"stride": 2}),
    "resnet3": ((64, 64, 8, 64, 3), BARE),
    "1x1": ((64, 64, 16, 64, 1), {}),
    "depthwise": ((64, 32, 16, 32, 3), {"padding": 1, "groups": 32}),
}
WAYS = ("forward", "backward")


TABLE = {f"gemm-{'x'.join(map(str, sizes))}": gemm(*sizes) for sizes in GEMM}
TABLE |= {f"conv-{name}-{way}": convolution(way, *sizes, **options)
          for name, (sizes, options) in CONV.items() for way in WAYS}


def nearby(sizes, letters):
    """(name of the change, sizes) with one of the sizes larger or smaller by 1."""
    for i, letter in enumerate(letters):
        for change in (-1, 1):
            if sizes[i] + change > 0:
                yield f"{letter}{change:+d}", (*sizes[:i], sizes[i] + change, *sizes[i + 1:])


NEIGHBORS = {}                    # name: (what to time, name of the shape in the table)
for sizes in GEMM:
    name = f"gemm-{'x'.join(map(str, sizes))}"
    for change, others in nearby(sizes, "mkn"):
        NEIGHBORS[f"{name},{change}"] = gemm(*others), name
for short, (sizes, options) in CONV.items():
    for way in WAYS if short != "depthwise" else ():           # its channels are its groups
        name = f"conv-{short}-{way}"
        for change, others in nearby(sizes, ["n", "channels", "size", "filters", "kernel"]):
            NEIGHBORS[f"{name},{change}"] = convolution(way, *others, **options), name
