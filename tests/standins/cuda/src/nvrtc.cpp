// The compiler's face: options and architectures as the real one takes them, g++ behind it, objects kept by hash.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <sstream>

#include "image.h"
#include "state.h"

enum NvrtcResult { nvrtcOutOfMemory = 1, nvrtcInvalidInput = 3, nvrtcInvalidProgram = 4, nvrtcInvalidOption = 5, nvrtcCompilation = 6, nvrtcBuiltin = 7, nvrtcInternal = 11 };

static int nvrtcGate(const char *name, bool frees = false, int *injected = nullptr) {
  readSettings();
  int code = plannedFailure(name);
  if (code >= 12) code = nvrtcInternal;
  else if (code == outOfMemory) code = nvrtcOutOfMemory;
  if (!frees) return code;
  *injected = code;
  return success;
}
#define NVRTC(name)                                        \
  std::lock_guard<std::recursive_mutex> lock(state.mutex); \
  if (int refused = nvrtcGate(#name)) return refused

static vector<int> architectures() {
  if (settings.nvrtcMajor >= 13) return {75, 80, 86, 87, 88, 89, 90, 100, 103, 110, 120, 121};
  vector<int> all = {50, 52, 53, 60, 61, 62, 70, 72, 75, 80, 86, 87, 89, 90};
  if (settings.nvrtcMinor >= 8) all.insert(all.end(), {100, 101, 103, 120, 121});
  return all;
}
static string readAll(const string &path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

STANDIN_API int nvrtcVersion(int *major, int *minor) {
  NVRTC(nvrtcVersion);
  *major = settings.nvrtcMajor;
  *minor = settings.nvrtcMinor;
  return success;
}
STANDIN_API const char *nvrtcGetErrorString(int result) {
  static const char *names[] = {"NVRTC_SUCCESS", "NVRTC_ERROR_OUT_OF_MEMORY", "NVRTC_ERROR_PROGRAM_CREATION_FAILURE",
                                "NVRTC_ERROR_INVALID_INPUT", "NVRTC_ERROR_INVALID_PROGRAM", "NVRTC_ERROR_INVALID_OPTION",
                                "NVRTC_ERROR_COMPILATION", "NVRTC_ERROR_BUILTIN_OPERATION_FAILURE"};
  return result >= 0 && result < 8 ? names[result] : result == nvrtcInternal ? "NVRTC_ERROR_INTERNAL_ERROR" : "NVRTC_ERROR unknown";
}
STANDIN_API int nvrtcGetNumSupportedArchs(int *count) {
  NVRTC(nvrtcGetNumSupportedArchs);
  *count = (int)architectures().size();
  return success;
}
STANDIN_API int nvrtcGetSupportedArchs(int *list) {
  NVRTC(nvrtcGetSupportedArchs);
  for (int arch : architectures()) *list++ = arch;
  return success;
}
STANDIN_API int nvrtcCreateProgram(Program **out, const char *source, const char *name, int headers, const char **, const char **) {
  NVRTC(nvrtcCreateProgram);
  if (!out || !source || headers < 0) return nvrtcInvalidInput;
  if (headers) {
    say("nvrtcCreateProgram: the stand-in takes no headers");
    return nvrtcInvalidInput;
  }
  Program *program = new Program;
  program->source = source;
  program->name = name ? name : "default_program";
  state.programs.insert(program);
  *out = program;
  return success;
}
STANDIN_API int nvrtcDestroyProgram(Program **program) {
  std::lock_guard<std::recursive_mutex> lock(state.mutex);
  int injected = 0;
  nvrtcGate("nvrtcDestroyProgram", true, &injected);
  if (!program || !state.programs.count(*program)) return nvrtcInvalidProgram;
  state.programs.erase(*program);
  delete *program;
  *program = nullptr;
  return injected;
}

struct Options {
  string arch = "compute_75", flags;
  bool contract = true;
};
static bool begins(const string &text, const char *with) { return text.compare(0, strlen(with), with) == 0; }

static bool takeOption(const string &given, Options &options) {
  string text = begins(given, "--") ? given.substr(1) : given;
  size_t equals = text.find('=');
  string name = text.substr(0, equals), value = equals == string::npos ? "" : text.substr(equals + 1);
  if (name == "-gpu-architecture" || name == "-arch") {
    options.arch = value;
    return true;
  }
  if (name == "-fmad") {
    options.contract = value == "true";
    return value == "true" || value == "false";
  }
  if (begins(text, "-D") || name == "-define-macro") {
    options.flags += " '-D" + (name == "-define-macro" ? value : text.substr(2)) + "'";
    return text.find('\'') == string::npos;
  }
  if (name == "-minimal") return settings.nvrtcMajor > 12 || settings.nvrtcMinor >= 8;
  static const std::set<string> plain = {"-default-device", "-device-as-default-execution-space", "-lineinfo",
                                         "-generate-line-info", "-restrict", "-use_fast_math", "-w", "-disable-warnings",
                                         "-extra-device-vectorization", "-no-cache", "-std", "-maxrregcount", "-ftz",
                                         "-prec-div", "-prec-sqrt", "-ptxas-options", "-split-compile", "-Ofast-compile"};
  return plain.count(name);
}

// Runs g++ and gives what it made, or nothing with its messages. Several threads may be here.
static string compileObject(const string &text, const string &flags, string *log) {
  const string helpers = readAll(settings.folder + "/prelude.h") + readAll(settings.folder + "/runtime.h");
  uint64_t hash = hashOf(settings.compiler, hashOf(flags, hashOf(helpers, hashOf(text))));
  string base = settings.cache + format("/%016llx", (unsigned long long)hash), kept = base + ".so";
  string object = readAll(kept);
  if (!object.empty()) return object;
  static std::atomic<int> made{0};
  string mine = base + format(".%d.%p.%d", getpid(), (void *)&settings, made++);
  std::ofstream(mine + ".cc") << text;
  // The linker must not hear of sanitizers, whose libraries it would add; asked without g++ it takes a third of the time.
  string objects = "'" + mine + ".o' '" + settings.folder + "/hooks.o' -lm -lc", messages = "2>'" + mine + ".log'";
  string command = settings.compiler + flags + " -c -o '" + mine + ".o' '" + mine + ".cc' " + messages + " && " +
                   "{ ld -shared --no-undefined -o '" + mine + ".so' " + objects + " 2>/dev/null || " + settings.compiler +
                   " -shared -Wl,--no-undefined -o '" + mine + ".so' " + objects + " " + messages + "; }";
  bool failed = system(command.c_str()) != 0;
  *log = readAll(mine + ".log");
  object = failed ? "" : readAll(mine + ".so");
  for (const char *end : {".cc", ".o", ".log"}) unlink((mine + end).c_str());
  if (failed) unlink((mine + ".so").c_str());
  else rename((mine + ".so").c_str(), kept.c_str());
  return object;
}

static string compilerFlags(const string &options) {
  string flags = " -std=gnu++17 -fPIC -fvisibility=hidden -fno-exceptions -fno-rtti -fno-strict-aliasing -fwrapv -w"
                 " -fno-math-errno -fno-trapping-math -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns"
                 " -fno-diagnostics-show-caret -fmax-errors=20";
#if defined(__x86_64__)
  if (__builtin_cpu_supports("fma")) flags += " -mfma";
#endif
  flags += settings.checked ? " -O1 -DGL_CHECKED -fsanitize=thread --param tsan-instrument-func-entry-exit=0"
                              " -fsanitize=alignment,integer-divide-by-zero,shift,float-cast-overflow"
                            : " -O2";
  return flags + " -include '" + settings.folder + "/prelude.h'" + options;
}
// The object of an image's text, as the settings want it now.
string objectOf(const string &text, string *log) {
  size_t end = text.find('\n');
  return end == string::npos ? "" : compileObject(text.substr(end + 1), compilerFlags(text.substr(0, end)), log);
}

STANDIN_API int nvrtcCompileProgram(Program *program, int count, const char **given) {
  std::unique_lock<std::recursive_mutex> lock(state.mutex);
  if (int refused = nvrtcGate("nvrtcCompileProgram")) return refused;
  if (!state.programs.count(program)) return nvrtcInvalidProgram;
  program->log.clear();
  program->compiled = false;
  if (!settings.builtins) {
    program->log = format("nvrtc: error: failed to open libnvrtc-builtins.so.%d.%d.\n  Make sure that "
                          "libnvrtc-builtins.so.%d.%d is installed correctly.\n",
                          settings.nvrtcMajor, settings.nvrtcMinor, settings.nvrtcMajor, settings.nvrtcMinor);
    return nvrtcBuiltin;
  }
  Options options;
  for (int i = 0; i < count; i++) {
    if (takeOption(given[i], options)) continue;
    program->log = format("nvrtc: error: unrecognized option %s found\n", given[i]);
    return nvrtcInvalidOption;
  }
  bool virtualOnly = begins(options.arch, "compute_");
  int arch = 0;
  char rest = 0;
  sscanf(options.arch.c_str(), virtualOnly ? "compute_%d%c" : "sm_%d%c", &arch, &rest);
  vector<int> known = architectures();
  if (rest == 'a' || rest == 'f') rest = arch >= 90 ? 0 : rest;
  if (rest || std::find(known.begin(), known.end(), arch) == known.end()) {
    program->log = "nvrtc: error: invalid value for --gpu-architecture (-arch)\n";
    return nvrtcInvalidOption;
  }
  string error, text = rewriteDialect(program->source, program->name, &error);
  if (!error.empty()) {
    program->log = error + "\n";
    return nvrtcCompilation;
  }
  text = (options.contract ? " -ffp-contract=fast" : " -ffp-contract=off") + options.flags + "\n#line 1 \"" + program->name +
         "\"\n" + text;
  string log;
  lock.unlock();  // other threads go on while g++ works
  bool compiled = !objectOf(text, &log).empty();
  lock.lock();
  program->log = log;
  if (!compiled) return nvrtcCompilation;
  Image image = {true, arch, settings.nvrtcMajor, settings.nvrtcMinor, text};
  program->ptx = writeImage(image);
  image.isPtx = false;
  program->cubin = virtualOnly ? "" : writeImage(image);
  program->compiled = true;
  return success;
}

static int sizeOf(Program *program, size_t *bytes, const string Program::*part, bool text) {
  if (!state.programs.count(program)) return nvrtcInvalidProgram;
  if (part != &Program::log && !program->compiled) return nvrtcInvalidProgram;
  *bytes = (program->*part).size() + text;
  return success;
}
static int copyPart(Program *program, char *out, const string Program::*part, bool text) {
  size_t bytes = 0;
  if (int wrong = sizeOf(program, &bytes, part, text)) return wrong;
  memcpy(out, (program->*part).c_str(), bytes);
  return success;
}
STANDIN_API int nvrtcGetPTXSize(Program *program, size_t *bytes) {
  NVRTC(nvrtcGetPTXSize);
  return sizeOf(program, bytes, &Program::ptx, true);
}
STANDIN_API int nvrtcGetPTX(Program *program, char *out) {
  NVRTC(nvrtcGetPTX);
  return copyPart(program, out, &Program::ptx, true);
}
STANDIN_API int nvrtcGetCUBINSize(Program *program, size_t *bytes) {
  NVRTC(nvrtcGetCUBINSize);
  return sizeOf(program, bytes, &Program::cubin, false);
}
STANDIN_API int nvrtcGetCUBIN(Program *program, char *out) {
  NVRTC(nvrtcGetCUBIN);
  return copyPart(program, out, &Program::cubin, false);
}
STANDIN_API int nvrtcGetProgramLogSize(Program *program, size_t *bytes) {
  NVRTC(nvrtcGetProgramLogSize);
  return sizeOf(program, bytes, &Program::log, true);
}
STANDIN_API int nvrtcGetProgramLog(Program *program, char *out) {
  NVRTC(nvrtcGetProgramLog);
  return copyPart(program, out, &Program::log, true);
}
