"""Layers, activations, normalizations and losses, and what they are made of."""

from plugrad.nn import functional, init, utils
from plugrad.nn.activation import floating, in_place
from plugrad.nn.containers import (
    ModuleDict,
    ModuleList,
    ParameterDict,
    ParameterList,
    Sequential,
)
from plugrad.nn.conv import Conv, ConvTranspose
from plugrad.nn.dropout import DropoutModule, alpha_drop, drop
from plugrad.nn.embedding import EmbeddingTable
from plugrad.nn.instance_norm import InstanceNorm
from plugrad.nn.lazy import Lazy
from plugrad.nn.loss import ClassLoss, Loss, averaging
from plugrad.nn.module import Module
from plugrad.nn.normalization import BatchNorm, ChannelNorm
from plugrad.nn.padding import Pad
from plugrad.nn.parameter import (
    Buffer,
    Parameter,
    UninitializedBuffer,
    UninitializedParameter,
)
from plugrad.nn.penalty import Penalty
from plugrad.nn.pooling import LPPool, lp_pool
from plugrad.nn.recurrent import Recurrent, RecurrentCell
from plugrad.nn.windows import (
    check_images,
    misfit,
    output_sizes,
    pair,
    sizes,
    unpooled_size,
    window,
)
from plugrad.ops.normalize import normalize_rows
from plugrad.plugin.namespace import namespace
from plugrad.tensor.arguments import choice, flag, integer, number

__all__ = [
    "BatchNorm", "Buffer", "ChannelNorm", "ClassLoss", "Conv", "ConvTranspose", "DropoutModule",
    "EmbeddingTable", "InstanceNorm", "LPPool", "Lazy", "Loss", "Module", "ModuleDict",
    "ModuleList", "Pad", "Parameter", "ParameterDict", "ParameterList", "Penalty", "Recurrent",
    "RecurrentCell", "Sequential", "UninitializedBuffer", "UninitializedParameter",
    "alpha_drop", "averaging", "check_images", "choice", "drop", "flag", "floating",
    "functional", "in_place", "init", "integer", "lp_pool", "misfit", "normalize_rows",
    "number", "output_sizes", "pair", "sizes", "unpooled_size", "utils", "window",
]
RNNBase, RNNCellBase = Recurrent, RecurrentCell        # as PyTorch calls them
__getattr__, __dir__ = namespace(
    __name__, kinds=("layers", "activations", "normalizations", "losses"))
from plugrad.nn import addresses as _addresses  # noqa: E402, F401   # what is above
