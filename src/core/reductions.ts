/**
 * Reductions as users call them: axes from either end, dtypes widened as JAX widens them.
 *
 * @module
 */
import { isFloat } from "../base/dtype.ts";
import { checkOptions } from "../base/options.ts";
import { normalizeAxes, normalizeAxis, sizeOf } from "../base/shape.ts";
import { cast } from "./arithmetic.ts";
import { emit } from "./interpreter.ts";
import type { Tensor } from "./tensor.ts";

/** One axis, several, or all of them (null, or left out). */
export type Axes = number | readonly number[] | null;

/** What every reduction takes. */
export interface ReduceOptions {
  /** Axes to reduce, counted from either end; all when left out. */
  axis?: Axes | undefined;
  /** Whether reduced axes stay, with size 1. */
  keepdims?: boolean | undefined;
}

/** Options of a reduction, or just its axis. */
export type ReduceArg = Axes | ReduceOptions;

/** Reads "axis or options". */
export function reduceOptions(arg: ReduceArg | undefined): ReduceOptions {
  if (arg === undefined || arg === null || typeof arg === "number" || Array.isArray(arg)) {
    return { axis: (arg ?? null) as Axes };
  }
  const options = arg as ReduceOptions;
  checkOptions(options, ["axis", "keepdims", "ddof"], "reduce");
  return options;
}

type Name = "sum" | "prod" | "max" | "min";
const VERB = { sum: "sum", prod: "multiply up", max: "take the maximum", min: "take the minimum" };

/** sum, prod, max or min over axes. */
export function reduce(op: Name, x: Tensor, arg?: ReduceArg): Tensor {
  const { axis, keepdims } = reduceOptions(arg);
  const axes = normalizeAxes(axis, x.shape.length, VERB[op]);
  if ((op === "sum" || op === "prod") && (x.dtype === "bool" || x.dtype === "uint8")) {
    x = cast(x, x.dtype === "bool" ? "int32" : "uint32");
  }
  if ((op === "max" || op === "min") && axes.some((a) => x.shape[a] === 0)) {
    throw new RangeError(
      `Cannot ${VERB[op]} of [${x.shape}] over an axis of size 0: it has no identity; ` +
        `concatenate a starting value first`,
    );
  }
  return over(op, x, axes, keepdims);
}

/** The reduction itself; over no axis it is the value. */
function over(op: Name, x: Tensor, axes: readonly number[], keepdims?: boolean): Tensor {
  return axes.length === 0 ? x : emit(op, [x], { axes, keepdims: keepdims === true });
}

/** Arithmetic mean; integers become float32. An empty one is NaN. */
export function mean(x: Tensor, arg?: ReduceArg): Tensor {
  const options = reduceOptions(arg);
  const axes = normalizeAxes(options.axis, x.shape.length, "average");
  const n = sizeOf(axes.map((a) => x.shape[a]!));
  const f = isFloat(x.dtype) ? x : cast(x, "float32");
  return over("sum", f, axes, options.keepdims).div(n);
}

/** Variance: mean of squared distance from the mean, with `ddof` fewer in the divisor. */
export function variance(
  x: Tensor,
  arg?: ReduceArg | (ReduceOptions & { ddof?: number | undefined }),
): Tensor {
  const options = reduceOptions(arg) as ReduceOptions & { ddof?: number | undefined };
  const axes = normalizeAxes(options.axis, x.shape.length, "take the variance");
  const n = sizeOf(axes.map((a) => x.shape[a]!));
  const ddof = options.ddof ?? 0;
  if (typeof ddof !== "number" || Number.isNaN(ddof)) {
    throw new TypeError(`Cannot take the variance with ddof ${ddof}: ddof is a number`);
  }
  const f = isFloat(x.dtype) ? x : cast(x, "float32");
  const d = f.sub(mean(f, { axis: axes, keepdims: true }));
  const total = over("sum", d.mul(d), axes, options.keepdims);
  return total.div(Math.max(0, n - ddof));
}

/** any (max of truth) or all (min of truth); empty ones are false and true. */
export function truth(op: "max" | "min", x: Tensor, arg?: ReduceArg): Tensor {
  const { axis, keepdims } = reduceOptions(arg);
  const axes = normalizeAxes(axis, x.shape.length, op === "max" ? "ask for any" : "ask for all");
  return over(op, cast(x, "bool"), axes, keepdims);
}

/** Position of the first largest or smallest element along one axis, or in the flattened array. */
export function position(op: "argmax" | "argmin", x: Tensor, arg?: ReduceArg): Tensor {
  const { axis, keepdims } = reduceOptions(arg);
  const rank = x.shape.length;
  if (Array.isArray(axis)) {
    throw new TypeError(`Cannot ${op} over several axes: give one axis, or none for all elements`);
  }
  if (axis === undefined || axis === null) {
    const out = along(op, x.reshape([-1]), 0);
    return keepdims ? out.reshape(x.shape.map(() => 1)) : out;
  }
  const a = normalizeAxis(axis as number, rank, op);
  const out = along(op, x, a);
  return keepdims ? out.reshape(x.shape.map((n, i) => i === a ? 1 : n)) : out;
}

function along(op: "argmax" | "argmin", x: Tensor, axis: number): Tensor {
  if (x.shape[axis] === 0) {
    throw new RangeError(`Cannot ${op} over an axis of size 0: there is no element to name`);
  }
  return emit(op, [x], { axis });
}
