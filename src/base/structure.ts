/**
 * The structure of trees: nodes, walking, comparing. What users see of it is in `tree.ts`.
 *
 * @module
 */
import { formatValue } from "./errors.ts";

/** The structure of a tree without its leaves. Compare structures by `key`. */
export interface Structure {
  /** A text that is equal for equal structures. */
  readonly key: string;
  /** The number of leaves. */
  readonly size: number;
  /** Its nodes; for this module alone. */
  readonly node: Node;
}

/** A node of a structure. */
export type Node =
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

/** How instances of a class are taken apart and built. */
export interface Registration {
  readonly id: number;
  readonly name: string;
  readonly flatten: (x: object) => { children: readonly unknown[]; aux?: unknown };
  readonly unflatten: (children: unknown[], aux: unknown) => object;
}

/** The classes whose instances are nodes. */
// deno-lint-ignore ban-types
export const registered = new Map<Function, Registration>();

const LEAF: Node = { kind: "leaf" };
const NULL: Node = { kind: "null" };

function isPlain(x: object): boolean {
  const proto = Object.getPrototypeOf(x);
  return proto === Object.prototype || proto === null;
}

/** The levels that a tree may have; a deeper one most likely holds itself. */
const DEEPEST = 1000;

/** Walks a tree: collects its leaves, and their paths where a list for them is given. */
export function visit(
  x: unknown,
  leaves: unknown[],
  path: string | null,
  paths: string[] | null,
  depth = 0,
): Node {
  if (x === null) return NULL;
  if (depth > DEEPEST) {
    throw new RangeError(
      `Cannot flatten a tree of more than ${DEEPEST} levels: look for a list or object that ` +
        `holds itself`,
    );
  }
  if (Array.isArray(x)) {
    const children = new Array<Node>(x.length);
    for (let i = 0; i < x.length; i++) {
      children[i] = visit(x[i], leaves, path === null ? null : `${path}[${i}]`, paths, depth + 1);
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
          depth + 1,
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
          visit(c, leaves, path === null ? null : `${path}.${type.name}[${i}]`, paths, depth + 1)
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

/** A structure from its root. */
export function finish(node: Node, size: number): Structure {
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

/** Where two structures first differ, in words. */
export function difference(a: Node, b: Node, path: string): string {
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

/**
 * For each leaf of a tree, the number of the leaf of `prefix` that stands above it, or -1 where null
 * does; in words where `prefix` is none of its prefixes.
 */
export function alignPrefix(prefix: Structure, tree: Structure): number[] | string {
  const out: number[] = [];
  let next = 0;
  const fill = (node: Node, index: number): void => {
    if (node.kind === "leaf") out.push(index);
    else if ("children" in node) node.children.forEach((c) => fill(c, index));
  };
  const walk = (a: Node, b: Node, path: string): string | null => {
    if (a.kind === "leaf") fill(b, next++);
    else if (a.kind === "null") fill(b, -1);
    else if (!("children" in b) || describe(a) !== describe(b)) {
      return `${path || "the root"} is ${describe(a)} in one and ${describe(b)} in the other`;
    } else {
      for (let i = 0; i < a.children.length; i++) {
        const step = a.kind === "object" ? `${path === "" ? "" : "."}${a.names[i]}` : `[${i}]`;
        const why = walk(a.children[i]!, b.children[i]!, path + step);
        if (why !== null) return why;
      }
    }
    return null;
  };
  return walk(prefix.node, tree.node, "") ?? out;
}
