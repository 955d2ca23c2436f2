// What the parts of the library share: settings, objects, the queue of work, and the gate of every call.
#pragma once
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime.h"

#define STANDIN_API extern "C" __attribute__((visibility("default")))

using std::string;
using std::vector;
typedef unsigned long long u64;
typedef unsigned long long Address;
typedef uint32_t u32;
typedef uint8_t u8;

enum Result {
  success = 0,
  invalidValue = 1,
  outOfMemory = 2,
  notInitialised = 3,
  stubLibrary = 34,
  noDevice = 100,
  invalidDevice = 101,
  invalidImage = 200,
  invalidContext = 201,
  noBinaryForGpu = 209,
  invalidPtx = 218,
  unsupportedPtxVersion = 222,
  invalidHandle = 400,
  illegalState = 401,
  notFound = 500,
  notReady = 600,
  illegalAddress = 700,
  launchOutOfResources = 701,
  contextIsDestroyed = 709,
  notRegistered = 713,
  misalignedAddress = 716,
  launchFailed = 719,
  captureUnsupported = 900,
  captureInvalidated = 901,
  captureMerge = 902,
  captureUnmatched = 903,
  captureUnjoined = 904,
  captureIsolation = 905,
  captureImplicit = 906,
  capturedEvent = 907,
  captureWrongThread = 908,
  graphUpdateFailed = 910,
};

// ---- settings, read from the environment at the first call
struct Settings {
  int devices = 1, major = 8, minor = 0, driver = 13020, nvrtcMajor = 13, nvrtcMinor = 2, processors = 4, initCode = 0;
  u64 memory = 1ull << 30;
  bool checked = true, verbose = false, builtins = true;
  string folder, cache, compiler, name;
};
extern Settings &settings;
void readSettings();

// ---- what calls made
struct Module;
struct Function {
  Module *module;
  string name;
  void (*run)(void **);
  vector<int> sizes;  // of parameters in bytes, with bit 16 set for pointers
  int maxThreads, dynamicLimit = 48 << 10;
  struct Variable {
    u64 place, bytes;
  };
  vector<Variable> shared;     // in the order in which threads met them
  vector<char *> sharedAt;     // by number of declaration
  u64 sharedTop = 0, sharedSum = 0;
};
struct Module {
  void *handle;
  int file, device;
  GlIds *ids;
  char *low, *high;
  void (*bind)(GlRuntime *);
  std::map<string, Function *> functions;
};
struct Node {
  const char *name;
  int type;
  Function *function = nullptr;
  u32 grid[3], block[3], sharedBytes = 0;
  vector<char> arguments;
  vector<u32> offsets;
  std::function<int()> work;
  vector<Node *> after;
  void *hostTo = nullptr;  // pinned memory that it writes
  u64 hostBytes = 0;
};
struct Graph {
  vector<std::unique_ptr<Node>> nodes;
};
struct Executable {
  std::shared_ptr<vector<Node>> nodes;
  vector<vector<int>> after;
  vector<const Node *> origins;
};
struct Stream;
struct Capture {
  Graph *graph;
  Stream *origin;
  int mode;
  bool broken = false;
  std::thread::id owner;
};
// By number of stream: how much of its work is known to have ended.
typedef vector<u64> Clock;
struct Work {
  const char *name;
  std::function<int()> run;
  Clock clock;
};
struct Stream {
  std::deque<Work> queue;
  bool blocking = false;
  int device = 0;
  std::shared_ptr<Capture> capture;
  std::set<Node *> frontier;  // nodes of the capture that the next one comes after
  int number = 0;
  Clock clock;  // of what comes next here
};
// One recording of an event: everything before it in its stream.
struct Mark {
  Stream *stream;
  bool done = false;
  double milliseconds = 0;
  Clock clock;
};
struct Event {
  std::shared_ptr<Mark> mark;
  bool timed = true;
  std::shared_ptr<Capture> capture;
  std::set<Node *> frontier;
};
struct Program {
  string source, name, log, ptx, cubin;
  bool compiled = false;
};
struct Blas {
  Stream *stream = nullptr;
  int mathMode = 0, pointerMode = 0, atomics = 0, device = 0;
  Address workspace = 0;
  u64 workspaceBytes = 0;
};
struct Block {
  u64 bytes;
  int device;
};
struct Failure {
  string function;
  long countdown;
  int code;
};

struct State {
  std::recursive_mutex mutex;
  bool initialised = false;
  int sticky = 0, order = 0;
  vector<int> retained;
  string report;
  vector<string> trace;
  bool tracing = false;
  std::map<string, u64> calls;
  u64 allCalls = 0;
  vector<Failure> failures;
  std::map<u64, Block> blocks;  // live device memory by place in the heap
  vector<u64> inUse;
  u64 allInUse = 0, peak = 0, allocations = 0;
  std::map<char *, std::pair<u64, bool>> pinned;  // bytes, and whether they were allocated here
  std::set<Stream *> streams;
  std::set<Event *> events;
  std::set<Module *> modules;
  std::set<Function *> functions;
  std::set<Graph *> graphs;
  std::set<Executable *> executables;
  std::set<const Node *> nodes;
  std::set<Program *> programs;
  std::set<Blas *> handles;
  vector<Stream *> legacy;
  u64 kernels = 0, threads = 0;
};
extern State &state;
extern thread_local int currentDevice;  // -1: no context is current
extern GlRuntime &runtime;
extern std::mt19937_64 &dice;

// ---- report and gate
string format(const char *pattern, ...) __attribute__((format(printf, 1, 2)));
void say(const string &line);
enum Need { needNothing, needInit, needContext };
// Counts, traces, injects the planned failure, and refuses calls in a wrong state. A call that gives something back
// does so also when it fails: then `injected` takes the code and the call goes on.
int gate(const char *name, Need need, int *injected = nullptr);
int plannedFailure(const char *name);
void planFailures(const char *plan);
bool isSticky(int code);

#define DRIVER(name, need)                                     \
  std::lock_guard<std::recursive_mutex> lock(state.mutex);     \
  if (int refused = gate(#name, need)) return refused
#define DRIVER_FREES(name, need)                               \
  std::lock_guard<std::recursive_mutex> lock(state.mutex);     \
  int injected = 0;                                            \
  if (int refused = gate(#name, need, &injected)) return refused

// ---- memory
bool reserveMemory();
// Shared memory of the block that runs: a margin, the variables of a kernel, then what the launch asks for.
const u64 sharedBytes = 320 << 10, sharedVariables = 8 << 10, sharedDynamic = 72 << 10;
enum Access { toRead, toWrite, toCopy };  // a copy may take along what was never written, but not that alone
// Whether n bytes are live device memory, and initialised if they are to be read; the code of what is wrong.
int checkSpan(Address at, u64 bytes, const char *what, bool initialised);
// The same for work that runs: faults are those of a kernel, and other streams' work on the same bytes is looked for.
int touchSpan(Address at, u64 bytes, const char *what, Access access);
string describe(u64 place);
bool isPinned(const void *at, u64 bytes);
int freeBlock(Address at);
void forgetMemory(int device);

// ---- streams
Stream *streamOf(void *handle);  // null when there is none; handle 0 is the legacy stream
int runStream(Stream *stream, size_t keep = 0);
int runUntil(const std::shared_ptr<Mark> &mark);
int runAll();
int runBlocking();
void dropAllWork();
// A stream that begins a capture takes it along when it goes; one that joined breaks it.
void abandonCapture(Stream *stream);
void numberStream(Stream *stream);
void orderAfter(Stream *stream, const Clock &clock);
// What the host does now comes after all that the clock knows.
void hostWaits(const Clock &clock);
// Puts work behind what is in the stream, or a node into the graph that it captures.
int submit(Stream *stream, const char *name, std::function<int()> run, std::unique_ptr<Node> node = nullptr);
int refuseInCapture(const char *what);
// Gives the work that begins a number for the records of races, and finds what is not ordered before it.
void beginLaunch();
// The launch with this number may run at the same time as the one that has begun.
void setConcurrent(u32 launch);
// Runs on the legacy stream at once, as copies without a stream do.
int runNow(const char *name, std::function<int()> run);

// ---- kernels
int optInShared();
int checkLaunch(const Node &node);
int packArguments(Node &node, void **parameters, void **extra);
int runKernel(const Node &node);
int runNodes(const vector<Node> &nodes, const vector<vector<int>> &after);
// What comes i-th of count in the order that is set; `shuffled` keeps a shuffle between calls.
void shuffle(vector<int> &shuffled, int count);
int inOrder(const vector<int> &shuffled, int i, int count);
string objectOf(const string &imageText, string *log);
string rewriteDialect(const string &source, const string &name, string *error);
template <class T>
int multiply(bool transA, bool transB, long m, long n, long k, T alpha, const T *a, long lda, const T *b, long ldb, T beta,
             T *c, long ldc);
