"""AdaptiveLogSoftmaxWithLoss: a softmax over many classes, that computes rare ones seldom."""

from collections import namedtuple

import plugrad as pg
from plugrad import nn

Result = namedtuple("Result", ["output", "loss"])


class AdaptiveLogSoftmaxWithLoss(nn.Module):
    """(log p(target), its negative mean)   (Grave et al., 2017)   input: (N, F)   target: (N,)

    Classes, the frequent ones first, are cut into clusters at `cutoffs`; the head tells those below
    the first cutoff and the clusters, cluster i is told apart by F / div_value ** (i + 1) features.
    """

    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0, head_bias=False,
                 device=None, dtype=None):
        super().__init__()
        ends = [nn.integer(n, "AdaptiveLogSoftmaxWithLoss: cutoffs") for n in cutoffs]
        if not ends or sorted({*ends, 0, n_classes}) != [0, *ends, n_classes]:
            raise ValueError("AdaptiveLogSoftmaxWithLoss: expected cutoffs that rise, from 1 to "
                             f"n_classes - 1 = {n_classes - 1}, got {cutoffs}")
        self.in_features, self.n_classes, self.cutoffs = in_features, n_classes, [*ends, n_classes]
        self.div_value, self.head_bias = div_value, head_bias
        self.shortlist_size, self.n_clusters = ends[0], len(ends)
        self.head_size = self.shortlist_size + self.n_clusters
        options = {"device": device, "dtype": dtype}
        self.head = nn.Linear(in_features, self.head_size, bias=head_bias, **options)
        self.tail = nn.ModuleList()
        for i, (low, high) in enumerate(zip(self.cutoffs, self.cutoffs[1:]), 1):
            inner = int(in_features // div_value ** i)
            self.tail.append(nn.Sequential(nn.Linear(in_features, inner, bias=False, **options),
                                           nn.Linear(inner, high - low, bias=False, **options)))

    @classmethod
    def example(cls):
        return cls(8, 6, [2, 4], div_value=2.0), (pg.randn(6, 8), pg.arange(6))

    def forward(self, input, target):
        rows, labels = (input, target) if target.ndim else (input[None], target[None])
        if rows.ndim != 2 or labels.shape != rows.shape[:1]:
            raise RuntimeError("AdaptiveLogSoftmaxWithLoss: expected input (N, F) and target (N,), "
                               f"got {tuple(input.shape)} and {tuple(target.shape)}")
        if ((labels < 0) | (labels >= self.n_classes)).any():
            raise RuntimeError("AdaptiveLogSoftmaxWithLoss: expected labels from 0 to "
                               f"{self.n_classes - 1}, got {int(labels.min())} to "
                               f"{int(labels.max())}")
        cluster = sum((labels >= end).long() for end in self.cutoffs[:-1])   # 0: the shortlist
        first = pg.where(cluster > 0, self.shortlist_size + cluster - 1, labels)
        output = self.head(rows).log_softmax(1).gather(1, first[:, None]).squeeze(1)
        for i, part in enumerate(self.tail):
            members = (cluster == i + 1).nonzero().squeeze(1)
            if len(members):
                inside = labels[members] - self.cutoffs[i]
                log_p = part(rows[members]).log_softmax(1).gather(1, inside[:, None])
                output = output.index_add(0, members, log_p.squeeze(1))
        return Result(output if target.ndim else output.squeeze(0), -output.mean())

    def log_prob(self, input):
        """log p of all classes: (N, F) -> (N, n_classes)"""
        head = self.head(input).log_softmax(1)
        tails = [part(input).log_softmax(1) + head[:, self.shortlist_size + i, None]
                 for i, part in enumerate(self.tail)]
        return pg.cat([head[:, :self.shortlist_size], *tails], 1)

    def predict(self, input):
        """The most likely class: (N, F) -> (N,)"""
        return self.log_prob(input).argmax(1)


@pg.hookimpl
def register_layers(register):
    register(AdaptiveLogSoftmaxWithLoss)
