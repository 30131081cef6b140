"""What penalties share: which of a model's numbers they add up."""

import inspect

from plugrad.nn.module import Module
from plugrad.tensor.tensor import Tensor


class Penalty(Module):
    """The contract of penalties: cost(w) is what one tensor of weights costs; a call adds them up.

        loss = criterion(model(x), y) + penalty(model)

    Call it with a Module, its parameters() or some of them, or one Tensor.
    bias: whether what has less than two dimensions counts, such as biases and the scales of a
    normalization; a single Tensor always counts.
    """

    def __init__(self, bias=False):
        super().__init__()
        self.bias = bias

    def cost(self, w):
        """What the weights w cost, a Tensor of shape ()."""
        raise NotImplementedError(f"{type(self).__name__}: define cost(self, w), which returns "
                                  "what one tensor of weights costs")

    def forward(self, weights):
        """The sum over all weights, of shape ().  Raises TypeError for what has no weights,
        ValueError where none is left."""
        costs = [self.cost(w) for w in self.chosen(weights)]
        if not costs:
            remedy = "" if self.bias else ", or let those of one dimension count by bias=True"
            raise ValueError(f"{type(self).__name__}: found no weights; give the model itself, "
                             f"since model.parameters() can be walked through once{remedy}")
        return sum(costs[1:], costs[0])

    def chosen(self, weights):
        """The tensors that count."""
        if isinstance(weights, Tensor):
            return [weights]
        name = type(self).__name__
        if isinstance(weights, Module):
            weights = weights.parameters()
        try:
            found = list(weights)
        except TypeError:
            found = [weights]
        for w in found:
            if not isinstance(w, Tensor):
                raise TypeError(f"{name}: expected a Module, Tensors or a Tensor, got "
                                f"{type(w).__name__}; give the model or model.parameters()")
        return [w for w in found if self.bias or w.ndim > 1]

    def extra_repr(self):
        names = inspect.signature(type(self)).parameters
        return ", ".join(f"{name}={vars(self)[name]}" for name in names if name in vars(self))
