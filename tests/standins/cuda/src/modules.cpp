// Modules, functions and launches. An image is text, so it may be kept in a file like a real one.
#include <dlfcn.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "image.h"
#include "state.h"

static bool rangeOf(void *symbol, Module *module) {
  struct Search {
    u64 symbol;
    Module *module;
  } search = {(u64)symbol, module};
  return dl_iterate_phdr(
      [](dl_phdr_info *info, size_t, void *data) {
        Search *search = (Search *)data;
        u64 low = ~0ull, high = 0;
        for (int i = 0; i < info->dlpi_phnum; i++) {
          const auto &part = info->dlpi_phdr[i];
          if (part.p_type != PT_LOAD) continue;
          low = std::min<u64>(low, info->dlpi_addr + part.p_vaddr);
          high = std::max<u64>(high, info->dlpi_addr + part.p_vaddr + part.p_memsz);
        }
        if (search->symbol < low || search->symbol >= high) return 0;
        search->module->low = (char *)low;
        search->module->high = (char *)high;
        return 1;
      },
      &search);
}

// What the driver that the settings describe says to this image.
static int refuseImage(const Image &image) {
  int capability = settings.major * 10 + settings.minor;
  if (image.isPtx) {
    if (image.major * 1000 + image.minor * 10 > settings.driver) {
      say(format("PTX of NVRTC %d.%d on a driver for CUDA %d.%d", image.major, image.minor, settings.driver / 1000,
                 settings.driver % 1000 / 10));
      return unsupportedPtxVersion;
    }
    return image.arch > capability ? noBinaryForGpu : success;
  }
  if (image.major > settings.driver / 1000) return invalidImage;
  return image.arch / 10 != settings.major || image.arch > capability ? noBinaryForGpu : success;
}

static int loadModule(void **out, const void *data) {
  if (int refused = refuseInCapture("cuModuleLoadData")) return refused;
  Image image;
  if (!data || !readImage((const char *)data, &image)) {
    say("cuModuleLoadData: this is no image, or its bytes have changed");
    return invalidImage;
  }
  if (int refused = refuseImage(image)) return refused;
  string log, object = objectOf(image.text, &log);
  if (object.empty()) {
    say("cuModuleLoadData: " + log);
    return invalidImage;
  }
  // The loader tells libraries apart by name: the file stays open, so that no other one has its name.
  int file = memfd_create("kernels", MFD_CLOEXEC);
  if (file < 0 || write(file, object.data(), object.size()) != (ssize_t)object.size()) {
    if (file >= 0) close(file);
    return outOfMemory;
  }
  Module *module = new Module{dlopen(format("/proc/self/fd/%d", file).c_str(), RTLD_NOW | RTLD_LOCAL), file, currentDevice,
                              nullptr, nullptr, nullptr, nullptr, {}};
  if (module->handle) {
    module->ids = (GlIds *)dlsym(module->handle, "gl_ids");
    module->bind = (void (*)(GlRuntime *))dlsym(module->handle, "gl_bind");
  }
  if (!module->handle || !module->ids || !module->bind || !rangeOf((void *)module->ids, module)) {
    const char *why = dlerror();
    say(format("cuModuleLoadData: %s", why ? why : "the object lacks its entries"));
    close(file);
    delete module;
    return invalidImage;
  }
  state.modules.insert(module);
  *out = module;
  return success;
}
STANDIN_API int cuModuleLoadData(void **out, const void *data) {
  DRIVER(cuModuleLoadData, needContext);
  return loadModule(out, data);
}
STANDIN_API int cuModuleLoadDataEx(void **out, const void *data, u32 count, int *options, void **values) {
  DRIVER(cuModuleLoadDataEx, needContext);
  int failed = loadModule(out, data);
  const int errorLog = 5, errorLogBytes = 6;
  char *log = nullptr;
  u64 bytes = 0;
  for (u32 i = 0; i < count; i++) {
    if (options[i] == errorLog) log = (char *)values[i];
    if (options[i] == errorLogBytes) bytes = (u64)values[i];
  }
  if (log && bytes) snprintf(log, bytes, "%s", failed ? format("ptxas fatal: image refused with error %d", failed).c_str() : "");
  return failed;
}
STANDIN_API int cuModuleUnload(void *handle) {
  DRIVER_FREES(cuModuleUnload, needContext);
  Module *module = (Module *)handle;
  if (!state.modules.count(module)) return invalidHandle;
  if (int refused = refuseInCapture("cuModuleUnload")) return refused;
  runAll();
  for (auto &[name, function] : module->functions) {
    state.functions.erase(function);
    delete function;
  }
  state.modules.erase(module);
  dlclose(module->handle);
  close(module->file);
  delete module;
  return injected;
}
STANDIN_API int cuModuleGetFunction(void **out, void *handle, const char *name) {
  DRIVER(cuModuleGetFunction, needContext);
  Module *module = (Module *)handle;
  if (!state.modules.count(module)) return invalidHandle;
  Function *&function = module->functions[name];
  if (!function) {
    auto meta = (const int *)dlsym(module->handle, (string("gl_meta_") + name).c_str());
    auto run = (void (*)(void **))dlsym(module->handle, (string("gl_run_") + name).c_str());
    if (!meta || !run) {
      module->functions.erase(name);
      return notFound;
    }
    function = new Function{module, name, run, vector<int>(meta + 2, meta + 2 + meta[1]), meta[0]};
    state.functions.insert(function);
  }
  *out = function;
  return success;
}

STANDIN_API int cuFuncSetAttribute(void *handle, int attribute, int value) {
  DRIVER(cuFuncSetAttribute, needContext);
  Function *function = (Function *)handle;
  if (!state.functions.count(function)) return invalidHandle;
  if (attribute == 9) return value >= -1 && value <= 100 ? success : invalidValue;
  if (attribute != 8 || value < 0 || value > optInShared()) return invalidValue;
  function->dynamicLimit = value;
  return success;
}
STANDIN_API int cuFuncGetAttribute(int *value, int attribute, void *handle) {
  DRIVER(cuFuncGetAttribute, needContext);
  Function *function = (Function *)handle;
  if (!state.functions.count(function)) return invalidHandle;
  int capability = settings.major * 10 + settings.minor;
  switch (attribute) {
    case 0: *value = function->maxThreads; return success;
    case 1: *value = (int)function->sharedSum; return success;
    case 2: case 3: case 7: *value = 0; return success;
    case 4: *value = 32; return success;
    case 5: case 6: *value = capability; return success;
    case 8: *value = function->dynamicLimit; return success;
    default: return invalidValue;
  }
}

// ---- launches
int checkLaunch(const Node &node) {
  const Function *function = node.function;
  const u32 *grid = node.grid, *block = node.block;
  u64 threads = (u64)block[0] * block[1] * block[2];
  string why;
  if (!threads || !grid[0] || !grid[1] || !grid[2]) why = "an empty grid or block";
  else if (threads > 1024 || block[0] > 1024 || block[1] > 1024 || block[2] > 64) why = "more threads than a block may have";
  else if (grid[0] > 2147483647u || grid[1] > 65535 || grid[2] > 65535) why = "more blocks than a grid may have";
  else if (threads > (u64)function->maxThreads) why = format("__launch_bounds__ %d", function->maxThreads);
  else if ((int64_t)node.sharedBytes > function->dynamicLimit) why = format("a limit of %d bytes of dynamic shared memory", function->dynamicLimit);
  if (why.empty()) return success;
  say(format("launch of %s with grid %u,%u,%u, block %u,%u,%u and %u bytes: %s", function->name.c_str(), grid[0], grid[1],
             grid[2], block[0], block[1], block[2], node.sharedBytes, why.c_str()));
  return invalidValue;
}
int packArguments(Node &node, void **parameters, void **extra) {
  const Function *function = node.function;
  node.arguments.clear();
  node.offsets.clear();
  if (extra) {
    say("launch: the stand-in takes arguments as kernelParams only");
    return invalidValue;
  }
  for (size_t i = 0; i < function->sizes.size(); i++) {
    if (!parameters || !parameters[i]) return invalidValue;
    size_t bytes = function->sizes[i] & 0xffff, place = (node.arguments.size() + bytes - 1) / bytes * bytes;
    node.arguments.resize(place + bytes);
    memcpy(node.arguments.data() + place, parameters[i], bytes);
    node.offsets.push_back((u32)place);
  }
  return success;
}
STANDIN_API int cuLaunchKernel(void *handle, u32 gridX, u32 gridY, u32 gridZ, u32 blockX, u32 blockY, u32 blockZ,
                               u32 sharedBytes, void *streamHandle, void **parameters, void **extra) {
  DRIVER(cuLaunchKernel, needContext);
  Function *function = (Function *)handle;
  Stream *stream = streamOf(streamHandle);
  if (!state.functions.count(function) || !stream) {
    say("cuLaunchKernel: unknown function or stream");
    return invalidHandle;
  }
  if (function->module->device != stream->device) {
    say("cuLaunchKernel: function and stream are of two devices");
    return invalidHandle;
  }
  std::unique_ptr<Node> node(new Node());
  node->function = function;
  u32 sizes[] = {gridX, gridY, gridZ, blockX, blockY, blockZ};
  memcpy(node->grid, sizes, 12);
  memcpy(node->block, sizes + 3, 12);
  node->sharedBytes = sharedBytes;
  if (int wrong = checkLaunch(*node)) return wrong;
  if (int wrong = packArguments(*node, parameters, extra)) return wrong;
  if (stream->capture) return submit(stream, "cuLaunchKernel", nullptr, std::move(node));
  std::shared_ptr<Node> kept(std::move(node));
  return submit(stream, "cuLaunchKernel", [kept] { return runKernel(*kept); });
}
