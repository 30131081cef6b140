"""The three MLPs in JAX, a whole step under jit; the last with SGD, as JAX brings no optimizer."""

from importlib.util import find_spec
from itertools import pairwise


def mlp(n, sizes, activation, lr):
    def make(jax):
        np, random = jax.numpy, jax.random
        key = random.key(0)
        x = random.normal(key, (n, sizes[0]))
        y = random.normal(key, (n, 1)) if sizes[-1] == 1 else random.randint(key, (n,), 0, 10)
        weights = [(random.normal(key, (a, b)) / a ** 0.5, np.zeros(b))
                   for a, b in pairwise(sizes)]

        def loss(weights):
            h = x
            for w, b in weights[:-1]:
                h = getattr(jax.nn, activation)(h @ w + b)
            h = h @ weights[-1][0] + weights[-1][1]
            if sizes[-1] == 1:
                return ((h - y) ** 2).mean()
            return -jax.nn.log_softmax(h)[np.arange(n), y].mean()

        @jax.jit
        def step(weights):
            return jax.tree.map(lambda w, g: w - lr * g, weights, jax.grad(loss)(weights))

        def run():
            nonlocal weights
            weights = jax.block_until_ready(step(weights))
        return run
    return make


WORKLOADS = {} if find_spec("jax") is None else {
    "mlp_tiny": mlp(100, (2, 16, 16, 1), "relu", 0.01),
    "mlp_sigmoid": mlp(64, (784, 100, 10), "sigmoid", 0.1),
    "mlp_large": mlp(128, (784, 1024, 1024, 10), "relu", 0.01),
}
