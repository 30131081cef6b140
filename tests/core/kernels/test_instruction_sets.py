"""Kernels come in several builds, one per instruction set; the machine's best one is loaded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from plugrad import kernels
from plugrad.kernels import choose
from plugrad.kernels.base import cpu

SCRIPT = """
import sys
from plugrad import kernels
from plugrad.kernels.matmul import gemm
print(kernels.instruction_set, gemm.__file__)
"""


def python(isa):
    return subprocess.run([sys.executable, "-c", SCRIPT], env={"PLUGRAD_ISA": isa},
                          capture_output=True, text=True, timeout=60, check=False)


def test_the_best_is_taken_unless_one_is_wanted():
    assert choose(["baseline", "avx2"], None) == "avx2"
    assert choose(["baseline", "avx2"], "") == "avx2"
    assert choose(["baseline", "avx2"], "baseline") == "baseline"
    with pytest.raises(ImportError, match=r"PLUGRAD_ISA=avx512: .* have baseline, avx2"):
        choose(["baseline", "avx2"], "avx512")


@pytest.mark.parametrize("isa", cpu.instruction_sets())
def test_each_that_the_machine_has_can_be_chosen(isa):
    name, file = python(isa).stdout.split()
    assert name == isa
    assert (f"/{isa}/" in file.replace("\\", "/")) == (isa != "baseline")


def test_an_unknown_one_is_an_error():
    assert "PLUGRAD_ISA=sse: this processor and this build have baseline" in python("sse").stderr


def test_this_process_uses_one_of_them():
    assert kernels.instruction_set in cpu.instruction_sets()


@pytest.mark.slow
@pytest.mark.parametrize("isa", [isa for isa in cpu.instruction_sets()
                                 if isa != kernels.instruction_set])
def test_kernels_are_right_on_the_others(isa):
    """What this process tests with its own set, in a process of its own."""
    here = Path(__file__)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-m", "not slow", "-p", "no:cacheprovider",
         str(here.parent), f"--ignore={here}"],
        env=os.environ | {"PLUGRAD_ISA": isa}, capture_output=True, text=True, timeout=300,
        check=False)
    assert done.returncode == 0, done.stdout[-3000:]
