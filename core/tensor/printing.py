"""How a tensor prints: the same text that PyTorch prints."""

import math
from types import SimpleNamespace

import numpy as np
from plugrad.tensor import dtypes

DEFAULT = {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80}
PROFILES = {"default": DEFAULT, "short": DEFAULT | {"precision": 2, "edgeitems": 2},
            "full": DEFAULT | {"threshold": math.inf}}
options = SimpleNamespace(**DEFAULT, sci_mode=None)


def set_printoptions(precision=None, threshold=None, edgeitems=None, linewidth=None, profile=None,
                     sci_mode=None):
    """How tensors print from here on; what is None stays as it is, but for sci_mode

    precision: digits after the point.   threshold: larger tensors are summed up by `edgeitems`
    elements at either end of each dimension.   linewidth: characters.   profile: "default", "short"
    or "full", all four.   sci_mode: always or never as 1.0e+00; None: where sizes differ widely.
    """
    if profile is not None and profile not in PROFILES:
        raise ValueError("set_printoptions: expected profile 'default', 'short' or 'full', got "
                         f"{profile!r}")
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems,
             "linewidth": linewidth}
    given = {name: value for name, value in given.items() if value is not None}
    for name, value in given.items():
        if not (type(value) is int or value == math.inf) or value < 0:
            raise ValueError(f"set_printoptions: expected {name} to be an int from 0, got "
                             f"{value!r}")
    vars(options).update(PROFILES.get(profile, {}) | given, sci_mode=sci_mode)


def tensor_text(x):
    """tensor([[1., 2.],
               [3., 4.]], requires_grad=True)"""
    array = x.detach().numpy()
    prefix = "tensor("
    suffixes = []
    if x.is_meta:
        body = "..."
        suffixes += ["device='meta'", f"size={tuple(array.shape)}"]
    elif array.size == 0:
        body = "[]"
    else:
        write = _Numbers(array)
        body = _block(array, len(prefix), write, array.size > options.threshold)
    if not x.is_meta and (array.ndim != 1 if array.size == 0 else options.edgeitems == 0):
        suffixes.append(f"size={tuple(array.shape)}")
    usual = {dtypes.get_default_dtype()} | (
        {dtypes.int64, dtypes.bool_} if array.size and not x.is_meta else set())
    if x.dtype not in usual:
        suffixes.append(f"dtype={x.dtype}")
    if x.grad_fn is not None:
        suffixes.append(f"grad_fn=<{x.grad_fn.name()}>")
    elif x.requires_grad:
        suffixes.append("requires_grad=True")
    text = prefix + body
    last = len(text) - text.rfind("\n") + 1           # as PyTorch counts
    for suffix in suffixes:
        if last + len(suffix) + 2 > options.linewidth:
            text += ",\n" + " " * len(prefix) + suffix
            last = len(prefix) + len(suffix)
        else:
            text += ", " + suffix
            last += len(suffix) + 2
    return text + ")"


class _Numbers:
    """Writes the numbers of one tensor.

    They share a width, but for a few that PyTorch does not count: zeros, infinities and NaN.
    """

    def __init__(self, array):
        shown = _shown(array) if array.size > options.threshold else array.reshape(-1)
        self.form = "{}"
        if array.dtype.kind == "f":
            shown = shown[np.isfinite(shown) & (shown != 0)]
            self.form = _form(np.abs(shown.astype(np.float64)))
        self.width = max((len(self.text(v)) for v in shown.tolist()), default=1)

    def text(self, v):
        return self.form.format(v) if math.isfinite(v) else str(v)

    def __call__(self, v):
        return self.text(v).rjust(self.width)


def _form(sizes):
    """The format of floats, given the absolute values of those that are neither 0 nor infinite."""
    if sizes.size == 0:
        return "{:.0f}."
    low, high = sizes.min(), sizes.max()
    wide = high / low > 1000 or high > 1e8 or low < 1e-4
    if wide if options.sci_mode is None else options.sci_mode:
        return f"{{:.{options.precision}e}}"
    return "{:.0f}." if (sizes == np.ceil(sizes)).all() else f"{{:.{options.precision}f}}"


def _shown(array):
    """The elements that a summary shows, in one dimension."""
    edge = options.edgeitems
    for axis in range(array.ndim):
        if array.shape[axis] > 2 * edge:
            array = np.concatenate([array.take(range(edge), axis),
                                    array.take(range(-edge, 0), axis)], axis)
    return array.reshape(-1)


def _block(array, indent, write, summarize):
    edge = options.edgeitems
    if array.ndim == 0:
        return write(array.item())
    short = summarize and array.shape[0] > 2 * edge
    if short and edge == 0:
        return "[...]"
    if array.ndim == 1:
        return _row(array.tolist(), indent, write, short)
    rows = list(array[:edge]) + list(array[-edge:]) if short else list(array)
    blocks = [_block(row, indent + 1, write, summarize) for row in rows]
    if short:
        blocks.insert(edge, "...")
    between = "," + "\n" * (array.ndim - 1) + " " * (indent + 1)
    return "[" + between.join(blocks) + "]"


def _row(values, indent, write, short):
    edge = options.edgeitems
    texts = [*map(write, values[:edge]), " ...", *map(write, values[-edge:])] if (
        short) else [write(v) for v in values]
    per_line = max(1, (options.linewidth - indent) // (write.width + 2))
    lines = [", ".join(texts[i:i + per_line]) for i in range(0, len(texts), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
