"""Random numbers: one generator that manual_seed seeds, and more where they are wanted.

A seed gives the numbers that PyTorch gives for it on the CPU, from the same Mersenne Twister
(Matsumoto and Nishimura, 1998), normal ones to the last digit or two.
"""

import json
import math

import numpy as np
from plugrad.kernels.base import draws
from plugrad.tensor.dtypes import uint8
from plugrad.tensor.tensor import Tensor, from_array

__all__ = ["Generator", "default_generator", "get_rng_state", "initial_seed", "manual_seed", "seed",
           "set_rng_state"]

BLOCK = 16              # from as many on, normal numbers are made by the block


class Generator:
    """A stream of random numbers; `.numpy` is a numpy.random.Generator on the same stream."""

    def __init__(self, device="cpu"):
        self.bits = np.random.MT19937()
        self.numpy = np.random.Generator(self.bits)
        self.seed()

    def manual_seed(self, seed):
        """Start the stream that belongs to this int, of which 32 bits count.  Returns self."""
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
            raise TypeError(f"manual_seed: expected an int, got {type(seed).__name__}")
        self._seed = int(seed)
        self.bits.state = np.random.RandomState(self._seed % 2 ** 32).get_state(legacy=False)
        self.spare = None                       # normal numbers come in pairs
        return self

    def seed(self):
        """Start a stream that nobody can foresee.  Returns its seed."""
        self.manual_seed(int(np.random.SeedSequence().generate_state(1, np.uint64)[0]) >> 1)
        return self._seed

    def initial_seed(self):
        """The seed that the stream started from."""
        return self._seed

    def get_state(self):
        """Where the stream is, for set_state: a uint8 tensor."""
        stream = self.bits.state
        stream["state"]["key"] = stream["state"]["key"].tolist()
        text = json.dumps({"seed": self._seed, "stream": stream, "spare": self.spare})
        return from_array(np.frombuffer(text.encode(), np.uint8).copy())

    def set_state(self, state):
        """Go on where get_state was called.  Returns self.  TypeError for anything but a uint8
        tensor, RuntimeError for one that get_state did not give."""
        if not isinstance(state, Tensor) or state.dtype is not uint8:
            raise TypeError(f"set_state: expected a uint8 tensor from get_state, got {state!r}")
        try:
            found = json.loads(state.numpy().tobytes())
            self.bits.state = found["stream"]
            self._seed, self.spare = found["seed"], found["spare"]
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise RuntimeError("set_state: expected what get_state gave, got another uint8 tensor "
                               f"of shape {tuple(state.shape)}") from error
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


def get_rng_state():
    """Where the default generator's stream is, for set_rng_state: a uint8 tensor."""
    return default_generator.get_state()


def set_rng_state(new_state):
    """Let the default generator go on where get_rng_state was called."""
    default_generator.set_state(new_state)


# --------------------------------------------------------------------------- arrays of numbers

def stream(generator):
    """The generator, or the default one for None.  Raises TypeError for anything else."""
    if generator is None:
        return default_generator
    if isinstance(generator, Generator):
        return generator
    raise TypeError(f"generator: expected a plugrad.Generator, got {type(generator).__name__}")


def uniform(generator, size, dtype, low=0.0, high=1.0):
    """Numbers uniform in [low, high): an array of this size and dtype, float32 or float64."""
    out = np.empty(size, dtype)
    draws.uniform(stream(generator).bits, out, low, high)
    return out


def coins(generator, size, dtype, p):
    """1 with probability p, else 0: an array of this size and dtype, float32 or float64."""
    out = np.empty(size, dtype)
    draws.coins(stream(generator).bits, out, p)
    return out


def integers(generator, size, low, high):
    """Integers from low to high - 1, as int64."""
    out = np.empty(size, np.int64)
    draws.integers(stream(generator).bits, out, low, high - low)
    return out


def permutation(generator, n):
    """The integers from 0 to n - 1 in random order, as int64."""
    out = np.arange(n)
    draws.shuffle(stream(generator).bits, out)
    return out


def exponential(generator, size):
    """Exponential numbers of rate 1, as float64."""
    return np.asarray(-np.log1p(-uniform(generator, size, np.float64)))


def normal(generator, size, dtype):
    """Standard normal numbers: an array of this size and dtype   (Box and Muller, 1958).

    Few are drawn one by one in double precision; many in blocks of 16, of which the last, if it is
    not whole, is made anew so that it ends where they end.
    """
    n = math.prod(size)
    if n < BLOCK:
        return np.array([one_normal(generator) for _ in range(n)], dtype).reshape(size)
    u = uniform(generator, n, dtype)
    whole = n // BLOCK * BLOCK
    u[:whole] = _in_blocks(u[:whole])
    if whole < n:
        u[-BLOCK:] = _in_blocks(uniform(generator, BLOCK, dtype))
    return u.reshape(size)


def _in_blocks(u):
    pairs = u.reshape(-1, 2, BLOCK // 2)
    radius = np.sqrt(-2 * np.log(1 - pairs[:, 0]))
    angle = pairs[:, 1] * u.dtype.type(2 * np.pi)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).reshape(-1)


def one_normal(generator):
    """A standard normal number, as a float."""
    generator = stream(generator)
    if generator.spare is not None:
        z, generator.spare = generator.spare, None
        return z
    angle, r = uniform(generator, 2, np.float64).tolist()
    radius, angle = math.sqrt(-2 * math.log1p(-r)), 2 * math.pi * angle
    generator.spare = radius * math.sin(angle)
    return radius * math.cos(angle)
