"""The Python blocks of README and CONTRIBUTING run, as a reader would run them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
CONTRIBUTING = README.with_name("CONTRIBUTING.md")


def blocks(page):
    return re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)


BLOCKS = blocks(README)


def test_its_code_blocks_run(tmp_path):
    script = tmp_path / "readme.py"
    for block in BLOCKS:
        name = re.match(r"# (\w+\.py)\n", block)           # a block that begins so is that file
        with open(tmp_path / name[1] if name else script, "a", encoding="utf-8") as file:
            file.write(block)
    run = subprocess.run([sys.executable, "-W", "error", script], cwd=tmp_path, timeout=120,
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    accuracies = [int(percent) for percent in re.findall(r"accuracy (\d+)%", run.stdout)]
    assert len(accuracies) == 2 and min(accuracies) >= 95


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_each_code_block_runs_in_a_file_of_its_own(tmp_path, number):
    for block in BLOCKS:
        if name := re.match(r"# (\w+\.py)\n", block):
            (tmp_path / name[1]).write_text(block, encoding="utf-8")
    (tmp_path / "own.py").write_text(BLOCKS[number], encoding="utf-8")
    run = subprocess.run([sys.executable, "-W", "error", "own.py"], cwd=tmp_path, timeout=120,
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_a_folder_of_files_is_graded(tmp_path):
    grade, = blocks(CONTRIBUTING)
    right, = (block for block in BLOCKS if block.startswith("# snake.py"))
    students = tmp_path / "students"
    students.mkdir()
    for name, formula in {"Snake": "x + x.sin() ** 2", "Nan": "x.exp() / x.exp()",
                          "Crash": "1 /"}.items():
        text = right.replace("x + x.sin() ** 2", formula).replace("Snake", name)
        (students / f"{name}.py").write_text(text, encoding="utf-8")
    (tmp_path / "grade.py").write_text(grade, encoding="utf-8")
    run = subprocess.run([sys.executable, "grade.py"], cwd=tmp_path, timeout=120,
                         capture_output=True, text=True)
    crash, nan, snake = run.stdout.splitlines()
    assert "SyntaxError" in crash and "is NaN" in nan
    assert snake == f"{Path('students', 'Snake.py')}: right", run.stderr


def test_its_files_exist():
    text = README.read_text(encoding="utf-8")
    for path in re.findall(r"\]\(([\w./]+)\)|`(examples/[\w./]+)`", text):
        assert (README.parent / "".join(path)).exists(), path


def test_it_names_every_kind():
    from plugrad.plugin.kinds import KINDS
    text = README.read_text(encoding="utf-8")
    assert all(f"`register_{kind}`" in text for kind in KINDS)
