"""Calls every public function with arguments of wrong types: python fuzz.py SEED

A program of its own, so that a crash or a hang ends this process and not the tests'.  Prints what
should not have happened; its exit status is 1 then.
"""

import copy
import faulthandler
import random
import sys
import types
import warnings

import numpy as np
import plugrad as pg
import plugrad.nn.functional

CALLS = 60          # per function
HANG = 30           # seconds
REFUSALS = (TypeError, ValueError, RuntimeError, IndexError, AttributeError, KeyError,
            OverflowError, MemoryError, ZeroDivisionError, BufferError, StopIteration)
BUGS = (RecursionError, UnicodeError)
# They act on this process or on files.
LEFT_OUT = {"load", "save", "load_plugin", "register", "set_num_threads", "main", "compile"}

WRONG = [
    None, True, -1, 0, 1, 2, 3, 2.5, float("nan"), float("inf"), 10**30, -10**30, 2**62, 1j,
    "a", "", "ij->j", b"x", [], [1], [1, 2, 3], [[1], [2, 3]], [[]], [None], (), (0, 1), (1, -1),
    (1, 0), {}, {"a": 1}, {1, 2}, object(), type, len, ..., slice(None), slice(1, 0, -1),
    NotImplemented, np.zeros(2), np.array(["a"]), np.zeros((2, 2), complex), np.float64(1),
    np.array(None), pg.float32, pg.int64,
]
TENSORS = [
    lambda: pg.ones(2, 3), lambda: pg.ones(3), lambda: pg.tensor([0, 1, 1]), lambda: pg.tensor(1.5),
    lambda: pg.ones(2, 3) > 0, lambda: pg.zeros(0, 3), lambda: pg.ones(2, 3, requires_grad=True),
    lambda: pg.ones(3, 2, requires_grad=True).T * 2, lambda: pg.ones(2, 2, 4, 4),
    lambda: pg.ones(1, 3).expand(2, 3), lambda: pg.ones(2, 3, dtype=pg.float64),
    lambda: pg.tensor(1), pg.Generator,
]
KEYWORDS = ["dim", "keepdim", "dtype", "p", "size", "generator", "requires_grad", "other", "input",
            "min", "value", "sizes", "stride", "groups"]
MEMBERS = ["__getitem__", "__setitem__", "__add__", "__radd__", "__mul__", "__matmul__", "__pow__",
           "__rpow__", "__iadd__", "__floordiv__", "__mod__", "__lt__", "__eq__", "__and__",
           "__rtruediv__", "__contains__", "__array__", "__format__", "__len__", "__iter__",
           "__bool__", "__float__", "__index__", "__deepcopy__", "__dlpack__", "__init__"]


def targets():
    """(name, function, whether its first argument should be a tensor)"""
    for space, name in [(pg, "plugrad"), (plugrad.nn.functional, "functional"),
                        (pg.autograd, "autograd"), (pg.linalg, "linalg")]:
        for member in sorted(dir(space)):
            f = getattr(space, member)
            if (member.startswith("_") or member in LEFT_OUT or isinstance(f, types.ModuleType)
                    or not callable(f)):
                continue
            yield f"{name}.{member}", f, False
    for member in sorted(dir(pg.Tensor)):
        if not member.startswith("_") or member in MEMBERS:
            f = getattr(pg.Tensor, member)
            if callable(f):
                yield f"Tensor.{member}", f, True
            elif hasattr(f, "__set__"):
                yield f"Tensor.{member} = …", f.__set__, True


def arguments(rng, with_self):
    args = [copy.deepcopy(rng.choice(WRONG)) if rng.random() < 0.6 else rng.choice(TENSORS)()
            for _ in range(rng.randint(0, 4))]
    if with_self:
        args.insert(0, rng.choice(TENSORS[:-1])() if rng.random() < 0.9 else rng.choice(WRONG))
    keywords = {rng.choice(KEYWORDS): rng.choice(WRONG)} if rng.random() < 0.2 else {}
    return args, keywords


def kind(argument):
    """Short, and safe to show before and after the call."""
    if isinstance(argument, pg.Tensor):
        return f"{argument.dtype} tensor {tuple(argument.shape)}"
    return repr(argument)[:60]


def attempt(f, args, keywords):
    """None, or what was wrong about the way the call ended."""
    try:
        result = f(*args, **keywords)
        if isinstance(result, pg.Tensor):
            repr(result)
            if result.requires_grad:
                result.sum().backward()
    except BUGS as error:
        return f"{type(error).__name__}: {error}"
    except REFUSALS as error:
        return None if str(error).strip() else f"{type(error).__name__} without a text"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"


def main(seed):
    warnings.simplefilter("ignore")
    found = 0
    for name, f, with_self in targets():
        rng = random.Random(f"{seed} {name}")
        told = set()
        for i in range(CALLS):
            args, keywords = arguments(rng, with_self)
            print(f"seed {seed}: {name}, call {i}", file=sys.stderr, flush=True)  # before a crash
            shown = f"{name}{tuple(map(kind, args))} {keywords}"
            faulthandler.dump_traceback_later(HANG, exit=True)
            wrong = attempt(f, args, keywords)
            faulthandler.cancel_dump_traceback_later()
            if wrong and wrong not in told:
                told.add(wrong)
                found += 1
                print(f"{shown}\n    {wrong}")
    return found > 0


if __name__ == "__main__":
    faulthandler.enable()
    sys.exit(main(sys.argv[1]))
