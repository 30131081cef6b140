"""Loads plugins, holds what they register, and answers nn.Linear."""

import contextlib
import importlib
import os
import threading
import warnings
from collections import deque
from typing import Any, NamedTuple

import pluggy
from plugrad.plugin import contracts, discovery, hookspecs, loading, methods, namespace, offers
from plugrad.plugin.kinds import FORM, KINDS, TENSOR, snake
from plugrad.plugin.loading import PluginError, PluginWarning
from plugrad.tensor.words import did_you_mean


class Entry(NamedTuple):
    """One name of a registered component and where it comes from."""

    kind: str                    # "functional" for the function form of a class, "forms" of an op
    place: str                   # the namespace that answers for it
    name: str
    component: Any               # what was registered
    value: Any                   # what the namespace answers: of an Op class, its function
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
        self._pending = None     # Sources to load at the first lookup; None before it
        self._waiting = {}       # (namespace, name) -> Sources that are loaded when it is asked for
        self._loading = False
        self._loaded = False
        self._lock = threading.RLock()

    # ---- questions: each loads the plugins first

    def get(self, kind, name):
        """The component of that kind and name; "dist:Name" for the one of a distribution.

        LookupError, with the nearest name, if there is none."""
        contracts.kind_named(kind)
        distribution, colon, own = name.rpartition(":")
        label = snake(own) if kind == "ops" else own
        return self._find((kind,), f"{distribution}{colon}{label}").component

    def names(self, *kinds, place=None):
        """The sorted names of the components of these kinds."""
        self.load()
        return sorted(self._names(kinds, place))

    def built_in_methods(self):
        """The names of the methods that built-in plugins give Tensor; none of them is loaded."""
        return {name for source in discovery.built_in() if source.rows and not source.is_disabled()
                for _, place, name in source.rows if place == TENSOR}

    def _names(self, kinds, place):
        rows = [(entry.kind, entry.place, entry.name)
                for stack in list(self.table.values()) for entry in stack]
        rows += [row for source in self._unloaded() for row in source.rows]
        return {name for kind, at, name in rows if kind in kinds and place in (None, at)}

    def entries(self):
        """Every entry, a shadowed one before what shadows it."""
        self.load()
        for source in self._unloaded():
            self._load_waiting(source)
        return [entry for stack in self.table.values() for entry in stack]

    def find(self, kinds, name, place):
        """What the namespace `place` answers for that name, among these kinds."""
        return self._find(kinds, name, place).value

    def _find(self, kinds, name, place=None):
        """The entry in use of that name, among these kinds in that namespace."""
        self.load(enough=lambda: self._matches(kinds, name, place))
        self._awake(name.rpartition(":")[2], place)
        found = self._matches(kinds, name, place)
        if not found:
            with self._lock:          # until another thread that may be loading it is through
                found = self._matches(kinds, name, place)
        if found:
            return found[-1]
        known = dir(importlib.import_module(place)) if place else self.names(*kinds)
        hint = (did_you_mean(name, known)
                or "; if it is your plugin's, call plugrad.load_plugin(file) first")
        asked = " or ".join(kind for kind in kinds if kind != FORM.name)
        text = f"no {asked} registered as {name!r}{hint}"
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

    def register(self, component, *, kind=None, name=None, functional=None, override=False,
                 **options):
        """Register one component from a notebook or script and return it.

        Without kind=, an nn.Module is a layer, an nn.Loss a loss; a function is an activation, or
        an initializer if its name ends in _.
        options: those of the kind; see plugrad.plugin.hookspecs.
        Registering again under the same name from the same module replaces it: a cell may run
        twice."""
        kind = contracts.kind_named(kind or contracts.kind_of(component)).name
        label = name or contracts.label(component)

        @hookspecs.hookimpl(specname=f"register_{kind}")
        def hook(register):
            register(component, name=name, functional=functional, override=override, **options)

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
        """Load the plugins of which nothing is known before, once; asked while one is being
        imported, only until enough().  Built-in ones wait until one of their names is asked for."""
        if self._loaded:
            return
        with self._lock:
            inner, self._loading = self._loading, True
            try:
                if self._pending is None:
                    hookspecs.trace_if_asked(self.manager)
                    self._pending = deque(filter(self._is_pending, discovery.sources()))
                while self._pending and not (inner and enough()):
                    self._load_or_set_aside(self._pending.popleft())
            finally:
                self._loading = inner
            if inner or self._loaded:
                return
            self._loaded = True
        methods.ask_no_more()
        for error in self.set_aside:
            self._warn(error)

    def _is_pending(self, source):
        """Whether a source is to be loaded at once; of another one, note its names."""
        if source.rows is None or source.is_disabled():
            return True
        for _, place, name in source.rows:
            self._waiting.setdefault((place, name), []).append(source)
        return False

    def _unloaded(self):
        """The Sources that wait."""
        return list(dict.fromkeys(source for sources in list(self._waiting.values())
                                  for source in sources))

    def _awake(self, name, place=None):
        """Load what waits until this name is asked for, of that namespace or of any."""
        known = [place] if place else {at for at, label in list(self._waiting) if label == name}
        for at in known:
            for source in self._waiting.get((at, name), ())[:]:
                self._load_waiting(source)

    def _load_waiting(self, source):
        with self._lock:
            if not self._stop_waiting(source):       # another thread was faster
                return
            before = len(self.set_aside)
            self._load_or_set_aside(source)
        for error in self.set_aside[before:]:
            self._warn(error)

    def _stop_waiting(self, source):
        found = False
        for row in source.rows:
            sources = self._waiting.get(row[1:], [])
            if source in sources:
                found = True
                sources.remove(source)
            if not sources:
                self._waiting.pop(row[1:], None)
        return found

    def _warn(self, error):
        stop = "" if str(error).endswith("?") else "."
        loading.warn(
            f"{error}{stop} This plugin was set aside, everything else works. Repair or "
            f"uninstall it, or silence this with PLUGRAD_DISABLE={error.source.name}; "
            "PLUGRAD_STRICT=1 shows the traceback.")

    def survey(self):
        """Load all plugins without a word about those that cannot be used; see set_aside."""
        while not self._loaded or self._waiting:     # with PLUGRAD_STRICT=1, each broken one raises
            with contextlib.suppress(PluginError), warnings.catch_warnings():
                warnings.simplefilter("ignore", PluginWarning)
                self.entries()

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
            if self._is_pending(source):
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

        def register(*components, name=None, functional=None, override=False, **options):
            if not components or (len(components) > 1 and (name or functional)):
                raise PluginError("register: expected one component, or several of the same "
                                  f"options without name= and functional=, got {components!r:.80}")
            for component in components:
                for row, place, label, registered, value in offers.of(
                        kind, component, name, functional, options):
                    self._enter(row, Entry(row.name, place, label, registered, value, source,
                                           override))
            namespace.forget()

        return register

    def _enter(self, row, entry):
        """Put a new entry of that kind into the table, if the component and its name will do."""
        checked = entry.value if row is FORM else entry.component
        problems = [*contracts.problems(row, checked, entry.name), *self._rivals(entry)]
        if problems:
            raise PluginError(f"it cannot register {entry.name!r} among {row.name}: "
                              f"{'; '.join(problems)}")
        if not contracts.has_docstring(checked):
            loading.warn(f"{entry.name} of plugin {entry.source} has no docstring: write its "
                         "formula or a sentence, and its source; check_component asks for it")
        # Sorted (and stable), so that who shadows whom does not hang on who came first.
        stack = [*self.table.get(entry.name, ()), entry]
        self.table[entry.name] = sorted(stack, key=lambda entry: entry.override)
        if entry.place == TENSOR:
            methods.expect([entry.name])

    def _rivals(self, new):
        """Why the name of a new entry is not free."""
        if self._is_of_core(new):
            yield f"that name in {new.place} is the core's own; choose another with name="
        if new.source.rows is None:
            self._awake(new.name, new.place)
        for old in self.table.get(new.name, ()):
            if old.place != new.place:
                continue
            if old.source.distribution == new.source.distribution:
                yield f"its own distribution has that name already, in plugin {old.source}"
            elif not (old.override or new.override):
                yield (f"plugin {old.source} has that name already; choose another with name=, "
                       "or shadow that one with override=True")

    def _is_of_core(self, new):
        if new.place == TENSOR:
            return new.name in methods.own_names()
        core = vars(importlib.import_module(new.place))
        return new.name in namespace.own_names(new.place) and core[new.name] is not new.value

    def _withdraw(self, source):
        """Take out a plugin and all that it registered."""
        if source is None:
            return
        if self.sources.get(source.name) is source:
            self.manager.unregister(name=source.name)
            del self.sources[source.name]
        for name, stack in list(self.table.items()):
            self.table[name] = [entry for entry in stack if entry.source is not source]
        self._forget()

    def _forget(self):
        """What the namespaces and Tensor have looked up may be another component now."""
        namespace.forget()
        methods.forget(self._names((*KINDS, FORM.name), TENSOR))

    def _state(self):
        return ({name: list(stack) for name, stack in self.table.items()}, dict(self.sources),
                dict(self.manager.list_name_plugin()), list(self.set_aside), list(self.disabled),
                {key: list(sources) for key, sources in self._waiting.items()})

    def _restore(self, state):
        self.table, self.sources, plugins, self.set_aside, self.disabled, self._waiting = state
        for name, plugin in self.manager.list_name_plugin():
            if plugin is not plugins.get(name):
                self.manager.unregister(name=name)
        for name, plugin in plugins.items():
            if plugin is not None and not self.manager.has_plugin(name):
                self.manager.register(plugin, name)
        self._forget()


default = Registry()
namespace.source = methods.source = default
get, names, isolated = default.get, default.names, default.isolated
register, load_plugin = default.register, default.load_plugin
