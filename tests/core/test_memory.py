"""Graphs are freed: long ones without the C stack, ordinary ones without the cycle collector."""

import gc
import os
import threading
import weakref
from pathlib import Path

import plugrad as pg
import pytest

STATM = Path("/proc/self/statm")
needs_statm = pytest.mark.skipif(not STATM.exists(), reason="resident memory is read from /proc")
MB = 2 ** 20


def resident():
    """Bytes of this process in memory."""
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture(autouse=True)
def no_collector():
    """Whatever is freed here is freed by its last reference."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def chain(x, n):
    y = x
    for _ in range(n):
        y = y + x
    return y


# Long chains ------------------------------------------------------------------------------------

@needs_statm
@pytest.mark.slow
def test_a_million_additions_run_backward_and_are_freed():
    x = pg.ones(1, requires_grad=True)
    chain(x, 20_000).sum().backward()       # the allocator's own arenas, once
    x.grad = None
    before = resident()
    y = chain(x, 1_000_000)
    assert resident() - before > 50 * MB    # or there is nothing to give back
    y.sum().backward()
    assert x.grad.item() == 1_000_001
    del y
    assert resident() - before < 30 * MB


@needs_statm
@pytest.mark.slow
def test_a_million_additions_are_freed_without_backward():
    x = pg.ones(1, requires_grad=True)
    del_me = chain(x, 20_000)
    del del_me
    before = resident()
    y = chain(x, 1_000_000)
    del y
    assert resident() - before < 30 * MB


@pytest.mark.parametrize("step", [
    lambda y, x: y * 1, lambda y, x: y.reshape(1), lambda y, x: y[0:1], lambda y, x: y.add_(x),
    lambda y, x: y.chunk(1)[0], lambda y, x: pg.cat([y]), lambda y, x: y.clone()],
    ids=["mul", "view", "key", "in place", "several outputs", "cat", "clone"])
def test_long_chains_of_every_kind_of_step(step):
    """Deep enough to overflow any stack that grows with them, and in a thread with a small one."""
    passed = []

    def run():
        x = pg.ones(1, requires_grad=True)
        y = x * 1
        for _ in range(30_000):
            y = step(y, x)
        y.sum().backward()
        del y
        passed.append(x.grad.item() >= 1)

    size = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=run)
        thread.start()
    finally:
        threading.stack_size(size)
    thread.join()
    assert passed == [True]


def test_a_long_chain_kept_by_create_graph_is_freed():
    x = pg.ones(1, dtype=pg.float64, requires_grad=True)
    y = x * 1
    for _ in range(5_000):
        y = y * x
    g, = pg.autograd.grad(y.sum(), x, create_graph=True)
    assert g.item() == 5_001
    h, = pg.autograd.grad(g.sum(), x)
    assert h.item() == 5_001 * 5_000
    gone = weakref.ref(y)
    del g, h, y
    assert gone() is None


def test_a_long_chain_of_views_in_place():
    x = pg.ones(4, requires_grad=True)
    y = x * 1
    for i in range(2_000):
        y[i % 4] += 1
    y.sum().backward()
    assert x.grad.tolist() == [1, 1, 1, 1] and y.tolist() == [501] * 4


# Training ---------------------------------------------------------------------------------------

def small_net():
    """XOR by hand: 2-8-1 with tanh, bare tensors, plain gradient descent."""
    g = pg.Generator().manual_seed(0)
    x = pg.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    t = pg.tensor([[0.0], [1.0], [1.0], [0.0]])
    weights = [pg.randn(2, 8, generator=g).requires_grad_(), pg.zeros(8, requires_grad=True),
               pg.randn(8, 1, generator=g).requires_grad_(), pg.zeros(1, requires_grad=True)]

    def step():
        w1, b1, w2, b2 = weights
        loss = (((x @ w1 + b1).tanh() @ w2 + b2 - t) ** 2).mean()
        loss.backward()
        with pg.no_grad():
            for w in weights:
                w -= 0.1 * w.grad
                w.grad = None
        return loss.item()

    return step


@needs_statm
@pytest.mark.slow
def test_ten_thousand_steps_of_training_do_not_grow():
    step = small_net()
    first = step()
    for _ in range(1_000):
        step()
    before = resident()
    for _ in range(10_000):
        last = step()
    assert resident() - before < 1 * MB
    assert last < 0.01 < first


@needs_statm
@pytest.mark.slow
def test_memory_does_not_grow_with_shapes_that_change():
    """Another batch size each step, as at the end of an epoch; and errors on the way."""
    w = pg.ones(50, 50, requires_grad=True)

    def step(n):
        y = (pg.ones(n, 50) @ w).relu().exp().log()
        y.mean().backward()
        w.grad = None
        try:
            y.reshape(7, 11, 13)
        except RuntimeError:
            pass
        else:
            raise AssertionError

    for n in range(1, 200):
        step(n)
    before = resident()
    for i in range(3_000):
        step(1 + i * 37 % 199)
    assert resident() - before < 2 * MB


# Freed by the last reference --------------------------------------------------------------------

NETWORKS = {
    "mlp": lambda x, w: ((x @ w).tanh() @ w).sum(),
    "relu": lambda x, w: (x @ w).relu().mean(),
    "softmax": lambda x, w: -(x @ w).log_softmax(1)[:, 0].mean(),
    "output saved": lambda x, w: (x @ w).exp().sigmoid().sqrt().sum(),
    "views": lambda x, w: (x @ w).T.reshape(-1).unsqueeze(0)[:, ::2].sum(),
    "several outputs": lambda x, w: sum(p.sum() for p in (x @ w).chunk(3)),
    "sorted": lambda x, w: (x @ w).sort(dim=1).values.max(),
    "in place": lambda x, w: (x @ w).mul_(2).add_(1).clamp_(min=0).sum(),
    "in place through a view": lambda x, w: written(x @ w).sum(),
    "diamond": lambda x, w: ((x @ w) * (x @ w + 1)).sum(),
    "reductions": lambda x, w: (x @ w).std() + (x @ w).norm() + (x @ w).logsumexp(0).prod(),
    "indexing": lambda x, w: (x @ w)[[0, 1, 1]].masked_fill(x[[0, 1, 1]] > 0, 0.0).sum(),
    "einsum": lambda x, w: pg.einsum("ij,jk->i", x, w).sum(),
    "custom op": lambda x, w: Keep()(x @ w).sum(),
    "function": lambda x, w: Kept.apply(x @ w).sum(),
    "hooks": lambda x, w: hooked(x @ w).sum(),
}


def written(y):
    y[0] += 1
    y[:, 1].mul_(3)
    return y


def hooked(y):
    y.register_hook(lambda g: g * 2)
    y.retain_grad()
    return y


class Keep(pg.Op):
    """Saves its input and its output."""

    def forward(self, x):
        y = x * 2
        self.save(x, y)
        return y

    def vjp(self, g):
        return g * 2


class Kept(pg.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x * 2
        ctx.save_for_backward(x, y)
        return y

    @staticmethod
    def backward(ctx, g):
        return g * 2


@pytest.mark.parametrize("how", ["backward", "forward only", "retained", "create_graph", "error"])
@pytest.mark.parametrize("name", NETWORKS)
def test_graphs_are_freed_without_the_collector(name, how):
    x, w = pg.rand(3, 3) + 0.1, pg.rand(3, 3).requires_grad_()
    hidden = w * 1.0
    gone = weakref.ref(hidden)
    loss = NETWORKS[name](x, hidden) ** 2     # so that its gradient has a history, too
    if how == "backward":
        loss.backward()
    elif how == "retained":
        loss.backward(retain_graph=True)
        loss.backward()
    elif how == "create_graph":
        g, = pg.autograd.grad(loss, w, create_graph=True)
        g.sum().backward()
        del g
    elif how == "error":
        with pytest.raises(RuntimeError):
            (loss * pg.ones(2)).backward()
    del hidden
    del loss
    assert gone() is None
    # With the collector off, all that was made since it last ran is in its youngest generation.
    assert not [o for o in gc.get_objects(generation=0) if isinstance(o, pg.Op)]


def test_a_hook_that_closes_over_its_tensor_is_collected():
    """A true cycle needs the collector, and gets it."""
    def made():
        y = pg.ones(2, requires_grad=True) * 2
        y.register_hook(lambda g: g * y.detach())
        return weakref.ref(y)

    gone = made()
    gc.collect()
    assert gone() is None


def test_arrays_outlive_their_tensors_and_tensors_their_arrays():
    a = pg.arange(5).numpy()
    assert a.sum() == 10
    x = pg.from_numpy(a)
    del a
    y = x[1:]
    del x
    assert y.tolist() == [1, 2, 3, 4]
    z = pg.rand(1000, 1000)[0].numpy()
    assert z.min() >= 0 and z.max() < 1
