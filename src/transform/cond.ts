/**
 * cond and switchCase: one of several functions, chosen when the program runs.
 *
 * @module
 */
import type { DType } from "../base/dtype.ts";
import { formatShape, formatValue } from "../base/errors.ts";
import { sameShape } from "../base/shape.ts";
import { explainDifference } from "../base/structure.ts";
import { unflatten } from "../base/tree.ts";
import { cast, meet, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { needFunction } from "./check_call.ts";
import {
  emitControl,
  flat,
  type Fn,
  type Inner,
  integerScalar,
  needPredicate,
  recordInner,
  shareCaptured,
} from "./inner_program.ts";
import type { Arg, Args, Gradients, Leaf } from "./types.ts";

/** Runs the branch that the index names. */
function choose(
  action: string,
  index: Tensor,
  branches: readonly Fn[],
  names: readonly string[],
  operands: readonly unknown[],
): unknown {
  const { tensors, structure } = flat(operands, action, "operands");
  const avals = tensors.map((t) => t.aval);
  const one = (f: Fn, k: number, dtypes: readonly DType[] = []): Inner =>
    recordInner(f, structure, avals, { label: `${names[k]} of ${action}`, action, dtypes });
  let all = branches.map((f, k) => one(f, k));
  const first = all[0]!;
  all.forEach((b, k) => {
    if (b.structure.key === first.structure.key) return;
    throw new TypeError(
      `Cannot ${action}: what ${names[0]} and ${names[k]} return differs in structure: ` +
        `${explainDifference(first.structure, b.structure)}: all branches must return alike`,
    );
  });
  // weak results take the dtype of the others
  const dtypes = first.avals.map((_, i) =>
    all.map((b) => ({ dtype: b.avals[i]!.dtype, aval: b.avals[i]! })).reduce((a, b) => {
      if (a.dtype === b.dtype) return a.aval.weak ? b : a;
      const dtype = meet(a, b);
      return a.aval.weak && !b.aval.weak ? { ...b, dtype } : { ...a, dtype };
    }).dtype
  );
  all.forEach((b, k) =>
    b.avals.forEach((a, i) => {
      const want = first.avals[i]!;
      const same = sameShape(a.shape, want.shape) &&
        (a.dtype === want.dtype || ((a.weak || a.dtype === dtypes[i]) &&
          (want.weak || want.dtype === dtypes[i])));
      if (same) return;
      throw new TypeError(
        `Cannot ${action}: ${b.paths[i]} is ${want.dtype}${formatShape(want.shape)} from ` +
          `${names[0]} and ${a.dtype}${formatShape(a.shape)} from ${names[k]}: all branches must ` +
          `return the same shapes and dtypes`,
      );
    })
  );
  all = all.map((b, k) =>
    b.avals.every((a, i) => a.dtype === dtypes[i]) ? b : one(branches[k]!, k, dtypes)
  );
  const { programs, captured } = shareCaptured(all, tensors.length);
  const outs = emitControl("switch", [index, ...tensors, ...captured], { branches: programs });
  return unflatten(first.structure, outs);
}

/**
 * One of two functions of the same operands, chosen when the program runs: also inside `jit`, where a
 * JavaScript `if` cannot look at a value. Both are recorded, one runs. What they use from outside is
 * seen, too. Gradients flow through the branch that ran. Under `vmap`, with a condition that differs
 * from example to example, both run.
 *
 * @param pred a scalar of dtype bool
 * @param trueFn called with the operands if it is true
 * @param falseFn called if it is false; it must return the same structure, shapes and dtypes
 * @param operands trees of tensors
 * @throws {TypeError} when the condition is no scalar of dtype bool, or the branches return
 * differently; the message names the leaf
 *
 * @example
 * ```ts
 * import { cond, grad, jit, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const f = jit((x) => cond(x.gt(0), (x) => x.mul(x), (x) => x.neg(), x));
 * assertEquals([f(3).item(), f(-3).item(), f.compiles], [9, 3, 1]);
 * assertEquals([grad(f)(3).item(), grad(f)(-3).item()], [6, -1]);
 * ```
 */
export function cond<R>(
  pred: TensorLike,
  trueFn: (...operands: Tensor[]) => R,
  falseFn: (...operands: Tensor[]) => Arg<Gradients<R>>,
  ...operands: Leaf[]
): Gradients<R>;
/** For functions of typed operands. */
export function cond<A extends readonly unknown[], R>(
  pred: TensorLike,
  trueFn: (...operands: A) => R,
  falseFn: (...operands: A) => Arg<Gradients<R>>,
  ...operands: Args<A>
): Gradients<R>;
export function cond(
  pred: TensorLike,
  trueFn: (...operands: never[]) => unknown,
  falseFn: (...operands: never[]) => unknown,
  ...operands: unknown[]
): unknown {
  needFunction(trueFn, "cond", "trueFn");
  needFunction(falseFn, "cond", "falseFn");
  const p = toTensor(pred, "cond by");
  needPredicate(p, "cond");
  const index = cast(p, "int32");
  return choose("cond", index, [falseFn as Fn, trueFn as Fn], ["falseFn", "trueFn"], operands);
}

/**
 * One of several functions of the same operands, chosen by number when the program runs. An index
 * below 0 counts as 0, one beyond the last as the last. Otherwise as {@link cond}.
 *
 * @param index an integer scalar
 * @param branches functions that return the same structure, shapes and dtypes
 * @param operands trees of tensors
 * @throws {TypeError} when the index is no integer scalar, or the branches return differently
 * @throws {RangeError} when there is no branch
 *
 * @example
 * ```ts
 * import { jit, np, switchCase } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const f = jit((i, x) => switchCase(i, [(x) => x.add(1), (x) => x.mul(10), (x) => x.neg()], x));
 * const at = (i: number) => f(np.array(i, { dtype: "int32" }), 3).item();
 * assertEquals([at(0), at(1), at(2), at(7)], [4, 30, -3, -3]);
 * ```
 */
export function switchCase<R>(
  index: TensorLike,
  branches: readonly ((...operands: Tensor[]) => R)[],
  ...operands: Leaf[]
): Gradients<R>;
/** For functions of typed operands. */
export function switchCase<A extends readonly unknown[], R>(
  index: TensorLike,
  branches: readonly ((...operands: A) => R)[],
  ...operands: Args<A>
): Gradients<R>;
export function switchCase(
  index: TensorLike,
  branches: readonly ((...operands: never[]) => unknown)[],
  ...operands: unknown[]
): unknown {
  if (!Array.isArray(branches)) {
    throw new TypeError(`Cannot switchCase: branches are ${formatValue(branches)}; give a list`);
  }
  if (branches.length === 0) {
    throw new RangeError("Cannot switchCase between no branches: give a list of functions");
  }
  branches.forEach((f, k) => needFunction(f, "switchCase", `branches[${k}]`));
  const i = integerScalar(index, "switchCase", "an index");
  const last = branches.length - 1;
  const own = i.dtype === "int32" ? i : cast(i.minimum(last), "int32");
  const names = branches.map((_, k) => `branches[${k}]`);
  return choose("switchCase", own, branches as Fn[], names, operands);
}
