"""Where plugins are: built in, installed, or named by the user.  Nothing is imported here."""

import importlib
import importlib.metadata
import importlib.util
import os
import pkgutil
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

BUILT_IN = "plugrad.plugins"     # all the core knows of the built-in plugins
GROUP = "plugrad"                # the entry-point group of installed ones


@dataclass(frozen=True)
class Source:
    """A plugin before it is loaded, and what is remembered of it afterwards."""

    name: str               # what pluggy calls it, e.g. "plugrad-swish:swish"
    distribution: str       # the part before the colon in "plugrad-swish:Swish"
    version: str
    file: str
    load: Callable = None   # imports it and returns the module or object with the hooks

    def aliases(self):
        """Every name by which PLUGRAD_DISABLE may mean this plugin."""
        return {self.name, self.name.partition(":")[2], self.distribution, self.file}


def built_in():
    """One Source for each public module in the subpackages of plugrad.plugins."""
    package = importlib.import_module(BUILT_IN)
    version = importlib.metadata.version(GROUP)
    for folder in pkgutil.iter_modules(package.__path__):
        if not folder.ispkg:
            continue
        paths = [os.path.join(path, folder.name) for path in package.__path__]
        for module in pkgutil.iter_modules(paths):
            if not module.name.startswith("_"):
                name = f"{BUILT_IN}.{folder.name}.{module.name}"
                file = module.module_finder.find_spec(module.name).origin
                yield Source(f"plugrad:{folder.name}.{module.name}", "plugrad", version, file,
                             lambda name=name: importlib.import_module(name))


def installed():
    """One Source for each entry point in the group `plugrad`, whatever the others are like."""
    seen = set()
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"]
        if not name or name.lower() in seen:     # the first on sys.path is the one in use
            continue
        seen.add(name.lower())
        for point in distribution.entry_points:
            if point.group == GROUP:
                yield Source(f"{name}:{point.name}", name, distribution.version,
                             point.value, point.load)


def named(path_or_module):
    """The Source of a file, an importable module's name, or a module or object with hooks."""
    if isinstance(path_or_module, os.PathLike):
        return from_file(path_or_module)
    if not isinstance(path_or_module, str):
        name = getattr(path_or_module, "__name__", type(path_or_module).__qualname__)
        file = getattr(path_or_module, "__file__", None) or "-"
        return Source(f"{name}:{name}", name, "-", file, lambda: path_or_module)
    if path_or_module.endswith(".py") or os.sep in path_or_module or "/" in path_or_module:
        return from_file(path_or_module)
    name = path_or_module
    return Source(f"{name}:{name}", name, "-", name, lambda: importlib.import_module(name))


def from_file(path):
    """The Source of one .py file; it need not be on sys.path."""
    path = Path(path).expanduser().resolve()
    module_name = f"plugrad_plugin_{path.stem}_{zlib.crc32(str(path).encode()):08x}"

    def load():
        if not path.is_file():
            raise FileNotFoundError(f"no plugin file {path}")
        spec = importlib.util.spec_from_file_location(module_name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module     # dataclasses and pickle look the module up here
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[module_name]
            raise
        return module

    return Source(f"{path.name}:{path}", path.name, "-", str(path), load)


def listed(variable):
    """The comma-separated names in an environment variable."""
    return [name.strip() for name in os.environ.get(variable, "").split(",") if name.strip()]
