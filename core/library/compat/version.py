"""The version, and of what plugrad was built with, what scripts ask for: no CUDA."""

cuda = hip = None
debug = False


def __getattr__(name):
    if name == "__version__":            # asked for seldom, and slow to find out
        from importlib.metadata import version
        return version("plugrad")
    raise AttributeError(f"module 'plugrad.version' has no attribute {name!r}")
