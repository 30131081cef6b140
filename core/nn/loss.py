"""What losses share: how many numbers become one, and how labels choose among classes."""

from functools import wraps

from plugrad.nn.module import Module
from plugrad.ops import classes
from plugrad.ops.arithmetic import where
from plugrad.tensor.arguments import tensor_for
from plugrad.tensor.tensor import Tensor
from plugrad.tensor.words import warn

REDUCTIONS = ("none", "mean", "sum")


def averaging(function):
    """`function` of a `reduction`, which PyTorch's older scripts give as two answers instead:
    whether to reduce at all, and whether to divide the sum (size_average).  They are warned."""
    @wraps(function)
    def call(*args, size_average=None, reduce=None, **options):
        if size_average is not None or reduce is not None:
            what = function.__qualname__.removesuffix(".__init__")
            options["reduction"] = from_answers(what, size_average, reduce)
        return function(*args, **options)
    return call


class Loss(Module):
    """The contract of losses: forward(input, target) gives what is to be lowered.

    reduction: "none" (one loss per element or example), "mean" or "sum".
    """

    def __init__(self, size_average=None, reduce=None, reduction="mean"):
        super().__init__()
        if size_average is not None or reduce is not None:
            reduction = from_answers(type(self).__name__, size_average, reduce)
        check_reduction(reduction)
        self.reduction = reduction

    def __init_subclass__(cls):
        if "__init__" in vars(cls):
            cls.__init__ = averaging(cls.__init__)

    @staticmethod
    def reduce(losses, reduction, weights=None):
        """Losses as `reduction` says; with weights, "mean" divides by their sum."""
        check_reduction(reduction)
        if reduction == "mean":
            return losses.mean() if weights is None else losses.sum() / weights.sum()
        return losses.sum() if reduction == "sum" else losses

    @staticmethod
    def check_tensors(what, input, target):
        """Raise TypeError unless both are Tensors."""
        if not (isinstance(input, Tensor) and isinstance(target, Tensor)):
            Loss.check_all(what, input=input, target=target)

    @staticmethod
    def check_all(what, **tensors):
        """Raise TypeError unless all are Tensors, for losses of more than input and target."""
        for name, value in tensors.items():
            if not isinstance(value, Tensor):
                raise TypeError(f"{what}: expected {name} to be a Tensor, got "
                                f"{type(value).__name__}; make one with plugrad.tensor(...)")

    @staticmethod
    def check_same_shape(what, input, target):
        """Warn if a loss of element by element would repeat one of the two along the other."""
        Loss.check_tensors(what, input, target)
        if input.shape != target.shape:
            warn(f"{what}: using a target size {tuple(target.shape)} that is different to the "
                 f"input size {tuple(input.shape)}; one is repeated to fit the other, which is "
                 "rarely meant: reshape one of them")

    @staticmethod
    def check_weight(what, input, weight):
        """Raise ValueError unless there is one weight for each element of the input."""
        if weight.shape != input.shape:
            raise ValueError(f"{what}: expected weight of input's shape {tuple(input.shape)}, got "
                             f"{tuple(weight.shape)}; weight.expand_as(input) repeats it")


class ClassLoss(Loss):
    """A loss over classes, with a weight for each class and one label that does not count."""

    def __init__(self, weight=None, *args, ignore_index=-100, reduction="mean"):
        super().__init__(*args, reduction=reduction)
        check_class_weight(type(self).__name__, weight)
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index

    @staticmethod
    def pick(what, log_p, target, weight=None, ignore_index=-100):
        """(-w[t] * log_p[t], w[t]) for every label t, 0 where t is ignore_index.

        log_p: (C,), (N, C) or (N, C, ...)   target: integers (), (N,) or (N, ...)   weight: (C,).
        The second is None if every weight is 1.   what: how errors call the loss: RuntimeError for
        a target of another dtype or shape, ValueError for another number of examples, and
        IndexError for a label outside [0, C).
        """
        Loss.check_tensors(what, log_p, target)
        check_labels(what, log_p, target, weight, ignore_index)
        losses = classes.nll(log_p, target, None, ignore_index, "none")
        if losses is None:
            raise RuntimeError(f"{what}: expected input of floating point dtype, got {log_p.dtype}")
        counts = target != ignore_index
        if weight is None:
            return losses, None if counts.all() else counts.to(log_p.dtype)
        weights = where(counts, weight[where(counts, target, 0).long()], 0.0)
        return losses * weights, weights

    @staticmethod
    def of_scores(what, scores, target, weight=None, ignore_index=-100, reduction="mean"):
        """-w[t] * log softmax(scores)[t] for every label t, reduced; as `pick` otherwise."""
        check_reduction(reduction)
        loss = classes.cross_entropy(scores, target, weight, ignore_index, reduction)
        if loss is None:                    # a rare form, or an error: step by step
            Loss.check_tensors(what, scores, target)
            log_p = scores.log_softmax(class_dim(what, scores))
            return ClassLoss.of_log_p(what, log_p, target, weight, ignore_index, reduction)
        return loss

    @staticmethod
    def of_log_p(what, log_p, target, weight=None, ignore_index=-100, reduction="mean"):
        """-w[t] * log_p[t] for every label t, reduced; as `pick` otherwise."""
        check_reduction(reduction)
        loss = classes.nll(log_p, target, weight, ignore_index, reduction)
        if loss is None:
            losses, weights = ClassLoss.pick(what, log_p, target, weight, ignore_index)
            return Loss.reduce(losses, reduction, weights)
        return loss


def class_dim(what, scores):
    """The dimension of `scores` that runs over the classes."""
    if scores.ndim == 0:
        raise RuntimeError(f"{what}: expected input of shape (C,), (N, C) or (N, C, ...), got ()")
    return 0 if scores.ndim == 1 else 1


def from_answers(what, size_average, reduce):
    """The reduction that these two ask for; None means True."""
    for name, answer in (("size_average", size_average), ("reduce", reduce)):
        if not isinstance(answer, (bool, type(None))):
            got = (tensor_for(what) if isinstance(answer, Tensor) else
                   f"{answer!r}; write reduction={answer!r}" if answer in REDUCTIONS else answer)
            raise TypeError(f"{what}: expected {name} to be True or False, got {got}")
    reduction = "none" if reduce is False else "sum" if size_average is False else "mean"
    warn("size_average and reduce args will be deprecated, please use "
         f"reduction={reduction!r} instead.")
    return reduction


def check_reduction(reduction):
    if reduction not in REDUCTIONS:
        raise ValueError(f"{reduction!r} is not a valid value for reduction; expected one of "
                         f"{', '.join(REDUCTIONS)}")


def check_class_weight(what, weight):
    """Raise TypeError for what a careless call of the constructor puts in the weight's place."""
    if weight is None:
        return
    expected = f"{what}: expected weight to be a Tensor (C,), one number per class, or None"
    if not isinstance(weight, Tensor):
        by_name = f"; write reduction={weight!r}" if weight in REDUCTIONS else ""
        raise TypeError(f"{expected}, got {weight!r}{by_name}")
    if weight.ndim != 1:
        raise TypeError(f"{expected}, got shape {tuple(weight.shape)}; if this is an input, it is "
                        f"{tensor_for(what)}")


def check_labels(what, scores, target, weight, ignore_index):
    """Raise an error if these labels cannot choose among these scores: IndexError for a label that
    is no class, ValueError for more or fewer examples, RuntimeError for the rest."""
    dim = class_dim(what, scores)
    shape, classes = tuple(scores.shape), scores.shape[dim]
    if target.dtype.is_floating_point or target.dtype.name == "bool":
        instead = (f", or give class probabilities of input's shape {shape}"
                   if what == "cross_entropy" else "")
        raise RuntimeError(
            f"{what}: expected labels that are integers in [0, {classes}), got {target.dtype} of "
            f"shape {tuple(target.shape)}; convert with target.long(){instead}")
    if tuple(target.shape) != shape[:dim] + shape[dim + 1:]:
        other_batch = dim == 1 and tuple(target.shape[:1]) != shape[:1]
        raise (ValueError if other_batch else RuntimeError)(
            f"{what}: expected labels of shape {shape[:dim] + shape[dim + 1:]} for input of shape "
            f"{shape}, got {tuple(target.shape)}; there is one label per example, a number in "
            f"[0, {classes})")
    if weight is not None and (tuple(weight.shape), weight.dtype) != ((classes,), scores.dtype):
        raise RuntimeError(f"{what}: expected weight of shape ({classes},), one number per class, "
                           f"and dtype {scores.dtype}, got {tuple(weight.shape)} and "
                           f"{weight.dtype}")
    labels = target.numpy()
    wrong = (labels < 0) | (labels >= classes)
    if wrong.any():
        wrong &= labels != ignore_index
    if wrong.any():
        at = tuple(int(places[0]) for places in wrong.nonzero())
        raise IndexError(
            f"{what}: expected labels in [0, {classes}) or ignore_index={ignore_index}, got "
            f"{labels[at]} at position {at}; classes are counted from 0, and input of shape "
            f"{shape} has {classes}: give the last layer as many outputs as there are classes")
