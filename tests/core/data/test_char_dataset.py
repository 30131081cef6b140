"""A text as samples: what comes next."""

import plugrad as pg
import pytest
from plugrad import data

TEXT = "to be or not to be"


def test_a_sample_is_a_piece_and_the_same_one_character_on():
    dataset = data.CharDataset(TEXT, 5)
    assert len(dataset) == len(TEXT) - 5 and dataset.chars == " benort"
    for i in (0, 4, len(dataset) - 1):
        x, y = dataset[i]
        assert dataset.decode(x) == TEXT[i:i + 5] and dataset.decode(y) == TEXT[i + 1:i + 6]
    assert x.dtype == pg.int64 and dataset[-1][0].tolist() == x.tolist()
    with pytest.raises(IndexError):
        dataset[len(dataset)]


def test_encode_and_decode_are_inverse():
    dataset = data.CharDataset(TEXT, 3, chars="zyxtorneb ")
    assert dataset.encode("bet").tolist() == [8, 7, 3]
    assert dataset.decode(dataset.encode(TEXT)) == TEXT and dataset.decode([8, 7]) == "be"
    assert dataset.encode("").dtype == pg.int64


def test_a_batch_is_its_samples():
    dataset = data.CharDataset(TEXT, 4)
    x, y = dataset.__getbatch__([3, 0, -1])
    assert x.tolist() == [dataset[i][0].tolist() for i in (3, 0, -1)]
    assert y.tolist() == [dataset[i][1].tolist() for i in (3, 0, -1)]
    assert len(list(data.DataLoader(dataset, 5))) == 3


@pytest.mark.parametrize("call, error, text", [
    (lambda: data.CharDataset(["a"]), TypeError, "CharDataset: expected a text, got list"),
    (lambda: data.CharDataset(TEXT), ValueError, "longer than context=64, got 18 characters"),
    (lambda: data.CharDataset("abc", 3), ValueError, "longer than context=3, got 3 characters"),
    (lambda: data.CharDataset(TEXT, 0), ValueError, "CharDataset: context: expected at least 1"),
    (lambda: data.CharDataset(TEXT, 3, "abc"), ValueError, "of the alphabet 'abc', got 't'"),
    (lambda: data.CharDataset(TEXT, 3).encode("x"), ValueError, "got 'x'"),
    (lambda: data.CharDataset(TEXT, 3)["a"], TypeError, "integer"),
])
def test_bad_use_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()
