"""Loads plugins, holds what they register, and answers nn.Linear."""

import contextlib
import difflib
import os
import threading
import types
import warnings
from collections import deque
from typing import Any, NamedTuple

import pluggy
from plugrad import contracts, discovery, hookspecs, namespace
from plugrad.kinds import FUNCTIONAL, KINDS


class PluginError(Exception):
    """A plugin cannot be used as it is; the message says why and what to do."""


class PluginWarning(UserWarning):
    """A plugin was set aside; everything else works."""


class Entry(NamedTuple):
    """One registered component and where it comes from."""

    kind: str
    place: str                  # the namespace that answers for it
    name: str
    component: Any
    source: discovery.Source


class Registry:
    """The components of all plugins, by namespace and name; the last of a name wins."""

    def __init__(self):
        self.manager = pluggy.PluginManager(hookspecs.PROJECT)
        self.manager.add_hookspecs(hookspecs)
        self.table = {}         # (namespace, name) -> [Entry, ...], the last one in use
        self.set_aside = []     # (Source, exception)
        self.disabled = []      # Source
        self.pending = None     # Sources not loaded yet; None before the first lookup
        self.loading = False
        self.lock = threading.RLock()

    # ---- questions

    def find(self, kinds, name, place=None):
        """The component in use of that name; "dist:Name" for the one of a distribution."""
        self.load(enough=lambda: self._entries(kinds, name, place))
        entries = self._entries(kinds, name, place)
        if not entries:
            raise LookupError(self._unknown(kinds, name, place))
        return entries[-1].component

    def get(self, kind, name):
        """The component of that kind and name; LookupError names the nearest one."""
        return self.find((kind,), name)

    def names(self, *kinds, place=None):
        """The sorted names of the components of these kinds."""
        self.load()
        return sorted({entry.name for entry in self.entries()
                       if entry.kind in kinds and place in (None, entry.place)})

    def entries(self):
        """All entries, shadowed ones too."""
        return [entry for stack in self.table.values() for entry in stack]

    def _entries(self, kinds, name, place):
        distribution, _, name = name.rpartition(":")
        places = [place] if place else [KINDS[kinds[0]].namespace, FUNCTIONAL]
        return [entry for place in places for entry in self.table.get((place, name), ())
                if entry.kind in kinds and distribution in ("", entry.source.distribution)]

    def _unknown(self, kinds, name, place):
        near = difflib.get_close_matches(name, self.names(*kinds, place=place), n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"no {' or '.join(kinds)} registered as {name!r}{hint}"

    # ---- loading

    def load(self, enough=lambda: False):
        """Load all plugins; while a plugin is being loaded, only until enough() is true."""
        if self.pending is not None and not self.pending:
            return
        with self.lock:
            if self.pending is None:
                self.pending = deque([*discovery.built_in(), *discovery.installed(),
                                      *map(discovery.named, discovery.listed("PLUGRAD_PLUGINS"))])
            while self.pending and not (self.loading and enough()):
                self._try(self.pending.popleft())

    def _try(self, source):
        outer, self.loading = self.loading, True
        try:
            self._load(source)
        except Exception as error:
            self.set_aside.append((source, error))
            if os.environ.get("PLUGRAD_STRICT") == "1":
                raise
            warnings.warn(f"plugin {source.name} was set aside: {error}", PluginWarning,
                          stacklevel=2)
        finally:
            self.loading = outer

    def _load(self, source):
        plugin = source.load()
        try:
            self.manager.register(plugin, source.name)
            others = self.manager.get_plugins() - {plugin}
            for hook in self.manager.get_hookcallers(plugin):
                kind = hook.name.removeprefix("register_")
                self.manager.subset_hook_caller(hook.name, others)(
                    register=self._door(kind, source))
        except BaseException:
            self._forget(source)
            raise

    def _forget(self, source):
        """Undo what a plugin registered."""
        self.manager.unregister(name=source.name)
        for key, stack in list(self.table.items()):
            stack[:] = [entry for entry in stack if entry.source is not source]
            if not stack:
                del self.table[key]
        namespace.forget()

    def _door(self, kind, source):
        def register(component, *, name=None, functional=None, override=False):
            label = name or getattr(component, "__name__", repr(component))
            contracts.check(KINDS[kind], component, label)
            # A plain function of nn's kinds is its own functional form: it lives there, not in nn.
            alone = KINDS[kind].contract and not isinstance(component, type)
            place = FUNCTIONAL if alone else KINDS[kind].namespace
            self._add(Entry(kind, place, label, component, source), override)
            if functional is not None:
                self._add(Entry("functional", FUNCTIONAL, functional.__name__, functional, source),
                          override)

        return register

    def _add(self, entry, override):
        stack = self.table.setdefault((entry.place, entry.name), [])
        if stack and not override:
            raise PluginError(
                f"{entry.kind} {entry.name!r} is registered by {stack[-1].source.name} already")
        stack.append(entry)
        namespace.forget()

    # ---- ways in

    def register(self, component, *, kind=None, name=None, functional=None, override=False):
        """Register one component from a notebook or script and return it."""
        kind = kind or contracts.kind_of(component)

        @hookspecs.hookimpl(specname=f"register_{kind}")
        def hook(register):
            register(component, name=name, functional=functional, override=override)

        owner = component.__module__
        plugin = types.ModuleType(f"{owner}:{component.__qualname__}")
        plugin.hook = hook
        self._add_plugin(discovery.Source(plugin.__name__, owner, "-", "-", lambda: plugin))
        return component

    def load_plugin(self, path_or_module):
        """Load a plugin from a .py file, a module's name, or a module."""
        self._add_plugin(discovery.named(path_or_module))

    def _add_plugin(self, source):
        self.load()
        with self.lock:
            self._load(source)

    @contextlib.contextmanager
    def isolated(self):
        """Inside, plugins may come and go; at the exit all is as it was."""
        self.load()
        table = {key: list(stack) for key, stack in self.table.items()}
        plugins = dict(self.manager.list_name_plugin())
        try:
            yield self
        finally:
            for name, plugin in self.manager.list_name_plugin():
                if plugin is not None and name not in plugins:
                    self.manager.unregister(name=name)
            self.table = table
            namespace.forget()


_registry = Registry()
namespace.source = _registry
get, names, isolated = _registry.get, _registry.names, _registry.isolated
register, load_plugin = _registry.register, _registry.load_plugin
