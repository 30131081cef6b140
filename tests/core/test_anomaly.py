"""Where a gradient became NaN; and what tensors with gradients were called once."""

import inspect

import plugrad as pg
import pytest
import torch

LIBS = pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])
QUIET = pytest.mark.filterwarnings("ignore:Anomaly Detection", "ignore:Error detected")


def bad(lib):
    """A loss whose gradient is NaN, at sqrt: 0 * inf."""
    x = lib.zeros(2, requires_grad=True)
    y = x.sqrt() * 0
    return y.exp().sum(), x


@QUIET
@LIBS
def test_backward_stops_at_the_first_nan(lib):
    loss, x = bad(lib)
    with lib.autograd.detect_anomaly(), pytest.raises(RuntimeError, match=r"[Ss]qrt.*nan"):
        loss.backward()
    assert x.grad is None


def test_the_line_is_named():
    with pg.autograd.detect_anomaly():
        loss, _ = bad(pg)
        _, start = inspect.getsourcelines(bad)
        here = rf'of Sqrt at ".*test_anomaly.py", line {start + 3} '
        with pytest.raises(RuntimeError, match=here):
            loss.backward()


@QUIET
@LIBS
def test_outside_and_with_other_gradients_nothing_happens(lib):
    loss, x = bad(lib)
    with lib.autograd.detect_anomaly(check_nan=False):
        loss.backward()
    assert x.grad.isnan().all()
    with lib.autograd.detect_anomaly():
        lib.ones(2, requires_grad=True).log().sum().backward()
        lib.zeros(2, requires_grad=True).sqrt().sum().backward()           # inf is no NaN
    bad(lib)[0].backward()


@QUIET
@LIBS
def test_the_switch_lasts_or_ends_with_its_block(lib):
    lib.autograd.set_detect_anomaly(True)
    try:
        with pytest.raises(RuntimeError):
            bad(lib)[0].backward()
        for mode in ({"mode": False}, {"mode": True, "check_nan": False}):
            with lib.autograd.set_detect_anomaly(**mode):
                bad(lib)[0].backward()
        with pytest.raises(RuntimeError):
            bad(lib)[0].backward()
    finally:
        lib.autograd.set_detect_anomaly(False)
    bad(lib)[0].backward()


@QUIET
@LIBS
def test_several_outputs_are_looked_at_as_well(lib):
    class Two(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1, x * 2

        @staticmethod
        def backward(ctx, g, h):
            return (g + h) * float("nan")

    a, b = Two.apply(lib.ones(2, requires_grad=True))
    with lib.autograd.detect_anomaly(), pytest.raises(RuntimeError, match="Two"):
        (a + b).sum().backward()


@LIBS
def test_a_variable_is_a_tensor(lib):
    data = lib.ones(2)
    x = lib.autograd.Variable(data, requires_grad=True)
    (x * 3).sum().backward()
    assert x.grad.tolist() == [3, 3] and not data.requires_grad
    x.data[0] = 5
    assert data.tolist() == [5, 1] and not lib.autograd.Variable(data).requires_grad
    with pytest.raises(TypeError):
        lib.autograd.Variable([1.0])
