"""Photographs of a hundred kinds of things, in the form of CIFAR-10."""

import plugrad as pg
from plugrad import data

FILES = {
    "train": {"train.bin": "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29"},
    "test": {"test.bin": "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a"},
}
CLASSES = """
    apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus
    butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch
    crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo
    keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain
    mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain
    plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk
    skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone
    television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm
"""


class CIFAR100(data.CIFARDataset):
    """32 x 32 photographs in color of 100 kinds, 50,000 + 10,000   (Krizhevsky, 2009)

    Found, downloaded and checked as CIFAR10 is.  The label is the fine one of the two.
    """

    mirrors = ("https://www.cs.toronto.edu/~kriz",)
    subfolders = ("cifar-100-binary",)
    archive = ("cifar-100-binary.tar.gz",
               "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec")
    files = FILES
    classes = tuple(CLASSES.split())
    labels = 2


@pg.hookimpl
def register_datasets(register):
    register(CIFAR100)
