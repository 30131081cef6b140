"""The kinds of component: one row a kind."""

import re
from typing import NamedTuple


class Kind(NamedTuple):
    """What a component of this kind must be, and where users find it."""

    name: str                       # plural, as in the hook register_<name>
    namespace: str                  # import name of the namespace that answers for it
    contract: str                   # "module:Class" of the base class; "" where there is none
    one_of: tuple[str, ...] = ()    # a class must define at least one of these methods
    first: str = ""                 # the first argument, which must be a named one
    functions: bool = False         # may it be a plain function?
    classes: bool = True            # may it be a class?
    implied_by: str = ""            # a base class that says it: of kinds that share a contract


MODULE = "plugrad.nn:Module"
KINDS = {kind.name: kind for kind in (
    Kind("layers", "plugrad.nn", MODULE, ("forward",), functions=True),
    Kind("activations", "plugrad.nn", MODULE, ("forward",), functions=True),
    Kind("normalizations", "plugrad.nn", MODULE, ("forward",), functions=True,
         implied_by="plugrad.nn:ChannelNorm"),
    Kind("losses", "plugrad.nn", MODULE, ("forward",), implied_by="plugrad.nn:Loss"),
    Kind("models", "plugrad.models", MODULE, ("forward",)),
    Kind("optimizers", "plugrad.optim", "plugrad.optim:Optimizer", ("update", "step"), "params"),
    Kind("schedulers", "plugrad.optim.lr_scheduler", "plugrad.optim.lr_scheduler:LRScheduler",
         ("get_lr", "step"), "optimizer"),
    Kind("initializers", "plugrad.nn.init", "", first="tensor", functions=True, classes=False),
    Kind("datasets", "plugrad.data", "plugrad.data:Dataset", ("__getitem__", "__iter__")),
    Kind("transforms", "plugrad.data", "", ("__call__",), functions=True),
    Kind("callbacks", "plugrad.callbacks", "plugrad.callbacks:Callback"),
    Kind("ops", "plugrad", "plugrad.tensor.tensor:Op", ("forward",), functions=True),
)}

# What a class offers as a function as well: no kind of its own, it has no hook.
FUNCTIONAL = Kind("functional", "plugrad.nn.functional", "", first="input",
                  functions=True, classes=False)

# What registering an op gives beside its function: methods, in-place forms, other names.
FORM = Kind("forms", "plugrad", "", functions=True, classes=False)
TENSOR = "plugrad.Tensor"           # the namespace that methods are in
PLACES = {"plugrad": "plugrad", "linalg": "plugrad.linalg", "special": "plugrad.special",
          "functional": "plugrad.nn.functional"}
OFFERS = {"method": True, "in_place": None, "aliases": (), "places": ("plugrad",)}


def snake(name):
    """The name of the function that an Op class gives: log_sum of LogSum."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def forms(name, method, in_place, aliases, places):
    """(namespace, name, whether in place) of each form that an op of this name is offered in."""
    for label in (name, *aliases):
        for place in (*map(PLACES.get, places), *[TENSOR] * method):
            yield place, label, False
        if in_place:
            for place in ("plugrad", TENSOR):
                yield place, f"{label}_", True
