"""The callbacks that come with plugrad."""

import io
import sys

import plugrad as pg
import pytest
from plugrad import callbacks, nn, optim
from plugrad.training import Trainer


def trainer(*observers, lr=0.1):
    pg.manual_seed(0)
    model = nn.Linear(1, 1)
    return Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=lr), callbacks=observers)


def data(slope=2.0):
    x = pg.tensor([[0.0], [1.0], [2.0], [3.0]])
    return [(x[:2], slope * x[:2]), (x[2:], slope * x[2:])]


def fire(callback, values, name="val_loss"):
    """Tell epochs with these values to a callback; returns the epoch in which it stopped."""
    run = trainer(callback)
    callback.on_fit_start()
    for epoch, value in enumerate(values, start=1):
        run.model.bias.data.fill_(value)
        callback.on_epoch_end(run, epoch, {name: value})
        if run.stopping:
            break
    callback.on_fit_end(run)
    return epoch, run


def test_history_keeps_batches_and_epochs_over_several_fits():
    history = callbacks.History()
    run = trainer(history)
    first, second = run.fit(data(), data(), epochs=2), run.fit(data(), data(), epochs=1)
    assert history.epochs == {name: first[name] + second[name] for name in first}
    assert len(history.batches) == 6
    assert history.epochs["loss"][0] == pytest.approx(sum(history.batches[:2]) / 2)


@pytest.mark.parametrize(("options", "values", "stops", "best"), [
    ({}, [3, 2, 2.5, 2.1, 2, 1], 5, 2),
    ({"patience": 1}, [3, 2, 2.5, 1], 3, 2),
    ({"patience": 2, "min_delta": 0.5}, [3, 2.8, 2.6, 1], 3, 1),
    ({"patience": 1, "mode": "max"}, [1, 2, 3, 2, 5], 4, 3),
    ({"patience": 1, "monitor": "val_accuracy"}, [1, 2, 3, 2, 5], 4, 3),
    ({"patience": 1, "monitor": "val_accuracy", "mode": "min"}, [1, 2, 3], 2, 1),
])
def test_early_stopping_waits_and_stops(options, values, stops, best):
    callback = callbacks.EarlyStopping(**options)
    epoch, _ = fire(callback, values, options.get("monitor", "val_loss"))
    assert (epoch, callback.best_epoch, callback.best) == (stops, best, values[best - 1])


@pytest.mark.parametrize(("restore", "bias"), [(True, 2.0), (False, 4.0)])
def test_early_stopping_restores_the_best_weights_if_asked(restore, bias):
    _, run = fire(callbacks.EarlyStopping(patience=2, restore_best=restore), [3, 2, 3, 4])
    assert run.model.bias.item() == bias


def test_early_stopping_ends_a_run():
    run = trainer(callbacks.EarlyStopping("loss", patience=2, min_delta=1e9))
    assert len(run.fit(data(), epochs=10)["loss"]) == 3


def test_early_stopping_says_what_it_could_watch():
    run = trainer(callbacks.EarlyStopping())
    with pytest.raises(ValueError, match="no 'val_loss' to watch, only loss, lr; set monitor="):
        run.fit(data())


@pytest.mark.parametrize("options", [{"mode": "up"}, {"patience": 0}, {"min_delta": -1}])
def test_early_stopping_refuses_senseless_options(options):
    with pytest.raises(ValueError, match="EarlyStopping: "):
        callbacks.EarlyStopping(**options)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_bar_shows_batches_and_logs_on_a_terminal():
    pytest.importorskip("tqdm")
    screen = Terminal()
    trainer(callbacks.ProgressBar(screen)).fit(data(), data(), epochs=2)
    text = screen.getvalue()
    assert "epoch 2/2: 100%" in text and "2/2" in text
    assert "val_loss" in text and text.endswith("\n")


def test_progress_bar_may_leave_no_trace():
    pytest.importorskip("tqdm")
    screen = Terminal()
    trainer(callbacks.ProgressBar(screen, leave=False)).fit(data())
    text = screen.getvalue()
    assert "epoch 1/1" in text and "\n" not in text


def test_progress_bar_is_closed_when_a_run_fails():
    pytest.importorskip("tqdm")
    bar = callbacks.ProgressBar(Terminal())
    with pytest.raises(TypeError):
        trainer(bar).fit([1, 2])
    assert bar.bar is None


def test_progress_bar_is_quiet_where_there_is_no_terminal():
    page = io.StringIO()
    trainer(callbacks.ProgressBar(page)).fit(data())
    assert page.getvalue() == ""


def test_progress_bar_without_tqdm_gives_a_hint(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    screen = Terminal()
    with pytest.warns(UserWarning, match="tqdm is missing; pip install tqdm"):
        bar = callbacks.ProgressBar(screen)
    trainer(bar).fit(data())
    assert screen.getvalue() == ""


def test_a_warning_points_to_the_callers_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.warns(UserWarning) as caught:
        callbacks.ProgressBar(Terminal())
    assert caught[0].filename == __file__


def test_repr_has_the_options():
    assert repr(callbacks.EarlyStopping("val_accuracy")) == (
        "EarlyStopping(monitor='val_accuracy', patience=3, min_delta=0.0, mode='max', "
        "restore_best=False)")
    assert repr(callbacks.History()) == "History()"
