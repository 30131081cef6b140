"""What every learning-rate schedule gets from the contract class."""

import plugrad as pg
import pytest
from plugrad.optim import Optimizer
from plugrad.optim.lr_scheduler import LRScheduler


class Still(Optimizer):
    def __init__(self, params, lr=1.0):
        super().__init__(params, {"lr": lr})

    def update(self, w, g, state, group):
        pass


class Countdown(LRScheduler):
    """lr = base_lr / (epoch + 1)"""

    def get_lr(self):
        return [lr / (self.last_epoch + 1) for lr in self.base_lrs]


@pytest.fixture
def optimizer():
    return Still([pg.zeros(1, requires_grad=True)])


def test_a_plugin_writes_get_lr_only(optimizer):
    scheduler = Countdown(optimizer)
    assert scheduler.get_last_lr() == [1.0] and scheduler.last_epoch == 0
    optimizer.step()
    scheduler.step()
    assert scheduler.get_last_lr() == [0.5] and scheduler.last_epoch == 1
    assert optimizer.param_groups[0]["lr"] == 0.5
    assert optimizer.param_groups[0]["initial_lr"] == 1.0


def test_ported_code_finds_the_base_class_under_its_older_name():
    from plugrad.optim.lr_scheduler import _LRScheduler
    assert _LRScheduler is LRScheduler


def test_the_initial_rate_survives_a_second_schedule(optimizer):
    first = Countdown(optimizer)
    optimizer.step()
    first.step()
    assert Countdown(optimizer).base_lrs == [1.0]


def test_state_dict_has_everything_but_the_optimizer(optimizer):
    assert Countdown(optimizer).state_dict() == {
        "base_lrs": [1.0], "last_epoch": 0, "_step_count": 1, "_last_lr": [1.0]}


def test_a_step_before_the_optimizers_is_warned_of(optimizer):
    scheduler = Countdown(optimizer)
    with pytest.warns(UserWarning, match="Countdown.step.. was called before the first optimizer"):
        scheduler.step()


def test_misuse_is_refused(optimizer):
    with pytest.raises(TypeError, match="Countdown: expected an Optimizer, got list"):
        Countdown([1.0])
    with pytest.raises(KeyError, match="parameter group 0 has no 'initial_lr'"):
        Countdown(optimizer, last_epoch=3)
    with pytest.raises(NotImplementedError, match="LRScheduler must define get_lr"):
        LRScheduler(optimizer)


def test_a_forgotten_super_init_is_told(optimizer):
    class Mine(LRScheduler):
        def __init__(self, optimizer):
            self.n = 1

    for use in (lambda mine: mine.step(), lambda mine: mine.optimizer):
        with pytest.raises(AttributeError, match=r"^Mine has no .* before LRScheduler.__init__\(\) "
                                                 r"call; begin Mine.__init__ with super\(\).__in"):
            use(Mine(optimizer))


def test_options_set_too_late_are_told(optimizer):
    class Mine(LRScheduler):
        def __init__(self, optimizer):
            super().__init__(optimizer)
            self.n = 1

        def get_lr(self):
            return [lr / self.n for lr in self.base_lrs]

    with pytest.raises(AttributeError, match=r"^Mine.get_lr needs 'n' when super\(\).__init__\(\)"
                                             r".*: set self.n before super\(\).__init__\(\)"):
        Mine(optimizer)


def test_another_attribute_error_passes_as_it_is(optimizer):
    class Mine(LRScheduler):
        def get_lr(self):
            return self.optimizer.nonsense

    with pytest.raises(AttributeError, match="'Still' object has no attribute 'nonsense'"):
        Mine(optimizer)


def test_the_class_of_an_optimizer_is_told_apart():
    with pytest.raises(TypeError, match=r"got the class Still; make an object of it: Still\(...\)"):
        Countdown(Still)


def test_repr_has_the_options(optimizer):
    assert repr(Countdown(optimizer)) == "Countdown(last_epoch=0)"
    assert repr(pg.optim.lr_scheduler.StepLR(optimizer, 3)) == (
        "StepLR(step_size=3, gamma=0.1, last_epoch=0)")


def test_the_warning_points_to_the_callers_line(optimizer):
    class Mine(Countdown):
        pass

    with pytest.warns(UserWarning) as caught:
        Mine(optimizer).step()
    assert caught[0].filename == __file__
