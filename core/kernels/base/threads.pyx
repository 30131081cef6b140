"""The one place where work is shared among threads, and how many there may be.

A kernel cuts its work into pieces by its size alone and lets each write to a place of its own.  So
a result does not depend on how many threads there were, nor on which of them was faster."""

from cython.parallel cimport parallel, threadid

import os

cdef extern from *:
    """
    #ifdef _OPENMP
    #include <omp.h>
    #define plugrad_in_parallel() omp_in_parallel()
    #define plugrad_openmp 1
    #else
    #define plugrad_in_parallel() 0
    #define plugrad_openmp 0
    #endif

    /* The number at p, which is counted up by 1, whichever threads do so at once. */
    #ifdef _MSC_VER
    #include <intrin.h>
    #define plugrad_next(p) _InterlockedExchangeAdd64((p), 1)
    #else
    #define plugrad_next(p) __atomic_fetch_add((p), 1, __ATOMIC_RELAXED)
    #endif

    /* A process that was forked off has none of the threads that OpenMP believes to be there, and
     * would wait for them for ever. */
    static int plugrad_started = 0, plugrad_orphaned = 0;
    #ifndef _WIN32
    #include <pthread.h>
    static void plugrad_in_child(void) { plugrad_orphaned = plugrad_started; }
    static void plugrad_watch_forks(void) { pthread_atfork(NULL, NULL, plugrad_in_child); }
    #else
    static void plugrad_watch_forks(void) {}
    #endif
    """
    bint plugrad_in_parallel() noexcept nogil
    long long plugrad_next(long long* p) noexcept nogil
    const bint plugrad_openmp
    bint plugrad_started, plugrad_orphaned
    void plugrad_watch_forks()

cdef enum:
    MANY = 64            # threads, at most
    LINE = 8             # numbers in a cache line, which only one thread writes to at its best

cdef int most = 1


cdef int threads_for(Py_ssize_t pieces, Py_ssize_t effort) noexcept nogil:
    """How many threads to use for that many pieces, `effort` operations in all."""
    if (most == 1 or effort < WORTH or not plugrad_openmp or plugrad_orphaned
            or plugrad_in_parallel()):
        return 1
    return <int> max(<Py_ssize_t> 1, min(<Py_ssize_t> min(most, <int> MANY), pieces))


cdef void share(piece_t task, void* context, Py_ssize_t pieces, int threads) noexcept nogil:
    """Do every piece, on so many threads: 1, or what threads_for said.  Each thread begins with
    pieces of its own, side by side, the same ones each time: they are in its cache.  When it has
    done them, it helps the next thread with what that has left."""
    global plugrad_started
    cdef Py_ssize_t i
    cdef long long next[MANY * LINE]
    cdef int k
    if threads == 1:
        for i in range(pieces):
            task(context, i, 0)
        return
    plugrad_started = True
    for k in range(threads):
        next[k * LINE] = pieces * k // threads
    with parallel(num_threads=threads):
        help_out(task, context, pieces, threads, threadid(), next)


cdef void help_out(piece_t task, void* context, Py_ssize_t pieces, int threads, int thread,
                   long long* next) noexcept nogil:
    """One thread's work: its own pieces first, then those of the others."""
    cdef Py_ssize_t i
    cdef int k, owner
    for k in range(threads):
        owner = (thread + k) % threads
        while True:
            i = plugrad_next(&next[owner * LINE])
            if i >= pieces * (owner + 1) // threads:
                break
            task(context, i, thread)


def set_num_threads(int n):
    """Let kernels use up to n threads; results do not depend on n.  Raises ValueError for n < 1."""
    global most
    if n < 1:
        raise ValueError(f"set_num_threads: expected at least 1 thread, got {n}")
    most = n


def get_num_threads():
    """The number of threads that kernels may use."""
    return most


def threading():
    """What runs the threads: "OpenMP", or "none" if the compiler had no OpenMP."""
    return "OpenMP" if plugrad_openmp else "none"


def available():
    """The number of threads to begin with: $OMP_NUM_THREADS, or one per processor that this
    process may use."""
    wish = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    if wish.isdigit() and int(wish) > 0:
        return int(wish)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


plugrad_watch_forks()
set_num_threads(available())
