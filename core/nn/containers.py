"""Modules that hold other modules or parameters in a list or a dict."""

from collections.abc import Iterable, Mapping, MutableMapping
from itertools import groupby

from plugrad.nn.call import in_turn
from plugrad.nn.members import MODULE, PARAMETER
from plugrad.nn.module import Module, indented
from plugrad.nn.parameter import Parameter
from plugrad.tensor.tensor import Tensor


class Listed(Module):
    """What the lists share: members named "0", "1", ..., reached by their place."""

    role = MODULE

    def __init__(self, values=()):
        super().__init__()
        self.extend(values)

    def checked(self, value):
        """The member to be kept for a value.  Raises TypeError for what cannot be one."""
        if not isinstance(value, Module):
            raise TypeError(f"{type(self).__name__}: expected a Module, got {value!r}; "
                            "make an object of a class by adding ()")
        return value

    def _values(self):
        return [member for _, member in self._members(self.role)]

    def _replace(self, values):
        """Hold these members and no others, numbered anew."""
        values = [self.checked(value) for value in values]
        for name, _ in self._members(self.role):
            delattr(self, name)
        for i, value in enumerate(values):
            setattr(self, str(i), value)

    def __len__(self):
        return len(self._members(self.role))

    def __iter__(self):
        return iter(self._values())

    def _place(self, index):
        """A place as 0 <= place < len.  Raises IndexError, or TypeError for what is no place."""
        place = index.__index__() if hasattr(index, "__index__") else None
        if place is None:
            raise TypeError(f"{type(self).__name__}: expected an int or a slice, got {index!r}")
        if not -len(self) <= place < len(self):
            raise IndexError(f"{type(self).__name__}: index {place} is out of range, it has "
                             f"{len(self)} members")
        return place % len(self)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(self._values()[index])
        return self._values()[self._place(index)]

    def __setitem__(self, index, value):
        name, _ = self._members(self.role)[self._place(index)]
        setattr(self, name, self.checked(value))

    def __delitem__(self, index):
        values = self._values()
        del values[index if isinstance(index, slice) else self._place(index)]
        self._replace(values)

    def append(self, value):
        """Add one at the end.  Returns self."""
        setattr(self, str(len(self)), self.checked(value))
        return self

    def extend(self, values):
        """Add several at the end.  Returns self."""
        if isinstance(values, (Module, Tensor)) and not isinstance(values, Listed):
            raise TypeError(f"{type(self).__name__}: expected a list, got {type(values).__name__}")
        for value in list(values):
            self.append(value)
        return self

    def insert(self, index, value):
        """Put one before the place `index`; those behind it move up by one.  Returns self."""
        values = self._values()
        values.insert(index, value)
        self._replace(values)
        return self

    def pop(self, index=-1):
        """Take one out and return it."""
        value = self[index]
        del self[index]
        return value

    def __iadd__(self, values):
        return self.extend(values)

    def __add__(self, values):
        return type(self)([*self, *values])


class Sequential(Listed):
    """Sequential(f, g, h)(x) = h(g(f(x)))

    Takes modules, or one dict name -> module; a slice is a Sequential of the same modules.
    """

    def __init__(self, *modules):
        super().__init__()
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            for name, module in modules[0].items():
                self.register_module(name, module)
        else:
            self.extend(modules)

    def forward(self, x):
        return in_turn(self, x)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(dict(self._members(MODULE)[index]))     # each keeps its name
        return super().__getitem__(index)

    def __add__(self, other):
        if not isinstance(other, Sequential):
            return NotImplemented
        return type(self)(*self, *other)


class ModuleList(Listed):
    """A list of modules that are members.  It computes nothing: go through it in your forward."""

    def __repr__(self):
        lines, start = [], 0
        for text, equal in groupby(map(indented, self)):
            n = len(list(equal))
            place = f"({start}): " if n == 1 else f"({start}-{start + n - 1}): {n} x "
            lines.append(place + text)
            start += n
        name = type(self).__name__
        return "\n  ".join([f"{name}(", *lines]) + "\n)" if lines else f"{name}()"


class ParameterList(Listed):
    """A list of Parameters that are members; a Tensor that is put in becomes a Parameter."""

    role = PARAMETER

    def checked(self, value):
        return as_parameter(self, value)

    def extra_repr(self):
        return "\n".join(f"({i}): {summary(p)}" for i, p in enumerate(self))


class Named(Module):
    """What the dicts share: members under names of the user's own."""

    role = MODULE

    def __init__(self, members=None):
        super().__init__()
        self.update({} if members is None else members)

    checked = Listed.checked

    def __getitem__(self, name):
        if self._roles.get(name) != self.role:
            raise KeyError(name)
        return getattr(self, name)

    def __setitem__(self, name, value):
        self._register_new(name, self.checked(value), self.role)

    def __delitem__(self, name):
        self[name]                                    # KeyError for what is no member
        delattr(self, name)

    def __iter__(self):
        return iter([name for name, _ in self._members(self.role)])

    def __len__(self):
        return len(self._members(self.role))

    # Python knows how to make the rest of a dict out of the five above.
    __contains__ = Mapping.__contains__
    keys, values, items, get = Mapping.keys, Mapping.values, Mapping.items, Mapping.get
    setdefault = MutableMapping.setdefault

    def update(self, members=(), **named):
        """Put in all of a mapping, or of an iterable of pairs, and those given by name."""
        if isinstance(members, (Tensor, str)) or not isinstance(members, Iterable):
            raise TypeError(f"{type(self).__name__}: expected a dict or pairs (name, member), got "
                            f"{type(members).__name__}")
        MutableMapping.update(self, members, **named)

    def pop(self, name):
        """Take one out and return it.  Raises KeyError."""
        value = self[name]
        del self[name]
        return value

    def clear(self):
        """Take all out."""
        for name in self:
            del self[name]


class ModuleDict(Named):
    """A dict of modules that are members, under names that are not methods of a dict."""


class ParameterDict(Named):
    """A dict of Parameters that are members; a Tensor that is put in becomes a Parameter."""

    role = PARAMETER

    def checked(self, value):
        return as_parameter(self, value)

    def extra_repr(self):
        return "\n".join(f"({name}): {summary(p)}" for name, p in self.items())


def as_parameter(container, value):
    if not isinstance(value, Tensor):
        raise TypeError(f"{type(container).__name__}: expected a Parameter or a Tensor, got "
                        f"{type(value).__name__}")
    return value if isinstance(value, Parameter) else Parameter(value)


def summary(parameter):
    shape = "x".join(map(str, parameter.shape))
    return f"{type(parameter).__name__} containing: [{parameter.dtype} of size {shape}]"
