"""Every optimizer walks the way PyTorch's does, for each of its options."""

import inspect

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import optim

from .parity import check_refusal, check_signature

NESTEROV = {"lr": 0.1, "momentum": 0.8, "nesterov": True}
ROWS = [
    ("SGD", {}),
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
    ("SGD", NESTEROV),
    ("SGD", {"lr": 0.1, "weight_decay": 0.05, "foreach": False}),
    ("SGD", {**NESTEROV, "weight_decay": 0.05, "fused": True}),
    ("SGD", {"lr": 0.1, "momentum": 0.8, "dampening": 0.1, "weight_decay": 0.05, "maximize": True}),
    ("Adam", {}),
    ("Adam", {"lr": 0.1}),
    ("Adam", {"lr": 0.01, "betas": (0.5, 0.7), "foreach": True}),
    ("Adam", {"lr": 0.1, "eps": 0.1}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.05}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.05, "decoupled_weight_decay": True}),
    ("Adam", {"lr": 0.1, "amsgrad": True}),
    ("Adam", {"lr": 0.1, "maximize": True}),
    ("Adam", {"lr": 0.1, "betas": (0.8, 0.9), "weight_decay": 0.1, "amsgrad": True,
              "maximize": True}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0.3, "foreach": False}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0}),
    ("AdamW", {"lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-3, "amsgrad": True, "maximize": True}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.005, "alpha": 0.8, "foreach": False}),
    ("RMSprop", {"eps": 0.1, "weight_decay": 0.1, "maximize": True}),
    ("RMSprop", {"momentum": 0.8}),
    ("RMSprop", {"alpha": 0.9, "centered": True}),
    ("RMSprop", {"lr": 0.003, "alpha": 0.9, "eps": 1e-3, "momentum": 0.5, "centered": True,
                 "weight_decay": 0.1}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "foreach": False}),
    ("Adagrad", {"lr": 0.1, "initial_accumulator_value": 0.5, "eps": 0.1}),
    ("Adagrad", {"lr": 0.1, "weight_decay": 0.1, "maximize": True}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.5, "foreach": False}),
    ("Adadelta", {"eps": 1e-3, "weight_decay": 0.1, "maximize": True}),
    ("Adamax", {}),
    ("Adamax", {"lr": 0.1, "betas": (0.8, 0.9), "foreach": False}),
    ("Adamax", {"lr": 0.05, "eps": 0.1, "weight_decay": 0.1, "maximize": True}),
    ("NAdam", {}),
    ("NAdam", {"lr": 0.05, "momentum_decay": 0.1, "foreach": False}),
    ("NAdam", {"lr": 0.01, "betas": (0.8, 0.9), "eps": 1e-3, "weight_decay": 0.1}),
    ("NAdam", {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True}),
    ("RAdam", {}),
    ("RAdam", {"lr": 0.05, "betas": (0.8, 0.9), "foreach": False}),     # never above 5 in the end
    ("RAdam", {"lr": 0.05, "betas": (0.5, 0.6)}),
    ("RAdam", {"lr": 0.05, "eps": 1e-3, "weight_decay": 0.1}),
    ("RAdam", {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True}),
    ("ASGD", {}),
    ("ASGD", {"lr": 0.1, "lambd": 0.1, "alpha": 0.5, "foreach": False}),
    ("ASGD", {"lr": 0.1, "t0": 20}),
    ("ASGD", {"lr": 0.05, "t0": 0, "weight_decay": 0.1, "maximize": True}),
    ("Rprop", {}),
    ("Rprop", {"lr": 0.05, "etas": (0.3, 1.1), "foreach": False}),
    ("Rprop", {"step_sizes": (0.001, 0.02), "maximize": True}),
    ("Adafactor", {}),
    ("Adafactor", {"lr": 0.5, "beta2_decay": -0.5, "foreach": False}),
    ("Adafactor", {"eps": (1e-2, 0.5), "d": 1.5, "weight_decay": 0.1, "maximize": True}),
    ("Muon", {"momentum": 0.9}),
    ("Muon", {"lr": 0.02, "weight_decay": 0, "nesterov": False}),
    ("Muon", {"lr": 0.02, "momentum": 0.5, "adjust_lr_fn": "match_rms_adamw"}),
    ("Muon", {"lr": 0.02, "adjust_lr_fn": "original", "ns_steps": 3, "eps": 0.5,
              "ns_coefficients": (2.0, -1.5, 0.5)}),
]
LBFGS = [
    {},
    {"lr": 0.2, "max_iter": 1},
    {"lr": 0.5, "max_iter": 5, "history_size": 2},
    {"lr": 0.5, "max_iter": 9, "max_eval": 4, "tolerance_change": 0},
    {"tolerance_grad": 0.05, "tolerance_change": 1e-3},
    {"line_search_fn": "strong_wolfe"},
    {"line_search_fn": "strong_wolfe", "lr": 20, "max_iter": 3, "history_size": 3},
    {"line_search_fn": "strong_wolfe", "lr": 0.3, "max_iter": 3, "max_eval": 4},
]
NAMES = sorted({"LBFGS", *(name for name, _ in ROWS)})
every_row = pytest.mark.parametrize(("name", "options"), ROWS, ids=str)
TOLERANCE = {"float32": 1e-4, "float64": 1e-11}


def leaves(lib, dtype, *shapes):
    """Parameters of these shapes, the same random ones in either library."""
    rng = np.random.default_rng(0)
    return [lib.tensor(rng.standard_normal(shape), dtype=getattr(lib, dtype)).requires_grad_()
            for shape in shapes]


def quadratic(lib, dtype):
    """An ellipsoid with axes of very different lengths."""
    params = leaves(lib, dtype, (3, 4), (4,))
    steep = lib.tensor(np.geomspace(0.1, 5.0, 4), dtype=getattr(lib, dtype))
    return params, lambda step: sum((steep * (p - 0.5) ** 2).sum() for p in params)


def rosenbrock(lib, dtype):
    """The bent valley of Rosenbrock (1960), 100 times flatter; at five points."""
    x, y = leaves(lib, dtype, (5, 1), (5, 1))
    return [x, y], lambda step: ((y - x ** 2) ** 2 + 0.01 * (1 - x) ** 2).sum()


def rugged(lib, dtype):
    """Many minima, and noise: a slope that is another one at every step."""
    w, v = leaves(lib, dtype, (2, 3), ())
    noise = lib.tensor(np.random.default_rng(1).standard_normal((99, 2, 3)), dtype=w.dtype)
    return [w, v], lambda step: (0.4 * (2 * w).sin() + 0.1 * w ** 2 + 0.1 * v * w.cos()
                                 + 0.5 * noise[step] * w).sum() + 0.2 * v ** 2


def network(lib, dtype):
    """Two layers, and a loss with curvature."""
    w, b, w2, x = leaves(lib, dtype, (3, 4), (4,), (4, 2), (8, 3))
    x = x.detach()
    return [w, b, w2], lambda step: ((((x @ w + b).tanh() @ w2) - 0.5).tanh() ** 2).mean()


PROBLEMS = [quadratic, rosenbrock, rugged, network]


def closure(optimizer, loss, step):
    """What a script hands to step: the loss there, once its gradients are known."""
    uphill = optimizer.param_groups[0].get("maximize")

    def evaluate():
        optimizer.zero_grad()
        value = -loss(step) if uphill else loss(step)
        value.backward()
        return value

    return evaluate


def walk(params, optimizer, loss, steps):
    """Where the parameters are after every step."""
    path = []
    for step in range(steps):
        optimizer.step(closure(optimizer, loss, step))
        path.append(np.concatenate([p.detach().numpy().ravel() for p in params]))
    return np.array(path)


def trained(name, params):
    """Those that an optimizer of that name may move."""
    return [p for p in params if name != "Muon" or p.ndim == 2]


def both(name, options, problem=network, dtype="float64"):
    """(parameters, optimizer, loss) in plugrad and in PyTorch."""
    for lib in (pg, torch):
        params, loss = problem(lib, dtype)
        params = trained(name, params)
        yield params, getattr(lib.optim, name)(params, **options), loss


@pytest.mark.parametrize("problem, dtype", [
    pytest.param(problem, dtype, marks=[] if dtype == "float64" else [pytest.mark.slow])
    for problem in PROBLEMS for dtype in ("float64", "float32")])
@every_row
def test_fifty_steps_equal_pytorchs(name, options, problem, dtype):
    path, expected = (walk(*setup, 50) for setup in both(name, options, problem, dtype))
    assert path.dtype == dtype and np.isfinite(expected).all()
    np.testing.assert_allclose(path, expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("options", LBFGS, ids=str)
def test_lbfgs_looks_where_pytorchs_looks(options, problem, dtype):
    """At every call of the closure, as long as PyTorch's own way does not hang on the last bit.

    L-BFGS divides by differences of gradients, and a line search turns one way or another: what a
    rounding makes of the beginning grows by orders of magnitude within tens of steps.  So PyTorch
    starts four times more, a rounding beside, and we are compared while these five are together."""
    def looks(params, optimizer, loss):
        path = []

        def watched(step):
            path.append(np.concatenate([p.detach().numpy().ravel() for p in params]))
            return loss(step)

        walk(params, optimizer, watched, 4)
        return np.array(path)

    (ours, theirs) = both("LBFGS", options, problem, dtype)
    path, expected = looks(*ours), looks(*theirs)
    together = min(len(path), len(expected))
    for seed in range(4):
        _, beside = both("LBFGS", options, problem, dtype)
        for w in beside[0]:
            rounding = np.random.default_rng(seed).uniform(-1, 1, tuple(w.shape))
            w.data.mul_(1 + np.finfo(dtype).eps * torch.tensor(rounding).to(w.dtype))
        other = looks(*beside)
        n = min(together, len(other))
        near = np.isclose(other[:n], expected[:n], TOLERANCE[dtype] / 30, TOLERANCE[dtype] / 30)
        together = int(np.argmin([*near.all(1), False]))
    assert together >= 2
    np.testing.assert_allclose(path[:together], expected[:together], rtol=TOLERANCE[dtype],
                               atol=TOLERANCE[dtype])


@pytest.mark.parametrize("lr", [1, 30, 300])
@pytest.mark.parametrize("f", [
    lambda w: (1 + (10 * w) ** 2).sqrt() - 3 * w, lambda w: w.abs() ** 1.1 + 0.01 * w ** 2,
    lambda w: (5 * w).sin() + 0.05 * w ** 2, lambda w: (8 * w).exp() - w,
    lambda w: w ** 2 + 50 * (w - 2).relu() ** 4,
], ids=["bend", "edge", "waves", "exponential", "wall"])
def test_a_line_search_goes_through_every_turn(f, lr):
    """Far too long a first step: the interval shrinks, from both sides, and gets stuck at its ends,
    which every number there shows."""
    paths = []
    for lib in (pg, torch):
        w = lib.tensor(np.linspace(-2, 2, 5), requires_grad=True)
        optimizer = lib.optim.LBFGS([w], lr=lr, max_iter=6, line_search_fn="strong_wolfe")
        path = []

        def watched(step, w=w, path=path):
            path.append(w.detach().numpy().copy())
            return f(w).sum()

        for step in range(2):
            optimizer.step(closure(optimizer, watched, step))
        paths.append(np.array(path[:12]))              # before roundings grow
    np.testing.assert_allclose(*paths, rtol=1e-9, atol=1e-11)


def test_a_loaded_state_of_lbfgs_is_a_copy():
    (params, optimizer, loss), _ = both("LBFGS", {"max_iter": 3}, rosenbrock)
    walk(params, optimizer, loss, 1)
    saved = optimizer.state_dict()
    kept = [x.clone() for x in saved["state"][0]["old_dirs"]]
    (params, other, loss), _ = both("LBFGS", {"max_iter": 3}, rosenbrock)
    other.load_state_dict(saved)
    walk(params, other, loss, 1)
    assert len(other.state[params[0]]["old_dirs"]) > len(saved["state"][0]["old_dirs"]) == len(kept)
    assert all(pg.equal(*pair) for pair in zip(kept, saved["state"][0]["old_dirs"], strict=True))


@pytest.mark.parametrize("options", LBFGS, ids=str)
def test_lbfgs_has_pytorchs_state(options):
    options = {**options, "max_iter": min(options.get("max_iter", 5), 5)}    # before roundings grow
    ours, theirs = both("LBFGS", options, rosenbrock)
    for _ in range(2):
        for setup in (ours, theirs):
            walk(*setup, 1)
        saved, expected = (setup[1].state_dict() for setup in (ours, theirs))
        assert_same_state(*({key: plain(value) for key, value in found["state"][0].items()}
                            for found in (saved, expected)))
        assert saved["param_groups"] == expected["param_groups"]
    assert repr(ours[1]) == repr(theirs[1])


@pytest.mark.parametrize("to", [pg, torch], ids=["to plugrad", "to PyTorch"])
@pytest.mark.parametrize("options", LBFGS, ids=str)
def test_a_state_of_lbfgs_moves_between_the_libraries(options, to):
    check_moves("LBFGS", options, to, rosenbrock, 1)


@pytest.mark.parametrize("name", NAMES)
def test_the_signature_is_pytorchs(name):
    check_signature(getattr(optim, name), getattr(torch.optim, name))


def test_muon_refuses_what_is_no_matrix():
    check_refusal(lambda lib: lib.optim.Muon([lib.zeros(2, 2), lib.zeros(3)]), ValueError,
                  r"Muon: expected parameters of 2 dimensions, got parameter 1 of shape \(3,\)")


@pytest.mark.parametrize("options, text", [
    ({"ns_steps": 100}, "Muon: expected ns_steps below 100, got 100"),
    ({"ns_coefficients": (1.0, 2.0)}, "Muon: expected 3 ns_coefficients, got 2"),
])
def test_muon_refuses_a_senseless_iteration(options, text):
    def call(lib):
        w = lib.zeros(2, 2, requires_grad=True)
        w.grad = lib.ones(2, 2)
        lib.optim.Muon([w], **options).step()

    check_refusal(call, ValueError, text)


def test_lbfgs_has_one_group():
    check_refusal(lambda lib: lib.optim.LBFGS([{"params": [lib.zeros(2)]},
                                               {"params": [lib.zeros(3)]}]),
                  ValueError, "LBFGS: expected one parameter group, got more")


def test_lbfgs_needs_a_closure_and_a_search_that_there_is():
    w = {lib: lib.ones(2, requires_grad=True) for lib in (pg, torch)}
    check_refusal(lambda lib: lib.optim.LBFGS([w[lib]]).step(), TypeError, "'closure'")

    def call(lib):
        def evaluate():
            loss = (w[lib] ** 2).sum()
            loss.backward()
            return loss
        lib.optim.LBFGS([w[lib]], line_search_fn="armijo").step(evaluate)

    check_refusal(call, RuntimeError, "line_search_fn to be None or 'strong_wolfe', got 'armijo'")


def test_lbfgs_at_the_minimum_stays_there():
    w = pg.zeros(3, requires_grad=True)
    optimizer = optim.LBFGS([w])
    assert optimizer.step(closure(optimizer, lambda step: (w ** 2).sum(), 0)).item() == 0
    assert optimizer.state_dict()["state"] == {0: {"func_evals": 1, "n_iter": 0}}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", [{}, {"lr": 0.1, "weight_decay": 0.5},
                                     {"lr": 0.1, "betas": (0.5, 0.7), "maximize": True}], ids=str)
def test_lion_equals_its_formula(options, dtype):
    (w,) = leaves(pg, dtype, (4, 5))
    optimizer = optim.Lion([w], **options)
    (group,) = optimizer.param_groups
    beta1, beta2 = group["betas"]
    expected, m = w.detach().numpy().astype("float64"), 0
    for step in range(50):
        g = numbers((4, 5), dtype, step)
        w.grad = pg.from_numpy(g)
        optimizer.step()
        g = (-g if group["maximize"] else g).astype("float64")
        expected = expected - group["lr"] * (np.sign(beta1 * m + (1 - beta1) * g)
                                             + group["weight_decay"] * expected)
        m = beta2 * m + (1 - beta2) * g
    tolerance = 1e-5 if dtype == "float32" else 1e-13
    np.testing.assert_allclose(w.detach().numpy(), expected, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(optimizer.state[w]["exp_avg"].numpy(), m, rtol=tolerance,
                               atol=tolerance)


@every_row
def test_prints_like_pytorchs(name, options):
    ours, theirs = both(name, options)
    assert repr(ours[1]) == repr(theirs[1])


def plain(value):
    """A state's value as NumPy arrays and numbers."""
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value.numpy() if hasattr(value, "numpy") else value


def converted(lib, value):
    """A plain value with its arrays as tensors of that library."""
    if isinstance(value, list):
        return [converted(lib, part) for part in value]
    return lib.tensor(value) if isinstance(value, np.ndarray) else value


def moved(lib, saved):
    """Another library's state_dict as one of this library."""
    return {"state": {i: {key: converted(lib, plain(value)) for key, value in state.items()}
                      for i, state in saved["state"].items()},
            "param_groups": saved["param_groups"]}


def assert_same_state(saved, expected):
    assert saved.keys() == expected.keys()
    for key, value in expected.items():
        parts = zip(*(x if isinstance(x, list) else [x] for x in (saved[key], value)), strict=True)
        for one, other in parts:
            np.testing.assert_allclose(*(np.asarray(x, "float64") for x in (one, other)),
                                       rtol=1e-9, atol=1e-14, err_msg=key)


@every_row
def test_state_dict_has_pytorchs_layout(name, options):
    ours, theirs = both(name, options)
    for steps in (0, 3):
        saved, expected = (setup[1].state_dict() for setup in (ours, theirs))
        assert saved.keys() == expected.keys()
        assert saved["state"].keys() == expected["state"].keys()
        for i, state in expected["state"].items():
            assert_same_state(*({key: plain(value) for key, value in found.items()}
                                for found in (saved["state"][i], state)))
        assert saved["param_groups"] == expected["param_groups"]
        for setup in (ours, theirs):
            walk(*setup, 3 - steps)


@pytest.mark.slow
@pytest.mark.parametrize("to", [pg, torch], ids=["to plugrad", "to PyTorch"])
@every_row
def test_a_state_moves_between_the_libraries(name, options, to):
    check_moves(name, options, to, network, 20)


def check_moves(name, options, to, problem, steps):
    """One that loads the state of the other library's goes on as that one does."""
    setups = dict(zip((pg, torch), both(name, options, problem), strict=True))
    params, optimizer, _ = source = setups[torch if to is pg else pg]
    walk(*source, steps)
    ours, loss = problem(to, "float64")
    ours = trained(name, ours)
    for w, v in zip(ours, params, strict=True):
        w.data.copy_(to.tensor(v.detach().numpy()))
    resumed = getattr(to.optim, name)(ours, lr=123.0)
    resumed.load_state_dict(moved(to, optimizer.state_dict()))
    np.testing.assert_allclose(walk(ours, resumed, loss, steps), walk(*source, steps),
                               rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", NAMES)
def test_a_parameter_without_gradient_stays_and_the_rest_moves(name):
    paths = []
    for params, optimizer, loss in both(name, {"max_iter": 1} if name == "LBFGS" else {}):
        params[0].requires_grad_(False)
        paths.append(walk(params, optimizer, loss, 5))
    np.testing.assert_allclose(*paths, rtol=1e-9, atol=1e-11)
    assert (np.array_equal(*paths[0][[0, -1], :12])
            and not np.array_equal(*paths[0][[0, -1], 12:]))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("options, error, text", [
    ({"capturable": True}, NotImplementedError, "capturable=True is not supported"),
    ({"differentiable": True}, NotImplementedError, "differentiable=True is not supported"),
    ({"fused": True, "foreach": True}, RuntimeError, "at most one of fused and foreach, got both"),
], ids=["capturable", "differentiable", "fused"])
def test_ways_to_run_a_step_that_there_are_not_are_refused(name, options, error, text):
    if set(options) <= set(inspect.signature(getattr(optim, name)).parameters):
        with pytest.raises(error, match=f"{name}: .*{text}"):
            getattr(optim, name)([pg.zeros(2, 2, requires_grad=True)], **options)


@pytest.mark.parametrize("name", sorted({*NAMES} - {"LBFGS"}))
def test_groups_keep_options_of_their_own(name):
    paths = []
    more = {} if name == "Rprop" else {"weight_decay": 0.1}
    for lib in (pg, torch):
        params, loss = network(lib, "float64")
        params = trained(name, params)
        groups = [{"params": params[:-1]}, {"params": params[-1], "lr": 0.03, **more}]
        paths.append(walk(params, getattr(lib.optim, name)(groups, lr=0.01), loss, 20))
    np.testing.assert_allclose(*paths, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(("name", "options", "text"), [
    ("SGD", {"lr": -0.1}, "SGD: lr must be at least 0, got -0.1"),
    ("SGD", {"lr": float("nan")}, "lr must be at least 0, got nan"),
    ("SGD", {"momentum": -1}, "momentum must be at least 0"),
    ("SGD", {"nesterov": True}, "nesterov needs momentum above 0 and no dampening"),
    ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}, "dampening=0.1"),
    ("Adam", {"weight_decay": -1}, "weight_decay must be at least 0"),
    ("Adam", {"eps": -1}, "eps must be at least 0"),
    ("Adam", {"betas": (0.9, 1.0)}, r"both betas must be in \[0, 1\), got \(0.9, 1.0\)"),
    ("AdamW", {"betas": (-0.1, 0.9)}, "AdamW: both betas must be in"),
    ("RMSprop", {"alpha": -1}, "RMSprop: alpha: expected a number between 0 and inf, got -1"),
    ("RMSprop", {"momentum": -1}, "RMSprop: momentum must be at least 0, got -1"),
    ("Adagrad", {"lr_decay": -1}, "Adagrad: lr_decay: expected a number between 0 and inf"),
    ("Adagrad", {"initial_accumulator_value": -1}, "Adagrad: initial_accumulator_value: expected"),
    ("Adadelta", {"rho": 1.5}, "Adadelta: rho: expected a number between 0 and 1, got 1.5"),
    ("Adamax", {"betas": (0.9, 1.5)}, "Adamax: both betas must be in"),
    ("NAdam", {"betas": (1.0, 0.9)}, "NAdam: both betas must be in"),
    ("NAdam", {"momentum_decay": -1}, "NAdam: momentum_decay: expected a number between 0 and"),
    ("RAdam", {"betas": (1.0, 0.9)}, "RAdam: both betas must be in"),
    ("Lion", {"betas": (1.0, 0.9)}, "Lion: both betas must be in"),
    ("ASGD", {"weight_decay": -1}, "ASGD: weight_decay must be at least 0, got -1"),
    ("Rprop", {"etas": (0.5, 0.9)}, "Rprop: expected etas to be a number between 0 and 1 and one"),
    ("Adafactor", {"beta2_decay": 0.8}, "Adafactor: beta2_decay must be at most 0, got 0.8"),
    ("Adafactor", {"d": 0.5}, "Adafactor: d must be at least 1, got 0.5"),
    ("Adafactor", {"eps": (None, -1.0)}, "Adafactor: eps must be at least 0, got -1.0"),
    ("Muon", {"adjust_lr_fn": "none"}, "Muon: adjust_lr_fn: expected one of 'original', 'match_"),
    ("Muon", {"momentum": -1}, "Muon: momentum must be at least 0, got -1"),
], ids=str)
def test_senseless_options_are_refused(name, options, text):
    with pytest.raises(ValueError, match=text):
        getattr(optim, name)([pg.zeros(2, 2, requires_grad=True)], **options)
    if hasattr(torch.optim, name) and options.get("lr", 0) == options.get("lr", 0):  # it takes NaN
        with pytest.raises(ValueError):
            getattr(torch.optim, name)([torch.zeros(2, 2, requires_grad=True)], **options)


@pytest.mark.parametrize(("call", "text"), [
    (lambda w: optim.SGD(w, "x"), "SGD: lr must be a number, at least 0, got 'x'"),
    (lambda w: optim.SGD(w, lr=None), "SGD: lr must be a number, at least 0, got None"),
    (lambda w: optim.Adam(w, betas=0.9), "Adam: betas must be a pair of numbers, got 0.9"),
    (lambda w: optim.Adafactor(w, eps=1e-3), "Adafactor: eps must be a pair of numbers, got 0.001"),
    (lambda w: optim.Adam(w, betas=("0.9", 0.99)), "Adam: betas must be a pair of numbers, got"),
    (lambda w: optim.SGD([{"params": w, "momentun": 0.9}]), "did you mean 'momentum'"),
])
def test_options_of_another_type_are_refused(call, text):
    with pytest.raises(TypeError, match=text):
        call([pg.zeros(2, requires_grad=True)])


# Those with compiled loops: (their formula on NumPy arrays of float64, which returns the new w)

def sgd(w, g, state, o):
    g = g + o["weight_decay"] * w
    if not o["momentum"]:
        return w - o["lr"] * g
    v = state["v"] = (o["momentum"] * state["v"] + (1 - o["dampening"]) * g if "v" in state else g)
    return w - o["lr"] * (g + o["momentum"] * v if o["nesterov"] else v)


def adam(w, g, state, o):
    if o["decoupled_weight_decay"]:
        w = (1 - o["lr"] * o["weight_decay"]) * w
    else:
        g = g + o["weight_decay"] * w
    beta1, beta2 = o["betas"]
    t = state["t"] = state.get("t", 0) + 1
    m = state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    v = state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g ** 2
    if o["amsgrad"]:
        v = state["top"] = np.maximum(state.get("top", 0), v)
    return w - o["lr"] * (m / (1 - beta1 ** t)) / (np.sqrt(v / (1 - beta2 ** t)) + o["eps"])


def rmsprop(w, g, state, o):
    g = g + o["weight_decay"] * w
    v = state["v"] = o["alpha"] * state.get("v", 0) + (1 - o["alpha"]) * g ** 2
    if o["centered"]:
        mean = state["mean"] = o["alpha"] * state.get("mean", 0) + (1 - o["alpha"]) * g
        v = v - mean ** 2
    b = state["b"] = o["momentum"] * state.get("b", 0) + g / (np.sqrt(v) + o["eps"])
    return w - o["lr"] * b


def adagrad(w, g, state, o):
    g = g + o["weight_decay"] * w
    t = state["t"] = state.get("t", 0) + 1
    v = state["v"] = state.get("v", o["initial_accumulator_value"]) + g ** 2
    return w - o["lr"] / (1 + (t - 1) * o["lr_decay"]) * g / (np.sqrt(v) + o["eps"])


def adadelta(w, g, state, o):
    g = g + o["weight_decay"] * w
    v = state["v"] = o["rho"] * state.get("v", 0) + (1 - o["rho"]) * g ** 2
    u = state.get("u", 0)
    d = g * np.sqrt(u + o["eps"]) / np.sqrt(v + o["eps"])
    state["u"] = o["rho"] * u + (1 - o["rho"]) * d ** 2
    return w - o["lr"] * d


COMPILED = {"SGD": sgd, "Adam": adam, "AdamW": adam, "RMSprop": rmsprop, "Adagrad": adagrad,
            "Adadelta": adadelta}


def formula(name, w, g, state, options):
    return COMPILED[name](w, -g if options["maximize"] else g, state, options)


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
every_compiled = pytest.mark.parametrize(("name", "options"), [
    (name, {"lr": 0.01, **options}) for name, options in ROWS if name in COMPILED], ids=str)


@pytest.mark.parametrize("of_w, of_g, dtype", [
    pytest.param(of_w, of_g, dtype, marks=[] if of_w is of_g and dtype == "float32"
                 else [pytest.mark.slow])
    for of_w in LAYOUTS for of_g in LAYOUTS for dtype in ("float32", "float64")])
@every_compiled
def test_kernels_equal_the_formula_for_any_strides(name, options, of_w, of_g, dtype):
    start = numbers((5, 7), dtype, 0)
    w = of_w(start).requires_grad_()
    optimizer = getattr(optim, name)([w], **options)
    expected, state = start.astype("float64"), {}
    for step in range(4):
        g = numbers((5, 7), dtype, step + 1)
        w.grad = of_g(g)
        optimizer.step()
        expected = formula(name, expected, g.astype("float64"), state,
                                   optimizer.param_groups[0])
        assert np.array_equal(w.grad.numpy(), g)
    tolerance = 2e-6 if dtype == "float32" else 1e-14
    np.testing.assert_allclose(w.detach().numpy(), expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("n", [
    *(pytest.param(n, marks=pytest.mark.slow) for n in (0, 1, 15, 16, 8191, 8192, 8193)),
    17, 100_003])
@every_compiled
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
                expected = formula(name, expected, g.astype("float64"), state,
                                   optimizer.param_groups[0])
            results.append(w.detach().numpy())
    finally:
        pg.set_num_threads(before)
    assert results[0].tobytes() == results[1].tobytes() == results[2].tobytes()
    np.testing.assert_allclose(results[0], expected, rtol=5e-6, atol=5e-6)


@every_compiled
def test_nan_and_inf_go_where_pytorchs_go(name, options):
    # Centered, an infinite square less another is NaN, or not where the processor multiplies and
    # subtracts at once.
    large = 1e18 if options.get("centered") else 1e30
    special = np.array([0.0, np.nan, np.inf, -np.inf, large, -1e-30, 1.0], "float32")
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
    ("SGD", {"lr": 0.1}), ("SGD", {"lr": 0.1, "momentum": 0.9}), ("Adam", {"amsgrad": True}),
    ("AdamW", {"amsgrad": True}), ("RMSprop", {"momentum": 0.9, "centered": True}),
    ("Adagrad", {}), ("Adadelta", {})])
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


@pytest.mark.parametrize("name", sorted(COMPILED))
def test_update_outside_of_no_grad_is_refused(name):
    w = pg.ones(3, requires_grad=True)
    optimizer = getattr(optim, name)([w])
    with pytest.raises(RuntimeError, match=f"{name}: this tensor is a leaf that requires grad"):
        optimizer.update(w, pg.ones(3), {}, optimizer.param_groups[0])


@pytest.mark.parametrize(("name", "options"), [
    ("SGD", {"lr": 0.1, "momentum": 0.9}), ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.1}), ("RMSprop", {"momentum": 0.9, "centered": True}), ("Adagrad", {}),
    ("Adadelta", {})])
def test_a_gradient_that_lies_in_the_parameters_memory(name, options):
    memory = pg.arange(1.0, 41.0, dtype=pg.float64)
    w = memory[1:].detach().requires_grad_()
    w.grad = memory[:-1].detach()
    apart = memory[1:].clone().requires_grad_()
    apart.grad = memory[:-1].clone()
    for p in (w, apart):
        getattr(optim, name)([p], **options).step()
    assert np.array_equal(w.detach().numpy(), apart.detach().numpy())


@pytest.mark.parametrize("name", sorted(COMPILED))
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


@pytest.mark.parametrize("name", sorted(COMPILED))
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
