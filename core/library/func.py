"""Modules as functions of their parameters."""

from contextlib import contextmanager

from plugrad.nn.module import Module


def functional_call(module, parameter_and_buffer_dicts, args=None, kwargs=None, *, strict=False):
    """module(*args, **kwargs) with other tensors in place of its parameters and buffers, which a
    gradient reaches; the module keeps its own.

    parameter_and_buffer_dicts: {dotted name: Tensor}, or several such dicts.
    strict: whether every parameter and buffer must be there.   Raises RuntimeError for an unknown
    or missing name.
    """
    if not isinstance(module, Module):
        raise TypeError(f"functional_call: expected a Module, got {type(module).__name__}")
    dicts = parameter_and_buffer_dicts
    tensors = {name: x for part in ([dicts] if isinstance(dicts, dict) else dicts)
               for name, x in part.items()}
    known = {**dict(module.named_parameters(remove_duplicate=False)),
             **dict(module.named_buffers(remove_duplicate=False))}
    wrong = [*(name for name in tensors if name not in known),
             *(name for name in known if strict and name not in tensors)]
    if wrong:
        raise RuntimeError(f"functional_call: expected the names that {type(module).__name__} has, "
                           f"not fitting: {', '.join(wrong)}")
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    with replaced(module, tensors, known):
        return module(*args, **(kwargs or {}))


@contextmanager
def replaced(module, tensors, known):
    """Inside, the tensors are the module's, tied ones under each of their names."""
    same = {id(known[name]): x for name, x in tensors.items()}
    places = [(module.get_submodule(path), last, x)
              for name, old in known.items() if (x := same.get(id(old))) is not None
              for path, _, last in [name.rpartition(".")]]
    olds = [vars(owner)[last] for owner, last, _ in places]
    try:
        for owner, last, x in places:
            vars(owner)[last] = x
        yield
    finally:
        for (owner, last, _), old in zip(places, olds):
            vars(owner)[last] = old
