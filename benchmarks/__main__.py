"""python -m benchmarks: the same training steps in plugrad and in PyTorch, in turns.

Each library runs in a process of its own; a round times both, one after the other, and a figure is
the median of the rounds.  The ratio is PyTorch's time divided by plugrad's: above 1, plugrad is
faster.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from datetime import date

from . import micro, workloads

LIBRARIES = ("torch", "plugrad")


class Worker:
    """A process that times one library."""

    def __init__(self, library, threads):
        counts = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", library, str(threads)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | counts)

    def seconds(self, what, at_least):
        """Seconds per step in a run of at least so many seconds."""
        print(what, at_least, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"{what}: {self.process.args[-2]} failed; its message is above")
        return json.loads(answer)

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def measure(names, threads, rounds, seconds):
    """Rows {name, threads, torch, plugrad, ratio}, times in seconds."""
    workers = {library: Worker(library, threads) for library in LIBRARIES}
    for name in names:
        times = {library: [] for library in LIBRARIES}
        for _ in range(rounds):
            for library, worker in workers.items():
                times[library].append(worker.seconds(name, seconds))
        row = {"name": name, "threads": threads}
        row |= {library: statistics.median(values) for library, values in times.items()}
        # Each round's ratio compares two neighbours in time; load on the machine comes and goes.
        row["ratio"] = statistics.median(
            t / p for t, p in zip(times["torch"], times["plugrad"], strict=True))
        yield row
    for worker in workers.values():
        worker.stop()


def cpu():
    """The processor's name."""
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def main():
    known = workloads.WORKLOADS | micro.MICRO
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--threads", default="1,2", help="such as 1,2 (the default)")
    parser.add_argument("--only", help="names or beginnings of names, with commas between")
    parser.add_argument("--micro", action="store_true", help="single operations as well")
    parser.add_argument("--json", metavar="FILE", help="write the figures there as well")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.2, help="per round and library")
    args = parser.parse_args()
    names = [*workloads.WORKLOADS, *(micro.MICRO if args.micro else [])]
    if args.only:
        names = [name for name in known if name.startswith(tuple(args.only.split(",")))]
        if not names:
            parser.error(f"--only {args.only}: there are {', '.join(known)}")

    print(f"{cpu()}, {os.cpu_count()} cores, {date.today()}\n")
    print(f"{'':20} threads   torch ms  plugrad ms   ratio")
    rows = []
    for threads in map(int, args.threads.split(",")):
        for row in measure(names, threads, args.rounds, args.seconds):
            rows.append(row)
            print(f"{row['name']:20} {threads:7} {1e3 * row['torch']:10.4f} "
                  f"{1e3 * row['plugrad']:11.4f} {row['ratio']:7.2f}   "
                  f"{known[row['name']].__doc__}", flush=True)
    if args.json:
        with open(args.json, "w") as file:
            json.dump({"cpu": cpu(), "date": str(date.today()), "rows": rows}, file, indent=1)


if __name__ == "__main__":
    main()
