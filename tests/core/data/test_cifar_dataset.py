"""Datasets in CIFAR's binary files: records, archives, and what is said of wrong ones."""

import hashlib
import io
import tarfile

import numpy as np
import pytest
from plugrad import data

pooch = pytest.importorskip("pooch")

RNG = np.random.default_rng(0)
PLANES = {name: RNG.integers(0, 256, (3, 3, 2, 4)).astype(np.uint8)
          for name in ("one.bin", "two.bin", "test.bin")}
LABELS = {"one.bin": [0, 2, 1], "two.bin": [1, 1, 0], "test.bin": [2, 2, 0]}


def content(name):
    """Records of a coarse label, a fine one, and three planes of 2 x 4."""
    return b"".join(bytes([9, label]) + planes.tobytes()
                    for label, planes in zip(LABELS[name], PLANES[name]))


HASHES = {name: hashlib.sha256(content(name)).hexdigest() for name in PLANES}


def archive(names=tuple(PLANES)):
    """The bytes of a tar.gz with the files in a folder."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(f"tiny-bin/{name}")
            member.size = len(content(name))
            tar.addfile(member, io.BytesIO(content(name)))
    return file.getvalue()


ARCHIVE = archive()


class Tiny(data.CIFARDataset):
    """CIFAR-100's form with nine images of 2 x 4."""

    subfolders = ("tiny-bin",)
    archive = "tiny.tar.gz", hashlib.sha256(ARCHIVE).hexdigest()
    files = {                                                               # noqa: RUF012
        "train": {name: HASHES[name] for name in ("one.bin", "two.bin")},
        "test": {"test.bin": HASHES["test.bin"]}}
    classes = ("a", "b", "c")
    labels = 2
    size = (3, 2, 4)


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    """No data folder, an empty cache."""
    monkeypatch.delenv("PLUGRAD_DATA", raising=False)
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / "cache" / project)


@pytest.fixture
def downloads(monkeypatch):
    """Addresses asked for; each gives the archive."""
    asked = []

    class Downloader:
        def __init__(self, timeout):
            pass

        def __call__(self, url, path, _):
            asked.append(url)
            with open(path, "wb") as file:
                file.write(ARCHIVE)

    monkeypatch.setattr(pooch, "HTTPDownloader", Downloader)
    monkeypatch.setattr(Tiny, "mirrors", ("https://example.org/tiny",))
    return asked


def unpack(folder, names=tuple(PLANES)):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(content(name))
    return folder


def check(train, test):
    expected = np.concatenate([PLANES["one.bin"], PLANES["two.bin"]]).transpose(0, 2, 3, 1)
    assert np.array_equal(train.data.numpy(), expected) and expected.shape == (6, 2, 4, 3)
    assert train.targets.tolist() == [0, 2, 1, 1, 1, 0] and test.targets.tolist() == [2, 2, 0]
    assert np.array_equal(test.data.numpy(), PLANES["test.bin"].transpose(0, 2, 3, 1))


@pytest.mark.parametrize("sub", ["", "tiny-bin"])
def test_unpacked_files_are_read(sub, tmp_path, downloads):
    unpack(tmp_path / sub)
    check(Tiny(tmp_path), Tiny(tmp_path, train=False))
    assert downloads == []


def test_an_archive_is_read_as_it_is(tmp_path, downloads):
    (tmp_path / "tiny.tar.gz").write_bytes(ARCHIVE)
    check(Tiny(tmp_path, download=False), Tiny(tmp_path, train=False, download=False))
    assert downloads == [] and [p.name for p in tmp_path.iterdir()] == ["tiny.tar.gz"]


def test_what_is_missing_is_downloaded_once(tmp_path, downloads, capsys):
    unpack(tmp_path / "tiny-bin", ["one.bin"])
    check(Tiny(tmp_path), Tiny(tmp_path, train=False))
    assert downloads == ["https://example.org/tiny/tiny.tar.gz"]
    assert "downloading" in capsys.readouterr().err


def test_a_sample_is_an_image_for_to_tensor(tmp_path):
    dataset = Tiny(unpack(tmp_path), transform=data.ToTensor(), target_transform=lambda y: -y)
    image, label = dataset[1]
    np.testing.assert_allclose(image.numpy(), PLANES["one.bin"][1] / np.float32(255))
    assert label == -2 and dataset.class_to_idx == {"a": 0, "b": 1, "c": 2}
    [(images, labels)] = data.DataLoader(dataset, 6)
    assert images.shape == (6, 3, 2, 4) and labels.tolist() == [0, -2, -1, -1, -1, 0]


@pytest.mark.parametrize("change, text", [
    (lambda c: c[:-1], "truncated: expected records of 26 bytes, found 77 bytes"),
    (lambda c: b"", "truncated"),
    (lambda c: c[:-1] + bytes([c[-1] ^ 1]), "wrong content .* expected SHA-256"),
])
def test_a_file_with_wrong_content_is_named(change, text, tmp_path):
    (unpack(tmp_path) / "two.bin").write_bytes(change(content("two.bin")))
    with pytest.raises(ValueError, match=text) as caught:
        Tiny(tmp_path)
    assert str(tmp_path / "two.bin") in str(caught.value) and "Delete this" in str(caught.value)


@pytest.mark.parametrize("wrong", [ARCHIVE[:40], b"<html>", archive(["one.bin", "test.bin"])],
                         ids=["cut off", "no archive", "a file missing"])
def test_a_wrong_archive_is_named(wrong, tmp_path):
    (tmp_path / "tiny.tar.gz").write_bytes(wrong)
    with pytest.raises(ValueError, match=r"tiny.tar.gz: expected an archive of one.bin, two.bin"):
        Tiny(tmp_path)


def test_what_is_absent_may_be_put_into_a_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="download=False forbids it") as caught:
        Tiny(tmp_path, download=False)
    for part in ("tiny.tar.gz, or unpacked\n", "  one.bin\n", "  test.bin\n", str(tmp_path)):
        assert part in str(caught.value)
