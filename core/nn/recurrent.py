"""What recurrent layers and their cells share: parameters, and the way through them."""

from functools import partial
from math import sqrt

from plugrad.autograd import no_grad
from plugrad.nn import functional
from plugrad.nn.members import PARAMETER
from plugrad.nn.module import Module
from plugrad.nn.parameter import Parameter
from plugrad.nn.utils import rnn
from plugrad.ops.create import empty, zeros
from plugrad.ops.shape import cat, stack
from plugrad.tensor.arguments import flag, integer, number
from plugrad.tensor.tensor import Tensor


def begin_uniform(module):
    """Draw all parameters anew, uniform in ±1/√hidden_size."""
    bound = 1 / sqrt(module.hidden_size)
    with no_grad():
        for parameter in module.parameters():
            parameter.uniform_(-bound, bound)


def checked_state(name, state, shapes):
    """A state as a sequence of tensors.  Raises RuntimeError if it has another number or other
    shapes of them, TypeError for what is no tensor."""
    parts = [state] if isinstance(state, Tensor) else state
    expected = f"{name}: expected a state of {len(shapes)} Tensor(s) of shape"
    if not isinstance(parts, (tuple, list)) or not all(isinstance(p, Tensor) for p in parts):
        raise TypeError(f"{expected} {shapes}, got {state!r}")
    got = [tuple(part.shape) for part in parts]
    if got != shapes:
        raise RuntimeError(f"{expected} {shapes}, got {got}")
    return parts


class Recurrent(Module):
    """The contract of recurrent layers: a subclass names `gates` and `states` and defines `run`.

    input: (T, N, input_size), with batch_first (N, T, input_size), for one sequence
    (T, input_size), or a PackedSequence (nn.utils.rnn) of sequences of different lengths
    output: like input, with hidden_size of each direction side by side
    state, one tensor or a tuple of `states`: (num_layers * directions, N, hidden_size)
    With proj_size, for a layer whose `parts` name weight_hr, it takes the place of hidden_size in
    the output and in the first tensor of the state.

    Parameters weight_ih_l0 (gates * hidden_size, input_size), weight_hh_l0 (gates * hidden_size,
    hidden_size), bias_ih_l0 and bias_hh_l0 of layer 0; the other direction's end with _reverse.
    They begin uniform in ±1/√hidden_size.  dropout: on the output of each layer but the last.
    """

    gates = 1                           # rows of a weight for each hidden unit
    states = 1                          # tensors that a state consists of
    parts = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")    # what `run` gets as weights

    def __init__(self, input_size, hidden_size, num_layers=1, bias=True, batch_first=False,
                 dropout=0.0, bidirectional=False, proj_size=0, device=None, dtype=None):
        super().__init__()
        name = type(self).__name__
        self.input_size = integer(input_size, f"{name}: input_size", least=1)
        self.hidden_size = integer(hidden_size, f"{name}: hidden_size", least=1)
        self.num_layers = integer(num_layers, f"{name}: num_layers", least=1)
        self.bias = flag(bias, f"{name}: bias")
        self.batch_first = flag(batch_first, f"{name}: batch_first")
        self.dropout = number(dropout, f"{name}: dropout", 0, 1)
        self.bidirectional = flag(bidirectional, f"{name}: bidirectional")
        self.proj_size = integer(proj_size, f"{name}: proj_size", least=0)
        if self.proj_size and "weight_hr" not in self.parts:
            raise ValueError(f"{name}: proj_size is for LSTM only, got {proj_size}")
        if self.proj_size >= self.hidden_size:
            raise ValueError(f"{name}: expected proj_size below hidden_size={hidden_size}, got "
                             f"{proj_size}")
        for layer in range(self.num_layers):
            seen = self.input_size if layer == 0 else self.output_size * len(self.directions)
            for direction in self.directions:
                for what, shape in self.shapes(seen).items():
                    parameter = Parameter(empty(shape, device=device, dtype=dtype))
                    self.register_parameter(f"{what}_l{layer}{direction}", parameter)
        self.reset_parameters()

    def shapes(self, seen):
        """{part: shape} of the parameters of a layer in one direction that sees `seen` numbers."""
        rows = self.gates * self.hidden_size
        shapes = {"weight_ih": (rows, seen), "weight_hh": (rows, self.output_size)}
        if self.bias:
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        if self.proj_size:
            shapes["weight_hr"] = self.proj_size, self.hidden_size
        return shapes

    @property
    def output_size(self):
        """Numbers in the output of one direction."""
        return self.proj_size or self.hidden_size

    def state_shapes(self, *lead):
        """The shapes of the tensors of a state that begin with `lead`."""
        return [(*lead, self.output_size)] + [(*lead, self.hidden_size)] * (self.states - 1)

    @property
    def directions(self):
        """What the names of each direction's parameters end with."""
        return ("", "_reverse") if self.bidirectional else ("",)

    @property
    def all_weights(self):
        """A list of parameters for each layer and direction."""
        ends = [f"_l{layer}{direction}" for layer in range(self.num_layers)
                for direction in self.directions]
        return [[getattr(self, part + end) for part in self.parts if hasattr(self, part + end)]
                for end in ends]

    # PyTorch's own name for their names, by which tutorials initialize them.
    _flat_weights_names = property(lambda self: [name for name, _ in self._members(PARAMETER)])

    def reset_parameters(self):
        """Draw all weights and biases anew."""
        begin_uniform(self)

    def flatten_parameters(self):
        """Does nothing: parameters need not lie side by side here, as they do on a GPU."""

    def run(self, x, state, weights, reverse):
        """One layer in one direction.  Returns its output, like x with hidden_size, and the last
        state: a tensor, or a sequence of `states`.

        x: (T, N, ...) or, with batch_first, (N, T, ...)   state: a list of (N, hidden_size)
        weights: one for each of `parts`, None for a bias or a projection that there is not
        reverse: from the last step to the first
        """
        raise NotImplementedError(f"{type(self).__name__} must define "
                                  "run(self, x, state, weights, reverse)")

    def forward(self, input, hx=None):
        if isinstance(input, rnn.PackedSequence):
            return self.forward_packed(input, hx)
        single = input.ndim == 2
        self.check_input(input)
        x = input.unsqueeze(self.batch_dim) if single else input
        states = self.first_state(x, hx, x.shape[self.batch_dim], single)
        x, state = self.layers(x, states, self.run)
        if single:
            x, state = x.squeeze(self.batch_dim), [part.squeeze(1) for part in state]
        return x, state[0] if self.states == 1 else tuple(state)

    def forward_packed(self, packed, hx):
        """The same for a PackedSequence, which gives one back; nothing is computed for padding."""
        if packed.data.ndim != 2 or packed.data.shape[1] != self.input_size:
            raise RuntimeError(f"{type(self).__name__}: expected a PackedSequence with data (Σ "
                               f"lengths, {self.input_size}), got {tuple(packed.data.shape)}")
        states = self.first_state(packed.data, hx, int(packed.batch_sizes[0]), False)
        if hx is not None and packed.sorted_indices is not None:
            states = [part.index_select(1, packed.sorted_indices) for part in states]
        data, state = self.layers(packed.data, states, partial(self.run_packed, packed))
        if packed.unsorted_indices is not None:
            state = [part.index_select(1, packed.unsorted_indices) for part in state]
        return packed._replace(data=data), state[0] if self.states == 1 else tuple(state)

    def layers(self, x, states, run):
        """All layers in all directions: the output of the last, and every last state."""
        lasts = []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                x = functional.dropout(x, self.dropout, self.training)
            ys = []
            for direction in self.directions:
                weights = [getattr(self, f"{what}_l{layer}{direction}", None)
                           for what in self.parts]
                state = [part[len(lasts)] for part in states]
                y, last = run(x, state, weights, direction != "")
                ys.append(y)
                lasts.append(checked_state(f"{type(self).__name__}.run", last,
                                           [tuple(part.shape) for part in state]))
            x = ys[0] if len(ys) == 1 else cat(ys, -1)
        return x, [stack(parts) for parts in zip(*lasts)]

    def run_packed(self, packed, data, state, weights, reverse):
        """`run` for the rows of a PackedSequence: segment by segment of the steps that the same
        sequences have.  Forward, sequences end, the last ones first; backward, they begin."""
        segments = rnn.segments(packed._replace(data=data))
        ys, ended, going = [], [], [part[:0] for part in state] if reverse else state
        for steps, n, rows in reversed(segments) if reverse else segments:
            if reverse:
                going = [cat([part, begin[len(part):n]]) for part, begin in zip(going, state)]
            elif n < len(going[0]):
                ended.append([part[n:] for part in going])
                going = [part[:n] for part in going]
            x = rows.reshape(steps, n, -1)
            y, going = self.run(x.transpose(0, 1) if self.batch_first else x, going, weights,
                                reverse)
            going = checked_state(f"{type(self).__name__}.run", going, self.state_shapes(n))
            ys.append((y.transpose(0, 1) if self.batch_first else y).reshape(steps * n, -1))
        lasts = [cat(parts) for parts in zip(going, *reversed(ended))]
        return cat(ys[::-1] if reverse else ys), lasts

    @property
    def batch_dim(self):
        """The dimension of a batch along which sequences lie."""
        return 0 if self.batch_first else 1

    def check_input(self, x):
        """Raise ValueError unless x is a batch of sequences, or one, of the weights' dtype, and
        RuntimeError for another number of features."""
        name, dtype = type(self).__name__, self.weight_ih_l0.dtype
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size:
            order = "(N, T, " if self.batch_first else "(T, N, "
            raise (RuntimeError if x.ndim in (2, 3) else ValueError)(
                f"{name}: expected input {order}{self.input_size}) or (T, {self.input_size}), got "
                f"{tuple(x.shape)}")
        if x.dtype is not dtype:
            raise ValueError(f"{name}: expected input of the weights' dtype {dtype}, got {x.dtype};"
                             f" convert it with .to({dtype})")

    def first_state(self, x, hx, batch, single):
        """hx as a list of tensors with a batch dimension; zeros, like x, if it is None."""
        layers = self.num_layers * len(self.directions)
        if hx is None:
            return [zeros(shape, dtype=x.dtype) for shape in self.state_shapes(layers, batch)]
        expected = self.state_shapes(layers) if single else self.state_shapes(layers, batch)
        given = checked_state(type(self).__name__, hx, expected)
        return [part.unsqueeze(1) if single else part for part in given]

    def extra_repr(self):
        options = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False,
                   "dropout": 0.0, "bidirectional": False}
        changed = [f"{key}={getattr(self, key)}" for key, value in options.items()
                   if getattr(self, key) != value]
        return ", ".join([str(self.input_size), str(self.hidden_size), *changed])


class RecurrentCell(Module):
    """The contract of one step of a recurrent layer: a subclass names `gates` and `states` and
    defines `run`.

    input: (N, input_size) or (input_size,)
    state, given and returned, one tensor or a tuple of `states`: (N, hidden_size); zeros at first

    Parameters weight_ih (gates * hidden_size, input_size), weight_hh (gates * hidden_size,
    hidden_size), bias_ih and bias_hh, uniform in ±1/√hidden_size at first.
    """

    gates = 1                           # rows of a weight for each hidden unit
    states = 1                          # tensors that a state consists of

    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__()
        name = type(self).__name__
        self.input_size = integer(input_size, f"{name}: input_size", least=1)
        self.hidden_size = integer(hidden_size, f"{name}: hidden_size", least=1)
        rows, options = self.gates * self.hidden_size, {"device": device, "dtype": dtype}
        self.weight_ih = Parameter(empty((rows, self.input_size), **options))
        self.weight_hh = Parameter(empty((rows, self.hidden_size), **options))
        for what in ("bias_ih", "bias_hh"):
            self.register_parameter(what, Parameter(empty((rows,), **options)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw all weights and biases anew."""
        begin_uniform(self)

    def run(self, x, state, weights):
        """The next state: a tensor, or a sequence of `states`.

        x: (N, input_size)   state: a list of (N, hidden_size)
        weights: weight_ih, weight_hh, bias_ih, bias_hh, the last two None without bias
        """
        raise NotImplementedError(f"{type(self).__name__} must define run(self, x, state, weights)")

    def forward(self, input, hx=None):
        name = type(self).__name__
        if input.ndim not in (1, 2) or input.shape[-1] != self.input_size:
            raise (RuntimeError if input.ndim in (1, 2) else ValueError)(
                f"{name}: expected input (N, {self.input_size}) or ({self.input_size},), got "
                f"{tuple(input.shape)}")
        x = input.unsqueeze(0) if input.ndim == 1 else input
        shape = (*input.shape[:-1], self.hidden_size)
        state = ([zeros(shape, dtype=x.dtype)] * self.states if hx is None
                 else checked_state(name, hx, [shape] * self.states))
        state = self.run(x, [part.reshape(-1, self.hidden_size) for part in state],
                         [self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh])
        state = checked_state(f"{name}.run", state, [(len(x), self.hidden_size)] * self.states)
        state = tuple(part.reshape(shape) for part in state)
        return state[0] if self.states == 1 else state

    def extra_repr(self):
        bias = "" if self.bias_ih is not None else ", bias=False"
        other = getattr(self, "nonlinearity", "tanh")
        return (f"{self.input_size}, {self.hidden_size}{bias}"
                + ("" if other == "tanh" else f", nonlinearity={other}"))
