"""The Trainer: the numbers it reports, what callbacks hear, and what goes wrong in words."""

import math
import signal

import numpy as np
import plugrad as pg
import pytest
from plugrad import nn
from plugrad.callbacks import Callback
from plugrad.optim import Optimizer
from plugrad.optim.lr_scheduler import LRScheduler
from plugrad.training import Trainer, accuracy


class Descent(Optimizer):
    def __init__(self, params, lr=0.1):
        super().__init__(params, {"lr": lr})

    def update(self, w, g, state, group):
        w -= group["lr"] * g


class Halving(LRScheduler):
    def get_lr(self):
        return [lr / 2 ** self.last_epoch for lr in self.base_lrs]


class Line(nn.Module):
    """y = w * x"""

    def __init__(self, w=0.0):
        super().__init__()
        self.w = nn.Parameter(pg.tensor([w]))

    def forward(self, x):
        return self.w * x


def mean_square(output, target):
    return ((output - target) ** 2).mean()


def worst(output, target):
    return (output - target).abs().max().item()


def batches(*xs, slope=2.0):
    """One batch per list of numbers, with y = slope * x."""
    return [(pg.tensor(x), slope * pg.tensor(x)) for x in xs]


def trainer(w=0.0, lr=0.1, **options):
    model = Line(w)
    return Trainer(model, mean_square, Descent(model.parameters(), lr), **options)


def test_fit_learns_and_reports_every_epoch():
    run = trainer(metrics=[worst])
    history = run.fit(batches([1.0], [2.0]), batches([3.0]), epochs=20)
    assert run.model.w.item() == pytest.approx(2.0, abs=1e-3)
    assert history.keys() == {"loss", "worst", "lr", "val_loss", "val_worst"}
    assert all(len(values) == 20 for values in history.values())
    assert history["val_loss"][0] > 100 * history["val_loss"][-1]
    assert history["lr"] == [0.1] * 20


def test_means_are_over_examples_not_batches():
    logs = trainer().evaluate(batches([1.0, 1.0, 1.0], [2.0]))
    assert logs == {"loss": pytest.approx((3 * 4 + 16) / 4)}


def test_metrics_may_be_named():
    assert trainer(metrics={"far": worst}).evaluate(batches([3.0]))["far"] == pytest.approx(6.0)


def test_one_step_is_what_a_handwritten_loop_does():
    run, model = trainer(), Line()
    optimizer = Descent(model.parameters(), 0.1)
    data = batches([1.0, 2.0], [0.5])
    run.fit(data)
    for x, y in data:
        loss = mean_square(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert run.model.w.item() == model.w.item()


def test_the_schedule_moves_once_per_epoch():
    model = Line()
    optimizer = Descent(model.parameters(), 0.1)
    run = Trainer(model, mean_square, optimizer, scheduler=Halving(optimizer))
    assert run.fit(batches([1.0], [2.0]), epochs=3)["lr"] == [0.1, 0.05, 0.025]


def test_callbacks_hear_of_everything_in_order():
    heard = []

    class Listener(Callback):
        def on_fit_start(self, trainer, epochs):
            heard.append(f"fit {epochs}")

        def on_epoch_start(self, epoch, batches):
            heard.append(f"epoch {epoch} of {batches} batches")

        def on_batch_start(self, batch):
            heard.append(f"batch {batch}")

        def on_batch_end(self, batch, loss):
            heard.append(f"batch {batch} done, {type(loss).__name__}")

        def on_evaluate_start(self, trainer):
            heard.append("evaluate")

        def on_evaluate_end(self, logs):
            heard.append(f"evaluated {sorted(logs)}")

        def on_epoch_end(self, epoch, logs):
            heard.append(f"epoch {epoch} done {sorted(logs)}")

        def on_fit_end(self):
            heard.append("fit done")

    trainer(callbacks=[Listener()]).fit(batches([1.0]), batches([1.0]))
    assert heard == ["fit 1", "epoch 1 of 1 batches", "batch 1", "batch 1 done, float", "evaluate",
                     "evaluated ['loss']", "epoch 1 done ['loss', 'lr', 'val_loss']", "fit done"]


def test_a_callback_may_stop_the_run():
    class Stop(Callback):
        def on_epoch_end(self, trainer, epoch):
            if epoch == 2:
                trainer.stop()

    run = trainer(callbacks=[Stop()])
    assert len(run.fit(batches([1.0]), epochs=5)["loss"]) == 2
    assert len(run.fit(batches([1.0]), epochs=5)["loss"]) == 2


def test_batches_without_observers_make_no_hook_call(monkeypatch):
    run = trainer()
    calls = []
    monkeypatch.setattr(run.observers, "_inner_hookexec",
                        lambda name, *rest: calls.append(name) or [])
    run.fit(batches(*[[1.0]] * 50))
    assert len(calls) <= 4 and not any("batch" in name for name in calls)


def test_the_mode_of_every_module_is_put_back():
    model = nn.Sequential(Line(), nn.Sequential(Line()))
    model[1].eval()
    seen = []

    def loss(output, target):
        seen.append([module.training for module in model.modules()])
        return mean_square(output, target)

    run = Trainer(model, loss, Descent(model.parameters()))
    run.fit(batches([1.0]), batches([1.0]))
    assert seen == [[True] * 4, [False] * 4]
    assert [m.training for m in model.modules()] == [True, True, False, False]


def test_evaluate_records_nothing():
    def metric(output, target):
        assert not output.requires_grad
        return 0.0

    trainer(metrics=[metric]).evaluate(batches([1.0]))


@pytest.mark.parametrize("where", ["on_batch_start", "on_batch_end", "on_epoch_end"])
def test_an_exception_passes_and_the_run_is_closed(where):
    ended = []

    class Stumble(Callback):
        def on_fit_end(self):
            ended.append(True)

    def stumble(self):
        raise KeyboardInterrupt

    callback = type("Mine", (Stumble,), {where: stumble})()
    run = trainer(callbacks=[callback])
    run.model.eval()
    with pytest.raises(KeyboardInterrupt):
        run.fit(batches([1.0]))
    assert ended == [True] and not run.model.training


class HalfWay(Descent):
    """Ctrl-C comes after the first of the parameters has moved."""

    def update(self, w, g, state, group):
        super().update(w, g, state, group)
        if w is group["params"][0]:
            signal.raise_signal(signal.SIGINT)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_in_a_step_waits_for_its_end():
    model = nn.Sequential(Line(1.0), Line(1.0))
    before = [w.item() for w in model.parameters()]
    with pytest.raises(KeyboardInterrupt):
        Trainer(model, mean_square, HalfWay(model.parameters())).fit(batches([1.0], [1.0]))
    after = [w.item() for w in model.parameters()]
    assert all(a != b for a, b in zip(after, before, strict=True))


@pytest.mark.parametrize(("data", "w", "text"), [
    (batches([1.0], [math.nan]), 0.0, "loss is nan in batch 2 of epoch 1: .* input is not finite"),
    (batches([1.0]), math.inf, "loss is inf in batch 1 of epoch 1: .* driven w out of range; lower "
                               "the learning rate, now 0.1"),
    (batches([1e30]), 1.0, "loss is inf.* input and parameters are finite.*overflows"),
])
def test_a_loss_that_is_no_number_is_explained(data, w, text):
    run = trainer(w)
    with pytest.raises(FloatingPointError, match=text):
        run.fit(data)


def test_a_bad_batch_leaves_the_model_as_it_was():
    run = trainer(1.0)
    with pytest.raises(FloatingPointError):
        run.fit(batches([math.nan]))
    assert run.model.w.item() == 1.0


def test_accuracy_counts_the_largest_logits():
    logits = pg.tensor([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])
    assert accuracy(logits, pg.tensor([1, 0, 0, 0])) == 0.75
    maps = pg.tensor(np.arange(2 * 3 * 2 * 2).reshape(2, 3, 2, 2) % 5)
    expected = (maps.numpy().argmax(1) == 1).mean()
    assert accuracy(maps, pg.ones(2, 2, 2).long()) == pytest.approx(expected)


@pytest.mark.parametrize(("shape", "target"), [((4,), (4,)), ((4, 1), (4,)), ((4, 3), (4, 1))])
def test_accuracy_refuses_what_holds_no_classes(shape, target):
    with pytest.raises(ValueError, match=r"accuracy: expected output \(N, C\) with C >= 2"):
        accuracy(pg.zeros(shape), pg.zeros(target).long())


MODEL = Line()


def nothing(output, target):
    """A metric, or a loss, without a return."""


@pytest.mark.parametrize(("arguments", "error", "text"), [
    ((abs, mean_square, Descent(MODEL.parameters())), TypeError, "model must be an nn.Module"),
    ((MODEL, 3, Descent(MODEL.parameters())), TypeError, "loss must be callable, got int"),
    ((MODEL, mean_square, mean_square), TypeError, "optimizer must be an optim.Optimizer, got fun"),
    ((MODEL, mean_square, Descent(Line().parameters())), ValueError, "none of the model's param"),
    ((Line, mean_square, Descent(MODEL.parameters())), TypeError,
     r"got the class Line; make an object of it: Line\(...\)"),
    ((MODEL, nn.MSELoss, Descent(MODEL.parameters())), TypeError,
     r"loss must be callable, got the class MSELoss; make an object of it: MSELoss\(...\)"),
    ((MODEL, mean_square, Descent), TypeError,
     r"optimizer must be an optim.Optimizer, got the class Descent; .*: Descent\(...\)"),
    ((MODEL, nn.MSELoss(reduction="none"), Descent(MODEL.parameters())), ValueError,
     "the loss has reduction='none'.* use reduction='mean'"),
])
def test_a_trainer_checks_its_parts(arguments, error, text):
    with pytest.raises(error, match=text):
        Trainer(*arguments)


def test_a_schedule_of_another_optimizer_is_refused():
    with pytest.raises(ValueError, match="the scheduler belongs to another optimizer"):
        trainer(scheduler=Halving(Descent(MODEL.parameters())))


@pytest.mark.parametrize(("data", "epochs", "error", "text"), [
    ([], 1, ValueError, "the data gave no batch"),
    (iter(batches([1.0])), 2, TypeError, "train is an iterator, which can be read only once"),
    ([pg.zeros(2)], 1, TypeError, r"every batch must be a pair \(x, y\), got a Tensor"),
    ([(pg.zeros(2),) * 3], 1, TypeError, "got a tuple of 3"),
])
def test_data_of_another_form_is_refused(data, epochs, error, text):
    with pytest.raises(error, match=text):
        trainer().fit(data, epochs=epochs)


@pytest.mark.parametrize(("options", "error", "text"), [
    ({"metrics": accuracy}, TypeError, r"metrics must be a list.*put it in a list: metrics=\["),
    ({"metrics": "accuracy"}, TypeError, r"must be a list of functions or a dict, got 'acc"),
    ({"metrics": ["accuracy"]}, TypeError, r"a metric must be a function .*, got 'accuracy'"),
    ({"metrics": {"far": 3}}, TypeError, r"a metric must be a function .*, got 3"),
    ({"metrics": [nn.MSELoss]}, TypeError, r"got the class MSELoss; make an object of it"),
    ({"metrics": [nn.MSELoss()]}, TypeError, r"the metric MSELoss\(\) has no name; .* in a dict"),
    ({"metrics": [worst, worst]}, ValueError, "the name 'worst' of a metric is taken"),
    ({"metrics": {"loss": worst}}, ValueError, "the name 'loss' of a metric is taken"),
    ({"callbacks": pg.callbacks.History()}, TypeError, "must be a list of Callbacks, got History"),
    ({"callbacks": pg.callbacks.History}, TypeError, "must be a list .* got the class History"),
    ({"callbacks": [pg.callbacks.History]}, TypeError, "a Callback, got the class History"),
    ({"scheduler": Halving}, TypeError, "scheduler must be an LRScheduler, got the class Halving"),
])
def test_a_trainer_checks_its_options(options, error, text):
    with pytest.raises(error, match=text):
        trainer(**options)


PAIRS = pg.data.TensorDataset(pg.ones(2), pg.ones(2))


@pytest.mark.parametrize(("arguments", "error", "text"), [
    ((batches([1.0]), 3), TypeError, r"val must be .* got int; did you mean epochs=3\?"),
    ((3,), TypeError, "train must be a DataLoader or another iterable of pairs"),
    ((pg.data.DataLoader,), TypeError, "train must be .* got the class DataLoader; make an object"),
    ((PAIRS,), TypeError, r"the dataset TensorDataset; wrap it: DataLoader\(dataset, batch_size"),
    ((batches([1.0]), PAIRS), TypeError, "val must give batches, got the dataset TensorDataset"),
    ((batches([1.0]), None, "3"), ValueError, "epochs must be an int of at least 1, got '3'"),
    ((batches([1.0]), None, 0), ValueError, "epochs must be an int of at least 1, got 0"),
    ((batches([1.0]), None, -1), ValueError, "epochs must be an int of at least 1, got -1"),
    ((batches([1.0]), None, 1.5), ValueError, "epochs must be an int of at least 1, got 1.5"),
])
def test_fit_checks_what_it_is_given_before_it_begins(arguments, error, text):
    started = []

    class Listener(Callback):
        def on_fit_start(self):
            started.append(True)

    with pytest.raises(error, match=text):
        trainer(callbacks=[Listener()]).fit(*arguments)
    assert not started


def test_evaluate_wants_batches():
    with pytest.raises(TypeError, match="data must give batches, got the dataset TensorDataset"):
        trainer().evaluate(PAIRS)


@pytest.mark.parametrize(("loss", "metrics", "error", "text"), [
    (mean_square, [nothing], TypeError, "metric 'nothing' must be a number, got None; .* a return"),
    (mean_square, {"far": lambda output, target: output - target}, ValueError,
     r"metric 'far' must be one number, got shape \(2,\); take the mean over the batch"),
    (nothing, [], TypeError, "the loss must be a number, got None; does the function lack"),
    (lambda output, target: output - target, [], ValueError,
     r"the loss must be one number, got shape \(2,\); take the mean over the batch"),
    (lambda output, target: 1.0, [], TypeError, "the loss must be a Tensor, got float"),
])
def test_a_loss_or_metric_that_is_no_number_leaves_the_model_as_it_was(loss, metrics, error, text):
    model = Line()
    run = Trainer(model, loss, Descent(model.parameters()), metrics=metrics)
    with pytest.raises(error, match=text):
        run.fit(batches([1.0, 2.0]))
    assert model.w.item() == 0.0
