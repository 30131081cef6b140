"""Muon: momentum that moves a matrix equally far in all directions."""

from math import sqrt

import plugrad as pg
from plugrad import nn
from plugrad.optim import Optimizer


class Muon(Optimizer):
    """Steps along the orthogonal matrix next to the mean gradient; for matrices w (A, B) only.

        m <- momentum * m + (1 - momentum) * g     d = (1 - momentum) * g + momentum * m: nesterov
        w <- (1 - lr * weight_decay) * w - lr * scale * orthogonal(d)      d = m: without nesterov

    scale: sqrt(max(1, A / B)), with adjust_lr_fn="match_rms_adamw" 0.2 * sqrt(max(A, B)).
    Raises ValueError for other tensors: give these to AdamW.   (Jordan et al., 2024)
    """

    ndims = (2,)

    def __init__(self, params, lr=1e-3, weight_decay=0.1, momentum=0.95, nesterov=True,
                 ns_coefficients=(3.4445, -4.7750, 2.0315), eps=1e-7, ns_steps=5,
                 adjust_lr_fn=None):
        super().__init__(params, {
            "lr": lr, "weight_decay": weight_decay, "momentum": momentum, "nesterov": nesterov,
            "ns_coefficients": ns_coefficients, "eps": eps, "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn})

    def check(self, group):
        super().check(group)
        if group["adjust_lr_fn"] is not None:
            nn.choice(group["adjust_lr_fn"], "Muon: adjust_lr_fn", ("original", "match_rms_adamw"))
        if len(group["ns_coefficients"]) != 3:
            raise ValueError("Muon: expected 3 ns_coefficients, got "
                             f"{len(group['ns_coefficients'])}")
        if nn.integer(group["ns_steps"], "Muon: ns_steps") >= 100:
            raise ValueError(f"Muon: expected ns_steps below 100, got {group['ns_steps']}")

    def update(self, w, g, state, group):
        lr, momentum = group["lr"], group["momentum"]
        if not state:
            state["momentum_buffer"] = pg.zeros_like(w)
        m = state["momentum_buffer"].lerp_(g, 1 - momentum)
        d = orthogonal(g.lerp(m, momentum) if group["nesterov"] else m,
                       group["ns_coefficients"], group["ns_steps"], group["eps"])
        rows, columns = w.shape
        scale = (0.2 * sqrt(max(rows, columns)) if group["adjust_lr_fn"] == "match_rms_adamw" else
                 sqrt(max(1, rows / columns)))
        w.mul_(1 - lr * group["weight_decay"]).sub_(d.to(w.dtype), alpha=lr * scale)


def orthogonal(d, coefficients, steps, eps):
    """Nearly U V of the singular value decomposition d = U S V, by the iteration of Newton and
    Schulz: x <- a x + (b x x' + c (x x')²) x brings all singular values near to 1."""
    a, b, c = coefficients
    x = bfloat16(d.float())
    if d.shape[0] > d.shape[1]:
        x = x.mT
    x = bfloat16(x / bfloat16(x.norm()).clamp(min=eps))
    for _ in range(steps):
        gram = bfloat16(x @ x.mT)
        gram = bfloat16(b * gram + c * (gram @ gram))
        x = bfloat16(a * x + gram @ x)
    return x.mT if d.shape[0] > d.shape[1] else x


def bfloat16(x):
    """float32 rounded to the 8 leading bits: the precision that PyTorch's Muon computes in.  The
    sum pushes the 16 others out at the right (Veltkamp, 1968)."""
    high = x * 65537.0
    return high - (high - x)


@pg.hookimpl
def register_optimizers(register):
    register(Muon)
