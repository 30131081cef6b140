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


def formula(name, w, g, state, o):
    """The formulas as they are written, on NumPy arrays of float64; returns the new w."""
    g = (-g if o.get("maximize") else g) + o.get("weight_decay", 0) * w
    if name == "SGD":
        momentum = o.get("momentum", 0)
        if not momentum:
            return w - o["lr"] * g
        v = state["v"] = (momentum * state["v"] + (1 - o.get("dampening", 0)) * g
                          if "v" in state else g)
        return w - o["lr"] * (g + momentum * v if o.get("nesterov") else v)
    beta1, beta2 = o.get("betas", (0.9, 0.999))
    t = state["t"] = state.get("t", 0) + 1
    m = state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    v = state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g ** 2
    if o.get("amsgrad"):
        v = state["top"] = np.maximum(state.get("top", 0), v)
    root = np.sqrt(v / (1 - beta2 ** t)) + o.get("eps", 1e-8)
    return w - o["lr"] * (m / (1 - beta1 ** t)) / root


def numbers(shape, dtype, seed):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def as_it_is(x):
    return pg.from_numpy(x.copy())


def transposed(x):
    return pg.from_numpy(np.ascontiguousarray(x.T).copy()).mT


def every_second(x):
    wide = np.full((x.shape[0], 2 * x.shape[1]), 7.0, x.dtype)
    wide[:, ::2] = x
    return pg.from_numpy(wide)[:, ::2]


def backwards(x):
    return pg.from_numpy(x[::-1, ::-1].copy()[::-1, ::-1])


LAYOUTS = [as_it_is, transposed, every_second, backwards]
OPTIONS_WITH_LR = [(name, {"lr": 0.01, **options}) for name, options in OPTIONS]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("of_g", LAYOUTS)
@pytest.mark.parametrize("of_w", LAYOUTS)
@pytest.mark.parametrize(("name", "options"), OPTIONS_WITH_LR, ids=str)
def test_kernels_equal_the_formula_for_any_strides(name, options, of_w, of_g, dtype):
    start = numbers((5, 7), dtype, 0)
    w = of_w(start).requires_grad_()
    optimizer = getattr(optim, name)([w], **options)
    expected, state = start.astype("float64"), {}
    for step in range(4):
        g = numbers((5, 7), dtype, step + 1)
        w.grad = of_g(g)
        optimizer.step()
        expected = formula(name, expected, g.astype("float64"), state, options)
        assert np.array_equal(w.grad.numpy(), g)
    tolerance = 2e-6 if dtype == "float32" else 1e-14
    np.testing.assert_allclose(w.detach().numpy(), expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("n", [0, 1, 15, 16, 17, 8191, 8192, 8193, 100_003])
@pytest.mark.parametrize(("name", "options"), OPTIONS_WITH_LR, ids=str)
def test_any_number_of_threads_gives_the_same_bits_and_the_formula(name, options, n):
    results = []
    before = pg.get_num_threads()
    try:
        for threads in (1, 2, 4):
            pg.set_num_threads(threads)
            w = pg.from_numpy(numbers(n, "float32", 0)).requires_grad_()
            optimizer = getattr(optim, name)([w], **options)
            expected, state = numbers(n, "float32", 0).astype("float64"), {}
            for step in range(3):
                g = numbers(n, "float32", step + 1)
                w.grad = pg.from_numpy(g)
                optimizer.step()
                expected = formula(name, expected, g.astype("float64"), state, options)
            results.append(w.detach().numpy())
    finally:
        pg.set_num_threads(before)
    assert results[0].tobytes() == results[1].tobytes() == results[2].tobytes()
    np.testing.assert_allclose(results[0], expected, rtol=5e-6, atol=5e-6)


@pytest.mark.parametrize(("name", "options"), OPTIONS_WITH_LR, ids=str)
def test_nan_and_inf_go_where_pytorchs_go(name, options):
    special = np.array([0.0, np.nan, np.inf, -np.inf, 1e30, -1e-30, 1.0], "float32")
    start, slope = (x.ravel() for x in np.meshgrid(special, special))
    results = []
    for lib in (pg, torch):
        w = lib.from_numpy(start.copy()).requires_grad_()
        optimizer = getattr(lib.optim, name)([w], **options)
        for _ in range(3):
            w.grad = lib.from_numpy(slope.copy())
            optimizer.step()
        # PyTorch's exp_avg is m + (1 - beta1) * (g - m): NaN where both are infinite, ours inf.
        state = {"w": w.detach(), **optimizer.state[w], "exp_avg": None}
        results.append([x.numpy() for x in state.values() if x is not None])
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5)


@pytest.mark.parametrize(("name", "options"), [
    ("SGD", {"lr": 0.1}), ("SGD", {"lr": 0.1, "momentum": 0.9}), ("Adam", {"amsgrad": True})])
def test_a_step_is_noticed_as_a_write_in_place(name, options):
    w = pg.ones(3, requires_grad=True)
    optimizer = getattr(optim, name)([w], **options)
    loss = (w * w).sum()
    w.grad = pg.ones(3)
    optimizer.step()
    versions = [w._version, *(x._version for x in optimizer.state[w].values())]
    optimizer.step()
    after = [w._version, *(x._version for x in optimizer.state[w].values())]
    assert all(old < new for old, new in zip(versions, after, strict=True))
    with pytest.raises(RuntimeError, match="was changed in place since"):
        loss.backward()


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_update_outside_of_no_grad_is_refused(name):
    w = pg.ones(3, requires_grad=True)
    optimizer = getattr(optim, name)([w])
    with pytest.raises(RuntimeError, match=f"{name}: this tensor is a leaf that requires grad"):
        optimizer.update(w, pg.ones(3), {}, optimizer.param_groups[0])


@pytest.mark.parametrize(("name", "options"), [
    ("SGD", {"lr": 0.1, "momentum": 0.9}), ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.1})])
def test_a_gradient_that_lies_in_the_parameters_memory(name, options):
    memory = pg.arange(1.0, 41.0, dtype=pg.float64)
    w = memory[1:].detach().requires_grad_()
    w.grad = memory[:-1].detach()
    apart = memory[1:].clone().requires_grad_()
    apart.grad = memory[:-1].clone()
    for p in (w, apart):
        getattr(optim, name)([p], **options).step()
    assert np.array_equal(w.detach().numpy(), apart.detach().numpy())


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_a_parameter_converted_in_the_middle_of_training(name):
    options = {"momentum": 0.9} if name == "SGD" else {}
    results = []
    for convert in (True, False):
        w = pg.tensor([1.0, -2.0], dtype=pg.float32 if convert else pg.float64, requires_grad=True)
        optimizer = getattr(optim, name)([w], lr=0.1, **options)
        for step in range(4):
            if step == 2:
                w.grad, w.data = None, w.data.double()
            w.grad = pg.tensor([0.5, 0.25], dtype=w.dtype)
            optimizer.step()
        results.append(w.detach().numpy())
    assert results[0].dtype == np.float64
    np.testing.assert_allclose(*results, rtol=1e-6)


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_what_no_kernel_can_move_is_refused(name):
    count = pg.tensor([1, 2])
    count.grad = pg.tensor([1, 1])
    with pytest.raises(RuntimeError, match=f"{name}: expected a parameter of float32 or float64"):
        getattr(optim, name)([count], lr=0.1).step()
    w = pg.ones(3, requires_grad=True)
    optimizer = getattr(optim, name)([w], lr=0.1, **({"momentum": 0.9} if name == "SGD" else {}))
    w.grad = pg.ones(3)
    optimizer.step()
    w.grad, w.data = None, pg.ones(4)
    w.grad = pg.ones(4)
    with pytest.raises(RuntimeError, match=r"shape \(4,\) has a gradient or state of shape \(3,\)"):
        optimizer.step()


def test_options_may_be_tensors():
    w = pg.ones(2, requires_grad=True)
    for name, options in [("SGD", {"momentum": pg.tensor(0.0)}),
                          ("Adam", {"betas": (pg.tensor(0.5), pg.tensor(0.9))})]:
        w.grad = pg.ones(2)
        getattr(optim, name)([w], lr=pg.tensor(0.25), **options).step()
    np.testing.assert_allclose(w.detach().numpy(), 0.5, rtol=1e-6)


@pytest.mark.parametrize("base", [optim.SGD, optim.Adam])
def test_a_subclass_of_a_built_in_one_may_write_update(base):
    class Signed(base):
        """Its base, with the signs of the gradients in their place."""

        def update(self, w, g, state, group):
            super().update(w, g / g.abs(), state, group)

    w, v = (pg.zeros(2, requires_grad=True) for _ in range(2))
    w.grad, v.grad = pg.full((2,), 1e6), pg.ones(2)
    Signed([w], lr=0.5).step()
    base([v], lr=0.5).step()
    assert np.array_equal(w.detach().numpy(), v.detach().numpy())
