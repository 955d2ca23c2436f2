// Runs a graph: each node after those that it depends on, among those that may run the one that the order names. What
// no path orders is concurrent, and may not touch the same memory.
#include <algorithm>

#include "state.h"

// By node: all that lie before it on some path.
static vector<vector<bool>> ancestorsOf(const vector<vector<int>> &after) {
  vector<vector<bool>> ancestors(after.size(), vector<bool>(after.size()));
  for (size_t i = 0; i < after.size(); i++) {
    for (int before : after[i]) {
      ancestors[i][before] = true;
      for (int far = 0; far < before; far++) if (ancestors[before][far]) ancestors[i][far] = true;
    }
  }
  return ancestors;
}
static bool isChain(const vector<vector<int>> &after) {
  for (size_t i = 0; i < after.size(); i++) {
    if (i > 0 && !(after[i].size() == 1 && after[i][0] == (int)i - 1)) return false;
  }
  return true;
}
static int nextNode(const vector<vector<int>> &after, const vector<bool> &done) {
  vector<int> possible, shuffled;
  for (size_t i = 0; i < after.size() && (state.order != 0 || possible.empty()); i++) {
    if (done[i]) continue;
    if (std::all_of(after[i].begin(), after[i].end(), [&](int before) { return done[before]; })) possible.push_back((int)i);
  }
  shuffle(shuffled, (int)possible.size());
  return possible[inOrder(shuffled, 0, (int)possible.size())];
}
static int runNode(const Node &node) {
  if (!node.function) return node.work();
  if (state.functions.count(node.function)) return runKernel(node);
  say("a graph holds a kernel whose module was unloaded");
  return illegalAddress;
}

int runNodes(const vector<Node> &nodes, const vector<vector<int>> &after) {
  bool chain = isChain(after);
  vector<vector<bool>> ancestors;
  if (!chain) ancestors = ancestorsOf(after);
  vector<bool> done(nodes.size());
  vector<u32> launches(nodes.size());
  for (size_t count = 0; count < nodes.size(); count++) {
    int chosen = chain ? (int)count : nextNode(after, done);
    beginLaunch();
    launches[chosen] = runtime.tag & glLaunchMask;
    for (size_t other = 0; !chain && other < nodes.size(); other++) {
      if (done[other] && !ancestors[chosen][other]) setConcurrent(launches[other]);
    }
    done[chosen] = true;
    if (int failed = runNode(nodes[chosen])) {
      say(format("in node %d of a graph of %zu", chosen, nodes.size()));
      return failed;
    }
  }
  return success;
}
