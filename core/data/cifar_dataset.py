"""Labelled images in the binary files of CIFAR."""

import math
import tarfile
import zlib
from functools import partial
from pathlib import Path

import numpy as np
from plugrad.data.file_dataset import LabelledImages
from plugrad.data.idx import check_hash


class CIFARDataset(LabelledImages):
    """data (N, H, W, 3) uint8 and targets (N,) int64 from files of records; a subclass is a table.

    A record is `labels` bytes, of which the last is the target, and the planes red, green and blue.
    The files are looked for as FromFiles tells; where they are not, the archive is, and downloaded
    if need be, and read as it is.  Every file is checked by its SHA-256.
    """

    archive = "", ""            # what the mirrors offer: its name, and its SHA-256
    files = None                # "train" and "test" -> {file name: SHA-256}
    labels = 1
    size = (3, 32, 32)

    def __init__(self, root=None, train=True, transform=None, target_transform=None,
                 download=True):
        hashes = self.files["train" if train else "test"]
        folder, contents = self._contents(list(hashes), root, download)
        records = [self._records(f"{folder}/{name}", contents[name], hashes[name])
                   for name in hashes]
        records = np.concatenate(records)                           # (N, labels + 3 * H * W)
        planes = records[:, self.labels:].reshape(-1, *self.size)
        images = np.ascontiguousarray(planes.transpose(0, 2, 3, 1))         # (N, H, W, 3)
        super().__init__(images, records[:, self.labels - 1], folder, root, train, transform,
                         target_transform)

    @property
    def file_names(self):
        """The archive, or what is in it."""
        inside = [name for part in self.files.values() for name in part]
        return [f"{self.archive[0]}, or unpacked", *inside]

    def _contents(self, names, root, may_download):
        """Where they are, and {name: content} of the files."""
        paths = [self.find(name, root) for name in names]
        if None not in paths:
            return paths[0].parent, {path.name: path.read_bytes() for path in paths}
        name, sha256 = self.archive
        archive = self.obtain(name, root, may_download, check=partial(check_hash, sha256))
        try:
            with tarfile.open(archive) as tar:
                inside = {Path(member.name).name: member for member in tar if member.isfile()}
                return archive, {n: tar.extractfile(inside[n]).read() for n in names}
        except (KeyError, EOFError, tarfile.TarError, zlib.error) as error:
            raise ValueError(f"{archive}: expected an archive of {', '.join(names)}, got "
                             f"{error!r}. Delete it and get it again.") from None

    def _records(self, path, content, sha256):
        """One row a record.  Raises ValueError that names the file."""
        size = self.labels + math.prod(self.size)
        try:
            if not content or len(content) % size:
                raise ValueError(f"truncated: expected records of {size} bytes, found "
                                 f"{len(content)} bytes")
            check_hash(sha256, content)
        except ValueError as error:
            raise ValueError(f"{path}: {error}. Delete this file and get it again, or put a good "
                             "copy in its place.") from None
        return np.frombuffer(content, np.uint8).reshape(-1, size)
