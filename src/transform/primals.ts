/**
 * The points at which functions are differentiated: checked, by position or all of them, and given
 * fresh handles.
 *
 * @module
 */
import { isFloat } from "../base/dtype.ts";
import { formatShape, formatValue } from "../base/errors.ts";
import { sameShape } from "../base/shape.ts";
import { explainDifference } from "../base/structure.ts";
import { flatten, leaves, paths, structure as structureOf, unflatten } from "../base/tree.ts";
import { emit, isLeaf, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { badLeaf, type Flat } from "./leaves.ts";

/** The positions that `argnums` names among so many arguments, counted from the front. */
export function positions(argnums: number | readonly number[] = 0, count: number): number[] {
  const list: readonly number[] = Array.isArray(argnums) ? argnums : [argnums];
  if (list.length === 0) {
    throw new RangeError("Cannot differentiate by no argument: argnums is empty");
  }
  const at = list.map((n) => {
    if (!Number.isSafeInteger(n)) {
      throw new TypeError(
        `Cannot differentiate by argument ${formatValue(n)}: argnums are integers`,
      );
    }
    if (n < -count || n >= count) {
      throw new RangeError(
        `Cannot differentiate by argument ${n}: the function was called with ${count}`,
      );
    }
    return n < 0 ? n + count : n;
  });
  if (new Set(at).size !== at.length) {
    throw new RangeError(
      `Cannot differentiate by arguments ${formatValue(argnums)}: one is named twice`,
    );
  }
  return at;
}

/** The tensors among other arguments; what is no array (a setting, a function) stays as it is. */
export function withTensors(arg: unknown): unknown {
  const [leaves, structure] = flatten(arg);
  const tensors = leaves.map((x) => isLeaf(x) && typeof x !== "boolean" ? toTensor(x) : x);
  return unflatten(structure, tensors);
}

/**
 * The leaves of a list of arguments as tensors; an error with the path of what is not floating point,
 * where `root` names each argument.
 */
export function primalsOf(args: readonly unknown[], root: (k: number) => string): Flat {
  if (!Array.isArray(args)) {
    throw new TypeError(
      `Cannot differentiate at ${formatValue(args)}: give the arguments as a list`,
    );
  }
  const tensors = args.flatMap((tree, k) =>
    leaves<TensorLike>(tree).map((x, i) => {
      if (!isLeaf(x)) badLeaf(tree, i, "differentiate", root(k));
      const t = toTensor(x);
      if (isFloat(t.dtype)) return t;
      throw new TypeError(
        `Cannot differentiate by ${paths(tree, root(k))[i]} of dtype ${t.dtype}: ` +
          `inputs must be floating point; convert with astype("float32")`,
      );
    })
  );
  return { structure: structureOf(args), tensors };
}

/** Fresh handles: without them, nested derivatives would mix up their perturbations. */
export function fresh(tensors: readonly Tensor[]): Tensor[] {
  return tensors.map((t) => emit("same", [t]));
}

/**
 * The tensors of a tree that must match others leaf by leaf: tangents of primals, cotangents of
 * outputs. Numbers take the dtype of their partner. `from` tells in messages who gave them.
 */
export function partners(
  tree: unknown,
  like: Flat,
  what: string,
  of: string,
  from = "",
): Tensor[] {
  const [leaves, structure] = flatten<TensorLike>(tree);
  if (structure.key !== like.structure.key) {
    throw new TypeError(
      `Cannot take ${what}${from} of another structure than the ${of}: ` +
        explainDifference(structure, like.structure),
    );
  }
  return leaves.map((x, i) => {
    if (!isLeaf(x)) badLeaf(tree, i, `take ${what}${from}`, what);
    const t = toTensor(x);
    const partner = like.tensors[i]!;
    const wrong = !sameShape(t.shape, partner.shape) ||
      (t.dtype !== partner.dtype && !t.aval.weak && isFloat(partner.dtype));
    if (wrong) {
      throw new TypeError(
        `Cannot take ${paths(tree, what)[i]}${from}, ${t.dtype}${
          formatShape(t.shape)
        }: it must be ` +
          `${partner.dtype}${formatShape(partner.shape)}, as the ${of} is`,
      );
    }
    return t.dtype === partner.dtype ? t : t.astype(partner.dtype);
  });
}
