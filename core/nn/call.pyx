"""What happens when a module is called, compiled: a model does it for every layer of every step."""

from plugrad.nn.members import MODULE
from plugrad.nn.where import no_tensor, say_where


cdef class Called:
    """module(...) is module.forward(...), with the hooks around it if there are any."""

    cdef public object _hooks

    def __call__(self, *args, **kwargs):
        try:
            hooks = self._hooks
            if hooks is not None:
                return hooks.around(self)(*args, **kwargs)
            if len(args) == 1 and not kwargs:
                return self.forward(args[0])
            return self.forward(*args, **kwargs)
        except AttributeError as error:
            wrong = no_tensor(self, args, error)
            say_where(self, wrong or error)
            if wrong:
                raise wrong from None
            raise
        except Exception as error:
            say_where(self, error)
            raise


def in_turn(module, x):
    """What the modules of `module` make of x, one after the other."""
    members = module.__dict__
    for name, role in module._roles.items():
        if role == MODULE:
            x = members[name](x)
    return x
