"""Every optimizer walks the way PyTorch's does, for each of its options."""

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import optim

OPTIONS = [
    ("SGD", {}),
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.05}),
    ("SGD", {"lr": 0.1, "momentum": 0.8, "weight_decay": 0.05, "nesterov": True}),
    ("SGD", {"lr": 0.1, "momentum": 0.8, "dampening": 0.1, "weight_decay": 0.05, "maximize": True}),
    ("Adam", {}),
    ("Adam", {"lr": 0.1}),
    ("Adam", {"lr": 0.1, "betas": (0.5, 0.7)}),
    ("Adam", {"lr": 0.1, "eps": 0.1}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.05}),
    ("Adam", {"lr": 0.1, "amsgrad": True}),
    ("Adam", {"lr": 0.1, "maximize": True}),
    ("Adam", {"lr": 0.1, "betas": (0.8, 0.9), "weight_decay": 0.1, "amsgrad": True,
              "maximize": True}),
]
TOLERANCE = {"float32": 1e-4, "float64": 1e-11}


def start(lib, dtype="float64"):
    """Two parameters and a loss with curvature, the same in either library."""
    rng = np.random.default_rng(0)
    w, b, x = (lib.tensor(rng.standard_normal(shape), dtype=getattr(lib, dtype))
               for shape in [(3, 4), (4,), (8, 3)])
    params = [w.requires_grad_(), b.requires_grad_()]
    return params, lambda: ((x @ w + b).tanh() - 0.5).pow(2).sum() - (w ** 2).tanh().mean()


def walk(params, optimizer, loss, steps):
    """Where the parameters are after every step."""
    path = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        path.append(np.concatenate([p.detach().numpy().ravel() for p in params]))
    return np.array(path)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=str)
def test_fifty_steps_equal_pytorchs(name, options, dtype):
    ours, our_loss = start(pg, dtype)
    theirs, their_loss = start(torch, dtype)
    path = walk(ours, getattr(optim, name)(ours, **options), our_loss, 50)
    expected = walk(theirs, getattr(torch.optim, name)(theirs, **options), their_loss, 50)
    assert path.dtype == dtype
    np.testing.assert_allclose(path, expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=str)
def test_state_dict_has_pytorchs_layout(name, options):
    ours, our_loss = start(pg)
    theirs, their_loss = start(torch)
    optimizer = getattr(optim, name)(ours, **options)
    reference = getattr(torch.optim, name)(theirs, **options)
    walk(ours, optimizer, our_loss, 3)
    walk(theirs, reference, their_loss, 3)
    saved, expected = optimizer.state_dict(), reference.state_dict()
    assert saved.keys() == expected.keys()
    assert saved["state"].keys() == expected["state"].keys()
    for i, state in expected["state"].items():
        assert saved["state"][i].keys() == state.keys()
        for key, value in state.items():
            np.testing.assert_allclose(saved["state"][i][key].numpy(), value.numpy(), rtol=1e-10)
    for group, their_group in zip(saved["param_groups"], expected["param_groups"], strict=True):
        assert group.items() <= their_group.items()


@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=str)
def test_resumes_from_a_state_dict_of_pytorch(name, options):
    theirs, their_loss = start(torch)
    reference = getattr(torch.optim, name)(theirs, **options)
    walk(theirs, reference, their_loss, 20)
    saved = reference.state_dict()
    saved["state"] = {i: {key: pg.tensor(value.numpy()) for key, value in state.items()}
                      for i, state in saved["state"].items()}
    ours, our_loss = start(pg)
    for w, v in zip(ours, theirs, strict=True):
        w.data.copy_(pg.tensor(v.detach().numpy()))
    optimizer = getattr(optim, name)(ours, lr=123.0)
    optimizer.load_state_dict(saved)
    np.testing.assert_allclose(walk(ours, optimizer, our_loss, 20),
                               walk(theirs, reference, their_loss, 20), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_groups_keep_options_of_their_own(name):
    ours, our_loss = start(pg)
    theirs, their_loss = start(torch)
    path, expected = (
        walk(params, getattr(lib, name)([{"params": params[0]}, {"params": params[1], "lr": 0.3}],
                                        lr=0.01), loss, 20)
        for lib, params, loss in [(optim, ours, our_loss), (torch.optim, theirs, their_loss)])
    np.testing.assert_allclose(path, expected, rtol=1e-10)


@pytest.mark.parametrize(("name", "options", "text"), [
    ("SGD", {"lr": -0.1}, "SGD: lr must be at least 0, got -0.1"),
    ("SGD", {"lr": float("nan")}, "lr must be at least 0, got nan"),
    ("SGD", {"momentum": -1}, "momentum must be at least 0"),
    ("SGD", {"nesterov": True}, "nesterov needs momentum above 0 and no dampening"),
    ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}, "dampening=0.1"),
    ("Adam", {"weight_decay": -1}, "weight_decay must be at least 0"),
    ("Adam", {"eps": -1}, "eps must be at least 0"),
    ("Adam", {"betas": (0.9, 1.0)}, r"both betas must be in \[0, 1\), got \(0.9, 1.0\)"),
], ids=str)
def test_senseless_options_are_refused(name, options, text):
    with pytest.raises(ValueError, match=text):
        getattr(optim, name)([pg.zeros(2, requires_grad=True)], **options)


@pytest.mark.parametrize(("call", "text"), [
    (lambda w: optim.SGD(w, "x"), "SGD: lr must be a number, at least 0, got 'x'"),
    (lambda w: optim.SGD(w, lr=None), "SGD: lr must be a number, at least 0, got None"),
    (lambda w: optim.Adam(w, betas=0.9), "Adam: betas must be a pair of numbers, got 0.9"),
    (lambda w: optim.Adam(w, betas=("0.9", 0.99)), "Adam: betas must be a pair of numbers, got"),
    (lambda w: optim.SGD([{"params": w, "momentun": 0.9}]), "did you mean 'momentum'"),
])
def test_options_of_another_type_are_refused(call, text):
    with pytest.raises(TypeError, match=text):
        call([pg.zeros(2, requires_grad=True)])
