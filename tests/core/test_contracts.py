"""What is checked at the door: base class, methods, signature, name."""

import plugrad as pg
import pytest
from plugrad import data, nn, optim, registry
from plugrad.callbacks import Callback
from plugrad.optim.lr_scheduler import LRScheduler
from plugrad.plugin import contracts, hookspecs
from plugrad.plugin.kinds import FUNCTIONAL, KINDS
from plugrad.registry import PluginError, PluginWarning
from plugrad.testing import ComponentError, check_component


@pytest.fixture(autouse=True)
def isolated():
    with registry.isolated():
        yield


def component(base, doc="what it does", **members):
    return type("Made", (base,), {"__doc__": doc, **members})


def method(self, *inputs):
    return inputs


def function(input):
    """input"""
    return input


def other_function(input):
    """input, too"""
    return input


def undocumented(input):
    return input


def only_stars(*args, **kwargs):
    """args"""


def init_stars(self, *args, **kwargs):
    pass


def init_params(self, params, lr=1e-3):
    pass


def init_optimizer(self, optimizer, last_epoch=-1):
    pass


GOOD = {
    "layers": component(nn.Module, forward=method),
    "activations": component(nn.Module, forward=method),
    "normalizations": component(nn.Module, forward=method),
    "losses": component(nn.Module, forward=method),
    "models": component(nn.Module, forward=method),
    "optimizers": component(optim.Optimizer, __init__=init_params, update=method),
    "schedulers": component(LRScheduler, __init__=init_optimizer, get_lr=method),
    "initializers": function,
    "datasets": component(data.Dataset, __getitem__=method),
    "transforms": component(object, __call__=method),
    "callbacks": component(Callback),
    "ops": other_function,
}


def received(kind, made, name=None):
    return "; ".join(contracts.problems(KINDS[kind], made, name or contracts.label(made)))


def test_every_kind_has_a_hook_with_one_sentence_and_a_contract():
    hooks = {name: hook for name, hook in vars(hookspecs).items() if name.startswith("register_")}

    assert set(hooks) == {f"register_{kind}" for kind in KINDS} and len(KINDS) == 12
    assert all(hook.__doc__.count(".\n") + hook.__doc__.endswith(".") == 1
               for hook in hooks.values())
    assert set(GOOD) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_keeps_the_contract_is_registered(kind):
    assert received(kind, GOOD[kind]) == ""

    pg.register(GOOD[kind], kind=kind)
    assert registry.get(kind, GOOD[kind].__name__) is GOOD[kind]
    assert GOOD[kind].__name__ in registry.names(kind)


@pytest.mark.parametrize("made", [function, component(object, __call__=method)])
def test_functions_and_callables_where_they_are_allowed(made):
    assert received("transforms", made) == ""


def test_a_plain_function_may_be_an_activation():
    assert received("activations", function) == ""


@pytest.mark.parametrize("kind, made, words", [
    ("layers", component(object, forward=method), ["subclass of Module", "Made(object)",
                                                   "class Made(Module)"]),
    ("layers", component(nn.Module), ["expected a method forward", "none"]),
    ("layers", nn.Module, ["expected a subclass of Module"]),
    ("losses", function, ["expected a class", "the function function"]),
    ("layers", 3, ["expected a class", "received 3", "register(YourClass)"]),
    ("layers", None, ["expected a class", "received None", "register(YourClass)"]),
    ("layers", nn.Sequential(), ["an object of Sequential; register the class itself, without "
                                 "calling it: register(Sequential)"]),
    ("activations", "SGD", ["expected a class or a function", "received the text 'SGD'; register "
                            "the class itself, without quotes: register(SGD)"]),
    ("initializers", "ones_", ["expected a function", "register the function itself",
                               "register(ones_)"]),
    ("optimizers", component(optim.Optimizer, __init__=init_params), ["update or step"]),
    ("optimizers", component(optim.Optimizer, __init__=init_stars, update=method),
     ["'params' as the first argument", "(*args, **kwargs)", "Made(params, ...)"]),
    ("schedulers", component(LRScheduler, __init__=init_optimizer), ["get_lr or step"]),
    ("schedulers", component(LRScheduler, __init__=init_stars, get_lr=method), ["'optimizer'"]),
    ("initializers", only_stars, ["'tensor' as the first argument", "(*args, **kwargs)"]),
    ("initializers", component(object), ["expected a function", "the class Made"]),
    ("datasets", component(data.Dataset), ["__getitem__ or __iter__"]),
    ("transforms", component(object), ["__call__"]),
    ("callbacks", component(object), ["subclass of Callback"]),
])
def test_what_breaks_it_is_told_what_was_expected_and_received(kind, made, words):
    text = received(kind, made)

    assert all(word in text for word in words), text


@pytest.mark.parametrize("name", ["two words", "class", "_hidden", "", "a:b", "<lambda>"])
def test_names_are_public_python_names(name):
    assert "expected a public Python name" in received("layers", GOOD["layers"], name or " ")


def test_everything_wrong_is_named_at_once():
    text = received("layers", component(nn.Module), "two words")

    assert text.count("expected") == 2


def test_the_door_names_plugin_component_and_kind():
    broken = component(nn.Module)
    broken.__module__ = "notebook"

    with pytest.raises(PluginError, match=r"plugin notebook:Made: it cannot register 'Made' "
                                          r"among layers: expected a method forward"):
        pg.register(broken)


@pytest.mark.parametrize("made", [component(nn.Module, doc=None, forward=method),
                                  component(nn.Module, doc="  ", forward=method), undocumented])
def test_a_missing_docstring_is_a_warning_and_the_check_asks_for_it(made):
    with pytest.warns(PluginWarning, match=r"has no docstring: write its formula") as caught:
        pg.register(made)

    assert caught[0].filename == __file__
    assert made.__name__ in registry.names("layers", "activations")
    with pytest.raises(ComponentError, match="docstring"):
        check_component(made)


def test_the_function_form_is_checked_too_and_lives_in_functional():
    with pytest.raises(PluginError, match=r"'int' among functional: .*received 3"):
        pg.register(GOOD["layers"], functional=3)
    assert not registry.names("layers").count("Made")     # all or nothing

    pg.register(GOOD["layers"], functional=function)
    assert nn.functional.function is function and nn.Made is GOOD["layers"]
    assert [entry.kind for entry in registry.default.table["function"]] == [FUNCTIONAL.name]


def test_a_class_may_have_several_function_forms():
    pg.register(GOOD["layers"], functional=(function, other_function))

    assert nn.functional.function is function and nn.functional.other_function is other_function


@pytest.mark.parametrize("wrong, words", [
    ("foo", r"'foo' among functional: expected a function, .* 'foo'; .*quotes: functional=foo"),
    (nn.Sequential(), r"among functional: expected a function, .*: functional=your_function"),
])
def test_a_function_form_that_is_none(wrong, words):
    with pytest.raises(PluginError, match=words):
        pg.register(GOOD["layers"], functional=wrong)


@pytest.mark.parametrize("made, kind", [
    (GOOD["layers"], "layers"), (GOOD["optimizers"], "optimizers"), (GOOD["datasets"], "datasets"),
    (GOOD["schedulers"], "schedulers"), (GOOD["callbacks"], "callbacks"),
    (component(nn.Loss, forward=method), "losses"),
    (component(nn.ClassLoss, forward=method), "losses"),
    (component(nn.BatchNorm, forward=method), "normalizations"),
])
def test_the_kind_follows_from_the_base_class(made, kind):
    pg.register(made)

    assert registry.get(kind, "Made") is made


def fill_(tensor):
    """1"""
    return tensor


@pytest.mark.parametrize("made, kind", [(function, "activations"), (fill_, "initializers")])
def test_the_kind_of_a_function_follows_from_its_name(made, kind):
    pg.register(made)

    assert registry.get(kind, made.__name__) is made


@pytest.mark.parametrize("wrong, error, words", [
    (nn.Sequential(), TypeError, r"a class or a function, .*object of Sequential; register the "
                                 r"class itself, without calling it: register\(Sequential\)"),
    ("Snake", TypeError, r"the text 'Snake'; register the class itself, without quotes"),
    (None, TypeError, r"received None; .*register\(YourClass\)"),
    (component(object), TypeError, "class Made does not say by its base class .* give kind="),
])
def test_what_is_no_component_is_told_what_it_is(wrong, error, words):
    with pytest.raises(error, match=words):
        pg.register(wrong)


def test_an_unknown_kind_is_told_all_kinds():
    with pytest.raises(ValueError, match="unknown kind 'activation'; did you mean 'activations'"):
        pg.register(function, kind="activation")
    with pytest.raises(ValueError, match=r"unknown kind 'zzz'\. Expected one of layers, "):
        pg.register(function, kind="zzz")
