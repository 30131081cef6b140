"""What every optimizer gets from the contract class."""

import importlib

import plugrad as pg
import pytest
import torch
from plugrad import nn, optim
from plugrad.optim import Optimizer


class Plain(Optimizer):
    """w <- w - lr * g, and a count of the steps."""

    def __init__(self, params, lr=0.5, maximize=False):
        super().__init__(params, {"lr": lr, "maximize": maximize})

    def update(self, w, g, state, group):
        state["n"] = state.get("n", 0) + 1
        state.setdefault("sum", g * 0).add_(g)
        w -= group["lr"] * g


def parameter(*values, dtype=pg.float32):
    return pg.tensor(values, dtype=dtype, requires_grad=True)


def test_a_plugin_writes_update_only():
    w = parameter(1.0, 2.0)
    optimizer = Plain([w])
    (3 * w).sum().backward()
    optimizer.step()
    assert w.tolist() == [-0.5, 0.5]
    assert w.requires_grad and w.is_leaf
    assert optimizer.step_count == 1


def test_maximize_goes_uphill():
    w = parameter(1.0)
    optimizer = Plain([w], maximize=True)
    (3 * w).sum().backward()
    optimizer.step()
    assert w.tolist() == [2.5]


def test_a_parameter_without_gradient_stays():
    w, frozen = parameter(1.0), pg.tensor([1.0])
    optimizer = Plain([w, frozen])
    optimizer.step()
    assert w.tolist() == frozen.tolist() == [1.0]
    assert optimizer.state_dict()["state"] == {}


def test_the_closure_is_recorded_and_its_loss_returned():
    w = parameter(1.0)
    optimizer = Plain([w])

    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with pg.no_grad():
        assert optimizer.step(closure).item() == 1.0
    assert w.tolist() == [0.0]


def test_zero_grad_forgets_or_clears():
    w = parameter(1.0)
    optimizer = Plain([w])
    (2 * w).sum().backward()
    optimizer.zero_grad(set_to_none=False)
    assert w.grad.tolist() == [0.0]
    optimizer.zero_grad()
    assert w.grad is None


def test_a_later_group_has_the_defaults_and_its_own_options():
    w, v = parameter(1.0), parameter(1.0)
    optimizer = Plain([w])
    optimizer.add_param_group({"params": v, "lr": 0.1})
    (w + v).sum().backward()
    optimizer.step()
    assert (w.item(), v.item()) == (0.5, pytest.approx(0.9))
    assert optimizer.param_groups[1]["maximize"] is False


def test_state_dict_has_indices_and_loads_as_a_copy():
    w, v = parameter(1.0), parameter(1.0, 2.0)
    optimizer = Plain([{"params": [w]}, {"params": [v], "lr": 0.1}])
    v.sum().backward()
    optimizer.step()
    saved = optimizer.state_dict()
    assert [group["params"] for group in saved["param_groups"]] == [[0], [1]]
    assert saved["state"][1]["n"] == 1 and saved["state"].keys() == {1}

    for dtype in (pg.float32, pg.float64):
        v2 = parameter(1.0, 2.0, dtype=dtype)
        other = Plain([{"params": [parameter(1.0)]}, {"params": [v2]}])
        other.load_state_dict(saved)
        assert other.param_groups[1]["lr"] == 0.1
        assert other.param_groups[1]["params"][0] is v2
        v2.sum().backward()
        other.step()
        assert (other.state[v2]["n"], saved["state"][1]["n"]) == (2, 1)
        assert other.state[v2]["sum"].tolist() == [2.0, 2.0]
        assert other.state[v2]["sum"].dtype == dtype
        assert saved["state"][1]["sum"].tolist() == [1.0, 1.0]


def test_load_state_dict_refuses_another_models():
    saved = Plain([parameter(1.0), parameter(1.0)]).state_dict()
    with pytest.raises(ValueError, match=r"groups of \[2\] parameters, this optimizer has \[1\]"):
        Plain([parameter(1.0)]).load_state_dict(saved)


def test_repr_lists_the_options():
    assert repr(Plain([parameter(1.0)])) == (
        "Plain (\nParameter Group 0\n    lr: 0.5\n    maximize: False\n)")


def test_groups_are_printed_and_ordered_as_pytorchs():
    def made(lib):
        groups = [{"weight_decay": 0.1, "params": [lib.ones(1)]}, {"params": lib.ones(1)}]
        return lib.optim.AdamW(groups, lr=0.5)
    ours, theirs = made(pg), made(torch)
    assert repr(ours) == repr(theirs)
    for got, expected in ((ours.param_groups, theirs.param_groups),
                          (ours.state_dict()["param_groups"], theirs.state_dict()["param_groups"])):
        assert [list(group) for group in got] == [list(group) for group in expected]


@pytest.mark.parametrize(("params", "error", "text"), [
    (lambda w: [], ValueError, "params is empty; .* model.parameters.. can be read only once"),
    (lambda w: w, TypeError, "got one Tensor; put it in a list"),
    (lambda w: {"params": [w]}, TypeError, "got one dict; put it in a list"),
    (lambda w: [("weight", w)], TypeError, "parameter 0 must be a Tensor, got tuple; pass model"),
    (lambda w: [w, 2 * w], ValueError, r"parameter 1 of shape \(1,\) is the result of .*a leaf"),
    (lambda w: [w, w], ValueError, r"parameter 1 of shape \(1,\) is there already"),
    (lambda w: [{"params": [w]}, {"params": w}], ValueError, "is there already"),
    (lambda w: [{"lr": 1.0}], TypeError, "must be a dict with the key 'params'"),
    (lambda w: [{"params": [w], "lr": -1.0}], ValueError, "Plain: lr must be at least 0, got -1.0"),
    (lambda w: nn.Linear(1, 1), TypeError, "Plain: params .*got Linear; pass model.parameters"),
    (lambda w: nn.Sequential(nn.ReLU()), TypeError, "got Sequential; pass model.parameters"),
    (lambda w: nn.Linear(1, 1).parameters, TypeError, r"Plain: params .*got method; add \(\)"),
    (lambda w: 3, TypeError, r"got int; pass model.parameters\(\)"),
    (lambda w: [{"params": [w], "maximise": True}], TypeError,
     r"'maximise'; did you mean 'maximize'\? its options are lr, maximize"),
])
def test_what_cannot_be_optimized_is_refused(params, error, text):
    with pytest.raises(error, match=text):
        Plain(params(parameter(1.0)))


def test_a_group_may_hold_what_is_the_users_own():
    optimizer = Plain([{"params": [parameter(1.0)], "rho": 0.05, "layer": 3}])
    group, = optimizer.state_dict()["param_groups"]
    assert (group["rho"], group["layer"], group["lr"]) == (0.05, 3, 0.5)
    assert Plain(optimizer.param_groups).param_groups[0]["rho"] == 0.05


def test_an_optimizer_without_update_says_what_is_missing():
    w = parameter(1.0)
    w.sum().backward()
    with pytest.raises(NotImplementedError, match="Optimizer must define update"):
        Optimizer([w], {}).step()


@pytest.mark.parametrize("lr", ["0.1", None, [0.1]])
def test_an_option_that_is_no_number_is_refused(lr):
    with pytest.raises(TypeError, match=r"^Plain: lr must be a number, at least 0, got "):
        Plain([parameter(1.0)], lr)


def test_a_group_may_have_a_name_and_what_a_scheduler_left_there():
    group = {"params": [parameter(1.0)], "name": "all", "initial_lr": 0.5}
    assert Plain([group]).param_groups[0]["name"] == "all"


def test_defaults_that_are_no_dict_are_refused():
    with pytest.raises(TypeError, match=r"defaults must be a dict of the options.* got 0.1"):
        Optimizer([parameter(1.0)], 0.1)


@pytest.mark.parametrize("use", [
    lambda optimizer: optimizer.step(), lambda optimizer: optimizer.zero_grad(), repr,
    lambda optimizer: optimizer.add_param_group({"params": parameter(1.0)}),
])
def test_a_forgotten_super_init_is_told(use):
    class Mine(Optimizer):
        def __init__(self, params, lr):
            self.lr = lr

    with pytest.raises(AttributeError, match=r"^Mine has no '\w+' before Optimizer.__init__\(\) "
                                             r"call; begin Mine.__init__ with super\(\).__in"):
        use(Mine([parameter(1.0)], 0.1))


class Own(optim.SGD):
    def step(self, closure=None):
        super().step(closure)


@pytest.mark.parametrize("lib, kind", [(pg, optim.SGD), (pg, Own), (torch, torch.optim.SGD)])
def test_hooks_run_once_before_and_after_a_step(lib, kind):
    w, log = lib.nn.Parameter(lib.ones(1)), []
    optimizer = kind([w], lr=0.5)

    def note(own, args, kwargs):
        log.append((args, kwargs, w.item()))

    handles = optimizer.register_step_pre_hook(note), optimizer.register_step_post_hook(note)
    w.sum().backward()
    optimizer.step()
    assert log == [((optimizer,), {}, 1.0), ((optimizer,), {}, 0.5)]
    for handle in handles:
        handle.remove()
    optimizer.step()
    assert len(log) == 2


@pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])
def test_a_pre_hook_may_change_what_step_is_called_with(lib):
    w = lib.nn.Parameter(lib.ones(1))
    optimizer = lib.optim.SGD([w], lr=0.5)
    optimizer.register_step_pre_hook(lambda own, args, kwargs: ((own, lambda: 7), {}))
    assert optimizer.step() == 7


@pytest.mark.parametrize("lib", [pg, torch], ids=["plugrad", "torch"])
def test_an_option_without_default_must_be_given(lib):
    required = importlib.import_module(f"{lib.__name__}.optim.optimizer").required
    with pytest.raises(ValueError, match="didn't specify a value of required optimization param"):
        lib.optim.Optimizer([lib.ones(1)], {"lr": required})
    group = {"params": [lib.ones(1)], "lr": 0.1}
    assert lib.optim.Optimizer([group], {"lr": required}).param_groups[0]["lr"] == 0.1
