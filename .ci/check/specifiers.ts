/**
 * The library runs when it is imported from a URL, where no import map of ours is read: its files
 * name each other by relative paths and the platform by `node:`. Packages are loaded on use, by a
 * computed specifier, because a literal one is downloaded by every user.
 * @module
 */
import type { Problem, Tree } from "./tree.ts";

/** mod.ts, src/ and ffi/ use only relative and `node:` specifiers. */
export function checkSpecifiers(tree: Tree): Problem[] {
  return tree.imports
    .filter(({ from, specifier }) =>
      !from.startsWith("examples/") && !/^(\.{1,2}\/|node:)/.test(specifier)
    )
    .map(({ from, specifier, line }) => ({
      file: from,
      line,
      message: `Cannot import "${specifier}": the library uses relative and node: specifiers, ` +
        `and computed ones for what is loaded on use`,
    }));
}
