"""MultiMarginLoss: the right class should score higher than each other one, by a margin."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F


@nn.averaging
def multi_margin_loss(input, target, p=1, margin=1.0, weight=None, *, reduction="mean"):
    """Σ over classes c != t of weight[t] * max(0, margin - input[t] + input[c]) ** p / C

    input: scores (N, C) or (C,)   target: t, int64 (N,) or ()   p: 1 or 2   weight: (C,) or None.
    Raises ValueError for another p, RuntimeError for a target or weight that does not fit.
    """
    nn.Loss.check_tensors("multi_margin_loss", input, target)
    if p not in (1, 2):
        raise ValueError(f"multi_margin_loss: expected p to be 1 or 2, got {p!r}")
    if input.ndim not in (1, 2) or input.shape[-1] == 0:
        raise RuntimeError("multi_margin_loss: expected scores (N, C) or (C,), got shape "
                           f"{tuple(input.shape)}")
    check_target(input, target)
    C = input.shape[-1]
    if weight is not None and (tuple(weight.shape), weight.dtype) != ((C,), input.dtype):
        raise RuntimeError(f"multi_margin_loss: expected weight of shape ({C},) and {input.dtype}, "
                           f"got {tuple(weight.shape)} and {weight.dtype}")
    single = input.ndim == 1 and target.ndim == 0
    labels = target.reshape(-1, 1)                                          # (N, 1)
    scores = nn.floating(input, "multi_margin_loss").reshape(-1, C)
    z = (margin - scores.gather(1, labels) + scores).relu()                 # (N, C)
    z = (z if p == 1 else z.square()) * (1 if weight is None else weight[labels])
    losses = z.masked_fill(pg.arange(C) == labels, 0).sum(1) / C
    reduction = "sum" if reduction == "mean" and len(losses) == 0 else reduction    # 0, not NaN
    return nn.Loss.reduce(losses[0] if single else losses, reduction)


def check_target(input, target):
    """Raise RuntimeError for labels that do not fit."""
    if target.dtype != pg.int64:
        raise RuntimeError(f"multi_margin_loss: expected a target of int64, got {target.dtype}; "
                           "use target.long()")
    shapes = [tuple(input.shape[:-1])] + [(1,)] * (input.ndim == 1)
    if tuple(target.shape) not in shapes:
        raise RuntimeError(f"multi_margin_loss: expected target of shape {shapes[0]} for input of "
                           f"shape {tuple(input.shape)}, got {tuple(target.shape)}")
    C = input.shape[-1]
    if ((target < 0) | (target >= C)).any():
        raise RuntimeError(f"multi_margin_loss: expected labels in [0, {C}), got labels from "
                           f"{target.min().item()} to {target.max().item()}")


class MultiMarginLoss(nn.Loss):
    """Σ over classes c != t of weight[t] * max(0, margin - input[t] + input[c]) ** p / C

    By default its mean: the multi-class SVM.   input: scores (N, C)   target: t, int64 (N,)
    p: 1 or 2   weight: (C,)        (Weston and Watkins, 1999)
    """

    def __init__(self, p=1, margin=1.0, weight=None, *args, reduction="mean"):
        super().__init__(*args, reduction=reduction)
        if p not in (1, 2):
            raise ValueError(f"MultiMarginLoss: expected p to be 1 or 2, got {p!r}")
        if weight is not None and weight.ndim != 1:
            raise ValueError("MultiMarginLoss: expected weight of shape (C,), one number per class,"
                             f" or None, got shape {tuple(weight.shape)}")
        self.p, self.margin = p, nn.number(margin, "MultiMarginLoss: margin")
        self.register_buffer("weight", weight)

    def forward(self, input, target):
        return F.multi_margin_loss(input, target, self.p, self.margin, self.weight,
                                   reduction=self.reduction)

    @staticmethod
    def example():                          # no two scores are a margin apart: there it has a kink
        return MultiMarginLoss(), (pg.tensor([[0.1, 0.5, -0.3], [0.7, -0.2, 1.9]]),
                                   pg.tensor([2, 0]))


@pg.hookimpl
def register_losses(register):
    register(MultiMarginLoss, functional=multi_margin_loss)
