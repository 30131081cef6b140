"""MultiLabelMarginLoss: each right class should score higher than each wrong one, by 1."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


@nn.averaging
def multilabel_margin_loss(input, target, *, reduction="mean"):
    """Σ over right classes r and wrong ones w of max(0, 1 - input[r] + input[w]) / C

    input: scores (N, C) or (C,)   target: int64 of that shape, the right classes first, then -1;
    what follows the first -1 does not count.
    Raises RuntimeError for a target of another dtype or shape, or with labels outside [-1, C).
    """
    nn.Loss.check_tensors("multilabel_margin_loss", input, target)
    nn.floating(input, "multilabel_margin_loss")
    check_target(input, target)
    C, single = input.shape[-1], input.ndim == 1
    scores, labels = input.reshape(-1, C), target.reshape(-1, C)
    listed = (labels < 0).long().cumsum(1) == 0                             # before the first -1
    labels = pg.where(listed, labels, 0)
    right = pg.zeros_like(labels).scatter_add(1, labels, listed.long()) > 0
    z = (1 - scores.gather(1, labels).unsqueeze(2) + scores.unsqueeze(1)).relu()    # (N, r, w)
    losses = z.masked_fill(~(listed.unsqueeze(2) & ~right.unsqueeze(1)), 0).sum((1, 2)) / C
    if reduction == "mean" and len(losses) == 0:
        reduction = "sum"                                                   # 0, not NaN
    return nn.Loss.reduce(losses[0] if single else losses, reduction)


def check_target(input, target):
    """Raise RuntimeError for labels that do not fit."""
    what = "multilabel_margin_loss"
    if input.ndim not in (1, 2) or input.shape[-1] == 0:
        raise RuntimeError(f"{what}: expected scores (N, C) or (C,), got {tuple(input.shape)}")
    if target.dtype != pg.int64:
        raise RuntimeError(f"{what}: expected a target of int64, got {target.dtype}; use "
                           "target.long()")
    if target.shape != input.shape:
        raise RuntimeError(f"{what}: expected target of input's shape {tuple(input.shape)}, the "
                           f"labels and then -1, got {tuple(target.shape)}")
    C = input.shape[-1]
    if ((target < -1) | (target >= C)).any():
        raise RuntimeError(f"{what}: expected labels in [0, {C}) and then -1, got labels from "
                           f"{target.min().item()} to {target.max().item()}")


class MultiLabelMarginLoss(nn.Loss):
    """Σ over right classes r and wrong ones w of max(0, 1 - input[r] + input[w]) / C

    By default its mean.   input: scores (N, C) or (C,)   target: int64 of that shape, the right
    classes first, then -1: what follows the first -1 does not count.
    """

    def forward(self, input, target):
        return F.multilabel_margin_loss(input, target, reduction=self.reduction)

    @staticmethod
    def example():
        return MultiLabelMarginLoss(), (pg.tensor([[0.1, 0.5, -0.3, 0.8], [0.7, -0.2, 0.4, 0.0]]),
                                        pg.tensor([[3, 0, -1, 1], [2, -1, 0, 0]]))


@pg.hookimpl
def register_losses(register):
    register(MultiLabelMarginLoss, functional=multilabel_margin_loss)
