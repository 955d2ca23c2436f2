// cuBLAS' face: handles, checks of arguments and operands, and products put into the handle's stream.
#include <algorithm>

#include "state.h"

enum BlasStatus { blasSuccess = 0, blasNotInitialised = 1, blasAllocFailed = 3, blasInvalidValue = 7, blasExecutionFailed = 13, blasInternal = 14, blasNotSupported = 15 };

static int blasCode(int code) {
  if (code == outOfMemory) return blasAllocFailed;
  return code > 16 ? (int)blasExecutionFailed : code;
}
static int blasGate(const char *name, Blas *handle, bool creates = false, int *injected = nullptr) {
  readSettings();
  if (int code = plannedFailure(name)) {
    if (isSticky(code)) state.sticky = code;
    if (!injected) return blasCode(code);
    *injected = blasCode(code);
  }
  if (!state.initialised || currentDevice < 0) return blasNotInitialised;
  if (!creates && !state.handles.count(handle)) return blasNotInitialised;
  return state.sticky && !injected ? (int)blasExecutionFailed : (int)blasSuccess;
}
#define CUBLAS(name)                                       \
  std::lock_guard<std::recursive_mutex> lock(state.mutex); \
  if (int refused = blasGate(#name, handle)) return refused

STANDIN_API int cublasCreate_v2(Blas **out) {
  std::lock_guard<std::recursive_mutex> lock(state.mutex);
  if (int refused = blasGate("cublasCreate_v2", nullptr, true)) return refused;
  if (refuseInCapture("cublasCreate")) return blasInternal;
  Blas *handle = new Blas;
  handle->device = currentDevice;
  state.handles.insert(handle);
  *out = handle;
  return blasSuccess;
}
STANDIN_API int cublasDestroy_v2(Blas *handle) {
  std::lock_guard<std::recursive_mutex> lock(state.mutex);
  int injected = 0;
  if (int refused = blasGate("cublasDestroy_v2", handle, false, &injected)) return refused;
  runAll();
  state.handles.erase(handle);
  delete handle;
  return injected;
}
STANDIN_API int cublasGetVersion_v2(Blas *, int *version) {
  readSettings();
  *version = settings.nvrtcMajor * 10000 + settings.nvrtcMinor * 100;
  return blasSuccess;
}
STANDIN_API int cublasGetProperty(int which, int *value) {
  readSettings();
  if (which < 0 || which > 2) return blasInvalidValue;
  *value = which == 0 ? settings.nvrtcMajor : which == 1 ? settings.nvrtcMinor : 0;
  return blasSuccess;
}
STANDIN_API const char *cublasGetStatusString(int status) {
  switch (status) {
    case 0: return "success";
    case 1: return "the library was not initialized";
    case 3: return "the resource allocation failed";
    case 7: return "an unsupported value or parameter was passed to the function";
    case 8: return "an absent device architectural feature is required";
    case 11: return "an access to GPU memory space failed";
    case 13: return "the function failed to launch on the GPU";
    case 14: return "an internal operation failed";
    case 15: return "the requested functionality is not supported";
    case 16: return "the license check failed";
    default: return "unrecognized status";
  }
}
// Setting the stream also takes the workspace back to the default one.
STANDIN_API int cublasSetStream_v2(Blas *handle, void *streamHandle) {
  CUBLAS(cublasSetStream_v2);
  Stream *stream = streamOf(streamHandle);
  if (!stream) return blasInvalidValue;
  handle->stream = stream;
  handle->workspace = handle->workspaceBytes = 0;
  return blasSuccess;
}
STANDIN_API int cublasSetWorkspace_v2(Blas *handle, Address at, size_t bytes) {
  CUBLAS(cublasSetWorkspace_v2);
  if (at & 255 || checkSpan(at, bytes, "cublasSetWorkspace", false)) return blasInvalidValue;
  handle->workspace = at;
  handle->workspaceBytes = bytes;
  return blasSuccess;
}
STANDIN_API int cublasSetMathMode(Blas *handle, int mode) {
  CUBLAS(cublasSetMathMode);
  int base = mode & 15;
  if (mode & ~31 || (base != 0 && base != 1 && base != 2 && base != 3)) return blasInvalidValue;
  handle->mathMode = mode;
  return blasSuccess;
}
STANDIN_API int cublasGetMathMode(Blas *handle, int *mode) {
  CUBLAS(cublasGetMathMode);
  *mode = handle->mathMode;
  return blasSuccess;
}
STANDIN_API int cublasSetPointerMode_v2(Blas *handle, int mode) {
  CUBLAS(cublasSetPointerMode_v2);
  if (mode != 0 && mode != 1) return blasInvalidValue;
  handle->pointerMode = mode;
  return blasSuccess;
}
STANDIN_API int cublasSetAtomicsMode(Blas *handle, int mode) {
  CUBLAS(cublasSetAtomicsMode);
  handle->atomics = mode;
  return blasSuccess;
}

struct Matrix {
  Address at;
  long ld;
  long long stride;
};
struct Product {
  const char *name;
  int transA, transB;
  long m, n, k, batch;
  Matrix a, b, c;
  bool reduced;  // TF32
};

// Ten bits of mantissa, to nearest.
static float toTf32(float value) {
  u32 bits;
  memcpy(&bits, &value, 4);
  if ((bits & 0x7f800000) != 0x7f800000) bits = (bits + 0xfff + (bits >> 13 & 1)) & ~0x1fffu;
  memcpy(&value, &bits, 4);
  return value;
}
template <class T> static const T *reducedCopy(const T *from, long rows, long columns, long ld, vector<T> &to) {
  to.resize((size_t)ld * columns);
  for (long j = 0; j < columns; j++)
    for (long i = 0; i < rows; i++) to[i + j * ld] = (T)toTf32((float)from[i + j * ld]);
  return to.data();
}
static int touchMatrix(const Product &product, const char *which, Address at, long rows, long columns, long ld, u64 size, Access access) {
  string what = format("%s operand %s", product.name, which);
  if (ld == rows) return touchSpan(at, (u64)rows * columns * size, what.c_str(), access);
  for (long j = 0; j < columns; j++) {
    if (int wrong = touchSpan(at + (u64)j * ld * size, rows * size, what.c_str(), access)) return wrong;
  }
  return success;
}
template <class T> static int runProduct(const Product &product, T alpha, T beta) {
  const Product &p = product;
  long rowsA = p.transA ? p.k : p.m, columnsA = p.transA ? p.m : p.k, rowsB = p.transB ? p.n : p.k, columnsB = p.transB ? p.k : p.n;
  for (long i = 0; i < p.batch; i++) {
    Address a = p.a.at + i * p.a.stride * sizeof(T), b = p.b.at + i * p.b.stride * sizeof(T), c = p.c.at + i * p.c.stride * sizeof(T);
    int wrong = success;
    if (alpha != 0 && p.k) {
      wrong = touchMatrix(p, "A", a, rowsA, columnsA, p.a.ld, sizeof(T), toRead);
      if (!wrong) wrong = touchMatrix(p, "B", b, rowsB, columnsB, p.b.ld, sizeof(T), toRead);
    }
    if (!wrong && beta != 0) wrong = touchMatrix(p, "C", c, p.m, p.n, p.c.ld, sizeof(T), toRead);
    if (!wrong) wrong = touchMatrix(p, "C", c, p.m, p.n, p.c.ld, sizeof(T), toWrite);
    if (wrong) return wrong;
    const T *left = (const T *)a, *right = (const T *)b;
    vector<T> leftCopy, rightCopy;
    if (p.reduced && alpha != 0 && p.k) {
      left = reducedCopy(left, rowsA, columnsA, p.a.ld, leftCopy);
      right = reducedCopy(right, rowsB, columnsB, p.b.ld, rightCopy);
    }
    multiply<T>(p.transA, p.transB, p.m, p.n, p.k, alpha, left, p.a.ld, right, p.b.ld, beta, (T *)c, p.c.ld);
  }
  return success;
}
template <class T> static int submitProduct(Blas *handle, const Product &p, const T *alpha, const T *beta) {
  bool fine = p.m >= 0 && p.n >= 0 && p.k >= 0 && p.batch >= 0 && alpha && beta && p.transA >= 0 && p.transA <= 2 && p.transB >= 0 &&
              p.transB <= 2 && p.a.ld >= std::max(1l, p.transA ? p.k : p.m) && p.b.ld >= std::max(1l, p.transB ? p.n : p.k) &&
              p.c.ld >= std::max(1l, p.m);
  if (!fine) {
    say(format("%s: bad argument: transa %d transb %d m %ld n %ld k %ld lda %ld ldb %ld ldc %ld batch %ld", p.name, p.transA,
               p.transB, p.m, p.n, p.k, p.a.ld, p.b.ld, p.c.ld, p.batch));
    return blasInvalidValue;
  }
  if (!p.m || !p.n || !p.batch) return blasSuccess;
  Stream *stream = handle->stream ? handle->stream : state.legacy[handle->device];
  if (stream == (Stream *)-1) {
    say(format("%s: the handle's stream was destroyed", p.name));
    return blasExecutionFailed;
  }
  if (p.reduced) say(format("%s: TF32", p.name));
  if (stream->capture && !handle->workspace) {
    say(format("%s: captured without a workspace of its own: cublasSetWorkspace after cublasSetStream", p.name));
  }
  bool fromDevice = handle->pointerMode == 1;
  T alphaValue = fromDevice ? T(0) : *alpha, betaValue = fromDevice ? T(0) : *beta;
  Address workspace = handle->workspace;
  u64 workspaceBytes = handle->workspaceBytes;
  int failed = submit(stream, p.name, [=] {
    if (workspace && touchSpan(workspace, std::min<u64>(workspaceBytes, 256), "cuBLAS workspace", toWrite)) return (int)illegalAddress;
    if (!fromDevice) return runProduct<T>(p, alphaValue, betaValue);
    if (touchSpan((Address)alpha, sizeof(T), "cuBLAS alpha", toRead)) return (int)illegalAddress;
    if (touchSpan((Address)beta, sizeof(T), "cuBLAS beta", toRead)) return (int)illegalAddress;
    return runProduct<T>(p, *alpha, *beta);
  });
  return failed ? blasExecutionFailed : blasSuccess;
}
static bool tf32(const Blas *handle) { return (handle->mathMode & 15) == 3; }

#define STANDIN_GEMM(name, T, Int, low)                                                                                     \
  STANDIN_API int name(Blas *handle, int transA, int transB, Int m, Int n, Int k, const T *alpha, Address a, Int lda,       \
                       Address b, Int ldb, const T *beta, Address c, Int ldc) {                                             \
    CUBLAS(name);                                                                                                           \
    return submitProduct<T>(handle, {#name, transA, transB, m, n, k, 1, {a, lda, 0}, {b, ldb, 0}, {c, ldc, 0}, low}, alpha, \
                            beta);                                                                                          \
  }
STANDIN_GEMM(cublasSgemm_v2, float, int, tf32(handle))
STANDIN_GEMM(cublasDgemm_v2, double, int, false)
STANDIN_GEMM(cublasSgemm_v2_64, float, int64_t, tf32(handle))
STANDIN_GEMM(cublasDgemm_v2_64, double, int64_t, false)

#define STANDIN_BATCHED(name, T, Int, low)                                                                               \
  STANDIN_API int name(Blas *handle, int transA, int transB, Int m, Int n, Int k, const T *alpha, Address a, Int lda,    \
                       long long strideA, Address b, Int ldb, long long strideB, const T *beta, Address c, Int ldc,      \
                       long long strideC, Int batch) {                                                                   \
    CUBLAS(name);                                                                                                        \
    return submitProduct<T>(                                                                                             \
        handle, {#name, transA, transB, m, n, k, batch, {a, lda, strideA}, {b, ldb, strideB}, {c, ldc, strideC}, low},   \
        alpha, beta);                                                                                                    \
  }
STANDIN_BATCHED(cublasSgemmStridedBatched, float, int, tf32(handle))
STANDIN_BATCHED(cublasDgemmStridedBatched, double, int, false)
STANDIN_BATCHED(cublasSgemmStridedBatched_64, float, int64_t, tf32(handle))
STANDIN_BATCHED(cublasDgemmStridedBatched_64, double, int64_t, false)

static int submitTyped(Blas *handle, Product p, const void *alpha, const void *beta, int typeA, int typeB, int typeC, int compute) {
  const int float32 = 0, float64 = 1;
  if (typeA != typeB || typeA != typeC) return blasNotSupported;
  if (typeA == float32 && (compute == 68 || compute == 69 || compute == 77)) {
    p.reduced = compute == 77 || (compute == 68 && tf32(handle));
    return submitProduct<float>(handle, p, (const float *)alpha, (const float *)beta);
  }
  if (typeA == float64 && (compute == 70 || compute == 71)) {
    return submitProduct<double>(handle, p, (const double *)alpha, (const double *)beta);
  }
  return blasNotSupported;
}
#define STANDIN_TYPED(name, Int)                                                                                           \
  STANDIN_API int name(Blas *handle, int transA, int transB, Int m, Int n, Int k, const void *alpha, Address a, int typeA, \
                       Int lda, Address b, int typeB, Int ldb, const void *beta, Address c, int typeC, Int ldc,            \
                       int compute, int) {                                                                                 \
    CUBLAS(name);                                                                                                          \
    return submitTyped(handle, {#name, transA, transB, m, n, k, 1, {a, lda, 0}, {b, ldb, 0}, {c, ldc, 0}, false}, alpha,   \
                       beta, typeA, typeB, typeC, compute);                                                                \
  }
STANDIN_TYPED(cublasGemmEx, int)
STANDIN_TYPED(cublasGemmEx_64, int64_t)
#define STANDIN_TYPED_BATCHED(name, Int)                                                                                   \
  STANDIN_API int name(Blas *handle, int transA, int transB, Int m, Int n, Int k, const void *alpha, Address a, int typeA, \
                       Int lda, long long strideA, Address b, int typeB, Int ldb, long long strideB, const void *beta,     \
                       Address c, int typeC, Int ldc, long long strideC, Int batch, int compute, int) {                    \
    CUBLAS(name);                                                                                                          \
    return submitTyped(                                                                                                    \
        handle, {#name, transA, transB, m, n, k, batch, {a, lda, strideA}, {b, ldb, strideB}, {c, ldc, strideC}, false},   \
        alpha, beta, typeA, typeB, typeC, compute);                                                                        \
  }
STANDIN_TYPED_BATCHED(cublasGemmStridedBatchedEx, int)
STANDIN_TYPED_BATCHED(cublasGemmStridedBatchedEx_64, int64_t)
