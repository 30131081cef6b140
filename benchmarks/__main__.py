"""python -m benchmarks: the same training steps in plugrad and in PyTorch, in turns.

Each library runs in a process of its own; a round times both, one after the other, and a figure is
the median of the rounds.  The ratio is PyTorch's time divided by plugrad's: above 1, plugrad is
faster.
"""

import argparse
import json

from . import machine, measure, micro, products, report, workloads

WORTH_SAYING = 1.25           # a neighbor of a shape may be slower by this much


def arguments():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--threads", default="1,2", help="such as 1,2 (the default)")
    parser.add_argument("--only", help="names or beginnings of names, with commas between")
    parser.add_argument("--micro", action="store_true", help="single operations as well")
    parser.add_argument("--near", action="store_true",
                        help="products and convolutions with one size larger or smaller by 1")
    parser.add_argument("--memory", action="store_true", help="memory of ResNet-20 and LeNet-5")
    parser.add_argument("--json", metavar="FILE", help="write the figures there as well")
    parser.add_argument("--write", metavar="FILE", help="and there, as a page in Markdown")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.2, help="per round and library")
    return parser, parser.parse_args()


def main():
    parser, args = arguments()
    known = workloads.WORKLOADS | micro.MICRO
    near = [*products.NEIGHBORS] if args.near else []
    names = [*workloads.WORKLOADS, *(micro.MICRO if args.micro else [])]
    if args.only:
        wanted = tuple(args.only.split(","))
        names = [name for name in known if name.startswith(wanted)]
        near = [name for name in near if name.startswith(wanted)]
        if not names:
            parser.error(f"--only {args.only}: there are {', '.join(known)}")

    result = {"machine": machine.describe(), "rows": [], "near": [], "memory": {}}
    print(machine.said(result["machine"]), report.HEAD, sep="\n\n")
    for threads in map(int, args.threads.split(",")):
        times = threads, args.rounds, args.seconds
        for row in measure.rows(known, names, *times, result["machine"]["peak_gflops"]):
            result["rows"].append(row)
            print(report.line(row), flush=True)
        for row in measure.neighbors(near, *times):
            result["near"].append(row)
            print(f"{row['name']:40} {threads:7} {row['relative']:7.2f} per operation"
                  + " SLOW" * (row["relative"] > WORTH_SAYING), flush=True)
    if args.memory:
        for library in ("torch", "plugrad"):
            result["memory"][library] = measure.memory(library, "resnet20")
            print(f"resnet20, {library}: {result['memory'][library]['bytes'] / 2 ** 20:.0f} MiB")
        result["from_system"] = measure.memory("plugrad", "lenet5")["from_system"]
        print(f"lenet5: {result['from_system']:g} requests for memory in a warm step")
    if args.json:
        with open(args.json, "w") as file:
            json.dump(result, file, indent=1)
    if args.write:
        report.write(args.write, result)


if __name__ == "__main__":
    main()
