"""What weights cost, and which of them count."""

import numpy as np
import plugrad as pg
import pytest
from plugrad import nn, optim

PENALTIES = {
    "L1Penalty": ({"strength": 0.1}, lambda w: 0.1 * abs(w).sum()),
    "L2Penalty": ({"strength": 0.1}, lambda w: 0.05 * (w ** 2).sum()),
    "ElasticPenalty": ({"strength": 0.1, "l1_ratio": 0.25},
                       lambda w: 0.025 * abs(w).sum() + 0.0375 * (w ** 2).sum()),
}


def network():
    pg.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.LayerNorm(4), nn.Linear(4, 2))


@pytest.mark.parametrize("name", PENALTIES)
@pytest.mark.parametrize("bias", [False, True])
def test_adds_up_what_counts(name, bias):
    options, formula = PENALTIES[name]
    model = network()
    expected = sum(formula(p.detach().numpy()) for key, p in model.named_parameters()
                   if bias or key in ("0.weight", "3.weight"))

    penalty = getattr(nn, name)(**options, bias=bias)

    assert penalty(model).shape == ()
    for given in (model, model.parameters(), list(model.parameters())):
        assert penalty(given).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", PENALTIES)
def test_a_single_tensor_counts_whatever_its_shape(name):
    options, formula = PENALTIES[name]
    w = np.array([1.0, -2.0, 0.5])

    assert getattr(nn, name)(**options)(pg.from_numpy(w)).item() == pytest.approx(formula(w))


def test_elastic_is_one_of_the_others_at_its_ends():
    w = pg.tensor([[1.0, -2.0]])

    assert nn.ElasticPenalty(0.1, 1.0)(w) == nn.L1Penalty(0.1)(w)
    assert nn.ElasticPenalty(0.1, 0.0)(w) == nn.L2Penalty(0.1)(w)


def test_l2_moves_weights_as_weight_decay_does():
    def trained(penalty, **options):
        model, x, y = network(), pg.ones(5, 3), pg.zeros(5, 2)
        optimizer = optim.SGD(model.parameters(), lr=0.1, **options)
        for _ in range(3):
            optimizer.zero_grad()
            loss = nn.MSELoss()(model(x), y)
            (loss + penalty(model) if penalty else loss).backward()
            optimizer.step()
        return [p.detach().numpy() for p in model.parameters()]

    for ours, theirs in zip(trained(nn.L2Penalty(0.3, bias=True)),
                            trained(None, weight_decay=0.3), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", PENALTIES)
def test_is_printed_with_its_options(name):
    assert repr(nn.L1Penalty()) == "L1Penalty(strength=0.001, bias=False)"
    for option, value in PENALTIES[name][0].items():
        assert f"{option}={value}" in repr(getattr(nn, name)(**PENALTIES[name][0]))


class TestRefuses:
    def test_parameters_that_are_used_up(self):
        parameters = network().parameters()
        nn.L2Penalty()(parameters)

        with pytest.raises(ValueError, match="L2Penalty: found no weights; give the model itself"):
            nn.L2Penalty()(parameters)

    def test_a_model_of_biases_alone(self):
        with pytest.raises(ValueError, match="bias=True"):
            nn.L1Penalty()(nn.LayerNorm(3))

    @pytest.mark.parametrize("given", [3.0, "weights", [1.0, 2.0],
                                       nn.Linear(2, 2).named_parameters()])
    def test_what_has_no_weights(self, given):
        with pytest.raises(TypeError, match="L1Penalty: expected a Module, Tensors or a Tensor"):
            nn.L1Penalty()(given)

    def test_a_negative_strength(self):
        with pytest.raises(ValueError, match="L1Penalty: strength: expected a number between 0"):
            nn.L1Penalty(-1.0)
        with pytest.raises(ValueError, match="ElasticPenalty: l1_ratio: expected a number betw"):
            nn.ElasticPenalty(l1_ratio=2)

    def test_a_penalty_without_a_cost(self):
        with pytest.raises(NotImplementedError, match=r"Penalty: define cost\(self, w\)"):
            nn.Penalty()(pg.ones(2))
