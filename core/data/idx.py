"""The IDX file format of MNIST: a header with type and shape, then the numbers, big-endian.

    bytes 0-1  zero     byte 2  type of the numbers     byte 3  number of dimensions
    then the size of each dimension as 4-byte integers, then the data       (LeCun et al., 1998)
"""

import gzip
import hashlib
import math
import struct
import zlib
from pathlib import Path

import numpy as np

DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP = b"\x1f\x8b"


def read_idx(path, shape=None, below=None, sha256=None):
    """The array in an IDX file, gzipped or not; `parse_idx` says what the options check.

    Raises ValueError naming the file, what was expected, what was found, and the remedy.
    """
    try:
        return parse_idx(Path(path).read_bytes(), shape, below, sha256)
    except ValueError as error:
        raise ValueError(
            f"{path}: {error}. Delete this file and get it again (a dataset downloads what is "
            "missing), or put a good copy in its place."
        ) from None


def parse_idx(content, shape=None, below=None, sha256=None):
    """The array in the bytes of an IDX file, gzipped or not (told by the bytes themselves).

    shape    expected shape; None in it stands for any size
    below    every number is expected to be less than this: the number of classes, for labels
    sha256   expected hash of the unzipped bytes, which stays when a file is zipped again, or of the
             bytes as they are
    """
    zipped, content = content, _unzip(content)
    array = _parse(content, shape)
    if below is not None and array.size and not array.max() < below:
        at = int((array >= below).argmax())
        raise ValueError(
            f"corrupt: expected labels from 0 to {below - 1}, found {array.flat[at]} at "
            f"position {at}"
        )
    if sha256 is not None:
        check_hash(sha256, content, zipped)
    return array


def check_hash(sha256, *contents):
    """Raise ValueError unless one of the contents has this SHA-256."""
    found = [hashlib.sha256(content).hexdigest() for content in contents]
    if sha256 not in found:
        raise ValueError(
            f"right form, wrong content (damaged, or from another dataset): expected SHA-256 "
            f"{sha256}, found {found[0]}"
        )


def _unzip(content):
    if content[:2] != GZIP:
        return content
    try:
        return gzip.decompress(content)
    except EOFError:
        raise ValueError(
            f"truncated: expected a whole gzip file, found {len(content)} bytes that end in the "
            "middle of the data"
        ) from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"corrupt: expected a gzip file, found damaged data ({error})") from None


def _parse(content, shape):
    start = 4 + 4 * content[3] if len(content) >= 4 else 4
    if len(content) < start or content[:2] != b"\0\0" or content[2] not in DTYPES:
        raise ValueError(
            "not an IDX file: expected two zero bytes, a type code, the number of dimensions and "
            f"their sizes, found {len(content)} bytes beginning with {content[:4]!r}"
        )
    found = struct.unpack(f">{content[3]}I", content[4:start])
    if shape is not None and not _fits(found, shape):
        raise ValueError(
            f"mislabelled: expected {_describe(shape)}, found {_describe(found)}; another file "
            "seems to have been saved under this name"
        )
    dtype = np.dtype(DTYPES[content[2]])
    expected = start + math.prod(found) * dtype.itemsize
    if len(content) != expected:
        raise ValueError(
            f"{'truncated' if len(content) < expected else 'corrupt'}: expected {expected} bytes "
            f"(unzipped) for {_describe(found)}, found {len(content)}"
        )
    numbers = np.frombuffer(content, dtype, offset=start).reshape(found)
    return numbers.astype(dtype.newbyteorder("="))              # a copy: ours to write to


def _fits(found, shape):
    return len(found) == len(shape) and all(s in (None, f) for f, s in zip(found, shape))


def _describe(shape):
    """(10000,) -> '10000 labels', in the words of someone who looks for a mix-up."""
    n, *rest = ["any number of" if size is None else str(size) for size in shape] or ["0"]
    kind = {0: "labels", 2: "images of"}.get(len(rest), "arrays of")
    return " ".join([n, kind, " x ".join(rest)]).rstrip()
