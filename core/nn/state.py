"""Saving and loading: the tensors of a module by name, and what may not fit."""

from collections import namedtuple

from plugrad.autograd import no_grad
from plugrad.nn.members import BUFFER, PARAMETER, join
from plugrad.nn.parameter import Parameter, Uninitialized
from plugrad.ops.create import as_tensor

EXTRA = "_extra_state"                  # what a state calls a module's own, after its path


class _IncompatibleKeys(namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])):
    """What did not match: keys that the state lacks, and keys that the module does not have."""

    __slots__ = ()

    def __repr__(self):
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return super().__repr__()


def own_state(module, prefix=""):
    """(name, tensor) of the module's own parameters and saved buffers, in this order."""
    return [(prefix + name, tensor) for role in (PARAMETER, BUFFER)
            for name, tensor in module._members(role) if tensor is not None]


def load(module, state, strict, assign):
    """Copy the tensors of `state` (name -> tensor or array) into the module's, all or none; with
    assign put them in their place.

    Raises RuntimeError naming at once everything that does not fit.
    """
    if not hasattr(state, "keys"):
        raise TypeError(f"load_state_dict: expected a dict, got {type(state).__name__}")
    targets = dict(pair for path, part in module.named_modules(remove_duplicate=False)
                   for pair in own_state(part, join(path, "")))
    extras = {join(path, EXTRA): part for path, part in module.named_modules(remove_duplicate=False)
              if hasattr(part, "set_extra_state")}
    missing = [name for name in (*targets, *extras) if name not in state]
    unexpected = [name for name in state if name not in targets and name not in extras]
    sources, problems = {}, []
    for name, target in targets.items():
        if name not in state or unknown(target, state[name]):
            continue
        if not hasattr(state[name], "shape"):
            problems.append(f"{name}: expected a tensor, got {type(state[name]).__name__}")
            continue
        sources[name] = as_tensor(state[name])
        if not isinstance(target, Uninitialized) and sources[name].shape != target.shape:
            problems.append(
                f"size mismatch for {name}: copying a param with shape "
                f"{tuple(state[name].shape)} from checkpoint, the shape in current model is "
                f"{tuple(target.shape)}.")
        elif target.is_meta and not assign:
            problems.append(f"{name}: is on the device meta, without memory to copy to; pass "
                            "assign=True, or make the module elsewhere")
    if strict and unexpected:
        problems.insert(0, f"Unexpected key(s) in state_dict: {quoted(unexpected)}.")
    if strict and missing:
        problems.insert(0, f"Missing key(s) in state_dict: {quoted(missing)}.")
    if problems:
        lines = "\n\t".join(["", *problems])
        raise RuntimeError(f"Error(s) in loading state_dict for {type(module).__name__}:{lines}")
    with no_grad():
        for name, source in sources.items():
            if assign:
                put(module, name, source)
                continue
            if isinstance(targets[name], Uninitialized):
                targets[name].materialize(source.shape)
            targets[name].copy_(source)
    for name, part in extras.items():
        if name in state:
            part.set_extra_state(state[name])
    return _IncompatibleKeys(missing, unexpected)


def put(module, name, source):
    """Make the tensor the member of that dotted name, as a Parameter where one was."""
    path, _, last = name.rpartition(".")
    owner = module.get_submodule(path)
    old = getattr(owner, last)
    setattr(owner, last, Parameter(source.detach(), requires_grad=old.requires_grad)
            if isinstance(old, Parameter) else source)


def unknown(target, source):
    """Whether there is nothing to copy yet: neither has a shape."""
    return isinstance(target, Uninitialized) and isinstance(source, Uninitialized)


def quoted(names):
    return ", ".join(f'"{name}"' for name in names)
