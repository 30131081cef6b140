"""What the figures depend on: the machine and the versions."""

import os
import platform
from datetime import date
from importlib.metadata import PackageNotFoundError, version

from plugrad.kernels import instruction_set
from plugrad.kernels.matmul import peak


def cpu():
    """The processor's name."""
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def versions():
    """{package: version}, of those that are installed"""
    found = {"python": platform.python_version()}
    for name in ("plugrad", "numpy", "torch", "jax"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def describe():
    return {"cpu": cpu(), "cores": os.cpu_count(), "instruction_set": instruction_set,
            "peak_gflops": peak.gflops(), "date": str(date.today()), "versions": versions()}


def said(machine):
    """`describe()` in one sentence."""
    names = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return (f"{machine['cpu']}, {machine['cores']} cores, {machine['instruction_set']}, "
            f"{machine['peak_gflops']:.0f} GFLOP/s per core in float32 at most, "
            f"{machine['date']}; {names}")
