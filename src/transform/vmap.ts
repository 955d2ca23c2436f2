/**
 * vmap: a function of one example as a function of many.
 *
 * @module
 */
import { formatShape, formatValue } from "../base/errors.ts";
import { alignPrefix } from "../base/structure.ts";
import { flatten, paths, type Structure, unflatten } from "../base/tree.ts";
import {
  Batch,
  current,
  emit,
  isLeaf,
  type Tensor,
  type TensorLike,
  toTensor,
  within,
} from "../core/mod.ts";
import { checkCall } from "./check_call.ts";
import { badLeaf, flatResult, labelOf } from "./leaves.ts";
import type { Args, Gradients, Leaf } from "./types.ts";

/**
 * Axes of the leaves of a tree: one number for all of them, null for "not mapped", or a tree of these
 * that follows the other one as far as it goes.
 */
export type TreeAxes = number | null | readonly TreeAxes[] | { readonly [key: string]: TreeAxes };

/** Options of {@link vmap}. */
export interface VmapOptions {
  /**
   * Which axis of each argument runs over the examples: one for all, or a list with one entry per
   * argument, each a number, null (the argument is the same for every example) or a tree of these.
   * Default 0; negative counts from the end.
   */
  inAxes?: TreeAxes | undefined;
  /** Where the axis of the examples is put in each result; null where a result is the same for all. */
  outAxes?: TreeAxes | undefined;
}

/** The axis of each leaf. */
function spread(axes: TreeAxes, tree: Structure, name: string): (number | null)[] {
  const [numbers, prefix] = flatten(axes);
  const which = alignPrefix(prefix, tree);
  if (typeof which === "string") {
    throw new TypeError(
      `Cannot vmap with ${name} ${
        formatValue(axes)
      }: it must follow the tree that it is for, but ` +
        which,
    );
  }
  return which.map((k) => {
    const axis = k < 0 ? null : numbers[k];
    if (axis !== null && !Number.isSafeInteger(axis)) {
      throw new TypeError(
        `Cannot vmap with ${formatValue(axis)} in ${name}: an axis is an integer, or null`,
      );
    }
    return axis as number | null;
  });
}

interface Mapped {
  readonly path: string;
  readonly tensor: Tensor;
  readonly axis: number;
}

/** Checks that an axis is there; counts it from the front. */
function place(axis: number, shape: readonly number[], action: string, remedy: string): number {
  const rank = shape.length;
  if (axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  throw new RangeError(
    `Cannot ${action} of shape ${formatShape(shape)} along axis ${axis}: ` +
      (rank === 0 ? "a scalar has no axis" : `it must be in ${-rank}..${rank - 1}`) + remedy,
  );
}

/** The common number of examples. */
function sizeOf(mapped: readonly Mapped[], label: string): number {
  const first = mapped[0];
  if (first === undefined) {
    throw new RangeError(
      `Cannot call ${label}: no argument is mapped, so that there are no examples: give one an ` +
        `axis in inAxes`,
    );
  }
  const size = first.tensor.shape[first.axis]!;
  const other = mapped.find((m) => m.tensor.shape[m.axis] !== size);
  if (other !== undefined) {
    const say = ({ path, tensor, axis }: Mapped) =>
      `${path} of shape ${formatShape(tensor.shape)} has ${tensor.shape[axis]} along axis ${axis}`;
    throw new RangeError(
      `Cannot call ${label}: all mapped axes must have one size, but ${say(first)} and ${
        say(other)
      }`,
    );
  }
  return size;
}

/** The tensor with one axis taken to another place. */
function moveAxis(x: Tensor, from: number, to: number): Tensor {
  if (from === to) return x;
  const perm = x.shape.map((_, i) => i).filter((i) => i !== from);
  perm.splice(to, 0, from);
  return emit("transpose", [x], { perm });
}

/** The path of an entry of a list. */
const IN_LIST = /^args\[\d+\].*\[\d+\]$/s;

function unmapped(): string {
  return "; settings have null in inAxes, as { inAxes: [0, null] }; leave out what is undefined";
}

function run(
  f: (...args: unknown[]) => unknown,
  args: readonly unknown[],
  { inAxes = 0, outAxes = 0 }: VmapOptions,
  label: string,
): unknown {
  if (Array.isArray(inAxes) && inAxes.length !== args.length) {
    throw new RangeError(
      `Cannot call ${label} with ${args.length} arguments: inAxes has ${inAxes.length} entries, ` +
        `one per argument is wanted`,
    );
  }
  const [leaves, structure] = flatten(args);
  const axes = spread(inAxes, structure, "inAxes");
  const names = paths(args, "args");
  const mapped: Mapped[] = [];
  const tensors = leaves.map((x, i) => {
    const axis = axes[i]!;
    const isArray = isLeaf(x) && typeof x !== "boolean";
    if (axis === null) return isArray ? toTensor(x) : x;
    if (!isArray) badLeaf(args, i, `call ${label}`, "args", unmapped);
    const tensor = toTensor(x as TensorLike);
    const at = place(
      axis,
      tensor.shape,
      `map ${names[i]}`,
      `; give null in inAxes where it is the same for all${
        typeof x === "number" && IN_LIST.test(names[i]!)
          ? "; a list is a tree of its entries: for an array write np.array([...])"
          : ""
      }`,
    );
    mapped.push({ path: names[i]!, tensor, axis: at });
    return tensor;
  });
  const batch = new Batch(current(), sizeOf(mapped, label), label);
  let next = 0;
  const given = tensors.map((x, i) =>
    axes[i] === null ? x : batch.example(moveAxis(x as Tensor, mapped[next++]!.axis, 0))
  );
  try {
    const out = within(
      batch,
      () => flatResult(f(...unflatten(structure, given) as unknown[]), "vmap", label),
    );
    const outPlaces = spread(outAxes, out.structure, "outAxes");
    const results = out.tensors.map((y, i) => {
      const all = batch.examples(y);
      const path = () => paths(unflatten(out.structure, out.tensors), "result")[i]!;
      const axis = outPlaces[i]!;
      if (axis === null) {
        if (all === null) return y;
        throw new TypeError(
          `Cannot return ${path()} of shape ${formatShape(y.shape)} from ${label} with null in ` +
            `outAxes: it differs from example to example; give an axis`,
        );
      }
      const full = all ?? y.broadcastTo([batch.size, ...y.shape]);
      return moveAxis(full, 0, place(axis, full.shape, `return ${path()}`, ""));
    });
    return unflatten(out.structure, results);
  } finally {
    batch.end();
  }
}

/**
 * A function of one example as a function of many at once. The function sees its arguments without the
 * axis that runs over the examples and is called once; every operation of it is done for all examples
 * together. Works with any other transformation inside and around.
 *
 * @param f a function of trees of tensors that returns such a tree
 * @param options `inAxes`, `outAxes`: see {@link VmapOptions}
 * @throws {RangeError} at a call, when there is no such axis, or the sizes of mapped axes differ; the
 * message names the leaves
 * @throws {TypeError} at a call, when axes do not follow the tree, a mapped leaf is no array, or a
 * result with null in outAxes differs from example to example
 *
 * @example
 * ```ts
 * import { grad, np, vmap } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const distance = vmap((a, b) => a.sub(b).abs().sum(), { inAxes: [0, null] });
 * assertEquals(distance(np.array([[0, 0], [1, 5]]), np.array([1, 1])).toArray(), [2, 4]);
 * // the gradient of each example's loss, not of their sum
 * const loss = (w: ReturnType<typeof np.array>, x: ReturnType<typeof np.array>) => w.mul(x).square();
 * const each = vmap(grad(loss), { inAxes: [null, 0] });
 * assertEquals(each(2, np.array([1, 2, 3])).toArray(), [4, 16, 36]);
 * ```
 */
export function vmap<R>(
  f: (...args: Tensor[]) => R,
  options?: VmapOptions,
): (...args: Leaf[]) => Gradients<R>;
/** For functions of typed arguments. */
export function vmap<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options?: VmapOptions,
): (...args: Args<A>) => Gradients<R>;
export function vmap(
  f: (...args: never[]) => unknown,
  options: VmapOptions = {},
): (...args: never[]) => unknown {
  if (Array.isArray(options) || typeof options === "number") {
    throw new TypeError(
      `Cannot vmap with ${formatValue(options)} as options: name the axes, as { inAxes: ${
        JSON.stringify(options).replaceAll(",", ", ")
      } }`,
    );
  }
  checkCall(f, options, ["inAxes", "outAxes"], "vmap");
  const label = labelOf(f, "vmap");
  const mapped = (...args: unknown[]): unknown =>
    run(f as (...args: unknown[]) => unknown, args, options, label);
  Object.defineProperty(mapped, "name", { value: f.name });
  return mapped as (...args: never[]) => unknown;
}
