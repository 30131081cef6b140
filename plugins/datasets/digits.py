"""Handwritten digits small enough to ship with the package."""

from pathlib import Path

import numpy as np
import plugrad as pg
from plugrad import data


class Digits(data.ArrayDataset):
    """1,797 gray 8 x 8 images of digits, float32 0..1, and labels 0-9   (Alpaydin & Kaynak, 1998)

    UCI's "Optical Recognition of Handwritten Digits", test set: ink counts 0..16, here over 16.
    train=False gives every fifth image of each digit (355), True the others (1,442), None all.
    The 13 writers are in both parts.  CC BY 4.0, see digits-LICENSE.txt.
    """

    classes = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")

    def __init__(self, train=None, transform=None, target_transform=None):
        with np.load(Path(__file__).with_name("digits.npz")) as file:
            images = file["images"].astype(np.float32) / 16             # (1797, 8, 8)
            labels = file["labels"].astype(np.int64)                    # (1797,)
        if train is not None:
            wanted = _is_fifth_of_its_class(labels) != bool(train)
            images, labels = images[wanted], labels[wanted]
        super().__init__(pg.from_numpy(images), pg.from_numpy(labels), transform, target_transform)
        self.train = train


def _is_fifth_of_its_class(labels):
    """True for images 4, 9, 14, ... of each digit, in file order: no random numbers to agree on."""
    test = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        test[np.flatnonzero(labels == label)[4::5]] = True
    return test


@pg.hookimpl
def register_datasets(register):
    register(Digits)
