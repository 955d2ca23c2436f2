/**
 * Trees: nests of arrays and plain objects whose leaves are numbers and arrays. Everything that
 * takes "a structure of tensors" goes through here.
 *
 * Plain arrays are nodes, plain objects are nodes in the order of their sorted keys, null is a node
 * without leaves, instances of registered classes are nodes; anything else is a leaf.
 *
 * @module
 */
import { formatValue } from "./errors.ts";

/** A nest of `L`: arrays and plain objects of any depth; null holds no leaf. */
export type Tree<L> = L | null | readonly Tree<L>[] | { readonly [key: string]: Tree<L> };

/** The structure of a tree without its leaves. Compare structures by `key`. */
export interface Structure {
  /** A text that is equal for equal structures. */
  readonly key: string;
  /** The number of leaves. */
  readonly size: number;
  /** Its nodes; for this module alone. */
  readonly node: Node;
}

type Node =
  | { readonly kind: "leaf" }
  | { readonly kind: "null" }
  | { readonly kind: "array"; readonly children: readonly Node[] }
  | {
    readonly kind: "object";
    readonly names: readonly string[];
    readonly children: readonly Node[];
  }
  | {
    readonly kind: "class";
    readonly type: Registration;
    readonly aux: unknown;
    readonly children: readonly Node[];
  };

interface Registration {
  readonly id: number;
  readonly name: string;
  readonly flatten: (x: object) => { children: readonly unknown[]; aux?: unknown };
  readonly unflatten: (children: unknown[], aux: unknown) => object;
}

// deno-lint-ignore ban-types
const registered = new Map<Function, Registration>();

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
  // deno-lint-ignore no-explicit-any
  type: new (...args: any[]) => T,
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

const LEAF: Node = { kind: "leaf" };
const NULL: Node = { kind: "null" };

function isPlain(x: object): boolean {
  const proto = Object.getPrototypeOf(x);
  return proto === Object.prototype || proto === null;
}

function visit(x: unknown, leaves: unknown[], path: string | null, paths: string[] | null): Node {
  if (x === null) return NULL;
  if (Array.isArray(x)) {
    const children = new Array<Node>(x.length);
    for (let i = 0; i < x.length; i++) {
      children[i] = visit(x[i], leaves, path === null ? null : `${path}[${i}]`, paths);
    }
    return { kind: "array", children };
  }
  if (typeof x === "object") {
    if (isPlain(x)) {
      const names = Object.keys(x).sort();
      const children = names.map((n) =>
        visit(
          (x as Record<string, unknown>)[n],
          leaves,
          path === null ? null : path === "" ? n : `${path}.${n}`,
          paths,
        )
      );
      return { kind: "object", names, children };
    }
    const type = registered.get(x.constructor);
    if (type !== undefined) {
      const { children, aux } = type.flatten(x);
      return {
        kind: "class",
        type,
        aux,
        children: children.map((c, i) =>
          visit(c, leaves, path === null ? null : `${path}.${type.name}[${i}]`, paths)
        ),
      };
    }
  }
  leaves.push(x);
  if (paths !== null) paths.push(path!);
  return LEAF;
}

function keyOf(node: Node): string {
  switch (node.kind) {
    case "leaf":
      return "*";
    case "null":
      return "~";
    case "array":
      return `[${node.children.map(keyOf).join(",")}]`;
    case "object":
      return `{${
        node.names.map((n, i) => `${JSON.stringify(n)}:${keyOf(node.children[i]!)}`).join(",")
      }}`;
    case "class":
      return `${node.type.name}#${node.type.id}(${JSON.stringify(node.aux) ?? ""};${
        node.children.map(keyOf).join(",")
      })`;
    default:
      return node satisfies never;
  }
}

function finish(node: Node, size: number): Structure {
  let key: string | undefined;
  return {
    node,
    size,
    get key() {
      return key ??= keyOf(node);
    },
  };
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

/** The leaves of a tree, in order. */
export function leaves<L = unknown>(x: unknown): L[] {
  const out: unknown[] = [];
  visit(x, out, null, null);
  return out as L[];
}

/** The structure of a tree. */
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

/** Builds a tree of the given structure from leaves. */
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

/**
 * Whether `x` has exactly this structure; if so its leaves are appended to `out`. The fast path of
 * a jitted call: no text is made.
 */
export function matches(structure: Structure, x: unknown, out: unknown[]): boolean {
  return match(structure.node, x, out);
}

function match(node: Node, x: unknown, out: unknown[]): boolean {
  if (x === null) return node.kind === "null";
  if (Array.isArray(x)) {
    if (node.kind !== "array" || node.children.length !== x.length) return false;
    for (let i = 0; i < x.length; i++) if (!match(node.children[i]!, x[i], out)) return false;
    return true;
  }
  if (typeof x === "object" && node.kind !== "leaf") {
    if (node.kind === "object") {
      if (!isPlain(x)) return false;
      const names = node.names;
      let count = 0;
      for (const _ in x) count++;
      if (count !== names.length) return false;
      for (let i = 0; i < names.length; i++) {
        const name = names[i]!;
        if (!Object.hasOwn(x, name)) return false;
        if (!match(node.children[i]!, (x as Record<string, unknown>)[name], out)) return false;
      }
      return true;
    }
    if (node.kind === "class") {
      if (registered.get(x.constructor) !== node.type) return false;
      const { children, aux } = node.type.flatten(x);
      if (children.length !== node.children.length) return false;
      if (JSON.stringify(aux) !== JSON.stringify(node.aux)) return false;
      return children.every((c, i) => match(node.children[i]!, c, out));
    }
    return false;
  }
  if (node.kind !== "leaf") return false;
  if (typeof x === "object" && (isPlain(x) || registered.has(x.constructor))) return false;
  out.push(x);
  return true;
}

/**
 * Applies a function leaf by leaf to one tree, or to several of equal structure.
 *
 * @throws {TypeError} when the structures differ; the message names the first differing path
 *
 * @example
 * ```ts
 * import { tree } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(tree.map((x, y) => x + y, { a: 1, b: [2] }, { a: 10, b: [20] }), { a: 11, b: [22] });
 * ```
 */
// deno-lint-ignore no-explicit-any
export function map<T>(f: (leaf: any, ...rest: any[]) => unknown, first: T, ...rest: unknown[]): T {
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
  return unflatten(shape, head.map((leaf, i) => f(leaf, ...others.map((list) => list[i])))) as T;
}

function describe(node: Node): string {
  switch (node.kind) {
    case "leaf":
      return "a leaf";
    case "null":
      return "null";
    case "array":
      return `an array of ${node.children.length}`;
    case "object":
      return `an object with keys ${formatValue([...node.names])}`;
    case "class":
      return `a ${node.type.name}`;
    default:
      return node satisfies never;
  }
}

function difference(a: Node, b: Node, path: string): string {
  if ("children" in a && "children" in b && describe(a) === describe(b)) {
    for (let i = 0; i < a.children.length; i++) {
      if (keyOf(a.children[i]!) !== keyOf(b.children[i]!)) {
        const step = a.kind === "object" ? `${path === "" ? "" : "."}${a.names[i]}` : `[${i}]`;
        return difference(a.children[i]!, b.children[i]!, path + step);
      }
    }
  }
  return `${path || "the root"} is ${describe(a)} in one and ${describe(b)} in the other`;
}

/** Says in words where two structures first differ; for messages about recompiles. */
export function explainDifference(a: Structure, b: Structure): string {
  return difference(a.node, b.node, "");
}
