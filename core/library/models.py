"""Models: whole networks, made of layers; the namespace that offers them."""

from plugrad.plugin.namespace import namespace

__all__ = []
__getattr__, __dir__ = namespace(__name__, kinds=("models",))
