"""Switches, limits of dtypes, mixed precision: what scripts touch before they compute."""

import pickle

import plugrad as pg
import pytest
import torch


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_limits_of_floats(name):
    ours, theirs = pg.finfo(getattr(pg, name)), torch.finfo(getattr(torch, name))
    for key in ("bits", "dtype", "eps", "max", "min", "resolution", "smallest_normal", "tiny"):
        assert getattr(ours, key) == getattr(theirs, key), key
    assert repr(ours) == repr(theirs) and pg.finfo().dtype == "float32"


@pytest.mark.parametrize("name", ["uint8", "int32", "int64"])
def test_limits_of_integers(name):
    ours, theirs = pg.iinfo(getattr(pg, name)), torch.iinfo(getattr(torch, name))
    for key in ("bits", "dtype", "max", "min"):
        assert getattr(ours, key) == getattr(theirs, key), key
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("call", [
    lambda lib: lib.finfo(lib.int32), lambda lib: lib.iinfo(lib.float32),
    lambda lib: lib.iinfo(lib.bool), lambda lib: lib.finfo("float32"), lambda lib: lib.iinfo(3)])
def test_a_dtype_without_such_limits(call):
    with pytest.raises(TypeError):
        call(torch)
    with pytest.raises(TypeError, match="info: expected a"):
        call(pg)


def test_switches_remember_what_they_were_told():
    for lib in (pg, torch):
        assert not lib.are_deterministic_algorithms_enabled()
        lib.use_deterministic_algorithms(True, warn_only=True)
        assert lib.are_deterministic_algorithms_enabled()
        lib.use_deterministic_algorithms(False)
        assert lib.get_float32_matmul_precision() == "highest"
        lib.set_float32_matmul_precision("high")
        assert lib.get_float32_matmul_precision() == "high"
        lib.set_float32_matmul_precision("highest")
        assert lib.set_flush_denormal(False) is True
    with pytest.warns(UserWarning, match="expected 'highest', 'high' or 'medium', got 'x'"):
        pg.set_float32_matmul_precision("x")
    assert pg.set_flush_denormal(True) is False and pg.get_num_interop_threads() == 1
    assert pg.newaxis is None and pg.version.cuda is None
    assert pg.version.__version__ == pg.__version__


def test_compile_gives_back_what_it_got():
    model = pg.nn.Linear(2, 1)

    @pg.compile
    def f(x):
        return x + 1

    @pg.compile(mode="reduce-overhead", fullgraph=True)
    def g(x):
        return x + 2

    assert pg.compile(model, backend="eager") is model and model.compile(mode="default") is None
    assert f(pg.ones(1)).item() == 2 and g(pg.ones(1)).item() == 3
    with pytest.raises(TypeError, match="expected a function or a Module, got int"):
        pg.compile(3)


def trained(scaler, cast):
    """Weights after two steps of a loop with mixed precision."""
    pg.manual_seed(0)
    model = pg.nn.Linear(2, 1)
    optimizer = pg.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        with cast:
            loss = model(pg.ones(3, 2)).square().mean()
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        scaler.step(optimizer)
        scaler.update()
    return model.weight.tolist()


class Plain:
    """A loop without mixed precision."""

    scale = staticmethod(lambda loss: loss)
    step = staticmethod(lambda optimizer: optimizer.step())
    unscale_ = staticmethod(lambda optimizer: None)
    update = staticmethod(lambda: None)


def test_a_loop_with_mixed_precision_computes_in_full_precision():
    expected = trained(Plain, pg.enable_grad())
    for device in ("cpu", "cuda"):
        scaler = pg.amp.GradScaler(device, enabled=False)
        assert trained(scaler, pg.autocast(device, enabled=False)) == expected
        assert trained(scaler, pg.amp.autocast(device_type=device, enabled=False)) == expected


def test_a_scaler_that_is_off_answers_as_pytorchs():
    ours, theirs = (lib.amp.GradScaler(enabled=False) for lib in (pg, torch))
    for ask in (lambda s: s.is_enabled(), lambda s: s.get_scale(), lambda s: s.state_dict(),
                lambda s: s.load_state_dict({"scale": 3.0}), lambda s: s.update()):
        assert ask(ours) == ask(theirs)
    pickle.loads(pickle.dumps(ours))


def test_what_is_switched_off_says_so():
    for make in (lambda lib: lib.amp.GradScaler(), lambda lib: lib.autocast("cuda")):
        for lib in (pg, torch):
            with pytest.warns(UserWarning):
                make(lib)
    with pytest.warns(UserWarning, match="computes in full precision"):
        pg.cuda.amp.autocast()
    with pytest.warns(UserWarning, match="need no scaling"):
        pg.cuda.amp.GradScaler()
    assert not pg.is_autocast_enabled()


def test_autocast_decorates():
    @pg.autocast("cpu", enabled=False)
    def double(x):
        """Twice x."""
        return 2 * x

    assert double(pg.ones(1)).item() == 2 and double.__doc__ == "Twice x."
