"""Nothing is left out of the comparison with PyTorch, and the page about it is true."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import registry
from plugrad.plugin.kinds import KINDS as EVERY

from .components import ELSEWHERE, KINDS, OTHERS, page, rows, shared
from .parity import check_begin, check_signature, converted, made, of, parameters

NAMES = shared()
FIRST = {}
for row in rows():
    FIRST.setdefault(row.name, row)
# Where PyTorch's docstring is not what it takes: one_hot's argument is named input, and GRU has a
# proj_size, though it refuses all but 0.
MISPRINTED = {"F.one_hot", "GRU"}


@pytest.mark.parametrize("name", NAMES)
def test_what_pytorch_has_as_well_is_compared_with_it(name):
    assert (name in FIRST) is not (name in ELSEWHERE)


def test_what_stands_elsewhere_is_there():
    assert set(ELSEWHERE) <= set(NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in MISPRINTED])
def test_signature_is_pytorchs(name):
    check_signature(of(pg, name), of(torch, name))


@pytest.mark.parametrize("name", [name for name in NAMES
                                  if name in FIRST and not FIRST[name].is_function])
def test_parameters_begin_as_pytorchs(name):
    check_begin(FIRST[name])


def test_every_kind_is_on_the_page():
    assert sorted([*KINDS, *OTHERS, "ops"]) == sorted(EVERY)      # ops: tests/core/ops
    lines = page().splitlines()
    for kind in (*KINDS, *OTHERS):
        for name in registry.names(kind):
            assert any(line.startswith(f"| `{name}` | {kind} | ") for line in lines), name


SIZES = {                               # of those whose rows stand elsewhere
    "MultiheadAttention": (4, 2), "TransformerEncoderLayer": (4, 2),
    "TransformerDecoderLayer": (4, 2), "Transformer": (4, 2, 1, 1, 4),
}


@pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")                   # PyTorch's
@pytest.mark.parametrize("name", [name for name in NAMES
                                  if "device" in parameters(of(pg, name))
                                  and name in {*FIRST, *SIZES}])
def test_device_and_dtype_are_those_of_all_parameters(name):
    def make(lib, device):
        options = {key: converted(lib, value, "float64")
                   for key, value in ({} if name in SIZES else FIRST[name].options).items()}
        return of(lib, name)(*SIZES.get(name, ()), **options, device=device, dtype=lib.float64)

    ours, theirs = ({key: str(value.dtype).partition(".")[2]
                     for key, value in make(lib, lib.device("cpu")).state_dict().items()}
                    for lib in (pg, torch))
    assert ours == theirs
    if ours:
        with pytest.raises(RuntimeError, match="CPU alone, got device 'cuda'"):
            make(pg, "cuda")


def bent(array):
    """What may not fit: longer, shorter, with a dimension more, or floats that are no indices."""
    for axis, n in enumerate(array.shape):
        yield np.take(array, range(1, n), axis)
        yield np.concatenate([array, np.take(array, [0], axis)], axis)
    yield array[None]
    if array.dtype.kind == "i":
        yield array.astype(float)


def refusal(lib, row):
    """The error with which one library meets a row, or None."""
    try:
        made(lib, row, "float32")(*(converted(lib, value, "float32") for value in row.inputs))
    except (RuntimeError, ValueError, TypeError, IndexError, AssertionError) as error:
        return error
    return None


CRASHES = {"EmbeddingBag", "F.embedding_bag"}                                  # PyTorch's do


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(FIRST.keys() & set(NAMES) - CRASHES))
def test_an_input_that_pytorch_refuses_is_refused(name):
    row = FIRST[name]
    for i, value in enumerate(row.inputs):
        for other in bent(np.asarray(value)):
            wrong = replace(row, inputs=(*row.inputs[:i], other, *row.inputs[i + 1:]))
            if refusal(torch, wrong):
                assert refusal(pg, wrong), str(wrong)


def test_the_page_is_what_the_tables_say():
    text = (Path(__file__).parents[2] / "docs" / "components.md").read_text()

    assert text == page(), "python -m tests.plugins.components > docs/components.md"
