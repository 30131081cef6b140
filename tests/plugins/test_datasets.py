"""The built-in datasets."""

import gzip
import os
import shutil
import time
from pathlib import Path

import numpy as np
import plugrad as pg
import plugrad.plugins.datasets
import pytest
from plugrad import data

needs_mnist = pytest.mark.skipif(
    "PLUGRAD_DATA" not in os.environ,
    reason="PLUGRAD_DATA is not set: a folder with MNIST's four files in it or in mnist/")
needs_fashion = pytest.mark.skipif(
    not any((Path(os.environ.get("PLUGRAD_DATA", os.devnull)) / sub).is_dir()
            for sub in data.FashionMNIST.subfolders),
    reason="PLUGRAD_DATA is not set, or has no folder fashion_mnist")
FILES = Path(plugrad.plugins.datasets.__file__).parent


def test_digits_are_sklearns():
    datasets = pytest.importorskip("sklearn.datasets")
    theirs = datasets.load_digits()
    ours = data.Digits()
    np.testing.assert_array_equal(ours.data.numpy() * 16, theirs.images)
    np.testing.assert_array_equal(ours.targets.numpy(), theirs.target)
    assert ours.data.dtype == pg.float32 and ours.targets.dtype == pg.int64


def test_digits_split_is_a_partition_with_every_digit_in_its_share():
    whole, train, test = data.Digits(), data.Digits(train=True), data.Digits(train=False)
    assert (len(whole), len(train), len(test)) == (1797, 1442, 355)
    rows = sorted([*part.data[i].tolist(), label]
                  for part in (train, test) for i, label in enumerate(part.targets.tolist()))
    assert rows == sorted([*whole.data[i].tolist(), label]
                          for i, label in enumerate(whole.targets.tolist()))
    counts = np.bincount(test.targets.numpy()) / np.bincount(whole.targets.numpy())
    assert (abs(counts - 0.2) < 0.005).all()


def test_digits_through_a_loader():
    dataset = data.Digits(train=True, transform=data.ToTensor(), target_transform=lambda y: y % 2)
    [(x, y)] = data.DataLoader(dataset, len(dataset))
    assert tuple(x.shape) == (1442, 1, 8, 8) and x.min().item() == 0 and x.max().item() == 1
    assert set(y.tolist()) == {0, 1}


def test_digits_are_small_and_credited():
    assert (FILES / "digits.npz").stat().st_size < 100_000
    credit = (FILES / "digits-LICENSE.txt").read_text()
    for words in ("CC BY 4.0", "Alpaydin", "archive.ics.uci.edu", "Changes made"):
        assert words in credit


def test_xor_truth_table():
    dataset = data.XOR()
    assert dataset.data.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert dataset.targets.tolist() == [0, 1, 1, 0]
    assert dataset.data.dtype == pg.float32 and dataset.targets.dtype == pg.int64
    assert len(data.XOR(10)) == 10


def test_xor_noise_stays_around_its_corner():
    dataset = data.XOR(4000, noise=0.1, seed=0)
    away = dataset.data.numpy() - np.tile(data.XOR().data.numpy(), (1000, 1))
    assert away.std() == pytest.approx(0.1, rel=0.05)


def test_two_moons_are_half_circles():
    points, labels = (t.numpy() for t in data.TwoMoons(7, noise=0).tensors)
    assert labels.tolist() == [0, 1, 0, 1, 0, 1, 0]
    upper, lower = points[labels == 0], points[labels == 1]
    t = np.linspace(0, np.pi, 4)
    np.testing.assert_allclose(upper, np.stack([np.cos(t), np.sin(t)], 1), atol=1e-6)
    t = np.linspace(0, np.pi, 3)
    np.testing.assert_allclose(lower, np.stack([1 - np.cos(t), 0.5 - np.sin(t)], 1), atol=1e-6)
    assert points.dtype == np.float32 and labels.dtype == np.int64


def test_two_moons_without_noise_are_sklearns():
    datasets = pytest.importorskip("sklearn.datasets")
    theirs, labels = datasets.make_moons(100, shuffle=False)
    ours = data.TwoMoons(100, noise=0)
    for label in (0, 1):
        np.testing.assert_allclose(ours.data.numpy()[ours.targets.numpy() == label],
                                   theirs[labels == label], atol=1e-6)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_points(n):
    assert len(data.TwoMoons(n, noise=0)) == len(data.XOR(n)) == n
    assert np.isfinite(data.TwoMoons(n).data.numpy()).all()


@pytest.mark.parametrize("make", [data.TwoMoons, lambda n, **o: data.XOR(n, noise=0.1, **o)])
def test_points_repeat_with_the_seed(make):
    one = make(20, seed=5).data.tolist()
    assert one == make(20, seed=5).data.tolist()
    assert one == make(20, generator=pg.Generator().manual_seed(5)).data.tolist()
    assert one != make(20, seed=6).data.tolist()
    pg.manual_seed(9)
    two = make(20).data.tolist()
    assert two != make(20).data.tolist()
    pg.manual_seed(9)
    assert two == make(20).data.tolist()


@pytest.mark.parametrize("make", [data.TwoMoons, data.XOR])
def test_without_noise_no_random_number_is_used(make):
    pg.manual_seed(1)
    make(8, noise=0)
    used = pg.rand(1).item()
    pg.manual_seed(1)
    assert used == pg.rand(1).item()


@needs_mnist
@pytest.mark.parametrize("train, n, first, counts", [
    (True, 60000, [5, 0, 4], [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]),
    (False, 10000, [7, 2, 1], [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]),
])
def test_mnist(train, n, first, counts):
    dataset = data.MNIST(train=train, download=False)
    assert len(dataset) == n and tuple(dataset.data.shape) == (n, 28, 28)
    assert dataset.targets[:3].tolist() == first
    assert np.bincount(dataset.targets.numpy()).tolist() == counts
    assert dataset.classes[first[0]].startswith(str(first[0]))


@needs_mnist
def test_mnist_in_its_usual_scale():
    dataset = data.MNIST(transform=data.ToTensor(), download=False)
    x = dataset.__getbatch__(range(len(dataset)))[0].numpy()
    assert x.mean() == pytest.approx(0.1307, abs=1e-4)
    assert x.std() == pytest.approx(0.3081, abs=1e-4)


@needs_mnist
def test_a_corrupt_mnist_file(tmp_path):
    name = "t10k-labels-idx1-ubyte.gz"
    for folder in (Path(os.environ["PLUGRAD_DATA"]), Path(os.environ["PLUGRAD_DATA"]) / "mnist"):
        for path in folder.glob("t10k*.gz"):
            shutil.copyfile(path, tmp_path / path.name)
    assert len(data.MNIST(tmp_path, train=False, download=False)) == 10000
    content = bytearray(gzip.decompress((tmp_path / name).read_bytes()))
    content[100] = (content[100] + 1) % 10
    (tmp_path / name).write_bytes(gzip.compress(bytes(content)))
    with pytest.raises(ValueError, match=r"expected SHA-256 ff7bcfd4.* found") as caught:
        data.MNIST(tmp_path, train=False, download=False)
    assert str(tmp_path / name) in str(caught.value) and "Delete this file" in str(caught.value)


@needs_mnist
def test_mnist_files_under_the_name_of_fashion_mnist_are_told_apart(monkeypatch):
    root = Path(os.environ["PLUGRAD_DATA"])
    folder = root / "mnist" if (root / "mnist").is_dir() else root
    monkeypatch.delenv("PLUGRAD_DATA")
    with pytest.raises(ValueError, match="damaged, or from another dataset"):
        data.FashionMNIST(folder, train=False, download=False)


@needs_fashion
def test_fashion_mnist():
    dataset = data.FashionMNIST(download=False)
    assert len(dataset) == 60000 and dataset.targets[:5].tolist() == [9, 0, 0, 3, 0]
    assert len(data.FashionMNIST(train=False, download=False)) == 10000


@needs_mnist
@pytest.mark.slow
@pytest.mark.parametrize("limit, transform", [
    (0.3, None),
    (1.5, data.Compose([data.ToTensor(), data.Normalize((0.1307,), (0.3081,))])),
])
def test_an_epoch_of_batches_is_not_what_training_waits_for(limit, transform):
    loader = data.DataLoader(data.MNIST(transform=transform, download=False), 64, shuffle=True)

    def epoch():
        start = time.perf_counter()
        n = sum(len(x) for x, _ in loader)
        assert n == 60000
        return time.perf_counter() - start

    assert min(epoch() for _ in range(3)) < limit


@pytest.mark.parametrize("cls", [data.MNIST, data.FashionMNIST])
def test_tables_are_complete(cls):
    assert len(cls.classes) == 10 and len(cls.mirrors) >= 2
    assert sorted(cls.sha256) == sorted(
        f"{part}-{kind}-ubyte.gz" for part in ("train", "t10k")
        for kind in ("images-idx3", "labels-idx1"))
    assert all(len(digest) == 64 for digest in cls.sha256.values())


@pytest.mark.parametrize("name", ["TwoMoons", "XOR"])
def test_a_number_of_points_that_is_none_is_refused(name):
    with pytest.raises(ValueError, match=f"^{name}: n: expected at least 0, got -1"):
        getattr(data, name)(-1)
    with pytest.raises(TypeError, match=f"^{name}: n: expected an int, got '4'"):
        getattr(data, name)("4")
    assert repr(getattr(data, name)(4)) == f"{name}(4 samples)"
