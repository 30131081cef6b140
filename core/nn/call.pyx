"""What happens when a module is called, compiled: a model does it for every layer of every step."""

cimport cython

from plugrad.nn.where import say_where


@cython.auto_pickle(False)
cdef class Called:
    """module(...) is module.forward(...), with the hooks around it if there are any."""

    def __call__(self, *args, **kwargs):
        try:
            hooks = self._hooks
            if hooks is not None:
                return hooks.around(self)(*args, **kwargs)
            if len(args) == 1 and not kwargs:
                return self.forward(args[0])
            return self.forward(*args, **kwargs)
        except Exception as error:
            say_where(self, error)
            raise
