# Piece `piece` of some work; `thread` counts the threads at work, for scratch memory of their own.
ctypedef void (*piece_t)(void* context, Py_ssize_t piece, int thread) noexcept nogil

cdef enum:
    # Operations (a number read, added or stored) below which waking a second thread costs more
    # than it saves.
    WORTH = 1 << 16
    # Elements that a plain loop reads or writes in the time of one of those operations.
    LIGHT = 4

cdef int threads_for(Py_ssize_t pieces, Py_ssize_t effort) noexcept nogil
cdef void share(piece_t task, void* context, Py_ssize_t pieces, int threads) noexcept nogil
