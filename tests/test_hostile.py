"""No call that a user can write ends the process or goes on forever (see hostile.py)."""

import pytest

from . import hostile


def check(calls, seed):
    found = hostile.run(calls, seed)
    fatal = [(*key, min(lines, key=len)) for key, lines in found.items()
             if key[0].startswith(("crash", "hang"))]
    assert not fatal, "\n".join(map(str, fatal))
    assert sum(map(len, found.values())) == calls
    assert len(found["ok", "", ""]) > calls / 4, "few calls went well: do the arguments fit?"


def test_hostile_calls_neither_crash_nor_hang():
    check(6_000, seed=0)


@pytest.mark.slow
def test_many_hostile_calls_neither_crash_nor_hang():
    check(40_000, seed=1)


def test_a_crash_and_a_hang_are_found_and_survived(monkeypatch):
    monkeypatch.setattr(hostile, "started", lambda folder, *options: outcomes.pop(0))
    outcomes = [([[0, "a"], [0, "ok", "", ""]], [1, "y = pg.b()"], "Fatal Python error: Aborted"),
                ([], [0, "y = pg.b()"], "Fatal Python error: Aborted"),
                ([], [2, "y = pg.c()"], "Timeout (0:00:05)!"),
                ([], [0, "y = pg.c()"], "Timeout (0:00:20)!"),
                ([[3, "d"], [3, "ok", "", ""]], None, "")]
    found = hostile.run(4, seed=0)
    assert sorted((key[0], len(lines)) for key, lines in found.items()) == [
        ("crash", 1), ("hang", 1), ("ok", 2)]


def test_lines_follow_from_the_seed():
    rows = list(hostile.targets())
    assert len(rows) > 1000
    lines = [hostile.line(rows[i % len(rows)], 3, i) for i in range(500)]
    assert lines == [hostile.line(rows[i % len(rows)], 3, i) for i in range(500)]
    for text in lines:
        compile(text, text, "exec")
