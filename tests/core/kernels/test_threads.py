"""Threads change nothing but the time: results are the same bits, whatever runs beside them."""

import multiprocessing
import os
import subprocess
import sys
import threading
import time

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import nn
from plugrad.kernels.base import threads

F = nn.functional
has_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
needs_openmp = pytest.mark.skipif(threads.threading() == "none", reason="no threads in this build")


@pytest.fixture(autouse=True)
def two_threads():
    """Each test begins with two threads, and leaves as many as it found."""
    before = pg.get_num_threads()
    pg.set_num_threads(2)
    yield
    pg.set_num_threads(before)


# Operations -------------------------------------------------------------------------------------

def layer(make, *shape, **options):
    """A layer on an input of that shape; its weights are inputs too."""
    def operands():
        pg.manual_seed(1)
        module = make(**options)
        return [pg.randn(*shape), *module.parameters()], lambda x, *_: module(x)
    return operands


def op(call, *shapes):
    def operands():
        pg.manual_seed(1)
        return [pg.randn(*shape) for shape in shapes], call
    return operands


def matmul(a, b):
    return a @ b


OPS = {
    **{f"gemm {m}x{k}x{n}": op(matmul, (m, k), (k, n)) for m, k, n in [
        (96, 96, 96), (129, 65, 131), (257, 300, 123), (512, 512, 512), (5000, 16, 16),
        (6, 25, 36864), (16, 150, 6400), (3, 70001, 5), (1, 512, 512), (512, 512, 1)]},
    "a.T @ b": op(lambda a, b: a.mT @ b, (300, 129), (300, 131)),
    "a @ b.T": op(lambda a, b: a @ b.mT, (129, 300), (131, 300)),
    "a.T @ b.T": op(lambda a, b: a.mT @ b.mT, (300, 129), (131, 300)),
    "parts of a and b": op(lambda a, b: a[::2, 1::2] @ b[:, ::3], (200, 300), (150, 370)),
    "float64": op(lambda a, b: a.double() @ b.double(), (129, 200), (200, 131)),
    "batched": op(matmul, (24, 33, 65), (24, 65, 47)),
    "batched, broadcast": op(matmul, (3, 1, 64, 65), (5, 65, 47)),
    "vector": op(matmul, (700, 500), (500,)),
    "linear": layer(nn.Linear, 128, 200, in_features=200, out_features=130),
    "linear 3-d": layer(nn.Linear, 12, 64, 128, in_features=128, out_features=96),
}
for name, options in {
    "conv 3x3": {"kernel_size": 3, "padding": 1},
    "conv 5x5, stride 2": {"kernel_size": 5, "stride": 2, "padding": 2},
    "conv 3x2, stride 3 and 2": {"kernel_size": (3, 2), "stride": (3, 2)},
    "conv 1x1": {"kernel_size": 1, "bias": False},
    "conv 3x3, dilated": {"kernel_size": 3, "dilation": 2},
    "conv 3x3, 4 groups": {"kernel_size": 3, "groups": 4},
    "conv 3x3, depthwise": {"kernel_size": 3, "groups": 8, "padding": 1},
}.items():
    out = 8 if "depthwise" in name else 20
    for shape in [(9, 8, 37, 31), (16, 8, 32, 32)]:
        OPS[f"{name} of {shape}"] = layer(nn.Conv2d, *shape, in_channels=8, out_channels=out,
                                          **options)
LARGE = (301, 1003)
OPS |= {
    "+": op(lambda a, b: a + b, LARGE, LARGE),
    "+, broadcast": op(lambda a, b: a + b, LARGE, (1003,)),
    "*, a column": op(lambda a, b: a * b, LARGE, (301, 1)),
    "/": op(lambda a, b: a / (b * b + 1), LARGE, LARGE),
    "where": op(lambda a, b: pg.where(a > b, a, b), LARGE, LARGE),
    "**": op(lambda a: (a * a + 1) ** 1.5, LARGE),
    **{name: op(lambda a, name=name: getattr(a, name)(), LARGE) for name in
       ["exp", "tanh", "sigmoid", "relu", "erf", "sin", "abs", "neg", "square"]},
    "log": op(lambda a: (a * a + 1).log(), LARGE),
    "gelu": op(lambda a: F.gelu(a), LARGE),
    "transposed": op(lambda a: (a.mT * 2).exp(), LARGE),
    **{f"{name} over {dim}": op(lambda a, name=name, dim=dim: getattr(a, name)(dim), LARGE)
       for name in ["sum", "mean", "amax", "var", "logsumexp"] for dim in [0, 1, (0, 1)]
       if not (name == "logsumexp" and dim == (0, 1))},
    "sum": op(lambda a: a.sum(), LARGE),
    "sum over the ends": op(lambda a: a.sum((0, 2)), (40, 50, 61)),
    "max": op(lambda a: a.max(1)[0], LARGE),
    "cumsum": op(lambda a: a.cumsum(1), LARGE),
    "prod": op(lambda a: (1 + a / 1000).prod(1), LARGE),
    "softmax over 0": op(lambda a: a.softmax(0), LARGE),
    "softmax over 1": op(lambda a: a.softmax(1), LARGE),
    "log_softmax": op(lambda a: a.log_softmax(1), LARGE),
    "cross entropy": op(lambda a: F.cross_entropy(a, pg.arange(2000) % 101), (2000, 101)),
    "rows by index": op(lambda a: a[pg.arange(5000) * 7 % 501], (501, 97)),
    "cat": op(lambda a, b: pg.cat([a, b], 1), LARGE, LARGE),
    "pad": op(lambda a: F.pad(a, (1, 2, 3, 0)), (16, 8, 33, 31)),
    "max_pool2d": op(lambda a: F.max_pool2d(a, 2), (16, 16, 33, 31)),
    "max_pool2d, overlapping": op(lambda a: F.max_pool2d(a, 3, 2, 1), (16, 16, 33, 31)),
    "avg_pool2d": op(lambda a: F.avg_pool2d(a, 3, 2, 1), (16, 16, 33, 31)),
    "batch norm": layer(nn.BatchNorm2d, 17, 16, 33, 31, num_features=16),
    "batch norm 1d": layer(nn.BatchNorm1d, 1001, 103, num_features=103),
    "layer norm": layer(nn.LayerNorm, 701, 129, normalized_shape=129),
}


def both_ways(operands):
    """The result and all gradients, as arrays."""
    inputs, call = operands()
    for x in inputs:
        x.requires_grad_()
    y = call(*inputs)
    pg.manual_seed(2)
    y.backward(pg.randn(*y.shape, dtype=y.dtype))
    return [y.detach().numpy(), *(x.grad.numpy() for x in inputs)]


def with_threads(n, call):
    pg.set_num_threads(n)
    return call()


def assert_same(xs, ys, what=""):
    """The same to the last bit."""
    assert len(xs) == len(ys)
    for i, (x, y) in enumerate(zip(xs, ys, strict=True)):
        assert x.dtype == y.dtype and x.shape == y.shape
        assert x.tobytes() == y.tobytes(), f"{what}: array {i} differs in {np.sum(x != y)} places"


@pytest.mark.parametrize("name", OPS)
def test_an_operation_gives_the_same_bits(name):
    one = with_threads(1, lambda: both_ways(OPS[name]))
    for n in (2, 4, 2, 3):
        assert_same(with_threads(n, lambda: both_ways(OPS[name])), one, f"{n} threads")


# Training ---------------------------------------------------------------------------------------

def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.BatchNorm2d(16), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 10))


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.LayerNorm(256),
                         nn.Linear(256, 10))


def start(make, seed=3):
    """A model with its optimizer and a batch."""
    pg.manual_seed(seed)
    model = make()
    batch = pg.randn(64, 1, 28, 28), pg.randint(0, 10, (64,))
    return model, pg.optim.Adam(model.parameters(), lr=1e-2), batch


def go(model, optimizer, batch, steps=4):
    """What the model has learned after some steps, and its losses."""
    x, y = batch
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return [*(w.detach().numpy() for w in model.parameters()), np.array(losses)]


def train(make=lenet, seed=3):
    return go(*start(make, seed))


@pytest.mark.parametrize("make", [lenet, mlp])
def test_training_gives_the_same_bits(make):
    one = with_threads(1, lambda: train(make))
    assert one[-1][-1] < one[-1][0]                          # it has learned
    for n in (2, 4):
        assert_same(with_threads(n, lambda: train(make)), one, f"{n} threads")


def test_two_threads_of_python_train_at_once():
    """Only what is drawn at random is made one after the other."""
    makers = [lenet, mlp, lenet]
    expected = [train(make, seed) for seed, make in enumerate(makers)]
    ready = [start(make, seed) for seed, make in enumerate(makers)]
    results = [None] * len(ready)

    def work(i):
        results[i] = go(*ready[i])

    workers = [threading.Thread(target=work, args=(i,)) for i in range(len(ready))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert not worker.is_alive()
    for result, want in zip(results, expected, strict=True):
        assert_same(result, want)


# Other processes --------------------------------------------------------------------------------

def checksum(_=None):
    return b"".join(x.tobytes() for x in train())


def exit_code(pid, seconds):
    """That of a child; one that takes longer is killed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    return "it hangs"


@has_fork
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_computes_the_same():
    expected = checksum()                                    # the parent has used its threads
    pid = os.fork()
    if pid == 0:
        os._exit(0 if checksum() == expected else 3)
    assert exit_code(pid, 60) == 0
    assert checksum() == expected                            # and the parent still has them


@has_fork
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_pool_of_forked_processes_computes_the_same():
    expected = checksum()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map_async(checksum, range(3)).get(timeout=60) == [expected] * 3


@pytest.mark.parametrize("wish, expected", [("1", 1), ("3", 3), ("2,4", 2)])
def test_a_fresh_process_takes_its_number_from_the_environment(wish, expected):
    code = "import plugrad; print(plugrad.get_num_threads())"
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | {"OMP_NUM_THREADS": wish},
                          capture_output=True, text=True, timeout=60, check=True)
    assert int(done.stdout) == expected


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="processors are counted on Linux")
@pytest.mark.parametrize("wish", ["", "0", "many"])
def test_a_number_that_is_none_leaves_one_thread_per_processor(wish, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", wish)
    assert threads.available() == len(os.sched_getaffinity(0))


# Neighbours -------------------------------------------------------------------------------------

def test_beside_pytorch():
    """PyTorch has threads of its own, of the same OpenMP or of another."""
    def torch_works():
        a = torch.arange(512 * 512, dtype=torch.float64).reshape(512, 512) % 7
        return (a @ a).sum().item()

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        want = torch_works()
        one = with_threads(1, train)
        for n in (2, 1, 4):
            assert_same(with_threads(n, train), one)
            assert torch_works() == want
            assert torch.get_num_threads() == 2
            assert pg.get_num_threads() == n
    finally:
        torch.set_num_threads(before)


# The number -------------------------------------------------------------------------------------

@pytest.mark.parametrize("n", [0, -1])
def test_no_threads_are_an_error(n):
    with pytest.raises(ValueError, match=f"expected at least 1 thread, got {n}"):
        pg.set_num_threads(n)
    assert pg.get_num_threads() == 2


@needs_openmp
@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="threads are counted on Linux")
def test_threads_are_really_used():
    """Or nothing above would be tested; a fresh process has none but Python's own."""
    code = ("import os, plugrad as pg; pg.set_num_threads(int(os.environ['N'])); "
            "a = pg.ones(512, 512); before = len(os.listdir('/proc/self/task')); a @ a; "
            "print(len(os.listdir('/proc/self/task')) - before)")
    for n in (1, 2, 4):
        done = subprocess.run([sys.executable, "-c", code], env=os.environ | {"N": str(n)},
                              capture_output=True, text=True, timeout=60, check=True)
        assert int(done.stdout) == n - 1
