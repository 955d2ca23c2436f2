/**
 * The leaves of arguments and results: checked, with their paths in every message.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { flatten, leaves, paths, type Structure, unflatten } from "../base/tree.ts";
import { isLeaf, type Tensor, toTensor } from "../core/mod.ts";

/** The name of a function for messages. */
export function labelOf(f: { name: string }, kind: string): string {
  return f.name === "" ? kind : `${kind}(${f.name})`;
}

/** Throws a TypeError that names the path of a leaf that is no array. */
export function badLeaf(
  tree: unknown,
  k: number,
  action: string,
  root: string,
  remedy: (path: string) => string = () => "",
): never {
  const path = paths(tree, root)[k] ?? root;
  throw new TypeError(
    `Cannot ${action}: ${path} is ${
      describe(leaves(tree)[k])
    }; leaves are tensors, HostArrays, Variables, typed arrays and numbers` +
      remedy(path),
  );
}

/** What to do about an argument of jit that cannot be traced; the path begins with `args[k]`. */
export function nameStatic(path: string): string {
  const at = /^args\[(\d+)\](.*)$/s.exec(path);
  return at === null || at[2] !== ""
    ? "; make a setting an argument of its own, named in staticArgs; leave out what is undefined"
    : `; name a setting in staticArgs, as { staticArgs: [${at[1]}] }; leave out what is undefined`;
}

/** The leaves of a tree as tensors, and its structure. */
export interface Flat {
  readonly structure: Structure;
  readonly tensors: readonly Tensor[];
}

/** A tree taken apart into tensors. */
export function flatTensors(
  tree: unknown,
  action: string,
  root: string,
  remedy?: (path: string) => string,
): Flat {
  const [flat, structure] = flatten(tree);
  const tensors = flat.map((x, i) =>
    isLeaf(x) ? toTensor(x) : badLeaf(tree, i, action, root, remedy)
  );
  return { structure, tensors };
}

/** A tree with a tensor in the place of every leaf. */
export function toTensors(
  tree: unknown,
  action: string,
  root: string,
  remedy?: (path: string) => string,
): unknown {
  const { structure, tensors } = flatTensors(tree, action, root, remedy);
  return unflatten(structure, tensors);
}

/** Throws where a function that is traced is async; what it fails with later is nobody's. */
export function refusePromise(returned: unknown, action: string, label: string): void {
  if (!(returned instanceof Promise)) return;
  returned.catch(() => {});
  throw new TypeError(
    `Cannot ${action} an async function (${label}): it is traced once and must return at once; ` +
      `await before the call`,
  );
}

/** What a function returned, taken apart; a TypeError where that is a promise. */
export function flatResult(returned: unknown, action: string, label: string): Flat {
  refusePromise(returned, action, label);
  return flatTensors(returned, `return from ${label}`, "result");
}

/** Splits a pair `[value, aux]`; without `hasAux`, all is the value. */
export function splitAux(
  returned: unknown,
  hasAux: boolean,
  action: string,
): { value: unknown; aux: unknown } {
  if (!hasAux) return { value: returned, aux: null };
  if (!Array.isArray(returned) || returned.length !== 2) {
    const got = Array.isArray(returned) ? `${returned.length} values` : formatValue(returned);
    throw new TypeError(
      `Cannot ${action} with hasAux: the function returned ${got}; it must return a pair ` +
        `[value, aux]`,
    );
  }
  return { value: returned[0], aux: returned[1] };
}

function describe(x: unknown): string {
  return x === undefined ? "undefined" : formatValue(x);
}
