"""Random numbers: one generator that manual_seed seeds, and more where they are wanted."""

import numpy as np

__all__ = ["Generator", "default_generator", "initial_seed", "manual_seed", "seed"]


class Generator:
    """A stream of random numbers; `.numpy` is the numpy.random.Generator behind it."""

    def __init__(self, device="cpu"):
        self.seed()

    def manual_seed(self, seed):
        """Start the stream that belongs to this int.  Returns self."""
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
            raise TypeError(f"manual_seed: expected an int, got {type(seed).__name__}")
        self._seed = int(seed)
        self.numpy = np.random.Generator(np.random.PCG64(self._seed % 2 ** 64))
        return self

    def seed(self):
        """Start a stream that nobody can foresee.  Returns its seed."""
        self.manual_seed(int(np.random.SeedSequence().generate_state(1, np.uint64)[0]) >> 1)
        return self._seed

    def initial_seed(self):
        """The seed that the stream started from."""
        return self._seed

    def get_state(self):
        """Where the stream is, for set_state."""
        return {"seed": self._seed, "stream": self.numpy.bit_generator.state}

    def set_state(self, state):
        """Go on where get_state was called.  Returns self."""
        self._seed = state["seed"]
        self.numpy.bit_generator.state = state["stream"]
        return self

    def __repr__(self):
        return f"plugrad.Generator(seed={self._seed})"


default_generator = Generator()


def manual_seed(seed):
    """Make all random numbers from here on depend on this int alone.  Returns the generator."""
    return default_generator.manual_seed(seed)


def seed():
    """Make random numbers unforeseeable again.  Returns the new seed."""
    return default_generator.seed()


def initial_seed():
    """The seed of the default generator."""
    return default_generator.initial_seed()


def numpy_generator(generator):
    """The numpy.random.Generator of `generator`, or of the default one for None."""
    if generator is None:
        return default_generator.numpy
    if isinstance(generator, Generator):
        return generator.numpy
    raise TypeError(f"generator: expected a plugrad.Generator, got {type(generator).__name__}")
