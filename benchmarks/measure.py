"""Workers that time what they are told, in turns."""

import json
import os
import statistics
import subprocess
import sys
from contextlib import ExitStack

from . import flops, in_jax, products


class Worker:
    """A process that times one library."""

    def __init__(self, library, threads):
        counts = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
                               str(threads))
        best = {name: value for name, value in os.environ.items()     # NumPy's own choice
                if name not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", library, str(threads)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=best | counts)

    def ask(self, what, argument):
        """Seconds per step in a run of at least `argument` seconds; or see worker.py."""
        print(what, argument, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"{what}: {self.process.args[-2]} failed; its message is above")
        return json.loads(answer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def in_turns(runs, rounds, seconds):
    """{key: seconds per step in each round} for runs = {key: (worker, name)}."""
    times = {key: [] for key in runs}
    for _ in range(rounds):
        for key, (worker, name) in runs.items():
            times[key].append(worker.ask(name, seconds))
    return times


def ratio(xs, ys):
    """Of neighbors in time, as load on the machine comes and goes."""
    return statistics.median(x / y for x, y in zip(xs, ys, strict=True))


def rows(known, names, threads, rounds, seconds, peak):
    """Rows {name, threads, torch, plugrad, perhaps numpy, ratio, fraction}, times in seconds;
    `peak` is that of one core in GFLOP/s."""
    with ExitStack() as stack:
        workers = {}
        for name in names:
            libraries = [*getattr(known[name], "libraries", ("torch", "plugrad")),
                         *["jax"] * (name in in_jax.WORKLOADS)]
            for library in libraries:
                if library not in workers:
                    workers[library] = stack.enter_context(Worker(library, threads))
            times = in_turns({library: (workers[library], name) for library in libraries},
                             rounds, seconds)
            row = {"name": name, "threads": threads, "what": known[name].__doc__}
            row |= {library: statistics.median(values) for library, values in times.items()}
            row["ratio"] = ratio(times["torch"], times["plugrad"])
            count = flops.WORKLOADS.get(name) or getattr(known[name], "flops", None)
            if count:
                cores = min(threads, os.cpu_count())
                row["fraction"] = count / row["plugrad"] / (1e9 * peak * cores)
            yield row


def neighbors(names, threads, rounds, seconds):
    """Rows {name, threads, relative}: time per operation relative to the shape in the table."""
    table = products.TABLE
    with Worker("plugrad", threads) as worker:
        for name in names:
            make, of = products.NEIGHBORS[name]
            times = in_turns({"near": (worker, name), "table": (worker, of)}, rounds, seconds)
            relative = ratio(times["near"], times["table"]) * table[of].flops / make.flops
            yield {"name": name, "threads": threads, "relative": relative}


def memory(library, name):
    """The answer of a fresh process to "memory": see worker.py."""
    with Worker(library, 1) as worker:
        return worker.ask("memory", name)
