"""Tensor answers for plugins as the namespaces do: x.cube() is looked up when somebody asks for it.

A method is found as fast as one of the core's, in the dict of the type.  So whatever name may be
asked for stands there beforehand: a placeholder, which looks the method up and takes its place.
Before the plugins of other distributions are loaded nobody knows their names; if there are any, a
name that Tensor does not have loads them, which Python does by a slower way until then.
"""

from plugrad.plugin import discovery
from plugrad.plugin.kinds import TENSOR
from plugrad.tensor.tensor import Tensor, ask_for_missing, attach, detach

source = None       # the registry, which sits above: find
_ours = {}          # name -> what stands in Tensor's dict for a plugin


class Placeholder:
    """Stands for a method until somebody asks for it."""

    def __init__(self, name):
        self.name = name

    def __get__(self, tensor, cls=None):
        try:
            method = source.find(("ops", "forms"), self.name, TENSOR)
        except LookupError as error:
            raise AttributeError(f"Tensor has no {self.name!r}: {error}") from None
        _put(self.name, method)
        return getattr(cls if tensor is None else tensor, self.name)


def expect(names):
    """Answer for these names, anew if they were looked up already."""
    for name in names:
        if type(_ours.get(name)) is not Placeholder:
            _put(name, Placeholder(name))


def forget(names):
    """Answer for these names alone, and look each up anew."""
    for name in _ours.keys() - set(names):
        del _ours[name]
        detach(name)
    expect(names)


def _put(name, value):
    _ours[name] = value
    attach(name, value)


def own_names():
    """The names that Tensor has without plugins."""
    return vars(Tensor).keys() - _ours.keys()


def open_door():
    """Answer for the built-in plugins, and for those of others once they are loaded."""
    expect(source.built_in_methods())
    if discovery.others():
        ask_for_missing(lambda name: source.load())


def ask_no_more():
    """All plugins are loaded, and Tensor has the names of their methods."""
    ask_for_missing(None)
