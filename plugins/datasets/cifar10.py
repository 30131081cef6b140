"""Photographs of ten kinds of things, small enough for a notebook to learn from."""

import plugrad as pg
from plugrad import data

TRAIN = {
    "data_batch_1.bin": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
    "data_batch_2.bin": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
    "data_batch_3.bin": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
    "data_batch_4.bin": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
    "data_batch_5.bin": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
}
TEST = {"test_batch.bin": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"}
FILES = {"train": TRAIN, "test": TEST}


class CIFAR10(data.CIFARDataset):
    """32 x 32 photographs in color of ten kinds, 50,000 + 10,000   (Krizhevsky, 2009)

    The binary version, looked for in `root`, $PLUGRAD_DATA and the cache, then downloaded: unlike
    torchvision's, `root` has a default and `download` is on.
    """

    mirrors = ("https://www.cs.toronto.edu/~kriz",)
    subfolders = ("cifar-10-batches-bin",)
    archive = ("cifar-10-binary.tar.gz",
               "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd")
    files = FILES
    classes = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship",
               "truck")


@pg.hookimpl
def register_datasets(register):
    register(CIFAR10)
