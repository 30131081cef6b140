"""Labelled images in the four IDX files that MNIST made common."""

from functools import partial

from plugrad.create import from_numpy
from plugrad.data.array_dataset import ArrayDataset
from plugrad.data.files import FOLDER_VARIABLE, cache_folder, data_folders, download, find_file
from plugrad.data.idx import parse_idx, read_idx

COUNTS = {"train": 60_000, "t10k": 10_000}


class IDXDataset(ArrayDataset):
    """data (N, H, W) uint8 and targets (N,) int64 from IDX files; a subclass is a table.

    The files are looked for in `root`, in $PLUGRAD_DATA and in the cache, each time in
    `subfolders` and then in the folder itself; if absent, they are downloaded to `root`, or to the
    cache if no root is given.  Every file is checked: form, sizes, labels, SHA-256 of its content.
    folder: where the images were found, which repr shows; it need not be in `root`.
    """

    mirrors = ()                # addresses of folders that hold the files
    subfolders = ()             # where to look inside a data folder; downloads go to the first
    sha256 = None               # file name -> hash of the unzipped content; None: not checked
    classes = ()                # names of the labels 0, 1, ...
    counts = COUNTS             # images in each part; the keys begin the file names
    size = (28, 28)

    def __init__(self, root=None, train=True, transform=None, target_transform=None,
                 download=True):
        part = "train" if train else "t10k"
        images, folder = self._load(f"{part}-images-idx3-ubyte.gz", root, download)
        labels, _ = self._load(f"{part}-labels-idx1-ubyte.gz", root, download)
        super().__init__(from_numpy(images), from_numpy(labels.astype("int64")),
                         transform, target_transform)
        self.root = root
        self.folder = str(folder)
        self.train = train

    @property
    def class_to_idx(self):
        """Name of a class -> its label."""
        return {name: label for label, name in enumerate(self.classes)}

    def _load(self, name, root, may_download):
        path = find_file(name, self._folders(root))
        if path is None and not may_download:
            raise self._not_found(name, root, "download=False forbids it")
        if path is None:
            try:
                folder = next(self._folders(cache_folder() if root is None else root))
                path = download(name, self.mirrors, folder,
                                check=partial(parse_idx, **self._expected(name)))
            except (ImportError, OSError) as error:
                raise self._not_found(name, root, str(error)) from None
        return read_idx(path, **self._expected(name)), path.parent

    def _folders(self, root):
        for folder in data_folders(root):
            yield from (folder / sub for sub in (*self.subfolders, ""))

    def _expected(self, name):
        """What `read_idx` shall check in the file of that name."""
        count = self.counts[name.split("-")[0]]
        form = ({"shape": (count, *self.size)} if "images" in name
                else {"shape": (count,), "below": len(self.classes)})
        return dict(form, sha256=self.sha256 and self.sha256[name])

    def _not_found(self, name, root, reason):
        names = [f"{part}-{kind}-ubyte.gz" for part in self.counts
                 for kind in ("images-idx3", "labels-idx1")]
        return FileNotFoundError(
            f"{type(self).__name__}: {name} is in none of these folders:\n  "
            + "\n  ".join(map(str, self._folders(root)))
            + f"\nand could not be downloaded: {reason}\nPut the files (gzipped or not)\n  "
            + "\n  ".join(names)
            + f"\nin one of these folders, or in one that you name by root=... or in the "
            f"environment variable {FOLDER_VARIABLE}. They are offered at\n  "
            + "\n  ".join(self.mirrors)
        )
