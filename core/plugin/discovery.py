"""Where plugins are: built in, installed, or named by the user.  Nothing is imported here."""

import contextlib
import importlib
import importlib.util
import json
import os
import re
import sys
import types
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from plugrad.plugin import compiled

BUILT_IN = "plugrad.plugins"     # all that the core knows of the built-in plugins
GROUP = "plugrad"                # the entry-point group of installed ones
UNKNOWN = "-"
SEPARATORS = f",;{os.pathsep}"    # of PLUGRAD_PLUGINS; PLUGRAD_DISABLE has names with a colon

try:
    START = os.getcwd()          # PLUGRAD_PLUGINS is relative to this, wherever a script goes
except FileNotFoundError:        # the folder has been deleted meanwhile
    START = ""


@dataclass(eq=False)
class Source:
    """A plugin before it is loaded, and what is remembered of it afterwards."""

    name: str                    # what pluggy calls it: "plugrad-swish:swish", or a path
    distribution: str            # what stands before the colon in "plugrad-swish:Swish"
    release: str | Callable[[], str]    # its version, or what finds it out: that is slow
    file: str
    load: Callable[[], object]   # imports it and returns the module or object with the hooks
    files: Sequence = ()         # of its distribution
    rows: Sequence | None = None     # what it registers, where that is known before it is loaded

    @property
    def version(self):
        return self.release() if callable(self.release) else self.release

    def __str__(self):
        known = [self.file] if self.file not in (UNKNOWN, self.name) else []
        if self.version != UNKNOWN:
            known.insert(0, f"{self.distribution} {self.version}")
        return f"{self.name} ({', '.join(known)})" if known else self.name

    def aliases(self):
        """Every name by which PLUGRAD_DISABLE or the command line may mean this plugin."""
        return {self.name, self.name.rpartition(":")[2], self.distribution,
                self.file, Path(self.file).stem}

    def is_disabled(self):
        return not self.aliases().isdisjoint(listed("PLUGRAD_DISABLE"))

    def owns(self, file):
        """Is that source file this plugin's, or in the package that it is?"""
        mine = Path(self.file)
        return file == self.file or (mine.stem == "__init__" and mine.parent in Path(file).parents)

    def extensions(self):
        """The compiled modules that came with it."""
        files = {str(file) for file in self.files if str(file).endswith(compiled.SUFFIXES)}
        return sorted(files.union(map(str, compiled.beside(self.file))))


def sources():
    """All plugins that are there without the user loading one in Python, in loading order."""
    yield from built_in()
    yield from installed()
    for plugin in dict.fromkeys(listed("PLUGRAD_PLUGINS", SEPARATORS)):
        yield named(plugin, START)


def built_in():
    """One Source for each public module in the subpackages of plugrad.plugins."""
    package = sys.modules.get(BUILT_IN) or importlib.util.find_spec(BUILT_IN)
    for root in getattr(package, "__path__", None) or package.submodule_search_locations:
        rows = index(root)
        for kind in sorted(os.scandir(root), key=lambda folder: folder.name):
            if os.path.exists(os.path.join(kind, "__init__.py")):
                for file in sorted(os.scandir(kind), key=lambda file: file.name):
                    if file.name.endswith(".py") and not file.name.startswith("_"):
                        yield _built_in(kind.name, file, rows)


def _built_in(kind, file, rows):
    name = f"{kind}.{file.name.removesuffix('.py')}"
    size, known = rows.get(f"{kind}/{file.name}", (None, ()))
    return Source(f"{GROUP}:{name}", GROUP, own_version, file.path, _importer(f"{BUILT_IN}.{name}"),
                  rows=tuple(map(tuple, known)) if size == file.stat().st_size else None)


def own_version():
    """plugrad's version, as its distribution says."""
    from importlib import metadata  # slow to import: not before somebody asks
    return metadata.version(GROUP)


def index(folder):
    """{file: (its size, its rows (kind, namespace, name))} of the built-in plugins in a folder, as
    plugin/index.py wrote it at the build; {} where it did not."""
    try:
        return json.loads(Path(folder, "index.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def installed():
    """The Sources of the entry points in the group `plugrad`, sorted: the same on every machine.

    pluggy's own loader drops the second entry point of a name and stops at the first bad one.
    """
    if not any_installed():
        return []
    from importlib import metadata

    names, unreadable = {}, []
    for distribution in metadata.distributions():
        # Nearly all are no plugins: don't spend time on reading their metadata.
        if f"[{GROUP}]" in (distribution.read_text("entry_points.txt") or ""):
            try:
                name = distribution.metadata["Name"]
                names[canonical(name)] = list(_entry_points(metadata.distribution(name)))
            except Exception as error:
                where = str(getattr(distribution, "_path", distribution))
                unreadable.append(_failed(where, f"metadata that cannot be read: {error}"))
    return [*(source for name in sorted(names) for source in names[name]), *unreadable]


def others():
    """Whether there may be plugins beside the built-in ones."""
    return bool(listed("PLUGRAD_PLUGINS", SEPARATORS)) or any_installed()


def any_installed():
    """Whether a distribution may have a plugin, at a glance at the folders on sys.path; what is not
    a folder, such as a zip file, may have one."""
    mark = f"[{GROUP}]".encode()
    for path in sys.path:
        if os.path.isfile(path):
            return True
        with contextlib.suppress(OSError):
            for entry in os.scandir(path or "."):
                if entry.name.endswith((".dist-info", ".egg-info")):
                    with contextlib.suppress(OSError):
                        if mark in Path(entry.path, "entry_points.txt").read_bytes():
                            return True
    return False


def _entry_points(distribution):
    """The Sources of one distribution; of two versions of it, the first on sys.path is given."""
    points = sorted(point for point in distribution.entry_points if point.group == GROUP)
    files = [file.locate() for file in distribution.files or ()]
    for point in points:
        twin = sum(other.name == point.name for other in points) > 1
        yield Source(f"{distribution.metadata['Name']}:{point.name}"
                     + (f"={point.value}" if twin else ""),
                     distribution.metadata["Name"], distribution.version,
                     _file_of_module(point.value.partition(":")[0]), point.load, files)


def named(plugin, folder=""):
    """The Source of a .py file, of a module's name, or of a module or object with hooks.

    folder: what a relative path starts from, if not from the current folder."""
    if plugin is None or (isinstance(plugin, str) and not plugin.strip()):
        raise TypeError("load_plugin: expected the path of a .py file, the name of a module, or a "
                        f"module, received {plugin!r}")
    if isinstance(plugin, os.PathLike) or (
            isinstance(plugin, str) and (plugin.endswith(".py") or re.search(r"[/\\]", plugin))):
        return from_file(plugin, folder)
    if isinstance(plugin, str):
        return Source(plugin, plugin, UNKNOWN, _file_of_module(plugin),
                      _importer(plugin))
    name = getattr(plugin, "__name__", type(plugin).__qualname__)
    return Source(name, name, UNKNOWN, getattr(plugin, "__file__", None) or UNKNOWN,
                  lambda: plugin)


def from_file(path, folder=""):
    """The Source of one .py file; it need not be on sys.path."""
    path = Path(folder, Path(path).expanduser()).resolve()
    module_name = f"plugrad_plugin_{path.stem}_{zlib.crc32(str(path).encode()):08x}"

    def load():
        if not path.is_file():
            raise FileNotFoundError(f"no such file: {path}")
        spec = importlib.util.spec_from_file_location(module_name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module     # dataclasses and pickle look the module up here
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[module_name]
            raise
        return module

    return Source(str(path), path.name, UNKNOWN, str(path), load)


def from_hook(hook, owner, name):
    """The Source of a single hook made in a notebook or script by the module `owner`."""
    plugin = types.ModuleType(f"{owner}:{name}")
    plugin.hook = hook
    file = getattr(sys.modules.get(owner), "__file__", None) or UNKNOWN
    return Source(plugin.__name__, owner, UNKNOWN, file, lambda: plugin)


def listed(variable, separators=","):
    """The names in an environment variable, separated by commas."""
    names = re.split(f"[{separators}]", os.environ.get(variable, ""))
    return [name.strip() for name in names if name.strip()]


def canonical(distribution):
    """A distribution's name as the packaging standard compares it."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _importer(module_name):
    return lambda: importlib.import_module(module_name)


def _failed(name, why):
    """The Source of what cannot even be looked at: loading it tells why."""
    def load():
        raise ImportError(why)
    return Source(name, UNKNOWN, UNKNOWN, name, load)


def _file_of_module(module_name):
    """The file of a module, as far as it can be told without importing anything."""
    top = module_name.partition(".")[0].strip()
    try:
        return importlib.util.find_spec(top).origin or UNKNOWN
    except (AttributeError, ImportError, ValueError):     # not there, or no module name at all
        return UNKNOWN
