"""Parameter: a leaf that modules recognize."""

import copy
import pickle

import plugrad as pg
import pytest
from plugrad import nn


def test_it_is_a_leaf_on_the_memory_of_its_data():
    data = pg.zeros(2)
    p = nn.Parameter(data)
    data[0] = 5

    assert isinstance(p, pg.Tensor) and p.is_leaf and p.requires_grad and p.tolist() == [5, 0]
    assert not data.requires_grad


def test_the_history_of_its_data_is_cut():
    made = pg.ones(2, requires_grad=True) * 2

    assert nn.Parameter(made).is_leaf and nn.Parameter(made).grad_fn is None


def test_results_of_operations_are_tensors():
    p = nn.Parameter(pg.ones(2))

    assert type(p * 2) is type(p.detach()) is type(p.data) is type(p[0]) is pg.Tensor


def test_a_gradient_may_be_declined():
    assert not nn.Parameter(pg.zeros(2), requires_grad=False).requires_grad
    assert nn.Parameter(pg.arange(3), requires_grad=False).dtype is pg.int64


def test_without_data_it_is_empty():
    assert tuple(nn.Parameter().shape) == (0,)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_copies_are_parameters_of_their_own(copied):
    p = nn.Parameter(pg.ones(2), requires_grad=False)
    q = copied(p)
    p.fill_(3)

    assert type(q) is nn.Parameter and not q.requires_grad and q.tolist() == [1, 1]


def test_it_prints_as_a_parameter():
    assert repr(nn.Parameter(pg.zeros(2))) == (
        "Parameter containing:\ntensor([0., 0.], requires_grad=True)")


def test_bad_data_is_refused():
    with pytest.raises(TypeError, match="expected a Tensor, got list"):
        nn.Parameter([1.0])
    with pytest.raises(RuntimeError, match="floating point"):
        nn.Parameter(pg.arange(3))
