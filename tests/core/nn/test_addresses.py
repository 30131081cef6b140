"""What is in nn is found where PyTorch's scripts import it from."""

import importlib

import plugrad as pg
import pytest
import torch
from plugrad import nn
from plugrad.nn import addresses


@pytest.mark.parametrize("address", addresses.ADDRESSES)
def test_every_address_is_one_of_pytorchs_and_has_what_it_has(address):
    ours = importlib.import_module(f"plugrad.nn.{address}")
    theirs = importlib.import_module(f"torch.nn.{address}")
    assert all(hasattr(theirs, name) for name in addresses.ADDRESSES[address])
    shared = [name for name, value in vars(theirs).items()
              if isinstance(value, type) and name in dir(nn)]
    assert all(getattr(ours, name) is getattr(nn, name) for name in shared)


def test_they_are_attributes_of_the_one_above():
    assert pg.nn.modules.loss.MSELoss is nn.MSELoss
    assert pg.nn.parallel.DataParallel is nn.DataParallel
    with pytest.raises(ImportError, match="Linaer"):
        exec("from plugrad.nn.modules import Linaer")


def test_contracts_under_pytorchs_names():
    from plugrad.nn.modules.batchnorm import _BatchNorm
    from plugrad.nn.modules.conv import _ConvNd
    from plugrad.nn.modules.loss import _Loss, _WeightedLoss
    assert isinstance(nn.BatchNorm2d(2), _BatchNorm) and isinstance(nn.Conv1d(1, 1, 1), _ConvNd)
    assert isinstance(nn.MSELoss(), _Loss)

    class Focal(_WeightedLoss):
        pass

    focal = Focal(pg.ones(3), None, None, "sum")
    assert focal.reduction == "sum" and list(focal.state_dict()) == ["weight"]


@pytest.mark.parametrize("value", [3, (1, 2), [1, 2]], ids=str)
@pytest.mark.parametrize("name", ["_single", "_pair", "_triple", "_quadruple"])
def test_tuples_of_one_number(name, value):
    ours, theirs = (importlib.import_module(f"{lib}.nn.modules.utils") for lib in
                    ("plugrad", "torch"))
    assert getattr(ours, name)(value) == getattr(theirs, name)(value)
    assert isinstance(ours._ntuple(2)(torch.Size([1, 2])), tuple)
