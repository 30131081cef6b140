"""Articles of clothing in the form of MNIST, and harder."""

import plugrad as pg
from plugrad import data

SHA256 = {      # of the unzipped files
    "train-images-idx3-ubyte.gz":
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte.gz":
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte.gz":
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte.gz":
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}


class FashionMNIST(data.IDXDataset):
    """28 x 28 gray images of ten kinds of clothing, 60,000 + 10,000   (Xiao et al., 2017)

    Found, downloaded and checked as MNIST is.  The files have the same names as MNIST's: in a
    folder shared by both, put them in a subfolder `fashion_mnist`.
    """

    mirrors = (
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    )
    subfolders = ("FashionMNIST/raw", "fashion_mnist", "fashion-mnist")
    sha256 = SHA256
    classes = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
               "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")


@pg.hookimpl
def register_datasets(register):
    register(FashionMNIST)
