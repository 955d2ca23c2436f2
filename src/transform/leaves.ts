/**
 * The leaves of arguments and results: checked, with their paths in every message.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { flatten, leaves, paths, unflatten } from "../base/tree.ts";
import { isLeaf, toTensor } from "../core/mod.ts";

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

/** A tree with a tensor in the place of every leaf. */
export function toTensors(tree: unknown, action: string, root: string): unknown {
  const [flat, structure] = flatten(tree);
  const tensors = flat.map((x, i) => isLeaf(x) ? toTensor(x) : badLeaf(tree, i, action, root));
  return unflatten(structure, tensors);
}

function describe(x: unknown): string {
  return x === undefined ? "undefined" : formatValue(x);
}
