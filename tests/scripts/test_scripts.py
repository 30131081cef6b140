"""Scripts written for PyTorch run and learn the same under plugrad when their imports are changed.

plugrad runs as it is; PyTorch is made to take its random numbers from plugrad's generator, so that
both begin with the same weights, shuffle alike and drop the same elements.
"""

import functools
import os
import re
import sys
from pathlib import Path

import numpy as np
import plugrad as pg
import pytest
import torch

HERE = Path(__file__).parent
FAST = {"logistic_regression", "mlp_mnist", "vae"}
SCRIPTS = [pytest.param(path.stem, marks=[] if path.stem in FAST else pytest.mark.slow)
           for path in sorted(HERE.glob("*.py")) if not path.stem.startswith("test_")]
NUMBER = re.compile(r" *-?\d+(\.\d+)?(e-?\d+)?")       # with the spaces that align it


def converted(source):
    """The script for plugrad: `torch` becomes `plugrad` in its import lines, nothing else."""
    source = re.sub(r"^(\s*)(import|from) torch\b", r"\1\2 plugrad", source, flags=re.M)
    return re.sub(r"^(\s*import plugrad)(?=,|\s*$)", r"\1 as torch", source, flags=re.M)


def filled(name):
    """Tensor.<name> of PyTorch, with plugrad's random numbers."""
    def fill(self, *args, generator=None, **options):
        drawn = getattr(pg.empty(self.shape, dtype=as_ours(self.dtype)), name)(*args, **options)
        return self.copy_(torch.from_numpy(drawn.numpy()))
    return fill


def drawn(name):
    """torch.<name>, a function that makes a random tensor, with plugrad's random numbers."""
    def draw(*args, generator=None, dtype=None, device=None, requires_grad=False, **options):
        args = [pg.from_numpy(x.detach().numpy()) if isinstance(x, torch.Tensor) else x
                for x in args]
        if dtype is not None:
            options["dtype"] = as_ours(dtype)
        y = getattr(pg, name)(*args, **options).numpy()
        return torch.from_numpy(y).requires_grad_(requires_grad)
    return draw


def as_ours(dtype):
    return getattr(pg, str(dtype).removeprefix("torch."))


def dropout(input, p=0.5, training=True, inplace=False):
    """F.dropout of PyTorch, with plugrad's random numbers."""
    if not training or p == 0:
        return input
    return input * torch.empty_like(input).bernoulli_(1 - p) / (1 - p)


@pytest.fixture
def one_thread():
    """What is as small as here gains nothing from more."""
    threads = {lib: lib.get_num_threads() for lib in (pg, torch)}
    for lib in threads:
        lib.set_num_threads(1)
    yield
    for lib, n in threads.items():
        lib.set_num_threads(n)


@pytest.fixture
def same_random_numbers(monkeypatch):
    """PyTorch draws what plugrad would draw in its place."""
    for name in ("uniform_", "normal_", "bernoulli_"):
        monkeypatch.setattr(torch.Tensor, name, filled(name))
    for name in ("rand", "randn", "randint", "randperm", "rand_like", "randn_like", "bernoulli",
                 "multinomial", "normal"):
        monkeypatch.setattr(torch, name, drawn(name))
    monkeypatch.setattr(torch.utils.data.dataset, "randperm", torch.randperm)
    monkeypatch.setattr(torch.utils.data.dataloader, "RandomSampler", pg.data.RandomSampler)
    monkeypatch.setattr(torch, "manual_seed", pg.manual_seed)
    monkeypatch.setattr(torch.nn.functional, "dropout", dropout)


def run(name, source, capsys):
    """What the script printed, and the losses that it collected."""
    namespace = {"__name__": "__main__", "__file__": str(HERE / f"{name}.py")}
    exec(compile(source, name, "exec"), namespace)
    return capsys.readouterr().out, np.array(namespace["losses"])


@functools.cache
def missing_data():
    """Why the scripts can't run, if so."""
    folder = Path(os.environ.get("PLUGRAD_DATA", os.devnull))
    wanted = ("mnist", "cifar-10-batches-bin", "shakespeare", "name_languages", "multi30k")
    return [name for name in wanted if not (folder / name).is_dir()]


@pytest.mark.parametrize("name", SCRIPTS)
def test_script(name, same_random_numbers, one_thread, capsys, monkeypatch, tmp_path):
    if missing_data():
        pytest.skip(f"PLUGRAD_DATA names no folder with {', '.join(missing_data())}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [name])
    source = (HERE / f"{name}.py").read_text(encoding="utf-8")
    assert "plugrad" not in source.replace("PLUGRAD", "")

    expected_text, expected = run(name, source, capsys)
    text, losses = run(name, converted(source), capsys)

    text = text.replace("plugrad.", "torch.")
    assert NUMBER.sub("0", text) == NUMBER.sub("0", expected_text)
    assert len(losses) == len(expected) >= 20
    np.testing.assert_allclose(losses[:20], expected[:20], rtol=0, atol=1e-4)
    assert losses[-5:].mean() < 0.9 * losses[:5].mean()


def test_only_import_lines_are_converted():
    source = "import torch, os\nimport torch.nn as nn\nfrom torch.utils import data\nx = torch"
    assert converted(source) == ("import plugrad as torch, os\nimport plugrad.nn as nn\n"
                                 "from plugrad.utils import data\nx = torch")
