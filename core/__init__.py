"""plugrad: a deep-learning framework to learn from."""

from plugrad import callbacks, data, nn, optim, registry
from plugrad.hookspecs import hookimpl
from plugrad.registry import load_plugin, register

__all__ = ["callbacks", "data", "hookimpl", "load_plugin", "nn", "optim", "register", "registry"]
