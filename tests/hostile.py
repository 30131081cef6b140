"""Hostile calls over the whole public API: python -m tests.hostile --calls 100000 --seed 0

A line of Python is drawn for each call: a name that dir() finds, most arguments sensible, one or
two hostile.  Workers run the lines, in a limit of memory and of time; when one dies the next goes
on behind the fatal line.  At the end each kind of wrong outcome is printed with its shortest line,
which --line runs alone.  The exit status is 1 if anything crashed, hung or spoke foreign words.
"""

import argparse
import collections
import contextlib
import faulthandler
import inspect
import json
import linecache
import os
import pickle
import random
import re
import resource
import socket
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import plugrad as pg
from plugrad import nn, optim
from plugrad.nn import functional as F

from .hostile_values import (
    CALLS,
    HOSTILE,
    LEFT_OUT,
    OBJECTS,
    OPERATORS,
    RECIPES,
    SANE,
    SPACES,
    TAME,
    THEMES,
    B,
    L,
    N,
    T,
    W,
    cycle,
    deep,
    steps,
)

MEMORY = 3 << 29        # bytes more than at the start
HANG = 5                # seconds
ROOT = Path(__file__).parents[1]
NAMES = {"np": np, "pg": pg, "nn": nn, "F": F, "optim": optim, "T": T, "W": W, "L": L, "B": B,
         "N": N, "cycle": cycle, "deep": deep, "steps": steps, "inf": np.inf, "nan": np.nan}
# How NumPy, Cython and Python itself speak of what a caller cannot know.
FOREIGN = re.compile(
    r"ufunc|NoneType' object|has no attribute|cannot be interpreted as an integer|Buffer dtype|"
    r"could not be broadcast|integer is required|has no len\(\)|unsupported operand|"
    r"not supported between|is not (iterable|subscriptable|callable)|must be real number|"
    r"too large to convert|to unpack|cannot unpack|out of range$|only integer scalar|unhashable|"
    r"could not convert|invalid literal|incorrect type|must be an integer|argument must be|"
    r"encountered in|setting an array element|memoryview|^array is too big|Maximum allowed dim|"
    r"^negative dimensions|^cannot convert float|unexpected keyword|positional argument")
# A call that does not fit a signature: these words are Python's, and clear.
BINDING = re.compile(r"\(\) (takes|got|missing|keywords must)|required (positional|keyword)|"
                     r"(takes|expected) (no|exactly|at most|at least) .*argument|"
                     r"argument after \*|multiple values for (keyword )?argument|can't set attr")


# ------------------------------------------------------------------------------------ what to call

def targets():
    """(name, its line with {} for arguments, parameters) of all that can be called."""
    seen = set()                                    # the same function has many addresses
    for space in SPACES:
        module = eval(space, NAMES)
        for name in sorted(filter(listed, dir(module))):
            f = getattr(module, name)
            own = (getattr(f, "__module__", None) or "plugrad").startswith("plugrad")
            if own and callable(f) and id(f) not in seen:
                seen.add(id(f))
                found = parameters(getattr(module, name.rstrip("_"), f))
                if all(p.name != "what" for p in found):        # for those who write layers
                    yield f"{space}.{name}", made(space, name, f), found
    for name in sorted(filter(listed, dir(pg.Tensor))):
        f = getattr(pg.Tensor, name)
        if callable(f):
            plain = getattr(pg.Tensor, name.rstrip("_"), f)     # x.exp_(*args) is as x.exp(...)
            yield f"Tensor.{name}", f"y = x.{name}({{}})", parameters(plain)[1:]
        else:
            yield f"Tensor.{name}", f"y = x.{name}; x.{name} = {{}}", [named("value")]
    for text in OPERATORS:
        yield text, text, [named("key" if "[{}]" in text else "other")]
    for text in OBJECTS:
        thing = eval(text, NAMES)
        for name in sorted(filter(listed, dir(type(thing)))):
            f = getattr(thing, name)
            if callable(f) and id(getattr(type(thing), name)) not in seen:
                seen.add(id(getattr(type(thing), name)))
                yield (f"{type(thing).__name__}.{name}", f"m = {text}; y = m.{name}({{}})",
                       parameters(f))


def listed(name):
    return not name.startswith("_") and name not in LEFT_OUT


def made(space, name, f):
    """The line that calls f; of a class, also the line that uses what was made."""
    call = f"{space}.{name}({{}})"
    if not inspect.isclass(f):
        return f"y = {call}"
    if issubclass(f, nn.Module):
        return f"m = {call}; y = m({{forward}})"
    return f"m = {call}; y = steps(m)"


def named(name, kind=inspect.Parameter.POSITIONAL_ONLY):
    return inspect.Parameter(name, kind)


def parameters(f):
    try:
        return list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        return [named("self"), named("args", inspect.Parameter.VAR_POSITIONAL)]


# ---------------------------------------------------------------------------------- drawing a line

def line(target, seed, i):
    """The i-th call of the seed, as Python source."""
    name, template, found = target
    rng = random.Random(f"{seed} {i} {name}")
    rank = re.search(r"([123])d$", name)
    theme = THEMES[int(rank[1]) + 1] if rank and rng.random() < 0.9 else rng.choice(THEMES)
    text = template.replace("{forward}", "\0").replace(
        "{}", arguments(rng, found, RECIPES.get(name.split(".")[-1], {}), theme))
    if "\0" in text:
        forward = parameters(eval(name, NAMES).forward)[1:]
        inputs = CALLS.get(name.split(".")[-1], {})
        text = text.replace("\0", arguments(rng, forward, inputs, theme))
    return f"x = {rng.choice('TTTWW')}({theme}); {text}"


def arguments(rng, found, recipe, theme):
    """Text of arguments: those that are needed or in the recipe, and some of the others."""
    chosen = [p for p in found if p.kind is p.VAR_POSITIONAL or p.name in {*recipe, "download"}
              or rng.random() < (0.97 if p.default is p.empty and p.kind is not p.VAR_KEYWORD
                                 else 0.2)]
    bad = rng.sample(chosen, min(len(chosen), rng.choice([0, 1, 1, 1, 2])))
    texts, skipped, given = [], False, {p.name for p in chosen}
    for p in found:
        skipped = skipped or p not in chosen
        if p not in chosen:
            continue
        one = lambda: value(rng, p.name, recipe, theme, p in bad)      # noqa: B023, E731
        if p.kind is p.VAR_POSITIONAL:
            texts += [] if skipped else [one() for _ in range(rng.choice([1, 1, 1, 2, 3]))]
        elif p.kind is p.VAR_KEYWORD:
            name = rng.choice(["dtype", "out", "dim", "bogus"])
            texts += [] if name in given else [f"{name}={one()}"]
        elif skipped or p.kind is p.KEYWORD_ONLY:
            texts.append(f"{p.name}={one()}")
        else:
            texts.append(one())
    return ", ".join(texts)


def value(rng, name, recipe, theme, hostile):
    """The text of one argument."""
    sane = recipe.get(name) or SANE.get(name) or (
        f"T({theme})", "x", f"L({theme})", "2", "0.5", "None")
    if not hostile or name in TAME:
        return rng.choice(sane).replace("THEME", theme)
    tensors = any(re.match(r"[TLBxW]\b", text) for text in sane)
    kinds = [*HOSTILE, "tensors" if tensors else "numbers", "tensors" if tensors else "sizes"]
    return rng.choice(HOSTILE[rng.choice(kinds)])


# --------------------------------------------------------------------------------- running a line

def attempt(text):
    """(outcome, where, words) of a line."""
    space = dict(NAMES)
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            exec(compile(text, "<line>", "exec"), space)
            follow(space)
    except MemoryError:
        return "MemoryError", "", ""
    except BaseException as error:
        return judged(error)
    for w in warned:
        if FOREIGN.search(str(w.message)):
            return "foreign warning", f"{Path(w.filename).name}:{w.lineno}", str(w.message)
    return "ok", "", ""


def follow(space):
    """Use what the line made, so that what is broken shows."""
    x, y, m = (space.get(name) for name in "xym")
    if isinstance(m, nn.Module):
        repr(m)
        m.load_state_dict(m.state_dict())
        with contextlib.suppress(pickle.PicklingError, AttributeError):     # of lambdas
            pickle.loads(pickle.dumps(m))
    for part in y if isinstance(y, (tuple, list)) else (y,):
        if isinstance(part, pg.Tensor) and part.device.type == "cpu":
            repr(part)
            if part.numel() < 1e6:
                part.tolist()
                if part.requires_grad:
                    part.sum().backward()
    if isinstance(x, pg.Tensor) and x.grad is not None:
        assert x.grad.shape == x.shape, "the gradient has another shape than x"


def judged(error):
    """(outcome, where, words) of an exception: who raised it, and in whose words?"""
    kind, words = type(error).__name__, str(error)
    frames = []
    trace = error.__traceback__
    while trace:
        frames.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    outside = [f for f in frames if f[0] not in (__file__, "<line>")]
    ours = [f for f in frames if re.search(r"\b(core|plugins|plugrad)/.*\.pyx?$", f[0])]
    where = f"{os.path.relpath(resolved(ours[-1][0]), ROOT)}:{ours[-1][1]}" if ours else ""
    if isinstance(error, (SystemError, RecursionError, AssertionError, UnicodeError)):
        return f"internal {kind}", where, words
    if not words.strip() and kind != "StopIteration":
        return "without words", where, kind
    by_python = (not outside or frames[-1][0] == "<line>" or BINDING.search(words)
                 or isinstance(error, OSError))
    raised = ours and frames[-1] == ours[-1] and re.search(r"\braise\b|plugrad_", linecache.getline(
        str(resolved(ours[-1][0])), ours[-1][1]))               # plugrad_...: by a function in C
    if not by_python and (FOREIGN.search(words) or not raised):
        return "foreign words", where, f"{kind}: {words}"
    return kind, where, words


def resolved(path):
    return ROOT / path if (ROOT / path).exists() else Path(path)


def reset():
    """What a call may have switched is as it was."""
    pg.set_grad_enabled(True)
    pg.set_default_dtype(pg.float32)
    pg.set_default_device("cpu")
    pg.set_num_threads(1)
    pg.autograd.set_detect_anomaly(False)
    pg.use_deterministic_algorithms(False)
    pg.set_printoptions(profile="default")
    pg.set_cache_limit(1 << 30)
    pg.manual_seed(0)


def no_network(*args, **options):
    raise OSError("tests.hostile has no network")


def work(lines, limit):
    """Run (number, line) pairs and tell before and after each what happens."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    os.environ["PLUGRAD_DATA"] = folder = tempfile.mkdtemp()
    os.chdir(folder)                                    # where what is saved goes
    faulthandler.enable()
    socket.socket.connect = socket.getaddrinfo = no_network
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)                                       # what calls print is not for the parent
    for number, text in lines:
        reset()
        print(json.dumps([number, text]), file=out, flush=True)
        faulthandler.dump_traceback_later(limit, exit=True)
        outcome = attempt(text)
        faulthandler.cancel_dump_traceback_later()
        print(json.dumps([number, *outcome]), file=out, flush=True)


# ------------------------------------------------------------------------------------- supervising

def started(folder, *options):
    """A worker's (outcomes so far, its last line if that ended it, the end of what it said)."""
    with open(Path(folder, "said"), "w+b") as said:
        done = subprocess.run([sys.executable, "-m", "tests.hostile", *map(str, options)],
                              stdout=subprocess.PIPE, stderr=said, check=False, cwd=ROOT,
                              env=os.environ | {"TMPDIR": folder})
        said.seek(0)
        words = said.read().decode(errors="replace")
    rows = [json.loads(row) for row in done.stdout.splitlines()]
    if done.returncode and not rows:
        raise RuntimeError(f"no call was made, status {done.returncode}:\n{words}")
    fatal = rows.pop() if done.returncode else None
    return rows, fatal, words


def run(calls, seed, only=""):
    """{(outcome, where, words): [line, ...]} of that many calls."""
    found = collections.defaultdict(list)
    first = 0
    with tempfile.TemporaryDirectory() as folder:
        while first < calls:
            rows, fatal, words = started(folder, "--work", first, "--calls", calls,
                                         "--seed", seed, "--only", only)
            texts = {row[0]: row[1] for row in rows if len(row) == 2}
            for number, *outcome in (row for row in rows if len(row) == 4):
                found[grouped(*outcome)].append(texts[number])
            if fatal is None:
                break
            first = fatal[0] + 1
            kind = ended(folder, fatal[1], words)
            found[kind].append(fatal[1])
            print(*kind, fatal[1], sep="  ", file=sys.stderr, flush=True)
    return found


def grouped(outcome, where, words):
    """Numbers and names that are drawn make no new kind."""
    bad = outcome[0].islower()
    return (outcome, where, re.sub(r"\d+|'[^']*'", "#", words)[:100]) if bad else (outcome, "", "")


def ended(folder, text, words):
    """The kind of a fatal line, after it was tried alone with more time."""
    hung = "Timeout (" in words
    _, fatal, alone = started(folder, "--line", text)
    what = re.search(r"Fatal Python error: (.*)|Timeout", alone if fatal else words)
    frames = re.findall(r'File ".*?([\w/]+\.pyx?)", line (\d+)', alone if fatal else words)
    where = ":".join(frames[0]) if frames else ""
    name = re.search(r"(?:y|m) = ([\w.]*)", text)
    told = f"{name[1] if name else text[:30]}: {what[0] if what else 'ended'}"
    if fatal is None:
        return ("slow" if hung else "crash after other calls"), where, told
    return ("hang" if hung else "crash"), where, told


def told(found):
    """Print what happened; whether all went well."""
    counts = collections.Counter()
    for (outcome, *_), texts in found.items():
        counts[outcome] += len(texts)
    for outcome, n in counts.most_common():
        print(f"{n:8} {outcome}")
    bad = {key: texts for key, texts in found.items() if key[0][0].islower() and key[0] != "ok"}
    for key, texts in sorted(bad.items(), key=lambda row: (row[0][0], -len(row[1]))):
        print(f"\n{key[0]} ({len(texts)})  {key[1]}  {key[2]}\n    {min(texts, key=len)}")
    return not bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in [("calls", 100_000), ("seed", 0), ("work", None)]:
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--only", default="", help="targets whose name contains this")
    parser.add_argument("--line")
    options = parser.parse_args()
    if options.line is not None:
        work([(0, options.line)], 4 * HANG)
    elif options.work is not None:
        rows = [t for t in targets() if options.only in t[0]]
        work(((i, line(rows[i % len(rows)], options.seed, i))
              for i in range(options.work, options.calls)), HANG)
    else:
        sys.exit(not told(run(options.calls, options.seed, options.only)))


if __name__ == "__main__":
    main()
