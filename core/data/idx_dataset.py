"""Labelled images in the four IDX files that MNIST made common."""

from functools import partial

from plugrad.data.file_dataset import LabelledImages
from plugrad.data.idx import parse_idx, read_idx

COUNTS = {"train": 60_000, "t10k": 10_000}


class IDXDataset(LabelledImages):
    """data (N, H, W) uint8 and targets (N,) int64 from IDX files; a subclass is a table.

    The files are looked for and downloaded as FromFiles tells.  Every one is checked: form, sizes,
    labels, SHA-256.  folder: where the images were found, which repr shows; it need not be in
    `root`.
    """

    sha256 = None               # file name -> hash of it, unzipped or not; None: not checked
    counts = COUNTS             # images in each part; the keys begin the file names
    size = (28, 28)

    def __init__(self, root=None, train=True, transform=None, target_transform=None,
                 download=True):
        part = "train" if train else "t10k"
        images, folder = self._load(f"{part}-images-idx3-ubyte.gz", root, download)
        labels, _ = self._load(f"{part}-labels-idx1-ubyte.gz", root, download)
        super().__init__(images, labels, folder, root, train, transform, target_transform)

    @property
    def file_names(self):
        """The four files."""
        return [f"{part}-{kind}-ubyte.gz" for part in self.counts
                for kind in ("images-idx3", "labels-idx1")]

    def _load(self, name, root, may_download):
        expected = self._expected(name)
        path = self.obtain(name, root, may_download, check=partial(parse_idx, **expected))
        return read_idx(path, **expected), path.parent

    def _expected(self, name):
        """What `read_idx` shall check in the file of that name."""
        count = self.counts[name.split("-")[0]]
        form = ({"shape": (count, *self.size)} if "images" in name
                else {"shape": (count,), "below": len(self.classes)})
        return dict(form, sha256=self.sha256 and self.sha256[name])
