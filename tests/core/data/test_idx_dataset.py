"""A dataset of IDX files: where it looks, what it downloads, what it says when it cannot."""

import builtins
import gzip
import hashlib
import http.server
import struct
import threading

import numpy as np
import pytest
from plugrad import data

pooch = pytest.importorskip("pooch")

ARRAYS = {
    "train-images-idx3-ubyte.gz": np.arange(4 * 9, dtype=np.uint8).reshape(4, 3, 3),
    "train-labels-idx1-ubyte.gz": np.array([0, 2, 1, 2], np.uint8),
    "t10k-images-idx3-ubyte.gz": np.full((2, 3, 3), 7, np.uint8),
    "t10k-labels-idx1-ubyte.gz": np.array([1, 0], np.uint8),
}


def idx(array):
    """A uint8 array as the bytes of an IDX file."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


SHA256 = {name: hashlib.sha256(idx(array)).hexdigest() for name, array in ARRAYS.items()}
COUNTS = {"train": 4, "t10k": 2}


class Tiny(data.IDXDataset):
    """MNIST's four files with six images of 3 x 3."""

    subfolders = ("Tiny/raw", "tiny")
    sha256 = SHA256
    classes = ("a", "b", "c")
    counts = COUNTS
    size = (3, 3)


def write(folder, zipped=True):
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in ARRAYS.items():
        path = folder / (name if zipped else name.removesuffix(".gz"))
        path.write_bytes(gzip.compress(idx(array)) if zipped else idx(array))
    return folder


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    """No data folder, an empty cache, and no proxy between the tests and their server."""
    monkeypatch.delenv("PLUGRAD_DATA", raising=False)
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / "cache" / project)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server(tmp_path):
    """(folder, address) of a web server on this machine."""
    folder = tmp_path / "server"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=folder)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("sub", ["", "tiny", "Tiny/raw"])
@pytest.mark.parametrize("place", ["root", "variable", "cache"])
def test_looks_in_root_then_the_variable_then_the_cache(place, sub, zipped, tmp_path, monkeypatch):
    folder = {"cache": tmp_path / "cache" / "plugrad"}.get(place, tmp_path / place)
    write(folder / sub, zipped)
    if place == "variable":
        monkeypatch.setenv("PLUGRAD_DATA", str(folder))
    root = folder if place == "root" else None
    train, test = Tiny(root, download=False), Tiny(root, train=False, download=False)
    assert len(train) == 4 and len(test) == 2
    assert train.data.tolist() == ARRAYS["train-images-idx3-ubyte.gz"].tolist()
    assert train.targets.tolist() == [0, 2, 1, 2] and test.targets.tolist() == [1, 0]


def test_root_comes_first(tmp_path, monkeypatch):
    write(tmp_path / "root")
    monkeypatch.setenv("PLUGRAD_DATA", str(tmp_path / "other"))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "train-images-idx3-ubyte.gz").write_bytes(b"broken")
    assert len(Tiny(str(tmp_path / "root"))) == 4
    with pytest.raises(ValueError, match=r"other.train-images.*not an IDX file"):
        Tiny()


def test_classes_and_dtypes(tmp_path):
    dataset = Tiny(write(tmp_path))
    assert dataset.class_to_idx == {"a": 0, "b": 1, "c": 2}
    assert str(dataset.data.dtype).endswith("uint8")
    assert str(dataset.targets.dtype).endswith("int64")
    image, label = dataset[1]
    assert image.shape == (3, 3) and image.dtype == np.uint8 and label == 2


@pytest.mark.parametrize("name, array, text", [
    ("train-images-idx3-ubyte.gz", ARRAYS["train-labels-idx1-ubyte.gz"],
     "mislabelled: expected 4 images of 3 x 3, found 4 labels"),
    ("train-images-idx3-ubyte.gz", ARRAYS["t10k-images-idx3-ubyte.gz"],
     "mislabelled: expected 4 images of 3 x 3, found 2 images of 3 x 3"),
    ("train-images-idx3-ubyte.gz", ARRAYS["train-images-idx3-ubyte.gz"] + 1, "expected SHA-256"),
    ("train-labels-idx1-ubyte.gz", np.array([0, 1, 2, 3], np.uint8),
     "expected labels from 0 to 2, found 3 at position 3"),
])
def test_a_file_with_wrong_content_is_named(name, array, text, tmp_path):
    (write(tmp_path) / name).write_bytes(gzip.compress(idx(array)))
    with pytest.raises(ValueError, match=text) as caught:
        Tiny(tmp_path)
    assert str(tmp_path / name) in str(caught.value) and "Delete this" in str(caught.value)


@pytest.mark.parametrize("rooted", [True, False])
def test_downloads_what_is_missing_and_only_once(rooted, server, tmp_path, monkeypatch, capsys):
    folder, address = server
    write(folder)
    monkeypatch.setattr(Tiny, "mirrors", (address,))
    root = tmp_path / "new" if rooted else None
    target = (root or tmp_path / "cache" / "plugrad") / "Tiny" / "raw"
    assert len(Tiny(root)) == 4
    assert sorted(p.name for p in target.iterdir()) == sorted(n for n in ARRAYS if "train" in n)
    assert f"downloading {address}/train-images" in capsys.readouterr().err
    for path in folder.iterdir():
        path.unlink()
    assert len(Tiny(root)) == 4 and capsys.readouterr().err == ""


def test_goes_on_to_the_next_mirror(server, tmp_path, monkeypatch):
    folder, address = server
    write(folder / "good")
    write(folder / "bad")
    (folder / "bad" / "train-images-idx3-ubyte.gz").write_bytes(b"<html>moved</html>")
    mirrors = ("http://127.0.0.1:1/refused", f"{address}/absent", f"{address}/bad/",
               f"{address}/good")
    monkeypatch.setattr(Tiny, "mirrors", mirrors)
    assert len(Tiny(tmp_path / "root")) == 4
    assert len(list((tmp_path / "root").rglob("*.*"))) == 2       # nothing of the failures stays


def test_what_each_mirror_gave_and_which_files_to_put_where(server, tmp_path, monkeypatch):
    folder, address = server
    write(folder)
    changed = ARRAYS["train-images-idx3-ubyte.gz"] + 1
    (folder / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(changed)))
    monkeypatch.setattr(Tiny, "mirrors", ("http://127.0.0.1:1", f"{address}/absent", address))
    monkeypatch.setenv("PLUGRAD_DATA", str(tmp_path / "data"))
    with pytest.raises(FileNotFoundError) as caught:
        Tiny(tmp_path / "root")
    message = str(caught.value)
    assert message.startswith("Tiny: train-images-idx3-ubyte.gz is in none of these folders:")
    assert "http://127.0.0.1:1/train-images-idx3-ubyte.gz: " in message
    assert "404" in message and "Max retries" not in message
    assert f"{address}/train-images-idx3-ubyte.gz: right form, wrong content" in message
    for place in ("root", "root/Tiny/raw", "root/tiny", "data", "data/tiny", "cache/plugrad"):
        assert f"  {tmp_path / place}\n" in message
    for name in ARRAYS:
        assert f"  {name}\n" in message
    assert "root=" in message and "PLUGRAD_DATA" in message
    assert not [path for path in (tmp_path / "root").rglob("*") if path.is_file()]


def test_no_download_unless_allowed(server, tmp_path, monkeypatch):
    folder, address = server
    write(folder)
    monkeypatch.setattr(Tiny, "mirrors", (address,))
    with pytest.raises(FileNotFoundError, match="download=False forbids it"):
        Tiny(tmp_path, download=False)


def test_without_pooch_the_pip_command_is_named(tmp_path, monkeypatch):
    def no_pooch(name, *rest):
        if name == "pooch":
            raise ImportError(name)
        return original(name, *rest)

    original = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", no_pooch)
    with pytest.raises(FileNotFoundError, match=r"pip install 'plugrad\[data\]'"):
        Tiny(tmp_path)
    assert len(Tiny(write(tmp_path))) == 4


def test_a_root_that_cannot_be_written_to(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setattr(Tiny, "mirrors", ("http://127.0.0.1:1",))
    with pytest.raises(FileNotFoundError, match="could not be downloaded"):
        Tiny(tmp_path / "file")


def test_home_is_understood(tmp_path, monkeypatch):
    write(tmp_path / "home" / "images")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    assert len(Tiny("~/images")) == 4


def test_repr_shows_where_the_files_were_found(tmp_path, monkeypatch):
    folder = write(tmp_path / "shared" / "tiny")
    monkeypatch.setenv("PLUGRAD_DATA", str(tmp_path / "shared"))
    dataset = Tiny(tmp_path / "mistyped", train=False)
    assert dataset.folder == str(folder)
    assert repr(dataset).startswith("Tiny(2 samples, train=False, folder=")
    write(tmp_path / "mine")
    assert Tiny(tmp_path / "mine").folder == str(tmp_path / "mine")
