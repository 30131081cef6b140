"""Where every kernel's output memory comes from.

A large array is new to the operating system each time: it clears the pages and maps them one by
one, which often takes longer than the arithmetic.  So blocks that nobody uses any more are kept, in
lists by size, and given out again.  Four sizes lie between a power of two and the next, and what an
array does not fill of its block is at most a quarter of it."""

cimport cython
cimport numpy as cnp
from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc

cnp.import_array()

cdef extern from "Python.h":
    Py_ssize_t PY_SSIZE_T_MAX

cdef enum:
    SMALL = 4096             # bytes below which NumPy's own allocation is as good
    ALIGNMENT = 64           # a cache line, and the widest vector
    LISTS = 4 * 64
    TYPES = 24               # that NumPy itself has

# What lies at the start of a block that nobody uses.
cdef struct Idle:
    Idle* next
    void* memory             # as malloc gave it

cdef Idle* idle[LISTS]
cdef int[TYPES] widths   # bytes of an element of each NumPy type
cdef Py_ssize_t live, peak, pooled, limit = 1 << 30
cdef Py_ssize_t from_system, from_pool


cdef measure_types():
    cdef int i
    for i in range(TYPES):
        widths[i] = <int> cnp.PyArray_DescrFromType(i).itemsize


measure_types()


cdef inline int place(Py_ssize_t size) noexcept:
    """The list of the smallest blocks that hold `size` bytes."""
    cdef int octave = 12
    while (<Py_ssize_t> 2 << octave) < size:
        octave += 1
    return 4 * octave + <int> ((size - 1 - (<Py_ssize_t> 1 << octave)) >> (octave - 2))


cdef inline Py_ssize_t capacity(int at) noexcept:
    """The size of the blocks in that list."""
    return (<Py_ssize_t> (at % 4 + 5)) << (at // 4 - 2)


@cython.final
@cython.freelist(64)
cdef class Block:
    """Owns the memory of one array, and hands it back when the array is gone."""
    cdef char* start
    cdef void* memory
    cdef int at

    def __dealloc__(self):
        global live, pooled
        cdef Idle* block = <Idle*> self.start
        if self.start == NULL:
            return
        live -= capacity(self.at)
        if pooled + capacity(self.at) > limit:
            free(self.memory)
            return
        block.memory = self.memory
        block.next = idle[self.at]
        idle[self.at] = block
        pooled += capacity(self.at)


cdef Block take(Py_ssize_t size):
    """A block of at least `size` bytes.  Raises MemoryError."""
    global live, peak, pooled, from_system, from_pool
    cdef Block block = Block.__new__(Block)
    cdef Idle* old
    block.at = place(size)
    old = idle[block.at]
    if old != NULL:
        idle[block.at] = old.next
        pooled -= capacity(block.at)
        from_pool += 1
        block.memory, block.start = old.memory, <char*> old
    else:
        block.memory = malloc(capacity(block.at) + ALIGNMENT)
        if block.memory == NULL:
            raise MemoryError(f"no memory for an array of {size} bytes")
        from_system += 1
        block.start = <char*> ((<uintptr_t> block.memory + ALIGNMENT - 1)
                               & ~(<uintptr_t> ALIGNMENT - 1))
    live += capacity(block.at)
    peak = max(peak, live)
    return block


cdef cnp.ndarray empty(int ndim, cnp.npy_intp* shape, int typenum):
    """A new C-contiguous array with arbitrary content."""
    # As a number that can't overflow.  Types that NumPy's users made are left to NumPy.
    cdef double size = widths[typenum] if typenum < TYPES else 0
    cdef int i
    cdef Block block
    cdef cnp.ndarray a
    for i in range(ndim):
        size *= shape[i]
    if size >= PY_SSIZE_T_MAX // 2:
        raise RuntimeError(f"no array can have sizes {tuple([shape[i] for i in range(ndim)])}: it "
                           "would have more bytes than there are addresses")
    if size < SMALL:
        return cnp.PyArray_SimpleNew(ndim, shape, typenum)
    block = take(<Py_ssize_t> size)
    a = cnp.PyArray_SimpleNewFromData(ndim, shape, typenum, block.start)
    cnp.set_array_base(a, block)
    return a


cdef cnp.ndarray empty_like(cnp.ndarray a, int typenum):
    """A new C-contiguous array of a's shape."""
    return empty(cnp.PyArray_NDIM(a), cnp.PyArray_DIMS(a), typenum)


def memory_stats():
    """Bytes of arrays in use by kernels' results (`live`, the most so far `peak`) and kept for the
    next ones (`pooled`), and how often memory came `from_system` and `from_pool`.

    Arrays of less than 4096 bytes do not count.
    """
    return {"live": live, "peak": peak, "pooled": pooled, "from_system": from_system,
            "from_pool": from_pool}


def reset_peak_memory_stats():
    """Let memory_stats()["peak"] start from what is in use now."""
    global peak
    peak = live


def empty_cache():
    """Give the memory that is kept for later arrays back to the system."""
    global pooled
    cdef Idle* block
    cdef int at
    for at in range(LISTS):
        while idle[at] != NULL:
            block = idle[at]
            idle[at] = block.next
            free(block.memory)
    pooled = 0


def set_cache_limit(bytes):
    """Keep at most so many bytes for later arrays (1 GiB at first); 0 keeps nothing.

    Raises ValueError for a negative number.
    """
    global limit
    if not isinstance(bytes, int):
        raise TypeError(f"set_cache_limit: expected a number of bytes, got {bytes!r}")
    if bytes < 0:
        raise ValueError(f"set_cache_limit: expected at least 0 bytes, got {bytes}")
    limit = min(bytes, PY_SSIZE_T_MAX)
    if pooled > limit:
        empty_cache()
