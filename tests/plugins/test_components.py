"""Nothing is left out of the comparison with PyTorch, and the page about it is true."""

from pathlib import Path

import torch
from plugrad import registry

from .components import ELSEWHERE, KINDS, compared, page


def test_what_pytorch_has_as_well_is_compared_with_it():
    runs = compared()
    missing = [name for kind in KINDS for name in registry.names(kind)
               if hasattr(torch.nn, name) and name not in {*runs, *ELSEWHERE}]

    assert missing == []


def test_the_page_is_what_the_tables_say():
    text = (Path(__file__).parents[2] / "docs" / "components.md").read_text()

    assert text == page(), "python -m tests.plugins.components > docs/components.md"
