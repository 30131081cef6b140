"""python -m tests.plugins.components > docs/components.md: what is compared with PyTorch."""

import importlib
from collections import Counter
from pathlib import Path

import plugrad as pg
import torch
from plugrad import registry

from .parity import Row

KINDS = ("layers", "activations", "normalizations", "losses")
# Tested on their own, not in tables of rows.
OTHERS = ("models", "optimizers", "schedulers", "initializers", "datasets", "transforms",
          "callbacks")
HERE = Path(__file__).parent
# Compared in tests of their own, because of what a row cannot say.
ELSEWHERE = {
    **dict.fromkeys(("CTCLoss", "F.ctc_loss"), "lengths may be tuples, and the gradient differs"),
    **dict.fromkeys(("Hardsigmoid", "F.hardsigmoid"),
                    "PyTorch's gradient has float32's digits in float64"),
    "F.gumbel_softmax": "random at every setting",
    **dict.fromkeys(("MultiheadAttention", "F.multi_head_attention_forward"),
                    "called with masks by name, or the same tensor more than once"),
    **dict.fromkeys(("Transformer", "TransformerDecoder", "TransformerDecoderLayer",
                     "TransformerEncoder", "TransformerEncoderLayer"), "made of modules"),
    **dict.fromkeys(("LazyBatchNorm1d", "LazyBatchNorm2d", "LazyBatchNorm3d", "LazyConv1d",
                     "LazyConv2d", "LazyConv3d", "LazyConvTranspose1d", "LazyConvTranspose2d",
                     "LazyConvTranspose3d", "LazyLinear"), "become others at the first call"),
    "DataParallel": "calls the module that it holds",
}


def shared():
    """The names that PyTorch has as well, as rows call them."""
    found = [name for kind in KINDS for name in registry.names(kind)
             if hasattr(torch.nn, name)]
    theirs = torch.nn.functional
    return sorted({*found, *(f"F.{name}" for name in dir(pg.nn.functional)
                             if hasattr(theirs, name) and not name.startswith("_"))})


def rows():
    """Every row of the tables ROWS of the tests beside this file."""
    for path in sorted(HERE.glob("test_*.py")):
        table = getattr(importlib.import_module(f"tests.plugins.{path.stem}"), "ROWS", ())
        yield from (row for row in table if isinstance(row, Row))


def compared():
    """{name: number of runs}: each setting in float32 and float64, in training and evaluation."""
    runs = Counter()
    for row in rows():
        runs[row.name] += 2 * (1 if row.is_function else len(row.modes))
    return runs


def page():
    """The whole page, in Markdown."""
    runs = compared()
    functions = sorted(name for name in runs if name.startswith("F."))
    lines = [
        "# Components", "",
        f"{len(runs)} components and functions are compared with PyTorch in {sum(runs.values())} "
        "runs:", "constructor, printed form, names in `state_dict`, value, gradients and second "
        "gradients, in float32", "and float64, in training and evaluation, at the settings that "
        "`tests/plugins` lists.", "",
        "| component | kind | runs |", "|---|---|---|"]
    for kind in KINDS:
        for name in registry.names(kind):
            count = runs.get(name, 0) or "its own tests"
            lines.append(f"| `{name}` | {kind} | {count} |")
    lines += [f"| `{name}` | functional | {runs[name]} |" for name in functions]
    for kind in OTHERS:
        lines += [f"| `{name}` | {kind} | its own tests |" for name in registry.names(kind)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
