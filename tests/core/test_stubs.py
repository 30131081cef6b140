"""The stubs: what an editor completes is what the namespaces answer."""

import ast
import importlib
import os
from pathlib import Path

import plugrad as pg
import plugrad.plugins
import pytest
from plugrad import registry
from plugrad.plugin.kinds import FUNCTIONAL, KINDS
from plugrad.tools import stubs

CORE, PLUGINS = Path(pg.__file__).parent, Path(plugrad.plugins.__file__).parent
NAMESPACES = sorted({kind.namespace for kind in [*KINDS.values(), FUNCTIONAL]} - {"plugrad"})


@pytest.fixture(scope="module")
def texts():
    return stubs.stubs(CORE, PLUGINS)


def stub_of(namespace, texts):
    return ast.parse(texts[stubs.file_of(namespace, CORE)])


def names_in(tree):
    found = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            found.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Assign):
            found.update(name.id for target in node.targets for name in ast.walk(target)
                         if isinstance(name, ast.Name))
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
    return found


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_every_built_in_component_is_listed(namespace, texts):
    built_in = {entry.name for entry in registry.default.entries()
                if entry.place == namespace and entry.source.distribution == "plugrad"}

    assert built_in <= names_in(stub_of(namespace, texts))


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_what_is_listed_is_there(namespace, texts):
    module = importlib.import_module(namespace)
    for node in stub_of(namespace, texts).body:
        if isinstance(node, ast.ImportFrom) and node.module.startswith("plugrad"):
            for alias in node.names:
                assert hasattr(module, alias.asname), alias.asname


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_the_namespaces_own_names_are_listed(namespace, texts):
    own = set(getattr(importlib.import_module(namespace), "__all__", ()))

    assert own <= names_in(stub_of(namespace, texts))


def sample(folder, plugin, namespace="from plugrad.plugin.namespace import namespace"):
    """The stubs of a small house: one plugin, and plugrad.nn with its functional."""
    for namespace_of in NAMESPACES:
        file = folder / "core" / Path(*namespace_of.split(".")[1:])
        if namespace_of in ("plugrad.nn", "plugrad.optim", "plugrad.data"):
            file = file / "__init__"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.with_suffix(".py").write_text(namespace)
    (folder / "plugins" / "layers").mkdir(parents=True)
    (folder / "plugins" / "layers" / "thing.py").write_text(plugin)
    return folder / "core", folder / "plugins"


def test_every_way_to_register_is_understood(tmp_path):
    core, plugins = sample(tmp_path, """
class Thing: ...
class Other: ...
class Third: ...
def thing(x): ...
def third(x): ...
def third_(x): ...
def alone(x): ...
def fill_(x): ...
@pg.hookimpl
def register_layers(register):
    register(Thing, functional=thing)
    register(Other, name="Another", functional=F.relu)
    register(Third, functional=(third, third_))
@pg.hookimpl
def register_activations(register):
    register(alone)
@pg.hookimpl
def register_initializers(register):
    register(fill_)
""")
    stubs.write(core, plugins)
    line = "from plugrad.plugins.layers.thing import {} as {}\n"

    nn = (core / "nn" / "__init__.pyi").read_text()
    assert nn.endswith(line.format("Other", "Another") + line.format("Thing", "Thing")
                       + line.format("Third", "Third"))
    functional = (core / "nn" / "functional.pyi").read_text()
    assert functional.endswith("".join(line.format(name, name) for name in
                                       ("alone", "thing", "third", "third_")))
    assert (core / "nn" / "init.pyi").read_text().endswith(line.format("fill_", "fill_"))


def test_the_own_part_keeps_signatures_and_drops_what_runs(tmp_path):
    core, plugins = sample(tmp_path, "", '''"""Words."""
import math
from math import pi
from plugrad.nn.module import Module
from plugrad.ops import *
from plugrad.plugin.namespace import namespace
__all__ = ["Module"]
__getattr__, __dir__ = namespace(__name__, kinds=())
LIMIT = 3
print("at import")
class Thing:
    size = 3
    def f(self, x, *, y=1):
        """f"""
        return math.sqrt(x)
def g(x):
    return x
''')
    own = stubs.stubs(core, plugins)[core / "callbacks.py"]

    assert own == stubs.HEADER + '''
"""Words."""
import math
from math import pi
from plugrad.nn.module import Module as Module
from plugrad.ops import *
LIMIT = 3

class Thing:
    size = 3

    def f(self, x, *, y=1):
        """f"""
        ...

def g(x):
    ...

'''


def test_an_unchanged_stub_is_left_alone(tmp_path):
    core, plugins = sample(tmp_path, "")
    stubs.write(core, plugins)
    file = core / "nn" / "__init__.pyi"
    os.utime(file, (1, 1))

    stubs.write(core, plugins)
    assert file.stat().st_mtime == 1
    file.write_text("changed")
    stubs.write(core, plugins)
    assert file.read_text() != "changed"


def test_the_package_says_that_it_is_typed():
    assert (CORE / "py.typed").exists()
