"""The contract of callbacks: what may be observed, and mistakes that are told at once."""

import pytest
from plugrad.callbacks import EVENTS, Callback, Observers


def test_methods_named_after_events_are_called_in_the_order_given():
    heard = []

    class Listener(Callback):
        def __init__(self, name):
            self.name = name

        def on_epoch_end(self, logs, epoch):
            heard.append((self.name, epoch, logs))

    observers = Observers([Listener("a"), Listener("b")])
    observers.hook.on_epoch_end(trainer=None, epoch=2, logs={"loss": 1.0})
    assert heard == [("a", 2, {"loss": 1.0}), ("b", 2, {"loss": 1.0})]
    assert observers.caller("on_epoch_end") is not None
    assert observers.caller("on_batch_end") is None


def test_events_are_inherited():
    class Base(Callback):
        def on_fit_start(self):
            pass

    class Derived(Base):
        pass

    assert Observers([Derived()]).caller("on_fit_start") is not None


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_every_event_has_a_caller_with_its_arguments(name):
    getattr(Observers().hook, name)(**dict.fromkeys(EVENTS[name]))


@pytest.mark.parametrize(("name", "nearest"), [
    ("on_epoch_ended", "on_epoch_end"), ("on_train_start", "on_fit_start"),
    ("on_bach_end", "on_batch_end"), ("epoch_end", "on_epoch_end"),
])
def test_a_misspelt_event_is_an_error(name, nearest):
    with pytest.raises(TypeError, match=rf"Mine.{name}: there is no such event; did you mean "
                                        rf"{nearest}\? The events are on_fit_start, "):
        type("Mine", (Callback,), {name: lambda self: None})


@pytest.mark.parametrize(("method", "text"), [
    (lambda self, log: None, "there is no argument log; it may take any of trainer, epoch, logs"),
    (lambda self, **kwargs: None, r"there is no argument \*\*kwargs"),
    (lambda self, *, logs: None, "there is no argument logs"),
    (lambda self, logs=None: None, "write logs without a default"),
    (len, "must be a plain Python method.*, got builtin_function_or_method"),
    (staticmethod(lambda epoch, logs: None), r"def on_epoch_end\(self, ...\), got staticmethod"),
    (classmethod(lambda cls, epoch: None), "must be a plain Python method.*, got classmethod"),
    (property(lambda self: None), "must be a plain Python method.*, got property"),
    (lambda epoch, logs: None, "the first argument must be self, got epoch; write def on_epoch"),
    (lambda: None, "the first argument must be self, got none"),
    (lambda *args: None, r"the first argument must be self, got \*args"),
])
def test_an_argument_that_would_not_be_filled_in_is_an_error(method, text):
    with pytest.raises(TypeError, match=f"Mine.on_epoch_end.*{text}"):
        type("Mine", (Callback,), {"on_epoch_end": method})


def test_what_hears_nothing_is_an_error():
    class Deaf(Callback):
        def _helper(self):
            pass

    with pytest.raises(TypeError, match="Deaf hears of no event; name a method after one of on_fi"):
        Observers([Deaf()])
    with pytest.raises(TypeError, match="expected a Callback, got str"):
        Observers(["bar"])
    with pytest.raises(TypeError, match=r"got the class Deaf; make an object of it: Deaf\(...\)"):
        Observers([Deaf])
    with pytest.raises(TypeError, match="must be a list of Callbacks, got Deaf; put it in a list"):
        Observers(Deaf())
    with pytest.raises(TypeError, match="must be a list of Callbacks, got the class Deaf"):
        Observers(Deaf)


def test_repr_has_the_options():
    class Listener(Callback):
        def __init__(self, name, other=None):
            self.name, self.log = name, []

    assert repr(Listener("a")) == "Listener(name='a')"
