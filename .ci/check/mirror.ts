/**
 * tests/ mirrors src/ and ffi/, so that the tests of a folder are found without searching.
 * @module
 */
import type { Problem, Tree } from "./tree.ts";

/** `src/a/b` is tested by `tests/a/b_test.ts` or by a test file somewhere in `tests/a/b/`. */
export function checkMirror(tree: Tree): Problem[] {
  const folders = new Set(
    tree.files.flatMap((file) => /^((?:src|ffi)(?:\/.*)?)\/[^/]+\.ts$/.exec(file)?.[1] ?? []),
  );
  return [...folders].flatMap((folder) => {
    const twin = folder.replace(/^src/, "tests").replace(/^ffi/, "tests/ffi");
    const tested = tree.files.some((file) =>
      file === `${twin}_test.ts` || (file.startsWith(twin + "/") && file.endsWith("_test.ts"))
    );
    return tested ? [] : [{ file: folder, message: `Cannot find a test file in ${twin}/` }];
  });
}
