"""Calls that a newcomer gets wrong: each is told which option it was, and what to do instead."""

import numpy as np
import plugrad as pg
import pytest
from plugrad import nn

from .parity import check_refusal

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
     "MSELoss: expected size_average to be True or False, got 'mean'; write reduction='mean'"),
    (lambda: nn.functional.mse_loss(pg.ones(2), pg.ones(2), reduce="sum"), TypeError,
     "mse_loss: expected reduce to be True or False, got 'sum'; write reduction='sum'"),
    (lambda: nn.CrossEntropyLoss("mean"), TypeError,
     r"CrossEntropyLoss: expected weight to be a Tensor \(C,\).* got 'mean'; write reduction='m"),
    (lambda: nn.BCEWithLogitsLoss("mean"), TypeError,
     "BCEWithLogitsLoss: cannot assign str as buffer 'weight'"),
    (lambda: nn.Tanh(inplace=True), TypeError, "Tanh: unexpected argument inplace=True; it has no"),
]


# Both libraries refuse.  Where PyTorch asserts, we raise a ValueError or RuntimeError; a pair of
# types is theirs and ours.
CALLS = [
    # another number of channels or features
    (lambda nn, z: nn.Linear(3, 2)(z(4, 5)), RuntimeError, r"input of shape \(..., 3\).*\(4, 5\)"),
    (lambda nn, z: nn.Linear(48, 2)(z(2, 3, 4, 4)), RuntimeError, r"\(2, 3, 4, 4\); x.flatten\(1"),
    (lambda nn, z: nn.Linear(48, 2)(z(48, 1, 1)), RuntimeError, r"got \(48, 1, 1\)$"),
    (lambda nn, z: nn.Linear(4, 2)(nn.LSTM(3, 4)(z(5, 2, 3))), TypeError,
     r"got tuple; take one of its elements"),
    (lambda nn, z: nn.Conv2d(3, 2, 3)(z(1, 4, 5, 5)), RuntimeError, r"\(N, 3, H, W\).*\(1, 4, 5"),
    (lambda nn, z: nn.functional.conv2d(z(1, 3, 5, 5), z(2, 4, 3, 3)), RuntimeError, "4 channels"),
    (lambda nn, z: nn.BatchNorm1d(3)(z(4, 5)), RuntimeError, r"shape \(N, 3, ...\), got \(4, 5\)"),
    (lambda nn, z: nn.BatchNorm2d(3)(z(4, 5, 2, 2)), RuntimeError, r"got \(4, 5, 2, 2\)"),
    (lambda nn, z: nn.LSTM(3, 4)(z(5, 2, 7)), RuntimeError, r"input \(T, N, 3\).*\(5, 2, 7\)"),
    (lambda nn, z: nn.GRUCell(3, 4)(z(2, 5)), RuntimeError, r"input \(N, 3\) or.*\(2, 5\)"),
    (lambda nn, z: nn.MultiheadAttention(4, 2)(*[z(3, 2, 5)] * 3), (AssertionError, RuntimeError),
     r"query \(L, N, 4\).*got \(3, 2, 5\)"),
    (lambda nn, z: nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 2))(z(1, 3)), RuntimeError,
     r"in layer '1' \(Linear.*got \(1, 4\)"),
    # another number of dimensions
    (lambda nn, z: nn.Linear(3, 2)(z()), RuntimeError, r"shape \(..., 3\).*got \(\)"),
    (lambda nn, z: nn.Conv1d(3, 2, 3)(z(3)), RuntimeError, r"sequences \(N, 3, L\).*\(3,\)"),
    (lambda nn, z: nn.MaxPool2d(2)(z(5)), RuntimeError, r"\(N, C, H, W\).*\(5,\)"),
    (lambda nn, z: nn.AdaptiveAvgPool2d(3)(z(5)), RuntimeError, r"\(N, C, H, W\).*\(5,\)"),
    *((lambda nn, z, name=name: getattr(nn, name)(3, 4)(z(5)), ValueError,
       rf"{name}: expected input .*\(T, N, 3\).*got \(5,\)") for name in ("RNN", "LSTM", "GRU")),
    *((lambda nn, z, name=name: getattr(nn, name)(3, 4)(z(2, 2, 3)), ValueError,
       rf"{name}: expected input \(N, 3\).*\(2, 2, 3\)")
      for name in ("RNNCell", "LSTMCell", "GRUCell")),
    (lambda nn, z: nn.MultiheadAttention(4, 2)(z(4), z(4), z(4)), (AssertionError, RuntimeError),
     r"or all without N, got \(4,\)"),
    (lambda nn, z: nn.Flatten(start_dim=5)(z(2, 3)), IndexError, "dim"),
    (lambda nn, z: nn.Softmax(dim=5)(z(3, 4)), IndexError, "dim"),
    # sizes that are asked for
    (lambda nn, z: nn.Conv2d(3, 2, 9)(z(1, 3, 5, 5)), RuntimeError, "larger than the input"),
    (lambda nn, z: nn.AvgPool2d(9)(z(1, 1, 5, 5)), RuntimeError, "9 .* fit into an image of 5"),
    *((lambda nn, z, name=name: getattr(nn, f"Adaptive{name}Pool2d")((1, 2, 3))(z(1, 5, 5)),
       (RuntimeError, ValueError), r"output_size of one number or 2, got \(1, 2, 3\)")
      for name in ("Avg", "Max")),
    *((lambda nn, z, name=name: getattr(nn, f"Adaptive{name}Pool3d")((1, 2))(z(1, 5, 5, 5)),
       RuntimeError, r"output_size of one number or 3, got \(1, 2\)") for name in ("Avg", "Max")),
    (lambda nn, z: nn.Unflatten(1, (2, 2))(z(2, 3)), RuntimeError, "3"),
    (lambda nn, z: nn.functional.pad(z(2, 3), (1,)), RuntimeError, r"pairs .*got \(1,\)"),
    # dtypes
    (lambda nn, z: nn.Linear(3, 2)(z(4, 3).long()), RuntimeError, "plugrad.int64 and .*float32"),
    (lambda nn, z: nn.Linear(3, 2)(z(4, 3).double()), RuntimeError, "float64 and .*float32"),
    (lambda nn, z: nn.Conv2d(3, 2, 3)(z(1, 3, 5, 5).long()), RuntimeError, "int64"),
    (lambda nn, z: nn.LSTM(3, 4)(z(5, 2, 3).double()), ValueError,
     "LSTM: expected input of the weights' dtype plugrad.float32, got plugrad.float64"),
    (lambda nn, z: nn.BatchNorm2d(3)(z(4, 3, 2, 2).long()), NotImplementedError,
     "batch_norm: expected a floating point tensor, got plugrad.int64"),
    *((lambda nn, z, training=training: nn.BatchNorm1d(3).train(training)(z(4, 3).double()),
       RuntimeError, "batch_norm: expected input of dtype plugrad.float32, .*got plugrad.float64")
      for training in (True, False)),
    (lambda nn, z: nn.InstanceNorm1d(3, affine=True)(z(4, 3, 2).double()), RuntimeError,
     "instance_norm: expected input of dtype plugrad.float32, .*got plugrad.float64"),
    (lambda nn, z: nn.LayerNorm(3)(z(4, 3).double()), RuntimeError,
     "layer_norm: expected input of dtype plugrad.float32, .*got plugrad.float64"),
    (lambda nn, z: nn.LayerNorm(3)(z(4, 3).long()), RuntimeError, "layer_norm: .*int64"),
    (lambda nn, z: nn.functional.layer_norm(z(4, 3).long(), (3,)), NotImplementedError, "int64"),
    (lambda nn, z: nn.GroupNorm(1, 3)(z(4, 3, 2).double()), RuntimeError, "float64"),
    (lambda nn, z: nn.Softmax(1)(z(3, 4).long()), RuntimeError, "int64"),
    (lambda nn, z: nn.Embedding(5, 2)(z(2)), RuntimeError, "int64 or int32, got plugrad.float32"),
    (lambda nn, z: nn.functional.one_hot(z(3)), RuntimeError, "int64, got plugrad.float32"),
    (lambda nn, z: nn.RMSNorm(3)(z(4, 3).long()), NotImplementedError, "rms_norm: .*got .*int64"),
    (lambda nn, z: nn.functional.batch_norm(z(3), z(3), z(3)), RuntimeError,
     r"batch_norm: expected input of shape \(N, C, ...\), got \(3,\)"),
    (lambda nn, z: nn.functional.instance_norm(z(3)), (RuntimeError, ValueError), r"got \(3,\)"),
    (lambda nn, z: nn.Bilinear(2, 3, 1)(z(5, 2).long(), z(5, 3)), RuntimeError,
     "weight's dtype plugrad.float32, got plugrad.int64 and plugrad.float32"),
    (lambda nn, z: nn.EmbeddingBag(5, 2)(z(3).long(), z(1)), RuntimeError,
     "offsets of dtype int64 or int32, got plugrad.float32"),
    *((lambda nn, z, name=name, target=target: getattr(nn, name)()(z(4, 3).long(), target(z)),
       RuntimeError, "expected a floating point tensor, got plugrad.int64")
      for name, target in (
        ("BCEWithLogitsLoss", lambda z: z(4, 3)), ("SoftMarginLoss", lambda z: z(4, 3)),
        ("MultiLabelSoftMarginLoss", lambda z: z(4, 3)),
        ("MultiMarginLoss", lambda z: z(4).long()),
        ("MultiLabelMarginLoss", lambda z: z(4, 3).long()))),
    (lambda nn, z: nn.GLU(1)(z(4)), IndexError, "expected -1 to 0, got 1"),
    # labels, targets and weights
    *((lambda nn, z, name=name: getattr(nn, name)()(z(4, 3), z(5).long()), ValueError,
       r"labels of shape \(4,\) for input of shape \(4, 3\), got \(5,\)")
      for name in ("CrossEntropyLoss", "NLLLoss")),
    (lambda nn, z: nn.CrossEntropyLoss()(z(4, 3), z(4, 1).long()), RuntimeError, r"got \(4, 1\)"),
    (lambda nn, z: nn.CrossEntropyLoss()(z(4, 3, 2), z(4, 3).long()), RuntimeError, r"\(4, 2\)"),
    (lambda nn, z: nn.CrossEntropyLoss(z(3).double())(z(4, 3), z(4).long()), RuntimeError,
     "and dtype plugrad.float32, got .*float64"),
    (lambda nn, z: nn.BCELoss()(z(4) - 1, z(4)), RuntimeError, "between 0 and 1, .* from -1 to -1"),
    (lambda nn, z: nn.BCEWithLogitsLoss()(z(4), z(4).long()), RuntimeError,
     r"floating point dtype, got plugrad.int64; convert with target.to\(plugrad.float32\)"),
    (lambda nn, z: nn.BCEWithLogitsLoss(pos_weight=z(3))(z(4), z(4)), RuntimeError, "3"),
    *((lambda nn, z, name=name: getattr(nn, name)()(z(4, 3), z(5, 3)), RuntimeError, "5")
      for name in ("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "SoftMarginLoss")),
    *((lambda nn, z, name=name: getattr(nn.functional, name)(z(4), z(4), weight=z(1)), ValueError,
       rf"{name}: expected weight of input's shape \(4,\), got \(1,\)")
      for name in ("mse_loss", "l1_loss")),
    (lambda nn, z: nn.SoftMarginLoss()(z(4, 3), z(2, 4, 3)), RuntimeError,
     r"fits input's \(4, 3\), got \(2, 4, 3\)"),
    (lambda nn, z: nn.MultiMarginLoss(weight=z(3).double())(z(4, 3), z(4).long()), RuntimeError,
     r"weight of shape \(3,\) and plugrad.float32, got \(3,\) and plugrad.float64"),
    *((lambda nn, z, shape=shape: nn.functional.conv_transpose3d(
        z(1, 3, 2, 2, 2), z(3, 2, 2, 2, 2), z(*shape)), RuntimeError,
       r"bias of shape \(2,\) and dtype plugrad.float32, got") for shape in ((1,), (3,), (1, 2))),
    (lambda nn, z: nn.CosineEmbeddingLoss()(z(4, 3), z(4, 3), z(5)), RuntimeError, "5"),
    *((lambda nn, z, name=name: nn.functional.layer_norm(z(2, 3), (3,), **{name: z(2)}),
       RuntimeError, rf"layer_norm: expected {name} of shape \(3,\), .*got \(2,\)")
      for name in ("weight", "bias")),
    *((lambda nn, z, name=name: getattr(nn, name)(3, eps="a")(z(4, 3)), TypeError,
       f"{name}: eps: expected a number, got 'a'") for name in ("BatchNorm1d", "LayerNorm")),
    (lambda nn, z: nn.functional.dropout(z(3), None), TypeError, "dropout: p: expected a number"),
    # states, heads and masks
    (lambda nn, z: nn.LSTM(3, 4)(z(5, 2, 3), (z(1, 2, 5), z(1, 2, 5))), RuntimeError,
     r"LSTM: expected a state of 2 Tensor\(s\) of shape .*, got \[\(1, 2, 5\)"),
    (lambda nn, z: nn.GRU(3, 4)(z(5, 2, 3), z(2, 2, 4)), RuntimeError, r"\(1, 2, 4\)\], got"),
    (lambda nn, z: nn.RNNCell(3, 4)(z(2, 3), z(3, 4)), RuntimeError, r"\(2, 4\)\], got \[\(3, 4\)"),
    (lambda nn, z: nn.MultiheadAttention(5, 2), (AssertionError, ValueError),
     "embed_dim=5 must be divisible by num_heads=2"),
    (lambda nn, z: nn.MultiheadAttention(4, 2)(*[z(3, 2, 4)] * 3, attn_mask=z(4, 4)), RuntimeError,
     r"attn_mask of shape \(3, 3\) or \(4, 3, 3\) .*got \(4, 4\)"),
    (lambda nn, z: nn.MultiheadAttention(4, 2)(*[z(3, 2, 4)] * 3, attn_mask=z(3, 3).long()),
     (AssertionError, RuntimeError), "dtype bool or plugrad.float32, got .*int64"),
    (lambda nn, z: nn.MultiheadAttention(4, 2)(*[z(3, 2, 4)] * 3, key_padding_mask=z(3, 2).bool()),
     (AssertionError, RuntimeError), r"key_padding_mask of shape \(2, 3\) .*got \(3, 2\)"),
    (lambda nn, z: nn.TransformerEncoderLayer(5, 2), (AssertionError, ValueError), "divisible"),
    # probabilities and indices out of their range
    *((lambda nn, z, p=p: nn.Dropout(p), ValueError, f"between 0 and 1, got {p}")
      for p in (-0.1, 1.5)),
    *((lambda nn, z, p=p: nn.functional.dropout(z(3), p), ValueError, f"0 and 1, got {p}")
      for p in (-0.1, 1.5)),
    (lambda nn, z: nn.LSTM(3, 4, dropout=2.0), ValueError, "LSTM: dropout: .* 0 and 1, got 2.0"),
    (lambda nn, z: nn.Embedding(5, 2)(z(2).long() + 5), IndexError, "5 is out of range .* 5 rows"),
    (lambda nn, z: nn.functional.one_hot(z(3).long() + 4, 3), RuntimeError, "class 4 needs"),
    # no tensors
    *((lambda nn, z, name=name: getattr(nn, name)()([1.0, 2.0]), (TypeError, AttributeError),
       f"{name}: expected a Tensor, got list; make one of it")
      for name in ("Dropout", "Softsign", "Tanhshrink")),
    (lambda nn, z: nn.Conv1d(1, 1, 1)([[1.0, 2.0]]), TypeError, "Conv1d: expected a Tensor, got l"),
    (lambda nn, z: nn.MaxPool2d(2)(np.zeros((1, 4, 4))), TypeError,
     "MaxPool2d: expected a Tensor, got ndarray"),
    (lambda nn, z: nn.Sequential(nn.BatchNorm1d(3))([1.0]), (AttributeError, TypeError),
     r"in layer '0' \(BatchNorm1d.*: BatchNorm1d: expected a Tensor, got list"),
]


@pytest.mark.filterwarnings("ignore:.*(target size|Mismatch dtype)")
@pytest.mark.parametrize(("call", "error", "text"), CALLS, ids=range(len(CALLS)))
def test_a_call_is_refused_as_by_pytorch(call, error, text):
    check_refusal(lambda lib: call(lib.nn, lambda *shape: lib.zeros(shape)), error, text)


def test_an_attribute_that_no_tensor_has_is_missed_as_it_is():
    class Net(nn.Module):
        def forward(self, x):
            return x.bananas

    with pytest.raises(AttributeError, match="'list' object has no attribute 'bananas'"):
        Net()([1.0])
    with pytest.raises(AttributeError, match="Tensor' object has no attribute 'bananas'"):
        Net()(X)


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
    (nn.BatchNorm2d(3), (2, 3)), (nn.BatchNorm1d(3), (3,)),
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


DOORS = [
    (lambda: nn.utils.weight_norm(5), "weight_norm: expected a Module, got int"),
    (lambda: nn.utils.remove_weight_norm([]), "weight_norm: expected a Module, got list"),
    (lambda: nn.utils.parametrize.register_parametrization(None, "weight", nn.ReLU()),
     "register_parametrization: expected a Module, got NoneType"),
    (lambda: pg.optim.swa_utils.AveragedModel(nn.ReLU), "a Module, got the class ReLU; make an"),
    (lambda: pg.optim.swa_utils.AveragedModel(nn.ReLU(), avg_fn=1), "functions to average with"),
    (lambda: pg.optim.swa_utils.update_bn([], 3), "update_bn: expected a Module, got int"),
    (lambda: pg.optim.swa_utils.get_ema_avg_fn("a"), "decay to be a number between 0 and 1"),
    (lambda: nn.utils.rnn.pad_packed_sequence(X), "expected a PackedSequence, got Tensor"),
    (lambda: nn.utils.rnn.pad_sequence(3), "pad_sequence: expected a list of Tensors, got int"),
    (lambda: nn.utils.rnn.pack_sequence(None), "pack_sequence: expected a list of Tensors"),
    (lambda: nn.utils.rnn.pack_padded_sequence(X, [2.5]), "expected lengths as a list or vector"),
    (lambda: nn.utils.rnn.unpad_sequence(X, 3), "unpad_sequence: expected lengths as a list"),
    (lambda: nn.utils.rnn.unpad_sequence("a", [3]), "unpad_sequence: expected a Tensor"),
    (lambda: nn.ModuleDict(3), r"ModuleDict: expected a dict or pairs \(name, member\), got int"),
    (lambda: nn.ParameterDict(X), "ParameterDict: expected a dict or pairs .*, got Tensor"),
    (lambda: nn.ReLU().get_submodule(3), "get_submodule: expected a str, got int"),
    (lambda: nn.ReLU().get_parameter(None), "get_parameter: expected a str, got NoneType"),
    (lambda: nn.ReLU().get_buffer(X), "get_buffer: expected a str, got Tensor"),
    (lambda: nn.ReLU().apply("a"), "apply: expected a function of a module, got str"),
    *((lambda name=name: getattr(pg, name)(X), f"{name}: expected a list or tuple of tensors, got")
      for name in ("cat", "stack", "hstack", "vstack", "dstack", "column_stack")),
]


@pytest.mark.filterwarnings("ignore:weight_norm:FutureWarning")
@pytest.mark.parametrize("call, words", DOORS)
def test_what_is_not_of_the_expected_class_is_named_at_the_door(call, words):
    with pytest.raises(TypeError, match=words):
        call()
