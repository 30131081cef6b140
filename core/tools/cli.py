"""The command `plugrad`: what is installed, and scripts with more plugins."""

import argparse
import contextlib
import json
import os
import runpy
import sys

from plugrad.plugin.registry import PluginError
from plugrad.plugin.registry import default as registry
from plugrad.tools import info


def main(arguments=None):
    """Run the command line; returns the exit status."""
    if arguments is None:     # the command itself: where `python -m` looks for modules as well
        look_in(os.getcwd())
    options = parser().parse_args(arguments)
    if options.command is plugins:
        with contextlib.redirect_stdout(sys.stderr):     # the listing is not theirs to print in
            survey(options.plugin)
        return options.command(options)
    for plugin in options.plugin:
        try:
            registry.load_plugin(plugin)
        except PluginError as error:
            if os.environ.get("PLUGRAD_STRICT") == "1":
                raise
            return fail("plugrad", error, 1)
    return options.command(options)


def survey(files):
    """Load all plugins, and set aside what is broken: the listing is where one looks for that."""
    registry.survey()
    for file in files:
        try:
            registry.load_plugin(file)
        except PluginError as error:
            registry.put_aside(error)


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
    rest = command.add_argument("arguments", nargs=argparse.REMAINDER)
    rest.required = False     # argparse takes none for an answer, but says that it wants some
    command.set_defaults(command=run)
    return top


def show_info(options):
    facts = info.info()
    width = max(map(len, facts))
    for name, fact in facts.items():
        print(f"{name:<{width}}  {fact}")


def plugins(options):
    if options.why:
        try:
            print(*info.why(options.why), sep="\n")
        except LookupError as error:
            return fail("plugrad", error, 1)
    elif options.json:
        print(json.dumps(info.plugins(), indent=2))
    else:
        print_plugins(info.plugins())
    return 0


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
    for error in registry.set_aside:
        print(f"\nset aside: {error}")
    for source in registry.disabled:
        print(f"\ndisabled: plugin {source}")
    for name in everything["unknown_in_PLUGRAD_DISABLE"]:
        print(f"\nPLUGRAD_DISABLE names {name!r}, which is no plugin")


def run(options):
    """Run a script as `python SCRIPT` would; what it raises is shown from its own line on."""
    script = options.script
    if os.path.isdir(script):
        return fail("plugrad run", f"expected a Python script, received a folder: {script}", 2)
    if not os.path.exists(script):
        return fail("plugrad run", f"no such file: {script}", 2)

    def show(kind, error, frames):
        while frames and frames.tb_frame.f_code.co_filename != script:
            frames = frames.tb_next
        sys.__excepthook__(kind, error.with_traceback(frames), frames)

    sys.excepthook = show
    sys.argv = [script, *options.arguments]
    look_in(os.path.dirname(os.path.abspath(script)))
    runpy.run_path(script, run_name="__main__")
    return 0


def look_in(folder):
    """Let Python look for modules there first, unless its option -P says not to."""
    if not getattr(sys.flags, "safe_path", False):     # Python 3.11
        sys.path[0] = folder


def fail(command, why, status):
    """Say in one line what went wrong; returns the exit status."""
    print(f"{command}: {why}", file=sys.stderr)
    return status
