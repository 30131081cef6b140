"""Nothing is left out of the comparison with PyTorch, and the page about it is true."""

from pathlib import Path

import torch
from plugrad import registry
from plugrad.kinds import KINDS as EVERY

from .components import ELSEWHERE, KINDS, OTHERS, compared, page


def test_what_pytorch_has_as_well_is_compared_with_it():
    runs = compared()
    missing = [name for kind in KINDS for name in registry.names(kind)
               if hasattr(torch.nn, name) and name not in {*runs, *ELSEWHERE}]

    assert missing == []


def test_every_kind_is_on_the_page():
    assert sorted([*KINDS, *OTHERS]) == sorted(EVERY)
    lines = page().splitlines()
    for kind in EVERY:
        for name in registry.names(kind):
            assert any(line.startswith(f"| `{name}` | {kind} | ") for line in lines), name


def test_the_page_is_what_the_tables_say():
    text = (Path(__file__).parents[2] / "docs" / "components.md").read_text()

    assert text == page(), "python -m tests.plugins.components > docs/components.md"
