/**
 * The library runs when it is imported from a URL, where no import map of ours is read: its files
 * name each other by relative paths. Packages are loaded on use, by a computed specifier, because a
 * literal one is downloaded by every user; and Node's modules by `node()` of `ffi/node.ts`, because
 * every start pays for those that are imported. Types may be taken from `node:`.
 * @module
 */
import type { Problem, Tree } from "./tree.ts";

/** mod.ts, src/ and ffi/ use only relative specifiers, and `node:` for types. */
export function checkSpecifiers(tree: Tree): Problem[] {
  return tree.imports
    .filter(({ from, specifier, kind }) =>
      !from.startsWith("examples/") && !/^\.{1,2}\//.test(specifier) &&
      !(kind === "type" && specifier.startsWith("node:"))
    )
    .map(({ from, specifier, line }) => ({
      file: from,
      line,
      message: `Cannot import "${specifier}": the library uses relative specifiers, node() of ` +
        `ffi/node.ts for Node's modules, and computed specifiers for packages`,
    }));
}
