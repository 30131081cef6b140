"""Every registered component, whoever wrote it, keeps what its kind promises."""

import inspect
import os

import pytest
from plugrad import registry
from plugrad.plugin.kinds import KINDS
from plugrad.testing import check_component

# Most ops need inputs of their own, which the tables of tests/core/ops have; these need none.
OPS = [
    "asinh", "atan", "atan2", "copysign", "cos", "cosh", "deg2rad", "det", "digamma", "erf",
    "erfc", "fmax", "fmin", "frac", "hypot", "inner", "kron", "ldexp", "lgamma", "logaddexp",
    "logaddexp2", "nan_to_num", "nansum", "rad2deg", "sin", "sinc", "sinh", "tan", "xlogy",
]
EVERY = [(kind, name) for kind in KINDS
         for name in (OPS if kind == "ops" else registry.names(kind))]


# Stacks of layers have many second gradients, and large models many parameters.
LONG = {"Transformer", "TransformerDecoder", "TransformerDecoderLayer", "TransformerEncoder",
        "AlexNet", "ResNet110", "ResNet152", "ViTBase", "ViTSmall"}


@pytest.mark.parametrize("kind, name", [
    pytest.param(kind, name, id=f"{kind}-{name}",
                 marks=[pytest.mark.slow] if name in LONG else [])
    for kind, name in EVERY])
def test_component(kind, name):
    component = registry.get(kind, name)
    if "root" in inspect.signature(component).parameters:
        skip_without_files(component)

    check_component(kind, component)


def skip_without_files(dataset):
    if "PLUGRAD_DATA" not in os.environ:
        pytest.skip(f"{dataset.__name__} reads files, and PLUGRAD_DATA is not set")
    try:
        dataset(download=False)
    except (FileNotFoundError, ValueError) as error:       # absent, or another dataset's
        pytest.skip(str(error).splitlines()[0])


def test_there_is_something_of_every_kind():
    assert {kind for kind, _ in EVERY} == set(KINDS)
