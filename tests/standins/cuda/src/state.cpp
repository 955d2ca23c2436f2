// Settings from the environment, the report, planned failures and the gate that every call passes.
#include "state.h"

#include <dlfcn.h>
#include <sys/stat.h>

#include <fstream>

Settings &settings = *new Settings;
State &state = *new State;
GlRuntime &runtime = *new GlRuntime();
std::mt19937_64 &dice = *new std::mt19937_64(1);
thread_local int currentDevice = -1;

string format(const char *pattern, ...) {
  char text[2048];
  va_list list;
  va_start(list, pattern);
  vsnprintf(text, sizeof text, pattern, list);
  va_end(list);
  return text;
}

// Lines NAME=value of the file beside the library count more than STANDIN_NAME of the environment, which is shared by all
// threads of a process.
static std::map<string, string> &own = *new std::map<string, string>;

static void readOwn(const string &path) {
  std::ifstream file(path + ".machine");
  for (string line; std::getline(file, line);) {
    size_t equals = line.find('=');
    if (equals != string::npos) own[line.substr(0, equals)] = line.substr(equals + 1);
  }
}
static string setting(const char *name, const string &otherwise) {
  auto found = own.find(name);
  if (found != own.end()) return found->second;
  const char *value = getenv((string("STANDIN_") + name).c_str());
  return value && *value ? value : otherwise;
}
static long number(const char *name, long otherwise) {
  return atol(setting(name, std::to_string(otherwise)).c_str());
}

void readSettings() {
  static bool done = false;
  if (done) return;
  done = true;
  Dl_info self;
  dladdr((void *)&readSettings, &self);
  string path = self.dli_fname;
  readOwn(path);
  size_t slash = path.rfind('/');
  settings.folder = slash == string::npos ? "." : path.substr(0, slash);
  settings.devices = number("DEVICES", 1);
  settings.driver = number("DRIVER", 13020);
  settings.processors = number("PROCESSORS", 4);
  settings.initCode = number("INIT", 0);
  settings.memory = (u64)number("MEMORY", 1l << 30);
  settings.checked = number("CHECKED", 1);
  settings.builtins = number("BUILTINS", 1);
  settings.verbose = number("VERBOSE", 0);
  settings.name = setting("NAME", "Stand-in GPU");
  settings.compiler = setting("COMPILER", "g++");
  settings.cache = setting("CACHE", settings.folder + "/kernels");
  sscanf(setting("CAPABILITY", "8.0").c_str(), "%d.%d", &settings.major, &settings.minor);
  sscanf(setting("NVRTC", "13.2").c_str(), "%d.%d", &settings.nvrtcMajor, &settings.nvrtcMinor);
  mkdir(settings.cache.c_str(), 0777);
  state.order = number("ORDER", 0);
  dice.seed(state.order);
  int devices = settings.devices > 0 ? settings.devices : 1;
  state.retained.assign(devices, 0);
  state.inUse.assign(devices, 0);
  for (int i = 0; i < devices; i++) {
    Stream *legacy = new Stream;
    legacy->blocking = true;
    legacy->device = i;
    legacy->number = i;
    state.legacy.push_back(legacy);
  }
  planFailures(setting("FAIL", "").c_str());
}

void say(const string &line) {
  if (state.report.size() < 1 << 20) state.report += line + "\n";
  if (settings.verbose) fprintf(stderr, "stand-in: %s\n", line.c_str());
}

// "cuMemAlloc_v2:3=2;cuLaunchKernel:1=700": the third allocation and the next launch; "*:5=2" is the fifth call of all.
void planFailures(const char *plan) {
  state.failures.clear();
  char function[128];
  long count;
  int code, length;
  while (sscanf(plan, " %127[^:]:%ld=%d%n", function, &count, &code, &length) == 3) {
    state.failures.push_back({function, count, code});
    plan += length;
    if (*plan != ';') break;
    plan++;
  }
}

int plannedFailure(const char *name) {
  state.allCalls++;
  state.calls[name]++;
  if (state.tracing) state.trace.push_back(name);
  int code = 0;
  for (Failure &failure : state.failures) {
    if (failure.function != "*" && failure.function != name) continue;
    if (--failure.countdown == 0) code = failure.code;
  }
  if (code) say(format("injected %d into %s", code, name));
  return code;
}

bool isSticky(int code) {
  return code == 700 || code == 702 || code == 710 || (code >= 714 && code <= 719) || code == 214 || code == 220 ||
         code == 999;
}

int gate(const char *name, Need need, int *injected) {
  readSettings();
  if (int code = plannedFailure(name)) {
    if (isSticky(code) && need == needContext) state.sticky = code;
    if (!injected) return code;
    *injected = code;
  }
  if (need >= needInit && !state.initialised) return notInitialised;
  if (need < needContext) return success;
  if (currentDevice < 0) {
    say(format("%s: no context is current on this thread", name));
    return invalidContext;
  }
  if (!state.retained[currentDevice]) return contextIsDestroyed;
  if (injected && *injected) return success;
  return state.sticky;
}
