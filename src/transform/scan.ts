/**
 * scan: a function along the rows of arrays, with a carry handed from row to row.
 *
 * @module
 */
import { formatShape, formatValue } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { flatten, unflatten } from "../base/tree.ts";
import type { Tensor, TensorLike } from "../core/mod.ts";
import { makeAval } from "../ir/aval.ts";
import { needFunction } from "./check_call.ts";
import {
  capturedFirst,
  type Carry,
  emitControl,
  type Flat,
  flat,
  type Fn,
  type Inner,
  recordCarry,
  recordInner,
  starting,
} from "./inner_program.ts";
import type { Arg, Gradients, Leaf } from "./types.ts";

/** Options of {@link scan}. */
export interface ScanOptions {
  /** How many steps; needed where there are no rows, else it must be their number. */
  length?: number | undefined;
  /** Whether to begin with the last row; the outputs lie in the order of the rows all the same. */
  reverse?: boolean | undefined;
}

function checkScanOptions(options: ScanOptions): void {
  checkOptions(options, ["length", "reverse"], "scan");
  const { length, reverse } = options;
  if (length !== undefined && (!Number.isSafeInteger(length) || length < 0)) {
    throw new RangeError(
      `Cannot scan with length ${formatValue(length)}: wanted an integer of at least 0`,
    );
  }
  if (reverse !== undefined && typeof reverse !== "boolean") {
    throw new TypeError(
      `Cannot scan with reverse ${formatValue(reverse)}: wanted true or false`,
    );
  }
}

/** The number of steps: that of the rows of every array, and of the option. */
function lengthOf({ tensors, paths }: Flat, length: number | undefined): number {
  tensors.forEach((t, i) => {
    if (t.shape.length === 0) {
      throw new RangeError(
        `Cannot scan over ${paths[i]}: it is a scalar of dtype ${t.dtype} and has no rows: ` +
          `hand it on in the carry, or use it from outside of the function`,
      );
    }
    const n = t.shape[0]!;
    const want = length ?? tensors[0]!.shape[0]!;
    if (n !== want) {
      throw new RangeError(
        `Cannot scan over ${paths[i]} of shape ${formatShape(t.shape)}: it has ${n} rows, and ` +
          (length === undefined ? `${paths[0]} has ${want}` : `length is ${want}`) +
          `: all must be equal`,
      );
    }
  });
  if (tensors.length > 0) return tensors[0]!.shape[0]!;
  if (length !== undefined) return length;
  throw new TypeError("Cannot scan without rows: give xs, or { length }");
}

// in the types below, `| []` has TypeScript read a list that is written out as a tuple

/**
 * Calls `f` with the carry and each row of `xs` in turn, hands the carry on, and stacks what comes out
 * beside it. `f` is recorded once, so that compiling costs the same for any length, and the steps run
 * without returning to JavaScript. It can be differentiated forward and in reverse (what the backward
 * pass needs is kept for each step), batched, and nested.
 *
 * @param f a function of the carry and a row (null where there are no rows) that returns a pair
 * `[carry, y]`: the next carry, of the same structure, shapes and dtypes, and a tree (or null)
 * @param init the first carry: a tree of tensors
 * @param xs a tree of arrays with the same number of rows, or null
 * @param options `length`, `reverse`: see {@link ScanOptions}
 * @returns `[carry, ys]`: the last carry, and the outputs with an axis of steps in front
 * @throws {TypeError} when `f` returns no pair, or the carry changes; the message names the leaf, what
 * it was and what it became
 * @throws {RangeError} when numbers of rows differ
 *
 * @example
 * ```ts
 * import { np, scan, type Tensor } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const [sum, sums] = scan((sum, x) => [sum.add(x), sum.add(x)], 0, np.array([1, 2, 3]));
 * assertEquals([sum.item(), sums.toArray()], [6, [1, 3, 6]]);
 * // a recurrent cell along the first axis
 * const cell = (h: Tensor, x: Tensor): [Tensor, null] => [h.mul(0.5).add(x).tanh(), null];
 * const [h] = scan(cell, np.zeros([8]), np.ones([100, 8]));
 * assertEquals(h.shape, [8]);
 * ```
 */
export function scan<Y>(
  f: (carry: Tensor, x: Tensor) => readonly [TensorLike | [], Y],
  init: Leaf,
  xs: Leaf,
  options?: ScanOptions,
): [Tensor, Gradients<Y>];
/** Without rows. */
export function scan<Y>(
  f: (carry: Tensor, x: null) => readonly [TensorLike | [], Y],
  init: Leaf,
  xs: null,
  options: ScanOptions & { length: number },
): [Tensor, Gradients<Y>];
/** For a carry and rows that are trees of tensors. */
export function scan<C, X, Y>(
  f: (
    carry: Gradients<C>,
    x: Gradients<X>,
  ) => readonly [Arg<Gradients<C>> | [], Y],
  init: C,
  xs: X,
  options?: ScanOptions,
): [Gradients<C>, Gradients<Y>];
/** For functions of typed arguments. */
export function scan<C, X, Y>(
  f: (carry: C, x: X) => readonly [Arg<C> | [], Y],
  init: Arg<C>,
  xs: Arg<X>,
  options?: ScanOptions,
): [Gradients<C>, Gradients<Y>];
export function scan(
  f: (carry: never, x: never) => unknown,
  init: unknown,
  xs: unknown,
  options: ScanOptions = {},
): unknown {
  needFunction(f, "scan", "f");
  checkScanOptions(options);
  const start = flat(init, "scan", "init");
  const rows = flat(xs, "scan", "xs");
  const length = lengthOf(rows, options.length);
  const rowAvals = rows.tensors.map(({ aval }) =>
    makeAval(aval.shape.slice(1), aval.dtype, aval.weak)
  );
  const args = flatten([init, xs])[1];
  const run: Fn = (carry, x) => {
    const pair = (f as Fn)(carry, x);
    if (!(pair instanceof Promise) && (!Array.isArray(pair) || pair.length !== 2)) {
      const got = Array.isArray(pair) ? `a list of ${pair.length}` : formatValue(pair);
      throw new TypeError(
        `Cannot scan: the function returned ${got}; it must return a pair [carry, y], ` +
          `[carry, null] where nothing is to be stacked`,
      );
    }
    return pair;
  };
  const { inner, avals } = recordCarry(
    "scan",
    start,
    (avals) =>
      recordInner(run, args, [...avals, ...rowAvals], {
        label: "the function of scan",
        action: "scan",
        numbers: avals.map((a) => a.dtype),
      }),
    carryOf,
  );
  const outs = emitControl(
    "scan",
    [...inner.captured, ...starting(start.tensors, avals), ...rows.tensors],
    {
      body: capturedFirst(inner),
      consts: inner.captured.length,
      carry: avals.length,
      length,
      reverse: options.reverse === true,
    },
  );
  return unflatten(inner.structure, outs);
}

/** The first entry of a pair. */
function carryOf({ structure, avals }: Inner): Carry {
  const numbers = avals.map((_, i) => i);
  const [, own] = flatten((unflatten(structure, numbers) as unknown[])[0]);
  return { structure: own, avals: avals.slice(0, own.size) };
}
