"""Writes a .pyi beside each namespace, so that an editor completes nn.Linear.

    python -m plugrad.tools.stubs

A namespace has no such name before somebody asks for it, and editors do not ask: a stub lists
what the namespace's own file defines and imports every built-in component from its plugin.  The
stubs are written at each build, by setup.py, and not kept in git: they cannot be out of date, and
removing a plugin is still removing one file.  So this file reads sources and imports nothing.
"""

import ast
import importlib.util
import runpy
from pathlib import Path

CORE = Path(__file__).parents[1]
index = runpy.run_path(str(CORE / "plugin" / "index.py"))
KINDS, FUNCTIONAL = index["KINDS"], index["FUNCTIONAL"]
HEADER = "# Written by tools/stubs.py from the namespace and its plugins: edit those instead.\n"


def write(core, plugins):
    """Write the stub of every namespace into the folder `core`; unchanged files stay untouched."""
    for source, text in stubs(Path(core), Path(plugins)).items():
        path = source.with_suffix(".pyi")
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def stubs(core, plugins):
    """{file of the namespace: text of its stub}"""
    imports = {}
    for path in sorted(plugins.glob("*/[!_]*.py")):
        module = f"plugrad.plugins.{path.parent.name}.{path.stem}"
        for row in index["registered"](path):
            if row.kind != "forms":
                imports.setdefault(row.place, set()).add(
                    f"from {module} import {row.source} as {row.name}")
    texts = {}
    namespaces = {kind.namespace for kind in [*KINDS.values(), FUNCTIONAL]} - {"plugrad"}
    for namespace in sorted(namespaces):
        source = file_of(namespace, core)
        lines = sorted(imports.get(namespace, []))
        texts[source] = "\n".join([HEADER, own_names(parse(source)), "", *lines, ""])
    return texts


def own_names(tree):
    """The namespace's own source without what only matters when it runs."""
    body = [kept for node in tree.body if (kept := in_stub(node)) is not None]
    return ast.unparse(ast.Module(body, type_ignores=[]))


def in_stub(node):
    """A top-level statement as it stands in the stub; None if it has no place there."""
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("plugrad"):
        names = [alias for alias in node.names if alias.name != "namespace"]
        for alias in names:
            if alias.name != "*":
                alias.asname = alias.asname or alias.name     # "as" means: offered here as well
        return ast.ImportFrom(node.module, names, node.level) if names else None
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return WithoutBodies().visit(node)
    if isinstance(node, ast.Assign):
        names = {name.id for target in node.targets for name in ast.walk(target)
                 if isinstance(name, ast.Name)}
        return node if names.isdisjoint({"__all__", "__getattr__"}) else None
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return node
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return node if is_docstring else None


class WithoutBodies(ast.NodeTransformer):
    """Functions keep their signature and docstring."""

    def visit_FunctionDef(self, node):
        docstring = node.body[:1] if ast.get_docstring(node) else []
        node.body = [*docstring, ast.Expr(ast.Constant(...))]
        return node


def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def file_of(namespace, core):
    """The source of a namespace: in the folder core, or in one that is on the package's path."""
    for folder in (core, core / "library"):
        path = folder.joinpath(*namespace.split(".")[1:])
        for file in (path / "__init__.py", path.with_suffix(".py")):
            if file.exists():
                return file
    raise FileNotFoundError(f"no source of {namespace} in {core}")


if __name__ == "__main__":
    write(CORE, *importlib.util.find_spec("plugrad.plugins").submodule_search_locations)
