"""Swish is found where it should be, keeps the contract, and computes what its docstring says."""

import math

import plugrad as pg
import pytest
from plugrad import nn, registry
from plugrad.testing import check_component


def test_it_is_found_without_an_import():
    assert registry.get("activations", "plugrad-swish:Swish") is nn.Swish


def test_it_keeps_the_contract():
    check_component("activations", nn.Swish)     # gradients, dtypes, empty input, save and load ...


@pytest.mark.parametrize("x", [-2.0, 0.0, 0.5, 3.0])
@pytest.mark.parametrize("beta", [0.0, 1.0, 2.5])
def test_formula(x, beta):
    expected = x / (1 + math.exp(-beta * x))

    assert nn.Swish(beta)(pg.tensor(x)).item() == pytest.approx(expected, abs=1e-6)
    assert nn.functional.swish(pg.tensor(x), beta).item() == pytest.approx(expected, abs=1e-6)


def test_a_large_beta_is_nearly_relu():
    x = pg.linspace(-3, 3, 13)

    assert nn.Swish(beta=50)(x).tolist() == pytest.approx(x.relu().tolist(), abs=1e-6)
