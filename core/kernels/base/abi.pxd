"""The number of plugrad's C interface, left as a mark in whatever is compiled against it.

Raise it whenever a public .pxd changes: a field, the order of methods, a signature.  Every module
that cimports this file, directly or through another .pxd, carries the text "plugrad-abi:<n>;",
which plugrad reads before it lets the module run.
"""

cdef extern from *:
    """
    #define PLUGRAD_ABI 2

    #define PLUGRAD_TEXT_OF(number) #number
    #define PLUGRAD_TEXT(number) PLUGRAD_TEXT_OF(number)
    #if defined(_MSC_VER)
    __declspec(dllexport)          /* nobody reads the mark in C: keep it all the same */
    #elif defined(__GNUC__)
    __attribute__((used)) static
    #endif
    const char plugrad_abi_mark[] = "plugrad-abi:" PLUGRAD_TEXT(PLUGRAD_ABI) ";";
    """
    enum:
        ABI "PLUGRAD_ABI"
