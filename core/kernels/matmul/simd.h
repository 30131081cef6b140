/* Vectors as wide as the instruction set that this file is compiled for, as C types with +, * and
 * the rest; a compiler without them gets vectors of one element. */
#ifndef PLUGRAD_SIMD_H
#define PLUGRAD_SIMD_H
#include <stddef.h>
#include <string.h>

#if defined(__AVX512F__)
#define PLUGRAD_VECTOR 64
#define PLUGRAD_ROWS 12        /* rows of a register tile two vectors wide: 24 of 32 registers */
#elif defined(__AVX2__)
#define PLUGRAD_VECTOR 32
#define PLUGRAD_ROWS 6         /* 12 of 16 registers */
#else
#define PLUGRAD_VECTOR 16
#define PLUGRAD_ROWS 6
#endif

#if defined(__GNUC__)
typedef float vfloat __attribute__((vector_size(PLUGRAD_VECTOR), aligned(4), may_alias));
typedef double vdouble __attribute__((vector_size(PLUGRAD_VECTOR), aligned(8), may_alias));
/* Half as wide, for what would leave half of a vector empty. */
typedef float hfloat __attribute__((vector_size(PLUGRAD_VECTOR / 2), aligned(4), may_alias));
/* Cython's inline functions are called with constants here, and compiled anew for each of them. */
#undef CYTHON_INLINE
#define CYTHON_INLINE __inline__ __attribute__((always_inline))

/* Ask for the cache line at p, which may lie outside any array: it will be read, or written. */
#define plugrad_prefetch(p) __builtin_prefetch(p)
#define plugrad_prefetch_write(p) __builtin_prefetch(p, 1)

/* A square of L x L elements, given by the addresses of its rows: column i goes to out + i * width.
 * Rows are riffled like cards, the upper half into the lower, log2(L) times. */
#define PLUGRAD_TRANSPOSE(name, real, vector, integer)                                             \
    static CYTHON_INLINE void name(const real *const *row, real *out, ptrdiff_t width) {           \
        enum { L = sizeof(vector) / sizeof(real) };                                                \
        typedef integer mask __attribute__((vector_size(PLUGRAD_VECTOR)));                         \
        vector r[L], riffled[L];                                                                   \
        mask lower, upper;                                                                         \
        int i, done;                                                                               \
        for (i = 0; i < L; i++) {                                                                  \
            lower[i] = i / 2 + i % 2 * L;                                                          \
            upper[i] = lower[i] + L / 2;                                                           \
            r[i] = *(const vector *)row[i];                                                        \
        }                                                                                          \
        for (done = 1; done < L; done *= 2) {                                                      \
            for (i = 0; i < L / 2; i++) {                                                          \
                riffled[2 * i] = __builtin_shuffle(r[i], r[i + L / 2], lower);                     \
                riffled[2 * i + 1] = __builtin_shuffle(r[i], r[i + L / 2], upper);                 \
            }                                                                                      \
            for (i = 0; i < L; i++)                                                                \
                r[i] = riffled[i];                                                                 \
        }                                                                                          \
        for (i = 0; i < L; i++)                                                                    \
            *(vector *)(out + i * width) = r[i];                                                   \
    }
PLUGRAD_TRANSPOSE(plugrad_transpose_float, float, vfloat, int)
PLUGRAD_TRANSPOSE(plugrad_transpose_double, double, vdouble, long long)

/* out[i] = x[2 * i] for n of them, by vectors and half vectors; nothing behind the last is read. */
#define PLUGRAD_EVEN(name, real, integer, size)                                                    \
    static CYTHON_INLINE void name(const real *x, real *out) {                                     \
        enum { L = (size) / sizeof(real) };                                                        \
        typedef real part __attribute__((vector_size(size), aligned(sizeof(real)), may_alias));    \
        typedef integer mask __attribute__((vector_size(size)));                                   \
        mask even;                                                                                 \
        int i;                                                                                     \
        for (i = 0; i < L; i++)                                                                    \
            even[i] = 2 * i + (i >= L / 2);                                                        \
        *(part *)out = __builtin_shuffle(*(const part *)x, *(const part *)(x + L - 1), even);      \
    }
#define PLUGRAD_EVERY_SECOND(name, real, integer)                                                  \
    PLUGRAD_EVEN(name##_whole, real, integer, PLUGRAD_VECTOR)                                      \
    PLUGRAD_EVEN(name##_half, real, integer, PLUGRAD_VECTOR / 2)                                   \
    static CYTHON_INLINE void name(const real *x, ptrdiff_t n, real *out) {                        \
        enum { L = PLUGRAD_VECTOR / sizeof(real) };                                                \
        for (; n >= L; n -= L, x += 2 * L, out += L)                                               \
            name##_whole(x, out);                                                                  \
        if (n >= L / 2) {                                                                          \
            name##_half(x, out);                                                                   \
            n -= L / 2, x += L, out += L / 2;                                                      \
        }                                                                                          \
        for (; n > 0; n--, x += 2)                                                                 \
            *out++ = *x;                                                                           \
    }
PLUGRAD_EVERY_SECOND(plugrad_even_float, float, int)
PLUGRAD_EVERY_SECOND(plugrad_even_double, double, long long)

/* even[i] = x[2 * i] and odd[i] = x[2 * i + 1] for i < n, by vectors and half vectors. */
#define PLUGRAD_DEAL(name, real, integer, size)                                                    \
    static CYTHON_INLINE void name(const real *x, real *even, real *odd) {                         \
        enum { L = (size) / sizeof(real) };                                                        \
        typedef real part __attribute__((vector_size(size), aligned(sizeof(real)), may_alias));    \
        typedef integer mask __attribute__((vector_size(size)));                                   \
        part a = *(const part *)x, b = *(const part *)(x + L);                                     \
        mask evens, odds;                                                                          \
        int i;                                                                                     \
        for (i = 0; i < L; i++) {                                                                  \
            evens[i] = 2 * i;                                                                      \
            odds[i] = 2 * i + 1;                                                                   \
        }                                                                                          \
        *(part *)even = __builtin_shuffle(a, b, evens);                                            \
        *(part *)odd = __builtin_shuffle(a, b, odds);                                              \
    }
#define PLUGRAD_DEAL_OUT(name, real, integer)                                                      \
    PLUGRAD_DEAL(name##_whole, real, integer, PLUGRAD_VECTOR)                                      \
    PLUGRAD_DEAL(name##_half, real, integer, PLUGRAD_VECTOR / 2)                                   \
    static CYTHON_INLINE void name(const real *x, ptrdiff_t n, real *even, real *odd) {            \
        enum { L = PLUGRAD_VECTOR / sizeof(real) };                                                \
        for (; n >= L; n -= L, x += 2 * L, even += L, odd += L)                                    \
            name##_whole(x, even, odd);                                                            \
        if (n >= L / 2) {                                                                          \
            name##_half(x, even, odd);                                                             \
            n -= L / 2, x += L, even += L / 2, odd += L / 2;                                       \
        }                                                                                          \
        for (; n > 0; n--, x += 2) {                                                               \
            *even++ = x[0];                                                                        \
            *odd++ = x[1];                                                                         \
        }                                                                                          \
    }
PLUGRAD_DEAL_OUT(plugrad_deal_float, float, int)
PLUGRAD_DEAL_OUT(plugrad_deal_double, double, long long)
#else
typedef float vfloat;
typedef double vdouble;
typedef float hfloat;
#define plugrad_prefetch(p) ((void)0)
#define plugrad_prefetch_write(p) ((void)0)
#define plugrad_transpose_float(row, out, width) (*(out) = **(row))
#define plugrad_transpose_double(row, out, width) (*(out) = **(row))
static __inline void plugrad_even_float(const float *x, ptrdiff_t n, float *out) {
    for (; n > 0; n--, x += 2)
        *out++ = *x;
}
static __inline void plugrad_even_double(const double *x, ptrdiff_t n, double *out) {
    for (; n > 0; n--, x += 2)
        *out++ = *x;
}
#define PLUGRAD_DEAL_OUT(name, real)                                                               \
    static __inline void name(const real *x, ptrdiff_t n, real *even, real *odd) {                 \
        for (; n > 0; n--, x += 2) {                                                               \
            *even++ = x[0];                                                                        \
            *odd++ = x[1];                                                                         \
        }                                                                                          \
    }
PLUGRAD_DEAL_OUT(plugrad_deal_float, float)
PLUGRAD_DEAL_OUT(plugrad_deal_double, double)
#endif

/* Copy n bytes, a multiple of 4: too few for the C library's function to be worth its call.  What is
 * not a whole number of vectors ends with one that overlaps the one before. */
static CYTHON_INLINE void plugrad_copy(const void *from, ptrdiff_t n, void *to) {
    enum { V = PLUGRAD_VECTOR };
    const char *x = (const char *)from;
    char *y = (char *)to;
    ptrdiff_t i;
#define PLUGRAD_ENDS(size) (memcpy(y, x, size), memcpy(y + n - (size), x + n - (size), size))
    if (n >= V) {
        for (i = 0; i < n - V; i += V)
            memcpy(y + i, x + i, V);
        memcpy(y + n - V, x + n - V, V);
    } else if (n >= 32)
        PLUGRAD_ENDS(32);
    else if (n >= 16)
        PLUGRAD_ENDS(16);
    else if (n >= 8)
        PLUGRAD_ENDS(8);
    else if (n >= 4)
        memcpy(y, x, 4);
#undef PLUGRAD_ENDS
}

/* Element i of the memory at p, as a number. */
#if defined(__GNUC__)
#define PLUGRAD_OF_HALF(p, i) \
    const hfloat *: ((const float *)(p))[i],
#else
#define PLUGRAD_OF_HALF(p, i)
#endif
#define plugrad_element(p, i) _Generic((p), PLUGRAD_OF_HALF(p, i) \
    vfloat *: ((const float *)(p))[i], const vfloat *: ((const float *)(p))[i], \
    vdouble *: ((const double *)(p))[i], const vdouble *: ((const double *)(p))[i])
#endif
