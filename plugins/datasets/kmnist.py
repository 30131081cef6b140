"""Handwritten Japanese characters in the form of MNIST, harder than its digits."""

import plugrad as pg
from plugrad import data

SHA256 = {      # of the zipped files
    "train-images-idx3-ubyte.gz":
        "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
    "train-labels-idx1-ubyte.gz":
        "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
    "t10k-images-idx3-ubyte.gz":
        "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
    "t10k-labels-idx1-ubyte.gz":
        "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
}


class KMNIST(data.IDXDataset):
    """28 x 28 gray images of ten kinds of Kuzushiji, 60,000 + 10,000   (Clanuwat et al., 2018)

    Found, downloaded and checked as MNIST is, gzipped as they are offered.  The files have the same
    names as MNIST's: in a folder shared by both, put them in a subfolder `kmnist`.
    """

    mirrors = ("https://codh.rois.ac.jp/kmnist/dataset/kmnist",)
    subfolders = ("KMNIST/raw", "kmnist")
    sha256 = SHA256
    classes = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")


@pg.hookimpl
def register_datasets(register):
    register(KMNIST)
