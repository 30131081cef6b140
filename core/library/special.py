"""PyTorch's address of special functions: torch.special.expit is sigmoid.

Most of them are of the plugin plugins/ops/special.py, and found here as a layer is in plugrad.nn.
"""

from plugrad.ops.activation import sigmoid as expit
from plugrad.ops.math import exp2, expm1, log1p, round
from plugrad.ops.reduce import logsumexp
from plugrad.ops.softmax import log_softmax, softmax
from plugrad.plugin.namespace import namespace

__all__ = ["exp2", "expit", "expm1", "log1p", "log_softmax", "logsumexp", "round", "softmax"]
__getattr__, __dir__ = namespace(__name__, kinds=("ops", "forms"))
