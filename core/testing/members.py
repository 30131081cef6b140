"""What a module owns: is all of it registered, and is all of it used?"""

import numpy as np
from plugrad import autograd
from plugrad.nn import Module
from plugrad.nn.members import join
from plugrad.ops.create import ones_like
from plugrad.tensor.tensor import Tensor
from plugrad.testing.errors import ComponentError, require
from plugrad.testing.running import run

TRIES = 4                               # objects of other seeds, before a parameter counts as idle


def plain(module):
    """(dotted name, value) of the attributes of a module and its parts that are no members."""
    for path, part in module.named_modules():
        for name, value in vars(part).items():
            if name not in part._roles and name not in ("_roles", "_hooks", "training"):
                yield join(path, name), value


def plain_tensors(module):
    """{dotted name: Tensor} of floating-point tensors that `.to(dtype)` does not reach."""
    return {name: x for name, x in plain(module)
            if isinstance(x, Tensor) and x.dtype.is_floating_point}


def plain_state(module):
    """{dotted name: text} of all attributes that are no members."""
    return {name: repr(value) for name, value in plain(module)}


def check_registered(name, module):
    """What learns is a Parameter and a member, not hidden in a list."""
    known = {id(x) for x in (*module.parameters(), *module.buffers(), *module.modules())}
    for attribute, value in plain(module):
        for x in found_in(value):
            if id(x) not in known:
                refuse(name, attribute, value, x)


def found_in(value):
    """The tensors that ask for gradients, and the modules, in lists, tuples, sets and dicts."""
    if isinstance(value, Module) or (isinstance(value, Tensor) and value.requires_grad):
        yield value
    elif isinstance(value, (list, tuple, set, frozenset)):
        for x in value:
            yield from found_in(x)
    elif isinstance(value, dict):
        yield from found_in(list(value.values()))


def refuse(name, attribute, value, x):
    """Say of x, found in this value of an attribute, how it is registered."""
    kind = "Module" if isinstance(x, Module) else "Parameter"
    own = attribute.rpartition(".")[2]
    if x is not value:
        holder = type(value).__name__
        container = kind + ("Dict" if isinstance(value, dict) else "List")
        what = "a module" if kind == "Module" else "a tensor that asks for gradients"
        raise ComponentError(f"{name}: the attribute {attribute} is a plain {holder} with {what} "
                             "in it, whose parameters no optimizer finds; write "
                             f"self.{own} = nn.{container}(...)")
    require(x.is_leaf, f"{name}: the attribute {attribute} is the result of {x.grad_fn}, so it is "
            f"no parameter; write self.{own} = nn.Parameter(...) around all of the expression, or "
            "compute it in forward")
    raise ComponentError(f"{name}: the attribute {attribute} asks for gradients but is no "
                         f"parameter, so no optimizer finds it; write self.{own} = "
                         "nn.Parameter(...)")


def check_used(name, make, inputs):
    """Every parameter takes part in some output, in training or after eval()."""
    unused = None
    for seed in range(TRIES):
        module = make(seed)
        found = idle(module, inputs)
        unused = found if unused is None else unused & found
        if not unused:
            return
    what = " and ".join(labels(module, unused))
    raise ComponentError(f"{name}: forward never uses {what}: no gradient arrives there, and no "
                         "output changes with it; use it in forward or leave it out, or, if it "
                         "needs other inputs, give them by a static method example() -> "
                         "(component, inputs)")


def idle(module, inputs):
    """The names of the parameters that make no difference in either mode."""
    names = {name for name, _ in module.named_parameters()}
    for training in (True, False):
        names &= names and without_gradient(module.train(training), inputs)
    return {name for name in names if changes_nothing(module, inputs, module.get_parameter(name))}


def without_gradient(module, inputs):
    """The names of the parameters that no gradient of an output arrives at."""
    named = dict(module.named_parameters())
    asked = {name: p for name, p in named.items() if p.requires_grad}
    outputs = [y for y in run(module, inputs) if y.requires_grad]
    if not asked or not outputs:
        return set(named)
    found = autograd.grad(outputs, list(asked.values()), [ones_like(y) for y in outputs],
                          allow_unused=True)
    return set(named) - {name for name, g in zip(asked, found, strict=True) if g is not None}


def changes_nothing(module, inputs, parameter):
    """Whether the outputs are the same in both modes if the parameter is another."""
    memory = parameter.detach().numpy()
    before = memory.copy()
    for training in (True, False):
        module.train(training)
        expected = [y.detach().numpy().copy() for y in run(module, inputs)]
        memory[...] = 3 * np.random.default_rng(0).standard_normal(memory.shape)
        try:
            got = [y.detach().numpy() for y in run(module, inputs)]
        except Exception:               # it does depend on it
            return False
        finally:
            memory[...] = before
        if not all(map(np.array_equal, expected, got)):
            return False
    return True


def labels(module, names):
    """The sub-layers all of whose parameters are among the names, then the names left over."""
    names, found = set(names), []
    for path, part in module.named_modules():
        inside = {join(path, name) for name, _ in part.named_parameters()}
        if path and inside and inside <= names:
            found.append(f"the sub-layer {path}")
            names -= inside
    return found + [f"the parameter {name}" for name in sorted(names)]
