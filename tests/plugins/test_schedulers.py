"""Every schedule gives PyTorch's learning rates, alone, together with others, and resumed."""

import plugrad as pg
import pytest
import torch
from plugrad import optim

OPTIONS = [
    ("StepLR", {"step_size": 7}),
    ("StepLR", {"step_size": 1, "gamma": 0.9}),
    ("ExponentialLR", {"gamma": 0.9}),
    ("CosineAnnealingLR", {"T_max": 50}),
    ("CosineAnnealingLR", {"T_max": 10}),
    ("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.01}),
    ("CosineAnnealingLR", {"T_max": 1}),
]


def optimizer_of(lib):
    return lib.optim.SGD([{"params": [lib.zeros(1, requires_grad=True)], "lr": lr}
                          for lr in (0.1, 2.0)])


def rates(lib, schedules, steps=50, optimizer=None, **more):
    """The learning rates of both groups, at the start and after every step."""
    optimizer = optimizer or optimizer_of(lib)
    schedulers = [getattr(lib.optim.lr_scheduler, name)(optimizer, **options, **more)
                  for name, options in schedules]
    path = [schedulers[-1].get_last_lr()]
    for _ in range(steps):
        optimizer.step()
        for scheduler in schedulers:
            scheduler.step()
        path.append(schedulers[-1].get_last_lr())
        assert [group["lr"] for group in optimizer.param_groups] == path[-1]
    return [lr for both in path for lr in both]


@pytest.mark.parametrize("schedule", OPTIONS, ids=str)
def test_fifty_steps_equal_pytorchs(schedule):
    assert rates(pg, [schedule]) == pytest.approx(rates(torch, [schedule]), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("schedule", OPTIONS, ids=str)
def test_two_schedules_share_an_optimizer(schedule):
    both = [("ExponentialLR", {"gamma": 0.95}), schedule]
    assert rates(pg, both) == pytest.approx(rates(torch, both), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("schedule", OPTIONS, ids=str)
def test_resumes_at_last_epoch(schedule):
    paths = []
    for lib in (pg, torch):
        optimizer = optimizer_of(lib)
        rates(lib, [schedule], 14, optimizer)
        paths.append(rates(lib, [schedule], 20, optimizer, last_epoch=13))
    assert paths[0] == pytest.approx(paths[1], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=str)
def test_resumes_from_its_state_dict(name, options):
    expected = rates(pg, [(name, options)])
    optimizer = optimizer_of(pg)
    scheduler = getattr(optim.lr_scheduler, name)(optimizer, **options)
    for _ in range(20):
        optimizer.step()
        scheduler.step()

    resumed = optimizer_of(pg)
    again = getattr(optim.lr_scheduler, name)(resumed, **options)
    resumed.load_state_dict(optimizer.state_dict())
    again.load_state_dict(scheduler.state_dict())
    again.step()
    assert again.get_last_lr() == pytest.approx(expected[42:44])
    assert again.last_epoch == 21


@pytest.mark.parametrize(("name", "options", "text"), [
    ("StepLR", {"step_size": 0}, "StepLR: step_size must be at least 1, got 0"),
    ("CosineAnnealingLR", {"T_max": 0}, "CosineAnnealingLR: T_max must be at least 1, got 0"),
])
def test_senseless_options_are_refused(name, options, text):
    with pytest.raises(ValueError, match=text):
        getattr(optim.lr_scheduler, name)(optimizer_of(pg), **options)
