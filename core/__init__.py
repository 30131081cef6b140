"""plugrad: a deep-learning framework to learn from."""

from plugrad import callbacks, data, nn, optim, registry
from plugrad.hookspecs import hookimpl
from plugrad.registry import load_plugin, register

__all__ = ["callbacks", "data", "hookimpl", "load_plugin", "nn", "optim", "register", "registry"]


def __getattr__(name):
    if name == "__version__":     # asked for seldom, and slow to find out
        from importlib.metadata import version

        return version("plugrad")
    raise AttributeError(f"module 'plugrad' has no attribute {name!r}")
