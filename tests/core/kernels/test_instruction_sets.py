"""Kernels come in several builds, one per instruction set; the machine's best one is loaded."""

import subprocess
import sys

import pytest
from plugrad import kernels
from plugrad.kernels import choose, cpu

SCRIPT = """
import sys
from plugrad import kernels
from plugrad.kernels import gemm
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
