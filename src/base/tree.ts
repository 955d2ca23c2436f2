/**
 * Trees: nests of arrays and plain objects whose leaves are numbers and arrays. Everything that
 * takes "a structure of tensors" goes through here.
 *
 * Plain arrays are nodes, plain objects are nodes in the order of their sorted keys, null is a node
 * without leaves, instances of registered classes are nodes; anything else is a leaf.
 *
 * @module
 */
import {
  difference,
  explainDifference,
  finish,
  type Node,
  registered,
  type Registration,
  type Structure,
  visit,
} from "./structure.ts";

export type { Structure };

/** A nest of `L`: arrays and plain objects of any depth; null holds no leaf. */
export type Tree<L> = L | null | readonly Tree<L>[] | { readonly [key: string]: Tree<L> };

/**
 * Makes instances of a class nodes of trees.
 *
 * @param type the class
 * @param how `flatten` gives the children and, as `aux`, what is not a leaf (part of the structure,
 * compared as JSON); `unflatten` builds an instance again
 *
 * @example
 * ```ts
 * import { tree } from "glissade";
 * import { assertEquals } from "@std/assert";
 * class Point { constructor(readonly x: number, readonly y: number) {} }
 * tree.register(Point, {
 *   flatten: (p) => ({ children: [p.x, p.y] }),
 *   unflatten: ([x, y]) => new Point(x as number, y as number),
 * });
 * assertEquals(tree.leaves([new Point(1, 2), 3]), [1, 2, 3]);
 * ```
 */
export function register<T extends object>(
  type: new (...args: never[]) => T,
  how: {
    flatten: (x: T) => { children: readonly unknown[]; aux?: unknown };
    unflatten: (children: unknown[], aux: unknown) => T;
  },
): void {
  registered.set(type, {
    id: registered.size,
    name: type.name,
    flatten: how.flatten as Registration["flatten"],
    unflatten: how.unflatten,
  });
}

/**
 * Takes a tree apart into its leaves, in order, and its structure.
 *
 * @example
 * ```ts
 * import { tree } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const [leaves, structure] = tree.flatten({ b: 2, a: [1, null] });
 * assertEquals(leaves, [1, 2]);
 * assertEquals(tree.unflatten(structure, [10, 20]), { a: [10, null], b: 20 });
 * ```
 */
export function flatten<L = unknown>(x: unknown): [L[], Structure] {
  const leaves: unknown[] = [];
  const node = visit(x, leaves, null, null);
  return [leaves as L[], finish(node, leaves.length)];
}

/**
 * The leaves of a tree, in order.
 *
 * @example
 * ```ts
 * import { tree } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(tree.leaves({ b: [2, 3], a: 1 }), [1, 2, 3]);
 * ```
 */
export function leaves<L = unknown>(x: unknown): L[] {
  const out: unknown[] = [];
  visit(x, out, null, null);
  return out as L[];
}

/**
 * The structure of a tree. Equal structures have equal keys.
 *
 * @example
 * ```ts
 * import { tree } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(tree.structure([1, 2]).key, tree.structure([3, 4]).key);
 * ```
 */
export function structure(x: unknown): Structure {
  return flatten(x)[1];
}

/**
 * The paths of the leaves, in the order of `leaves`: `params[0].kernel`.
 *
 * @example
 * ```ts
 * import { tree } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(tree.paths({ dense: [1, { bias: 2 }] }), ["dense[0]", "dense[1].bias"]);
 * ```
 */
export function paths(x: unknown, root = ""): string[] {
  const out: string[] = [];
  visit(x, [], root, out);
  return out;
}

/**
 * Builds a tree of the given structure from leaves.
 *
 * @throws {RangeError} when the number of leaves is not that of the structure
 *
 * @example
 * ```ts
 * import { tree } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(tree.unflatten(tree.structure({ a: 0 }), [5]), { a: 5 });
 * ```
 */
export function unflatten(structure: Structure, leaves: readonly unknown[]): unknown {
  if (leaves.length !== structure.size) {
    throw new RangeError(
      `Cannot unflatten ${leaves.length} leaves: the structure has ${structure.size}`,
    );
  }
  let at = 0;
  const build = (node: Node): unknown => {
    switch (node.kind) {
      case "leaf":
        return leaves[at++];
      case "null":
        return null;
      case "array": {
        const out = new Array<unknown>(node.children.length);
        for (let i = 0; i < out.length; i++) out[i] = build(node.children[i]!);
        return out;
      }
      case "object": {
        const out: Record<string, unknown> = {};
        for (let i = 0; i < node.names.length; i++) out[node.names[i]!] = build(node.children[i]!);
        return out;
      }
      case "class":
        return node.type.unflatten(node.children.map(build), node.aux);
      default:
        return node satisfies never;
    }
  };
  return build(structure.node);
}

/** The leaves of a tree of type `T`: its arrays (what has a shape), numbers and the like. */
export type LeafOf<T> = T extends { readonly shape: readonly number[] } ? T
  : T extends readonly (infer U)[] ? LeafOf<U>
  : T extends null | undefined ? never
  : T extends (...args: never[]) => unknown ? T
  : T extends object ? LeafOf<T[keyof T]>
  : T;

/**
 * Applies a function leaf by leaf to one tree, or to several of equal structure.
 *
 * @throws {TypeError} when the structures differ; the message names the first differing path
 *
 * @example
 * ```ts
 * import { tree } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(tree.map((x: number, y: number) => x + y, { a: 1, b: [2] }, { a: 10, b: [20] }), { a: 11, b: [22] });
 * ```
 */
export function map<T, L = LeafOf<T>>(
  f: (leaf: L, ...rest: L[]) => unknown,
  first: T,
  ...rest: unknown[]
): T {
  const [head, shape] = flatten(first);
  const others = rest.map((t, k) => {
    const [list, s] = flatten(t);
    if (s.key !== shape.key) {
      throw new TypeError(
        `Cannot map over trees of different structure: ${difference(shape.node, s.node, "")} ` +
          `(tree 0 against tree ${k + 1})`,
      );
    }
    return list;
  });
  return unflatten(
    shape,
    head.map((leaf, i) => f(leaf as L, ...others.map((list) => list[i] as L))),
  ) as T;
}

/**
 * The leaves of a tree with their paths, in order.
 *
 * @param root what the paths begin with
 *
 * @example
 * ```ts
 * import { tree } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(tree.leavesWithPath({ b: [2, 3], a: 1 }), [["a", 1], ["b[0]", 2], ["b[1]", 3]]);
 * ```
 */
export function leavesWithPath<L = unknown>(x: unknown, root = ""): [path: string, leaf: L][] {
  const out: unknown[] = [];
  const names: string[] = [];
  visit(x, out, root, names);
  return out.map((leaf, i) => [names[i]!, leaf as L]);
}

/**
 * As {@link map}, for a function that is given each leaf's path first.
 *
 * @throws {TypeError} when the structures differ; the message names the first differing path
 *
 * @example
 * ```ts
 * import { tree } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const decay = tree.mapWithPath((path) => path.endsWith("kernel") ? 0.1 : 0, { kernel: 1, bias: 2 });
 * assertEquals(decay, { kernel: 0.1, bias: 0 });
 * ```
 */
export function mapWithPath<T, L = LeafOf<T>>(
  f: (path: string, leaf: L, ...rest: L[]) => unknown,
  first: T,
  ...rest: unknown[]
): T {
  const names = paths(first);
  let at = 0;
  return map<T, L>((leaf, ...others) => f(names[at++]!, leaf, ...others), first, ...rest);
}

/**
 * Combines the leaves of a tree from the first to the last.
 *
 * @param f takes what came out so far and a leaf
 * @param x the tree
 * @param initial what to begin with; the first leaf when left out
 * @throws {TypeError} for a tree without leaves when nothing is given to begin with
 *
 * @example
 * ```ts
 * import { tree } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const count = (n: number, leaf: number[] | number) => n + Number(leaf);
 * assertEquals(tree.reduce(count, { a: 1, b: [2, 3] }, 0), 6);
 * ```
 */
export function reduce<T, R = LeafOf<T>>(f: (sum: R, leaf: LeafOf<T>) => R, x: T, initial?: R): R {
  const list = leaves<LeafOf<T>>(x);
  if (initial !== undefined) return list.reduce(f, initial);
  if (list.length === 0) {
    throw new TypeError("Cannot reduce a tree without leaves: give what to begin with");
  }
  return list.slice(1).reduce(f, list[0] as unknown as R);
}

/** Whether a leaf counts as true: a number, a boolean or a tensor of one element. */
const isTrue = (leaf: unknown): boolean =>
  typeof leaf === "string" ? leaf !== "" : Number(leaf) !== 0;

/**
 * Whether every leaf is true: numbers, booleans and tensors of one element that are not zero. True for
 * a tree without leaves.
 *
 * @example
 * ```ts
 * import { np, tree } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(tree.all({ a: true, b: [1, np.array(2)] }), true);
 * assertEquals(tree.all([np.array(false), true]), false);
 * ```
 */
export function all(x: unknown): boolean {
  return leaves(x).every(isTrue);
}

/**
 * Whether some leaf is true; see {@link all}. False for a tree without leaves.
 *
 * @example
 * ```ts
 * import { tree } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals([tree.any({ a: 0, b: [1] }), tree.any([0, null])], [true, false]);
 * ```
 */
export function any(x: unknown): boolean {
  return leaves(x).some(isTrue);
}

/**
 * Turns a tree of trees inside out: one of structure `outer` whose leaves have the structure `inner`
 * into one of `inner` whose leaves have `outer`.
 *
 * @throws {TypeError} when the tree is not made so; the message names the first differing path
 *
 * @example
 * ```ts
 * import { tree } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const points = [{ x: 1, y: 2 }, { x: 3, y: 4 }];
 * const columns = tree.transpose(tree.structure([0, 0]), tree.structure({ x: 0, y: 0 }), points);
 * assertEquals(columns, { x: [1, 3], y: [2, 4] });
 * ```
 */
export function transpose(outer: Structure, inner: Structure, x: unknown): unknown {
  const [list, shape] = flatten(x);
  const one = unflatten(inner, new Array(inner.size).fill(0));
  const wanted = structure(unflatten(outer, new Array(outer.size).fill(one)));
  if (shape.key !== wanted.key) {
    throw new TypeError(
      `Cannot transpose a tree that is not made of the outer and the inner structure: ` +
        explainDifference(shape, wanted),
    );
  }
  const column = (k: number): unknown =>
    unflatten(outer, list.filter((_, i) => i % inner.size === k));
  return unflatten(inner, Array.from({ length: inner.size }, (_, k) => column(k)));
}
