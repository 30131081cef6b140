"""GRU: a layer whose memory is its output, which two gates let in and let go."""

# Longer than most: its gradient is written twice, by the kernel and in operations on tensors, and
# the cell is here as well.
import plugrad as pg
import plugrad.plugins.layers._gru as kernels
from plugrad import nn
from plugrad.nn import functional as F


class Steps(pg.Op):
    """h_t = (1 - z) * n + z * h_{t-1},   n = tanh(x_n + r * q_n)

    where r, z = sigmoid(x + q), q = W h_{t-1} + b; each third of x_t and q in the order r, z, n.
    x: (T, N, 3H), batch first (N, T, 3H)   h0: (N, H)   W: (3H, H)   b: (3H,)
    Gives all h_t, like x with H.
    """

    def __init__(self, batch_first, reverse):
        self.order = batch_first, reverse

    def forward(self, x, h0, w, b):
        h, *inside = kernels.gru_forward(x, h0, w, b, *self.order)
        self.save(x, h0, w, b, *inside)
        return h

    def vjp(self, gh):
        x, h0, w, b, *inside = self.saved
        if pg.is_grad_enabled():
            return gradient_in_tensors(gh, x, h0, w, b, *self.order)
        arrays = [part.numpy(force=True) for part in (gh, *inside, h0, w)]
        return tuple(map(pg.from_numpy, kernels.gru_backward(*arrays, *self.order)))


def gradient_in_tensors(gh, x, h0, w, b, batch_first, reverse):
    """dx, dh0, dw, db in Tensor operations, which can be differentiated again."""
    dim = 1 if batch_first else 0
    steps = range(x.shape[dim])[::-1 if reverse else 1]
    at = [slice(None)] * dim                                                # x[(*at, t)] is step t
    h, seen = h0, []
    for t in steps:
        q_r, q_z, q_n = F.linear(h, w, b).chunk(3, -1)
        x_r, x_z, x_n = x[(*at, t)].chunk(3, -1)
        r, z = (x_r + q_r).sigmoid(), (x_z + q_z).sigmoid()
        n = (x_n + r * q_n).tanh()
        seen.append((t, h, r, z, n, q_n))
        h = n + z * (h - n)
    dh, dw, db, dx = pg.zeros_like(h0), pg.zeros_like(w), pg.zeros_like(b), [None] * len(steps)
    for t, h, r, z, n, q_n in reversed(seen):
        dh = dh + gh[(*at, t)]
        dn = dh * (1 - z) * (1 - n * n)
        dr, dz = dn * q_n * r * (1 - r), dh * (h - n) * z * (1 - z)
        dx[t] = pg.cat([dr, dz, dn], -1)
        dq = pg.cat([dr, dz, dn * r], -1)
        dw, db = dw + dq.T @ h, db + dq.sum(0)
        dh = dh * z + dq @ w
    return pg.stack(dx, dim) if dx else pg.zeros_like(x), dh, dw, db


def gru_steps(x, state, weights, batch_first=False, reverse=False):
    """All h, and the last one, of one layer in one direction."""
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    if bias_hh is None:
        bias_hh = weight_hh.new_zeros(len(weight_hh))
    h = Steps(batch_first, reverse)(F.linear(x, weight_ih, bias_ih), *state, weight_hh, bias_hh)
    if h.shape[1 if batch_first else 0] == 0:
        return h, state
    last = 0 if reverse else -1
    return h, h[:, last] if batch_first else h[last]


class GRU(nn.Recurrent):
    """h_t = (1 - z) * n + z * h_{t-1}        (Cho et al., 2014)

    The gates r and z are sigmoids of W_i x_t + b_i + W_h h_{t-1} + b_h, the candidate
    n = tanh(W_in x_t + b_in + r * (W_hn h_{t-1} + b_hn)); rows of weights and biases are in the
    order r, z, n.   Call it with x, or x and a first state h_0; it returns all h_t of the last
    layer and h_n, the last one of every layer.  See nn.Recurrent for shapes and options.
    """

    gates = 3

    def run(self, x, state, weights, reverse):
        return gru_steps(x, state, weights, self.batch_first, reverse)


class GRUCell(nn.RecurrentCell):
    """One step of a GRU        x: (N, input_size) or (input_size,)   h: (N, hidden_size)

    cell(x) or cell(x, h) returns the next h; see GRU for the formula.
    """

    gates = 3

    def run(self, x, state, weights):
        return gru_steps(x.unsqueeze(0), state, weights)[1]


@pg.hookimpl
def register_layers(register):
    register(GRU)
    register(GRUCell)
