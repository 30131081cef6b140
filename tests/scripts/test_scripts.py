"""Scripts written for PyTorch run and learn the same under plugrad when their imports are changed.

Their seeds see to it that both begin with the same weights, shuffle alike and drop the same
elements.
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

from ..streams import coins_are_of_another

HERE = Path(__file__).parent
FAST = {"logistic_regression", "mlp_mnist", "vae"}
SCRIPTS = [pytest.param(path.stem, marks=[] if path.stem in FAST else pytest.mark.slow)
           for path in sorted(HERE.glob("*.py")) if not path.stem.startswith("test_")]
COINS = re.compile("[Dd]ropout|bernoulli|multinomial")
NUMBER = re.compile(r" *-?\d+(\.\d+)?(e-?\d+)?")       # with the spaces that align it


def converted(source):
    """The script for plugrad: `torch` becomes `plugrad` in its import lines, nothing else."""
    source = re.sub(r"^(\s*)(import|from) torch\b", r"\1\2 plugrad", source, flags=re.M)
    return re.sub(r"^(\s*import plugrad)(?=,|\s*$)", r"\1 as torch", source, flags=re.M)


@pytest.fixture
def one_thread():
    """What is as small as here gains nothing from more."""
    threads = {lib: lib.get_num_threads() for lib in (pg, torch)}
    for lib in threads:
        lib.set_num_threads(1)
    yield
    for lib, n in threads.items():
        lib.set_num_threads(n)


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
def test_script(name, one_thread, capsys, monkeypatch, tmp_path):
    if missing_data():
        pytest.skip(f"PLUGRAD_DATA names no folder with {', '.join(missing_data())}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [name])
    source = (HERE / f"{name}.py").read_text(encoding="utf-8")
    if COINS.search(source) and coins_are_of_another():
        pytest.skip("on this processor PyTorch draws by MKL what this script draws")
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
