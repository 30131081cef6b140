"""The registry: what is registered is found, and isolated() leaves no trace."""

import plugrad as pg
import pytest
from plugrad import nn, registry


def swish(x):
    """x * sigmoid(x)"""
    return x * x.sigmoid()


def test_a_registered_function_is_found_and_isolated_takes_it_away_again():
    with registry.isolated():
        pg.register(swish, kind="activations")
        assert nn.functional.swish is swish
        assert registry.get("activations", "swish") is swish
        assert "swish" in dir(nn.functional)
        with pytest.raises(AttributeError, match="did you mean 'swish'"):
            _ = nn.functional.swissh
    assert not hasattr(nn.functional, "swish")


def test_a_file_is_a_plugin(tmp_path):
    file = tmp_path / "hard.py"
    file.write_text('''
import plugrad as pg

def hard(x):
    """max(x, 0)"""
    return x.relu()

@pg.hookimpl
def register_activations(register):
    register(hard)
''')
    with registry.isolated():
        pg.load_plugin(file)
        assert registry.names("activations").count("hard") == 1
