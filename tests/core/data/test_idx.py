"""IDX files: what is read, and what is said of a wrong one."""

import gzip
import hashlib
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from plugrad import data

CODES = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}


def idx(array):
    """array as the bytes of an IDX file."""
    code = CODES[array.dtype.str[1:]]
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


IMAGES = np.arange(3 * 2 * 2, dtype=np.uint8).reshape(3, 2, 2)
LABELS = np.array([0, 9, 4], np.uint8)


@given(st.sampled_from(sorted(CODES)).flatmap(
    lambda code: hnp.arrays(code, hnp.array_shapes(min_side=0, max_side=4))), st.booleans())
def test_reads_what_was_written(array, zipped):
    content = gzip.compress(idx(array)) if zipped else idx(array)
    read = data.parse_idx(content, shape=array.shape)
    assert read.dtype == array.dtype and read.flags.writeable
    np.testing.assert_array_equal(read, array)


def test_reads_a_file_whatever_it_is_called(tmp_path):
    (tmp_path / "zipped").write_bytes(gzip.compress(idx(IMAGES)))
    (tmp_path / "plain.gz").write_bytes(idx(IMAGES))
    for name in ("zipped", "plain.gz"):
        np.testing.assert_array_equal(data.read_idx(tmp_path / name), IMAGES)


def test_the_hash_is_of_the_content_or_of_the_gzip_file_as_it_is():
    good = hashlib.sha256(idx(IMAGES)).hexdigest()
    for level in (1, 9):
        data.parse_idx(gzip.compress(idx(IMAGES), level), sha256=good)
    zipped = gzip.compress(idx(IMAGES), 9)
    data.parse_idx(zipped, sha256=hashlib.sha256(zipped).hexdigest())
    with pytest.raises(ValueError, match=f"expected SHA-256 {'0' * 64}.*found {good}"):
        data.parse_idx(idx(IMAGES), sha256="0" * 64)


ZIPPED = gzip.compress(idx(IMAGES))
DAMAGED = bytearray(ZIPPED)
DAMAGED[len(ZIPPED) // 2] ^= 0xFF
WRONG = {
    "gzip cut off": (ZIPPED[:-9], {}, "truncated: expected a whole gzip file, found"),
    "gzip damaged": (bytes(DAMAGED), {}, "corrupt: expected a gzip file, found damaged data"),
    "gzip checksum": (ZIPPED[:-8] + bytes(4) + ZIPPED[-4:], {}, "corrupt: expected a gzip file"),
    "cut off": (idx(IMAGES)[:-1], {}, "truncated: expected 28 bytes .*3 images of 2 x 2, found 27"),
    "too long": (idx(IMAGES) + b"!", {}, "corrupt: expected 28 bytes .*, found 29"),
    "empty": (b"", {}, "not an IDX file: .* found 0 bytes"),
    "header cut off": (idx(IMAGES)[:9], {}, "not an IDX file: .* found 9 bytes"),
    "a web page": (b"<!DOCTYPE html>", {}, "not an IDX file: .* beginning with b'<!DO'"),
    "unknown type": (b"\0\0\x0a\1\0\0\0\0", {}, "not an IDX file"),
    "labels as images": (idx(LABELS), {"shape": (3, 2, 2)},
                         "mislabelled: expected 3 images of 2 x 2, found 3 labels"),
    "images as labels": (idx(IMAGES), {"shape": (None,)},
                         "mislabelled: expected any number of labels, found 3 images of 2 x 2"),
    "the test set": (idx(LABELS), {"shape": (60000,)}, "expected 60000 labels, found 3 labels"),
    "label out of range": (idx(LABELS), {"below": 9},
                           "corrupt: expected labels from 0 to 8, found 9 at position 1"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_named_with_what_was_expected_found_and_the_remedy(name, tmp_path):
    content, options, text = WRONG[name]
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=text) as caught:
        data.read_idx(path, **options)
    assert str(caught.value).startswith(f"{path}: ")
    assert "Delete this file and get it again" in str(caught.value)


@given(st.binary(max_size=60), st.integers(0, 60))
def test_nothing_but_a_clear_error_for_any_bytes(noise, cut):
    for content in (noise, idx(IMAGES)[:cut] + noise, ZIPPED[:cut] + noise):
        try:
            data.parse_idx(content, shape=(3, 2, 2), below=10)
        except ValueError as error:
            assert ": " in str(error)


def test_an_empty_label_file_is_fine():
    assert data.parse_idx(idx(LABELS[:0]), below=10).size == 0
