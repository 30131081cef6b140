"""The members of a module: which of its attributes are parameters, buffers or modules."""

from collections.abc import MutableMapping

# The roles that an attribute may play.
PARAMETER = "parameter"
BUFFER = "buffer"
TRANSIENT = "buffer that is not saved"
MODULE = "module"


class Members(MutableMapping):
    """name -> member, for the members of one module in some roles: a view, not a copy.

    What is put in takes the first of the roles; it is an attribute of the module at once.
    """

    def __init__(self, module, *roles):
        self._module, self._roles = module, roles

    def __iter__(self):
        return iter([name for name, role in self._module._roles.items() if role in self._roles])

    def __len__(self):
        return len(list(iter(self)))

    def __getitem__(self, name):
        if self._module._roles.get(name) not in self._roles:
            raise KeyError(name)
        return getattr(self._module, name)

    def __setitem__(self, name, member):
        self._module._register(name, member, self._roles[0])

    def __delitem__(self, name):
        self[name]                                    # KeyError for a member in another role
        delattr(self._module, name)

    def __repr__(self):
        return repr(dict(self))


def join(path, name):
    """The dotted path of a member, from that of its module ("" for the root)."""
    return f"{path}.{name}" if path else name
