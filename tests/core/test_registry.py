"""The registry: names are found, unique, and gone again after isolated()."""

import os
import pickle
import sys
import types

import plugrad as pg
import pytest
from plugrad import nn, registry
from plugrad.registry import PluginError

FILE = '''
import plugrad as pg

def {name}(x):
    """x"""
    return {value}

@pg.hookimpl
def register_activations(register):
    register({name}{options})
'''


@pytest.fixture(autouse=True)
def isolated():
    with registry.isolated():
        yield


def swish(x):
    """x * sigmoid(x)"""
    return x * x.sigmoid()


def write(path, name, value="x", options=""):
    path.write_text(FILE.format(name=name, value=value, options=options))
    return path


def listed(name):
    return [entry for entry in registry.default.entries() if entry.name == name]


# ---- looking up

def test_a_registered_function_is_in_its_namespace():
    assert pg.register(swish, kind="activations") is swish

    assert nn.functional.swish is swish
    assert registry.get("activations", "swish") is swish
    assert "swish" in dir(nn.functional)
    assert "swish" not in dir(nn) and not hasattr(nn, "swish")


@pytest.mark.parametrize("line, words", [
    ("from plugrad.nn import Lineer", "cannot import name 'Lineer' from 'plugrad.nn'.*'Linear'"),
    ("from plugrad.nn import functional, Lineer", "did you mean 'Linear'"),
    ("from plugrad.nn import Lineer as L", "did you mean 'Linear'"),
    ("from plugrad.optim import Adan", "did you mean 'Adam'"),
    ("from plugrad.nn.functional import sigmoit", "did you mean 'sigmoid'"),
    ("from plugrad.nn import _Lineer", "cannot import name '_Lineer'"),
])
def test_an_import_of_an_unknown_name_suggests_the_nearest_too(line, words):
    with pytest.raises(ImportError, match=words):
        exec(line, {})


def test_whoever_asks_in_another_way_gets_no_import_error():
    assert not hasattr(nn, "Lineer") and getattr(nn, "Lineer", 3) == 3
    with pytest.raises(AttributeError):
        pickle.loads(b"cplugrad.nn\nLineer\n.")
    assert pickle.loads(pickle.dumps(nn.Linear)) is nn.Linear


def test_a_submodule_is_imported_even_while_it_is_being_imported(monkeypatch):
    half = types.ModuleType("plugrad.nn.half")     # in sys.modules, but not yet in the package
    monkeypatch.setitem(sys.modules, "plugrad.nn.half", half)
    from plugrad.nn import half as found

    assert found is half


@pytest.mark.parametrize("module, names", [
    ("nn", {"Module", "Linear", "ReLU", "functional"}), ("optim", {"Optimizer", "SGD"}),
    ("optim.lr_scheduler", {"LRScheduler", "StepLR"}), ("data", {"DataLoader", "MNIST"}),
    ("nn.functional", {"pad", "sigmoid"}), ("nn.init", {"zeros_", "calculate_gain"}),
    ("callbacks", {"Callback", "History"}),
])
def test_a_star_brings_the_components_too(module, names):
    pg.register(swish)
    found = {}
    exec(f"from plugrad.{module} import *", found)

    assert names < set(found)
    assert ("swish" in found) is (module == "nn.functional")
    assert names < set(dir(sys.modules[f"plugrad.{module}"]))


@pytest.mark.parametrize("module, hidden, shown", [
    (pg, {"abi", "walk", "words", "kinds", "loading", "create", "ops", "kernels", "_math"},
     {"Tensor", "tensor", "nn", "optim", "data", "training", "testing", "registry", "register",
      "float32", "float", "pi", "matmul", "hookimpl", "__version__"}),
    (nn, {"where", "state", "members", "namespace", "module"}, {"Linear", "Module", "init"}),
    (nn.functional, {"reduce", "namespace", "warnings"}, {"relu", "conv2d", "sigmoid"}),
    (pg.data, {"loader", "files"}, {"DataLoader", "MNIST"}),
])
def test_only_public_names_are_offered_for_completion(module, hidden, shown):
    offered = dir(module)

    assert not hidden.intersection(offered) and shown <= set(offered)
    assert all(hasattr(module, name) for name in offered)


@pytest.mark.parametrize("wrong", ["swihs", "Swish", "SWISH"])
def test_an_unknown_name_suggests_the_nearest(wrong):
    pg.register(swish, kind="activations")

    with pytest.raises(AttributeError, match=r"'plugrad.nn.functional' has no .*mean 'swish'"):
        getattr(nn.functional, wrong)
    with pytest.raises(LookupError, match="did you mean 'swish'"):
        registry.get("activations", wrong)


def test_the_namespaces_own_names_are_suggested_too():
    with pytest.raises(AttributeError, match="did you mean 'functional'"):
        _ = nn.functionl


def test_a_name_like_nothing_gets_no_suggestion():
    with pytest.raises(AttributeError) as error:
        _ = nn.qqqqqqq
    assert "did you mean" not in str(error.value)


def test_names_are_those_of_the_kinds_asked_for():
    pg.register(swish, kind="activations")

    assert "swish" in registry.names("activations")
    assert "swish" in registry.names("layers", "activations")
    assert "swish" not in registry.names("layers", "losses")


def test_an_unknown_kind_suggests_the_nearest():
    with pytest.raises(ValueError, match="unknown kind 'layer'; did you mean 'layers'"):
        registry.get("layer", "Linear")


def test_what_was_looked_up_is_kept_until_a_registration_changes(tmp_path):
    pg.register(swish, kind="activations")
    assert nn.functional.swish is vars(nn.functional)["swish"]

    pg.load_plugin(write(tmp_path / "new.py", "swish", "3", ", override=True"))
    assert nn.functional.swish(0) == 3


def test_what_a_user_put_into_a_namespace_stays():
    pg.register(swish, kind="activations")
    _ = nn.functional.swish
    mine = nn.functional.swish = object()
    try:
        pg.register(swish, kind="initializers")
        assert nn.functional.swish is mine
    finally:
        del nn.functional.swish


# ---- ways in

def test_a_file_is_a_plugin_and_may_be_loaded_again(tmp_path):
    file = write(tmp_path / "hard.py", "hard", "1")
    pg.load_plugin(file)
    assert nn.functional.hard(0) == 1

    write(file, "hard", "22")
    pg.load_plugin(str(file))
    assert nn.functional.hard(0) == 22 and len(listed("hard")) == 1


def test_a_file_that_breaks_keeps_what_it_had_registered(tmp_path):
    file = write(tmp_path / "hard.py", "hard", "1")
    pg.load_plugin(file)

    file.write_text("1/0")
    with pytest.raises(PluginError, match=r"hard\.py: its import failed with ZeroDivisionError"):
        pg.load_plugin(file)
    assert nn.functional.hard(0) == 1


def test_a_module_and_its_name_are_plugins(tmp_path, monkeypatch):
    write(tmp_path / "hard_module.py", "hard")
    monkeypatch.syspath_prepend(tmp_path)
    pg.load_plugin("hard_module")
    import hard_module

    pg.load_plugin(hard_module)     # the same one under the same name: still there once
    assert nn.functional.hard is hard_module.hard and len(listed("hard")) == 1


def test_a_cell_may_run_twice_but_two_modules_may_not_share_a_name():
    def make(value, module):
        def twice(x):
            """x"""
            return value
        twice.__module__ = module
        return twice

    pg.register(make(1, "__main__"), kind="activations")
    pg.register(make(2, "__main__"), kind="activations")
    assert nn.functional.twice(0) == 2
    with pytest.raises(PluginError, match=r"plugin __main__:twice .*has that name already"):
        pg.register(make(3, "elsewhere"), kind="activations")


@pytest.mark.parametrize("missing", ["no_such_file.py", "no_such_module", "no/such/file"])
def test_a_plugin_that_is_not_there(missing):
    with pytest.raises(PluginError, match=r"no_such|such/file"):
        pg.load_plugin(missing)


def test_a_disabled_plugin_is_refused_even_if_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PLUGRAD_DISABLE", "hard.py")

    with pytest.raises(PluginError, match="PLUGRAD_DISABLE names it"):
        pg.load_plugin(write(tmp_path / "hard.py", "hard"))


def test_what_was_refused_at_once_is_not_counted_as_set_aside(tmp_path):
    with pytest.raises(PluginError, match="a public Python name"):
        pg.register(lambda x: x, kind="activations", name="two words")
    with pytest.raises(PluginError, match="no such file"):
        pg.load_plugin(tmp_path / "absent.py")

    assert not registry.default.set_aside
    with pytest.raises(AttributeError) as error:
        _ = nn.qqqqqqq
    assert "set aside" not in str(error.value)


HOOK = """
import plugrad as pg
from plugrad import nn

class A(nn.Module):
    'x'
    def forward(self, x):
        return x

@pg.hookimpl
{hook}
"""


@pytest.mark.parametrize("hook, words", [
    ("def register_activations():\n    return 3", "register_activations registered nothing"),
    ("def register_activations(register):\n    A", r"registered nothing; call register\(Your"),
    ("def register_activations(register):\n    register(A)\n\n"
     "@pg.hookimpl\ndef register_layers(register):\n    pass", "hook register_layers registered"),
    ("def register_activations(reg):\n    reg(A)", r"takes \(reg\): name its argument register"),
    ("def register_activations(register, more):\n    register(A)", r"takes \(register, more\)"),
    ("def register_activations(*, register):\n    register(A)", "name its argument register"),
    ("class Hooks:\n    @pg.hookimpl\n    def register_layers(self, reg):\n        reg(A)\n\n"
     "pg.load_plugin(Hooks())", r"takes \(reg\)"),
])
def test_a_hook_that_cannot_register_anything(tmp_path, hook, words):
    (tmp_path / "a.py").write_text(HOOK.format(hook=hook))

    with pytest.raises(PluginError, match=words) as error:
        pg.load_plugin(tmp_path / "a.py")
    assert "hookspec" not in str(error.value) and "\n" not in str(error.value)
    assert "A" not in registry.names("layers", "activations")


# ---- names are unique

def test_a_duplicate_names_both_plugins(tmp_path):
    pg.load_plugin(write(tmp_path / "first.py", "hard", "1"))

    with pytest.raises(PluginError, match=r"second\.py: .*'hard'.*first\.py.*override=True"):
        pg.load_plugin(write(tmp_path / "second.py", "hard", "2"))
    assert nn.functional.hard(0) == 1


@pytest.mark.parametrize("order", [("first", "second"), ("second", "first")])
def test_override_shadows_whatever_the_order(tmp_path, order):
    write(tmp_path / "first.py", "hard", "1")
    write(tmp_path / "second.py", "hard", "2", ", override=True")
    for name in order:
        pg.load_plugin(tmp_path / f"{name}.py")

    assert nn.functional.hard(0) == 2
    assert registry.get("activations", "first.py:hard")(0) == 1
    assert getattr(nn.functional, "second.py:hard")(0) == 2


def test_one_distribution_has_a_name_once(tmp_path):
    file = write(tmp_path / "twice.py", "hard", options=", override=True")
    file.write_text(file.read_text() + "    register(hard, override=True)\n")

    with pytest.raises(PluginError, match="its own distribution has that name already"):
        pg.load_plugin(file)
    assert not hasattr(nn.functional, "hard")


def test_a_name_of_the_core_is_not_free(monkeypatch):
    monkeypatch.setattr(nn.functional, "swish", len, raising=False)

    with pytest.raises(PluginError, match=r"plugrad\.nn\.functional is the core's own"):
        pg.register(swish, kind="activations", override=True)


# ---- isolation

def test_isolated_nests_and_undoes_on_exceptions(tmp_path):
    pg.load_plugin(write(tmp_path / "outer.py", "outer"))
    with pytest.raises(ZeroDivisionError), registry.isolated():
        pg.load_plugin(write(tmp_path / "inner.py", "inner"))
        pg.load_plugin(write(tmp_path / "outer.py", "changed"))
        assert hasattr(nn.functional, "inner") and not hasattr(nn.functional, "outer")
        raise ZeroDivisionError

    assert hasattr(nn.functional, "outer")
    assert not hasattr(nn.functional, "inner") and not hasattr(nn.functional, "changed")
    pg.load_plugin(tmp_path / "inner.py")     # not registered any more, so it may come again


def test_isolated_leaves_the_registry_as_it_was(tmp_path):
    manager = registry.default.manager
    pg.load_plugin(write(tmp_path / "outer.py", "outer"))
    before = registry.default.entries(), dict(manager.list_name_plugin())
    with registry.isolated():
        pg.load_plugin(tmp_path / "outer.py")     # the same file anew: another module
        pg.load_plugin(write(tmp_path / "inner.py", "inner"))
        with pytest.raises(PluginError):
            pg.load_plugin(tmp_path / "absent.py")

    assert (registry.default.entries(), dict(manager.list_name_plugin())) == before
    assert not registry.default.set_aside


# ---- while plugins are loaded

def test_a_plugin_may_build_on_another_one_whatever_the_order(tmp_path, python):
    (tmp_path / "a_child.py").write_text(
        "from plugrad.nn import functional as F\nparent = F.parent\n"
        + FILE.format(name="child", value="parent(x) + 1", options=""))
    write(tmp_path / "b_parent.py", "parent", "1")
    done = python("-c", "from plugrad import nn; print(nn.functional.child(0))", cwd=tmp_path,
                  PLUGRAD_PLUGINS="a_child.py,b_parent.py")

    assert done.stdout == "2\n", done.stderr


def test_plugins_that_need_each_other_are_set_aside(tmp_path, python):
    for mine, other in (("a", "b"), ("b", "a")):
        (tmp_path / f"{mine}.py").write_text(
            f"from plugrad.nn import functional as F\nF.{other}\n"
            + FILE.format(name=mine, value="x", options=""))
    done = python("-m", "plugrad", "plugins", cwd=tmp_path, PLUGRAD_PLUGINS="a.py,b.py")

    assert done.stdout.count("\nset aside: ") == 2 and "has no 'a'" in done.stdout


def test_a_plugin_named_twice_is_loaded_once(tmp_path, python):
    write(tmp_path / "a.py", "a")
    done = python("-W", "error", "-c", "from plugrad import nn; nn.functional.a", cwd=tmp_path,
                  PLUGRAD_PLUGINS="a.py, a.py")

    assert done.returncode == 0, done.stderr


def test_two_threads_load_once(python):
    code = """
import threading
from plugrad import registry
found = []
threads = [threading.Thread(target=lambda: found.append(registry.names("layers")))
           for _ in range(8)]
[thread.start() for thread in threads], [thread.join() for thread in threads]
print(all(names == found[0] for names in found), len(found))"""
    done = python("-c", code)

    assert done.stdout == "True 8\n", done.stderr


def test_threads_that_ask_for_the_same_names_all_get_them(python):
    code = """
import sys, threading
import plugrad as pg
from plugrad import nn
sys.setswitchinterval(1e-6)
start, wrong = threading.Barrier(8), []
def look():
    start.wait()
    for place, names in ((nn, "Linear ReLU Conv2d LSTM GELU BatchNorm2d MSELoss Tanh Flatten"),
                         (pg, "erf det hypot median"), (pg.Tensor, "sin erf det trace diff")):
        wrong.extend(name for name in names.split() if not hasattr(place, name))
threads = [threading.Thread(target=look) for _ in range(8)]
[thread.start() for thread in threads], [thread.join() for thread in threads]
print(wrong)"""
    for _ in range(3):
        done = python("-c", code)
        assert done.stdout == "[]\n", (done.stdout, done.stderr)


# ---- what is told about a plugin that cannot be imported

@pytest.fixture
def trouble(tmp_path, monkeypatch):
    """trouble(text, name) -> what load_plugin says of a file with that text, lying in "."."""
    monkeypatch.chdir(tmp_path)

    def trouble(text, name="act.py"):
        (tmp_path / "act.py").write_text(text)
        with pytest.raises(PluginError) as error:
            pg.load_plugin(name)
        return str(error.value)

    return trouble


def test_the_line_of_the_plugin_that_failed_is_told(trouble, tmp_path):
    text = trouble("import json\n\ndef f():\n    json.loads('{')\n\nf()\n")

    assert "JSONDecodeError: Expecting" in text and text.endswith(f"(line 4 of {tmp_path}/act.py)")


def test_the_line_of_the_hook_that_failed_is_told(trouble):
    text = trouble(FILE.format(name="f", value="x", options="") + "    1 / 0\n")

    assert "its hook failed with ZeroDivisionError" in text and "(line 11 of " in text


def test_a_syntax_error_tells_its_line_once(trouble):
    assert trouble("x = 1\ndef f(:\n").count("line 2") == 1


def test_a_file_named_without_its_ending_is_recognized(trouble):
    assert trouble("", name="act").endswith("No module named 'act'; did you mean 'act.py'?")


def test_a_neighbor_that_is_not_found_is_pointed_out(trouble, tmp_path):
    (tmp_path / "helper.py").write_text("x = 1")
    text = trouble("import helper")

    assert f"helper.py lies beside it: set PYTHONPATH={tmp_path}" in text


@pytest.mark.parametrize("nothing", [None, "", " "])
def test_a_plugin_has_to_be_named(nothing):
    with pytest.raises(TypeError, match=r"load_plugin: expected the path .* received (None|' ?')"):
        pg.load_plugin(nothing)


def test_a_component_is_no_plugin():
    with pytest.raises(PluginError, match=r"it has no hook; .* pg\.register\(ReLU\)"):
        pg.load_plugin(nn.ReLU)


@pytest.mark.parametrize("separator", [",", ", ", os.pathsep, ";"])
def test_separators_of_PLUGRAD_PLUGINS(tmp_path, python, separator):
    write(tmp_path / "a.py", "a")
    write(tmp_path / "b.py", "b")
    done = python("-W", "error", "-c", "from plugrad import nn; nn.functional.a, nn.functional.b",
                  cwd=tmp_path, PLUGRAD_PLUGINS=f"a.py{separator}b.py")

    assert done.returncode == 0, done.stderr


def test_PLUGRAD_PLUGINS_is_relative_to_where_python_started(tmp_path, python):
    write(tmp_path / "a.py", "a")
    code = "import os, plugrad; os.chdir('/'); plugrad.nn.functional.a"
    done = python("-W", "error", "-c", code, cwd=tmp_path, PLUGRAD_PLUGINS="a.py")

    assert done.returncode == 0, done.stderr


# ---- the warning

def warned(python, folder, script):
    """What Python prints when that script, of line 3, makes plugrad load a broken plugin."""
    (folder / "bad.py").write_text(FILE.format(name="f", value="x", options="").replace(
        "register_activations", "register_activation"))
    (folder / "script.py").write_text(f"import plugrad\nfrom plugrad import nn\n{script}\n")
    return python("script.py", cwd=folder, PLUGRAD_PLUGINS="bad.py").stderr


@pytest.mark.parametrize("script", [
    "nn.Linear(1, 2)", "from plugrad.nn import Linear", "from plugrad.optim import *",
    "from plugrad.nn.functional import *", "dir(nn)",
    "plugrad.registry.names('layers')",
    "hasattr(nn, 'Linear')", "plugrad.registry.get('layers', 'Linear')",
    "with plugrad.registry.isolated(): pass",
    "plugrad.register(lambda x: x, kind='activations', name='f')",
])
def test_the_warning_points_at_the_readers_line(tmp_path, python, script):
    text = warned(python, tmp_path, script)

    assert f"{tmp_path}/script.py:3: PluginWarning: plugin {tmp_path}/bad.py" in text
    assert f"\n  {script}\n" in text


def test_the_warning_is_one_sentence_after_the_other(tmp_path, python):
    text = warned(python, tmp_path, "nn.Linear")

    assert "did you mean 'register_activations'? This plugin was set aside" in text
