"""The command line, run as a user runs it."""

import json
from pathlib import Path

import plugrad as pg
import pytest
from plugrad import registry
from plugrad.tools import cli

SWISH = '''
import plugrad as pg

def swish(x):
    """x * sigmoid(x)"""
    return x * x.sigmoid()

@pg.hookimpl
def register_activations(register):
    register(swish)
'''


@pytest.fixture(autouse=True)
def isolated():
    with registry.isolated():
        yield


@pytest.fixture
def swish(tmp_path):
    (tmp_path / "swish.py").write_text(SWISH)
    return str(tmp_path / "swish.py")


def output(capsys, *arguments):
    assert not cli.main(arguments)
    return capsys.readouterr().out


def test_version(capsys):
    with pytest.raises(SystemExit) as done:
        cli.main(["--version"])

    assert done.value.code == 0
    assert capsys.readouterr().out == f"plugrad {pg.__version__}\n"


def test_info_has_what_a_bug_report_needs(capsys):
    text = output(capsys, "info")

    for line in ("plugrad", "Python", "NumPy", "instruction set", "threads", "compiler", "plugins"):
        assert f"\n{line} " in f"\n{text}"
    assert pg.__version__ in text and pg.kernels.instruction_set in text


def test_the_listing_has_kind_name_distribution_version_and_file(capsys, swish):
    text = output(capsys, "--plugin", swish, "plugins")
    row, = (line for line in text.splitlines() if " swish " in line)

    assert row.split() == ["activations", "swish", "swish.py", "-", swish]
    assert text.splitlines()[0].split() == ["KIND", "NAME", "DISTRIBUTION", "VERSION", "FILE"]


def test_the_listing_shows_what_shadows_what(capsys, swish, tmp_path):
    (tmp_path / "mine.py").write_text(SWISH.replace("(swish)", "(swish, override=True)"))
    text = output(capsys, "--plugin", swish, "--plugin", str(tmp_path / "mine.py"), "plugins")

    rows = [line.split(maxsplit=5)[2:] for line in text.splitlines() if " swish " in line]

    assert rows == [["swish.py", "-", swish, "(shadowed)"],
                    ["mine.py", "-", str(tmp_path / "mine.py"), "shadows swish.py:swish"]]


def test_the_listing_is_there_for_programs(capsys, swish):
    everything = json.loads(output(capsys, "--plugin", swish, "plugins", "--json"))
    row, = (row for row in everything["components"] if row["name"] == "swish")

    assert row == {"kind": "activations", "name": "swish", "plugin": swish, "file": swish,
                   "distribution": "swish.py", "version": "-", "in_use": True, "shadows": [],
                   "namespace": "plugrad.nn.functional"}


def test_what_plugins_print_is_not_in_the_listing(capsys, swish):
    Path(swish).write_text("print('hello')\n" + SWISH)
    assert cli.main(["--plugin", swish, "plugins", "--json"]) == 0
    told = capsys.readouterr()

    assert json.loads(told.out)["components"] and told.err == "hello\n"


def test_the_listing_tells_what_failed_and_why(capsys, swish, tmp_path):
    (tmp_path / "bad.py").write_text("1/0")
    text = output(capsys, "--plugin", str(tmp_path / "bad.py"), "--plugin", swish, "plugins")

    assert "bad.py" in text and "ZeroDivisionError" in text and " swish " in text


def test_disabled_plugins_and_disabled_nothings_are_listed(python, swish):
    done = python("-m", "plugrad", "plugins", PLUGRAD_PLUGINS=swish, PLUGRAD_DISABLE="swish,sviss")

    assert f"disabled: plugin {swish}" in done.stdout
    assert "PLUGRAD_DISABLE names 'sviss', which is no plugin" in done.stdout


@pytest.mark.parametrize("name, words", [
    ("swish", ["plugrad.nn.functional.swish comes from plugin {folder}/swish.py; "
               '"swish.py:swish" among activations always means this one\n']),
    ("Linear", ["plugrad.nn.Linear comes from plugin plugrad:layers.linear (", "linear.py);"]),
    ("swish.py:swish", ["comes from plugin"]),
    ("swish.py", ["is in use: activations swish"]),
    ("bad", ["its import failed with ZeroDivisionError"]),
])
def test_why(capsys, swish, tmp_path, name, words):
    (tmp_path / "bad.py").write_text("1/0")
    text = output(capsys, "--plugin", str(tmp_path / "bad.py"), "--plugin", swish,
                  "plugins", "--why", name)

    assert all(word.format(folder=tmp_path) in text for word in words), text


def test_why_of_a_name_that_is_not_there_tells_what_may_have_had_it(capsys, swish, tmp_path):
    (tmp_path / "bad.py").write_text("1/0")
    status = cli.main(["--plugin", str(tmp_path / "bad.py"), "--plugin", swish,
                       "plugins", "--why", "swisj"])
    told = capsys.readouterr()

    assert status == 1 and not told.out
    assert told.err.startswith("plugrad: nothing is called 'swisj'; did you mean 'swish'?\n")
    assert f"these are set aside:\nplugin {tmp_path}/bad.py: its import failed" in told.err


def test_a_plugin_that_is_set_aside_is_named_once(capsys, tmp_path):
    (tmp_path / "bad.py").write_text("1/0")
    text = output(capsys, *["--plugin", str(tmp_path / "bad.py")] * 2, "plugins")

    assert text.count("\nset aside: ") == 1
    assert f"set aside: plugin {tmp_path}/bad.py: its import failed with Zero" in text


def test_run_gives_a_script_its_plugins_arguments_and_folder(python, swish, tmp_path):
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / "beside.py").write_text("here = 1")
    (folder / "script.py").write_text(
        "import sys\nfrom beside import here\nfrom plugrad import nn\n"
        "print(__name__, sys.argv[1:], nn.functional.swish.__name__, here)")
    done = python("-m", "plugrad", "--plugin", swish, "run", folder / "script.py", "--quick", "3")

    assert done.stdout == "__main__ ['--quick', '3'] swish 1\n", done.stderr


def script(folder, text):
    (folder / "script.py").write_text(text)
    return folder / "script.py"


def test_an_error_in_a_script_begins_with_the_script(python, tmp_path):
    file = script(tmp_path, "def f():\n    raise KeyError('mine')\ntry:\n    f()\n"
                            "except KeyError as error:\n    raise ValueError('other') from error\n")
    done = python("-m", "plugrad", "run", file)
    frames = [line.split(", in ")[0] for line in done.stderr.splitlines() if "File" in line]

    assert done.returncode == 1
    assert frames == [f'  File "{file}", line {line}' for line in (4, 2, 6)]
    assert done.stderr.endswith("ValueError: other\n")


def test_a_script_that_is_no_python_shows_its_own_line_only(python, tmp_path):
    file = script(tmp_path, "def f(:\n")
    done = python("-m", "plugrad", "run", file)

    assert done.returncode == 1 and done.stderr.count("File") == 1
    assert f'"{file}", line 1' in done.stderr and "SyntaxError" in done.stderr


@pytest.mark.parametrize("text, status", [("import sys; sys.exit(3)", 3), ("x = 1", 0)])
def test_a_script_has_its_own_exit_status(python, tmp_path, text, status):
    assert python("-m", "plugrad", "run", script(tmp_path, text)).returncode == status


@pytest.mark.parametrize("name, words", [
    ("nofile.py", "no such file: nofile.py"), (".", "expected a Python script, received a folder"),
])
def test_run_what_is_no_script(capsys, monkeypatch, tmp_path, name, words):
    monkeypatch.chdir(tmp_path)
    status = cli.main(["run", name])
    told = capsys.readouterr().err

    assert status == 2 and words in told and told.count("\n") == 1


def test_run_requires_a_script_only(capsys):
    with pytest.raises(SystemExit):
        cli.main(["run"])

    assert "required: script\n" in capsys.readouterr().err


def test_a_plugin_may_lie_in_the_current_folder(python, swish, tmp_path):
    script(tmp_path, "from plugrad import nn\nprint(nn.functional.swish.__name__)")
    # What pip writes into the folder of commands, which is what Python has on its path then.
    command = tmp_path / "bin" / "plugrad"
    command.parent.mkdir()
    command.write_text("import sys\nfrom plugrad.tools.cli import main\nsys.exit(main())\n")
    for way in ([command], ["-m", "plugrad"]):
        done = python(*way, "--plugin", "swish", "run", "script.py", cwd=tmp_path)
        assert done.stdout == "swish\n", done.stderr


def test_strict_shows_the_traceback_of_a_plugin_that_was_named(python, tmp_path):
    (tmp_path / "bad.py").write_text("x = 1\n1/0\n")
    file = script(tmp_path, "print('started')")
    done = python("-m", "plugrad", "--plugin", tmp_path / "bad.py", "run", file,
                  PLUGRAD_STRICT="1")

    assert done.returncode == 1 and not done.stdout
    assert f'File "{tmp_path}/bad.py", line 2' in done.stderr


def test_run_without_a_plugin_it_needs_does_not_start(capsys, tmp_path):
    (tmp_path / "script.py").write_text("print('started')")
    status = cli.main(["--plugin", "absent.py", "run", str(tmp_path / "script.py")])
    told = capsys.readouterr()

    assert status == 1 and not told.out
    assert "absent.py" in told.err and "no such file" in told.err
