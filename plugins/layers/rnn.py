"""RNN: the plain recurrent layer, a linear one that sees its own last output."""

# Longer than most: its gradient is written twice, by the kernel and in operations on tensors, and
# the cell is here as well.
import plugrad as pg
import plugrad.plugins.layers._rnn as kernels
from plugrad import nn
from plugrad.nn import functional as F

NONLINEARITIES = ("tanh", "relu")


class Steps(pg.Op):
    """h_t = tanh(x_t + W h_{t-1}), or relu of that

    x: (T, N, H), batch first (N, T, H)   h0: (N, H)   W: (H, H)   Gives all h_t, like x.
    """

    def __init__(self, nonlinearity, batch_first, reverse):
        self.options = nonlinearity == "relu", batch_first, reverse

    def forward(self, x, h0, w):
        h = kernels.rnn_forward(x, h0, w, *self.options)
        self.save(x, h0, w, h)
        return h.copy()                               # the caller may write over it

    def vjp(self, gh):
        x, h0, w, h = self.saved
        if pg.is_grad_enabled():
            return gradient_in_tensors(gh, x, h0, w, *self.options)
        arrays = [part.numpy(force=True) for part in (gh, h, h0, w)]
        return tuple(map(pg.from_numpy, kernels.rnn_backward(*arrays, *self.options)))


def gradient_in_tensors(gh, x, h0, w, relu, batch_first, reverse):
    """dx, dh0, dw in Tensor operations, which can be differentiated again."""
    dim = 1 if batch_first else 0
    steps = range(x.shape[dim])[::-1 if reverse else 1]
    at = [slice(None)] * dim                                                # x[(*at, t)] is step t
    h, seen = h0, []
    for t in steps:
        before, h = h, x[(*at, t)] + h @ w.T
        h = h.relu() if relu else h.tanh()
        seen.append((t, before, h))
    dh, dw, dx = pg.zeros_like(h0), pg.zeros_like(w), [None] * len(steps)
    for t, before, h in reversed(seen):
        slope = (h > 0).to(h.dtype) if relu else 1 - h * h
        dx[t] = (dh + gh[(*at, t)]) * slope
        dw = dw + dx[t].T @ before
        dh = dx[t] @ w
    return pg.stack(dx, dim) if dx else pg.zeros_like(x), dh, dw


def rnn_steps(x, state, weights, nonlinearity, batch_first=False, reverse=False):
    """All h, and the last one, of one layer in one direction."""
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    bias = None if bias_ih is None else bias_ih + bias_hh
    h = Steps(nonlinearity, batch_first, reverse)(F.linear(x, weight_ih, bias), *state, weight_hh)
    if h.shape[1 if batch_first else 0] == 0:
        return h, state
    last = 0 if reverse else -1
    return h, h[:, last] if batch_first else h[last]


class RNN(nn.Recurrent):
    """h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)        (Elman, 1990)

    nonlinearity: "tanh" or "relu".   Call it with x, or x and a first state h_0; it returns all
    h_t of the last layer and h_n, the last one of every layer.  See nn.Recurrent for shapes,
    options and parameters.
    """

    def __init__(self, input_size, hidden_size, num_layers=1, nonlinearity="tanh", bias=True,
                 batch_first=False, dropout=0.0, bidirectional=False, device=None, dtype=None):
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout,
                         bidirectional, device=device, dtype=dtype)
        self.nonlinearity = nn.choice(nonlinearity, "RNN: nonlinearity", NONLINEARITIES)

    def run(self, x, state, weights, reverse):
        return rnn_steps(x, state, weights, self.nonlinearity, self.batch_first, reverse)


class RNNCell(nn.RecurrentCell):
    """One step of an RNN        x: (N, input_size) or (input_size,)   h: (N, hidden_size)

    cell(x) or cell(x, h) returns the next h; see RNN for the formula.
    """

    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh", device=None,
                 dtype=None):
        super().__init__(input_size, hidden_size, bias, device, dtype)
        self.nonlinearity = nn.choice(nonlinearity, "RNNCell: nonlinearity", NONLINEARITIES)

    def run(self, x, state, weights):
        return rnn_steps(x.unsqueeze(0), state, weights, self.nonlinearity)[1]


@pg.hookimpl
def register_layers(register):
    register(RNN)
    register(RNNCell)
