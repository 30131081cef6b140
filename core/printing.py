"""How a tensor prints: the same text that PyTorch prints."""

import math

import numpy as np
from plugrad import dtypes

PRECISION, THRESHOLD, EDGE, WIDTH = 4, 1000, 3, 80


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
        if array.ndim != 1:
            suffixes.append(f"size={tuple(array.shape)}")
    else:
        write = _Numbers(array)
        body = _block(array, len(prefix), write, array.size > THRESHOLD)
    usual = {dtypes.get_default_dtype()} | (
        {dtypes.int64, dtypes.bool_} if array.size and not x.is_meta else set())
    if x.dtype not in usual:
        suffixes.append(f"dtype={x.dtype}")
    if x.grad_fn is not None:
        suffixes.append(f"grad_fn=<{x.grad_fn.name()}>")
    elif x.requires_grad:
        suffixes.append("requires_grad=True")
    text = prefix + body
    last = len(text) - text.rfind("\n") - 1
    for suffix in suffixes:
        if last + len(suffix) + 2 > WIDTH:
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
        shown = _shown(array) if array.size > THRESHOLD else array.reshape(-1)
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
    if high / low > 1000 or high > 1e8 or low < 1e-4:
        return f"{{:.{PRECISION}e}}"
    return "{:.0f}." if (sizes == np.ceil(sizes)).all() else f"{{:.{PRECISION}f}}"


def _shown(array):
    """The elements that a summary shows, in one dimension."""
    for axis in range(array.ndim):
        if array.shape[axis] > 2 * EDGE:
            array = np.concatenate([array.take(range(EDGE), axis),
                                    array.take(range(-EDGE, 0), axis)], axis)
    return array.reshape(-1)


def _block(array, indent, write, summarize):
    if array.ndim == 0:
        return write(array.item())
    short = summarize and array.shape[0] > 2 * EDGE
    if array.ndim == 1:
        return _row(array.tolist(), indent, write, short)
    rows = list(array[:EDGE]) + list(array[-EDGE:]) if short else list(array)
    blocks = [_block(row, indent + 1, write, summarize) for row in rows]
    if short:
        blocks.insert(EDGE, "...")
    between = "," + "\n" * (array.ndim - 1) + " " * (indent + 1)
    return "[" + between.join(blocks) + "]"


def _row(values, indent, write, short):
    if not values:
        return "[]"
    per_line = max(1, (WIDTH - indent) // (write.width + 2))
    texts = [write(v) for v in values[:EDGE]] + [" ..."] + [write(v) for v in values[-EDGE:]] if (
        short) else [write(v) for v in values]
    lines = [", ".join(texts[i:i + per_line]) for i in range(0, len(texts), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
