"""Modules that answer for plugins: nn.Swish is looked up when somebody asks for it.

    __getattr__, __dir__ = namespace(__name__, kinds=("layers", "activations"))

The registry sits above the namespaces, so it hangs itself in here as `source` instead of being
imported.  Python asks a module's __getattr__ only for names it does not have: what was found is
kept in the module, and `forget` takes it out again whenever a registration changes.
"""

import sys
from opcode import opmap

source = None     # the registry: find and names
_found = {}       # module name -> {name: component put into that module}


def namespace(module_name, kinds):
    """(__getattr__, __dir__) for the module of that name, answering for these kinds.

    Its __all__ and dir() are the names that it lists itself, and those of the components."""
    module = vars(sys.modules[module_name])
    found = _found.setdefault(module_name, {})
    own = module.pop("__all__", ())     # what a module has, Python does not ask __getattr__ for

    def __dir__():
        return sorted({*own, *(source.names(*kinds, place=module_name) if source else ())})

    def __getattr__(name):
        if name == "__all__":
            return __dir__()
        # Python itself asks for __path__, __wrapped__ and the like: no reason to load plugins.
        if name.startswith("_") or source is None:
            raise AttributeError(f"module {module_name!r} has no attribute {name!r}")
        try:
            component = source.find(kinds, name, module_name)
        except LookupError as error:
            # Python would replace an AttributeError by one without the nearest name.
            if _in_import_statement(sys._getframe(1), f"{module_name}.{name}"):
                raise ImportError(f"cannot import name {name!r} from {module_name!r}: {error}",
                                  name=module_name) from None
            raise AttributeError(f"module {module_name!r} has no {name!r}: {error}") from None
        found[name] = module[name] = component
        return component

    return __getattr__, __dir__


def _in_import_statement(frame, full_name):
    """Is this frame at `from module import name`, and the name no module half imported?"""
    return (frame.f_code.co_code[frame.f_lasti] == opmap["IMPORT_FROM"]
            and full_name not in sys.modules)


def own_names(module_name):
    """The names that module defines itself, without those looked up for it."""
    found = _found.get(module_name, {})
    return {name for name, value in vars(sys.modules[module_name]).items()
            if name not in found or found[name] is not value}


def forget():
    """Take every looked-up component out of the namespaces; the next use asks again."""
    for module_name, found in _found.items():
        module = vars(sys.modules[module_name])
        for name, component in found.items():
            if module.get(name) is component:     # not what a user put there since
                del module[name]
        found.clear()
