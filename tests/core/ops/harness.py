"""Runs one call in one library and writes down all that can be compared."""

from dataclasses import dataclass

import numpy as np
import torch


@dataclass
class Outcome:
    values: list            # the outputs, as arrays
    differentiable: list    # which of them carry a gradient
    first: list             # gradient of Σ w·output w.r.t. each float input, or None
    second: list            # gradient of Σ v·first w.r.t. each float input and each w, or None


def tensors(lib, arrays):
    """Over the arrays' own memory, so at their own strides; floats ask for gradients."""
    made = [lib.from_numpy(a) for a in arrays]
    return [t.requires_grad_() if t.is_floating_point() else t for t in made]


def as_tuple(out):
    return tuple(out) if isinstance(out, (tuple, list)) else (out,)


def as_array(t):
    if isinstance(t, torch.Tensor):
        return t.numpy(force=True).copy()       # some of its zeros have no memory unless forced
    return None if t is None else t.detach().numpy().copy()


def weight(lib, like, seed, grad=False):
    """Random numbers of like's shape and dtype."""
    rng = np.random.default_rng(seed)
    drawn = np.asarray(rng.standard_normal(tuple(like.shape)), like.detach().numpy().dtype)
    return lib.from_numpy(drawn).requires_grad_(grad)


def weighted_sum(terms, weights):
    total = 0
    for term, w in zip(terms, weights, strict=True):
        total = total + (term * w).sum()
    return total


def run(lib, call, arrays, seed):
    xs = tensors(lib, arrays)
    leaves = [t for t in xs if t.requires_grad]
    outs = as_tuple(call(lib, *xs))
    done = Outcome([as_array(o) for o in outs], [o.requires_grad for o in outs],
                   [None] * len(leaves), [])
    outs = [o for o in outs if o.requires_grad]
    if not outs:
        return done
    # The weights ask for gradients, too: a linear op's own second gradient is empty, yet the
    # gradient of its gradient w.r.t. the weights says whether its vjp can be differentiated.
    weights = [weight(lib, o, [seed, i], grad=True) for i, o in enumerate(outs)]
    first = lib.autograd.grad(weighted_sum(outs, weights), leaves, create_graph=True,
                              allow_unused=True)
    done.first = [as_array(g) for g in first]
    again = [(g, weight(lib, g, [seed, 100 + i])) for i, g in enumerate(first)
             if g is not None and g.requires_grad]
    if not again:
        done.second = [None] * len(leaves + weights)
        return done
    first, again = zip(*again, strict=True)
    second = lib.autograd.grad(weighted_sum(first, again), leaves + weights, allow_unused=True)
    done.second = [as_array(g) for g in second]
    return done
