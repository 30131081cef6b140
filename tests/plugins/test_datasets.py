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
needs_text = pytest.mark.skipif(
    not any((Path(os.environ.get("PLUGRAD_DATA", os.devnull)) / sub / "input.txt").is_file()
            for sub in data.TinyShakespeare.subfolders),
    reason="PLUGRAD_DATA is not set, or has no file shakespeare/input.txt")
needs_cifar = pytest.mark.skipif(
    not (Path(os.environ.get("PLUGRAD_DATA", os.devnull)) / "cifar-10-batches-bin").is_dir(),
    reason="PLUGRAD_DATA is not set, or has no folder cifar-10-batches-bin")
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


def test_circles_lie_in_each_other():
    points, labels = (t.numpy() for t in data.Circles(9, noise=0, factor=0.3).tensors)
    assert labels.tolist() == [0, 1] * 4 + [0]
    for label, radius in ((0, 1), (1, 0.3)):
        x, y = points[labels == label].T
        np.testing.assert_allclose(np.hypot(x, y), radius, rtol=1e-6)
        np.testing.assert_allclose(np.diff(np.unwrap(np.arctan2(y, x))), 2 * np.pi / len(x),
                                   rtol=1e-5)


@pytest.mark.parametrize("classes, turns", [(1, 1.0), (3, 1.5)])
def test_spirals_wind_and_are_turned_copies(classes, turns):
    points, labels = (t.numpy() for t in data.Spirals(30 * classes, 0, classes, turns).tensors)
    arms = [points[labels == c] @ [1, 1j] for c in range(classes)]
    np.testing.assert_allclose(abs(arms[0]), np.linspace(0, 1, 30), atol=1e-6)
    angles = np.unwrap(np.angle(arms[0][1:]))
    assert angles[-1] - angles[0] == pytest.approx(2 * np.pi * turns * 28 / 29, rel=1e-5)
    for c, arm in enumerate(arms):
        np.testing.assert_allclose(arm, arms[0] * np.exp(2j * np.pi * c / classes), atol=1e-6)


def test_blobs_are_around_their_centers():
    dataset = data.Blobs(6000, [[0, 0, 5], [3, -4, 0]], std=0.5, seed=0)
    points, labels = dataset.data.numpy(), dataset.targets.numpy()
    assert points.shape == (6000, 3) and labels[:4].tolist() == [0, 1, 0, 1]
    for label, center in enumerate(dataset.centers.numpy()):
        cloud = points[labels == label] - center
        np.testing.assert_allclose(cloud.mean(0), 0, atol=0.05)
        np.testing.assert_allclose(np.cov(cloud.T), 0.25 * np.eye(3), atol=0.02)
    drawn = data.Blobs(10, 2000, seed=0).centers.numpy()
    assert drawn.shape == (2000, 2) and -10 <= drawn.min() < -9.9 and 9.9 < drawn.max() <= 10
    with pytest.raises(ValueError, match=r"Blobs: expected centers \(k, D\).* got shape \(2,\)"):
        data.Blobs(4, [1.0, 2.0])


def test_a_line_has_its_weight_and_bias():
    dataset = data.Regression(2000, (2, -3.4), 4.2, noise=0.5, seed=0)
    x, y = dataset.data.numpy(), dataset.targets.numpy()
    found, *_ = np.linalg.lstsq(np.column_stack([x, np.ones(2000)]), y, rcond=None)
    np.testing.assert_allclose(found[:, 0], [2, -3.4, 4.2], atol=0.05)
    assert (y - x @ [[2], [-3.4]] - 4.2).std() == pytest.approx(0.5, rel=0.05)
    assert x.std() == pytest.approx(1, rel=0.05) and y.shape == (2000, 1)


def test_a_sine_wave_is_one():
    x, y = (t.numpy() for t in data.SineWave(101, noise=0, periods=2).tensors)
    np.testing.assert_allclose(x[:, 0], np.linspace(-2 * np.pi, 2 * np.pi, 101), rtol=1e-5,
                               atol=1e-6)
    np.testing.assert_allclose(y, np.sin(x), atol=1e-6)
    away = data.SineWave(4000, 0.3, seed=0)
    assert (away.targets - away.data.sin()).numpy().std() == pytest.approx(0.3, rel=0.05)


POINTS = [data.TwoMoons, data.XOR, data.Circles, data.Spirals, data.Blobs, data.Regression,
          data.SineWave]


@pytest.mark.parametrize("n", [0, 1, 2, 5])
@pytest.mark.parametrize("cls", POINTS)
def test_few_points(cls, n):
    dataset = cls(n)
    assert len(dataset) == len(dataset.data) == len(dataset.targets) == n
    assert np.isfinite(dataset.data.numpy()).all() and np.isfinite(dataset.targets.numpy()).all()
    assert dataset.data.dtype == pg.float32
    assert dataset.targets.dtype == (pg.float32 if dataset.targets.ndim == 2 else pg.int64)


@pytest.mark.parametrize("cls", POINTS)
def test_points_repeat_with_the_seed(cls):
    def make(**options):
        spread = "std" if cls is data.Blobs else "noise"
        dataset = cls(20, **{spread: 0.1}, **options)
        return dataset.data.tolist() + dataset.targets.tolist()

    one = make(seed=5)
    assert one == make(seed=5)
    assert one == make(generator=pg.Generator().manual_seed(5))
    assert one != make(seed=6)
    pg.manual_seed(9)
    two = make()
    assert two != make()
    pg.manual_seed(9)
    assert two == make()


@pytest.mark.parametrize("make", [data.TwoMoons, data.XOR, data.Circles, data.Spirals,
                                  data.SineWave])
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


@needs_text
def test_tiny_shakespeare():
    train, rest = data.TinyShakespeare(download=False), data.TinyShakespeare(None, False, 100)
    text = train.text + rest.text
    assert len(text) == 1_115_394 and len(train.chars) == 65 and train.chars == rest.chars
    assert len(train.text) == 1_003_854 and text.startswith("First Citizen:\nBefore we proceed")
    assert len(train) == len(train.text) - 64 and rest[0][0].shape == (100,)
    assert rest.decode(rest[0][1]) == rest.text[1:101]


def test_another_text_is_not_shakespeares(tmp_path):
    (tmp_path / "input.txt").write_text("To be, or not to be")
    with pytest.raises(ValueError, match=r"input.txt: .*expected SHA-256 86c4e6a.* Delete this"):
        data.TinyShakespeare(tmp_path)


def test_shakespeare_may_be_put_into_a_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("PLUGRAD_DATA", raising=False)
    monkeypatch.setattr("plugrad.data.files.cache_folder", lambda: tmp_path / "cache")
    with pytest.raises(FileNotFoundError, match=r"TinyShakespeare: input\.txt is in none of these"):
        data.TinyShakespeare(tmp_path, download=False)


@needs_cifar
def test_the_first_file_of_cifar10():
    class First(data.CIFAR10):
        """Its first 10,000 images."""

        files = {"train": dict(list(data.CIFAR10.files["train"].items())[:1])}  # noqa: RUF012

    dataset = First(download=False)
    assert tuple(dataset.data.shape) == (10000, 32, 32, 3)
    assert np.bincount(dataset.targets.numpy()).tolist() == [
        1005, 974, 1032, 1016, 999, 937, 1030, 1001, 1025, 981]
    assert [dataset.classes[label] for label in dataset.targets[:3].tolist()] == [
        "frog", "truck", "truck"]
    sky = dataset.data[dataset.targets == 0].float().mean((0, 1, 2))
    assert sky[2].item() > sky[0].item() + 5                    # behind airplanes it is blue


def test_tables_of_cifar_are_complete():
    for cls, classes in ((data.CIFAR10, 10), (data.CIFAR100, 100)):
        assert len(cls.classes) == len(set(cls.classes)) == classes and cls.mirrors
        hashes = [cls.archive[1], *cls.files["train"].values(), *cls.files["test"].values()]
        assert all(len(digest) == 64 for digest in hashes) and len(set(hashes)) == len(hashes)
    assert data.CIFAR100.classes[:2] == ("apple", "aquarium_fish")


@pytest.mark.parametrize("cls", [data.MNIST, data.FashionMNIST, data.KMNIST])
def test_tables_are_complete(cls):
    assert len(cls.classes) == 10 and cls.mirrors
    assert sorted(cls.sha256) == sorted(
        f"{part}-{kind}-ubyte.gz" for part in ("train", "t10k")
        for kind in ("images-idx3", "labels-idx1"))
    assert all(len(digest) == 64 for digest in cls.sha256.values())


@pytest.mark.parametrize("name", [cls.__name__ for cls in POINTS])
def test_a_number_of_points_that_is_none_is_refused(name):
    with pytest.raises(ValueError, match=f"^{name}: n: expected at least 0, got -1"):
        getattr(data, name)(-1)
    with pytest.raises(TypeError, match=f"^{name}: n: expected an int, got '4'"):
        getattr(data, name)("4")
    assert repr(getattr(data, name)(4)) == f"{name}(4 samples)"
    spread = "std" if name == "Blobs" else "noise"
    with pytest.raises(ValueError, match=f"^{name}: {spread}: expected a number between 0"):
        getattr(data, name)(4, **{spread: -0.1})
