// CUDA C on top of g++, as far as printed kernels use it: no templates where overloads do, no includes, so that a
// program compiles fast. Functions have the meaning that CUDA gives them where C++ leaves it open.
#pragma once
#include "runtime.h"

#define __global__
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#define __builtin_assume(condition) ((void)0)
#define GL_UNCHECKED __attribute__((no_sanitize("thread", "undefined")))
#define GL_ENTRY extern "C" __attribute__((visibility("default"))) GL_UNCHECKED
#define GL_ENTRY_TABLE extern "C" const int __attribute__((visibility("default")))
#define GL_FUNCTION static inline GL_UNCHECKED
typedef __SIZE_TYPE__ size_t;

// Constant for as long as a thread lives, so the compiler may keep them; g++ does not check constant objects.
extern "C" __attribute__((visibility("default"))) const GlIds gl_ids;
#define threadIdx (gl_ids.thread)
#define blockIdx (gl_ids.block)
#define blockDim (gl_ids.blockSize)
#define gridDim (gl_ids.gridSize)
static const int warpSize = 32;

extern "C" {
void gl_check_atomic(void *address, int size);
int gl_barrier(int line, int reduction, int value);
gl_u64 gl_warp(int kind, int line, gl_u32 mask, gl_u64 value, int argument, int width);
char *gl_shared(int index, gl_u64 bytes, gl_u64 alignment);
char *gl_dynamic();
void gl_trap();
int printf(const char *, ...);
}

// ---- vector types
#define GL_VECTOR(T, name)                                                                          \
  struct name##1 { T x; };                                                                          \
  struct __attribute__((aligned(2 * sizeof(T)))) name##2 { T x, y; };                               \
  struct name##3 { T x, y, z; };                                                                    \
  struct __attribute__((aligned(sizeof(T) > 4 ? 16 : 4 * sizeof(T)))) name##4 { T x, y, z, w; };    \
  static inline name##1 make_##name##1(T x) { return {x}; }                                         \
  static inline name##2 make_##name##2(T x, T y) { return {x, y}; }                                 \
  static inline name##3 make_##name##3(T x, T y, T z) { return {x, y, z}; }                         \
  static inline name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }
GL_VECTOR(float, float)
GL_VECTOR(double, double)
GL_VECTOR(int, int)
GL_VECTOR(unsigned, uint)
GL_VECTOR(signed char, char)
GL_VECTOR(unsigned char, uchar)
GL_VECTOR(short, short)
GL_VECTOR(unsigned short, ushort)
GL_VECTOR(long long, longlong)
GL_VECTOR(unsigned long long, ulonglong)
typedef uint3 dim3;

// ---- barriers and warps
#define __syncthreads() ((void)gl_barrier(__LINE__, 0, 0))
#define __syncthreads_count(p) gl_barrier(__LINE__, 0, (p) != 0)
#define __syncthreads_and(p) gl_barrier(__LINE__, 1, (p) != 0)
#define __syncthreads_or(p) gl_barrier(__LINE__, 2, (p) != 0)
#define __threadfence() ((void)0)
#define __threadfence_block() ((void)0)
#define __threadfence_system() ((void)0)
GL_FUNCTION void gl_warp_sync(int line, unsigned mask = 0xffffffffu) { gl_warp(glWarpSync, line, mask, 0, 0, 32); }
#define __syncwarp(...) gl_warp_sync(__LINE__, ##__VA_ARGS__)
template <class T> GL_FUNCTION T gl_exchange(int kind, int line, unsigned mask, T value, int argument, int width = 32) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8, "a shuffle takes values of 4 or 8 bytes");
  gl_u64 bits = 0;
  __builtin_memcpy(&bits, &value, sizeof(T));
  bits = gl_warp(kind, line, mask, bits, argument, width);
  __builtin_memcpy(&value, &bits, sizeof(T));
  return value;
}
#define __shfl_sync(mask, value, ...) gl_exchange(glShuffle, __LINE__, mask, value, __VA_ARGS__)
#define __shfl_up_sync(mask, value, ...) gl_exchange(glShuffleUp, __LINE__, mask, value, __VA_ARGS__)
#define __shfl_down_sync(mask, value, ...) gl_exchange(glShuffleDown, __LINE__, mask, value, __VA_ARGS__)
#define __shfl_xor_sync(mask, value, ...) gl_exchange(glShuffleXor, __LINE__, mask, value, __VA_ARGS__)
#define __ballot_sync(mask, p) ((unsigned)gl_warp(glBallot, __LINE__, mask, (p) != 0, 0, 32))
#define __any_sync(mask, p) (__ballot_sync(mask, p) != 0)
#define __all_sync(mask, p) (__ballot_sync(mask, !(p)) == 0)
#define GL_REDUCE(name, T, combined)                                                 \
  GL_FUNCTION T name(int line, unsigned mask, T value) {                             \
    T a = 0;                                                                         \
    bool first = true;                                                               \
    for (int lane = 0; lane < 32; lane++) {                                          \
      if (!(mask >> lane & 1)) continue;                                             \
      T b = gl_exchange(glShuffle, line, mask, value, lane);                         \
      a = first ? b : (combined);                                                    \
      first = false;                                                                 \
    }                                                                                \
    return a;                                                                        \
  }
#define GL_REDUCES(T)                              \
  GL_REDUCE(gl_reduce_add, T, a + b)               \
  GL_REDUCE(gl_reduce_min, T, b < a ? b : a)       \
  GL_REDUCE(gl_reduce_max, T, a < b ? b : a)       \
  GL_REDUCE(gl_reduce_or, T, a | b)                \
  GL_REDUCE(gl_reduce_and, T, a & b)
GL_REDUCES(int)
GL_REDUCES(unsigned)
#define __reduce_add_sync(mask, value) gl_reduce_add(__LINE__, mask, value)
#define __reduce_min_sync(mask, value) gl_reduce_min(__LINE__, mask, value)
#define __reduce_max_sync(mask, value) gl_reduce_max(__LINE__, mask, value)
#define __reduce_or_sync(mask, value) gl_reduce_or(__LINE__, mask, value)
#define __reduce_and_sync(mask, value) gl_reduce_and(__LINE__, mask, value)
#define __trap() gl_trap()

// ---- atomics: one thread runs at a time, so only the check is left to do
#ifdef GL_CHECKED
#define GL_CHECK_ATOMIC(p) gl_check_atomic(p, sizeof *(p))
#else
#define GL_CHECK_ATOMIC(p) ((void)0)
#endif
#define GL_ATOMIC(name, T, result)            \
  GL_FUNCTION T name(T *p, T v) {             \
    GL_CHECK_ATOMIC(p);                       \
    T o = *p;                                 \
    *p = (result);                            \
    return o;                                 \
  }
#define GL_ATOMICS(T)                         \
  GL_ATOMIC(atomicAdd, T, o + v)              \
  GL_ATOMIC(atomicExch, T, v)
#define GL_INTEGER_ATOMICS(T)                 \
  GL_ATOMICS(T)                               \
  GL_ATOMIC(atomicSub, T, o - v)              \
  GL_ATOMIC(atomicMin, T, v < o ? v : o)      \
  GL_ATOMIC(atomicMax, T, v > o ? v : o)      \
  GL_ATOMIC(atomicAnd, T, o & v)              \
  GL_ATOMIC(atomicOr, T, o | v)               \
  GL_ATOMIC(atomicXor, T, o ^ v)              \
  GL_FUNCTION T atomicCAS(T *p, T c, T v) {   \
    GL_CHECK_ATOMIC(p);                       \
    T o = *p;                                 \
    if (o == c) *p = v;                       \
    return o;                                 \
  }
GL_ATOMICS(float)
GL_ATOMICS(double)
GL_INTEGER_ATOMICS(int)
GL_INTEGER_ATOMICS(unsigned)
GL_INTEGER_ATOMICS(long long)
GL_INTEGER_ATOMICS(unsigned long long)
GL_ATOMIC(atomicInc, unsigned, o >= v ? 0 : o + 1)
GL_ATOMIC(atomicDec, unsigned, o == 0 || o > v ? v : o - 1)

template <class T> static inline T __ldg(const T *p) { return *p; }
template <class T> static inline T __ldcs(const T *p) { return *p; }
template <class T> static inline T __ldca(const T *p) { return *p; }
template <class T> static inline T __ldcg(const T *p) { return *p; }
template <class T> static inline void __stcs(T *p, T v) { *p = v; }
template <class T> static inline void __stcg(T *p, T v) { *p = v; }

// ---- functions of numbers
#define GL_MATH1(name)                  \
  extern "C" float name##f(float);      \
  extern "C" double name(double);       \
  static inline float name(float x) { return name##f(x); }
#define GL_MATH2(name)                        \
  extern "C" float name##f(float, float);     \
  extern "C" double name(double, double);     \
  static inline float name(float x, float y) { return name##f(x, y); }
GL_MATH1(exp) GL_MATH1(exp2) GL_MATH1(exp10) GL_MATH1(expm1) GL_MATH1(log) GL_MATH1(log2) GL_MATH1(log10) GL_MATH1(log1p)
GL_MATH1(sin) GL_MATH1(cos) GL_MATH1(tan) GL_MATH1(asin) GL_MATH1(acos) GL_MATH1(atan)
GL_MATH1(sinh) GL_MATH1(cosh) GL_MATH1(tanh) GL_MATH1(asinh) GL_MATH1(acosh) GL_MATH1(atanh)
GL_MATH1(sqrt) GL_MATH1(cbrt) GL_MATH1(erf) GL_MATH1(erfc) GL_MATH1(lgamma) GL_MATH1(tgamma) GL_MATH1(logb)
GL_MATH1(floor) GL_MATH1(ceil) GL_MATH1(round) GL_MATH1(trunc) GL_MATH1(rint) GL_MATH1(nearbyint) GL_MATH1(fabs)
GL_MATH2(pow) GL_MATH2(atan2) GL_MATH2(fmod) GL_MATH2(remainder) GL_MATH2(hypot) GL_MATH2(fmin) GL_MATH2(fmax)
GL_MATH2(copysign) GL_MATH2(nextafter) GL_MATH2(fdim)
extern "C" {
float fmaf(float, float, float), ldexpf(float, int), scalbnf(float, int), frexpf(float, int *), modff(float, float *), j0f(float), j1f(float), y0f(float), y1f(float);
double fma(double, double, double), ldexp(double, int), scalbn(double, int), frexp(double, int *), modf(double, double *), j0(double), j1(double), y0(double), y1(double);
int ilogbf(float), ilogb(double), abs(int);
long long llabs(long long), llrintf(float), llrint(double), llroundf(float), llround(double);
long lrintf(float), lrint(double), lroundf(float), lround(double);
void sincosf(float, float *, float *), sincos(double, double *, double *);
}
static inline float fma(float a, float b, float c) { return fmaf(a, b, c); }
static inline float ldexp(float x, int n) { return ldexpf(x, n); }
static inline float abs(float x) { return fabsf(x); }
static inline double abs(double x) { return fabs(x); }
static inline long long abs(long long x) { return x < 0 ? -x : x; }
static inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
static inline double rsqrt(double x) { return 1.0 / sqrt(x); }
static inline float rsqrt(float x) { return rsqrtf(x); }
static inline float rcbrtf(float x) { return 1.0f / cbrtf(x); }
static inline double rcbrt(double x) { return 1.0 / cbrt(x); }
static inline float __saturatef(float x) { return x >= 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }
static inline double erfcx(double x) { return exp(x * x) * erfc(x); }
static inline float erfcxf(float x) { return (float)erfcx((double)x); }
static inline float normcdff(float x) { return (float)(0.5 * erfc(-(double)x * 0.70710678118654752440)); }
static inline double normcdf(double x) { return 0.5 * erfc(-x * 0.70710678118654752440); }
static inline double sinpi(double x) { double r = remainder(x, 2.0); return sin(r * 3.14159265358979323846); }
static inline double cospi(double x) { double r = remainder(x, 2.0); return cos(r * 3.14159265358979323846); }
static inline float sinpif(float x) { return (float)sinpi((double)x); }
static inline float cospif(float x) { return (float)cospi((double)x); }
#define GL_FAST(name) static inline float __##name(float x) { return name(x); }
GL_FAST(expf) GL_FAST(exp10f) GL_FAST(logf) GL_FAST(log2f) GL_FAST(log10f) GL_FAST(sinf) GL_FAST(cosf) GL_FAST(tanf)
static inline float __powf(float a, float b) { return powf(a, b); }
static inline float __fdividef(float a, float b) { return a / b; }
#define GL_CLASS(name)                                                          \
  static inline bool name(float x) { return __builtin_##name(x); }              \
  static inline bool name(double x) { return __builtin_##name(x); }
GL_CLASS(isnan) GL_CLASS(isinf) GL_CLASS(isfinite) GL_CLASS(signbit)
#define GL_MINMAX(T)                                              \
  static inline T min(T a, T b) { return b < a ? b : a; }         \
  static inline T max(T a, T b) { return a < b ? b : a; }
GL_MINMAX(int) GL_MINMAX(unsigned) GL_MINMAX(long) GL_MINMAX(unsigned long) GL_MINMAX(long long) GL_MINMAX(unsigned long long)
static inline unsigned min(int a, unsigned b) { return min((unsigned)a, b); }
static inline unsigned min(unsigned a, int b) { return min(a, (unsigned)b); }
static inline unsigned max(int a, unsigned b) { return max((unsigned)a, b); }
static inline unsigned max(unsigned a, int b) { return max(a, (unsigned)b); }
static inline float min(float a, float b) { return fminf(a, b); }
static inline float max(float a, float b) { return fmaxf(a, b); }
static inline double min(double a, double b) { return fmin(a, b); }
static inline double max(double a, double b) { return fmax(a, b); }
static inline unsigned umin(unsigned a, unsigned b) { return min(a, b); }
static inline unsigned umax(unsigned a, unsigned b) { return max(a, b); }

// ---- exactly rounded: never contracted with what stands beside them
#define GL_ROUNDED(T, name, result) static __attribute__((noinline)) T name(T a, T b) { return result; }
GL_ROUNDED(float, __fadd_rn, a + b) GL_ROUNDED(float, __fsub_rn, a - b) GL_ROUNDED(float, __fmul_rn, a * b) GL_ROUNDED(float, __fdiv_rn, a / b)
GL_ROUNDED(double, __dadd_rn, a + b) GL_ROUNDED(double, __dsub_rn, a - b) GL_ROUNDED(double, __dmul_rn, a * b) GL_ROUNDED(double, __ddiv_rn, a / b)
static inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
static inline double __fma_rn(double a, double b, double c) { return fma(a, b, c); }
static inline float __fsqrt_rn(float a) { return sqrtf(a); }
static inline double __dsqrt_rn(double a) { return sqrt(a); }
static inline float __frcp_rn(float a) { return 1.0f / a; }
static inline double __drcp_rn(double a) { return 1.0 / a; }
static inline float __frsqrt_rn(float a) { return (float)(1.0 / sqrt((double)a)); }

// ---- bits
#define GL_BITS(name, To, From)            \
  GL_FUNCTION To name(From from) {         \
    To to;                                 \
    __builtin_memcpy(&to, &from, sizeof to); \
    return to;                             \
  }
GL_BITS(__float_as_int, int, float)
GL_BITS(__float_as_uint, unsigned, float)
GL_BITS(__int_as_float, float, int)
GL_BITS(__uint_as_float, float, unsigned)
GL_BITS(__double_as_longlong, long long, double)
GL_BITS(__longlong_as_double, double, long long)
GL_FUNCTION double __hiloint2double(int high, int low) { return __longlong_as_double((long long)((gl_u64)(unsigned)high << 32 | (unsigned)low)); }
GL_FUNCTION int __double2hiint(double x) { return (int)(__double_as_longlong(x) >> 32); }
GL_FUNCTION int __double2loint(double x) { return (int)__double_as_longlong(x); }
GL_FUNCTION int __mulhi(int a, int b) { return (int)((long long)a * b >> 32); }
GL_FUNCTION unsigned __umulhi(unsigned a, unsigned b) { return (unsigned)((gl_u64)a * b >> 32); }
GL_FUNCTION long long __mul64hi(long long a, long long b) { return (long long)((__int128)a * b >> 64); }
GL_FUNCTION unsigned long long __umul64hi(unsigned long long a, unsigned long long b) { return (unsigned long long)((unsigned __int128)a * b >> 64); }
GL_FUNCTION int __mul24(int a, int b) { return (a << 8 >> 8) * (b << 8 >> 8); }
GL_FUNCTION int __popc(unsigned x) { return __builtin_popcount(x); }
GL_FUNCTION int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
GL_FUNCTION int __clz(int x) { return x ? __builtin_clz(x) : 32; }
GL_FUNCTION int __clzll(long long x) { return x ? __builtin_clzll(x) : 64; }
GL_FUNCTION int __ffs(int x) { return __builtin_ffs(x); }
GL_FUNCTION int __ffsll(long long x) { return __builtin_ffsll(x); }
GL_FUNCTION unsigned __brev(unsigned x) {
  unsigned r = 0;
  for (int i = 0; i < 32; i++) r |= (x >> i & 1u) << (31 - i);
  return r;
}
GL_FUNCTION unsigned __byte_perm(unsigned a, unsigned b, unsigned s) {
  gl_u64 both = (gl_u64)b << 32 | a;
  unsigned r = 0;
  for (int i = 0; i < 4; i++) r |= (unsigned)(both >> (s >> (4 * i) & 7) * 8 & 0xff) << (8 * i);
  return r;
}
GL_FUNCTION unsigned __funnelshift_l(unsigned low, unsigned high, unsigned s) { return (unsigned)(((gl_u64)high << 32 | low) << (s & 31) >> 32); }
GL_FUNCTION unsigned __funnelshift_r(unsigned low, unsigned high, unsigned s) { return (unsigned)(((gl_u64)high << 32 | low) >> (s & 31)); }

// ---- conversions: from floating to integers they saturate, and NaN is 0 (the lowest bit pattern for 64 bits)
#define GL_TO_INTEGER(name, To, From, rounded, low, limit, atNaN)       \
  GL_FUNCTION To name(From given) {                                     \
    if (given != given) return atNaN;                                   \
    From x = rounded;                                                   \
    return x >= (From)(limit) ? (To)~(low) : x <= (From)(low) ? (low) : (To)x; \
  }
#define GL_TO_INTEGERS(prefix, From, floorOf, ceilOf, nearest, truncated, To, suffix, low, limit, atNaN)      \
  GL_TO_INTEGER(prefix##2##suffix##_rz, To, From, truncated(given), low, limit, atNaN)                         \
  GL_TO_INTEGER(prefix##2##suffix##_rn, To, From, nearest(given), low, limit, atNaN)                           \
  GL_TO_INTEGER(prefix##2##suffix##_rd, To, From, floorOf(given), low, limit, atNaN)                           \
  GL_TO_INTEGER(prefix##2##suffix##_ru, To, From, ceilOf(given), low, limit, atNaN)
#define GL_ALL_TO_INTEGERS(prefix, From, floorOf, ceilOf, nearest, truncated)                                                       \
  GL_TO_INTEGERS(prefix, From, floorOf, ceilOf, nearest, truncated, int, int, -2147483647 - 1, 2147483648.0, 0)                     \
  GL_TO_INTEGERS(prefix, From, floorOf, ceilOf, nearest, truncated, unsigned, uint, 0u, 4294967296.0, 0u)                           \
  GL_TO_INTEGERS(prefix, From, floorOf, ceilOf, nearest, truncated, long long, ll, -9223372036854775807ll - 1, 9223372036854775808.0, -9223372036854775807ll - 1) \
  GL_TO_INTEGERS(prefix, From, floorOf, ceilOf, nearest, truncated, unsigned long long, ull, 0ull, 18446744073709551616.0, 0x8000000000000000ull)
GL_ALL_TO_INTEGERS(__float, float, floorf, ceilf, rintf, truncf)
GL_ALL_TO_INTEGERS(__double, double, floor, ceil, rint, trunc)
#define GL_TO_FLOAT(name, From) static inline float __##name##2float_rn(From x) { return (float)x; }
GL_TO_FLOAT(int, int) GL_TO_FLOAT(uint, unsigned) GL_TO_FLOAT(ll, long long) GL_TO_FLOAT(ull, unsigned long long) GL_TO_FLOAT(double, double)
static inline double __int2double_rn(int x) { return x; }
static inline double __uint2double_rn(unsigned x) { return x; }
static inline double __ll2double_rn(long long x) { return (double)x; }
static inline double __ull2double_rn(unsigned long long x) { return (double)x; }
