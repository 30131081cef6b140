"""What the command line tells about this installation, as data."""

import platform
from importlib import metadata

import numpy
from plugrad.abi import COMPILER
from plugrad.discovery import listed
from plugrad.kernels.threads import get_num_threads
from plugrad.registry import default as registry
from plugrad.words import did_you_mean


def version():
    """plugrad's version, as its distribution says."""
    return metadata.version("plugrad")


def instruction_set():
    """The instruction set of the kernels in use."""
    return "baseline"


def info():
    """The facts to put into a bug report, by name."""
    registry.survey()
    return {
        "plugrad": version(),
        "Python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        "NumPy": numpy.__version__,
        "instruction set": instruction_set(),
        "threads": str(get_num_threads()),
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
    """Lines that say where a component comes from, or what became of a plugin."""
    everything = plugins()
    owner, _, short = name.rpartition(":")
    lines = [_why_component(row) for row in everything["components"]
             if row["name"] == short and owner in ("", row["distribution"])]
    lines += [f"{error}" for error in registry.set_aside if name in error.source.aliases()]
    lines += [f"plugin {source}: disabled by PLUGRAD_DISABLE"
              for source in registry.disabled if name in source.aliases()]
    lines += [f"plugin {source} is in use: {_registered(source)}"
              for source in registry.sources.values() if name in source.aliases()]
    known = {row["name"] for row in everything["components"]} | set(registry.sources)
    return lines or [f"nothing is called {name!r}{did_you_mean(name, known)}"]


def _component(entry):
    rivals = [other for other in registry.table[entry.name] if other.place == entry.place]
    below = rivals[:rivals.index(entry)]
    return {"kind": entry.kind, "name": entry.name, **_plugin(entry.source),
            "namespace": entry.place, "in_use": entry is rivals[-1],
            "shadows": [f"{other.source.distribution}:{other.name}" for other in below]}


def _plugin(source):
    return {"plugin": source.name, "distribution": source.distribution,
            "version": source.version, "file": source.file}


def _why_component(row):
    here = f"{row['namespace']}.{row['name']}"
    fact = f"{here} comes from" if row["in_use"] else f"{here} is shadowed; there is another one in"
    shadows = f"; it shadows {', '.join(row['shadows'])} (override=True)" if row["shadows"] else ""
    return (f"{fact} plugin {row['plugin']}, {row['distribution']} {row['version']}, "
            f"{row['file']}{shadows}; as {row['kind']} it is always "
            f"\"{row['distribution']}:{row['name']}\"")


def _registered(source):
    return ", ".join(f"{entry.kind} {entry.name}" for entry in registry.entries()
                     if entry.source is source) or "nothing"
