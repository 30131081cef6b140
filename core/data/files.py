"""Where data files are found: a folder the user names, $PLUGRAD_DATA, a cache; or a download."""

import contextlib
import os
import sys
import tempfile
from pathlib import Path

FOLDER_VARIABLE = "PLUGRAD_DATA"


def data_folders(root=None):
    """Folders to look in, first to last: root, $PLUGRAD_DATA, the cache (if pooch is there)."""
    for folder in (root, os.environ.get(FOLDER_VARIABLE)):
        if folder:
            yield Path(folder).expanduser()
    with contextlib.suppress(ImportError):
        yield cache_folder()


def cache_folder():
    """The platform's cache folder for plugrad, by pooch's rules."""
    return Path(_pooch().os_cache("plugrad"))


def find_file(name, folders):
    """The first of `name` and its unzipped form in the folders, or None."""
    for folder in folders:
        for candidate in (folder / name, folder / name.removesuffix(".gz")):
            if candidate.is_file():
                return candidate
    return None


def download(name, mirrors, folder, check):
    """Fetch `name` into `folder` from the first mirror whose bytes pass `check`; return the path.

    check(content) raises ValueError for a wrong file; `folder` only ever holds a checked one.
    Raises OSError saying what went wrong at each mirror.
    """
    pooch = _pooch()
    failures = []
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as scratch:
        path = Path(scratch) / name
        for mirror in mirrors:
            url = f"{mirror.rstrip('/')}/{name}"
            print(f"plugrad: downloading {url}", file=sys.stderr)
            try:
                pooch.HTTPDownloader(timeout=30)(url, str(path), None)
                check(path.read_bytes())
            except (OSError, ValueError) as error:      # requests' errors are OSErrors
                failures.append(f"{url}: {_cause(error)}")
            else:
                return path.replace(folder / name)
    raise OSError("no mirror gave the file:\n  " + "\n  ".join(failures))


def _cause(error):
    """What lies under urllib3's "Max retries exceeded", else the error itself."""
    return getattr(error.args[0], "reason", error) if error.args else error


def _pooch():
    try:
        import pooch
    except ImportError:
        raise ImportError(
            "downloading needs pooch, which is not installed: pip install 'plugrad[data]'"
        ) from None
    return pooch
