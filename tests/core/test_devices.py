"""What scripts written for several devices ask first."""

import plugrad as pg
import pytest
import torch
from plugrad import nn


@pytest.mark.parametrize("given", ["cpu", "cpu:0", "cuda", "cuda:1", "mps"])
def test_a_device_is_named_compared_and_printed_as_in_pytorch(given):
    ours, theirs = pg.device(given), torch.device(given)

    assert (str(ours), repr(ours), ours.type, ours.index) == (
        str(theirs), repr(theirs), theirs.type, theirs.index)
    assert ours == pg.device(ours) and ours != pg.device("xla:7") and ours != given
    assert len({ours, pg.device(given)}) == 1


def test_the_usual_first_lines_of_a_script():
    device = pg.device("cuda" if pg.cuda.is_available() else "cpu")
    x = pg.randn(3, 2, device=device)

    assert x.device == device and x.to(device) is x and x.to(device=device) is x
    assert pg.nn.Linear(2, 1, device=device).to(device)(x).shape == (3, 1)
    assert not pg.backends.mps.is_available() and pg.cuda.device_count() == 0


@pytest.mark.parametrize("call", [
    lambda: pg.zeros(2, device="cuda"), lambda: pg.tensor([1.0], device="cuda:0"),
    lambda: pg.randn(2, device=pg.device("cuda")), lambda: pg.arange(3, device="cuda"),
    lambda: pg.ones_like(pg.ones(2), device="cuda"), lambda: pg.ones(2).to("cuda"),
    lambda: pg.as_tensor(pg.ones(2), device="cuda"), lambda: pg.randperm(3, device="cuda"),
    lambda: pg.nn.Linear(2, 1, device="cuda"), lambda: pg.nn.Linear(2, 1).to("cuda:0"),
    lambda: pg.nn.Linear(2, 1).to(pg.device("cuda")), lambda: pg.ones(2).new_ones(2, device="mps"),
    lambda: pg.nn.Linear(2, 1).to_empty(device="cuda")])
def test_another_device_is_refused(call):
    with pytest.raises(RuntimeError, match=r"the CPU alone.*cuda.is_available\(\)"):
        call()


@pytest.mark.parametrize("wrong, error", [(3, TypeError), ("", RuntimeError),
                                          ("cpu:x", RuntimeError), ("zeros ones", RuntimeError)])
def test_what_names_no_device(wrong, error):
    with pytest.raises(error, match="device: expected"):
        pg.device(wrong)


def test_a_misspelt_device_is_told_at_once():
    for lib in (pg, torch):
        with pytest.raises(RuntimeError, match="cdua"):
            lib.device("cdua")
    with pytest.raises(RuntimeError, match="did you mean 'cuda'"):
        pg.device("cdua")


@pytest.mark.parametrize("make", [
    lambda lib, **on: lib.zeros(2, 3, **on), lambda lib, **on: lib.ones(3, **on),
    lambda lib, **on: lib.empty(0, 3, **on), lambda lib, **on: lib.full((2, 2), 7, **on),
    lambda lib, **on: lib.rand(2, **on), lambda lib, **on: lib.randn((), **on),
    lambda lib, **on: lib.randint(0, 9, (4,), **on), lambda lib, **on: lib.arange(5, **on),
    lambda lib, **on: lib.tensor([[1.0], [2.0]], **on), lambda lib, **on: lib.eye(3, **on),
    lambda lib, **on: lib.zeros(2, requires_grad=True, **on)])
def test_on_meta_a_tensor_has_a_shape_alone(make):
    expected = make(torch, device="meta")
    with pg.device("meta"):
        inside = make(pg)
    for x in (make(pg, device="meta"), inside):
        assert x.is_meta and x.device == pg.device("meta")
        assert tuple(x.shape) == tuple(expected.shape)
        assert x.requires_grad == expected.requires_grad
        assert repr(x) == repr(expected).replace("torch.", "plugrad.")
    assert not make(pg).is_meta and make(pg).device == pg.device("cpu")


def test_a_model_of_any_size_is_made_on_meta():
    with pg.device("meta"):
        model = nn.Sequential(nn.Linear(10**6, 10**6), nn.LSTM(10**5, 10**5),
                              nn.TransformerEncoder(nn.TransformerEncoderLayer(2**16, 8), 3))
        for parameter in model.parameters():
            for name in nn.init.__dir__():
                if name.endswith("_"):
                    options = {"constant_": (1,), "sparse_": (0.5,)}.get(name, ())
                    getattr(nn.init, name)(parameter, *options)
            parameter.data.normal_().uniform_().zero_().fill_(3)
    assert all(parameter.is_meta for parameter in model.parameters())
    assert model[0].weight.numel() == 10**12


def test_what_is_on_meta_can_not_be_written_or_brought_back():
    x = pg.zeros(3, device="meta")
    with pytest.raises(RuntimeError, match="read-only"):
        x.add_(1)
    with pytest.raises(NotImplementedError, match="no data"):
        x.to("cpu")
    assert pg.ones(2).to("meta").is_meta and x.to("meta") is x
    assert pg.ones(3).add(x).tolist() == [1, 1, 1]


def test_a_state_is_assigned_to_a_module_on_meta_and_not_copied():
    state = nn.Linear(2, 3).state_dict()
    with pg.device("meta"):
        model = nn.Linear(2, 3)
    with pytest.raises(RuntimeError, match=r"weight: is on the device meta.*assign=True"):
        model.load_state_dict(state)
    model.load_state_dict(state, assign=True)
    assert model(pg.ones(1, 2)).shape == (1, 3) and not model.weight.is_meta


def test_devices_within_one_another():
    with pg.device("meta"):
        with pg.device("cpu"):
            assert not pg.zeros(1).is_meta
        with pytest.raises(ZeroDivisionError), pg.device("cpu"):
            raise ZeroDivisionError
        assert pg.zeros(1).is_meta
    assert not pg.zeros(1).is_meta
    with pytest.raises(RuntimeError, match="CPU alone"), pg.device("cuda"):
        pass


def test_accelerators_that_are_not_there_answer_as_pytorchs():
    for lib in (pg, torch):
        assert not lib.accelerator.is_available()
        assert lib.accelerator.current_accelerator() is None and lib.xpu.device_count() == 0
        assert not lib.cuda.is_bf16_supported() and lib.cuda.max_memory_allocated() == 0
        assert lib.cuda.empty_cache() is None and lib.cuda.manual_seed_all(1) is None
        lib.backends.cuda.matmul.allow_tf32 = lib.backends.cudnn.benchmark = False
    for name in ("current_device", "get_device_name", "synchronize", "get_device_properties"):
        with pytest.raises(RuntimeError, match="the CPU alone"):
            getattr(pg.cuda, name)()


@pytest.mark.parametrize("line", [
    "import {}.backends.cudnn as cudnn; cudnn.benchmark = False; assert not cudnn.is_available()",
    "from {}.cuda.amp import GradScaler, autocast", "import {}.cuda; {}.cuda.manual_seed(1)",
    "from {}.backends import cuda; cuda.matmul.allow_tf32 = False; assert not cuda.is_built()",
    "from {}.amp import GradScaler, autocast", "import {}.mps, {}.xpu, {}.accelerator"])
def test_lines_that_scripts_begin_with(line):
    for lib in ("torch", "plugrad"):
        exec(line.replace("{}", lib), {})


def test_the_default_device():
    for lib in (pg, torch):
        lib.set_default_device("cpu")
        lib.set_default_device(None)
        assert lib.get_default_device() == lib.device("cpu")
        with lib.device("cpu"):
            assert lib.ones(1).device == lib.device("cpu")
    with pytest.raises(RuntimeError, match="set_default_device: plugrad computes on the CPU"):
        pg.set_default_device("cuda")
