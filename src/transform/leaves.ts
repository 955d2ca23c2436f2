/**
 * The leaves of arguments and results: checked, with their paths in every message.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { paths } from "../base/tree.ts";
import { isLeaf, isTensor, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";

/** The name of a function for messages. */
export function labelOf(f: { name: string }, kind: string): string {
  return f.name === "" ? kind : `${kind}(${f.name})`;
}

/** Throws a TypeError that names the path of a leaf that is no array. */
export function badLeaf(tree: unknown, k: number, action: string, root: string): never {
  const path = paths(tree, root)[k] ?? root;
  throw new TypeError(
    `Cannot ${action}: ${path} is ${
      describe(leafAt(tree, k))
    }; leaves are tensors, HostArrays, Variables, typed arrays and numbers` +
      (root === "args" ? "; name settings in staticArgs, leave out what is undefined" : ""),
  );
}

function leafAt(tree: unknown, k: number): unknown {
  let at = 0;
  let found: unknown;
  const visit = (x: unknown): void => {
    if (x === null) return;
    if (Array.isArray(x)) x.forEach(visit);
    else if (typeof x === "object" && Object.getPrototypeOf(x) === Object.prototype) {
      for (const n of Object.keys(x).sort()) visit((x as Record<string, unknown>)[n]);
    } else if (at++ === k) found = x;
  };
  visit(tree);
  return found;
}

function describe(x: unknown): string {
  return x === undefined ? "undefined" : formatValue(x);
}

/** A leaf as a tensor; typed arrays become one-axis tensors. */
export function leafTensor(x: TensorLike): Tensor {
  return isTensor(x) ? x : toTensor(x, "take in");
}

/** Whether a value returned from a traced function is one that can be returned. */
export function isResult(x: unknown): boolean {
  return isLeaf(x);
}
