"""What the processor can do."""

cdef extern from *:
    """
    #if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
    static int plugrad_avx2(void) {
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    }
    static int plugrad_avx512(void) {
        return plugrad_avx2() && __builtin_cpu_supports("avx512f")
            && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
            && __builtin_cpu_supports("avx512vl");
    }
    #else
    static int plugrad_avx2(void) { return 0; }
    static int plugrad_avx512(void) { return 0; }
    #endif
    """
    bint plugrad_avx2()
    bint plugrad_avx512()


def instruction_sets():
    """The names of the sets that this processor has and kernels are compiled for, best last."""
    return ["baseline", *["avx2"] * plugrad_avx2(), *["avx512"] * plugrad_avx512()]
