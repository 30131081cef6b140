"""Datasets in memory: single samples, and batches that equal them."""

import numpy as np
import plugrad as pg
import pytest
from plugrad import data


def make(cls=data.ArrayDataset, **transforms):
    images = np.arange(5 * 4, dtype=np.uint8).reshape(5, 2, 2)
    return cls(pg.from_numpy(images), pg.tensor([4, 3, 2, 1, 0]), **transforms)


class Halve:
    """A transform with both forms; the second counts its calls."""

    batches = 0

    def __call__(self, image):
        return image / 2

    def batch(self, images):
        self.batches += 1
        return images / 2


def same_batches(dataset, indices):
    ours = dataset.__getbatch__(indices)
    one_by_one = data.default_collate([dataset[i] for i in indices])
    assert type(ours) is list
    for a, b in zip(ours, one_by_one, strict=True):
        assert a.dtype == b.dtype and a.tolist() == b.tolist()


def test_a_sample_is_an_array_and_a_number():
    image, label = make()[1]
    assert isinstance(image, np.ndarray) and image.tolist() == [[4, 5], [6, 7]]
    assert label == 3 and type(label) is int


def test_a_sample_is_the_callers_to_change():
    dataset = make()
    dataset[0][0][:] = 99
    dataset.__getbatch__([0])[0].fill_(99)
    assert dataset[0][0].tolist() == [[0, 1], [2, 3]]


@pytest.mark.parametrize("transforms", [
    {}, {"transform": Halve()}, {"transform": lambda image: image * 2.0},
    {"target_transform": lambda label: label + 0.5},
    {"transform": Halve(), "target_transform": str},
])
def test_batches_equal_samples(transforms):
    if transforms.get("target_transform") is str:
        assert make(**transforms).__getbatch__([1, 2])[1] == ["3", "2"]
    else:
        same_batches(make(**transforms), [2, -1, 0, 2])


def test_the_batch_form_is_used():
    transform = Halve()
    list(data.DataLoader(make(transform=transform), 2))
    assert transform.batches == 3


def test_a_transform_that_overrides_call_is_called():
    class Third(Halve):
        def __call__(self, image):
            return image / 3

    same_batches(make(transform=Third()), [1, 2])


def test_a_subclass_that_overrides_getitem_is_called():
    class Labelled(data.ArrayDataset):
        def __getitem__(self, i):
            image, label = super().__getitem__(i)
            return image, label + 100

    [(_, labels)] = data.DataLoader(make(Labelled), 5)
    assert labels.tolist() == [104, 103, 102, 101, 100]


def test_data_may_be_replaced():
    dataset = make()
    dataset.data, dataset.targets = dataset.data[:2], dataset.targets[:2]
    assert len(dataset) == 2
    assert [y.tolist() for _, y in data.DataLoader(dataset, 2)] == [[4, 3]]


def test_one_target_a_sample():
    with pytest.raises(ValueError, match=r"got shapes \(5, 2\) and \(4,\)"):
        data.ArrayDataset(pg.zeros(5, 2), pg.zeros(4))
    with pytest.raises(ValueError, match=r"got shapes \(5, 2\) and \(5, 1\)"):
        data.ArrayDataset(pg.zeros(5, 2), pg.zeros(5, 1))


@pytest.mark.parametrize("option", ["transform", "target_transform"])
def test_a_transform_that_is_none_is_refused(option):
    with pytest.raises(TypeError, match=rf"^Digits: {option}: .* got the class ToTensor; make an "
                                        r"object of it: ToTensor\(...\)"):
        data.Digits(**{option: data.ToTensor})
    with pytest.raises(TypeError, match=f"^Digits: {option}: expected a function of a sample, got"):
        data.Digits(**{option: "flip"})


def test_a_class_that_converts_is_a_transform():
    assert data.Digits(target_transform=float)[0][1] == 0.0


def test_repr_has_the_options():
    assert repr(data.Digits(train=True, transform=data.ToTensor())) == (
        "Digits(1442 samples, train=True, transform=ToTensor())")
