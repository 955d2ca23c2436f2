// What stands in for PTX and cubins.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

struct Image {
  bool isPtx;
  int arch, major, minor;
  std::string text;  // a line of options, then C++
};

inline uint64_t hashOf(const std::string &text, uint64_t hash = 0xcbf29ce484222325ull) {
  for (unsigned char c : text) hash = (hash ^ c) * 0x100000001b3ull;
  return hash;
}

// The text and not what was made of it: a kept image is good for every build of the stand-in, with checks or without.
inline std::string writeImage(const Image &image) {
  char head[160];
  snprintf(head, sizeof head, "//standin %s %d %d.%d %zu %016llx\n", image.isPtx ? "ptx" : "cubin", image.arch, image.major,
           image.minor, image.text.size(), (unsigned long long)hashOf(image.text));
  return head + image.text;
}
inline bool readImage(const char *data, Image *image) {
  if (strncmp(data, "//standin ", 10)) return false;
  char kind[8];
  size_t bytes;
  unsigned long long hash;
  if (sscanf(data, "//standin %7s %d %d.%d %zu %16llx", kind, &image->arch, &image->major, &image->minor, &bytes, &hash) != 6) {
    return false;
  }
  const char *text = strchr(data, '\n') + 1;
  image->isPtx = !strcmp(kind, "ptx");
  image->text.assign(text, strnlen(text, bytes));
  return hashOf(image->text) == hash;
}
