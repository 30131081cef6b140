"""default_collate and default_convert, next to PyTorch's."""

from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import plugrad as pg
import pytest
import torch
import torch.utils.data as reference
from plugrad import data

Point = namedtuple("Point", ["x", "y"])

BATCHES = {
    "int": [1, 2, 3],
    "bool": [True, False],
    "float": [1.0, 2.5],
    "float32": [np.float32(1), np.float32(2)],
    "float64": [np.float64(1), np.float64(2)],
    "int32": [np.int32(4), np.int32(5)],
    "bool_": [np.bool_(True), np.bool_(False)],
    "0-d arrays": [np.array(1.5), np.array(2.5)],
    "arrays": [np.ones((2, 3), np.float32), np.zeros((2, 3), np.float32)],
    "bytes of an image": [np.zeros((4, 4), np.uint8)] * 3,
    "strings": ["a", "bc"],
    "byte strings": [b"a", b"bc"],
    "tuples": [(1, "a", 2.0), (3, "b", 4.0)],
    "lists": [[1, 2], [3, 4], [5, 6]],
    "nested": [(np.ones(2), {"label": 1, "name": "a"}), (np.zeros(2), {"label": 2, "name": "b"})],
    "namedtuple": [Point(1, np.ones(2)), Point(2, np.zeros(2))],
    "dict": [{"x": 1.0, "y": [1, 2]}, {"x": 2.0, "y": [3, 4]}],
    "ordered": [OrderedDict(b=1, a=2), OrderedDict(b=3, a=4)],
    "empty tuples": [(), ()],
}


def same(ours, theirs):
    """Same structure, and tensors of the same dtype, shape and values."""
    if isinstance(theirs, torch.Tensor):
        assert isinstance(ours, pg.Tensor)
        assert str(ours.dtype).split(".")[1] == str(theirs.dtype).split(".")[1]
        assert tuple(ours.shape) == tuple(theirs.shape) and ours.tolist() == theirs.tolist()
        return
    assert type(ours) is type(theirs)
    if isinstance(theirs, dict):
        assert list(ours) == list(theirs)
        for key in theirs:
            same(ours[key], theirs[key])
    elif isinstance(theirs, (tuple, list)):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs):
            same(a, b)
    else:
        assert ours == theirs


@pytest.mark.parametrize("name", BATCHES)
def test_collate_as_pytorch(name):
    same(data.default_collate(BATCHES[name]), reference.default_collate(BATCHES[name]))


@pytest.mark.parametrize("name", BATCHES)
def test_convert_as_pytorch(name):
    for sample in BATCHES[name]:
        same(data.default_convert(sample), reference.default_convert(sample))


def test_tensors_are_stacked_with_their_history():
    a = pg.tensor([1.0, 2.0], requires_grad=True)
    batch = data.default_collate([a, a * 2])
    assert tuple(batch.shape) == (2, 2)
    batch.sum().backward()
    assert a.grad.tolist() == [3.0, 3.0]


def test_a_mapping_that_cannot_be_refilled_becomes_a_dict():
    batch = data.default_collate([defaultdict(int, a=1), defaultdict(int, a=2)])
    assert batch["a"].tolist() == [1, 2]


@pytest.mark.parametrize("make", [pg.zeros, np.zeros])
def test_unequal_shapes_are_named(make):
    with pytest.raises(RuntimeError, match=r"sample 0 .* shape \(2,\), sample 2 has \(3,\)"):
        data.default_collate([make(2), make(2), make(3)])


@pytest.mark.parametrize("batch, error, text", [
    ([None, None], TypeError, "cannot batch NoneType"),
    ([object()], TypeError, "cannot batch object"),
    ([(1, 2), (1, 2, 3)], RuntimeError, r"number of parts, found \[2, 3\]"),
    ([np.array(["a"]), np.array(["b"])], TypeError, "dtype <U1"),
])
def test_refuses_with_a_remedy(batch, error, text):
    with pytest.raises(error, match=text) as caught:
        data.default_collate(batch)
    assert "collate_fn" in str(caught.value)


def test_convert_leaves_text_arrays_alone():
    text = np.array(["a", "b"])
    assert data.default_convert(text) is text
