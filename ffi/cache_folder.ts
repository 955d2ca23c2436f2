/**
 * Where files that were fetched once are kept: a folder of glissade's own among the user's caches.
 *
 * @module
 */
import { node } from "./node.ts";
import { readVariable } from "./permissions.ts";

/** That folder; undefined where the environment does not say, or may not be read. */
export function cacheFolder(): string | undefined {
  const home = readVariable("HOME");
  switch (Deno.build.os) {
    case "windows": {
      const local = readVariable("LOCALAPPDATA");
      return local && node("path").join(local, "glissade", "cache");
    }
    case "darwin":
      return home && node("path").join(home, "Library", "Caches", "glissade");
    default: {
      const cache = readVariable("XDG_CACHE_HOME") ?? (home && node("path").join(home, ".cache"));
      return cache && node("path").join(cache, "glissade");
    }
  }
}
