"""The index of the built-in plugins: what each file registers, so that one name loads one file.

    python -m plugrad.plugin.index

It is written at each build, by setup.py, from the sources alone, and not kept in git.  A file that
it does not have, or has in another size, is loaded at the first lookup, as if there were no index.
"""

import ast
import json
import runpy
from pathlib import Path
from typing import NamedTuple

kinds = runpy.run_path(str(Path(__file__).with_name("kinds.py")))
KINDS, FUNCTIONAL, FORM, OFFERS = (kinds[name] for name in
                                   ("KINDS", "FUNCTIONAL", "FORM", "OFFERS"))
FILE = "index.json"


class Row(NamedTuple):
    """One name that a plugin registers."""

    kind: str
    place: str          # the namespace that answers for it
    name: str
    source: str         # its name in the plugin's file


def write(plugins):
    """Write the index of the folder `plugins` into it; an unchanged one stays untouched."""
    path = Path(plugins, FILE)
    text = json.dumps({f"{file.parent.name}/{file.name}": (file.stat().st_size, [
        row[:3] for row in registered(file)]) for file in files(plugins)}, indent=0)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def files(plugins):
    """The plugins in that folder, kind by kind."""
    return sorted(Path(plugins).glob("*/[!_]*.py"))


def registered(file):
    """A Row for every name that the hooks of a plugin register, as its source says."""
    tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    for hook in tree.body:
        kind = KINDS.get(getattr(hook, "name", "").removeprefix("register_"))
        for call in ast.walk(hook) if kind else ():
            if isinstance(call, ast.Call) and getattr(call.func, "id", None) == "register":
                options = {option.arg: option.value for option in call.keywords}
                for component in call.args:
                    if isinstance(component, ast.Name):
                        yield from rows(kind, component.id, options, classes)
                for function in elements(options.get("functional")):
                    yield Row(FUNCTIONAL.name, FUNCTIONAL.namespace, function.id, function.id)


def rows(kind, component, options, classes):
    """The rows of one component that is registered with these options."""
    name = options["name"].value if "name" in options else component
    if kind.name != "ops":
        alone = kind.contract and component not in classes
        yield Row(kind.name, (FUNCTIONAL if alone else kind).namespace, name, component)
        return
    offers = {key: ast.literal_eval(options[key]) if key in options else default
              for key, default in OFFERS.items()}
    if offers["in_place"] is None:
        offers["in_place"] = component in classes and takes_one(classes[component])
    first = True
    for place, form, _ in kinds["forms"](kinds["snake"](name), **offers):
        yield Row("ops" if first else FORM.name, place, form, component)
        first = False


def takes_one(op):
    """Whether the forward of an Op class takes one array."""
    forward = next((node for node in op.body if getattr(node, "name", "") == "forward"), None)
    return forward is not None and len(forward.args.args) == 2 and not forward.args.vararg


def elements(value):
    """The names in functional=name or functional=(name, another); attributes are the core's."""
    found = value.elts if isinstance(value, ast.Tuple) else [value]
    return [name for name in found if isinstance(name, ast.Name)]


if __name__ == "__main__":
    import importlib.util
    write(*importlib.util.find_spec("plugrad.plugins").submodule_search_locations)
