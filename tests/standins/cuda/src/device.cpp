// Initialisation, devices, primary contexts and the texts of errors.
#include "state.h"

static bool isDevice(int device) { return device >= 0 && device < settings.devices; }

STANDIN_API int cuInit(u32 flags) {
  DRIVER(cuInit, needNothing);
  if (settings.initCode) return settings.initCode;
  if (flags) return invalidValue;
  if (settings.devices <= 0) return noDevice;
  if (!reserveMemory()) return outOfMemory;
  state.initialised = true;
  return success;
}
STANDIN_API int cuDriverGetVersion(int *version) {
  DRIVER(cuDriverGetVersion, needNothing);
  *version = settings.driver;
  return success;
}
STANDIN_API int cuDeviceGetCount(int *count) {
  DRIVER(cuDeviceGetCount, needInit);
  *count = settings.devices;
  return success;
}
STANDIN_API int cuDeviceGet(int *device, int ordinal) {
  DRIVER(cuDeviceGet, needInit);
  if (!isDevice(ordinal)) return invalidDevice;
  *device = ordinal;
  return success;
}
STANDIN_API int cuDeviceGetName(char *text, int size, int device) {
  DRIVER(cuDeviceGetName, needInit);
  if (!isDevice(device)) return invalidDevice;
  snprintf(text, size, "%s %d", settings.name.c_str(), device);
  return success;
}
STANDIN_API int cuDeviceTotalMem_v2(size_t *bytes, int device) {
  DRIVER(cuDeviceTotalMem_v2, needInit);
  if (!isDevice(device)) return invalidDevice;
  *bytes = settings.memory;
  return success;
}
STANDIN_API int cuDeviceGetUuid_v2(u8 *uuid, int device) {
  DRIVER(cuDeviceGetUuid_v2, needInit);
  if (!isDevice(device)) return invalidDevice;
  for (int i = 0; i < 16; i++) uuid[i] = (u8)(16 * device + i);
  return success;
}

int optInShared() {
  int capability = settings.major * 10 + settings.minor;
  return (capability < 80 ? 64 : capability == 80 || capability == 87 ? 163 : capability < 90 || settings.major == 12 ? 99 : 227) << 10;
}
STANDIN_API int cuDeviceGetAttribute(int *value, int attribute, int device) {
  DRIVER(cuDeviceGetAttribute, needInit);
  if (!isDevice(device)) return invalidDevice;
  static const std::map<int, int> known = {
      {1, 1024}, {2, 1024}, {3, 1024}, {4, 64}, {5, 2147483647}, {6, 65535}, {7, 65535}, {8, 48 << 10}, {9, 64 << 10},
      {10, 32}, {11, 2147483647}, {12, 65536}, {13, 1410000}, {14, 512}, {15, 1}, {17, 0}, {18, 0}, {19, 1}, {20, 0},
      {31, 1}, {32, 0}, {33, 1}, {34, 0}, {35, 0}, {36, 1215000}, {37, 5120}, {38, 40 << 20}, {39, 2048}, {40, 3}, {41, 1},
      {50, 0}, {78, 1}, {82, 65536}, {83, 1}, {84, 0}, {86, 0}, {87, 2}, {88, 0}, {89, 1}, {90, 1}, {91, 1}, {95, 1},
      {99, 1}, {100, 0}, {106, 32}, {111, 1024}, {115, 1}};
  auto found = known.find(attribute);
  if (attribute == 16) *value = settings.processors;
  else if (attribute == 75) *value = settings.major;
  else if (attribute == 76) *value = settings.minor;
  else if (attribute == 97) *value = optInShared();
  else if (attribute == 81) *value = optInShared() + 1024;
  else if (found != known.end()) *value = found->second;
  else return invalidValue;
  return success;
}

// A context is told by a number of its own that no other object has.
static void *contextOf(int device) { return (void *)(u64)(0xc0de0000 + device * 16); }

STANDIN_API int cuDevicePrimaryCtxRetain(void **context, int device) {
  DRIVER(cuDevicePrimaryCtxRetain, needInit);
  if (!isDevice(device)) return invalidDevice;
  state.retained[device]++;
  *context = contextOf(device);
  return success;
}
STANDIN_API int cuDevicePrimaryCtxRelease_v2(int device) {
  DRIVER_FREES(cuDevicePrimaryCtxRelease_v2, needInit);
  if (!isDevice(device)) return invalidDevice;
  if (!state.retained[device]) return invalidContext;
  if (--state.retained[device] == 0) {
    runAll();
    forgetMemory(device);
  }
  return injected;
}
STANDIN_API int cuDevicePrimaryCtxSetFlags_v2(int device, u32) {
  DRIVER(cuDevicePrimaryCtxSetFlags_v2, needInit);
  return isDevice(device) ? success : invalidDevice;
}
STANDIN_API int cuDevicePrimaryCtxGetState(int device, u32 *flags, int *active) {
  DRIVER(cuDevicePrimaryCtxGetState, needInit);
  if (!isDevice(device)) return invalidDevice;
  *flags = 0;
  *active = state.retained[device] > 0;
  return success;
}
STANDIN_API int cuCtxSetCurrent(void *context) {
  DRIVER(cuCtxSetCurrent, needInit);
  if (!context) {
    currentDevice = -1;
    return success;
  }
  for (int i = 0; i < settings.devices; i++) {
    if (context != contextOf(i)) continue;
    if (!state.retained[i]) return invalidContext;
    currentDevice = i;
    return success;
  }
  return invalidContext;
}
STANDIN_API int cuCtxGetCurrent(void **context) {
  DRIVER(cuCtxGetCurrent, needInit);
  *context = currentDevice < 0 ? nullptr : contextOf(currentDevice);
  return success;
}
STANDIN_API int cuCtxSynchronize() {
  DRIVER(cuCtxSynchronize, needContext);
  if (int refused = refuseInCapture("cuCtxSynchronize")) return refused;
  return runAll();
}

struct ErrorText {
  int code;
  const char *name, *text;
};
static const ErrorText errorTexts[] = {
    {0, "CUDA_SUCCESS", "no error"},
    {1, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {2, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {3, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {4, "CUDA_ERROR_DEINITIALIZED", "driver shutting down"},
    {34, "CUDA_ERROR_STUB_LIBRARY", "CUDA driver is a stub library"},
    {46, "CUDA_ERROR_DEVICE_UNAVAILABLE", "CUDA-capable device(s) is/are busy or unavailable"},
    {100, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {101, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {200, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {201, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {209, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
    {214, "CUDA_ERROR_ECC_UNCORRECTABLE", "uncorrectable ECC error encountered"},
    {218, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"},
    {220, "CUDA_ERROR_NVLINK_UNCORRECTABLE", "uncorrectable NVLink error detected during the execution"},
    {222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX was compiled with an unsupported toolchain."},
    {400, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {401, "CUDA_ERROR_ILLEGAL_STATE", "the operation cannot be performed in the present state"},
    {500, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {600, "CUDA_ERROR_NOT_READY", "device not ready"},
    {700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {702, "CUDA_ERROR_LAUNCH_TIMEOUT", "the launch timed out and was terminated"},
    {709, "CUDA_ERROR_CONTEXT_IS_DESTROYED", "context is destroyed"},
    {710, "CUDA_ERROR_ASSERT", "device-side assert triggered"},
    {713, "CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED", "pointer does not correspond to a registered memory region"},
    {714, "CUDA_ERROR_HARDWARE_STACK_ERROR", "hardware stack error"},
    {715, "CUDA_ERROR_ILLEGAL_INSTRUCTION", "an illegal instruction was encountered"},
    {716, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"},
    {717, "CUDA_ERROR_INVALID_ADDRESS_SPACE", "operation not supported on global/shared address space"},
    {718, "CUDA_ERROR_INVALID_PC", "invalid program counter"},
    {719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {802, "CUDA_ERROR_SYSTEM_NOT_READY", "system not yet initialized"},
    {803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "system has unsupported display driver / cuda driver combination"},
    {804, "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE", "forward compatibility was attempted on non supported HW"},
    {900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"},
    {901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture"},
    {902, "CUDA_ERROR_STREAM_CAPTURE_MERGE", "operation would result in a merge of separate capture sequences"},
    {903, "CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "capture was not ended in the same stream as it began"},
    {904, "CUDA_ERROR_STREAM_CAPTURE_UNJOINED", "capturing stream has unjoined work"},
    {905, "CUDA_ERROR_STREAM_CAPTURE_ISOLATION", "dependency created on uncaptured work in another stream"},
    {906, "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT", "operation would make the legacy stream depend on a capturing blocking stream"},
    {907, "CUDA_ERROR_CAPTURED_EVENT", "operation not permitted on an event last recorded in a capturing stream"},
    {908, "CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD", "attempt to terminate a thread-local capture sequence from another thread"},
    {910, "CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE", "the graph update was not performed because it included changes which violated constraints specific to instantiated graph update"},
    {999, "CUDA_ERROR_UNKNOWN", "unknown error"},
};
static const ErrorText *errorText(int code) {
  for (const ErrorText &error : errorTexts) if (error.code == code) return &error;
  return nullptr;
}
STANDIN_API int cuGetErrorName(int code, const char **text) {
  const ErrorText *error = errorText(code);
  *text = error ? error->name : nullptr;
  return error ? success : invalidValue;
}
STANDIN_API int cuGetErrorString(int code, const char **text) {
  const ErrorText *error = errorText(code);
  *text = error ? error->text : nullptr;
  return error ? success : invalidValue;
}
