"""What registering a component gives: its name in a namespace, and of an op all its forms."""

import inspect

from plugrad.ops.forms import function_of, in_place, takes_one, with_out
from plugrad.plugin import contracts
from plugrad.plugin.kinds import FORM, FUNCTIONAL, OFFERS, PLACES, TENSOR, forms, snake
from plugrad.plugin.loading import PluginError
from plugrad.tensor.words import did_you_mean


def of(kind, component, name, functional, options):
    """(kind, namespace, name, component, what is found there) for all that it is found as."""
    label = name or contracts.label(component)
    if kind.name == "ops":
        yield from of_op(kind, component, snake(label), checked(options))
    else:
        for option in options:
            raise PluginError(f"register: {kind.name} take no option {option!r}; expected name, "
                              "functional or override")
        alone = kind.contract and not isinstance(component, type)
        place = (FUNCTIONAL if alone else kind).namespace
        yield kind, place, label, component, component
    for function in functional if isinstance(functional, tuple) else (functional,):
        if function is not None:
            yield (FUNCTIONAL, FUNCTIONAL.namespace, contracts.label(function), function, function)


def of_op(kind, component, label, offers):
    """The rows of an op: the function, where it is to be found, methods and in-place forms."""
    if any(contracts.problems(kind, component, label)):
        yield kind, kind.namespace, label, component, component      # to be told what is wrong
        return
    function = component
    if inspect.isclass(component):
        function = function_of(component, label)
        if offers["in_place"] is None:
            offers["in_place"] = takes_one(component)
    with_place, written_over = with_out(function), in_place(function)
    row = kind
    for place, name, over in forms(label, **offers):
        value = written_over if over else function if place == TENSOR else with_place
        yield row, place, name, component, value
        row = FORM


def checked(options):
    """The offers of an op, those that are not given by default; PluginError for others."""
    for option in options:
        if option not in OFFERS:
            raise PluginError(f"register: ops take no option {option!r}"
                              f"{did_you_mean(option, OFFERS)}; expected name, functional, "
                              f"override, {', '.join(OFFERS)}")
    offers = OFFERS | options
    for place in offers["places"]:
        if place not in PLACES:
            raise PluginError(f"register: expected places among {', '.join(PLACES)}, got {place!r}"
                              f"{did_you_mean(place, PLACES)}")
    return offers
