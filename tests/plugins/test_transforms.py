"""Transforms against torchvision's formulas, one sample at a time and in batches."""

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import data


def image(shape, dtype=np.uint8, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(dtype)


def expected_to_tensor(x):
    """torchvision's to_tensor, in torch."""
    x = torch.from_numpy(x if x.ndim == 3 else x[:, :, None]).permute(2, 0, 1).contiguous()
    return x.float().div(255) if x.dtype == torch.uint8 else x


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64, np.int64])
@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1), (4, 5, 3), (0, 5, 3)])
def test_to_tensor_as_torchvision(shape, dtype):
    x = image(shape, dtype)
    ours, theirs = data.ToTensor()(x), expected_to_tensor(x)
    assert str(ours.dtype).split(".")[1] == str(theirs.dtype).split(".")[1]
    np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    assert tuple(ours.shape) == tuple(theirs.shape)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "F", "1"])
def test_to_tensor_takes_pil_images(mode):
    Image = pytest.importorskip("PIL.Image")
    x = np.array(Image.fromarray(image((4, 5, 3))).convert(mode))
    ours = data.ToTensor()(Image.fromarray(image((4, 5, 3))).convert(mode))
    theirs = expected_to_tensor(x * np.uint8(255) if mode == "1" else x)
    np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    assert ours.dtype == pg.float32


def test_to_tensor_never_shares_memory():
    x = image((2, 2), np.float32)
    data.ToTensor()(x).fill_(7)
    assert 7 not in x


@pytest.mark.parametrize("x, error, text", [
    (pg.zeros(2, 2), TypeError, "got Tensor. What is a tensor already needs no ToTensor"),
    ([[1, 2]], TypeError, "got list"),
    (np.zeros(3), ValueError, r"got \(3,\)"),
    (np.zeros((1, 2, 3, 4)), ValueError, r"got \(1, 2, 3, 4\)"),
])
def test_to_tensor_refuses(x, error, text):
    with pytest.raises(error, match=text):
        data.ToTensor()(x)


@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("mean, std", [
    ((0.1, 0.2, 0.3), (0.5, 2.0, 4.0)), ([0.5], [0.25]), (0.5, 0.25), (np.ones(3), np.ones(3)),
])
def test_normalize_as_torchvision(mean, std, dtype, inplace):
    x = np.random.default_rng(1).random((3, 4, 5)).astype(dtype)
    theirs = torch.from_numpy(x.copy())
    shift, scale = (torch.as_tensor(v, dtype=theirs.dtype).reshape(-1, 1, 1) for v in (mean, std))
    theirs = theirs.sub(shift).div(scale)
    ours = pg.tensor(x)
    y = data.Normalize(mean, std, inplace)(ours)
    np.testing.assert_array_equal(y.numpy(), theirs.numpy())
    assert y.numpy().dtype == dtype
    np.testing.assert_array_equal(ours.numpy(), y.numpy() if inplace else x)


@pytest.mark.parametrize("x, error, text", [
    (np.zeros((1, 2, 2)), TypeError, "got ndarray. Put ToTensor"),
    (pg.zeros(3, 2, 2).long(), TypeError, "int64 tensor. Put ToTensor"),
    (pg.zeros(2, 2), ValueError, r"\(\.\.\., channels, height, width\), got \(2, 2\)"),
    (pg.zeros(3, 2, 2), ValueError, "one number in mean for each of the 3 channels .* got 2"),
])
def test_normalize_refuses(x, error, text):
    with pytest.raises(error, match=text):
        data.Normalize((0.1, 0.2), 1.0)(x)


def test_normalize_refuses_a_std_of_zero():
    with pytest.raises(ValueError, match="std above zero"):
        data.Normalize((0, 0), (1, 0))


def test_compose_and_lambda():
    double = data.Lambda(lambda x: x * 2)
    transform = data.Compose([data.ToTensor(), double, lambda x: x + 1])
    assert transform(np.full((1, 1), 255, np.uint8)).item() == 3
    assert data.Compose([])(5) == 5
    with pytest.raises(TypeError, match="expected a function, got int"):
        data.Lambda(3)


@pytest.mark.parametrize("transform", [
    data.ToTensor(),
    data.Compose([data.ToTensor(), data.Normalize((0.1307,), (0.3081,))]),
    data.Compose([data.Compose([data.ToTensor()]), data.Normalize(0.5, 0.5, inplace=True)]),
])
@pytest.mark.parametrize("shape", [(6, 4, 5), (6, 4, 5, 3)])
def test_a_batch_equals_its_samples_to_the_bit(transform, shape):
    x = image(shape)
    batch = data.batch_transform(transform)(x)
    one_by_one = pg.stack([transform(sample) for sample in x])
    np.testing.assert_array_equal(batch.numpy(), one_by_one.numpy())


def test_compose_has_a_batch_form_only_if_all_have_one():
    assert data.batch_transform(data.Compose([data.ToTensor(), data.Lambda(abs)])) is None
    assert data.batch_transform(data.Compose([data.ToTensor(), abs])) is None
    assert data.batch_transform(data.Compose([])) is not None


def test_a_transform_prints_as_it_is_written():
    transform = data.Compose([data.ToTensor(), data.Normalize((0.5,), (0.25,)), data.Lambda(abs)])
    assert repr(transform) == ("Compose([ToTensor(), Normalize(mean=(0.5,), std=(0.25,)), "
                               "Lambda(abs)])")


def forgetful(x):
    """A transform without a return."""


@pytest.mark.parametrize("call, text", [
    (lambda: data.Compose(data.ToTensor(), abs), r"expected a list .* such as Compose\(\[a, b\]\)"),
    (lambda: data.Compose(data.ToTensor()), "Compose: expected a list of transforms"),
    (lambda: data.Compose(3), "Compose: expected a list of transforms"),
    (lambda: data.Compose([data.ToTensor]), "Compose: .* got the class ToTensor; make an object"),
    (lambda: data.Compose([abs, "flip"]), "Compose: expected a function of a sample, got str"),
    (lambda: data.Compose([forgetful, data.Normalize(0, 1)])(image((4, 4))),
     "Compose: <function forgetful at .*> returned None; does it lack a return"),
])
def test_compose_says_what_is_wrong(call, text):
    with pytest.raises(TypeError, match=text):
        call()


def test_compose_says_which_batch_form_returned_nothing():
    class Forgetful:
        def __call__(self, x):
            return x

        def batch(self, x):
            pass

        def __repr__(self):
            return "Forgetful()"

    with pytest.raises(TypeError, match=r"Compose: Forgetful\(\) returned None"):
        data.Compose([data.ToTensor(), Forgetful(), data.Normalize(0, 1)]).batch(image((2, 4, 4)))


def test_a_random_flip_mirrors_as_often_as_asked():
    x = pg.from_numpy(image((3, 4, 5), np.float32))
    mirrored = x.numpy()[..., ::-1]
    for p, low, high in ((0, 0, 0), (1, 1000, 1000), (0.3, 240, 360)):
        pg.manual_seed(0)
        flip = data.RandomHorizontalFlip(p)
        seen = [flip(x).numpy() for _ in range(1000)]
        assert low <= sum(np.array_equal(y, mirrored) for y in seen) <= high
        assert all(np.array_equal(y, mirrored) or np.array_equal(y, x.numpy()) for y in seen)
    assert repr(flip) == "RandomHorizontalFlip(p=0.3)"


@pytest.mark.parametrize("call, error, text", [
    (lambda: data.RandomHorizontalFlip(1.5), ValueError, "p: expected a number between 0 and 1"),
    (lambda: data.RandomHorizontalFlip("x"), TypeError, "p: expected a number"),
    (lambda: data.RandomHorizontalFlip()(image((3, 4, 5))[0, 0]), TypeError, "put ToTensor"),
])
def test_a_random_flip_refuses(call, error, text):
    with pytest.raises(error, match=text):
        call()
