"""PyTorch's address of special functions: torch.special.expit is sigmoid."""

from plugrad.ops.activation import sigmoid as expit
from plugrad.ops.arithmetic import where
from plugrad.ops.math import exp2, expm1, log1p, round
from plugrad.ops.reduce import logsumexp
from plugrad.ops.softmax import log_softmax, softmax
from plugrad.ops.special import digamma, erf, erfc, erfinv, logit, sinc, xlogy
from plugrad.ops.special import digamma as psi
from plugrad.ops.special import lgamma as gammaln
from plugrad.plugin.namespace import namespace

__all__ = ["digamma", "entr", "erf", "erfc", "erfinv", "exp2", "expit", "expm1", "gammaln",
           "log1p", "log_softmax", "logit", "logsumexp", "ndtr", "psi", "round", "sinc", "softmax",
           "xlog1py", "xlogy"]
__getattr__, __dir__ = namespace(__name__, kinds=("ops", "forms"))


def entr(input):
    """-x * log(x), 0 at 0, -inf below"""
    return where(input < 0, -float("inf"), -xlogy(input, input))


def ndtr(input):
    """The share of a standard normal distribution that is below x"""
    return erfc(-input * 0.5 ** 0.5) / 2


def xlog1py(input, other):
    """x * log(1 + y), 0 where x is 0"""
    return xlogy(input, 1 + other)
