"""python -m benchmarks.worker LIBRARY THREADS: times what the parent process asks for.

A library has a process to itself, as a user's script would.  For each line "NAME SECONDS" it
answers with one line: seconds per step.  "memory NAME" is answered with the memory of its steps.
"""

import importlib
import json
import sys
import time


def load(name, threads):
    """The library, ready for that many threads."""
    lib = importlib.import_module(name)
    if name in ("numpy", "jax"):                     # told by their environment
        return lib
    for part in ("nn", "optim", "nn.functional"):
        importlib.import_module(f"{name}.{part}")
    lib.set_num_threads(threads)
    lib.manual_seed(0)
    return lib


def seconds_per_call(f, seconds):
    """Calls f for at least so many seconds, looking at the clock once a millisecond: that takes
    as long as a small operation."""
    calls, few, start, passed = 0, 1, time.perf_counter(), 0.0
    while passed < seconds:
        for _ in range(few):
            f()
        calls += few
        passed = time.perf_counter() - start
        few = max(1, int(calls / passed / 1000))
    return passed / calls


def resident():
    """The most bytes that this process has had in memory."""
    import resource  # Windows has none

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def memory(lib, make, steps=5):
    """{bytes at most beyond those after import, requests to the system in each warm step}"""
    before = resident()
    step = make(lib)
    for _ in range(steps):
        step()
    answer = {"bytes": resident() - before}
    if hasattr(lib, "memory_stats"):
        first = lib.memory_stats()["from_system"]
        for _ in range(steps):
            step()
        answer["from_system"] = (lib.memory_stats()["from_system"] - first) / steps
    return answer


def main(name, threads):
    lib = load(name, int(threads))
    from . import in_jax, micro, products, workloads
    known = (in_jax if name == "jax" else workloads).WORKLOADS | micro.MICRO
    known |= {name: make for name, (make, _) in products.NEIGHBORS.items()}
    made = {}
    for line in sys.stdin:
        what, argument = line.split()
        if what == "memory":
            answer = memory(lib, known[argument])
        else:
            if what not in made:
                made[what] = known[what](lib)
                seconds_per_call(made[what], 0.1)          # warm up
            answer = seconds_per_call(made[what], float(argument))
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
