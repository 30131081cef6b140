"""Every example runs, says something and draws a picture; the main ones learn what they promise."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
SCRIPTS = sorted(path.name for path in EXAMPLES.glob("*.py") if "main()" in path.read_text())


def run(script, *options, folder, **environment):
    """What the example printed; it must end well and warn of nothing."""
    if script == "lenet5.py" and not os.environ.get("PLUGRAD_DATA"):
        pytest.skip("PLUGRAD_DATA names no folder with MNIST")
    done = subprocess.run([sys.executable, "-W", "error", EXAMPLES / script, *options],
                          cwd=folder, env=os.environ | environment, timeout=600,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def accuracy(text):
    return float(re.search(r"^test accuracy ([\d.]+)%", text, re.M)[1])


@pytest.mark.parametrize("script", SCRIPTS)
def test_it_runs_and_draws(script, tmp_path):
    text = run(script, "--quick", folder=tmp_path)
    picture = Path(script).with_suffix(".png").name
    assert f"saved {picture}" in text
    assert (tmp_path / picture).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("script", SCRIPTS)
def test_it_goes_on_without_matplotlib(script, tmp_path):
    (tmp_path / "matplotlib.py").write_text("raise ImportError")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    text = run(script, "--quick", folder=tmp_path, PYTHONPATH=path)
    assert "no picture: matplotlib is missing" in text


@pytest.mark.parametrize("script", SCRIPTS)
def test_it_is_short(script):
    assert len((EXAMPLES / script).read_text().splitlines()) <= 80


def test_the_activation_of_your_own_has_twelve_lines():
    assert len((EXAMPLES / "my_activation.py").read_text().splitlines()) == 12


@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_one_unit_fails_at_xor_and_two_layers_succeed(seed, tmp_path):
    text = run("xor.py", "--seed", seed, folder=tmp_path)
    one, two = (int(percent) for percent in re.findall(r"accuracy (\d+)%", text))
    assert one <= 80 and two >= 98


@pytest.mark.slow
def test_digits_reads_98_percent_and_repeats_itself(tmp_path):
    first, second = (run("digits.py", folder=tmp_path) for _ in range(2))
    assert accuracy(first) >= 98
    assert re.sub(r"after .* s", "", first) == re.sub(r"after .* s", "", second)


@pytest.mark.slow
def test_lenet5_reads_98_9_percent_of_mnist(tmp_path):
    assert accuracy(run("lenet5.py", "--data", "mnist", folder=tmp_path)) >= 98.9
