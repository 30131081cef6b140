"""Where a tensor lies, and what is refused because there is one place only."""

import os

import numpy as np
import plugrad as pg
import pytest
import torch

SHAPES = [(), (3,), (2, 3), (2, 3, 4), (0, 2)]
FACTS = ["is_cpu", "is_cuda", "is_sparse", "is_quantized", "is_meta", "is_mps", "is_xpu"]
QUESTIONS = ["is_pinned", "get_device", "is_complex", "is_signed", "storage_offset", "is_shared"]
DTYPES = ["float32", "float64", "int32", "int64", "uint8", "bool"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_questions_are_answered_as_in_pytorch(dtype):
    ours, theirs = (lib.ones(2, 3, dtype=getattr(lib, dtype)) for lib in (pg, torch))
    assert [getattr(ours, name) for name in FACTS] == [getattr(theirs, name) for name in FACTS]
    for name in QUESTIONS:
        assert getattr(ours, name)() == getattr(theirs, name)(), name
    assert ours.layout is pg.strided and repr(ours.layout) == "plugrad.strided"
    assert pg.get_device(ours) == torch.get_device(theirs)
    assert pg.is_complex(ours) == torch.is_complex(theirs)


@pytest.mark.parametrize("view", [
    lambda x: x, lambda x: x[1:], lambda x: x[:, 2], lambda x: x[1, 2], lambda x: x.t()[1:],
    lambda x: x[1:][:, 1:], lambda x: x[1:] * 1])
def test_the_offset_of_a_view(view):
    ours, theirs = (view(lib.arange(12).reshape(3, 4)) for lib in (pg, torch))
    assert ours.storage_offset() == theirs.storage_offset()


@pytest.mark.parametrize("value", [0.0, -0.0, 1.5, float("nan")])
def test_is_nonzero(value):
    for shape in ((), (1, 1)):
        ours, theirs = (lib.full(shape, value) for lib in (pg, torch))
        assert ours.is_nonzero() is theirs.is_nonzero() is pg.is_nonzero(ours)


@pytest.mark.parametrize("call, error, text", [
    (lambda x: x.is_nonzero(), RuntimeError, "ambiguous"),
    (lambda x: x.pin_memory(), RuntimeError, "pin_memory: there is no accelerator"),
    (lambda x: x[0].H, RuntimeError, "H: expected a matrix"),
    (lambda x: x[None].H, RuntimeError, r"use \.mH"),
    (lambda x: x[0].mH, RuntimeError, "expected matrices"),
    (lambda x: x[0].adjoint(), RuntimeError, "expected matrices")])
def test_refused_as_in_pytorch(call, error, text):
    with pytest.raises(error):
        call(torch.ones(2, 3))
    with pytest.raises(error, match=text):
        call(pg.ones(2, 3))


@pytest.mark.parametrize("of", [lambda: pg.ones(2), lambda: pg.nn.Linear(2, 1)])
def test_what_plugrad_has_not(of):
    with pytest.raises(RuntimeError, match=r"cuda: plugrad computes on the CPU alone"):
        of().cuda()
    for name in ("half", "bfloat16"):
        with pytest.raises(TypeError, match=r"expected one of bool, .*float64, got '.*float16'"):
            getattr(of(), name)()
        with pytest.raises(AttributeError, match=r"no dtype .*16; it has bool"):
            getattr(pg, name if name == "bfloat16" else "float16")


@pytest.mark.parametrize("shape", [(3, 2), (2, 3, 4)])
def test_transposes(shape):
    a = np.random.default_rng(0).standard_normal(shape)
    ours, theirs = pg.from_numpy(a).requires_grad_(), torch.from_numpy(a).requires_grad_()
    for name in ("mH", "adjoint") + (("H",) if len(shape) == 2 else ()):
        made = [getattr(x, name) for x in (ours, theirs)]
        made = [x() if callable(x) else x for x in made]
        assert np.array_equal(made[0].detach().numpy(), made[1].detach().numpy())
        assert made[0].requires_grad
    assert np.array_equal(pg.adjoint(ours).detach().numpy(), torch.adjoint(theirs).detach().numpy())


@pytest.mark.parametrize("shape", SHAPES)
def test_shared_memory_keeps_the_values(shape):
    x = pg.ones(shape, requires_grad=True)
    assert not x.is_shared() and x.share_memory_() is x and x.is_shared()
    assert x.shape == shape and (x == 1).all() and x.requires_grad and x.is_leaf
    address = x.data_ptr()
    assert x.share_memory_().data_ptr() == address and x.detach().is_shared()
    assert not x.detach().clone().is_shared()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_writes_to_shared_memory():
    module = pg.nn.Linear(2, 1).share_memory()
    child = os.fork()
    if child == 0:
        module.weight.data.fill_(7)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert module.weight.tolist() == [[7, 7]]


@pytest.mark.parametrize("call", [
    lambda lib, x, f: x.to(memory_format=f), lambda lib, x, f: x.contiguous(memory_format=f),
    lambda lib, x, f: x.clone(memory_format=f), lambda lib, x, f: lib.ones_like(x, memory_format=f),
    lambda lib, x, f: lib.nn.Identity().to(memory_format=f)(x)])
def test_memory_formats_change_no_value(call):
    for name in ("contiguous_format", "channels_last"):
        ours, theirs = (call(lib, lib.ones(2, 3, 4, 5), getattr(lib, name)) for lib in (pg, torch))
        assert np.array_equal(ours.numpy(), theirs.numpy())
        assert repr(getattr(pg, name)) == f"plugrad.{name}"


@pytest.mark.parametrize("name", ["new_zeros", "new_ones", "new_empty"])
def test_new_ones_know_devices(name):
    x = pg.ones(2)
    assert getattr(x, name)(2, 3, device=x.device).shape == (2, 3)
    with pytest.raises(RuntimeError, match="the CPU alone"):
        getattr(x, name)(2, device="cuda")


@pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])
@pytest.mark.parametrize("name, args", [
    ("unsqueeze_", (-1,)), ("squeeze_", ()), ("squeeze_", (0,)), ("t_", ()),
    ("transpose_", (0, 1)), ("swapaxes_", (0, 1)), ("swapdims_", (-1, 0))])
def test_a_shape_changes_in_place(lib, name, args):
    x = lib.arange(3).view(1, 3)
    expected = getattr(x, name[:-1])(*args)
    same = x.view(3)
    assert getattr(x, name)(*args) is x and x.shape == expected.shape
    assert x.tolist() == expected.tolist()
    same[0] = 7
    assert x.flatten()[0] == 7
    with pytest.raises(RuntimeError):
        getattr(lib.ones(1, 3, requires_grad=True), name)(*args)


def test_a_tensor_with_a_history_keeps_its_shape():
    x = pg.ones(3, requires_grad=True)
    for keeps in (x, 2 * x):
        with pytest.raises(RuntimeError, match=r"^unsqueeze_: this .*use x = x.unsqueeze\(...\)"):
            keeps.unsqueeze_(0)
    with pg.no_grad():
        assert x.unsqueeze_(0).shape == (1, 3)
