"""An error inside a model names the layer."""

import plugrad as pg
import pytest
from plugrad import nn


class Oops(Exception):
    def __init__(self, a, b):
        super().__init__(a, b)


class Fails(nn.Module):
    def __init__(self, error):
        super().__init__()
        self.error = error

    def forward(self, x):
        raise self.error

    def extra_repr(self):
        return "size=3"


def text_of(model, x=0):
    with pytest.raises(Exception) as caught:
        model(x)
    return str(caught.value)


def test_a_shape_mismatch_names_the_layer_and_both_shapes():
    model = nn.Sequential(nn.Linear(10, 7), nn.ReLU(), nn.Linear(20, 5))

    with pytest.raises(RuntimeError) as caught:
        model(pg.zeros(3, 10))

    text = str(caught.value)
    assert text.startswith("in layer '2' (Linear(in_features=20, out_features=5, bias=True)) of "
                           "Sequential: linear: ")
    assert "20" in text and "(3, 7)" in text


def test_the_name_is_the_whole_path_from_the_outermost_module():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.blocks = nn.ModuleList([nn.Sequential(nn.ReLU(), Fails(ValueError("too bad")))])

        def forward(self, x):
            return self.blocks[0](pg.zeros(1))

    assert text_of(Net()) == "in layer 'blocks.0.1' (Fails(size=3)) of Net: too bad"


def test_a_layer_by_itself_adds_nothing():
    assert text_of(Fails(ValueError("too bad"))) == "too bad"


def test_an_error_of_the_models_own_forward_adds_nothing():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(2, 2)

        def forward(self, x):
            raise ValueError("mine")

    assert text_of(Net()) == "mine"


def test_a_layer_that_is_no_member_is_not_named():
    layers = [Fails(ValueError("too bad"))]

    class Net(nn.Module):
        def forward(self, x):
            return layers[0](x)

    assert text_of(Net()) == "too bad"


def test_type_and_traceback_stay_and_hooks_are_covered():
    error = ValueError("too bad")
    model = nn.Sequential(Fails(error))
    model.register_forward_hook(lambda *args: None)

    with pytest.raises(ValueError) as caught:
        model(0)

    assert caught.value is error and caught.traceback[-1].name == "forward"
    assert str(error).startswith("in layer '0'")


@pytest.mark.parametrize("error", [KeyError("key"), Oops(1, 2), OSError(2, "gone"), ValueError()])
def test_errors_that_are_no_plain_sentence_stay_as_they_are(error):
    args = error.args
    model = nn.Sequential(Fails(error))

    text_of(model)

    assert error.args == args


def test_a_broken_extra_repr_does_not_hide_the_error():
    class Broken(Fails):
        def extra_repr(self):
            return self.nothing

    assert text_of(nn.Sequential(Broken(ValueError("bad")))) == (
        "in layer '0' (Broken) of Sequential: bad")


def test_the_end_of_an_iterator_passes_through():
    model = nn.Sequential(Fails(StopIteration()))

    with pytest.raises(StopIteration):
        model(0)
