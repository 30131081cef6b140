"""gumbel_softmax: a random choice that lets gradients through."""

import plugrad as pg
from plugrad.utils import warn


def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    """y = softmax((x + gumbel noise) / tau) along `dim`   (Jang et al., 2017)

    hard: y is 1 at its largest number and else 0, with the gradient of the soft one.
    The lower tau, the nearer to such a choice.   eps: without effect.
    Raises RuntimeError for integers.
    """
    if eps != 1e-10:
        warn("gumbel_softmax: eps has no effect; leave it out")
    with pg.no_grad():
        noise = -pg.empty_like(logits).exponential_().log()
    y = ((logits + noise) / tau).softmax(dim)
    if not hard:
        return y
    chosen = pg.zeros_like(y).scatter(dim, y.argmax(dim, keepdim=True), 1.0)
    return chosen - y.detach() + y


@pg.hookimpl
def register_activations(register):
    register(gumbel_softmax)
