"""Encoders and decoders against PyTorch's, and what transformers are made of beside attention."""

import inspect

import numpy as np
import plugrad as pg
import pytest
import torch
from plugrad import nn
from plugrad.nn import functional as F

from ..tolerances import GRADIENT, assert_close
from .calls import check_call, same_calls
from .parity import Row, check_begin, check_refusal, runs, x

pytestmark = pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")     # PyTorch's

SMALL = {"d_model": 4, "nhead": 2, "dim_feedforward": 5, "dropout": 0.0}
SRC, TGT = x(5, 2, 4), x(3, 2, 4, seed=1)                                # (S, N, E), (T, N, E)
FUTURE = np.triu(np.full((5, 5), -np.inf), 1)
TGT_FUTURE = np.triu(np.full((3, 3), -np.inf), 1)
PADDED = np.array([[False] * 5, [False] * 3 + [True] * 2])
MODELS = ["TransformerEncoderLayer", "TransformerDecoderLayer", "TransformerEncoder",
          "TransformerDecoder", "Transformer"]


def layer(name, **options):
    """make(lib) of a layer, or of a stack of two, for `same_calls`."""
    def make(lib):
        if name == "Transformer":
            return lib.nn.Transformer(**SMALL | {"num_encoder_layers": 1, "num_decoder_layers": 2}
                                      | options)
        if name.endswith("Layer"):
            return getattr(lib.nn, name)(**SMALL | options)
        one = getattr(lib.nn, f"{name}Layer")(**SMALL | options)
        return getattr(lib.nn, name)(one, 2, lib.nn.LayerNorm(4))
    return make


def example(name, batch_first=False, single=False):
    inputs = (SRC,) if "Encoder" in name else (SRC, TGT) if name == "Transformer" else (TGT, SRC)
    if single:
        return tuple(part[:, 0] for part in inputs)
    return tuple(part.swapaxes(0, 1).copy() if batch_first else part for part in inputs)


OPTIONS = [{}, {"norm_first": True}, {"activation": "gelu", "bias": False}, {"batch_first": True},
           {"layer_norm_eps": 0.1, "norm_first": True, "batch_first": True, "activation": "gelu"}]


@pytest.mark.parametrize("dtype, training", runs())
@pytest.mark.parametrize("options", OPTIONS, ids=range(len(OPTIONS)))
@pytest.mark.parametrize("name", MODELS)
def test_transformer_is_pytorchs(name, options, dtype, training):
    check_call(layer(name, **options), example(name, options.get("batch_first")), dtype, training)


CALLS = [
    ("TransformerEncoderLayer", {"src_mask": FUTURE}),
    ("TransformerEncoderLayer", {"src_mask": FUTURE, "is_causal": True}),
    ("TransformerEncoderLayer", {"src_mask": x(4, 5, 5) > 1, "src_key_padding_mask": PADDED}),
    ("TransformerEncoder", {"mask": FUTURE}),
    ("TransformerEncoder", {"mask": np.isinf(FUTURE)}),
    ("TransformerEncoder", {"mask": FUTURE, "is_causal": False}),
    ("TransformerEncoder", {"mask": x(5, 5), "src_key_padding_mask": PADDED}),
    ("TransformerDecoderLayer", {"tgt_mask": TGT_FUTURE, "tgt_is_causal": True}),
    ("TransformerDecoderLayer", {"memory_mask": x(3, 5) > 1, "memory_key_padding_mask": PADDED,
                                 "tgt_key_padding_mask": PADDED[:, 2:]}),
    ("TransformerDecoder", {"tgt_mask": TGT_FUTURE}),
    ("TransformerDecoder", {"tgt_mask": TGT_FUTURE, "memory_key_padding_mask": PADDED}),
    ("Transformer", {"src_mask": x(5, 5), "tgt_mask": TGT_FUTURE, "memory_mask": x(3, 5),
                     "src_key_padding_mask": x(2, 5), "memory_key_padding_mask": PADDED}),
    ("Transformer", {"tgt_mask": TGT_FUTURE, "tgt_is_causal": True, "src_mask": FUTURE}),
]


@pytest.mark.filterwarnings("ignore:Support for mismatched")                       # PyTorch's
@pytest.mark.parametrize("name, call", CALLS, ids=range(len(CALLS)))
def test_masks_and_hints_mean_what_they_do_in_pytorch(name, call):
    check_call(layer(name), example(name), **call)


@pytest.mark.parametrize("name", MODELS)
def test_a_sequence_may_come_without_a_batch(name):
    check_call(layer(name), example(name, single=True))


@pytest.mark.parametrize("name", MODELS)
def test_dropout_of_everything_is_pytorchs(name):
    check_call(layer(name, dropout=1.0), example(name))


def test_an_activation_may_be_a_module_or_a_function():
    check_call(lambda lib: layer("TransformerEncoderLayer", activation=lib.nn.Tanh())(lib), (SRC,))
    check_call(lambda lib: layer("TransformerDecoder", activation=lib.tanh)(lib), (TGT, SRC))


@pytest.mark.parametrize("name", MODELS)
def test_constructor_and_forward_are_pytorchs(name):
    for part in ("__init__", "forward"):
        ours, theirs = (inspect.signature(getattr(getattr(lib.nn, name), part)).parameters
                        for lib in (pg, torch))
        assert list(ours) == list(theirs)
        for key, parameter in ours.items():
            if key == "activation":
                assert parameter.default is F.relu
            else:
                assert parameter.default == theirs[key].default, key


@pytest.mark.parametrize("name", ["TransformerEncoderLayer", "TransformerDecoderLayer",
                                  "Transformer"])
def test_parameters_begin_as_pytorchs(name):
    more = {"num_encoder_layers": 1, "num_decoder_layers": 1} if name == "Transformer" else {}
    check_begin(Row(name, SMALL | more))


@pytest.mark.parametrize("name", ["TransformerEncoder", "TransformerDecoder"])
def test_layers_of_a_stack_begin_alike_and_apart(name):
    stack = layer(name)(pg)

    first, second = stack.layers
    for p, q in zip(first.parameters(), second.parameters(), strict=True):
        assert p is not q and p.tolist() == q.tolist()


def test_a_stack_may_have_no_norm_and_other_layers():
    ours, theirs = same_calls(lambda lib: lib.nn.Transformer(
        **SMALL, custom_encoder=lib.nn.TransformerEncoder(
            lib.nn.TransformerEncoderLayer(**SMALL), 1, enable_nested_tensor=False),
        num_decoder_layers=1))

    got, expected = (call(*(lib.from_numpy(part) for part in (SRC, TGT)))
                     for lib, call in ((pg, ours), (torch, theirs)))

    assert_close(got.detach().numpy(), expected.detach().numpy())


@pytest.mark.parametrize("dtype", [None, "float64"])
def test_the_mask_that_hides_the_future(dtype):
    ours, theirs = (lib.nn.Transformer.generate_square_subsequent_mask(
        4, dtype=None if dtype is None else getattr(lib, dtype)) for lib in (pg, torch))

    assert_close(ours.numpy(), theirs.numpy())
    hides = nn.Transformer.hides_the_future
    assert hides(ours) and hides(ours == -pg.inf)
    assert not (hides(None) or hides(ours[:3]) or hides(ours.T) or hides(ours.unsqueeze(0)))


def test_dropout_acts_in_training_only():
    pg.manual_seed(0)
    for name in MODELS:
        model = layer(name, dropout=0.5)(pg)
        inputs = [pg.from_numpy(part.astype("float32")) for part in example(name)]
        assert model(*inputs).tolist() != model(*inputs).tolist()
        model.eval()
        assert model(*inputs).tolist() == model(*inputs).tolist()


def zeros(lib, *shapes):
    return [lib.zeros(shape) for shape in shapes]


BAD = [
    (lambda lib: layer("TransformerEncoderLayer", activation="tanh")(lib), RuntimeError, "'gelu'"),
    (lambda lib: layer("TransformerDecoderLayer", activation="tanh")(lib), RuntimeError, "'gelu'"),
    (lambda lib: layer("TransformerEncoderLayer", nhead=3)(lib), (AssertionError, ValueError),
     "divisible"),
    (lambda lib: layer("TransformerEncoderLayer", dropout=2.0)(lib), ValueError, "dropout"),
    (lambda lib: layer("TransformerEncoderLayer")(lib)(*zeros(lib, (3, 2, 4)), is_causal=True),
     RuntimeError, "hint"),
    (lambda lib: layer("TransformerEncoder")(lib)(*zeros(lib, (3, 2, 5))),
     (AssertionError, RuntimeError), r"\(3, 2, 5\)"),
    (lambda lib: layer("Transformer")(lib)(*zeros(lib, (3, 2, 4), (5, 3, 4))), RuntimeError,
     r"\(S, N, 4\).*\(5, 3, 4\)"),
    (lambda lib: layer("Transformer")(lib)(*zeros(lib, (3, 2, 5), (5, 2, 5))), RuntimeError,
     r"\(3, 2, 5\)"),
    (lambda lib: layer("Transformer")(lib)(*zeros(lib, (3, 2, 4), (5, 4))), RuntimeError,
     "without N"),
]


@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused_as_by_pytorch(call, error, text):
    check_refusal(call, error, text)


# ------------------------------------------------------------------------------ positions, patches

@pytest.mark.parametrize("d_model", [4, 5])
def test_positions_are_waves(d_model):
    zeros = pg.zeros(7, 2, d_model, dtype=pg.float64)
    y = nn.PositionalEncoding(d_model, dropout=0.0).double()(zeros).numpy()

    for t in range(7):
        for i in range(d_model):
            angle = t / 10000 ** (2 * (i // 2) / d_model)
            expected = np.sin(angle) if i % 2 == 0 else np.cos(angle)
            assert np.allclose(y[t, :, i], expected, atol=1e-6)      # the buffer began as float32


@pytest.mark.parametrize("name", ["PositionalEncoding", "LearnedPositionalEncoding"])
def test_positions_are_added_where_the_sequence_lies(name):
    module = getattr(nn, name)(4, dropout=0.0, max_len=6)
    first = getattr(nn, name)(4, dropout=0.0, max_len=6, batch_first=True)
    first.load_state_dict(module.state_dict())
    sequence = pg.from_numpy(x(5, 2, 4).astype("float32"))

    y = module(sequence)

    assert np.array_equal(y.detach().numpy(), first(sequence.transpose(0, 1)).transpose(0, 1)
                          .detach().numpy())
    for encoding in (module, first):
        assert np.array_equal(encoding(sequence[:, 0]).detach().numpy(), y[:, 0].detach().numpy())
        with pytest.raises(RuntimeError, match=f"{name}: expected .*max_len=6"):
            encoding(pg.zeros(7, 7, 4))
        with pytest.raises(RuntimeError, match=r"got \(2, 2, 3\)"):
            encoding(pg.zeros(2, 2, 3))


def test_positions_are_dropped_with_what_they_are_added_to():
    pg.manual_seed(0)
    module = nn.PositionalEncoding(8, dropout=0.5)

    y = module(pg.full((50, 2, 8), 5.0)).numpy()

    assert abs((y == 0).mean() - 0.5) < 0.06
    assert list(module.state_dict()) == ["pe"] and not list(module.parameters())


def test_learned_positions_begin_small_and_normal():
    pg.manual_seed(0)
    w = nn.LearnedPositionalEncoding(64, max_len=100).weight.detach().numpy()

    assert w.shape == (100, 64) and abs(w.std() - 0.02) < 1e-3 and abs(w.mean()) < 1e-3


def test_an_image_is_a_sequence_of_patches():
    module = nn.PatchEmbed((4, 6), (2, 3), in_chans=2, embed_dim=5)
    images = pg.from_numpy(x(3, 2, 4, 6).astype("float32"))

    y = module(images).detach().numpy()

    assert y.shape == (3, 4, 5) and module.num_patches == 4 and module.grid_size == (2, 2)
    w, b = (p.detach().numpy() for p in (module.proj.weight, module.proj.bias))
    for t, (i, j) in enumerate([(0, 0), (0, 3), (2, 0), (2, 3)]):
        patch = images.numpy()[:, :, i:i + 2, j:j + 3].reshape(3, -1)
        assert_close(y[:, t], patch @ w.reshape(5, -1).T + b, GRADIENT)


def test_images_that_patches_do_not_fill_are_refused():
    with pytest.raises(ValueError, match=r"img_size=\(7, 7\) must be divisible by patch_size"):
        nn.PatchEmbed(7, 2)
    with pytest.raises(RuntimeError, match=r"expected images \(N, 3, 4, 4\), got \(1, 3, 4, 6\)"):
        nn.PatchEmbed(4, 2)(pg.zeros(1, 3, 4, 6))


# ---------------------------------------------------------------------------------------- residual

def test_a_residual_adds_branch_and_shortcut():
    rows = pg.from_numpy(x(4, 3).astype("float32"))
    branch, shortcut = nn.Linear(3, 2), nn.Linear(3, 2)

    assert np.array_equal(nn.Residual(nn.Tanh())(rows).numpy(), (rows + rows.tanh()).numpy())
    assert np.array_equal(nn.Residual(pg.tanh)(rows).numpy(), (rows + rows.tanh()).numpy())
    both = nn.Residual(branch, shortcut)
    assert_close(both(rows).detach().numpy(), (shortcut(rows) + branch(rows)).detach().numpy())
    assert [name for name, _ in both.named_children()] == ["branch", "shortcut"]


def test_a_residual_that_does_not_fit_says_what_came():
    with pytest.raises(RuntimeError, match=r"x \(4, 3\), got \(4, 2\) and \(4, 3\)"):
        nn.Residual(nn.Linear(3, 2))(pg.zeros(4, 3))
    with pytest.raises(RuntimeError, match=r"got \(4, 1\) and \(4, 3\)"):     # it would broadcast
        nn.Residual(nn.Linear(3, 1))(pg.zeros(4, 3))
    with pytest.raises(TypeError, match=r"branch: expected a module .*adding"):
        nn.Residual(nn.Tanh)
    with pytest.raises(TypeError, match="shortcut: expected a module"):
        nn.Residual(nn.Tanh(), 3)
