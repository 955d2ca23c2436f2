/**
 * The leaves of arguments and results: checked, with their paths in every message.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { leaves, paths } from "../base/tree.ts";

/** The name of a function for messages. */
export function labelOf(f: { name: string }, kind: string): string {
  return f.name === "" ? kind : `${kind}(${f.name})`;
}

/** Throws a TypeError that names the path of a leaf that is no array. */
export function badLeaf(tree: unknown, k: number, action: string, root: string): never {
  const path = paths(tree, root)[k] ?? root;
  throw new TypeError(
    `Cannot ${action}: ${path} is ${
      describe(leaves(tree)[k])
    }; leaves are tensors, HostArrays, Variables, typed arrays and numbers` +
      (root === "args" ? "; name settings in staticArgs, leave out what is undefined" : ""),
  );
}

function describe(x: unknown): string {
  return x === undefined ? "undefined" : formatValue(x);
}
