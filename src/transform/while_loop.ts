/**
 * whileLoop and foriLoop: a function on its own result, again and again.
 *
 * @module
 */
import { flatten, unflatten } from "../base/tree.ts";
import type { Tensor, TensorLike } from "../core/mod.ts";
import type { Aval } from "../ir/aval.ts";
import { needFunction } from "./check_call.ts";
import {
  capturedFirst,
  emitControl,
  type Flat,
  flat,
  type Fn,
  type Inner,
  integerScalar,
  needPredicate,
  recordCarry,
  recordInner,
  starting,
} from "./inner_program.ts";
import type { Arg, Gradients, Leaf } from "./types.ts";

/** Records a function of a carry. */
function recordBody(action: string, f: Fn, start: Flat): { inner: Inner; avals: readonly Aval[] } {
  const args = flatten([unflatten(start.structure, start.tensors)])[1];
  return recordCarry(action, start, (avals) =>
    recordInner(f, args, avals, {
      label: `the body of ${action}`,
      action,
      numbers: avals.map((a) => a.dtype),
    }));
}

/** Runs the body while the condition holds; both are recorded once. */
function loop(action: string, condFn: Fn, bodyFn: Fn, start: Flat): unknown {
  const { inner: body, avals } = recordBody(action, bodyFn, start);
  const args = flatten([unflatten(start.structure, start.tensors)])[1];
  const cond = recordInner(condFn, args, avals, { label: `the condition of ${action}`, action });
  if (cond.avals.length !== 1) {
    throw new TypeError(
      `Cannot ${action}: the condition returns ${cond.avals.length} values: it must return one ` +
        `scalar of dtype bool`,
    );
  }
  needPredicate(cond.avals[0]!, action);
  const outs = emitControl(
    "while",
    [...cond.captured, ...body.captured, ...starting(start.tensors, avals)],
    {
      cond: capturedFirst(cond),
      body: capturedFirst(body),
      condConsts: cond.captured.length,
      bodyConsts: body.captured.length,
    },
  );
  return unflatten(start.structure, outs);
}

// in the types below, `| []` has TypeScript read a list that is written out as a tuple

/**
 * Applies a function to its own result while a condition holds. Both are recorded once and run
 * without returning to JavaScript in between; how often is decided when the program runs. It can be
 * differentiated forward (`jvp`), not in reverse: its length is not known. Under `vmap` it goes on
 * while any example does.
 *
 * @param condFn a function of the carry that gives a scalar of dtype bool
 * @param bodyFn a function of the carry that gives the next: of the same structure, shapes and dtypes
 * @param init the first carry: a tree of tensors
 * @returns the carry for which the condition did not hold
 * @throws {TypeError} when the condition is no scalar of dtype bool, or the carry changes; the message
 * names the leaf
 *
 * @example
 * ```ts
 * import { jit, np, whileLoop } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const collatz = jit((n) =>
 *   whileLoop(
 *     ([n]) => n!.gt(1),
 *     ([n, k]) => [np.where(n!.mod(2).eq(0), n!.floorDivide(2), n!.mul(3).add(1)), k!.add(1)],
 *     [n, np.array(0)],
 *   )[1]!
 * );
 * assertEquals(collatz(27).item(), 111);
 * ```
 */
export function whileLoop(
  condFn: (carry: Tensor) => TensorLike,
  bodyFn: (carry: Tensor) => TensorLike | [],
  init: Leaf,
): Tensor;
/** For a carry that is a tree of tensors. */
export function whileLoop<C>(
  condFn: (carry: Gradients<C>) => TensorLike,
  bodyFn: (carry: Gradients<C>) => Arg<Gradients<C>>,
  init: C,
): Gradients<C>;
/** For functions of typed arguments. */
export function whileLoop<C>(
  condFn: (carry: C) => TensorLike,
  bodyFn: (carry: C) => Arg<C> | [],
  init: Arg<C>,
): Gradients<C>;
export function whileLoop(
  condFn: (carry: never) => unknown,
  bodyFn: (carry: never) => unknown,
  init: unknown,
): unknown {
  needFunction(condFn, "whileLoop", "condFn");
  needFunction(bodyFn, "whileLoop", "bodyFn");
  return loop("whileLoop", condFn as Fn, bodyFn as Fn, flat(init, "whileLoop", "init"));
}

/** Runs the body so many times: a scan without rows. */
function counted(length: number, bodyFn: Fn, start: Flat): unknown {
  const { inner: body, avals } = recordBody("foriLoop", bodyFn, start);
  const outs = emitControl("scan", [...body.captured, ...starting(start.tensors, avals)], {
    body: capturedFirst(body),
    consts: body.captured.length,
    carry: avals.length,
    length,
    reverse: false,
  });
  return unflatten(start.structure, outs);
}

/**
 * Applies a function to its own result for each integer from `lower` to before `upper`, in order. With
 * numbers as bounds it is a loop of known length and can be differentiated in reverse as well; with
 * tensors as bounds it is a {@link whileLoop}.
 *
 * @param lower the first integer
 * @param upper the integer behind the last
 * @param body a function of the integer (a scalar of dtype int32) and the carry that gives the next
 * carry: of the same structure, shapes and dtypes
 * @param init the first carry: a tree of tensors
 * @returns the last carry
 * @throws {TypeError} when a bound is no integer scalar, or the carry changes; the message names the
 * leaf
 *
 * @example
 * ```ts
 * import { foriLoop, grad, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const power = (x: ReturnType<typeof np.array>) => foriLoop(0, 5, (_i, y) => y.mul(x), 1);
 * assertEquals(power(np.array(2)).item(), 32);
 * assertEquals(grad(power)(2).item(), 80);
 * ```
 */
export function foriLoop(
  lower: TensorLike,
  upper: TensorLike,
  body: (i: Tensor, carry: Tensor) => TensorLike | [],
  init: Leaf,
): Tensor;
/** For a carry that is a tree of tensors. */
export function foriLoop<C>(
  lower: TensorLike,
  upper: TensorLike,
  body: (i: Tensor, carry: Gradients<C>) => Arg<Gradients<C>>,
  init: C,
): Gradients<C>;
/** For functions of typed arguments. */
export function foriLoop<C>(
  lower: TensorLike,
  upper: TensorLike,
  body: (i: Tensor, carry: C) => Arg<C> | [],
  init: Arg<C>,
): Gradients<C>;
export function foriLoop(
  lower: TensorLike,
  upper: TensorLike,
  body: (i: Tensor, carry: never) => unknown,
  init: unknown,
): unknown {
  needFunction(body, "foriLoop", "body");
  const [low, high] = [
    integerScalar(lower, "foriLoop", "a lower bound"),
    integerScalar(upper, "foriLoop", "an upper bound"),
  ].map((t) => t.astype("int32")) as [Tensor, Tensor];
  const own = flat(init, "foriLoop", "init");
  const start: Flat = {
    tensors: [low, ...own.tensors],
    structure: flatten([low, init])[1],
    paths: ["the counter", ...own.paths],
  };
  const step: Fn = (carry) => {
    const [i, rest] = carry as [Tensor, never];
    return [i.add(1), body(i, rest)];
  };
  const known = typeof lower === "number" && typeof upper === "number";
  const last = known
    ? counted(Math.max(0, upper - lower), step, start)
    : loop("foriLoop", (carry) => (carry as [Tensor])[0].lt(high), step, start);
  return (last as [Tensor, unknown])[1];
}
