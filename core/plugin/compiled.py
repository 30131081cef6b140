"""Is a compiled plugin made for this plugrad?  Asked of its file, before any of its code runs."""

import contextlib
import importlib.machinery
import mmap
import re
import warnings
from pathlib import Path

from plugrad.kernels.base import abi

MARK = re.compile(rb"plugrad-abi:(\d+);")      # left by abi.pxd
STALE = re.compile(
    "size changed, may indicate binary incompatibility"
    "|does not export expected C (function|variable)|C (function|variable) .* has wrong signature")
SUFFIXES = tuple(importlib.machinery.EXTENSION_SUFFIXES)


def beside(file):
    """A plugin's extension modules: all those in its package, or _name beside name.py."""
    path = Path(file)
    if path.name.startswith("__init__."):
        return [found for found in path.parent.rglob("*") if found.name.endswith(SUFFIXES)]
    own = (path.with_name(f"_{path.stem}{suffix}") for suffix in SUFFIXES)
    return [found for found in own if found.exists()]


def version_of(file):
    """The version of the C interface that an extension module was compiled for, if any."""
    with open(file, "rb") as binary, \
            mmap.mmap(binary.fileno(), 0, access=mmap.ACCESS_READ) as content:
        mark = MARK.search(content)
        return int(mark[1]) if mark else None


def problem(files):
    """Why these extension modules must not be imported, or None."""
    for file in files:
        version = version_of(file)
        if version not in (None, abi.VERSION):
            return (f"{file} was compiled for version {version} of plugrad's C interface, "
                    f"this plugrad has version {abi.VERSION}: rebuild this plugin")
    return None


@contextlib.contextmanager
def strict():
    """Cython only warns when one of our structs has grown: inside, that is an error."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", r"plugrad\..* size changed", RuntimeWarning)
        yield


def explain(error):
    """In our words what Cython says of other headers; None if the error is another one."""
    kinds = ImportError, TypeError, ValueError, RuntimeWarning
    if isinstance(error, kinds) and STALE.search(str(error)):
        return "it was compiled with the headers of another plugrad: rebuild this plugin"
    return None
