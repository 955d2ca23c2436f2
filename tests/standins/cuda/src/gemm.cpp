// The product of matrices, column by column as BLAS has them: packed panels and a register tile.
#include <algorithm>

#include "state.h"

#pragma GCC push_options
#pragma GCC optimize("O3")

#if defined(__x86_64__)
#define STANDIN_CLONES __attribute__((target_clones("avx2,fma", "default")))
#else
#define STANDIN_CLONES
#endif

// A tile of C: `rows` values down a column, `columns` columns.
template <class T> struct Tile {
  static const int rows = 64 / sizeof(T), columns = 6;
};

// Panels of `width` lines each, step after step of k, the last one filled up with zeros.
template <class T>
static void pack(T *to, const T *from, long lines, long steps, long lineStride, long stepStride, int width) {
  for (long line = 0; line < lines; line += width) {
    int here = (int)std::min<long>(width, lines - line);
    for (long step = 0; step < steps; step++, to += width) {
      const T *source = from + line * lineStride + step * stepStride;
      for (int i = 0; i < here; i++) to[i] = source[i * lineStride];
      for (int i = here; i < width; i++) to[i] = 0;
    }
  }
}

template <class T> static inline __attribute__((always_inline)) void tile(const T *a, const T *b, long steps, T *out) {
  const int rows = Tile<T>::rows, columns = Tile<T>::columns;
  typedef T Half __attribute__((vector_size(32), aligned(sizeof(T)), may_alias));
  Half low[columns] = {}, high[columns] = {};
  for (long step = 0; step < steps; step++, a += rows, b += columns) {
    Half first = *(const Half *)a, second = *(const Half *)(a + rows / 2);
    for (int j = 0; j < columns; j++) {
      low[j] += first * b[j];
      high[j] += second * b[j];
    }
  }
  for (int j = 0; j < columns; j++) {
    *(Half *)(out + j * rows) = low[j];
    *(Half *)(out + j * rows + rows / 2) = high[j];
  }
}
STANDIN_CLONES static void floatTile(const float *a, const float *b, long steps, float *out) { tile(a, b, steps, out); }
STANDIN_CLONES static void doubleTile(const double *a, const double *b, long steps, double *out) { tile(a, b, steps, out); }
static void run(const float *a, const float *b, long steps, float *out) { floatTile(a, b, steps, out); }
static void run(const double *a, const double *b, long steps, double *out) { doubleTile(a, b, steps, out); }

template <class T>
int multiply(bool transA, bool transB, long m, long n, long k, T alpha, const T *a, long lda, const T *b, long ldb, T beta,
             T *c, long ldc) {
  const int rows = Tile<T>::rows, columns = Tile<T>::columns;
  for (long j = 0; j < n; j++)
    for (long i = 0; i < m; i++) c[i + j * ldc] = beta == 0 ? 0 : beta * c[i + j * ldc];
  if (alpha == 0) return success;
  const long depth = 256;
  vector<T> left((size_t)(m + rows) * std::min(depth, k)), right((size_t)(n + columns) * std::min(depth, k));
  T sums[rows * columns];
  for (long from = 0; from < k; from += depth) {
    long steps = std::min(depth, k - from);
    long strideA = transA ? lda : 1, stepA = transA ? 1 : lda, strideB = transB ? 1 : ldb, stepB = transB ? ldb : 1;
    pack(left.data(), a + from * stepA, m, steps, strideA, stepA, rows);
    pack(right.data(), b + from * stepB, n, steps, strideB, stepB, columns);
    for (long j = 0; j < n; j += columns) {
      for (long i = 0; i < m; i += rows) {
        run(left.data() + i * steps, right.data() + j * steps, steps, sums);
        for (long y = 0; y < std::min<long>(columns, n - j); y++)
          for (long x = 0; x < std::min<long>(rows, m - i); x++) c[i + x + (j + y) * ldc] += alpha * sums[y * rows + x];
      }
    }
  }
  return success;
}
template int multiply<float>(bool, bool, long, long, long, float, const float *, long, const float *, long, float, float *, long);
template int multiply<double>(bool, bool, long, long, long, double, const double *, long, const double *, long, double, double *, long);
#pragma GCC pop_options
