"""The built-in plugins come through the same door: one file more or less is all it takes."""

import json
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


# Tries all that there is but models, datasets and what is made of many layers.
TRIED = ELSEWHERE + """
import json, warnings
from plugrad import data, optim
from plugrad.plugin.kinds import KINDS
from plugrad.testing import ComponentError, check_component
registry.default.survey()
warnings.simplefilter("error")
broken = {}
for kind in KINDS.keys() - {"models", "datasets", "ops"}:     # ops: tests/core/ops
    for name in registry.names(kind):
        if not name.startswith("Transformer"):
            try:
                check_component(kind, name)
            except ComponentError as error:
                broken[name] = str(error)
try:
    missing = eval(sys.argv[2])
except AttributeError as error:
    missing = str(error)
print(json.dumps([[entry.name for entry in registry.default.entries()],
                  list(map(str, registry.default.set_aside)), broken, missing]))
"""
POOLS = {f"{kind}_pool2d" for kind in ("avg", "max", "adaptive_avg", "adaptive_max")}


@pytest.mark.slow
@pytest.mark.parametrize("file, used, lost", [
    ("layers/linear.py", "nn.Linear", {                                 # and what derives from it
        "Linear", "LazyLinear", "MultiheadAttention", "multi_head_attention_forward"}),
    ("layers/conv2d.py", "nn.Conv2d", {"Conv2d", "LazyConv2d"}),
    ("layers/dropout.py", "nn.Dropout", {"Dropout", "dropout"}),
    ("activations/relu.py", "nn.ReLU", {"ReLU"}),
    ("activations/gelu.py", "nn.GELU", {"GELU", "gelu"}),                       # with a kernel
    ("activations/_gelu.*", "nn.GELU", {"GELU", "gelu"}),                       # the kernel itself
    ("layers/_pool.*", "nn.MaxPool2d", POOLS | {"AvgPool2d", "MaxPool2d", "AdaptiveAvgPool2d",
                                                "AdaptiveMaxPool2d"}),
    ("optimizers/adam.py", "optim.Adam", {"Adam"}),
    ("transforms/normalize.py", "data.Normalize", {"Normalize"}),
    ("normalizations/normalize.py", "nn.functional.normalize", {"normalize"}),
])
def test_without_a_file_all_works_that_does_not_use_it(folder, python, file, used, lost):
    before = names(python("-c", ALL, folder))
    kind, _, pattern = file.partition("/")
    for path in (folder / kind).rglob(pattern):
        path.unlink()

    done = python("-c", TRIED, folder, used)

    assert done.returncode == 0, done.stderr
    there, aside, broken, missing = json.loads(done.stdout)
    assert f"has no {used.rpartition('.')[2]!r}: no " in missing
    assert before - set(there) == lost
    causes = [f"no {name!r}" for name in lost]
    causes.append(f"No module named 'plugrad.plugins.{kind}.{pattern.partition('.')[0]}'")
    for text in [*broken.values(), *aside]:
        assert any(cause in text for cause in causes), text


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
