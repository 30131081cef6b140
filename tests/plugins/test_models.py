"""Models: published sizes, and that they learn."""

import numpy as np
import plugrad as pg
import pytest
from plugrad import models, nn, optim

from ..tolerances import VALUE, assert_close

# Parameters that learn: by LeCun et al. (1989, 1998); torchvision's numbers; He et al. (2016)
# round theirs.
COUNTS = {
    "LeNet1989": 9760, "LeNet5": 60_000, "AlexNet": 61_100_840, "VGG11": 132_863_336,
    "VGG16": 138_357_544, "VGG19": 143_667_240, "ResNet18": 11_689_512, "ResNet34": 21_797_672,
    "ResNet50": 25_557_032, "ResNet152": 60_192_808, "ViTBase": 86_567_656, "ResNet20": 269_722,
    "ResNet32": 464_154, "ResNet44": 658_586, "ResNet56": 853_018, "ResNet110": 1_727_962,
}


def learning(model):
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


@pytest.mark.parametrize("name", COUNTS)
def test_a_model_has_its_published_size(name):
    with pg.device("meta"):
        model = getattr(models, name)()

    assert learning(model) == COUNTS[name]


def test_the_parts_of_lenet_1989_have_their_published_sizes():
    _, h1, b1, _, _, h2, b2, _, _, h3, _, out, _ = models.LeNet1989()

    assert [learning(h1) + learning(b1), learning(h2) + learning(b2), learning(h3), learning(out)
            ] == [1068, 2592, 5790, 310]
    assert len(set(h2.connections)) == 12 and all(len(inputs) == 8 for inputs in h2.connections)


def test_lenet_1989_sees_background_beyond_the_border():
    pg.manual_seed(0)
    model = models.LeNet1989()
    biases = [module.bias for module in model if type(module).__name__ == "UnitBias"]
    with pg.no_grad():
        for bias in biases:
            bias.zero_()
    h1 = nn.Sequential(*list(model)[:4])(pg.full((1, 1, 16, 16), -1.0)).detach().numpy()

    assert h1.shape == (1, 12, 8, 8)
    assert_close(h1, np.broadcast_to(h1[..., :1, :1], h1.shape), VALUE)


def test_lenet_1989_learns_digits():
    pg.manual_seed(0)
    digits = pg.data.Digits()
    images = nn.functional.interpolate(digits.data[:60].unsqueeze(1), 16) * 2 - 1
    targets = nn.functional.one_hot(digits.targets[:60], 10) * 2.0 - 1
    model = models.LeNet1989()
    optimizer = optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
    for _ in range(60):
        optimizer.zero_grad()
        nn.MSELoss()(model(images), targets).backward()
        optimizer.step()

    assert (model(images).argmax(1) == digits.targets[:60]).float().mean().item() > 0.9


@pytest.mark.parametrize("size, millions", [
    ("small", 125), ("medium", 350), ("large", 760), ("xl", 1300), ("2.7B", 2700),
    ("6.7B", 6700), ("13B", 13000), ("175B", 175000)])
def test_the_sizes_of_gpt_3_are_counted_without_memory(size, millions):
    with pg.device("meta"):
        model = models.GPT.sized(size)
    width, layers = model.norm.weight.numel(), len(model.blocks)
    places = 50257 + 2048

    assert learning(model) == layers * (12 * width ** 2 + 13 * width) + (places + 2) * width
    assert learning(model) / 1e6 == pytest.approx(millions, rel=0.04)


def test_gpt_does_not_look_ahead():
    pg.manual_seed(0)
    model = models.GPT(9, 8, 2, 2, 16).eval()
    tokens = pg.randint(0, 9, (2, 8))
    changed = tokens.clone()
    changed[:, 5:] = (changed[:, 5:] + 1) % 9

    got, expected = model(changed).detach().numpy(), model(tokens).detach().numpy()

    assert_close(got[:, :5], expected[:, :5], VALUE)
    assert np.abs(got[:, 5:] - expected[:, 5:]).max() > 1e-3


@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
def test_a_char_rnn_goes_on_where_it_was(kind):
    model = models.CharRNN(6, 8, 2, kind)
    tokens = pg.randint(0, 6, (3, 7))
    whole, _ = model(tokens)
    first, state = model(tokens[:, :4])
    second, _ = model(tokens[:, 4:], state)

    assert_close(pg.cat([first, second], 1).detach().numpy(), whole.detach().numpy(), VALUE)
    drawn = model.generate(tokens, 5)
    assert drawn.shape == (3, 12) and (drawn[:, :7] == tokens).all() and int(drawn.max()) < 6


def test_a_padded_source_and_target_change_nothing_before_them():
    pg.manual_seed(0)
    model = models.TransformerSeq2Seq(7, 8, 8, 2, 1, 16, 0.0, pad=0).eval()
    source, target = pg.tensor([[1, 2, 3]]), pg.tensor([[4, 5]])
    padded = pg.tensor([[1, 2, 3, 0, 0]]), pg.tensor([[4, 5, 0]])

    got, expected = model(*padded).detach().numpy(), model(source, target).detach().numpy()

    assert_close(got[:, :2], expected, VALUE)
    assert model.generate(source, 1, 4).shape == (1, 5)


def test_a_shortcut_with_dropout_drops_in_training_only():
    model, x = models.ResNet20(3, "dropout"), pg.randn(2, 3, 8, 8)

    assert model(x).tolist() != model(x).tolist()
    model.eval()
    assert model(x).tolist() == model(x).tolist()


@pytest.mark.parametrize("shortcut", ["identity", "scaled", "convolution"])
def test_every_other_shortcut_of_a_small_resnet_learns(shortcut):
    pg.manual_seed(0)
    model = models.ResNet20(3, shortcut)
    extra = 16 * 16 + 16 * 32 + 32 * 64 + 2 * (16 * 16 + 32 * 32 + 64 * 64)
    assert learning(model) - learning(models.ResNet20(3)) == (
        extra if shortcut == "convolution" else 0)
    x, y = pg.randn(8, 3, 8, 8), pg.arange(8) % 3
    optimizer = optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(12):
        optimizer.zero_grad()
        loss = nn.CrossEntropyLoss()(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    assert losses[-1] < 0.5 * losses[0]


def test_a_perceptron_learns_and_by_rosenblatts_rule():
    x = pg.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    y = pg.tensor([[0.0], [0], [0], [1]])
    model = models.Perceptron(2)
    with pg.no_grad():
        for _ in range(20):
            for row, target in zip(x, y, strict=True):
                error = target - model(row)
                model.linear.weight += pg.outer(error, row)
                model.linear.bias += error

    assert model(x).tolist() == y.tolist()


def test_an_mlp_is_what_its_sizes_say():
    model = models.MLP(784, 100, 20, 10, activation=nn.Sigmoid, dropout=0.5)

    assert [type(layer).__name__ for layer in model] == [
        "Linear", "Sigmoid", "Dropout", "Linear", "Sigmoid", "Dropout", "Linear"]
    assert learning(model) == 784 * 100 + 100 + 100 * 20 + 20 + 20 * 10 + 10
    assert type(models.MLP(3, 4, 2)[1]) is nn.ReLU


BAD = [
    (lambda: models.MLP(3), ValueError, r"MLP\(784, 100, 10\)"),
    (lambda: models.GPT(5, 4, width=6, heads=4), ValueError, "divisible by heads=4"),
    (lambda: models.GPT.sized("tiny"), ValueError, "GPT: size"),
    (lambda: models.GPT(5, 4, 1, 2, 4)(pg.zeros(1, 5, dtype=pg.int64)), RuntimeError, "context=4"),
    (lambda: models.ResNet20(shortcut="none"), ValueError, "ResNet20: shortcut"),
    (lambda: models.CharRNN(5, kind="GRU"), ValueError, "CharRNN: kind"),
]


@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_bad_use_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()
