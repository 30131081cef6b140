"""Calls that a newcomer gets wrong: each is told which option it was, and what to do instead."""

import plugrad as pg
import pytest
from plugrad import nn

X, LABELS = pg.zeros(4, 3), pg.tensor([0, 1, 2, 0])

CONSTRUCTORS = [
    (lambda: nn.Linear(-1, 3), ValueError, "Linear: in_features: expected at least 0, got -1"),
    (lambda: nn.Linear("2", 3), TypeError, "Linear: in_features: expected an int, got '2'"),
    (lambda: nn.Linear(2, 3.0), TypeError, "Linear: out_features: expected an int, got 3.0"),
    (lambda: nn.BatchNorm2d("3"), TypeError, "BatchNorm2d: num_features: expected an int, got '3'"),
    (lambda: nn.BatchNorm1d(-3), ValueError, "BatchNorm1d: num_features: expected at least 0"),
    (lambda: nn.Conv2d("3", 1, 1), TypeError, "Conv2d: in_channels: expected an int, got '3'"),
    (lambda: nn.Conv2d(3, -1, 1), ValueError, "Conv2d: out_channels: expected at least 0, got -1"),
    (lambda: nn.Conv2d(3, 1, 1, groups="3"), TypeError, "Conv2d: groups: expected an int, got '3'"),
    (lambda: nn.LayerNorm("3"), TypeError, "LayerNorm: normalized_shape: expected an int"),
    (lambda: nn.Dropout("0.5"), TypeError, "Dropout: p: expected a number, got '0.5'"),
    (lambda: nn.Dropout(1.5), ValueError, "Dropout: p: expected a number between 0 and 1, got 1.5"),
    (lambda: nn.MSELoss("mean"), TypeError,
     "MSELoss: unexpected argument 'mean'; give options by name: reduction=..."),
    (lambda: nn.CrossEntropyLoss("mean"), TypeError,
     r"CrossEntropyLoss: expected weight to be a Tensor \(C,\).* got 'mean'; write reduction='m"),
    (lambda: nn.BCEWithLogitsLoss("mean"), TypeError,
     "BCEWithLogitsLoss: cannot assign str as buffer 'weight'"),
    (lambda: nn.Tanh(inplace=True), TypeError, "Tanh: unexpected argument inplace=True; it has no"),
]


@pytest.mark.parametrize(("call", "error", "text"), CONSTRUCTORS, ids=range(len(CONSTRUCTORS)))
def test_a_constructor_names_itself_and_the_option(call, error, text):
    with pytest.raises(error, match=f"^{text}"):
        call()


@pytest.mark.parametrize("name", ["ReLU", "LeakyReLU", "Tanh", "Sigmoid", "GELU", "Softmax",
                                  "LogSoftmax", "Flatten", "Dropout", "Linear", "BatchNorm1d",
                                  "CrossEntropyLoss", "NLLLoss"])
def test_a_tensor_for_the_class_belongs_to_its_object(name):
    arguments = (X, 2) if name == "Linear" else (X,)
    with pytest.raises(TypeError, match=rf"^{name}: .*make the module first and then call it: "
                                        rf"{name}\(...\)\(x\)"):
        getattr(nn, name)(*arguments)


@pytest.mark.parametrize("name", ["MSELoss", "L1Loss", "CrossEntropyLoss", "NLLLoss",
                                  "BCEWithLogitsLoss"])
def test_output_and_target_for_the_class_of_a_loss_belong_to_its_object(name):
    with pytest.raises(TypeError, match=rf"^{name}: .*call it: {name}\(...\)\(x\)"):
        getattr(nn, name)(X, LABELS)


def test_arguments_of_super_init_are_told_as_such():
    class Net(nn.Module):
        def __init__(self, n):
            super().__init__(n)

    with pytest.raises(TypeError, match=r"^Net: super\(\).__init__\(\) takes no arguments, got 3$"):
        Net(3)


@pytest.mark.parametrize(("channels", "shape", "text"), [
    (1, (8, 8, 8), r"\(N, 1, H, W\) or \(1, H, W\), got shape \(8, 8, 8\); gray .* x.unsqueeze\(1"),
    (3, (2, 8, 8, 3), r"got shape \(2, 8, 8, 3\); .*x.permute\(0, 3, 1, 2\)"),
    (3, (8, 8, 3), r"got shape \(8, 8, 3\); .*x.permute\(2, 0, 1\)"),
    (3, (2, 4, 8, 8), r"got shape \(2, 4, 8, 8\)$"),
    (3, (3, 8), r"got shape \(3, 8\)$"),
])
def test_images_of_another_form_are_shown_as_they_were_given(channels, shape, text):
    with pytest.raises(RuntimeError, match=f"^Conv2d: expected images .*{text}") as caught:
        nn.Conv2d(channels, 2, 3)(pg.zeros(shape))
    assert caught.value.__suppress_context__


def test_other_errors_of_a_convolution_stay():
    with pytest.raises(RuntimeError, match=r"the kernel .* larger than the input"):
        nn.Conv2d(1, 2, 9)(pg.zeros(1, 1, 8, 8))


@pytest.mark.parametrize(("module", "shape"), [
    (nn.BatchNorm2d(3), (2, 3)), (nn.BatchNorm2d(3), (2, 4, 5, 5)), (nn.BatchNorm1d(3), (3,)),
])
def test_batch_normalizations_name_themselves(module, shape):
    with pytest.raises(ValueError, match=rf"^{type(module).__name__}: expected .*\(N, 3, ...\)"):
        module(pg.zeros(shape))


def test_one_dimension_is_written_without_a_comma():
    with pytest.raises(RuntimeError, match=r"shape \(..., 3\) for"):
        nn.LayerNorm(3)(pg.zeros(2, 4))


@pytest.mark.parametrize("name", ["MSELoss", "L1Loss", "CrossEntropyLoss", "NLLLoss",
                                  "BCEWithLogitsLoss"])
def test_a_target_that_is_no_tensor_is_refused(name):
    with pytest.raises(TypeError, match=r"expected target to be a Tensor, got list; .*plugrad.ten"):
        getattr(nn, name)()(X, [0, 1, 2, 0])


def test_float_labels_are_told_of_probabilities_only_where_these_may_be_given():
    with pytest.raises(RuntimeError, match=r"^nll_loss: .*convert with target.long\(\)$"):
        nn.functional.nll_loss(X, LABELS.float())
    with pytest.raises(RuntimeError, match=r"^cross_entropy: .*or give class probabilities"):
        nn.functional.cross_entropy(X, LABELS.float())


@pytest.mark.parametrize("name", sorted(name for name in dir(nn.init) if name.endswith("_")
                                        and not name.startswith("_")))
def test_initializers_want_the_weight_of_a_module(name):
    options = {"constant_": {"val": 1.0}, "sparse_": {"sparsity": 0.5}}.get(name, {})
    with pytest.raises(TypeError, match=r"expected a Tensor to fill, got Linear; pass its .weight"):
        getattr(nn.init, name)(nn.Linear(2, 2), **options)


@pytest.mark.parametrize("warned", [
    lambda: nn.MSELoss()(pg.zeros(3, 1), pg.zeros(3)), lambda: nn.Softmax()(X),
    lambda: nn.Sequential(nn.LogSoftmax())(X), lambda: nn.functional.l1_loss(X, pg.zeros(3)),
])
def test_warnings_point_to_the_line_outside_of_plugrad(warned):
    with pytest.warns(UserWarning) as caught:
        warned()
    assert [warning.filename for warning in caught] == [__file__]
