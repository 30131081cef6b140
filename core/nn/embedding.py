"""Rows of a table by their numbers: the function, and what Embedding and EmbeddingBag share."""

from plugrad.autograd import no_grad
from plugrad.nn.module import Module
from plugrad.nn.parameter import Parameter
from plugrad.ops.arithmetic import where
from plugrad.ops.create import empty, ones, zeros
from plugrad.ops.index import nonzero
from plugrad.tensor.arguments import flag, integer, number
from plugrad.tensor.dtypes import float64, int32, int64
from plugrad.tensor.tensor import Op, Tensor


class Damped(Op):
    """y = x; gradients of rows that `padding` names are cut, those of others divided by `count`"""

    def __init__(self, padding, count):
        self.padding, self.count = padding, count

    def forward(self, x):
        return x

    def vjp(self, g):
        g = g if self.padding is None else g.masked_fill(self.padding.unsqueeze(-1), 0.0)
        return g if self.count is None else g / self.count.unsqueeze(-1).to(g.dtype)


def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0,
              scale_grad_by_freq=False, sparse=False):
    """y = weight[input]        input: (*) of integers   weight: (V, D)   y: (*, D)

    padding_idx: this row gets no gradient.   max_norm: rows that are read and longer (in the norm
    norm_type) are first shortened, in place.   scale_grad_by_freq: gradients are divided by how
    often the row is read.   Raises IndexError for rows that do not exist.
    """
    V = check_lookup("embedding", input, weight, sparse)
    padding_idx = row_of(padding_idx, V, "embedding: padding_idx")
    outside = row_outside(input, V)
    if outside is not None:
        raise IndexError(f"embedding: index {outside} is out of range for a weight of {V} rows")
    if max_norm is not None:
        shorten(weight, input, max_norm, norm_type)
    y = weight[input.reshape(-1)].reshape(*input.shape, weight.shape[1])
    if not y.requires_grad or (padding_idx is None and not scale_grad_by_freq):
        return y
    padding = None if padding_idx is None else input == padding_idx
    return Damped(padding, counted(input, V)[input] if scale_grad_by_freq else None)(y)


def check_lookup(what, input, weight, sparse):
    """The number of rows of the weight; TypeError or RuntimeError for what is no lookup."""
    if sparse:
        raise ValueError(f"{what}: sparse gradients are not supported; leave sparse out, the "
                         "gradient then holds the same numbers, and zeros between them")
    if not isinstance(input, Tensor):
        raise TypeError(f"{what}: expected input to be a Tensor, got {type(input).__name__}")
    if input.dtype not in (int64, int32):
        raise RuntimeError(f"{what}: expected input of dtype int64 or int32, got {input.dtype}; "
                           "convert it with .long()")
    if weight.ndim != 2:
        raise RuntimeError(f"{what}: expected weight to be 2-D (V, D), got shape "
                           f"{tuple(weight.shape)}")
    return len(weight)


def row_of(index, V, what):
    """The index of one of V rows, counted from the front.  Raises ValueError outside of them."""
    if index is not None and not -V <= integer(index, what) < V:
        raise ValueError(f"{what}: expected one of {V} rows, {-V} to {V - 1}, got {index}")
    return index if index is None else index % V


def row_outside(input, V):
    """One of the integers that is none of 0 .. V - 1, or None."""
    if not input.numel():
        return None
    low, high = input.min().item(), input.max().item()
    return low if low < 0 else high if high >= V else None


def counted(input, V):
    """(V,): how often each of 0 .. V - 1 is in the input."""
    n = input.numel()
    return zeros(V, dtype=float64).index_add(0, input.reshape(-1), ones(n, dtype=float64))


def shorten(weight, input, max_norm, norm_type):
    """Bring the rows at the indices to a norm of at most max_norm, in place."""
    with no_grad():
        at = nonzero(counted(input, len(weight)))[:, 0]
        rows = weight[at]
        norm = rows.norm(norm_type, 1, True)
        weight[at] = where(norm > max_norm, rows * (max_norm / (norm + 1e-7)), rows)


class EmbeddingTable(Module):
    """The weight of an embedding and the options that concern it; a subclass defines forward.

    weight (num_embeddings, embedding_dim) begins normal with mean 0 and variance 1, the row
    padding_idx as 0.   printed: the options to print, each with the value that is left out.
    """

    printed = ()

    def __init__(self, num_embeddings, embedding_dim, padding_idx, max_norm, norm_type,
                 scale_grad_by_freq, sparse, weight, freeze, device, dtype):
        super().__init__()
        name = type(self).__name__
        self.num_embeddings = integer(num_embeddings, f"{name}: num_embeddings", least=0)
        self.embedding_dim = integer(embedding_dim, f"{name}: embedding_dim", least=0)
        self.padding_idx = row_of(padding_idx, self.num_embeddings, f"{name}: padding_idx")
        self.max_norm = None if max_norm is None else number(max_norm, f"{name}: max_norm")
        self.norm_type = number(norm_type, f"{name}: norm_type")
        self.scale_grad_by_freq = flag(scale_grad_by_freq, f"{name}: scale_grad_by_freq")
        shape = (self.num_embeddings, self.embedding_dim)
        x = empty(shape, device=device, dtype=dtype) if weight is None else weight
        check_lookup(name, zeros(0, dtype=int64), x, sparse)
        if tuple(x.shape) != shape:
            raise ValueError(f"{name}: expected _weight of shape {shape}, got {tuple(x.shape)}")
        self.weight = Parameter(x, requires_grad=not freeze)
        if weight is None:
            self.reset_parameters()

    def reset_parameters(self):
        """Draw the weight anew."""
        with no_grad():
            self.weight.normal_()
            if self.padding_idx is not None:
                self.weight[self.padding_idx] = 0.0

    def extra_repr(self):
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        for name, default in self.printed:
            if getattr(self, name) != default:
                text += f", {name}={getattr(self, name)!r}"
        return text
