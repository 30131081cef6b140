"""PyTorch's other addresses of what is in nn: from torch.nn.modules.loss import _Loss."""

import sys
from itertools import repeat
from types import ModuleType

from plugrad import nn
from plugrad.nn.conv import Conv, ConvTranspose
from plugrad.nn.dropout import DropoutModule
from plugrad.nn.loss import Loss
from plugrad.nn.normalization import BatchNorm
from plugrad.nn.recurrent import Recurrent, RecurrentCell


class WeightedLoss(Loss):
    """The contract of losses with a weight, a buffer, in PyTorch's order of arguments."""

    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)


def ntuple(n):
    """A function that makes n equal numbers of one, and a tuple of what is several already."""
    def parse(x):
        return tuple(x) if hasattr(x, "__iter__") else tuple(repeat(x, n))
    return parse


# address -> what is there besides the components, which are at every one of them
ADDRESSES = {
    "parallel": {},
    "modules": {},
    **{f"modules.{name}": {} for name in (
        "activation", "adaptive", "channelshuffle", "container", "distance", "flatten", "fold",
        "instancenorm", "linear", "module", "normalization", "padding", "pixelshuffle", "pooling",
        "sparse", "transformer", "upsampling")},
    "modules.batchnorm": {"_BatchNorm": BatchNorm, "_NormBase": BatchNorm},
    "modules.conv": {"_ConvNd": Conv, "_ConvTransposeNd": ConvTranspose},
    "modules.dropout": {"_DropoutNd": DropoutModule},
    "modules.loss": {"_Loss": Loss, "_WeightedLoss": WeightedLoss},
    "modules.rnn": {"RNNBase": Recurrent, "RNNCellBase": RecurrentCell},
    "modules.utils": {"_ntuple": ntuple, "_single": ntuple(1), "_pair": ntuple(2),
                      "_triple": ntuple(3), "_quadruple": ntuple(4)},
}


def component(name):
    """What nn has under this name."""
    if name.startswith("_"):                        # Python's own questions
        raise AttributeError(name)
    return getattr(nn, name)


def open_addresses():
    """Make each a module that Python finds, and an attribute of the one above."""
    for address, names in ADDRESSES.items():
        module = ModuleType(f"{nn.__name__}.{address}", __doc__)
        vars(module).update(names, __getattr__=component)
        sys.modules[module.__name__] = module
        above, _, last = module.__name__.rpartition(".")
        setattr(sys.modules[above], last, module)


open_addresses()
