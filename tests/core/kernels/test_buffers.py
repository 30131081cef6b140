"""Memory of large arrays is kept and given out again."""

import gc
import threading

import numpy as np
import plugrad as pg
import pytest

LARGE = 100_000                     # float32 numbers: 400 kB


@pytest.fixture(autouse=True)
def nothing_kept():
    gc.collect()
    pg.empty_cache()
    yield
    pg.set_cache_limit(1 << 30)
    pg.empty_cache()


def result(n=LARGE, value=1.0):
    """A kernel's output."""
    return pg.full((n,), value) * 1


def change(name, before):
    return pg.memory_stats()[name] - before[name]


def test_a_block_is_used_again():
    x = pg.ones(LARGE)
    before = pg.memory_stats()
    for _ in range(10):
        y = x * 2
        del y
    assert change("from_system", before) == 1 and change("from_pool", before) == 9


def test_live_memory_is_counted_until_nobody_looks_into_it():
    before = pg.memory_stats()
    y = result()
    assert 4 * LARGE <= change("live", before) <= 5 * LARGE
    part = y.numpy()[10:20]
    del y
    assert change("live", before) >= 4 * LARGE
    assert part.tolist() == [1.0] * 10
    del part
    assert change("live", before) == 0
    assert change("pooled", before) >= 4 * LARGE


def test_the_peak_is_remembered_until_it_is_reset():
    pg.reset_peak_memory_stats()
    start = pg.memory_stats()["peak"]
    held = [result() for _ in range(4)]
    del held
    assert pg.memory_stats()["peak"] - start >= 16 * LARGE
    pg.reset_peak_memory_stats()
    assert pg.memory_stats()["peak"] == pg.memory_stats()["live"]


def test_the_cache_is_emptied_on_request():
    result()
    assert pg.memory_stats()["pooled"] > 0
    pg.empty_cache()
    assert pg.memory_stats()["pooled"] == 0


def test_the_cache_has_a_limit():
    pg.set_cache_limit(LARGE)                       # less than one array
    result()
    assert pg.memory_stats()["pooled"] == 0
    pg.set_cache_limit(5 * LARGE)                   # one array
    held = [result() for _ in range(3)]
    del held
    assert 0 < pg.memory_stats()["pooled"] <= 5 * LARGE
    with pytest.raises(ValueError, match="at least 0 bytes, got -1"):
        pg.set_cache_limit(-1)


@pytest.mark.parametrize("n", [1023, 1024, 1025, 1280, 1281, 5000, 8192, 8193, 123_457, 2**20 + 1])
def test_blocks_are_aligned_and_large_enough(n):
    held = [result(n, float(i)) for i in range(8)]              # neighbors would show an overlap
    for i, y in enumerate(held):
        assert (y.numpy() == i).all()
        assert n < 1024 or y.numpy().ctypes.data % 64 == 0


def test_what_a_block_wastes_is_at_most_a_quarter():
    for n in np.unique(np.geomspace(1024, 10**7, 200).astype(int)):
        before = pg.memory_stats()
        y = pg.empty(int(n)).exp()
        assert 4 * n <= change("live", before) <= 5 * n
        del y


def test_threads_do_not_share_a_block():
    wrong = []

    def work(value):
        for _ in range(200):
            y = result(20_000, value) + result(20_000, value)
            if not (y.numpy() == 2 * value).all():
                wrong.append(value)

    threads = [threading.Thread(target=work, args=(float(i),)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_training_step_makes_no_system_allocation_once_it_is_warm():
    model = pg.nn.Sequential(pg.nn.Conv2d(1, 6, 5), pg.nn.Tanh(), pg.nn.Flatten(),
                             pg.nn.Linear(3456, 10))
    optimizer = pg.optim.Adam(model.parameters())
    x, y = pg.randn(16, 1, 28, 28), pg.randint(0, 10, (16,))

    def step():
        optimizer.zero_grad()
        pg.nn.CrossEntropyLoss()(model(x), y).backward()
        optimizer.step()

    for _ in range(3):
        step()
    before = pg.memory_stats()
    for _ in range(5):
        step()
    assert change("from_system", before) == 0
    assert change("from_pool", before) > 50


def test_a_large_gradient_is_taken_over_as_it_is():
    """A copy would own its memory; what the pool gave out does not."""
    w = pg.randn(128, 128, requires_grad=True)
    (pg.randn(64, 128) @ w).sum().backward()
    assert not w.grad.numpy().flags.owndata
    view = pg.randn(128, 128, requires_grad=True)
    g = pg.ones(128, 128)
    (view * 1).backward(g)
    view.grad += 1
    assert (g == 1).all()                       # somebody else's gradient is not
