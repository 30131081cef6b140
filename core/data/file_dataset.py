"""What datasets made of files share: where they look, and what they download."""

from plugrad.data.array_dataset import ArrayDataset
from plugrad.data.files import FOLDER_VARIABLE, cache_folder, data_folders, download, find_file
from plugrad.ops.create import from_numpy


class FromFiles:
    """Finds files in `root`, in $PLUGRAD_DATA and in the cache, each time in `subfolders` and then
    in the folder itself; if absent, they are downloaded to `root`, or to the cache if no root is
    given.  A class of datasets names them in `file_names`."""

    mirrors = ()                # addresses of folders that hold the files
    subfolders = ()             # where to look inside a data folder; downloads go to the first
    file_names = ()             # what the mirrors offer

    def find(self, name, root):
        """Path of the file of that name, or of its unzipped form; None where there is neither."""
        return find_file(name, self._folders(root))

    def obtain(self, name, root, may_download, check):
        """The same, downloaded if it is not there.  check(content) raises ValueError for a wrong
        file.  Raises FileNotFoundError that says where it may be put and whence it comes."""
        path = self.find(name, root)
        if path is None and not may_download:
            raise self._not_found(name, root, "download=False forbids it")
        if path is None:
            try:
                folder = next(self._folders(cache_folder() if root is None else root))
                path = download(name, self.mirrors, folder, check)
            except (ImportError, OSError) as error:
                raise self._not_found(name, root, str(error)) from None
        return path

    def _folders(self, root):
        for folder in data_folders(root):
            yield from (folder / sub for sub in (*self.subfolders, ""))

    def _not_found(self, name, root, reason):
        return FileNotFoundError(
            f"{type(self).__name__}: {name} is in none of these folders:\n  "
            + "\n  ".join(map(str, self._folders(root)))
            + f"\nand could not be downloaded: {reason}\nPut the files (gzipped or not)\n  "
            + "\n  ".join(self.file_names)
            + f"\nin one of these folders, or in one that you name by root=... or in the "
            f"environment variable {FOLDER_VARIABLE}. They are offered at\n  "
            + "\n  ".join(self.mirrors)
        )


class LabelledImages(FromFiles, ArrayDataset):
    """data and targets (N,) int64 from files; a subclass says how they are read."""

    classes = ()                # names of the labels 0, 1, ...

    def __init__(self, images, labels, folder, root, train, transform, target_transform):
        super().__init__(from_numpy(images), from_numpy(labels.astype("int64")), transform,
                         target_transform)
        self.root = root
        self.folder = str(folder)
        self.train = train

    @property
    def class_to_idx(self):
        """Name of a class -> its label."""
        return {name: label for label, name in enumerate(self.classes)}
