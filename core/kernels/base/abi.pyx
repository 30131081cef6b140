"""Which C interface this plugrad has, and which compiler made it."""

cdef extern from *:
    """
    #if defined(__clang__)
    #define PLUGRAD_COMPILER "Clang " __clang_version__
    #elif defined(__GNUC__)
    #define PLUGRAD_COMPILER "GCC " __VERSION__
    #elif defined(_MSC_VER)
    #define PLUGRAD_COMPILER "MSVC " PLUGRAD_TEXT(_MSC_VER)
    #else
    #define PLUGRAD_COMPILER "unknown"
    #endif
    """
    const char* PLUGRAD_COMPILER

VERSION = ABI
COMPILER = PLUGRAD_COMPILER.decode("ascii", "replace").strip()
