/* Vectors as wide as the instruction set that this file is compiled for, as C types with +, * and
 * the rest; a compiler without them gets vectors of one element. */
#ifndef PLUGRAD_SIMD_H
#define PLUGRAD_SIMD_H

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
#else
typedef float vfloat;
typedef double vdouble;
#endif

/* Element i of the memory at p, as a number. */
#define plugrad_element(p, i) _Generic((p), \
    vfloat *: ((const float *)(p))[i], const vfloat *: ((const float *)(p))[i], \
    vdouble *: ((const double *)(p))[i], const vdouble *: ((const double *)(p))[i])
#endif
