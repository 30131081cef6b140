"""Puts one plugin through pluggy, or says why it cannot be used."""

import inspect
import sys
import traceback
import warnings
from contextlib import nullcontext
from pathlib import Path

import pluggy
from plugrad.plugin import compiled, hookspecs
from plugrad.plugin.discovery import UNKNOWN
from plugrad.plugin.kinds import KINDS
from plugrad.tensor.words import did_you_mean

HOOKS = [f"register_{kind}" for kind in KINDS]
MARK = f"{hookspecs.PROJECT}_impl"     # the attribute that @hookimpl leaves on a function
BETWEEN = ("plugrad", "pluggy", "importlib", "contextlib")     # between the reader and a warning


class PluginError(Exception):
    """A plugin cannot be used as it is; the message says which, why and what to do."""

    def __init__(self, reason, source=None):
        super().__init__(reason, source)
        self.reason = reason
        self.source = source     # filled in by the registry, which knows whom it is loading

    def __str__(self):
        return f"plugin {self.source}: {self.reason}" if self.source else self.reason


class PluginWarning(UserWarning):
    """A plugin was set aside, or something about it is to be mended; everything else works."""


def warn(text):
    """A PluginWarning at the reader's own line, which made plugrad load its plugins."""
    frame = sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in BETWEEN:
        frame = frame.f_back
    warnings.warn_explicit(text, PluginWarning, frame.f_code.co_filename, frame.f_lineno,
                           registry=frame.f_globals.setdefault("__warningregistry__", {}))


def import_plugin(source):
    """Import a plugin; PluginError if it raises, or was compiled for another plugrad."""
    extensions = source.extensions()
    stale = compiled.problem(extensions)
    if stale:
        raise PluginError(stale)
    try:
        with compiled.strict() if extensions else nullcontext():
            return source.load()
    except (Exception, SystemExit) as error:     # a script's sys.exit() must not end everything
        told = compiled.explain(error) or f"its import {failure(error, source)}"
        raise PluginError(told) from error


def failure(error, source):
    """What a plugin's code has raised, at which of its lines, and a hint if there is one."""
    lines = [f" (line {frame.lineno} of {frame.filename})"
             for frame in traceback.extract_tb(error.__traceback__) if source.owns(frame.filename)]
    hint = _near(error, source) if isinstance(error, ModuleNotFoundError) and error.name else ""
    return f"failed with {type(error).__name__}: {error}{''.join(lines[-1:])}{hint}"


def _near(error, source):
    """Where the module that a plugin has not found may be."""
    name = error.name.partition(".")[0]
    file = f"{name}.py"
    if source.name == name and Path(file).is_file():
        return f"; did you mean {file!r}?"
    folder = Path(source.file).parent
    if source.file != UNKNOWN and source.name != name and (folder / file).is_file():
        return (f"; {file} lies beside it: set PYTHONPATH={folder}, "
                "for Python does not look in the folder of a plugin by itself")
    return ""


def attach(manager, plugin, name):
    """Register an imported plugin with pluggy and return its hooks; or leave no trace of it.

    pluggy passes over in silence what it cannot call; each such case is a PluginError here.
    """
    for attribute in dir(plugin):
        options = manager.parse_hookimpl_opts(plugin, attribute)
        if options:
            _check_argument(options["specname"] or attribute, getattr(plugin, attribute))
        else:
            _check_not_meant_as_hook(attribute, inspect.getattr_static(plugin, attribute, None))
    try:
        manager.register(plugin, name)
    except (pluggy.PluginValidationError, TypeError, ValueError) as error:
        raise PluginError("pluggy does not accept it, expected a module or object with functions "
                          f"register_<kind>(register): {error}") from error
    hooks = manager.get_hookcallers(plugin)
    try:
        _check_known(manager, plugin, hooks)
    except PluginError:
        manager.unregister(plugin)
        raise
    return hooks


def _check_known(manager, plugin, hooks):
    """PluginError if pluggy found no hook, or one that we never call."""
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        unknown = [hook.name for hook in hooks if not hook.has_spec()]
        raise PluginError("; ".join(f"unknown hook {hook!r}{did_you_mean(hook, HOOKS)}"
                                    for hook in unknown)) from error
    if not hooks:
        near = [attribute for attribute in dir(plugin) if attribute.startswith("register")]
        hint = f"; found {near[0]!r}{did_you_mean(near[0], HOOKS)}" if near else ""
        if inspect.isclass(plugin):
            hint = f"; if it is a component, call pg.register({plugin.__name__})"
        raise PluginError("it has no hook; expected a function register_<kind>(register) marked "
                          f"@pg.hookimpl in {plugin!r}{hint}")


def _check_argument(hook, function):
    """PluginError if a hook wants anything but `register`, which is all that pluggy can give."""
    signature = inspect.signature(function)
    for name, parameter in signature.parameters.items():
        positional = parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        if hook in HOOKS and parameter.default is parameter.empty and not (
                name == "register" and positional):
            raise PluginError(f"its hook {hook} takes {signature}: name its argument register, "
                              f"and let it be the only one: def {hook}(register)")


def _check_not_meant_as_hook(attribute, value):
    """PluginError if this attribute looks like a hook, given that pluggy does not see one."""
    if not callable(value) or inspect.isclass(value):
        return
    marked = isinstance(inspect.getattr_static(value, MARK, None), dict)
    if type(value).__name__ == "cython_function_or_method" and (marked or attribute in HOOKS):
        raise PluginError(f"its hook {attribute} is compiled by Cython, and pluggy cannot see such "
                          "functions: keep the hook in a plain .py file and import the rest there")
    if marked:
        raise PluginError(f"its hook {attribute} is not a plain function: "
                          f"expected def {attribute}(register), received {value!r}")
    if attribute in HOOKS:
        raise PluginError(f"its function {attribute} is not marked: write @pg.hookimpl above it")
