"""KLDivLoss: how far one distribution is from another, in nats."""

import plugrad as pg
from plugrad import nn
from plugrad.nn import functional as F
from plugrad.utils import warn


@nn.averaging
def kl_div(input, target, *, reduction="mean", log_target=False):
    """t * (log t - input), 0 where t is 0        input: log-probabilities   target: t

    log_target: target is log t.   reduction "batchmean" divides the sum by input.shape[0], as the
    definition does; "mean" divides by the number of elements, and warns.
    """
    nn.Loss.check_tensors("kl_div", input, target)
    if log_target:
        losses = target.exp() * (target - input)
    else:
        positive = pg.where(target == 0, 1, target)                     # 0 log 0 = 0
        losses = target * (positive.log() - input)
    if reduction == "batchmean":
        losses = losses.sum()
        return losses / input.shape[0] if input.ndim else losses
    if reduction == "mean":
        warn("kl_div: reduction='mean' divides by the number of elements, not by that of "
             "distributions; 'batchmean' is the definition's mean")
    return nn.Loss.reduce(losses, reduction)


class KLDivLoss(nn.Loss):
    """t * (log t - input), reduced: use "batchmean"        (Kullback and Leibler, 1951)

    input: log-probabilities, as of LogSoftmax   target: probabilities t, or log t if log_target.
    reduction: "batchmean" divides the sum by the batch size; the default "mean" divides by the
    number of elements, and warns.
    """

    def __init__(self, *args, reduction="mean", log_target=False):
        super().__init__(*args, reduction="sum" if reduction == "batchmean" else reduction)
        self.reduction = reduction
        self.log_target = nn.flag(log_target, "KLDivLoss: log_target")

    def forward(self, input, target):
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)

    @staticmethod
    def example():
        p, q = pg.linspace(0.2, 0.9, 6).reshape(2, 3), pg.linspace(0.6, 0.1, 6).reshape(2, 3)
        return KLDivLoss(reduction="batchmean"), (p.log(), q)


@pg.hookimpl
def register_losses(register):
    register(KLDivLoss, functional=kl_div)
