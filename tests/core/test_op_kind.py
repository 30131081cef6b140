"""The kind ops: what registering one gives, for classes, functions and built-in families."""

import inspect
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import plugrad as pg
import plugrad.plugins
import pytest
from plugrad import Op, nn, registry
from plugrad.plugin import index
from plugrad.plugin.kinds import snake
from plugrad.registry import PluginError
from plugrad.testing import ComponentError, check_component


@pytest.fixture(autouse=True)
def isolated():
    with registry.isolated():
        yield


class Cube(Op):
    """y = x³;    dy/dx = 3 x²"""

    def forward(self, x):
        self.save(x)
        return x ** 3

    def vjp(self, g):
        x, = self.saved
        return g * 3 * x ** 2


class ScaledProduct(Op):
    """y = k a b"""

    elementwise = True

    def __init__(self, k=2.0):
        self.k = k

    def forward(self, a, b):
        self.save(a, b)
        return a * b * self.k

    def vjp(self, g):
        a, b = self.saved
        return g * b * self.k, g * a * self.k


def halved(input):
    """x / 2"""
    return input / 2


def points(*shape):
    return pg.tensor(np.random.default_rng(0).standard_normal(shape), requires_grad=True)


def test_a_class_gives_a_function_a_method_and_forms_in_place():
    pg.register(Cube)
    x = points(3)

    for y in (pg.cube(x), x.cube(), x.clone().cube_(), pg.cube_(x.clone())):
        np.testing.assert_array_equal(y.detach(), x.numpy(force=True) ** 3)
    assert {"cube", "cube_"} <= set(dir(pg)) & set(dir(pg.Tensor))
    assert registry.get("ops", "Cube") is registry.get("ops", "cube") is Cube


def test_its_derivatives_are_those_of_its_vjp():
    pg.register(Cube)
    x = points(4)
    first, = pg.autograd.grad(x.cube().sum(), x, create_graph=True)
    second, = pg.autograd.grad(first.sum(), x)

    np.testing.assert_allclose(first.detach(), 3 * x.numpy(force=True) ** 2)
    np.testing.assert_allclose(second, 6 * x.numpy(force=True))


def test_out_takes_the_result():
    pg.register(Cube)
    out = pg.empty(2)

    assert pg.cube(pg.tensor([2.0, 3.0]), out=out) is out
    assert out.tolist() == [8.0, 27.0]


def test_inputs_of_an_elementwise_op_get_one_dtype_and_shape():
    pg.register(ScaledProduct)
    a, b = pg.ones(3, 1, requires_grad=True), pg.ones(4).double().requires_grad_()
    y = pg.scaled_product(a, b, 3)
    y.sum().backward()

    assert (tuple(y.shape), y.dtype) == ((3, 4), pg.float64)
    assert a.grad.dtype == pg.float32 and a.grad.flatten().tolist() == [12.0] * 3
    assert b.grad.tolist() == [9.0] * 4
    assert pg.scaled_product(a, 2, k=1).flatten().tolist() == [2.0] * 3
    assert pg.scaled_product(pg.tensor([1, 2]), 1.5, 1).tolist() == [1.5, 3.0]
    with pytest.raises(RuntimeError, match=r"can't broadcast shapes .*\(3, 1\)"):
        pg.scaled_product(a, pg.ones(2, 4))


def test_the_signature_is_that_of_forward_and_of_the_options():
    pg.register(ScaledProduct)

    assert str(inspect.signature(pg.scaled_product)) == "(a, b, k=2.0)"
    assert pg.scaled_product.__doc__ == ScaledProduct.__doc__
    with pytest.raises(TypeError, match="scaled_product: expected a, b, got 1 of them"):
        pg.scaled_product(pg.ones(1))


def test_a_function_is_an_op_and_says_what_it_offers():
    pg.register(halved, kind="ops", in_place=True, aliases=("half_of",),
                places=("plugrad", "linalg", "functional"))
    x = pg.tensor([2.0])

    assert pg.halved(x) == pg.half_of(x) == x.half_of() == x.clone().half_of_() == 1
    assert pg.linalg.halved(x) == nn.functional.halved(x) == 1


def test_what_is_not_offered_is_not_there():
    pg.register(halved, kind="ops", method=False)

    assert not hasattr(pg.Tensor, "halved") and not hasattr(pg, "halved_")


def test_what_is_gone_is_gone_everywhere():
    with registry.isolated():
        pg.register(Cube)
        assert pg.ones(1).cube() == 1

    assert not any(hasattr(place, name) for place in (pg, pg.Tensor) for name in ("cube", "cube_"))


@pytest.mark.parametrize("component, options, words", [
    (Cube, {"name": "exp"}, "that name in plugrad is the core's own"),
    (Cube, {"name": "shape"}, "that name in plugrad.Tensor is the core's own"),
    (Cube, {"in_plac": True}, "ops take no option 'in_plac'; did you mean 'in_place'"),
    (Cube, {"places": ("linagl",)}, "got 'linagl'; did you mean 'linalg'"),
    (nn.Linear, {}, "expected a subclass of Op, received class Linear"),
    (Cube(), {}, "register the class itself, without calling it: register(Cube)"),
    ("Cube", {}, "without quotes"),
])
def test_what_is_wrong_is_told(component, options, words):
    with pytest.raises(PluginError) as caught:
        pg.register(component, kind="ops", **options)
    assert words in str(caught.value)


def test_a_name_that_a_plugin_has_is_shadowed_only_with_override(tmp_path):
    file = tmp_path / "other.py"
    file.write_text('import plugrad as pg\ndef cube(x):\n    """0"""\n    return x * 0\n'
                    "@pg.hookimpl\ndef register_ops(register):\n    register(cube)\n")
    pg.load_plugin(file)
    with pytest.raises(PluginError, match="override=True"):
        pg.register(Cube)
    pg.register(Cube, override=True)

    assert pg.tensor([2.0]).cube() == 8 == pg.cube(pg.tensor([2.0]))


def test_an_installed_op_is_a_method_before_anything_was_looked_up(install, python):
    site = install({"plugrad-cube": (["cube = cube_op"], {"cube_op.py": (
        'import plugrad as pg\ndef cube(input):\n    """x³"""\n    return input ** 3\n'
        "@pg.hookimpl\ndef register_ops(register):\n    register(cube, in_place=True)\n")})})
    done = python("-c", "import plugrad as pg; x = pg.tensor([2.0]); p = pg.nn.Parameter(x);"
                        "print(x.cube().item(), p.cube().item(), x.cube_().item());"
                        "print(hasattr(x, 'cubic'))", path=site)

    assert done.stdout.split() == ["8.0", "8.0", "8.0", "False"], done.stderr


NAMES = """
import json, sys
import plugrad as pg
x = pg.ones(2)
{}
print(json.dumps([name for name in sys.modules if name.startswith("plugrad.plugins.")]))
"""


@pytest.mark.parametrize("use, file", [
    ("x.sin()", "ops.trigonometry"), ("pg.sin(x)", "ops.trigonometry"),
    ("pg.nn.ReLU", "activations.relu"), ("pg.optim.SGD", "optimizers.sgd"),
])
def test_one_name_loads_one_file(use, file):
    index.write(Path(plugrad.plugins.__file__).parent)       # as a build does, after an edit
    done = subprocess.run([sys.executable, "-c", NAMES.format(use)], capture_output=True, text=True,
                          check=True)
    loaded = {name for name in json.loads(done.stdout) if "._" not in name}

    assert f"plugrad.plugins.{file}" in loaded
    assert {name for name in loaded if name.count(".") == 3} == {f"plugrad.plugins.{file}"}


@pytest.mark.parametrize("name, expected", [
    ("Cube", "cube"), ("LogAddExp", "log_add_exp"), ("ReLU", "re_lu"), ("exp2", "exp2"),
    ("Conv2d", "conv2d"), ("FFTShift", "fft_shift")])
def test_the_name_of_a_class_in_small_letters(name, expected):
    assert snake(name) == expected


class Wrong(Cube):
    """y = x³, but the derivative of x²"""

    def vjp(self, g):
        x, = self.saved
        return g * 2 * x


class NoBroadcast(ScaledProduct):
    """y = 2 a b, but the gradients belong to each other"""

    def vjp(self, g):
        a, b = self.saved
        return g * a * self.k, g * b * self.k


def test_the_check_passes_what_is_right():
    assert check_component("ops", Cube, equals=lambda x: x ** 3)
    assert check_component("ops", ScaledProduct, k=3.0, equals=lambda a, b: 3 * a * b)
    assert check_component("ops", halved, equals=lambda x: x / 2)


@pytest.mark.parametrize("op, options, words", [
    (Wrong, {}, "gradient of output 0"), (NoBroadcast, {}, "gradient of output 0"),
    (Cube, {"equals": lambda x: x ** 2}, "the value is"),
])
def test_the_check_finds_what_is_wrong(op, options, words):
    with pytest.raises(ComponentError, match=words):
        check_component("ops", op, **options)


@pytest.mark.parametrize("name", registry.names("ops"))
def test_the_index_knows_what_is_registered(name):
    entry = next(e for e in registry.default.entries() if (e.kind, e.name) == ("ops", name))
    rows = {row[1:3] for row in index.registered(Path(entry.source.file))}

    assert {(e.place, e.name) for e in registry.default.entries()
            if e.source is entry.source} == rows
