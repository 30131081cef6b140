import io
import math
import os
import sys
from collections import OrderedDict

import numpy as np
import plugrad as pg
import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st
from plugrad import nn, optim

leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(),
    st.sampled_from([pg.float32, pg.bool, pg.device("cpu"), pg.Size([2, 3])]),
    st.builds(lambda shape, dtype: (pg.randn(shape) * 9).to(dtype),
              st.lists(st.integers(0, 3), max_size=3),
              st.sampled_from([pg.float32, pg.float64, pg.int32, pg.int64, pg.uint8, pg.bool])),
    st.builds(lambda n: nn.Parameter(pg.randn(n), requires_grad=n > 1), st.integers(0, 3)),
    st.builds(lambda n: pg.randn(n).requires_grad_(), st.integers(0, 3)),
    st.builds(lambda n: np.arange(n, dtype="float32"), st.integers(0, 3)),
    st.frozensets(st.integers() | st.text()), st.sets(st.booleans()))
keys = st.one_of(st.text(), st.integers(), st.tuples(st.integers(), st.text()), st.none())
nested = st.recursive(leaves, lambda inner: st.one_of(
    st.lists(inner, max_size=4), st.tuples(inner, inner),
    st.dictionaries(keys, inner, max_size=4),
    st.dictionaries(keys, inner, max_size=4).map(OrderedDict)), max_leaves=12)


def through_a_file(obj):
    file = io.BytesIO()
    pg.save(obj, file)
    file.seek(0)
    return pg.load(file)


def same(a, b):
    """Whether a and b are alike to the last bit, and of the same types all the way down."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, pg.Tensor):
        return a.requires_grad == b.requires_grad and same(a.detach().numpy(), b.detach().numpy())
    if isinstance(a, np.ndarray):
        return (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    return a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b))


@given(nested)
def test_what_is_saved_comes_back(obj):
    assert same(through_a_file(obj), obj)


def test_training_goes_on_where_it_was_saved(tmp_path):
    def made():
        model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
        optimizer = optim.AdamW(model.parameters(), amsgrad=True)
        return model, optimizer, optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=9)

    def train(model, optimizer, scheduler):
        for x in pg.randn(5, 8, 3, generator=pg.Generator().manual_seed(1)):
            optimizer.zero_grad()
            model(x).square().mean().backward()
            optimizer.step()
            scheduler.step()
        return model.state_dict()

    first, second = made(), made()
    train(*first)
    pg.save({"parts": [part.state_dict() for part in first], "epoch": 1}, tmp_path / "at.pt")
    for part, state in zip(second, pg.load(tmp_path / "at.pt")["parts"]):
        part.load_state_dict(state)
    assert same(train(*second), train(*first))


def test_other_libraries_read_a_state_dict_by_its_names(tmp_path):
    model = nn.LSTM(3, 4, bidirectional=True)
    pg.save(model.state_dict(), tmp_path / "model.safetensors")
    theirs = torch.nn.LSTM(3, 4, bidirectional=True)
    theirs.load_state_dict(safetensors.torch.load_file(tmp_path / "model.safetensors"))
    for name, tensor in model.state_dict().items():
        assert (theirs.state_dict()[name].numpy() == tensor.numpy()).all()


def test_files_of_other_libraries_are_read(tmp_path):
    given = {"weight": torch.randn(2, 3), "half": torch.randn(3).half(),
             "short": torch.tensor([-7, 300]).short(), "mask": torch.tensor([True, False]),
             "count": torch.tensor(3)}
    safetensors.torch.save_file(given, tmp_path / "model.safetensors")
    found = pg.load(str(tmp_path / "model.safetensors"), map_location=pg.device("cpu"))
    assert found.keys() == given.keys()
    assert found["half"].dtype == pg.float32 and found["short"].dtype == pg.int32
    for name, tensor in given.items():
        assert (found[name].numpy() == tensor.numpy()).all()


def test_names_that_would_be_the_same_are_told_apart():
    obj = {"a": {"b": pg.ones(1)}, "a.b": pg.zeros(2), "1": pg.ones(3), 1: pg.zeros(4)}
    assert same(through_a_file(obj), obj)


def test_the_file_that_was_there_stays_until_all_is_written(tmp_path, monkeypatch):
    path = tmp_path / "model.pt"
    pg.save([1], path)

    def full(self, content):
        with open(self, "wb") as file:
            file.write(content[:9])
        raise OSError("No space left on device")

    monkeypatch.setattr(type(path), "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        pg.save([2], path)
    assert pg.load(path) == [1]
    assert os.listdir(tmp_path) == ["model.pt"]


@pytest.mark.parametrize("obj, text", [
    (nn.Linear(1, 1), r"got Linear as obj; save obj.state_dict\(\)"),
    ({"net": [nn.Linear(1, 1)]}, r"got Linear as obj\['net'\]\[0\]; save obj\['net'\]\[0\].state"),
    ({"f": print}, r"got builtin_function_or_method as obj\['f'\]$"),
    ([1j], r"got complex as obj\[0\]"),
    (np.array([None]), "got ndarray as obj")])
def test_what_cannot_be_saved_is_refused_with_its_place(obj, text, tmp_path):
    with pytest.raises(TypeError, match=text):
        pg.save(obj, tmp_path / "x.pt")
    assert not os.listdir(tmp_path)


def test_a_model_without_memory_is_refused(tmp_path):
    with pg.device("meta"):
        state = pg.nn.Linear(3, 2).state_dict()
    with pytest.raises(NotImplementedError, match=r"save: .*'meta' has no data"):
        pg.save(state, tmp_path / "state")
    assert not (tmp_path / "state").exists()


def test_an_object_that_contains_itself_is_refused():
    obj = []
    obj.append(obj)
    with pytest.raises(ValueError, match="contains itself"):
        pg.save(obj, io.BytesIO())


def test_pickles_are_refused_and_never_run(tmp_path):
    torch.save({"weight": torch.ones(1)}, tmp_path / "model.pt")
    torch.save([torch.ones(1)], tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    for name in ("model.pt", "old.pt"):
        with pytest.raises(RuntimeError, match=r"looks like one of torch\.save"):
            pg.load(tmp_path / name)


@given(st.data())
def test_a_damaged_file_is_refused_or_read_but_never_crashes(data):
    file = io.BytesIO()
    pg.save({"w": pg.ones(2), "epoch": (1, 2.5)}, file)
    content = bytearray(file.getvalue())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        pg.load(io.BytesIO(bytes(content[:data.draw(st.integers(0, len(content)))])))
    except RuntimeError as error:
        assert str(error).startswith("load: expected a whole file in the format safetensors")


def test_places_that_cannot_be_written_or_read(tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder"):
        pg.save(1, tmp_path / "no" / "x.pt")
    with pytest.raises(OSError, match="no file"):
        pg.save(1, tmp_path)
    with pytest.raises(FileNotFoundError):
        pg.load(tmp_path / "x.pt")
    for f in (None, 5):
        with pytest.raises(TypeError, match="a path or a file open for bytes"):
            pg.save(1, f)
        with pytest.raises(TypeError, match="a path or a file open for bytes"):
            pg.load(f)
    with pytest.raises(RuntimeError, match="CPU alone"):
        pg.load(io.BytesIO(), map_location="cuda")


def test_without_safetensors_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    for call in (lambda: pg.save(1, io.BytesIO()), lambda: pg.load(io.BytesIO())):
        with pytest.raises(ImportError, match=r"pip install 'plugrad\[save\]'"):
            call()
