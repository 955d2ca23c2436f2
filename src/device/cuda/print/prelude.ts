/**
 * The device functions that printed kernels call, prepended once to a program: what C leaves open or
 * CUDA does in its own way, with the meaning of the scalar table.
 *
 * @module
 */

/** Text that stands before printed kernels, once in a program. */
export const PRELUDE = `
#ifdef __CUDACC_RTC__
// a value that nothing needs once constants are known
#pragma nv_diag_suppress 177
#endif
#define GLISSADE __device__ __forceinline__
// NaN where an operand is NaN; -0 is less than 0
GLISSADE float glissade_max(float a, float b) {
  return a > b ? a : b > a ? b
    : a == b ? __int_as_float(__float_as_int(a) & __float_as_int(b)) : a + b;
}
GLISSADE double glissade_max(double a, double b) {
  return a > b ? a : b > a ? b
    : a == b ? __longlong_as_double(__double_as_longlong(a) & __double_as_longlong(b)) : a + b;
}
GLISSADE float glissade_min(float a, float b) {
  return a < b ? a : b < a ? b
    : a == b ? __int_as_float(__float_as_int(a) | __float_as_int(b)) : a + b;
}
GLISSADE double glissade_min(double a, double b) {
  return a < b ? a : b < a ? b
    : a == b ? __longlong_as_double(__double_as_longlong(a) | __double_as_longlong(b)) : a + b;
}
GLISSADE int glissade_max(int a, int b) { return a > b ? a : b; }
GLISSADE int glissade_min(int a, int b) { return a < b ? a : b; }
GLISSADE unsigned int glissade_max(unsigned int a, unsigned int b) { return a > b ? a : b; }
GLISSADE unsigned int glissade_min(unsigned int a, unsigned int b) { return a < b ? a : b; }
// integers wrap
GLISSADE int glissade_add(int a, int b) { return (int)((unsigned int)a + (unsigned int)b); }
GLISSADE int glissade_sub(int a, int b) { return (int)((unsigned int)a - (unsigned int)b); }
GLISSADE int glissade_mul(int a, int b) { return (int)((unsigned int)a * (unsigned int)b); }
// integer x / 0 and x rem 0 are 0; the least int by -1 wraps
GLISSADE int glissade_div(int a, int b) {
  return b == 0 ? 0 : b == -1 ? (int)(0u - (unsigned int)a) : a / b;
}
GLISSADE int glissade_rem(int a, int b) { return b == 0 || b == -1 ? 0 : a % b; }
GLISSADE unsigned int glissade_div(unsigned int a, unsigned int b) { return b == 0u ? 0u : a / b; }
GLISSADE unsigned int glissade_rem(unsigned int a, unsigned int b) { return b == 0u ? 0u : a % b; }
// shifts by 32 or more give 0, or copies of the sign
GLISSADE int glissade_shl(int a, int b) {
  return (unsigned int)b > 31u ? 0 : (int)((unsigned int)a << (b & 31));
}
GLISSADE int glissade_shr(int a, int b) { return a >> ((unsigned int)b > 31u ? 31 : b); }
GLISSADE unsigned int glissade_shl(unsigned int a, unsigned int b) {
  return b > 31u ? 0u : a << (b & 31u);
}
GLISSADE unsigned int glissade_shr(unsigned int a, unsigned int b) {
  return b > 31u ? 0u : a >> (b & 31u);
}
// floats to integers truncate and saturate; NaN gives 0
GLISSADE int glissade_int(float x) {
  return x != x ? 0 : x >= 2147483648.0f ? 2147483647
    : x <= -2147483648.0f ? -2147483647 - 1 : (int)x;
}
GLISSADE int glissade_int(double x) {
  return x != x ? 0 : x >= 2147483647.0 ? 2147483647
    : x <= -2147483648.0 ? -2147483647 - 1 : (int)x;
}
GLISSADE unsigned int glissade_uint(float x) {
  return !(x > 0.0f) ? 0u : x >= 4294967296.0f ? 4294967295u : (unsigned int)x;
}
GLISSADE unsigned int glissade_uint(double x) {
  return !(x > 0.0) ? 0u : x >= 4294967295.0 ? 4294967295u : (unsigned int)x;
}
GLISSADE unsigned int glissade_byte(float x) {
  return !(x > 0.0f) ? 0u : x >= 255.0f ? 255u : (unsigned int)x;
}
GLISSADE unsigned int glissade_byte(double x) {
  return !(x > 0.0) ? 0u : x >= 255.0 ? 255u : (unsigned int)x;
}
// the sign of a zero or NaN is itself
GLISSADE float glissade_sign(float x) { return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x; }
GLISSADE double glissade_sign(double x) { return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x; }
// 2^n for a whole number whose lowest bits are n plus the bias
GLISSADE float glissade_pow2(float x) { return __int_as_float((int)(__float_as_uint(x) << 23)); }
GLISSADE double glissade_pow2(double x) {
  return __longlong_as_double((long long)((unsigned long long)__double_as_longlong(x) << 52));
}
// a * 2^n, rounded once: n plus twice the bias stands in the lowest bits of b
GLISSADE float glissade_scale(float a, float b) {
  const unsigned int n = __float_as_uint(b), half = n >> 1;
  return a * __int_as_float((int)(half << 23)) * __int_as_float((int)((n - half) << 23));
}
GLISSADE double glissade_scale(double a, double b) {
  const unsigned long long n = (unsigned long long)__double_as_longlong(b), half = n >> 1;
  return a * __longlong_as_double((long long)(half << 52)) *
    __longlong_as_double((long long)((n - half) << 52));
}
GLISSADE float glissade_ldexp(float a, int n) {
  return a * __int_as_float((int)((unsigned int)(n + 127) << 23));
}
GLISSADE double glissade_ldexp(double a, int n) {
  return a * __longlong_as_double((long long)((unsigned long long)(n + 1023) << 52));
}
// a = m * 2^e with m in [0.5, 1), for a that is normal and above 0
GLISSADE int glissade_exponent(float a) { return (int)(__float_as_uint(a) >> 23) - 126; }
GLISSADE int glissade_exponent(double a) {
  return (int)((unsigned long long)__double_as_longlong(a) >> 52) - 1022;
}
GLISSADE float glissade_mantissa(float a) {
  return __int_as_float((__float_as_int(a) & 0x007fffff) | 0x3f000000);
}
GLISSADE double glissade_mantissa(double a) {
  return __longlong_as_double(
    (__double_as_longlong(a) & 0x000fffffffffffffll) | 0x3fe0000000000000ll);
}
// four elements side by side: in one access where all are there and the place allows it
template <class R, class M, class V> GLISSADE void glissade_load4(R* x, const M* p, int n, bool even) {
  if (even && n >= 4) {
    const V v = *(const V*)p;
    x[0] = v.x; x[1] = v.y; x[2] = v.z; x[3] = v.w;
  } else {
    for (int i = 0; i < 4; i++) x[i] = i < n ? p[i] : (M)0;
  }
}
template <class R, class M, class V> GLISSADE void glissade_store4(M* p, const R* x, int n, bool even) {
  if (even && n >= 4) {
    V v;
    v.x = (M)x[0]; v.y = (M)x[1]; v.z = (M)x[2]; v.w = (M)x[3];
    *(V*)p = v;
  } else {
    for (int i = 0; i < 4; i++) if (i < n) p[i] = (M)x[i];
  }
}
GLISSADE void glissade_load(float* x, const float* p, int n, bool even) {
  glissade_load4<float, float, float4>(x, p, n, even);
}
GLISSADE void glissade_load(int* x, const int* p, int n, bool even) {
  glissade_load4<int, int, int4>(x, p, n, even);
}
GLISSADE void glissade_load(unsigned int* x, const unsigned int* p, int n, bool even) {
  glissade_load4<unsigned int, unsigned int, uint4>(x, p, n, even);
}
GLISSADE void glissade_load(unsigned int* x, const unsigned char* p, int n, bool even) {
  glissade_load4<unsigned int, unsigned char, uchar4>(x, p, n, even);
}
GLISSADE void glissade_load(bool* x, const unsigned char* p, int n, bool even) {
  glissade_load4<bool, unsigned char, uchar4>(x, p, n, even);
}
GLISSADE void glissade_load(double* x, const double* p, int n, bool even) {
  if (even && n >= 4) {
    const double2 v = *(const double2*)p, w = *(const double2*)(p + 2);
    x[0] = v.x; x[1] = v.y; x[2] = w.x; x[3] = w.y;
  } else {
    for (int i = 0; i < 4; i++) x[i] = i < n ? p[i] : 0.0;
  }
}
GLISSADE void glissade_store(float* p, const float* x, int n, bool even) {
  glissade_store4<float, float, float4>(p, x, n, even);
}
GLISSADE void glissade_store(int* p, const int* x, int n, bool even) {
  glissade_store4<int, int, int4>(p, x, n, even);
}
GLISSADE void glissade_store(unsigned int* p, const unsigned int* x, int n, bool even) {
  glissade_store4<unsigned int, unsigned int, uint4>(p, x, n, even);
}
GLISSADE void glissade_store(unsigned char* p, const unsigned int* x, int n, bool even) {
  glissade_store4<unsigned int, unsigned char, uchar4>(p, x, n, even);
}
GLISSADE void glissade_store(unsigned char* p, const bool* x, int n, bool even) {
  glissade_store4<bool, unsigned char, uchar4>(p, x, n, even);
}
GLISSADE void glissade_store(double* p, const double* x, int n, bool even) {
  if (even && n >= 4) {
    double2 v, w;
    v.x = x[0]; v.y = x[1]; w.x = x[2]; w.y = x[3];
    *(double2*)p = v;
    *(double2*)(p + 2) = w;
  } else {
    for (int i = 0; i < 4; i++) if (i < n) p[i] = x[i];
  }
}
// unsigned keys in the order of sorting: -0 is 0, NaN comes last
GLISSADE unsigned int glissade_key(unsigned char x) { return x; }
GLISSADE unsigned int glissade_key(unsigned int x) { return x; }
GLISSADE unsigned int glissade_key(int x) { return (unsigned int)x ^ 0x80000000u; }
GLISSADE unsigned int glissade_key(float x) {
  const unsigned int b = __float_as_uint(x + 0.0f);
  return x != x ? 0xffffffffu : (b & 0x80000000u) != 0u ? ~b : b | 0x80000000u;
}
GLISSADE unsigned long long glissade_key(double x) {
  const unsigned long long b = (unsigned long long)__double_as_longlong(x + 0.0);
  return x != x ? ~0ull : (b & 0x8000000000000000ull) != 0ull ? ~b : b | 0x8000000000000000ull;
}
// whether an address may take part in accesses to 16 bytes
GLISSADE bool glissade_even(const void* p) { return ((unsigned long long)p & 15ull) == 0ull; }
`;
