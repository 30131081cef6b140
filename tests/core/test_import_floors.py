"""Imports go down only: read from the sources, so that a lazy import counts as well."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]

# Floor by floor, the folders of core/, and modules of a folder that are on another floor than it.
FLOORS = {name: floor for floor, names in enumerate((
    "kernels",
    "tensor absent accelerator backends layouts limits mps version xpu",
    "ops autograd amp cuda switches tensor_types",
    "nn optim data callbacks distributions func io linalg models special utils plugin.hookspecs "
    "plugin.kinds plugin.namespace training.interrupt training.observers",
    "plugin training testing tools __main__",
)) for name in names.split()}
LIBRARY = ("library", "library.compat")     # on the path of plugrad: not in the modules' names
ROOF = 5
# What a plugin may import, and the roof.
PUBLIC = {"nn", "optim", "data", "callbacks", "models", "utils", "linalg"}
FOR_OPS = ["ops"]                                          # the names of the package alone
NO_PLUGGY = 2                                              # the highest floor that must not know it


class Import(NamedTuple):
    """One import statement: where it is written, and of which module."""

    where: str
    module: str
    names: list
    is_cimport: bool


def imports(path, package):
    """Every Import of a source file; `package` is the dotted name of the folder it is in."""
    text = path.read_text(encoding="utf-8")
    found = in_python(text) if path.suffix == ".py" else in_cython(text)
    for line, level, module, names, is_cimport in found:
        if level:
            above = package.split(".")
            module = ".".join(filter(None, [*above[:len(above) - level + 1], module]))
        for name in names if module == "plugrad" and names else [""]:
            # `from plugrad import nn` means the module, `from plugrad import tanh` the roof.
            is_module = name in FLOORS or name in ("plugins", "registry")
            yield Import(f"{path}:{line}", f"plugrad.{name}" if is_module else module,
                         names, is_cimport)


def in_python(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, 0, alias.name, [], False
        elif isinstance(node, ast.ImportFrom):
            yield (node.lineno, node.level, node.module or "",
                   [alias.name for alias in node.names], False)


def in_cython(text):
    def blank(match):
        return "\n" * match[0].count("\n")

    text = re.sub(r'""".*?"""|#[^\n]*', blank, text, flags=re.DOTALL)
    pattern = r"^[ \t]*(?:from\s+(\.*)([\w.]*)\s+)?(c?import)\s+(\([^)]*\)|[^\n]+)"
    for match in re.finditer(pattern, text, flags=re.MULTILINE):
        dots, module, keyword, names = match.groups()
        line = text.count("\n", 0, match.start()) + 1
        names = [name.split()[0] for name in names.strip("()").split(",") if name.strip()]
        if dots is None:
            for name in names:
                yield line, 0, name, [], keyword == "cimport"
        else:
            yield line, len(dots), module, names, keyword == "cimport"


def sources(folder, package):
    """(path, dotted name of its module, dotted name of its package) for every source file."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".pyx", ".pxd"):
            parts = [package, *path.relative_to(folder).with_suffix("").parts]
            package_of = in_name(".".join(parts[:-1]))
            yield (path, package_of if parts[-1] == "__init__" else f"{package_of}.{parts[-1]}",
                   package_of)


def in_name(package):
    """The name by which a package is imported, given the folders that it is in."""
    for folder in sorted(LIBRARY, key=len, reverse=True):
        if f"{package}.".startswith(f"plugrad.{folder}."):
            return package.replace(f".{folder}", "", 1)
    return package


def floor_of(module):
    """0 to 5, by the longest row above that begins the name; None if there is none."""
    parts = module.split(".")[1:]
    if parts == ["registry"]:                  # a second name of plugrad.plugin.registry
        parts = ["plugin", "registry"]
    rows = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
    return next((FLOORS[row] for row in rows if row in FLOORS), None) if parts else ROOF


def violations(root):
    """What is wrong in the tree root/core, root/plugins: one line each."""
    found = []
    for path, module, package in sources(root / "core", "plugrad"):
        floor = floor_of(module)
        if floor is None:
            found.append(f"{path}: on no floor; add it to FLOORS")
            continue
        for item in imports(path, package):
            top = item.module.split(".")[0]
            if top == "pluggy" and floor <= NO_PLUGGY:
                found.append(f"{item.where}: floor {floor} imports pluggy")
            if top != "plugrad":
                continue
            if item.module.startswith("plugrad.plugins"):
                found.append(f"{item.where}: the core imports {item.module}")
            elif floor_of(item.module) is None or floor_of(item.module) > floor:
                found.append(f"{item.where}: floor {floor} imports {item.module} from above")
    for path, module, package in sources(root / "plugins", "plugrad.plugins"):
        for item in imports(path, package):
            if item.module.split(".")[0] == "plugrad" and not may_use(item, module, root):
                found.append(f"{item.where}: a plugin imports {item.module}")
    return found


def may_use(item, module, root):
    """May the plugin `module` import this?  Public names, headers, and loops beside it."""
    if item.module.startswith("plugrad.plugins"):
        package, _, name = item.module.rpartition(".")
        file = root.joinpath(*item.module.split(".")[1:])
        return package == module.rpartition(".")[0] and name.startswith("_") and any(
            file.with_suffix(suffix).exists() for suffix in (".pyx", ".py"))
    parts = item.module.split(".")[1:]
    if item.is_cimport:
        header = root.joinpath("core", *parts)
        return header.with_suffix(".pxd").exists() or all(
            (header / f"{name}.pxd").exists() for name in item.names)
    private = any(part.startswith("_") for part in parts)
    return not parts or parts == FOR_OPS or (parts[0] in PUBLIC and not private)


def test_imports_go_down_only():
    assert not violations(ROOT), "\n".join(violations(ROOT))


GOOD = {
    "core/__init__.py": "from plugrad import nn, registry",
    "core/library/__init__.py": "",
    "core/library/compat/cuda.py": "from plugrad.tensor import tensor",
    "core/kernels/matmul/gemm.pyx": "from plugrad.kernels.base cimport buffers\n"
                                    "# from plugrad import nn",
    "core/tensor/tensor.pxd": "cimport numpy",
    "core/tensor/tensor.pyx": '"""import plugrad as pg"""\nfrom plugrad.tensor import dtypes',
    "core/ops/math.pyx": "from plugrad.tensor.tensor cimport (\n    Tensor,\n    Op)",
    "core/nn/__init__.py": "from . import functional\nfrom plugrad.ops import math",
    "core/nn/functional.py": "from plugrad.plugin.namespace import namespace",
    "core/plugin/registry.py": "import pluggy\nfrom plugrad.plugin import namespace",
    "plugins/layers/linear.py": "import plugrad as pg\nfrom plugrad import nn\n"
                                "from plugrad.plugins.layers._linear import kernel\n"
                                "from plugrad.nn import functional",
    "plugins/layers/_linear.pyx": "from plugrad.tensor.tensor cimport Tensor\n"
                                  "from plugrad.kernels.base cimport buffers",
    "core/kernels/base/buffers.pxd": "",
}


def tree(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return root


def test_a_good_tree_is_accepted(tmp_path):
    assert violations(tree(tmp_path, GOOD)) == []


@pytest.mark.parametrize("file, text, words", [
    ("core/nn/__init__.py", "from plugrad.plugins.layers import linear", "the core imports"),
    ("core/nn/__init__.py", "def f():\n    import plugrad.plugins", "the core imports"),
    ("core/nn/__init__.py", "from plugrad import plugins", "the core imports"),
    ("core/nn/__init__.py", "from ..plugins.layers import linear", "the core imports"),
    ("core/kernels/matmul/gemm.pyx", "import pluggy", "floor 0 imports pluggy"),
    ("core/ops/math.pyx", "from pluggy import PluginManager", "floor 2 imports pluggy"),
    ("core/kernels/base/cpu.pyx", "from plugrad.tensor.tensor cimport Tensor", "floor 0 imports"),
    ("core/kernels/matmul/gemm.pyx", "cimport plugrad.tensor.tensor", "floor 0 imports"),
    ("core/tensor/tensor.pyx", "    from plugrad.ops import math", "floor 1 imports plugrad.ops"),
    ("core/tensor/tensor.pxd", "from plugrad.ops.math cimport exp", "floor 1 imports plugrad.ops"),
    ("core/ops/math.pyx", "from plugrad import nn", "floor 2 imports plugrad.nn"),
    ("core/nn/__init__.py", "from plugrad import registry", "floor 3 imports plugrad.registry"),
    ("core/nn/functional.py", "from plugrad import (\n    no_grad)", "floor 3 imports plugrad"),
    ("core/nn/functional.py", "import plugrad as pg", "floor 3 imports plugrad"),
    ("core/new_file.py", "", "on no floor"),
    ("core/new_folder/file.py", "", "on no floor"),
    ("core/library/new_file.py", "", "on no floor"),
    ("core/plugin/kinds.py", "from plugrad.plugin import registry", "floor 3 imports"),
    ("core/plugin/kinds.py", "from plugrad.registry import get", "floor 3 imports"),
    ("core/tensor/walk.pyx", "from plugrad.linalg import det", "floor 1 imports"),
    ("plugins/layers/linear.py", "from plugrad.plugins.layers.conv2d import Conv2d", "a plugin"),
    ("plugins/layers/linear.py", "from .conv2d import Conv2d", "a plugin imports"),
    ("plugins/layers/linear.py", "from . import conv2d", "a plugin imports"),
    ("plugins/layers/linear.py", "from ._conv2d import kernel", "a plugin imports"),
    ("plugins/losses/mse_loss.py", "from plugrad.plugins.layers._linear import x", "a plugin"),
    ("plugins/layers/linear.py", "from plugrad.tensor.tensor import Tensor", "a plugin imports"),
    ("plugins/layers/linear.py", "from plugrad import registry", "a plugin imports"),
    ("plugins/layers/linear.py", "from plugrad.nn._private import x", "a plugin imports"),
    ("plugins/layers/_linear.pyx", "from plugrad.tensor.walk cimport x", "a plugin imports"),
    ("plugins/layers/_linear.pyx", "from plugrad.kernels.matmul cimport gemm", "a plugin imports"),
])
def test_a_violation_is_found(tmp_path, file, text, words):
    found = violations(tree(tmp_path, GOOD | {file: text}))

    assert len(found) == 1 and words in found[0] and str(tmp_path / file) in found[0], found
