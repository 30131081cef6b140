"""Plugins that are really installed: the good, the broken, and those of one name."""

import json
import os

import pytest

ACTIVATION = '''
import plugrad as pg

def {name}(x):
    """x"""
    return x

@pg.hookimpl
def {hook}(register):
    register({name}{options})
'''


def plugin(name, options="", hook="register_activations"):
    return ACTIVATION.format(name=name, options=options, hook=hook)


def distribution(module, text):
    return [f"act = {module}"], {f"{module}.py": text}


DISTRIBUTIONS = {
    "plugrad-good": distribution("good_act", plugin("swish")),
    "plugrad-twin": distribution("twin_act", plugin("twin")),     # also calls its point "act"
    "plugrad-double": (["act = double_a", "act = double_b"],
                       {"double_a.py": plugin("double_a"), "double_b.py": plugin("double_b")}),
    "plugrad-shadow": distribution("shadow_act", plugin("swish", ", override=True")),
    "plugrad-thief": distribution("thief_act", plugin("swish")),
    "plugrad-misspelt": distribution("misspelt_act", plugin("x", hook="register_activation")),
    "plugrad-missing": distribution("missing_act", "import no_such_module\n"),
    "plugrad-absent": (["act = nowhere_at_all"], {"absent_act.py": ""}),
    "plugrad-raises": distribution("raises_act", "raise RuntimeError('boom')\n"),
    "plugrad-exits": distribution("exits_act", "import sys\nsys.exit(3)\n"),
    "plugrad-syntax": distribution("syntax_act", "def f(:\n"),
    "plugrad-empty": distribution("empty_act", "x = 1\n"),
    "plugrad-unmarked": distribution(
        "unmarked_act", plugin("y").replace("@pg.hookimpl", "")),
    "plugrad-halfway": distribution("halfway_act", plugin("half") + "    register(3)\n"),
    "plugrad-silent": distribution("silent_act", plugin("z").replace("register(z)", "return z")),
    "plugrad-argument": distribution(
        "argument_act", plugin("w").replace("(register)", "(reg)")),
    "plugrad-text": distribution("text_act", plugin("v").replace("register(v)", "register('v')")),
    "plugrad-garbled": distribution("garbled_act", plugin("garbled")),
}


@pytest.fixture(scope="module")
def site(install):
    site = install(DISTRIBUTIONS)
    # pip does not install such a file; a full disk or an editor may leave one all the same.
    (site / "plugrad_garbled-1.0.dist-info/entry_points.txt").write_text("[plugrad]\nact\n")
    return site


@pytest.fixture(scope="module")
def listing(site, python):
    """What `plugrad plugins --json` says of all of them together."""
    done = python("-m", "plugrad", "plugins", "--json", path=site)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return json.loads(done.stdout)


def causes(listing):
    return {row["distribution"]: row["cause"] for row in listing["set_aside"]}


def test_the_good_ones_work_beside_the_broken_ones(listing):
    mine = {(row["name"], row["distribution"], row["version"], os.path.basename(row["file"]))
            for row in listing["components"] if row["distribution"] != "plugrad"}

    assert mine == {("swish", "plugrad-good", "1.0", "good_act.py"),
                    ("swish", "plugrad-shadow", "1.0", "shadow_act.py"),
                    ("twin", "plugrad-twin", "1.0", "twin_act.py"),
                    ("double_a", "plugrad-double", "1.0", "double_a.py"),
                    ("double_b", "plugrad-double", "1.0", "double_b.py")}


@pytest.mark.parametrize("name, words", [
    ("plugrad-thief", ["'swish'", "plugrad-good:act", "name=", "override=True"]),
    ("plugrad-misspelt", ["unknown hook 'register_activation'",
                          "did you mean 'register_activations'"]),
    ("plugrad-missing", ["ModuleNotFoundError", "no_such_module"]),
    ("plugrad-absent", ["ModuleNotFoundError", "nowhere_at_all"]),
    ("plugrad-raises", ["RuntimeError", "boom"]),
    ("plugrad-exits", ["SystemExit", "3"]),
    ("plugrad-syntax", ["SyntaxError", "syntax_act.py"]),
    ("plugrad-empty", ["it has no hook", "@pg.hookimpl"]),
    ("plugrad-unmarked", ["register_activations is not marked", "@pg.hookimpl"]),
    ("plugrad-halfway", ["received 3", "register(YourClass)"]),
    ("plugrad-silent", ["its hook register_activations registered nothing",
                        "register(YourClass)"]),
    ("plugrad-argument", ["its hook register_activations takes (reg)", "name its argument "
                          "register", "def register_activations(register)"]),
    ("plugrad-text", ["cannot register 'v' among activations", "without quotes: register(v)"]),
])
def test_a_broken_one_is_set_aside_and_says_why(listing, name, words):
    cause = causes(listing)[name]

    assert all(word in cause for word in words), cause


def test_entry_points_that_cannot_be_read_are_set_aside(listing):
    row, = (row for row in listing["set_aside"] if "plugrad_garbled" in row["file"])

    assert "metadata that cannot be read" in row["cause"]
    assert len(listing["set_aside"]) == 14


def test_the_newcomer_that_says_override_shadows_the_other_one(listing, site, python):
    shadow, = (row for row in listing["components"] if row["distribution"] == "plugrad-shadow")
    code = """
import warnings; warnings.simplefilter("ignore")
from plugrad import nn, registry
print(nn.functional.swish.__module__,
      registry.get("activations", "plugrad-good:swish").__module__,
      registry.get("activations", "plugrad_Shadow:swish").__module__)"""

    assert shadow["in_use"] and shadow["shadows"] == ["plugrad-good:swish"]
    assert python("-c", code, path=site).stdout.split() == ["shadow_act", "good_act", "shadow_act"]


def test_each_broken_one_is_one_warning_with_distribution_version_cause_and_remedy(site, python):
    done = python("-W", "always", "-c", "from plugrad import nn; nn.functional.twin", path=site)

    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if "PluginWarning" in line]
    assert len(lines) == 14
    line, = (line for line in lines if "plugrad-raises" in line)
    for word in ("plugrad-raises 1.0", "raises_act.py", "boom", "Everything else works",
                 "PLUGRAD_DISABLE=plugrad-raises:act", "PLUGRAD_STRICT=1"):
        assert word.lower() in line.lower()


def test_strict_raises_with_the_traceback(site, python):
    done = python("-c", "from plugrad import nn; nn.functional.twin", path=site, PLUGRAD_STRICT="1",
                  PLUGRAD_DISABLE="garbled,plugrad-absent,plugrad-empty,plugrad-exits,"
                                  "plugrad-halfway,plugrad-missing,plugrad-misspelt,"
                                  "plugrad-argument,plugrad-silent,plugrad-text,"
                                  f"{site}/plugrad_garbled-1.0.dist-info")

    assert done.returncode == 1
    assert "raises_act.py" in done.stderr and "PluginError" in done.stderr


def test_the_listing_works_in_strict_mode_too(site, python, listing):
    done = python("-m", "plugrad", "plugins", "--json", path=site, PLUGRAD_STRICT="1")

    assert json.loads(done.stdout) == listing


def test_a_disabled_plugin_is_not_even_imported(site, python):
    code = "import sys; from plugrad import registry; registry.names('layers'); " \
           "print('raises_act' in sys.modules, 'twin_act' in sys.modules)"
    done = python("-W", "ignore", "-c", code, path=site, PLUGRAD_DISABLE="plugrad-twin")

    assert done.stdout.split() == ["False", "False"]


def test_trace_prints_each_hook_call(site, python):
    done = python("-W", "ignore", "-c", "from plugrad import nn; nn.functional.twin", path=site,
                  PLUGRAD_TRACE="1")

    assert "plugrad: register_activations -> plugrad-twin:act" in done.stderr


def test_nothing_is_loaded_before_the_first_lookup(site, python):
    code = """
import sys, plugrad
from plugrad import nn
from plugrad.nn import functional
hasattr(nn, "__wrapped__"), hasattr(nn, "_ipython_display_")
print([name for name in sys.modules if name.startswith("plugrad.plugins") or name == "good_act"])
nn.functional.swish
print("good_act" in sys.modules)"""
    done = python("-W", "ignore", "-c", code, path=site)

    assert done.stdout.split() == ["[]", "True"]


def test_of_two_versions_the_first_on_the_path_counts(site, install, python):
    newer = install({"plugrad-good": (["new = new_act"], {"new_act.py": plugin("newer")}, "2.0")})
    done = python("-m", "plugrad", "plugins", "--json", path=f"{newer}{os.pathsep}{site}")
    rows = [row for row in json.loads(done.stdout)["components"]
            if row["distribution"] == "plugrad-good"]

    assert [(row["name"], row["version"]) for row in rows] == [("newer", "2.0")]


def test_an_installed_plugin_may_be_named_as_well(site, python, listing):
    done = python("-m", "plugrad", "plugins", "--json", path=site,
                  PLUGRAD_PLUGINS="twin_act,twin_act")

    assert json.loads(done.stdout) == listing
