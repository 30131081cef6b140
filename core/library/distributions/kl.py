"""Kullback-Leibler divergences: how far q is from p   (Kullback & Leibler, 1951)"""

import math

from plugrad.distributions.bernoulli import Bernoulli, softplus
from plugrad.distributions.categorical import Categorical
from plugrad.distributions.exponential import Exponential
from plugrad.distributions.independent import Independent, summed
from plugrad.distributions.normal import Normal
from plugrad.distributions.uniform import Uniform
from plugrad.ops.arithmetic import where

FORMULAS = {}                           # (class of p, class of q) -> function of p and q


def register_kl(type_p, type_q):
    """Decorates a function (p, q) that gives the divergence for these classes of p and q."""
    def register(function):
        FORMULAS[type_p, type_q] = function
        return function

    return register


def kl_divergence(p, q):
    """∫ p(x) log(p(x) / q(x)) dx, one number for each distribution of the batch

    Raises NotImplementedError where no formula is known for the classes of p and q.
    """
    for type_p in type(p).__mro__:
        for type_q in type(q).__mro__:
            if (type_p, type_q) in FORMULAS:
                return FORMULAS[type_p, type_q](p, q)
    raise NotImplementedError(f"kl_divergence: no formula for {type(p).__name__} and "
                              f"{type(q).__name__}; register one with @register_kl")


@register_kl(Normal, Normal)
def normal_normal(p, q):
    ratio = (p.scale / q.scale) ** 2
    return (ratio + ((p.loc - q.loc) / q.scale) ** 2 - 1 - ratio.log()) / 2


@register_kl(Exponential, Exponential)
def exponential_exponential(p, q):
    ratio = q.rate / p.rate
    return ratio - 1 - ratio.log()


@register_kl(Uniform, Uniform)
def uniform_uniform(p, q):
    outside = (q.low > p.low) | (q.high < p.high)
    return where(outside, math.inf, ((q.high - q.low) / (p.high - p.low)).log())


@register_kl(Bernoulli, Bernoulli)
def bernoulli_bernoulli(p, q):
    one = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    zero = (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))
    return (term(one, p.probs == 0, q.probs == 0) + term(zero, p.probs == 1, q.probs == 1))


@register_kl(Categorical, Categorical)
def categorical_categorical(p, q):
    each = p.probs * (p.logits - q.logits)
    return term(each, p.probs == 0, q.probs == 0).sum(-1)


@register_kl(Uniform, Normal)
def uniform_normal(p, q):
    width = p.high - p.low
    spread = (width ** 2 / 12 + (p.mean - q.loc) ** 2) / q.scale ** 2
    return (math.log(2 * math.pi) + spread) / 2 + (q.scale / width).log()


@register_kl(Exponential, Normal)
def exponential_normal(p, q):
    spread = (p.variance + (p.mean - q.loc) ** 2) / q.scale ** 2
    return (math.log(2 * math.pi) + spread) / 2 - 1 + (p.rate * q.scale).log()


@register_kl(Independent, Independent)
def independent_independent(p, q):
    n = p.reinterpreted_batch_ndims
    if n != q.reinterpreted_batch_ndims:
        raise NotImplementedError(f"kl_divergence: expected as many reinterpreted_batch_ndims, got "
                                  f"{n} and {q.reinterpreted_batch_ndims}")
    return summed(kl_divergence(p.base_dist, q.base_dist), n)


def term(x, never, impossible):
    """x; 0 where p never has the value, infinite where q can't have it and p does."""
    return where(never, 0.0, where(impossible, math.inf, x))
