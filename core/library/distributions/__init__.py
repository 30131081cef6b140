"""Probability distributions: samples, densities, moments, divergences."""

from plugrad.distributions import constraints, kl
from plugrad.distributions.bernoulli import Bernoulli
from plugrad.distributions.categorical import Categorical
from plugrad.distributions.distribution import Distribution
from plugrad.distributions.exponential import Exponential
from plugrad.distributions.independent import Independent
from plugrad.distributions.kl import kl_divergence, register_kl
from plugrad.distributions.normal import Normal
from plugrad.distributions.uniform import Uniform

__all__ = ["Bernoulli", "Categorical", "Distribution", "Exponential", "Independent", "Normal",
           "Uniform", "constraints", "kl", "kl_divergence", "register_kl"]
