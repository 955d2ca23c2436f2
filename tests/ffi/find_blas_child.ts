/**
 * Runs `findBlas` in a process of its own, which a broken library may kill: takes a JSON list of
 * options and prints what became of each.
 *
 * @module
 */

import { type BlasOptions, findBlas, NativeLibraryError } from "../../ffi/mod.ts";

const outcomes = (JSON.parse(Deno.args[0] ?? "[]") as BlasOptions[]).map((options) => {
  try {
    const { blas, attempts, reason } = findBlas(options);
    return { blas: blas && { path: blas.path, coreType: blas.coreType }, attempts, reason };
  } catch (error) {
    if (!(error instanceof NativeLibraryError)) throw error;
    return { blas: null, attempts: error.attempts, reason: "", error: error.message };
  }
});
console.log(JSON.stringify(outcomes));
