"""The built-in plugins come through the same door: one file more or less is all it takes."""

import shutil
from pathlib import Path

import plugrad.plugins
import pytest

PLUGINS = Path(plugrad.plugins.__file__).parent
NEW = '''
import plugrad as pg

def {0}(x):
    """x"""
    return x

@pg.hookimpl
def register_activations(register):
    register({0})
'''
# Looks the plugins up in another folder; the first argument is that folder.
ELSEWHERE = """
import sys, plugrad.plugins
plugrad.plugins.__path__[:] = [sys.argv[1]]
from plugrad import nn, registry
"""


@pytest.fixture
def folder(tmp_path):
    """A copy of plugins/ with two more activations."""
    copy = tmp_path / "plugins"
    shutil.copytree(PLUGINS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("aaa", "bbb"):
        (copy / "activations" / f"{name}.py").write_text(NEW.format(name))
    return copy


def names(done):
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


ALL = ELSEWHERE + "print(*(entry.name for entry in registry.default.entries()))"


def test_a_new_file_is_all_it_takes(folder, python):
    found = names(python("-c", ALL, folder))

    assert {"aaa", "bbb"} <= found


def test_a_file_with_an_underscore_is_no_plugin(folder, python):
    (folder / "activations" / "_helper.py").write_text("raise RuntimeError")

    assert {"aaa", "bbb"} <= names(python("-W", "error", "-c", ALL, folder))


def test_deleting_a_file_removes_that_component_and_nothing_else(folder, python):
    before = names(python("-c", ALL, folder))
    (folder / "activations" / "aaa.py").unlink()

    assert names(python("-c", ALL, folder)) == before - {"aaa"}
    done = python("-c", ELSEWHERE + "nn.functional.aab", folder)
    assert "'plugrad.nn.functional' has no 'aab'" in done.stderr


def test_a_broken_file_is_set_aside_like_any_other_plugin(folder, python):
    before = names(python("-c", ALL, folder))
    (folder / "activations" / "aaa.py").write_text("import no_such_module")
    done = python("-W", "always", "-c", ALL, folder)

    assert names(done) == before - {"aaa"}
    assert "PluginWarning: plugin plugrad:activations.aaa" in done.stderr
    assert "no_such_module" in done.stderr


def test_a_folder_that_cannot_be_imported_takes_only_itself_down(folder, python):
    (folder / "datasets" / "__init__.py").write_text("1/0")
    done = python("-W", "ignore", "-c", ALL, folder)

    assert {"aaa", "bbb"} <= names(done)


def test_without_any_plugin_the_core_still_imports(tmp_path, python):
    done = python("-c", ELSEWHERE + "print(dir(nn) and registry.names('layers'))", tmp_path)

    assert done.stdout == "[]\n", done.stderr
    done = python("-c", ELSEWHERE + "nn.Linear", tmp_path)
    assert "AttributeError: module 'plugrad.nn' has no 'Linear'" in done.stderr


def test_no_built_in_plugin_is_set_aside(python):
    done = python("-m", "plugrad", "plugins")

    assert "set aside" not in done.stdout, done.stdout


def test_a_built_in_plugin_can_be_disabled(folder, python):
    found = names(python("-c", ALL, folder, PLUGRAD_DISABLE="activations.aaa"))

    assert "aaa" not in found and "bbb" in found
