"""Every schedule gives PyTorch's learning rates, alone, together with others, and resumed."""

import copy
import re
import warnings
from functools import partial

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad.testing.optimization import Plain

from .parity import check_refusal, check_signature


class Slower:
    """A function that keeps something."""

    def __init__(self, rate=0.1):
        self.rate = rate

    def __call__(self, epoch):
        return 1 / (1 + self.rate * epoch)


def half(x):
    return 0.5 ** x


OPTIONS = [
    ("StepLR", {"step_size": 7}),
    ("StepLR", {"step_size": 1, "gamma": 0.9}),
    ("ExponentialLR", {"gamma": 0.9}),
    ("CosineAnnealingLR", {"T_max": 50}),
    ("CosineAnnealingLR", {"T_max": 10}),
    ("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.01}),
    ("CosineAnnealingLR", {"T_max": 1}),
    ("LambdaLR", {"lr_lambda": Slower()}),
    ("LambdaLR", {"lr_lambda": [Slower(), half]}),
    ("MultiplicativeLR", {"lr_lambda": Slower(0.01)}),
    ("MultiplicativeLR", {"lr_lambda": (Slower(0.02), lambda epoch: 0.9)}),
    ("MultiStepLR", {"milestones": [3, 10, 10, 30]}),
    ("MultiStepLR", {"milestones": (1, 20), "gamma": 0.5}),
    ("MultiStepLR", {"milestones": []}),
    ("ConstantLR", {}),
    ("ConstantLR", {"factor": 0.7, "total_iters": 17}),
    ("LinearLR", {}),
    ("LinearLR", {"start_factor": 0.1, "end_factor": 0.8, "total_iters": 20}),
    ("LinearLR", {"start_factor": 1.0, "end_factor": 0.2, "total_iters": 30}),
    ("PolynomialLR", {}),
    ("PolynomialLR", {"total_iters": 40, "power": 2.0}),
    ("CosineAnnealingWarmRestarts", {"T_0": 7}),
    ("CosineAnnealingWarmRestarts", {"T_0": 3, "T_mult": 2, "eta_min": 0.01}),
    ("CosineAnnealingWarmRestarts", {"T_0": 1, "T_mult": 3}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 5}),
    ("CyclicLR", {"base_lr": [0.1, 0.2], "max_lr": [0.5, 3], "step_size_up": 4,
                  "step_size_down": 9, "base_momentum": 0.5, "max_momentum": [0.8, 0.7]}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 5, "mode": "triangular2"}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 5, "mode": "exp_range",
                  "gamma": 0.97, "cycle_momentum": False}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 5, "scale_fn": half}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 5, "scale_fn": half,
                  "scale_mode": "iterations"}),
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 60}),
    ("OneCycleLR", {"max_lr": [0.5, 3.0], "epochs": 10, "steps_per_epoch": 5, "pct_start": 0.45}),
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 50, "anneal_strategy": "linear",
                    "div_factor": 10, "final_div_factor": 100, "base_momentum": [0.5, 0.6],
                    "max_momentum": 0.8}),
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 55, "three_phase": True, "pct_start": 0.25}),
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 50, "three_phase": True,
                    "cycle_momentum": False}),
    ("SWALR", {"swa_lr": 0.5}),
    ("SWALR", {"swa_lr": (0.5, 0.01), "anneal_epochs": 20, "anneal_strategy": "linear"}),
    ("SWALR", {"swa_lr": [0.05, 0.1], "anneal_epochs": 0}),
]
CHAINABLE = [row for row in OPTIONS if row[0] not in ("CyclicLR", "OneCycleLR")]
# PyTorch's OneCycleLR and SWALR do not jump: they go by the calls that they have counted.
CLOSED = [row for row in OPTIONS if row[0] not in ("OneCycleLR", "SWALR")]
NAMES = sorted({name for name, _ in OPTIONS}
               | {"ReduceLROnPlateau", "SequentialLR", "ChainedScheduler"})


def optimizer_of(lib, name="SGD"):
    options = {"momentum": 0.9} if name == "SGD" else {}
    return getattr(lib.optim, name)([{"params": [lib.zeros(1, requires_grad=True)], "lr": lr}
                                     for lr in (0.1, 2.0)], **options)


def kind(lib, name):
    """The scheduler of that name; PyTorch keeps one elsewhere."""
    return getattr(lib.optim.swa_utils if name == "SWALR" else lib.optim.lr_scheduler, name)


def made(lib, schedule, optimizer, **more):
    """A scheduler from its name and options; the options of some hold schedulers."""
    name, options = schedule
    if "schedulers" in options:
        inner = [made(lib, one, optimizer) for one in options["schedulers"]]
        options = {**options, "schedulers": inner, "optimizer": optimizer}
        return kind(lib, name)(**options)
    return kind(lib, name)(optimizer, **options, **more)


def rates(lib, schedules, steps=50, optimizer=None, **more):
    """The learning rates and momenta of both groups, at the start and after every step."""
    optimizer = optimizer or optimizer_of(lib)
    return followed([made(lib, schedule, optimizer, **more) for schedule in schedules],
                    optimizer, steps)


def followed(schedulers, optimizer, steps):
    path = [schedulers[-1].get_last_lr(), momenta(optimizer)]
    for _ in range(steps):
        optimizer.step()
        for scheduler in schedulers:
            scheduler.step()
        path += [schedulers[-1].get_last_lr(), momenta(optimizer)]
        assert [group["lr"] for group in optimizer.param_groups] == path[-2]
    return [value for both in path for value in both]


def momenta(optimizer):
    return [group["betas"][0] if "betas" in group else group["momentum"]
            for group in optimizer.param_groups]


def named(value):
    """The case as text, functions without their address: it is another one in every process."""
    return re.sub(r" at 0x\w+", "", str(value))


@pytest.mark.parametrize("schedule", OPTIONS, ids=named)
def test_fifty_steps_equal_pytorchs(schedule):
    assert rates(pg, [schedule]) == pytest.approx(rates(torch, [schedule]), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("schedule", CHAINABLE, ids=named)
def test_two_schedules_share_an_optimizer(schedule):
    both = [("ExponentialLR", {"gamma": 0.95}), schedule]
    assert rates(pg, both) == pytest.approx(rates(torch, both), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("schedule", OPTIONS, ids=named)
def test_resumes_at_last_epoch(schedule):
    paths = []
    for lib in (pg, torch):
        optimizer = optimizer_of(lib)
        rates(lib, [schedule], 14, optimizer)
        paths.append(rates(lib, [schedule], 20, optimizer, last_epoch=13))
    assert paths[0] == pytest.approx(paths[1], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_signature_is_pytorchs(name):
    check_signature(*(kind(lib, name) for lib in (pg, torch)))


JOINED = [
    ("SequentialLR", {"schedulers": [("LinearLR", {"start_factor": 0.1}),
                                     ("CosineAnnealingLR", {"T_max": 40})], "milestones": [5]}),
    ("SequentialLR", {"schedulers": [("ConstantLR", {}), ("ExponentialLR", {"gamma": 0.9}),
                                     ("StepLR", {"step_size": 3})], "milestones": [10, 30]}),
    ("SequentialLR", {"schedulers": [("MultiplicativeLR", {"lr_lambda": Slower()}),
                                     ("CosineAnnealingWarmRestarts", {"T_0": 5})],
                      "milestones": [7]}),
    ("SequentialLR", {"schedulers": [("ExponentialLR", {"gamma": 0.9}), ("LinearLR", {})],
                      "milestones": [0]}),
    ("SequentialLR", {"schedulers": [("ExponentialLR", {"gamma": 0.9})], "milestones": []}),
    ("ChainedScheduler", {"schedulers": [("LinearLR", {"start_factor": 0.1, "total_iters": 10}),
                                         ("ExponentialLR", {"gamma": 0.95})]}),
    ("ChainedScheduler", {"schedulers": [("ConstantLR", {}), ("MultiStepLR", {"milestones": [9]}),
                                         ("CosineAnnealingLR", {"T_max": 30})]}),
]


@pytest.mark.parametrize("schedule", JOINED, ids=range(len(JOINED)))
def test_joined_schedules_equal_pytorchs(schedule):
    assert rates(pg, [schedule]) == pytest.approx(rates(torch, [schedule]), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("schedule", [row for row in OPTIONS if row[0] in
                                      ("CyclicLR", "OneCycleLR")], ids=named)
def test_beta1_of_adam_cycles_as_momentum_does(schedule):
    ours, theirs = (rates(lib, [schedule], optimizer=optimizer_of(lib, "Adam"))
                    for lib in (pg, torch))
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("schedule", [*OPTIONS, *JOINED], ids=named)
def test_resumes_from_its_state_dict(schedule):
    expected = rates(pg, [schedule])
    optimizer, resumed = optimizer_of(pg), optimizer_of(pg)
    scheduler = made(pg, schedule, optimizer)
    followed([scheduler], optimizer, 20)

    again = made(pg, schedule, resumed)
    resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    again.load_state_dict(copy.deepcopy(scheduler.state_dict()))
    assert followed([again], resumed, 30) == expected[80:]


# True for the time of a step, and kept by PyTorch all the same.
OF_A_STEP = {"_is_initial", "_get_lr_called_within_step"}


def plain(state):
    """A state_dict with those of the schedulers inside, without what is of a step alone."""
    return {key: [plain(inner) for inner in value] if key == "_schedulers" else value
            for key, value in state.items() if key not in OF_A_STEP}


def same(value):
    """What equals a value but for the rounding of its numbers."""
    if isinstance(value, dict):
        return {key: same(part) for key, part in value.items()}
    if isinstance(value, list):
        return [same(part) for part in value]
    return pytest.approx(value, rel=1e-9, abs=1e-12) if isinstance(value, float) else value


@pytest.mark.parametrize("schedule", [*OPTIONS, *JOINED], ids=named)
def test_a_state_dict_has_pytorchs_keys_and_values(schedule):
    optimizers = [optimizer_of(lib) for lib in (pg, torch)]
    ours, theirs = (made(lib, schedule, optimizer)
                    for lib, optimizer in zip((pg, torch), optimizers, strict=True))
    for steps in (0, 20):
        followed([ours], optimizers[0], steps)
        followed([theirs], optimizers[1], steps)
        assert plain(ours.state_dict()) == same(plain(theirs.state_dict()))
        assert [{**group, "params": 0} for group in optimizers[0].param_groups] == [
            same({key: group[key] for key in mine} | {"params": 0})
            for mine, group in zip(optimizers[0].param_groups, optimizers[1].param_groups,
                                   strict=True)]


@pytest.mark.slow
@pytest.mark.parametrize("to", [pg, torch], ids=["to plugrad", "to PyTorch"])
@pytest.mark.parametrize("schedule", [*OPTIONS, *JOINED], ids=named)
def test_a_state_moves_between_the_libraries(schedule, to):
    source = torch if to is pg else pg
    optimizer, resumed = optimizer_of(source), optimizer_of(to)
    scheduler, again = made(source, schedule, optimizer), made(to, schedule, resumed)
    followed([scheduler], optimizer, 20)

    again.load_state_dict(copy.deepcopy(scheduler.state_dict()))
    resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))

    expected = followed([scheduler], optimizer, 30)
    assert followed([again], resumed, 30) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_a_state_dict_keeps_what_an_object_that_is_called_keeps():
    saved = made(pg, ("LambdaLR", {"lr_lambda": [Slower(0.5), half]}), optimizer_of(pg))
    other = made(pg, ("LambdaLR", {"lr_lambda": [Slower(), half]}), optimizer_of(pg))
    assert saved.state_dict()["lr_lambdas"] == [{"rate": 0.5}, None]
    other.load_state_dict(saved.state_dict())
    assert other.lr_lambdas[0].rate == 0.5 and other.lr_lambdas[1] is half


@pytest.mark.parametrize("schedule", CLOSED, ids=named)
def test_step_with_an_epoch_is_deprecated_and_equals_pytorchs(schedule):
    paths = []
    for lib in (pg, torch):
        optimizer, path = optimizer_of(lib), []
        scheduler = made(lib, schedule, optimizer)
        optimizer.step()
        for epoch in (3, 9, 4, None, 40, None):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                scheduler.step(epoch)
            welcome = epoch is None or schedule[0] == "CosineAnnealingWarmRestarts"
            assert [w.category for w in caught] == ([] if welcome else [UserWarning])
            path += [scheduler.last_epoch, *scheduler.get_last_lr()]
        paths.append(path)
    assert paths[0] == pytest.approx(paths[1], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("T_mult", [1, 2, 3])
def test_warm_restarts_step_by_fractions(T_mult):
    paths = []
    for lib in (pg, torch):
        scheduler = lib.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer_of(lib), 4, T_mult)
        path = []
        for i in range(60):
            scheduler.step(i / 3)
            path += scheduler.get_last_lr()
        paths.append(path)
    assert paths[0] == pytest.approx(paths[1], rel=1e-9, abs=1e-12)


PLATEAU = [
    {}, {"patience": 2}, {"patience": 0, "factor": 0.5}, {"mode": "max", "patience": 3},
    {"patience": 1, "cooldown": 4}, {"patience": 1, "min_lr": 0.01},
    {"patience": 1, "min_lr": [0.01, 0.5]}, {"patience": 1, "eps": 0.05, "factor": 0.5},
    {"patience": 2, "threshold": 0.1}, {"patience": 2, "threshold": 0.1, "mode": "max"},
    {"patience": 2, "threshold": 0.2, "threshold_mode": "abs"},
    {"patience": 2, "threshold": 0.2, "threshold_mode": "abs", "mode": "max"},
]
LOSSES = [1.0, 0.8, 0.85, 0.7, -0.1, -0.3, *np.random.default_rng(0).normal(size=40).tolist()]


@pytest.mark.parametrize("options", PLATEAU, ids=named)
def test_a_plateau_is_where_pytorch_sees_one(options):
    paths, states = [], []
    for lib in (pg, torch):
        scheduler, path = made(lib, ("ReduceLROnPlateau", options), optimizer_of(lib)), []
        for loss in LOSSES:
            scheduler.step(lib.tensor(loss))
            path += [*scheduler.get_last_lr(), scheduler.num_bad_epochs, scheduler.in_cooldown]
        paths.append(path)
        states.append(scheduler.state_dict())
    assert paths[0] == pytest.approx(paths[1], rel=1e-9)
    assert states[0].keys() == states[1].keys()
    for key, value in states[1].items():
        assert states[0][key] == (value if isinstance(value, (str, type(None))) else
                                  pytest.approx(value, rel=1e-6)), key


def test_a_plateau_goes_on_from_its_state_dict():
    first, second = (made(pg, ("ReduceLROnPlateau", {"patience": 1}), optimizer_of(pg))
                     for _ in range(2))
    for loss in LOSSES[:20]:
        first.step(loss)
    second.optimizer.load_state_dict(first.optimizer.state_dict())
    second.load_state_dict(first.state_dict())
    for scheduler in (first, second):
        for loss in LOSSES[20:]:
            scheduler.step(loss)
    assert first.get_last_lr() == second.get_last_lr()
    assert first.state_dict() == second.state_dict()


def test_a_plateau_takes_new_groups_unless_each_has_its_own_least_rate():
    for lib in (pg, torch):
        for min_lr in (0.0, [0.0, 0.0]):
            scheduler = made(lib, ("ReduceLROnPlateau", {"patience": 0, "min_lr": min_lr}),
                             optimizer_of(lib))
            scheduler.optimizer.add_param_group({"params": [lib.zeros(1, requires_grad=True)]})
            scheduler.step(1)
            if min_lr:
                with pytest.raises(RuntimeError):
                    scheduler.step(1)
            else:
                scheduler.step(1)
                assert len(scheduler.get_last_lr()) == 3


def test_a_plateau_warns_of_an_epoch():
    for lib in (pg, torch):
        scheduler = made(lib, ("ReduceLROnPlateau", {}), optimizer_of(lib))
        with pytest.warns(UserWarning, match="epoch"):
            scheduler.step(1, 5)
        assert scheduler.last_epoch == 5


def test_a_step_before_the_optimizers_is_warned_of():
    for lib in (pg, torch):
        scheduler = made(lib, OPTIONS[0], optimizer_of(lib))
        with pytest.warns(UserWarning, match="before"):
            scheduler.step()


def scheduler_of(lib, name, **options):
    return made(lib, (name, options), optimizer_of(lib))


def join(lib, name, inner, **options):
    optimizer = optimizer_of(lib)
    inner = [made(lib, one, optimizer) if isinstance(one, tuple) else one for one in inner]
    return kind(lib, name)(optimizer=optimizer, schedulers=inner, **options)


EXP = ("ExponentialLR", {"gamma": 0.9})
BAD = [
    ("LambdaLR", {"lr_lambda": [abs]}, ValueError, r"one for all parameter groups or a list of 2"),
    ("MultiplicativeLR", {"lr_lambda": 3}, TypeError, "expected a function, got 3"),
    ("MultiplicativeLR", {"lr_lambda": [half]}, ValueError, "MultiplicativeLR: lr_lambda"),
    ("ConstantLR", {"factor": 1.5}, ValueError, "ConstantLR: factor: expected a number between"),
    ("LinearLR", {"start_factor": 0}, ValueError, "LinearLR: start_factor: .* above 0"),
    ("LinearLR", {"start_factor": 2}, ValueError, "LinearLR: start_factor"),
    ("LinearLR", {"end_factor": -1}, ValueError, "LinearLR: end_factor"),
    ("CosineAnnealingWarmRestarts", {"T_0": 0}, ValueError, "T_0: expected an int of at least 1"),
    ("CosineAnnealingWarmRestarts", {"T_0": 2, "T_mult": 1.5}, ValueError, "T_mult: expected an"),
    ("CosineAnnealingWarmRestarts", {"T_0": 2, "eta_min": "0"}, ValueError, "eta_min: expected"),
    ("CyclicLR", {"base_lr": 0, "max_lr": 1, "mode": "square"}, ValueError, "mode: expected one"),
    ("CyclicLR", {"base_lr": [0], "max_lr": 1}, ValueError, "CyclicLR: base_lr: expected one for"),
    ("OneCycleLR", {"max_lr": 1}, ValueError, "expected total_steps, or both"),
    ("OneCycleLR", {"max_lr": 1, "total_steps": 0}, ValueError, "at least 1 for total_steps"),
    ("OneCycleLR", {"max_lr": 1, "epochs": 1.5, "steps_per_epoch": 2}, ValueError, "got 1.5"),
    ("OneCycleLR", {"max_lr": 1, "total_steps": 9, "pct_start": 2.0}, ValueError, "pct_start"),
    ("OneCycleLR", {"max_lr": 1, "total_steps": 9, "anneal_strategy": "x"}, ValueError,
     "anneal_strategy: expected one of 'cos', 'linear'"),
    ("ReduceLROnPlateau", {"factor": 1}, ValueError, "factor must be below 1"),
    ("ReduceLROnPlateau", {"mode": "low"}, ValueError, "mode: expected one of 'min', 'max'"),
    ("ReduceLROnPlateau", {"threshold_mode": "x"}, ValueError, "threshold_mode: expected one of"),
    ("ReduceLROnPlateau", {"min_lr": [1]}, ValueError, "ReduceLROnPlateau: min_lr"),
]
CALLS = [*((partial(lambda lib, name, options: scheduler_of(lib, name, **options), name=name,
                    options=options), error, text) for name, options, error, text in BAD),
    (lambda lib: join(lib, "SequentialLR", [], milestones=[]), ValueError, "at least one"),
    (lambda lib: join(lib, "SequentialLR", [EXP], milestones=[3]), ValueError, "1 schedulers and"),
    (lambda lib: join(lib, "SequentialLR", [3], milestones=[]), TypeError, "index 0, got int"),
    (lambda lib: join(lib, "SequentialLR", [EXP, ("ReduceLROnPlateau", {})], milestones=[3]),
     ValueError, "ReduceLROnPlateau at index 1"),
    (lambda lib: join(lib, "SequentialLR", [scheduler_of(lib, *EXP[:1], **EXP[1])], milestones=[]),
     ValueError, "belongs to another optimizer"),
    (lambda lib: join(lib, "ChainedScheduler", []), ValueError, "ChainedScheduler: .* least one"),
    (lambda lib: join(lib, "ChainedScheduler", [("ReduceLROnPlateau", {})]), ValueError, "loss"),
    (lambda lib: join(lib, "ChainedScheduler", [EXP, scheduler_of(lib, *EXP[:1], **EXP[1])]),
     ValueError, "index 1 belongs to another"),
    (lambda lib: lib.optim.lr_scheduler.LambdaLR(3, half), (TypeError, AttributeError),
     "LambdaLR: expected an Optimizer, got int"),
    (lambda lib: lib.optim.lr_scheduler.OneCycleLR(3, 1), TypeError, "OneCycleLR: .* got int"),
    (lambda lib: lib.optim.lr_scheduler.OneCycleLR(
        lib.optim.Adagrad([lib.zeros(1)]) if lib is torch else Plain([lib.zeros(1)]), 1, 5),
     ValueError, "neither momentum nor betas"),
    (lambda lib: lib.optim.lr_scheduler.CyclicLR(
        lib.optim.Adagrad([lib.zeros(1)]) if lib is torch else Plain([lib.zeros(1)]), 1, 5),
     ValueError, "neither momentum nor betas"),
    (lambda lib: scheduler_of(lib, "CosineAnnealingWarmRestarts", T_0=2).step(-1), ValueError,
     "epoch: expected at least 0"),
]


@pytest.mark.parametrize("call, error, text", CALLS, ids=range(len(CALLS)))
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)


def test_one_cycle_ends():
    for lib in (pg, torch):
        optimizer = optimizer_of(lib)
        scheduler = made(lib, ("OneCycleLR", {"max_lr": 1.0, "total_steps": 5}), optimizer)
        followed([scheduler], optimizer, 5)
        with pytest.raises(ValueError, match="total"):
            scheduler.step()


@pytest.mark.parametrize(("name", "options", "text"), [
    ("StepLR", {"step_size": 0}, "StepLR: step_size must be at least 1, got 0"),
    ("CosineAnnealingLR", {"T_max": 0}, "CosineAnnealingLR: T_max must be at least 1, got 0"),
    ("SWALR", {"swa_lr": [0.1]}, "SWALR: expected one swa_lr, or 2, as many as parameter groups"),
    ("SWALR", {"swa_lr": 1, "anneal_epochs": -1}, "SWALR: expected anneal_epochs to be a whole nu"),
    ("SWALR", {"swa_lr": 1, "anneal_epochs": 2.5}, "at least 0, got 2.5"),
    ("SWALR", {"swa_lr": 1, "anneal_strategy": "sin"}, "anneal_strategy: expected one of 'cos', '"),
])
def test_senseless_options_are_refused(name, options, text):
    with pytest.raises(ValueError, match=text):
        kind(pg, name)(optimizer_of(pg), **options)
