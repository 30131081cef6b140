"""python -m tests.plugins.components > docs/components.md: what is compared with PyTorch."""

import importlib
from collections import Counter
from pathlib import Path

from plugrad import registry

from .parity import Row

KINDS = ("layers", "activations", "normalizations", "losses")
# Tested on their own, not in tables of rows.
OTHERS = ("models", "optimizers", "schedulers", "initializers", "datasets", "transforms",
          "callbacks")
HERE = Path(__file__).parent
# Compared in tests of their own, for what they are called with, or for their gradient at a corner.
ELSEWHERE = {
    "CTCLoss", "Hardsigmoid", "MultiheadAttention", "Transformer", "TransformerDecoder",
    "TransformerDecoderLayer", "TransformerEncoder", "TransformerEncoderLayer",
}


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
