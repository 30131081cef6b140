"""DataParallel: a module that would be copied to several devices, if there were several."""

import plugrad as pg
from plugrad import nn


class DataParallel(nn.Module):
    """y = module(x), on the one device that there is; state_dict has "module." before each name

    device_ids, output_device and dim, the dimension to cut along, are accepted, without effect.
    """

    def __init__(self, module, device_ids=None, output_device=None, dim=0):
        super().__init__()
        self.module, self.device_ids = module, []

    @classmethod
    def example(cls):
        return cls(nn.Linear(3, 2)), (pg.randn(4, 3),)

    def forward(self, *inputs, **kwargs):
        return self.module(*inputs, **kwargs)


@pg.hookimpl
def register_layers(register):
    register(DataParallel)
