"""Hooks in a module's backward: functions that watch, or change, the gradients that pass it."""

from plugrad.tensor.tensor import Op, Tensor
from plugrad.tensor.words import warn


class Pass(Op):
    """y_i = x_i; in backward look(gradients) says what becomes of them."""

    def __init__(self, look):
        self.look = look

    def forward(self, *arrays):
        return arrays

    def vjp(self, *gs):
        return self.look(gs)


class BackwardCall:
    """One call of a module: in backward, `before` sees the gradients of its outputs, then `after`
    those of its inputs as well."""

    def __init__(self, module, before, after):
        self.module, self.before, self.after = module, before, after
        self.g_out = None                       # until backward has come to the outputs

    def run(self, forward, args, kwargs):
        """forward(*args, **kwargs) between what watches its inputs and what watches its outputs."""
        self.n = len(args)
        args, self.inputs = watched(args, self.at_inputs)
        self.is_reached = any(args[i].requires_grad for i in self.inputs)
        output = forward(*args, **kwargs)
        if not isinstance(output, (Tensor, tuple)):
            warn(f"{type(self.module).__name__}: backward hooks see a Tensor or a tuple of Tensors "
                 f"only, and forward returned {type(output).__name__}; they are not called")
            return output
        outputs = output if isinstance(output, tuple) else (output,)
        self.m = len(outputs)
        outputs, self.outputs = watched(outputs, self.at_outputs)
        return outputs if isinstance(output, tuple) else outputs[0]

    def at_outputs(self, gs):
        g_out = spread(gs, self.outputs, self.m)
        for hook in list(self.before.values()):
            g_out = changed(hook(self.module, g_out), g_out, "grad_output")
        self.g_out = g_out
        if not self.is_reached:                 # no input asks for a gradient
            self.finish((None,) * self.n)
        return [g_out[i] for i in self.outputs]

    def at_inputs(self, gs):
        if self.g_out is None:
            return gs
        g_in = self.finish(spread(gs, self.inputs, self.n))
        return [g_in[i] for i in self.inputs]

    def finish(self, g_in):
        for hook in list(self.after.values()):
            g_in = changed(hook(self.module, g_in, self.g_out), g_in, "grad_input")
        self.g_out = None
        return g_in


def watched(values, look):
    """The values, `look` seeing the gradients of the Tensors among them, and where these are."""
    where = [i for i, x in enumerate(values) if isinstance(x, Tensor)]
    if not where:
        return values, where
    passed = dict(zip(where, Pass(look)(*[values[i] for i in where])))
    return tuple(passed.get(i, x) for i, x in enumerate(values)), where


def spread(gs, where, n):
    """n places: the gradients where they belong, None elsewhere."""
    return tuple(dict(zip(where, gs)).get(i) for i in range(n))


def changed(result, gs, what):
    """The gradients as a hook leaves them; it returns None to leave them alone."""
    if result is None:
        return gs
    result = result if isinstance(result, tuple) else (result,)
    if len(result) != len(gs):
        raise RuntimeError(f"backward hook: expected None or {len(gs)} gradient(s) in place of "
                           f"{what}, got {len(result)}")
    return result
