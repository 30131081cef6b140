"""What the command line tells about this installation, as data."""

import platform
from importlib import metadata

import numpy
from plugrad.kernels import instruction_set
from plugrad.kernels.base.abi import COMPILER
from plugrad.kernels.base.threads import get_num_threads, threading
from plugrad.plugin.discovery import listed
from plugrad.plugin.registry import default as registry
from plugrad.tensor.words import did_you_mean


def version():
    """plugrad's version, as its distribution says."""
    return metadata.version("plugrad")


def info():
    """The facts to put into a bug report, by name."""
    registry.survey()
    return {
        "plugrad": version(),
        "Python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        "NumPy": numpy.__version__,
        "instruction set": instruction_set,
        "threads": f"{get_num_threads()} ({threading()})",
        "compiler": COMPILER,
        "plugins": f"{len(registry.sources)} in use with {len(registry.entries())} components, "
                   f"{len(registry.set_aside)} set aside, {len(registry.disabled)} disabled",
    }


def plugins():
    """All components, and the plugins not in use, as `plugrad plugins --json` prints them."""
    registry.survey()
    return {
        "components": [_component(entry) for entry in registry.entries()],
        "set_aside": [_plugin(error.source) | {"cause": error.reason}
                      for error in registry.set_aside],
        "disabled": [_plugin(source) for source in registry.disabled],
        "unknown_in_PLUGRAD_DISABLE": sorted(
            set(listed("PLUGRAD_DISABLE")).difference(*(s.aliases() for s in registry.disabled))),
    }


def why(name):
    """Lines that say where a component comes from, or what became of a plugin.

    LookupError, with the nearest name and what was set aside, if nothing is called that."""
    registry.survey()
    entries = registry.entries()
    owner, _, short = name.rpartition(":")
    lines = [_why_component(entry) for entry in entries
             if entry.name == short and owner in ("", entry.source.distribution)]
    lines += [f"{error}" for error in registry.set_aside if name in error.source.aliases()]
    lines += [f"plugin {source}: disabled by PLUGRAD_DISABLE"
              for source in registry.disabled if name in source.aliases()]
    lines += [f"plugin {source} is in use: {_registered(source)}"
              for source in registry.sources.values() if name in source.aliases()]
    if lines:
        return lines
    known = {entry.name for entry in entries} | set(registry.sources)
    text = f"nothing is called {name!r}{did_you_mean(name, known)}"
    if registry.set_aside:
        text += "\nIt may be in a plugin that cannot be used; these are set aside:"
    raise LookupError("\n".join([text, *map(str, registry.set_aside)]))


def _component(entry):
    rivals = [other for other in registry.table[entry.name] if other.place == entry.place]
    below = rivals[:rivals.index(entry)]
    return {"kind": entry.kind, "name": entry.name, **_plugin(entry.source),
            "namespace": entry.place, "in_use": entry is rivals[-1],
            "shadows": [f"{other.source.distribution}:{other.name}" for other in below]}


def _plugin(source):
    return {"plugin": source.name, "distribution": source.distribution,
            "version": source.version, "file": source.file}


def _why_component(entry):
    row = _component(entry)
    here = f"{entry.place}.{entry.name}"
    fact = f"{here} comes from" if row["in_use"] else f"{here} is shadowed; there is another one in"
    shadows = f"; it shadows {', '.join(row['shadows'])} (override=True)" if row["shadows"] else ""
    return (f"{fact} plugin {entry.source}{shadows}; \"{entry.source.distribution}:{entry.name}\" "
            f"among {entry.kind} always means this one")


def _registered(source):
    return ", ".join(f"{entry.kind} {entry.name}" for entry in registry.entries()
                     if entry.source is source) or "nothing"
