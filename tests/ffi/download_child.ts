/**
 * Runs `prefetchBlas` in a process with permissions and an import map of its own: takes a JSON list
 * of downloads and prints what became of each.
 *
 * @module
 */

import { cachedBlas, type Download, NativeLibraryError, prefetchBlas } from "../../ffi/mod.ts";

const outcomes = [];
for (const download of JSON.parse(Deno.args[0] ?? "[]") as Download[]) {
  try {
    const before = cachedBlas(download);
    outcomes.push({ before, path: await prefetchBlas(download), after: cachedBlas(download) });
  } catch (error) {
    if (!(error instanceof NativeLibraryError)) throw error;
    outcomes.push({ error: error.message });
  }
}
console.log(JSON.stringify(outcomes));
