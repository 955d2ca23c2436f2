/**
 * The trees that transformations are given: taken apart, checked, and compared, with the path of the
 * leaf in every message.
 *
 * @module
 */
import { formatShape, formatValue, isFloat, sameShape } from "../base/mod.ts";
import { difference } from "../base/structure.ts";
import { flatten, paths, type Structure, unflatten } from "../base/tree.ts";
import { cast, emit, isLeaf, type Tensor, toTensor } from "../core/mod.ts";
import { badLeaf } from "../transform/leaves.ts";

/** A tree taken apart. */
export interface Leaves {
  /** Its leaves. */
  readonly tensors: readonly Tensor[];
  /** What is left of it. */
  readonly structure: Structure;
  /** The tree itself. */
  readonly source: unknown;
  /** Its name in messages, as `params`. */
  readonly root: string;
}

/** Takes a tree of tensors apart. */
export function leavesOf(source: unknown, root: string, action: string): Leaves {
  const [flat, structure] = flatten(source);
  const tensors = flat.map((x, i) => {
    if (!isLeaf(x)) badLeaf(source, i, action, root);
    const t = toTensor(x);
    return cast(t, t.dtype);
  });
  return { tensors, structure, source, root };
}

/** The same, for a tree whose leaves have gradients. */
export function floatLeavesOf(source: unknown, root: string, action: string): Leaves {
  const all = leavesOf(source, root, action);
  all.tensors.forEach((t, i) => {
    if (!isFloat(t.dtype)) {
      throw new TypeError(
        `Cannot ${action}: ${pathOf(all, i)} is ${t.dtype}, and only floating-point parameters ` +
          `have gradients: keep others in another tree, or convert with astype("float32")`,
      );
    }
  });
  return all;
}

/** The path of a leaf. */
export function pathOf({ source, root }: Leaves, i: number): string {
  return paths(source, root)[i]!;
}

/** Checks that a tree has the structure of another and, unless `loose`, its shapes. */
export function alike(first: Leaves, second: Leaves, action: string, loose = false): Leaves {
  const [a, b] = [first.structure, second.structure];
  if (a.key !== b.key) {
    throw new TypeError(
      `Cannot ${action}: ${difference(a.node, b.node, first.root)} ` +
        `(${first.root} against ${second.root}): give trees of the same structure`,
    );
  }
  if (loose) return second;
  first.tensors.forEach((t, i) => {
    const other = second.tensors[i]!;
    if (!sameShape(t.shape, other.shape)) {
      throw new RangeError(
        `Cannot ${action}: ${pathOf(first, i)} is ${formatShape(t.shape)}, but ` +
          `${pathOf(second, i)} is ${formatShape(other.shape)}`,
      );
    }
  });
  return second;
}

/** A tree of the same structure with other leaves. */
export function rebuilt({ structure }: Leaves, leaves: readonly unknown[]): unknown {
  return unflatten(structure, leaves);
}

/** A member of a state, which must be there. */
export function member(state: unknown, name: string, action: string): unknown {
  if (typeof state === "object" && state !== null && Object.hasOwn(state, name)) {
    return (state as Record<string, unknown>)[name];
  }
  throw new TypeError(
    `Cannot ${action} with the state ${formatValue(state)}: it has no ${name}: give what ` +
      `init(params) or the last update returned`,
  );
}

/** A member of a state that is a single tensor. */
export function memberTensor(state: unknown, name: string, action: string): Tensor {
  const x = member(state, name, action);
  if (!isLeaf(x)) badLeaf(x, 0, action, `state.${name}`);
  return toTensor(x);
}

/** The leaves of one of two trees of the same structure, as a condition says. */
export function choose(condition: Tensor, yes: unknown, no: unknown, action: string): unknown {
  const a = leavesOf(yes, "state", action);
  const b = alike(a, leavesOf(no, "state", action), action);
  return rebuilt(
    a,
    a.tensors.map((t, i) =>
      t === b.tensors[i]
        ? t
        : emit("where", [condition, cast(t, b.tensors[i]!.dtype), b.tensors[i]!])
    ),
  );
}
