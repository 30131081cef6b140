"""examples/plugin_package, installed by pip as a user would, is a plugin like any other."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "examples" / "plugin_package"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    pytest.importorskip("setuptools", reason="needs what builds distributions")
    folder = tmp_path_factory.mktemp("package")
    shutil.copytree(PACKAGE, folder / "source")     # the build leaves its own files beside these
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
                    "--no-build-isolation", "--disable-pip-version-check", "--target",
                    str(folder / "site"), str(folder / "source")], check=True)
    return folder / "site"


def test_it_is_listed_and_used_without_an_import(site, python):
    why = python("-m", "plugrad", "plugins", "--why", "Swish", path=site)
    code = "import plugrad as pg\nfrom plugrad import nn\nprint(nn.Swish(beta=0.)(pg.ones(2)))"
    used = python("-c", code, path=site)

    assert "plugrad.nn.Swish comes from plugin plugrad-swish:swish (plugrad-swish " in why.stdout
    assert "0.5" in used.stdout, used.stderr


def test_its_own_tests_pass(site, python):
    done = python("-m", "pytest", "-q", "-p", "no:cacheprovider", site.parent / "source" / "tests",
                  path=site)

    assert done.returncode == 0, done.stdout


def test_it_is_small():
    files = [file for file in PACKAGE.rglob("*") if file.suffix in (".py", ".md", ".toml")
             and "build" not in file.relative_to(PACKAGE).parts]  # left by an install

    assert len(files) == 4
    assert all(len(file.read_text().splitlines()) <= 80 for file in files)
