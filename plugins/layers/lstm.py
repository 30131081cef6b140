"""LSTM: a layer with a memory, which gates open and close."""

# Longer than most: its gradient is written twice, by the kernel and in operations on tensors; the
# cell is here as well, and the projected layer.
import plugrad as pg
import plugrad.plugins.layers._lstm as kernels
from plugrad import nn
from plugrad.nn import functional as F


class Steps(pg.Op):
    """c_t = f * c_{t-1} + i * g,   h_t = o * tanh(c_t)

    where i, f, o = sigmoid, g = tanh of a quarter of x_t + W h_{t-1} each, in the order i, f, g, o.
    x: (T, N, 4H), batch first (N, T, 4H)   h0, c0: (N, H)   W: (4H, H)
    Gives all h_t, like x with H, and the last c_t.
    """

    def __init__(self, batch_first, reverse):
        self.order = batch_first, reverse

    def forward(self, x, h0, c0, w):
        h, c, *inside = kernels.lstm_forward(x, h0, c0, w, *self.order)
        self.save(x, h0, c0, w, *inside)
        return h, c

    def vjp(self, gh, gc):
        x, h0, c0, w, *inside = self.saved
        if pg.is_grad_enabled():
            return gradient_in_tensors(gh, gc, x, h0, c0, w, *self.order)
        arrays = [part.numpy(force=True) for part in (gh, gc, *inside, h0, c0, w)]
        return tuple(map(pg.from_numpy, kernels.lstm_backward(*arrays, *self.order)))


def gradient_in_tensors(gh, gc, x, h0, c0, w, batch_first, reverse):
    """dx, dh0, dc0, dw in Tensor operations, which can be differentiated again."""
    dim = 1 if batch_first else 0
    steps = range(x.shape[dim])[::-1 if reverse else 1]
    at = [slice(None)] * dim                                                # x[(*at, t)] is step t
    h, c, seen = h0, c0, []
    for t in steps:
        i, f, g, o = (x[(*at, t)] + h @ w.T).chunk(4, -1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        last = h, c
        c = f * c + i * g
        tanh_c = c.tanh()
        h = o * tanh_c
        seen.append((t, *last, i, f, g, o, tanh_c))
    dh, dc, dw, dx = pg.zeros_like(h0), gc, pg.zeros_like(w), [None] * len(steps)
    for t, h, c, i, f, g, o, tanh_c in reversed(seen):
        dh = dh + gh[(*at, t)]
        dc = dc + dh * o * (1 - tanh_c * tanh_c)
        dx[t] = pg.cat([dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g * g),
                        dh * tanh_c * o * (1 - o)], -1)
        dw = dw + dx[t].T @ h
        dh, dc = dx[t] @ w, dc * f
    return pg.stack(dx, dim) if dx else pg.zeros_like(x), dh, dc, dw


def lstm_steps(x, state, weights, batch_first=False, reverse=False):
    """All h, and the last h and c, of one layer in one direction."""
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    bias = None if bias_ih is None else bias_ih + bias_hh
    h, c = Steps(batch_first, reverse)(F.linear(x, weight_ih, bias), *state, weight_hh)
    return h, (last_of(h, state[0], batch_first, reverse), c)


def last_of(h, before, batch_first, reverse):
    """The last of all steps; `before` where there is none."""
    if h.shape[1 if batch_first else 0] == 0:
        return before
    last = 0 if reverse else -1
    return h[:, last] if batch_first else h[last]


def projected_steps(x, state, weights, batch_first, reverse):
    """The same where y_t = W_hr h_t comes out, and goes into the next step, in the place of h_t.

    W_hh y = (W_hh W_hr) h: an LSTM with that matrix, but for the first step, which gets a y."""
    weight_ih, weight_hh, bias_ih, bias_hh, weight_hr = weights
    bias = None if bias_ih is None else bias_ih + bias_hh
    y, c = state
    gates, first = F.linear(x, weight_ih, bias), slice(-1, None) if reverse else slice(1)
    if batch_first:
        gates[:, first] += F.linear(y, weight_hh).unsqueeze(1)
    else:
        gates[first] += F.linear(y, weight_hh)
    h, c = Steps(batch_first, reverse)(gates, pg.zeros_like(c), c, weight_hh @ weight_hr)
    ys = F.linear(h, weight_hr)
    return ys, (last_of(ys, y, batch_first, reverse), c)


class LSTM(nn.Recurrent):
    """h_t = o * tanh(c_t),   c_t = f * c_{t-1} + i * g        (Hochreiter & Schmidhuber, 1997)

    The gates i, f, o are sigmoids and g is a tanh of W_ih x_t + b_ih + W_hh h_{t-1} + b_hh; rows of
    weights and biases are in the order i, f, g, o (forget gate: Gers et al., 2000).
    Call it with x, or x and a first state (h_0, c_0); it returns all h_t of the last layer and
    (h_n, c_n), the last ones of every layer.  See nn.Recurrent for shapes, options and parameters.
    With proj_size, W_hr h_t (Sak et al., 2014) takes the place of h_t; W_hr is weight_hr_l0.
    """

    gates, states = 4, 2
    parts = (*nn.Recurrent.parts, "weight_hr")

    def run(self, x, state, weights, reverse):
        if self.proj_size:
            return projected_steps(x, state, weights, self.batch_first, reverse)
        return lstm_steps(x, state, weights[:4], self.batch_first, reverse)


class LSTMCell(nn.RecurrentCell):
    """One step of an LSTM        x: (N, input_size) or (input_size,)   h, c: (N, hidden_size)

    cell(x) or cell(x, (h, c)) returns the next (h, c); see LSTM for the formula.
    """

    gates, states = 4, 2

    def run(self, x, state, weights):
        _, state = lstm_steps(x.unsqueeze(0), state, weights)
        return state


@pg.hookimpl
def register_layers(register):
    register(LSTM)
    register(LSTMCell)
