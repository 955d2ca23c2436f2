/**
 * Weighted means, covariances, counts, and running totals of the array API.
 *
 * @module
 */
import { type DType, formatShape, normalizeAxes, normalizeAxis } from "../base/mod.ts";
import { cast, emit, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { readReduction } from "./axes.ts";
import { float, select, together } from "./operands.ts";
import { integer, readOptions } from "./options.ts";
import type { ReductionOptions } from "./reductions.ts";
import { cumprod, cumsum } from "./sorting.ts";
import type { Axis, Options } from "./types.ts";

/** What `average` takes. */
export interface AverageOptions extends ReductionOptions {
  /** What each element counts: an array of its shape, or a vector along the one axis. */
  weights?: TensorLike | undefined;
  /** Whether to give the sum of weights as well; default false. */
  returned?: boolean | undefined;
}

/**
 * The weighted mean over axes; with `returned`, a pair of it and the sum of weights.
 *
 * @throws {RangeError} when the weights do not fit
 * @example
 * ```ts
 * import { np, type Tensor } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals((np.average([1, 3], { weights: [3, 1] }) as Tensor).item(), 1.5);
 * ```
 */
export function average(x: TensorLike, options?: Axis | AverageOptions): Tensor | [Tensor, Tensor] {
  const action = "average";
  const o = readReduction<AverageOptions>(
    options,
    ["axis", "keepdims", "weights", "returned"],
    action,
  );
  const kept = { axis: o.axis, keepdims: o.keepdims };
  let t = float(x, action);
  if (o.weights === undefined) {
    const mean = t.mean(kept);
    if (!o.returned) return mean;
    const axes = normalizeAxes(o.axis, t.ndim, action);
    return [mean, mean.zeros().add(axes.reduce((n, a) => n * t.shape[a]!, 1))];
  }
  let w: Tensor;
  [t, w] = together([t, float(o.weights, action)], action) as [Tensor, Tensor];
  if (formatShape(w.shape) !== formatShape(t.shape)) {
    if (
      typeof o.axis !== "number" || w.ndim !== 1 ||
      w.size !== t.shape[normalizeAxis(o.axis, t.ndim, action)]
    ) {
      throw new RangeError(
        `Cannot ${action} ${formatShape(t.shape)} with weights of shape ${formatShape(w.shape)}: ` +
          `wanted the same shape, or a vector along the one axis`,
      );
    }
    const axis = normalizeAxis(o.axis, t.ndim, action);
    w = w.reshape(t.shape.map((n, i) => i === axis ? n : 1)).broadcastTo(t.shape);
  }
  const total = w.sum(kept);
  const mean = t.mul(w).sum(kept).div(total);
  return o.returned ? [mean, total] : mean;
}

/** What `cov` takes. */
export interface CovOptions extends Options {
  /** More variables, of the same form. */
  y?: TensorLike | undefined;
  /** Whether variables are rows (the default) or columns. */
  rowvar?: boolean | undefined;
  /** Whether to divide by n instead of n - 1; default false. */
  bias?: boolean | undefined;
  /** What is taken off n in the divisor; default 1, or 0 with `bias`. */
  ddof?: number | undefined;
  /** How often each observation was made, integers. */
  fweights?: TensorLike | undefined;
  /** What each observation counts. */
  aweights?: TensorLike | undefined;
}

/** What `corrcoef` takes. */
export type CorrcoefOptions = Pick<CovOptions, "y" | "rowvar">;

/**
 * The covariance matrix of variables.
 *
 * @throws {RangeError} when there are more than two axes, or not one weight for each observation
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.cov([[1, 2, 3], [3, 2, 1]]).toArray(), [[1, -1], [-1, 1]]);
 * ```
 */
export function cov(x: TensorLike, options?: CovOptions): Tensor {
  const action = "take the covariance of";
  const o = readOptions<CovOptions>(options, [
    "y",
    "rowvar",
    "bias",
    "ddof",
    "fweights",
    "aweights",
  ], action);
  const form = (v: TensorLike): Tensor => {
    const t = float(v, action);
    if (t.ndim > 2) {
      throw new RangeError(`Cannot ${action} ${formatShape(t.shape)}: wanted at most two axes`);
    }
    const m = t.ndim === 2 ? t : t.reshape([1, t.size]);
    return (o.rowvar ?? true) || m.shape[0] === 1 && t.ndim < 2 ? m : m.transpose();
  };
  let m = form(x);
  if (o.y !== undefined) {
    const list = together([m, form(o.y)], action);
    if (list[0]!.shape[1] !== list[1]!.shape[1]) {
      throw new RangeError(
        `Cannot ${action} variables of ${list[0]!.shape[1]} and ${
          list[1]!.shape[1]
        } observations: wanted as many`,
      );
    }
    m = emit("concatenate", list, { axis: 0 });
  }
  const n = m.shape[1]!;
  const weightsOf = (w: TensorLike | undefined): Tensor | null => {
    if (w === undefined) return null;
    const t = cast(toTensor(w, action), m.dtype);
    if (t.ndim !== 1 || t.size !== n) {
      throw new RangeError(
        `Cannot ${action} ${n} observations with weights of shape ${
          formatShape(t.shape)
        }: wanted one for each`,
      );
    }
    return t;
  };
  const [f, a] = [weightsOf(o.fweights), weightsOf(o.aweights)];
  const w = f && a ? f.mul(a) : f ?? a;
  const ddof = o.ddof ?? (o.bias ? 0 : 1);
  if (w === null) {
    const d = m.sub(m.mean({ axis: 1, keepdims: true }));
    return squeezed(d.matmul(d.transpose()).div(n - ddof));
  }
  const total = w.sum();
  const d = m.sub(m.mul(w).sum({ axis: 1, keepdims: true }).div(total));
  const divisor = ddof === 0
    ? total
    : a === null
    ? total.sub(ddof)
    : total.sub(w.mul(a).sum().mul(ddof).div(total));
  return squeezed(d.matmul(d.mul(w).transpose()).div(divisor));
}

function squeezed(m: Tensor): Tensor {
  return m.size === 1 ? m.reshape([]) : m;
}

/**
 * The correlation coefficients of variables: covariances over products of deviations.
 *
 * @throws {RangeError} when there are more than two axes
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.corrcoef([1, 2, 3], { y: [3, 2, 1] }).at(0, 1).item(), -1);
 * ```
 */
export function corrcoef(x: TensorLike, options?: CorrcoefOptions): Tensor {
  const o = readOptions<CorrcoefOptions>(options, ["y", "rowvar"], "correlate variables");
  const c = cov(x, o);
  if (c.ndim === 0) return c.div(c);
  const n = c.shape[0]!;
  const i = emit("iota", [], { shape: [n, n], axis: 0, dtype: "int32" });
  const j = emit("iota", [], { shape: [n, n], axis: 1, dtype: "int32" });
  const deviation = select(i.eq(j), c, 0).sum({ axis: 1 }).sqrt();
  return c.div(deviation.reshape([n, 1])).div(deviation).maximum(-1).minimum(1);
}

/**
 * How many elements over axes are nonzero (int32).
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.countNonzero([[0, 1], [2, 3]]).item(), 3);
 * ```
 */
export function countNonzero(x: TensorLike, options?: Axis | ReductionOptions): Tensor {
  const o = readReduction<ReductionOptions>(
    options,
    ["axis", "keepdims"],
    "count nonzero elements of",
  );
  return cast(cast(toTensor(x, "count nonzero elements of"), "bool"), "int32").sum(
    o as ReductionOptions,
  );
}

/** What `cumulativeSum` and `cumulativeProd` take. */
export interface RunningOptions extends Options {
  /** The axis to go along; it may be left out for a vector. */
  axis?: number | undefined;
  /** The dtype to accumulate in. */
  dtype?: DType | undefined;
  /** Whether the empty total comes first; default false. */
  includeInitial?: boolean | undefined;
}

function runningTotals(
  x: TensorLike,
  options: RunningOptions | undefined,
  f: typeof cumsum,
  empty: number,
  action: string,
): Tensor {
  const o = readOptions<RunningOptions>(options, ["axis", "dtype", "includeInitial"], action);
  const t = toTensor(x, action);
  if (t.ndim === 0 || (o.axis === undefined && t.ndim > 1)) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(t.shape)} without an axis: only a vector needs none`,
    );
  }
  const axis = normalizeAxis(integer(o.axis ?? 0, "axis", action), t.ndim, action);
  const out = f(t, { axis, ...(o.dtype === undefined ? {} : { dtype: o.dtype }) });
  if (!o.includeInitial) return out;
  const first = out.zeros(out.shape.map((n, i) => i === axis ? 1 : n)).add(empty);
  return emit("concatenate", [first, out], { axis });
}

/**
 * Running sums along an axis, as the array API names them.
 *
 * @throws {RangeError} when there are several axes and none is named
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.cumulativeSum([1, 2], { includeInitial: true }).toArray(), [0, 1, 3]);
 * ```
 */
export function cumulativeSum(x: TensorLike, options?: RunningOptions): Tensor {
  return runningTotals(x, options, cumsum, 0, "accumulate");
}

/**
 * Running products along an axis, as the array API names them.
 *
 * @throws {RangeError} when there are several axes and none is named
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.cumulativeProd([2, 3]).toArray(), [2, 6]);
 * ```
 */
export function cumulativeProd(x: TensorLike, options?: RunningOptions): Tensor {
  return runningTotals(x, options, cumprod, 1, "accumulate");
}
