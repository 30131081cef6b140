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
kinds = runpy.run_path(str(CORE / "plugin" / "kinds.py"))
KINDS, FUNCTIONAL = kinds["KINDS"], kinds["FUNCTIONAL"]
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
        for namespace, name, alias in registered(parse(path)):
            imports.setdefault(namespace, []).append(f"from {module} import {name} as {alias}")
    texts = {}
    for namespace in sorted({kind.namespace for kind in [*KINDS.values(), FUNCTIONAL]}):
        source = file_of(namespace, core)
        lines = sorted(imports.get(namespace, []))
        texts[source] = "\n".join([HEADER, own_names(parse(source)), "", *lines, ""])
    return texts


def registered(tree):
    """(namespace, name in the file, name in the namespace) for each registration in a plugin."""
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    for hook in tree.body:
        kind = KINDS.get(getattr(hook, "name", "").removeprefix("register_"))
        calls = [node for node in ast.walk(hook) if isinstance(node, ast.Call)] if kind else []
        for call in calls:
            if getattr(call.func, "id", None) != "register" or not call.args:
                continue
            options = {keyword.arg: keyword.value for keyword in call.keywords}
            name, function = call.args[0], options.get("functional")
            alone = kind.contract and getattr(name, "id", None) not in classes
            if isinstance(name, ast.Name):
                alias = options["name"].value if "name" in options else name.id
                yield (FUNCTIONAL if alone else kind).namespace, name.id, alias
            for one in function.elts if isinstance(function, ast.Tuple) else [function]:
                if isinstance(one, ast.Name):      # F.relu is the core's: listed already
                    yield FUNCTIONAL.namespace, one.id, one.id


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
