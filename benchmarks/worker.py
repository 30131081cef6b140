"""python -m benchmarks.worker LIBRARY THREADS: times what the parent process asks for.

A library has a process to itself, as a user's script would.  For each line "NAME ROUNDS SECONDS"
it answers with one line: seconds per step, for each round.
"""

import importlib
import json
import sys
import time


def load(name, threads):
    """The library, ready for that many threads."""
    lib = importlib.import_module(name)
    for part in ("nn", "optim", "nn.functional"):
        importlib.import_module(f"{name}.{part}")
    lib.set_num_threads(threads)
    lib.manual_seed(0)
    return lib


def seconds_per_call(f, seconds):
    """Calls f for at least so many seconds."""
    calls, start, passed = 0, time.perf_counter(), 0.0
    while passed < seconds:
        f()
        calls += 1
        passed = time.perf_counter() - start
    return passed / calls


def main(name, threads):
    lib = load(name, int(threads))
    from . import micro, workloads
    known = workloads.WORKLOADS | micro.MICRO
    made = {}
    for line in sys.stdin:
        what, seconds = line.split()
        if what not in made:
            made[what] = known[what](lib)
            seconds_per_call(made[what], 0.1)              # warm up
        print(json.dumps(seconds_per_call(made[what], float(seconds))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
