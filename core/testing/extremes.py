"""What a module makes of numbers so large that exp overflows."""

import numpy as np
from plugrad.testing.errors import require
from plugrad.testing.running import run

FACTOR = 1000


def check_large(name, module, inputs):
    """No NaN among outputs and gradients; to refuse such numbers in words, or inf, is allowed."""
    large = [(x * FACTOR if x.dtype.is_floating_point else x).detach() for x in inputs]
    for x in large:
        x.requires_grad_(x.dtype.is_floating_point)
    with np.errstate(all="ignore"):
        try:
            outputs = run(module, large)
        except (RuntimeError, TypeError, ValueError):
            return
        refuse_nan(f"{name}: the output", outputs)
        for y in outputs:
            if y.requires_grad:
                y.sum().backward(retain_graph=True)
    refuse_nan(f"{name}: the gradient", [x.grad for x in large if x.grad is not None])


def refuse_nan(what, tensors):
    require(not any(np.isnan(x.detach().numpy()).any() for x in tensors),
            f"{what} for {FACTOR} times the inputs is NaN: exp overflows, and inf / inf or 0 * inf "
            "is NaN, also in a branch that where() leaves out; subtract the largest input before "
            "exp, or clamp it, or compose sigmoid, softmax, softplus or logsumexp")
