"""Loads plugins, holds what they register, and answers nn.Linear."""

import contextlib
import importlib
import os
import threading
import warnings
from collections import deque
from typing import Any, NamedTuple

import pluggy
from plugrad.plugin import contracts, discovery, hookspecs, loading, namespace
from plugrad.plugin.kinds import FUNCTIONAL, KINDS
from plugrad.plugin.loading import PluginError, PluginWarning
from plugrad.tensor.words import did_you_mean


class Entry(NamedTuple):
    """One registered component and where it comes from."""

    kind: str                    # "functional" for the function form of a class
    place: str                   # the namespace that answers for it
    name: str
    component: Any
    source: discovery.Source
    override: bool               # may shadow another of its name


class Registry:
    """The components of all plugins; the last entry of a name in a namespace is in use."""

    def __init__(self):
        self.manager = pluggy.PluginManager(hookspecs.PROJECT)
        self.manager.add_hookspecs(hookspecs)
        self.table = {}          # name -> [Entry, ...]
        self.sources = {}        # plugin name -> Source, of those in use
        self.set_aside = []      # PluginError
        self.disabled = []       # Source
        self._pending = None     # Sources not loaded yet; None before the first lookup
        self._loading = False
        self._loaded = False
        self._lock = threading.RLock()

    # ---- questions: each loads the plugins first

    def get(self, kind, name):
        """The component of that kind and name; "dist:Name" for the one of a distribution.

        LookupError, with the nearest name, if there is none."""
        contracts.kind_named(kind)
        return self.find((kind,), name)

    def names(self, *kinds, place=None):
        """The sorted names of the components of these kinds."""
        return sorted({entry.name for entry in self.entries()
                       if entry.kind in kinds and place in (None, entry.place)})

    def entries(self):
        """Every entry, a shadowed one before what shadows it."""
        self.load()
        return [entry for stack in self.table.values() for entry in stack]

    def find(self, kinds, name, place=None):
        """The component in use of that name, among these kinds in that namespace."""
        self.load(enough=lambda: self._matches(kinds, name, place))
        found = self._matches(kinds, name, place)
        if found:
            return found[-1].component
        known = dir(importlib.import_module(place)) if place else self.names(*kinds)
        hint = (did_you_mean(name, known)
                or "; if it is your plugin's, call plugrad.load_plugin(file) first")
        text = f"no {' or '.join(kinds)} registered as {name!r}{hint}"
        if self.set_aside:
            text += f" ({len(self.set_aside)} set aside: `plugrad plugins` says what and why)"
        raise LookupError(text)

    def _matches(self, kinds, name, place):
        distribution, _, name = name.rpartition(":")
        owner = discovery.canonical(distribution)
        return [entry for entry in self.table.get(name, ())
                if entry.kind in kinds and place in (None, entry.place)
                and owner in ("", discovery.canonical(entry.source.distribution))]

    # ---- ways in

    def register(self, component, *, kind=None, name=None, functional=None, override=False):
        """Register one component from a notebook or script and return it.

        Without kind=, an nn.Module is a layer, an nn.Loss a loss; a function is an activation, or
        an initializer if its name ends in _.
        Registering again under the same name from the same module replaces it: a cell may run
        twice."""
        kind = contracts.kind_named(kind or contracts.kind_of(component)).name
        label = name or contracts.label(component)

        @hookspecs.hookimpl(specname=f"register_{kind}")
        def hook(register):
            register(component, name=name, functional=functional, override=override)

        owner = getattr(component, "__module__", "__main__")
        self._load_now(discovery.from_hook(hook, owner, label))
        return component

    def load_plugin(self, plugin):
        """Load a plugin: a path to a .py file, the name of a module, or a module.

        Loading a file again replaces what it registered before."""
        self._load_now(discovery.named(plugin))

    @contextlib.contextmanager
    def isolated(self):
        """Inside, plugins may come and go; at the end everything is as it was.  Nests."""
        self.load()
        before = self._state()
        try:
            yield
        finally:
            self._restore(before)

    # ---- loading

    def load(self, enough=lambda: False):
        """Load all plugins, once; asked while one is being imported, only until enough()."""
        if self._loaded:
            return
        with self._lock:
            inner, self._loading = self._loading, True
            try:
                if self._pending is None:
                    hookspecs.trace_if_asked(self.manager)
                    self._pending = deque(discovery.sources())
                while self._pending and not (inner and enough()):
                    self._load_or_set_aside(self._pending.popleft())
            finally:
                self._loading = inner
            if inner or self._loaded:
                return
            self._loaded = True
        for error in self.set_aside:
            stop = "" if str(error).endswith("?") else "."
            loading.warn(
                f"{error}{stop} This plugin was set aside, everything else works. Repair or "
                f"uninstall it, or silence this with PLUGRAD_DISABLE={error.source.name}; "
                "PLUGRAD_STRICT=1 shows the traceback.")

    def survey(self):
        """Load all plugins without a word about those that cannot be used; see set_aside."""
        while not self._loaded:     # with PLUGRAD_STRICT=1, each broken one raises
            with contextlib.suppress(PluginError), warnings.catch_warnings():
                warnings.simplefilter("ignore", PluginWarning)
                self.load()

    def _load_or_set_aside(self, source):
        if source.is_disabled():
            self.disabled.append(source)
            return
        try:
            self._load(source)
        except PluginError as error:
            self.put_aside(error)
            if os.environ.get("PLUGRAD_STRICT") == "1":
                raise
        except BaseException:     # interrupted: it is still to be loaded
            self._pending.appendleft(source)
            raise

    def put_aside(self, error):
        """Count a plugin among those that cannot be used."""
        self._forgive(error.source)
        self.set_aside.append(error)

    def _forgive(self, source):
        self.set_aside = [error for error in self.set_aside if error.source.name != source.name]

    def _load_now(self, source):
        """Load a plugin that the user named; if it cannot be used, what was there stays."""
        self.load()
        with self._lock:
            before = self._state()
            self._forgive(source)
            self._withdraw(self.sources.get(source.name))
            try:
                self._load(source)
            except BaseException:
                self._restore(before)
                raise

    def _load(self, source):
        try:
            if source.is_disabled():
                raise PluginError("PLUGRAD_DISABLE names it")
            plugin = loading.import_plugin(source)
            if self.manager.is_registered(plugin):     # installed, and named by the user as well
                return
            hooks = loading.attach(self.manager, plugin, source.name)
            self.sources[source.name] = source
            others = self.manager.get_plugins() - {plugin}
            for hook in hooks:
                call = self.manager.subset_hook_caller(hook.name, others)
                self._call(call, hook.name.removeprefix("register_"), source)
        except PluginError as error:
            self._withdraw(source)
            error.source = source
            raise
        except Exception as error:
            self._withdraw(source)
            told = f"its hook {loading.failure(error, source)}"
            raise PluginError(told, source) from error

    def _call(self, hook, kind, source):
        """Call the hook of one plugin for one kind; it has to register something."""
        before = self._count(source)
        hook(register=self._door(KINDS[kind], source))
        if self._count(source) == before:
            one = "YourClass" if KINDS[kind].classes else "your_function"
            raise PluginError(f"its hook register_{kind} registered nothing; "
                              f"call register({one}) in it")

    def _count(self, source):
        return sum(entry.source is source for stack in self.table.values() for entry in stack)

    def _door(self, kind, source):
        """The `register` that the hooks of this plugin get for this kind."""

        def register(component, *, name=None, functional=None, override=False):
            alone = kind.contract and not isinstance(component, type)
            rows = [(FUNCTIONAL if alone else kind, kind, component, name)]
            several = functional if isinstance(functional, tuple) else (functional,)
            rows += [(FUNCTIONAL, FUNCTIONAL, function, None) for function in several
                     if function is not None]
            for place, row, value, label in rows:
                label = label or contracts.label(value)
                entry = Entry(row.name, place.namespace, label, value, source, override)
                problems = [*contracts.problems(row, value, label), *self._rivals(entry)]
                if problems:
                    raise PluginError(
                        f"it cannot register {label!r} among {row.name}: {'; '.join(problems)}")
                # Sorted (and stable), so that who shadows whom does not hang on who came first.
                stack = [*self.table.get(label, ()), entry]
                self.table[label] = sorted(stack, key=lambda entry: entry.override)
            namespace.forget()

        return register

    def _rivals(self, new):
        """Why the name of a new entry is not free."""
        core = vars(importlib.import_module(new.place))
        if new.name in namespace.own_names(new.place) and core[new.name] is not new.component:
            yield f"that name in {new.place} is the core's own; choose another with name="
        for old in self.table.get(new.name, ()):
            if old.place != new.place:
                continue
            if old.source.distribution == new.source.distribution:
                yield f"its own distribution has that name already, in plugin {old.source}"
            elif not (old.override or new.override):
                yield (f"plugin {old.source} has that name already; choose another with name=, "
                       "or shadow that one with override=True")

    def _withdraw(self, source):
        """Take out a plugin and all that it registered."""
        if source is None:
            return
        if self.sources.get(source.name) is source:
            self.manager.unregister(name=source.name)
            del self.sources[source.name]
        for name, stack in list(self.table.items()):
            self.table[name] = [entry for entry in stack if entry.source is not source]
        namespace.forget()

    def _state(self):
        return ({name: list(stack) for name, stack in self.table.items()}, dict(self.sources),
                dict(self.manager.list_name_plugin()), list(self.set_aside), list(self.disabled))

    def _restore(self, state):
        self.table, self.sources, plugins, self.set_aside, self.disabled = state
        for name, plugin in self.manager.list_name_plugin():
            if plugin is not plugins.get(name):
                self.manager.unregister(name=name)
        for name, plugin in plugins.items():
            if plugin is not None and not self.manager.has_plugin(name):
                self.manager.register(plugin, name)
        namespace.forget()


default = Registry()
namespace.source = default
get, names, isolated = default.get, default.names, default.isolated
register, load_plugin = default.register, default.load_plugin
