"""What scripts written for several devices ask first."""

import plugrad as pg
import pytest
import torch


@pytest.mark.parametrize("given", ["cpu", "cpu:0", "cuda", "cuda:1", "mps"])
def test_a_device_is_named_compared_and_printed_as_in_pytorch(given):
    ours, theirs = pg.device(given), torch.device(given)

    assert (str(ours), repr(ours), ours.type, ours.index) == (
        str(theirs), repr(theirs), theirs.type, theirs.index)
    assert ours == pg.device(ours) and ours != pg.device("xla:7") and ours != given
    assert len({ours, pg.device(given)}) == 1


def test_the_usual_first_lines_of_a_script():
    device = pg.device("cuda" if pg.cuda.is_available() else "cpu")
    x = pg.randn(3, 2, device=device)

    assert x.device == device and x.to(device) is x and x.to(device=device) is x
    assert pg.nn.Linear(2, 1, device=device).to(device)(x).shape == (3, 1)
    assert not pg.backends.mps.is_available() and pg.cuda.device_count() == 0


@pytest.mark.parametrize("call", [
    lambda: pg.zeros(2, device="cuda"), lambda: pg.tensor([1.0], device="cuda:0"),
    lambda: pg.randn(2, device=pg.device("cuda")), lambda: pg.arange(3, device="cuda"),
    lambda: pg.ones_like(pg.ones(2), device="cuda"), lambda: pg.ones(2).to("cuda"),
    lambda: pg.as_tensor(pg.ones(2), device="cuda"), lambda: pg.randperm(3, device="cuda"),
    lambda: pg.nn.Linear(2, 1, device="cuda")])
def test_another_device_is_refused(call):
    with pytest.raises(RuntimeError, match=r"the CPU alone.*cuda.is_available\(\)"):
        call()


@pytest.mark.parametrize("wrong, error", [(3, TypeError), ("", RuntimeError),
                                          ("cpu:x", RuntimeError), ("zeros ones", RuntimeError)])
def test_what_names_no_device(wrong, error):
    with pytest.raises(error, match="device: expected"):
        pg.device(wrong)
