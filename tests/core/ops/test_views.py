"""Diagonals, windows and slices share the memory of their base, and writes through them count."""

import numpy as np
import plugrad as pg
import pytest
import torch

VIEWS = {
    "diagonal": lambda x: x.diagonal(1),
    "diagonal of batches": lambda x: x.diagonal(0, -1, 0),
    "unfold": lambda x: x.unfold(1, 2, 2),
    "select": lambda x: x.select(1, 2),
    "narrow": lambda x: x.narrow(-1, 1, 2),
    "tensor_split": lambda x: x.tensor_split(3, 1)[1],
    "vsplit": lambda x: x.vsplit([1])[1],
    "moveaxis": lambda x: x.moveaxis(0, -1),
    "swapdims": lambda x: x.swapdims(0, 1),
}


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_shares_memory_and_its_writes_have_gradients(name):
    results = []
    for lib in (pg, torch):
        x = lib.from_numpy(np.arange(1.0, 13).reshape(3, 4)).requires_grad_()
        y = x * 2
        view = VIEWS[name](y)
        assert np.shares_memory(view.detach().numpy(), y.detach().numpy())
        view.mul_(3)
        g, = lib.autograd.grad((y ** 2).sum(), x)
        results.append((view.tolist(), y.tolist(), g.tolist()))
    assert results[0] == results[1]


def test_a_window_that_overlaps_counts_its_elements_as_often_as_they_are_seen():
    x = pg.arange(5.0).requires_grad_()
    x.unfold(0, 3, 1).sum().backward()
    assert x.grad.tolist() == [1, 2, 3, 2, 1]
    assert x.unfold(0, 3, 1).tolist() == [[0, 1, 2], [1, 2, 3], [2, 3, 4]]


def test_the_reduction_of_scatter_in_place_and_out_of_place_agree():
    x, index, src = pg.ones(4), pg.tensor([0, 0, 3]), pg.tensor([2.0, 5, 7])
    for reduce, expected in [("sum", [8, 1, 1, 8]), ("prod", [10, 1, 1, 7]), ("amin", [1, 1, 1, 1]),
                             ("amax", [5, 1, 1, 7]), ("mean", [8 / 3, 1, 1, 4])]:
        assert pg.allclose(x.scatter_reduce(0, index, src, reduce), pg.tensor(expected))
        y = x.clone()
        assert y.scatter_reduce_(0, index, src, reduce) is y and pg.allclose(y, pg.tensor(expected))
        assert x.tolist() == [1, 1, 1, 1]
