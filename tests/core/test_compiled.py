"""Compiled plugins, really built and installed: what pluggy cannot see, and stale headers."""

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import plugrad as pg
import pytest
from plugrad.kernels.base import abi
from plugrad.plugin import compiled

pytestmark = pytest.mark.slow

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
HOOK = '''
import plugrad as pg

def hooked(x):
    """x"""
    return x

@pg.hookimpl
def register_activations(register):
    register(hooked)
'''
PLAIN = '''
import plugrad as pg
from _{name} import {name}

@pg.hookimpl
def register_activations(register):
    register({name})
'''
MARKED = "from plugrad.kernels.base.abi cimport ABI"
TYPED = "from plugrad.tensor.tensor cimport Tensor\n\ncdef Tensor nothing(Tensor x):\n    return x"
STRUCT = "cdef class Tensor:\n    cdef {}\n"


def kernel(name, cimport):
    return f'{cimport}\n\ndef {name}(x):\n    """x + x"""\n    return x + x\n'


def compile_all(folder, modules, headers):
    """Build modules (name -> Cython source) with these headers (name -> text) as plugrad's."""
    for name, text in headers.items():
        header = folder.joinpath("include", "plugrad", *name.split(".")).with_suffix(".pxd")
        header.parent.mkdir(parents=True, exist_ok=True)
        header.write_text(text)
        for package in (header.parent, header.parent.parent):
            (package / "__init__.pxd").touch()
    for name, source in modules.items():
        (folder / f"{name}.pyx").write_text(source)
    script = ("from Cython.Build import cythonize; from setuptools import setup; "
              "setup(name='x', ext_modules=cythonize('*.pyx', language_level=3, "
              "include_path=['include']))")
    subprocess.run([sys.executable, "-c", script, "-q", "build_ext", "--inplace"], cwd=folder,
                   check=True, capture_output=True)
    return {name: (folder / f"{name}{SUFFIX}").read_bytes() for name in modules}


@pytest.fixture(scope="session")
def site(install, tmp_path_factory):
    """Five distributions, each with one extension module, installed by pip."""
    pytest.importorskip("Cython", reason="needs what builds plugins: Cython, a compiler")
    header = Path(pg.__file__).with_name("kernels").joinpath("base", "abi.pxd").read_text()
    newer = header.replace(f"PLUGRAD_ABI {abi.VERSION}\n", f"PLUGRAD_ABI {abi.VERSION + 1}\n")
    assert newer != header
    builds = [
        ({"kernels.base.abi": header}, {"hooked": HOOK, "_current": kernel("current", MARKED)}),
        ({"kernels.base.abi": newer}, {"_newer": kernel("newer", MARKED)}),
        ({"tensor.tensor": STRUCT.format("double[100] x")}, {"_longer": kernel("longer", TYPED)}),
        ({"tensor.tensor": STRUCT.format("char x")}, {"_shorter": kernel("shorter", TYPED)}),
    ]
    distributions = {}
    for headers, modules in builds:
        folder = tmp_path_factory.mktemp("build")
        for module, binary in compile_all(folder, modules, headers).items():
            name = module.lstrip("_")
            files = {f"{module}{SUFFIX}": binary}
            if module != name:
                files[f"{name}.py"] = PLAIN.format(name=name)
            distributions[f"plugrad-{name}"] = [f"act = {name}"], files
    return install(distributions)


@pytest.fixture(scope="session")
def causes(site, python):
    """distribution -> why it was set aside"""
    done = python("-m", "plugrad", "plugins", "--json", path=site)
    return {row["distribution"]: row["cause"] for row in json.loads(done.stdout)["set_aside"]}


def test_a_compiled_hook_is_an_error_that_says_where_hooks_live(causes):
    assert "register_activations is compiled by Cython" in causes["plugrad-hooked"]
    assert "plain .py file" in causes["plugrad-hooked"]


def test_code_for_another_interface_is_told_to_rebuild_before_it_runs(causes, site, python):
    cause = causes["plugrad-newer"]
    code = "import sys; from plugrad import registry; registry.names('layers'); " \
           "print('_newer' in sys.modules)"

    assert f"version {abi.VERSION + 1}" in cause and f"has version {abi.VERSION}" in cause
    assert "rebuild this plugin" in cause and "_newer" in cause
    assert python("-W", "ignore", "-c", code, path=site).stdout == "False\n"


@pytest.mark.parametrize("name", ["plugrad-longer", "plugrad-shorter"])
def test_cythons_own_complaint_is_told_in_our_words(causes, name):
    assert "rebuild this plugin" in causes[name]
    assert "size changed" not in causes[name]


def test_code_for_this_interface_runs(causes, site, python):
    done = python("-W", "ignore", "-c", "from plugrad import nn; print(nn.functional.current(2))",
                  path=site)

    assert done.stdout == "4\n"
    assert set(causes) == {"plugrad-hooked", "plugrad-newer", "plugrad-longer", "plugrad-shorter"}


def test_the_core_carries_its_own_mark():
    assert compiled.version_of(abi.__file__) == abi.VERSION
    assert compiled.problem([abi.__file__]) is None
