"""Distributions that are really installed, a Python that sees them, and Ctrl-C."""

import os
import signal
import subprocess
import sys
import zipfile

import pytest


@pytest.fixture(scope="session")
def install(tmp_path_factory):
    """install({distribution: (entry points, {file: text}, version or nothing)}) -> folder."""

    def install(distributions):
        folder = tmp_path_factory.mktemp("installed")
        wheels = [wheel(folder / "wheels", *row) for row in distributions.items()]
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps",
                        "--no-index", "--disable-pip-version-check", "--no-compile",
                        "--target", str(folder / "site"), *map(str, wheels)], check=True,
                       # The other reader of metadata rejects two entry points of one name.
                       env=os.environ | {"_PIP_USE_IMPORTLIB_METADATA": "1"})
        return folder / "site"

    return install


def wheel(folder, name, content):
    """Write the wheel of a pure Python distribution."""
    points, files, version = (*content, "1.0")[:3]
    folder.mkdir(exist_ok=True)
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    members = files | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[plugrad]\n" + "\n".join(points) + "\n",
    }
    members[f"{info}/RECORD"] = "".join(f"{member},,\n" for member in [*members, f"{info}/RECORD"])
    path = folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in members.items():
            archive.writestr(member, text)
    return path


@pytest.fixture
def ctrl_c():
    """Python's own handler, which a process started in the background does not have."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def python():
    """python(*arguments, path=folder, **environment) -> the finished process, with its output."""

    def python(*arguments, path="", cwd=None, **environment):
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith(("PLUGRAD_", "PYTHON"))}
        return subprocess.run([sys.executable, *map(str, arguments)], cwd=cwd, text=True,
                              capture_output=True, timeout=120,
                              env=clean | {"PYTHONPATH": str(path)} | environment)

    return python
