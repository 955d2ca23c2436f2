// Turns printed CUDA C into C++: shared variables become references into the block's shared memory, and each kernel
// gets an entry that unpacks its arguments. Lines stay where they were, so that messages point into the caller's text.
#include <algorithm>

#include "state.h"

namespace {
struct Token {
  string text;
  size_t begin, end;
};
bool isWordCharacter(char c) { return isalnum((unsigned char)c) || c == '_'; }

vector<Token> tokensOf(const string &source) {
  vector<Token> tokens;
  size_t i = 0, n = source.size();
  bool lineBegins = true;
  auto skipTo = [&](size_t end) { i = end == string::npos ? n : end; };
  while (i < n) {
    char c = source[i];
    if (c == '\n') lineBegins = true, i++;
    else if (isspace((unsigned char)c)) i++;
    else if (c == '#' && lineBegins) {
      do skipTo(source.find('\n', i + 1)); while (i < n && source[i - 1] == '\\');
    } else if (!source.compare(i, 2, "//")) skipTo(source.find('\n', i));
    else if (!source.compare(i, 2, "/*")) {
      size_t end = source.find("*/", i + 2);
      skipTo(end == string::npos ? end : end + 2);
    } else {
      lineBegins = false;
      size_t begin = i++;
      if (c == '"' || c == '\'') {
        while (i < n && source[i] != c) i += source[i] == '\\' ? 2 : 1;
        i = std::min(i + 1, n);
      } else if (isWordCharacter(c)) {
        while (i < n && (isWordCharacter(source[i]) || (isdigit((unsigned char)c) && source[i] == '.'))) i++;
      }
      tokens.push_back({source.substr(begin, i - begin), begin, i});
    }
  }
  return tokens;
}

string joined(const vector<Token> &tokens, size_t from, size_t to) {
  string text;
  for (size_t i = from; i < to; i++) text += (i > from ? " " : "") + tokens[i].text;
  return text;
}
bool isWord(const Token &token) { return isWordCharacter(token.text[0]) && !isdigit((unsigned char)token.text[0]); }

bool isTypeWord(const string &text) {
  static const std::set<string> words = {"bool", "char", "short", "int", "long", "unsigned", "signed", "float", "double", "const", "__restrict__"};
  return words.count(text);
}

struct Kernel {
  string name, maxThreads;
  vector<string> types;
  size_t bodyBegin, bodyEnd;
};
struct Shared {
  size_t token;
  u64 bytes;
};

class Rewriter {
 public:
  Rewriter(const string &source) : source(source), tokens(tokensOf(source)) {}

  string rewrite(string *error) {
    for (size_t i = 0; i < tokens.size() && failure.empty(); i++) {
      if (tokens[i].text == "__shared__") i = sharedVariable(i);
      else if (tokens[i].text == "__global__") kernel(i);
    }
    if (failure.empty()) checkSharedSums();
    *error = failure;
    output += source.substr(copied) + "\n";
    for (const Kernel &kernel : kernels) output += entry(kernel);
    return output;
  }

 private:
  const string &source;
  vector<Token> tokens;
  string output, failure;
  size_t copied = 0;
  vector<Kernel> kernels;
  vector<Shared> shareds;

  int lineOf(size_t token) { return 1 + (int)std::count(source.begin(), source.begin() + tokens[token].begin, '\n'); }
  void refuse(size_t token, const string &why) {
    if (failure.empty()) failure = format("(%d): error: the stand-in takes %s", lineOf(token), why.c_str());
  }
  size_t find(size_t from, const char *text) {
    while (from < tokens.size() && tokens[from].text != text) from++;
    return from;
  }
  size_t closing(size_t open) {
    string opens = tokens[open].text, closes = opens == "(" ? ")" : opens == "{" ? "}" : "]";
    int depth = 0;
    for (size_t i = open; i < tokens.size(); i++) {
      if (tokens[i].text == opens) depth++;
      if (tokens[i].text == closes && --depth == 0) return i;
    }
    return tokens.size();
  }
  void replace(size_t first, size_t last, const string &text) {
    size_t begin = tokens[first].begin, end = tokens[last].end;
    output += source.substr(copied, begin - copied) + text;
    output += string(std::count(source.begin() + begin, source.begin() + end, '\n'), '\n');
    copied = end;
  }

  size_t sharedVariable(size_t at) {
    bool dynamic = at > 0 && tokens[at - 1].text == "extern";
    size_t end = find(at, ";"), first = at + 1;
    while (first < end && (tokens[first].text == "__align__" || tokens[first].text == "alignas")) first = closing(first + 1) + 1;
    size_t name = first;
    while (name + 1 < end && tokens[name + 1].text != "[") name++;
    bool plain = end < tokens.size() && name > first && isWord(tokens[name]);
    for (size_t i = first; plain && i < end; i++) plain = tokens[i].text != "," && tokens[i].text != "=";
    if (!plain) {
      refuse(at, "__shared__ T name[n][m]; with one name a statement");
      return end;
    }
    string type = joined(tokens, first, name), variable = tokens[name].text, sizes = joined(tokens, name + 1, end);
    if (dynamic) {
      replace(at - 1, end, type + " *const " + variable + " = (" + type + " *)gl_dynamic();");
      return end;
    }
    string alias = format("gl_type_%zu", shareds.size());
    replace(at, end, format("typedef %s %s %s; %s &%s = *(%s *)gl_shared(%zu, sizeof(%s), 16);", type.c_str(), alias.c_str(),
                            sizes.c_str(), alias.c_str(), variable.c_str(), alias.c_str(), shareds.size(), alias.c_str()));
    shareds.push_back({at, bytesOf(first, name, end)});
    return end;
  }
  // Where type and sizes are plain; 0 otherwise.
  u64 bytesOf(size_t first, size_t name, size_t end) {
    static const std::map<string, u64> known = {
        {"char", 1}, {"unsigned char", 1}, {"signed char", 1}, {"bool", 1}, {"short", 2}, {"unsigned short", 2}, {"int", 4},
        {"unsigned", 4}, {"unsigned int", 4}, {"float", 4}, {"double", 8}, {"long long", 8}, {"unsigned long long", 8},
        {"float2", 8}, {"float4", 16}, {"int2", 8}, {"int4", 16}, {"uint2", 8}, {"uint4", 16}, {"double2", 16}};
    auto type = known.find(joined(tokens, first, name));
    if (type == known.end()) return 0;
    u64 bytes = type->second;
    for (size_t i = name + 1; i < end; i++) {
      const string &text = tokens[i].text;
      if (text == "[" || text == "]") continue;
      if (!isdigit((unsigned char)text[0]) || tokens[i + 1].text != "]") return 0;
      bytes *= strtoull(text.c_str(), nullptr, 0);
    }
    return bytes;
  }

  void kernel(size_t at) {
    Kernel kernel = {"", "1024", {}, 0, 0};
    size_t open = at + 1;
    for (; open < tokens.size() && tokens[open].text != "("; open++) {
      if (tokens[open].text != "__launch_bounds__") continue;
      size_t begin = open + 2, end = begin;
      open = closing(open + 1);
      while (end < open && tokens[end].text != ",") end++;
      kernel.maxThreads = joined(tokens, begin, end);
    }
    if (open >= tokens.size() || !isWord(tokens[open - 1])) return refuse(at, "__global__ void name(...)");
    kernel.name = tokens[open - 1].text;
    size_t close = closing(open);
    for (size_t i = open + 1, begin = i; i <= close && close < tokens.size(); i++) {
      if (i != close && tokens[i].text != ",") continue;
      if (i > begin && !(i == begin + 1 && tokens[begin].text == "void")) {
        bool named = i > begin + 1 && isWord(tokens[i - 1]) && !isTypeWord(tokens[i - 1].text);
        kernel.types.push_back(joined(tokens, begin, named ? i - 1 : i));
      }
      begin = i + 1;
    }
    if (close + 1 >= tokens.size() || tokens[close + 1].text != "{") return;
    kernel.bodyBegin = close + 1;
    kernel.bodyEnd = closing(close + 1);
    kernels.push_back(kernel);
  }

  void checkSharedSums() {
    for (const Kernel &kernel : kernels) {
      u64 bytes = 0;
      for (const Shared &shared : shareds) {
        bool elsewhere = std::any_of(kernels.begin(), kernels.end(), [&](const Kernel &other) {
          return &other != &kernel && shared.token > other.bodyBegin && shared.token < other.bodyEnd;
        });
        if (!elsewhere) bytes += shared.bytes;
      }
      if (bytes > 48 << 10) {
        failure = format("ptxas error   : Entry function '%s' uses too much shared data (0x%llx bytes, 0xc000 max)",
                         kernel.name.c_str(), bytes);
      }
    }
  }

  static string entry(const Kernel &kernel) {
    string call, sizes, name = kernel.name;
    for (size_t i = 0; i < kernel.types.size(); i++) {
      const string &type = kernel.types[i];
      bool pointer = type.find('*') != string::npos;
      call += format("%s*(gl_argument_%s_%zu *)p[%zu]", i ? ", " : "", name.c_str(), i, i);
      sizes += format(", (int)sizeof(%s)%s", type.c_str(), pointer ? " | 65536" : "");
    }
    string text;
    for (size_t i = 0; i < kernel.types.size(); i++) {
      text += "typedef " + kernel.types[i] + format(" gl_argument_%s_%zu;\n", name.c_str(), i);
    }
    text += "GL_ENTRY void gl_run_" + name + "(void **p) { " + name + "(" + call + "); }\n";
    text += "GL_ENTRY_TABLE gl_meta_" + name + "[] = {(int)(" + kernel.maxThreads + "), " +
            std::to_string(kernel.types.size()) + sizes + "};\n";
    return text;
  }
};
}  // namespace

string rewriteDialect(const string &source, const string &name, string *error) {
  string text = Rewriter(source).rewrite(error);
  if (!error->empty() && error->front() == '(') *error = name + *error;
  return text;
}
