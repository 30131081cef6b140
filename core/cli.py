"""The command `plugrad`: what is installed, and scripts with more plugins."""

import argparse
import json
import os
import runpy
import sys

from plugrad import info
from plugrad.registry import PluginError
from plugrad.registry import default as registry


def main(arguments=None):
    """Run the command line; returns the exit status."""
    options = parser().parse_args(arguments)
    listing = options.command is plugins
    if listing:
        registry.survey()
    for plugin in options.plugin:
        try:
            registry.load_plugin(plugin)
        except PluginError as error:
            if not listing:
                print(f"plugrad: {error}", file=sys.stderr)
                return 1
            registry.put_aside(error)     # a listing is where one looks for what is wrong
    return options.command(options)


def parser():
    top = argparse.ArgumentParser(prog="plugrad", description="A deep-learning framework in which "
                                  "every component is a plugin.")
    top.add_argument("--version", action="version", version=f"plugrad {info.version()}")
    top.add_argument("--plugin", metavar="FILE", action="append", default=[],
                     help="load this plugin file or module first; may be repeated")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("info", help="version, instruction set, threads, plugins")
    command.set_defaults(command=show_info)

    command = commands.add_parser("plugins", help="every component and where it comes from")
    command.add_argument("--json", action="store_true", help="the same for programs")
    command.add_argument("--why", metavar="NAME",
                         help="where this component comes from, or what became of this plugin")
    command.set_defaults(command=plugins)

    command = commands.add_parser("run", help="run a Python script with these plugins")
    command.add_argument("script")
    command.add_argument("arguments", nargs=argparse.REMAINDER)
    command.set_defaults(command=run)
    return top


def show_info(options):
    facts = info.info()
    width = max(map(len, facts))
    for name, fact in facts.items():
        print(f"{name:<{width}}  {fact}")


def plugins(options):
    if options.why:
        print(*info.why(options.why), sep="\n")
    elif options.json:
        print(json.dumps(info.plugins(), indent=2))
    else:
        print_plugins(info.plugins())


def print_plugins(everything):
    """A table of the components, then the plugins that are not in use and why."""
    table = [("KIND", "NAME", "DISTRIBUTION", "VERSION", "FILE", "")]
    for row in sorted(everything["components"], key=lambda row: (row["kind"], row["name"])):
        note = ", ".join(f"shadows {name}" for name in row["shadows"])
        note += "" if row["in_use"] else " (shadowed)"
        table.append((row["kind"], row["name"], row["distribution"], row["version"],
                      row["file"], note.strip()))
    widths = [max(map(len, column)) for column in zip(*table)]
    for row in table:
        print("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths)).rstrip())
    for row in everything["set_aside"]:
        print(f"\nset aside: {row['plugin']} ({row['distribution']} {row['version']}, "
              f"{row['file']}): {row['cause']}")
    for row in everything["disabled"]:
        print(f"\ndisabled: {row['plugin']} ({row['file']})")
    for name in everything["unknown_in_PLUGRAD_DISABLE"]:
        print(f"\nPLUGRAD_DISABLE names {name!r}, which is no plugin")


def run(options):
    """Run a script as `python SCRIPT` would."""
    sys.argv = [options.script, *options.arguments]
    sys.path[0] = os.path.dirname(os.path.abspath(options.script))
    runpy.run_path(options.script, run_name="__main__")
