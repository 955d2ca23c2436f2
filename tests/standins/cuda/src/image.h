// What stands in for PTX and cubins.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

struct Image {
  bool isPtx;
  int arch, major, minor;
  std::string object;
};

inline uint64_t hashOf(const std::string &text, uint64_t hash = 0xcbf29ce484222325ull) {
  for (unsigned char c : text) hash = (hash ^ c) * 0x100000001b3ull;
  return hash;
}

// PTX is text, so there the object is in hexadecimal.
inline std::string writeImage(const Image &image) {
  char head[160];
  snprintf(head, sizeof head, "//standin %s %d %d.%d %zu %016llx\n", image.isPtx ? "ptx" : "cubin", image.arch, image.major,
           image.minor, image.object.size(), (unsigned long long)hashOf(image.object));
  if (!image.isPtx) return head + image.object;
  std::string text = head;
  for (unsigned char c : image.object) {
    text += "0123456789abcdef"[c >> 4];
    text += "0123456789abcdef"[c & 15];
  }
  return text;
}
inline bool readImage(const char *data, Image *image) {
  if (strncmp(data, "//standin ", 10)) return false;
  char kind[8];
  size_t bytes;
  unsigned long long hash;
  if (sscanf(data, "//standin %7s %d %d.%d %zu %16llx", kind, &image->arch, &image->major, &image->minor, &bytes, &hash) != 6) {
    return false;
  }
  const char *object = strchr(data, '\n') + 1;
  image->isPtx = !strcmp(kind, "ptx");
  if (image->isPtx) {
    auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    if (strnlen(object, bytes * 2) < bytes * 2) return false;
    image->object.resize(bytes);
    for (size_t i = 0; i < bytes; i++) image->object[i] = (char)(digit(object[2 * i]) << 4 | digit(object[2 * i + 1]));
  } else {
    image->object.assign(object, bytes);
  }
  return hashOf(image->object) == hash;
}
