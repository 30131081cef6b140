"""How many threads a kernel may use: one number, read by every kernel."""

import os

cdef int _threads = 1


def set_num_threads(int n):
    """Let kernels use up to n threads; results do not depend on n.  Raises ValueError for n < 1."""
    global _threads
    if n < 1:
        raise ValueError(f"set_num_threads: expected at least 1 thread, got {n}")
    _threads = n


def get_num_threads():
    """The number of threads that kernels may use."""
    return _threads


set_num_threads(max(1, os.cpu_count() or 1))
