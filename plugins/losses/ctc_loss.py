"""CTCLoss: for a sequence of labels of which nobody knows when each begins, as in speech."""

# Longer than most: lengths come in many forms, and second derivatives, which PyTorch has not, need
# the algorithm of _ctc.pyx in Tensor operations.

import numpy as np
import plugrad as pg
import plugrad.plugins.losses._ctc as kernels
from plugrad import nn
from plugrad.nn import functional as F

NEVER = -1e30                               # the log of 0, but with derivatives


class Alignments(pg.Op):
    """y[n] = -log Σ over paths of exp(Σ_t x[t, n, path[t]])        x: (T, N, C)   y: (N,)"""

    def __init__(self, paths, zero_infinity):
        self.paths, self.zero_infinity = paths, zero_infinity

    def forward(self, x):
        self.losses, self.reached = kernels.ctc_forward(x, *self.paths)
        self.save(x)
        y = np.where(np.isinf(self.losses), 0, self.losses) if self.zero_infinity else self.losses
        return y.astype(x.dtype)

    def vjp(self, g):
        x, = self.saved
        return Occupations(self, self.losses, self.reached)(g, x)


class Occupations(pg.Op):
    """dx[t, n, c] = -g[n] * the probability that path n is at class c at step t"""

    def __init__(self, op, *found):
        self.paths, self.zero_infinity, self.found = op.paths, op.zero_infinity, found

    def forward(self, g, x):
        self.save(g, x)
        return kernels.ctc_backward(g, *self.found, x, *self.paths, self.zero_infinity)

    def vjp(self, h):
        if pg.is_grad_enabled():
            raise RuntimeError("ctc_loss: there are no third derivatives; call the second backward "
                               "without create_graph=True")
        g, x = (value.detach().requires_grad_() for value in self.saved)
        with pg.enable_grad():
            losses = in_tensors(x, *self.paths, np.isinf(self.found[0]), self.zero_infinity)
            dx, = pg.autograd.grad(losses, x, g, create_graph=True)
        return pg.autograd.grad(dx, (g, x), h, allow_unused=True)


def in_tensors(x, labels, start, steps, count, blank, impossible, zero_infinity):
    """The losses in Tensor operations, step by step; see _ctc.pyx for the algorithm."""
    N, S = len(count), count.max(initial=0)
    states = np.full((N, 2 * S + 1), blank)                                 # (N, L)
    states[:, 1::2][np.arange(S) < count[:, None]] = labels
    jumps = np.zeros(states.shape, bool)
    jumps[:, 2:] = states[:, 2:] != states[:, :-2]
    states, jumps, running, count = map(pg.from_numpy, (
        states, jumps, np.arange(len(x))[:, None, None] < steps[:, None], count.reshape(-1, 1)))
    x = x.gather(2, states.expand(len(x), *states.shape))                   # (T, N, L)
    never = pg.full((N, 2), NEVER, dtype=x.dtype)
    a = pg.full(states.shape, NEVER, dtype=x.dtype)
    a[:, 0] = 0                             # before the first step: at state 0 by staying,
    for t in range(len(x)):                 # and at state 1 by going on
        on, jump = (pg.cat([never[:, :k], a[:, :-k]], 1)[:, :a.shape[1]] for k in (1, 2))
        ways = pg.stack([a, on, pg.where(jumps, jump, NEVER)])
        a = pg.where(running[t], ways.logsumexp(0) + x[t], a)
    last = a.gather(1, 2 * count), a.gather(1, (2 * count - 1).clamp(min=0))
    losses = -pg.cat([last[0], pg.where(count > 0, last[1], NEVER)], 1).logsumexp(1)
    factor = np.where(impossible, 0 if zero_infinity else np.nan, 1)
    return losses * pg.from_numpy(factor).to(losses.dtype)


def lengths(name, value, N, most):
    """int64 (N,).  Raises RuntimeError for what are no lengths from 0 to most."""
    found = pg.as_tensor(value)
    if isinstance(value, int):
        raise TypeError(f"ctc_loss: expected {name} to be a Tensor or a tuple, got {value!r}")
    if found.is_floating_point() and found.numel():
        raise RuntimeError(f"ctc_loss: expected {name} of integers, got {found.dtype}")
    found = found.long().reshape(-1).numpy(force=True)
    if len(found) != N:
        raise RuntimeError(f"ctc_loss: expected {name} of shape ({N},), one for each sequence, got "
                           f"{len(found)} of them")
    if len(found) and not 0 <= found.min() <= found.max() <= most:
        raise RuntimeError(f"ctc_loss: expected {name} from 0 to {most}, got numbers from "
                           f"{found.min()} to {found.max()}")
    return np.ascontiguousarray(found)


def listed(targets, count):
    """All labels, one sequence after another.  Raises RuntimeError for another shape."""
    targets = targets.long().numpy(force=True)
    if targets.ndim == 2:
        return targets[np.arange(targets.shape[1]) < count[:, None]]
    if len(targets) != count.sum():
        raise RuntimeError("ctc_loss: expected targets (N, S), or (sum of target_lengths,) = "
                           f"({count.sum()},), got {targets.shape}")
    return np.ascontiguousarray(targets)


def ctc_loss(log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean",
             zero_infinity=False):
    """-log of the probability of all ways to spread the labels over the steps: see nn.CTCLoss

    The gradient is that of this formula.  PyTorch adds exp(log_probs), which vanishes in the
    gradient of the scores if log_probs are their log_softmax.
    Raises RuntimeError for shapes, labels or lengths that do not fit.
    """
    nn.Loss.check_all("ctc_loss", log_probs=log_probs, targets=targets)
    single = log_probs.ndim == 2
    x = log_probs.unsqueeze(1) if single else log_probs
    if x.ndim != 3 or not x.numel():
        raise RuntimeError("ctc_loss: expected log_probs (T, N, C) or (T, C) with elements, got "
                           f"{tuple(log_probs.shape)}")
    T, N, C = x.shape
    if targets.ndim not in (1, 2) or (targets.ndim == 2 and len(targets) != N):
        raise RuntimeError(f"ctc_loss: expected targets of shape ({N}, S), or one after another, "
                           f"got {tuple(targets.shape)}")
    steps = lengths("input_lengths", input_lengths, N, T)
    count = lengths("target_lengths", target_lengths, N, targets.shape[-1])
    labels = listed(targets, count)
    if not 0 <= blank < C or (len(labels) and not 0 <= labels.min() <= labels.max() < C):
        raise RuntimeError(f"ctc_loss: expected blank and targets in [0, {C}), which are log_probs'"
                           f" classes, got blank {blank} and targets from {labels.min(initial=C)} "
                           f"to {labels.max(initial=-1)}")
    paths = labels, np.cumsum(count) - count, steps, count, blank
    losses = Alignments(paths, zero_infinity)(x)
    if reduction == "mean":
        losses = losses / pg.from_numpy(count).clamp(min=1).to(losses.dtype)
    return nn.Loss.reduce(losses[0] if single else losses, reduction)


class CTCLoss(nn.Loss):
    """-log Σ over paths of Π_t p[t, path[t]]        (Graves et al., 2006)

    A path is a class for every step that, without repetitions and then blanks, is the target.
    log_probs: (T, N, C) or (T, C), as of LogSoftmax   targets: (N, S), or one after another
    input_lengths, target_lengths: (N,), how much counts; tensors or tuples.   "mean" divides each
    by its target's length first.   A target that fits in no way gives inf, or 0 if zero_infinity.
    """

    def __init__(self, blank=0, reduction="mean", zero_infinity=False):
        super().__init__(reduction=reduction)
        self.blank = nn.integer(blank, "CTCLoss: blank")
        self.zero_infinity = nn.flag(zero_infinity, "CTCLoss: zero_infinity")

    def forward(self, log_probs, targets, input_lengths, target_lengths):
        return F.ctc_loss(log_probs, targets, input_lengths, target_lengths, self.blank,
                          self.reduction, self.zero_infinity)

    @staticmethod
    def example():
        x = pg.linspace(-2, 1, 40).sin().reshape(5, 2, 4).log_softmax(2)
        return CTCLoss(), (x, pg.tensor([[1, 3, 3], [2, 1, 0]]), pg.tensor([5, 4]),
                           pg.tensor([3, 2]))


@pg.hookimpl
def register_losses(register):
    register(CTCLoss, functional=ctc_loss)
