"""The figures as tables: lines for the terminal, and the page docs/performance.md."""

from pathlib import Path

from . import machine

HEAD = f"{'':27} threads   torch ms plugrad ms  ratio    peak   numpy ms   jax ms"
HOW = """How it is measured: each library has a process to itself, with as many threads as the
column says.  The code is the same for both; where PyTorch has a layer that plugrad has not, PyTorch
uses it.  Rounds alternate between the libraries, so that load on the machine hits both alike.  A
time is the median of the rounds, in milliseconds per step, after a step to warm up.  The ratio is
the median of PyTorch's time divided by plugrad's in each round: above 1, plugrad is faster.  "Of
peak" divides the multiply-adds that a step cannot do without by its time and by what the cores
reach when they do multiply-adds in registers and nothing else.  JAX runs under jit, always with
SGD.  (`--near` adds shapes one larger or smaller in each dimension.)

    python -m benchmarks --micro --memory --write docs/performance.md
"""


def number(value, scale=1e3, form="{:.3f}"):
    return "" if value is None else form.format(scale * value)


def cells(row):
    """Times in ms, ratio, fraction of peak, times of others; "" where there is none."""
    return [number(row["torch"]), number(row["plugrad"]), number(row["ratio"], 1, "{:.2f}"),
            number(row.get("fraction"), 100, "{:.0f} %"), number(row.get("numpy")),
            number(row.get("jax"))]


def line(row):
    torch, plugrad, ratio, fraction, numpy, jax = cells(row)
    return (f"{row['name']:27} {row['threads']:7} {torch:>10} {plugrad:>10} {ratio:>6} "
            f"{fraction:>7} {numpy:>10} {jax:>8}   {row['what']}")


def table(head, lines):
    return "\n".join("| " + " | ".join(map(str, row)) + " |"
                     for row in [head, ["---"] * len(head), *lines])


def steps(rows):
    """One table for each number of threads."""
    for threads in sorted({row["threads"] for row in rows}):
        head = ["", "what", "PyTorch", "plugrad", "ratio", "of peak", "NumPy", "JAX"]
        lines = [[row["name"], row["what"], *cells(row)] for row in rows
                 if row["threads"] == threads]
        yield f"### {threads} thread{'s' * (threads > 1)}\n\n{table(head, lines)}\n"


def page(result):
    """The page in Markdown; `result` is what --json writes."""
    parts = ["# Performance\n", "Written by `python -m benchmarks`.  " +
             machine.said(result["machine"]) + ".\n", HOW, "## Training steps and operations\n",
             *steps(result["rows"])]
    if result["memory"]:
        lines = [[library, f"{answer['bytes'] / 2 ** 20:.0f}"]
                 for library, answer in result["memory"].items()]
        parts += ["## Memory\n", "Most memory in MiB beyond that after import, ResNet-20:\n",
                  table(["", "MiB"], lines), "",
                  "plugrad's pool asks the system for memory "
                  f"{result['from_system']:g} times in a warm step of LeNet-5.\n"]
    if result["near"]:
        lines = [[row["name"], row["threads"], f"{row['relative']:.2f}"]
                 for row in result["near"]]
        parts += ["## Off the table\n", "Time per multiply-add of shapes with one size larger or "
                  "smaller by 1, divided by that of the shape above:\n",
                  table(["", "threads", "relative"], lines), ""]
    return "\n".join(parts)


def write(file, result):
    path = Path(file)
    path.parent.mkdir(exist_ok=True)
    path.write_text(page(result), encoding="utf-8")
