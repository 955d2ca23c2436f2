/**
 * Numbers that follow each other: evenly, by powers, by a ratio.
 *
 * @module
 */
import { checkShape, type DType, formatValue, isFloat } from "../base/mod.ts";
import {
  cast,
  emit,
  isTensor,
  literal,
  type Tensor,
  type TensorLike,
  toTensor,
} from "../core/mod.ts";
import { floats, select } from "./operands.ts";
import { dtypeOption, integer, readOptions } from "./options.ts";
import { iota } from "./places.ts";
import type { DTypeOptions } from "./types.ts";

function finite(x: unknown, what: string, action: string): number {
  if (typeof x !== "number") {
    const traced = isTensor(x) ? "; a shape cannot depend on a tensor" : "";
    throw new TypeError(
      `Cannot ${action} with ${what} ${formatValue(x)}: wanted a number${traced}`,
    );
  }
  if (!Number.isFinite(x)) {
    throw new RangeError(`Cannot ${action} with ${what} ${x}: wanted a finite number`);
  }
  return x;
}

/**
 * Numbers from `start` (default 0) up to, not including, `stop`, `step` (default 1) apart. int32 when
 * all are integers, else float32.
 *
 * @throws {RangeError} when the step is 0, or when the numbers do not fit in int32
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.arange(4).toArray(), [0, 1, 2, 3]);
 * assertEquals(np.arange(1, 2, 0.25).toArray(), [1, 1.25, 1.5, 1.75]);
 * ```
 */
export function arange(
  start: number,
  stop?: number | DType | DTypeOptions,
  step?: number | DType | DTypeOptions,
  options?: DType | DTypeOptions,
): Tensor {
  const action = "make a range";
  const args = [start, stop, step, options].filter((a) => a !== undefined);
  const tail = args.length > 1 && typeof args.at(-1) !== "number" && !isTensor(args.at(-1))
    ? args.pop()
    : undefined;
  const dtype = dtypeOption(tail as DType | DTypeOptions | undefined, action);
  if (args.length === 1) args.unshift(0);
  const from = finite(args[0], "start", action);
  const to = finite(args[1], "stop", action);
  const by = finite(args[2] ?? 1, "step", action);
  if (by === 0) throw new RangeError("Cannot make a range with step 0: it would never end");
  const count = Math.max(0, Math.ceil((to - from) / by));
  const whole = [from, to, by].every(Number.isInteger);
  const d = dtype ?? (whole ? "int32" : "float32");
  checkShape([count], action);
  if (d === "int32" && count > 0) {
    for (const end of [from, from + (count - 1) * by]) {
      if (Math.abs(end) > 0x7fffffff) {
        throw new RangeError(
          `Cannot make a range that reaches ${end} in int32: give { dtype: "float64" }`,
        );
      }
    }
  }
  if (whole && d === "int32") {
    const i = iota([count], 0);
    const scaled = by === 1 || count < 2 ? i : i.mul(by);
    return from === 0 || count === 0 ? scaled : scaled.add(from);
  }
  return cast(iota([count], 0, "float64").mul(by).add(from), d);
}

/** What `linspace` takes. */
export interface LinspaceOptions extends DTypeOptions {
  /** How many numbers; default 50. */
  num?: number | undefined;
  /** Whether `stop` is the last of them; default true. */
  endpoint?: boolean | undefined;
}

/**
 * `num` (default 50) evenly spaced numbers from `start` to `stop`. Arrays for both ends give one such
 * row per element, along a new first axis. `num` may stand before the other options.
 *
 * @throws {RangeError} when `num` is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.linspace(0, 1, { num: 5 }).toArray(), [0, 0.25, 0.5, 0.75, 1]);
 * assertEquals(np.linspace(0, 1, 2, { endpoint: false }).toArray(), [0, 0.5]);
 * ```
 */
export function linspace(
  start: TensorLike,
  stop: TensorLike,
  options?: number | LinspaceOptions,
  more?: Omit<LinspaceOptions, "num">,
): Tensor {
  const action = "space numbers evenly";
  const names = ["num", "endpoint", "dtype"];
  const o = {
    ...readOptions<LinspaceOptions>(options, names, action, "num"),
    ...readOptions<LinspaceOptions>(more, names.slice(1), action),
  };
  const num = integer(o.num ?? 50, "num", action, 0);
  const endpoint = o.endpoint ?? true;
  const plain = typeof start === "number" && typeof stop === "number";
  if (plain) {
    finite(start, "start", action);
    finite(stop, "stop", action);
  }
  // plain numbers are spaced in float64 and rounded once
  const [a, b] = plain
    ? [literal(start, "float64"), literal(stop, "float64")]
    : floats(start, stop, action);
  const d = o.dtype ?? (plain ? "float32" : a.dtype);
  const ends = Math.max(a.ndim, b.ndim);
  const count = [num, ...new Array<number>(ends).fill(1)];
  const pieces = endpoint ? num - 1 : num;
  const i = iota(count, 0, a.dtype);
  let out = b.sub(a).mul(i.div(Math.max(1, pieces))).add(a);
  if (endpoint && num > 1) out = emit("where", [i.eq(num - 1), b.broadcastTo(out.shape), out]);
  if (num === 1) out = a.add(b.mul(0)).reshape(out.shape);
  return cast(isFloat(d) ? out : out.floor(), d);
}

/** What `logspace` and `geomspace` take. */
export interface SpacedOptions extends DTypeOptions {
  /** How many numbers; default 50. */
  num?: number | undefined;
  /** Whether the last number is the end; default true. */
  endpoint?: boolean | undefined;
}

/** What `logspace` takes. */
export interface LogspaceOptions extends SpacedOptions {
  /** The base of the powers; default 10. */
  base?: number | undefined;
}

/**
 * Powers of a base whose exponents are evenly spaced from `start` to `stop`.
 *
 * @throws {RangeError} when the count is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.logspace(0, 2, { num: 3, base: 2 }).toArray(), [1, 2, 4]);
 * ```
 */
export function logspace(
  start: TensorLike,
  stop: TensorLike,
  options?: number | LogspaceOptions,
): Tensor {
  const action = "space numbers";
  const { base = 10, dtype, ...o } = readOptions<LogspaceOptions>(
    options,
    ["num", "endpoint", "base", "dtype"],
    action,
    "num",
  );
  if (typeof base !== "number" || !(base > 0)) {
    throw new RangeError(
      `Cannot ${action} by powers of ${formatValue(base)}: wanted a positive base`,
    );
  }
  const exponents = linspace(start, stop, o);
  const out = exponents.zeros([]).add(base).pow(exponents);
  return dtype === undefined ? out : cast(isFloat(dtype) ? out : out.floor(), dtype);
}

/**
 * Numbers of constant ratio from `start` to `stop`, which have one sign.
 *
 * @throws {RangeError} when plain numbers are 0 or differ in sign, or the count is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.geomspace(1, 4, { num: 3 }).toArray(), [1, 2, 4]);
 * ```
 */
export function geomspace(
  start: TensorLike,
  stop: TensorLike,
  options?: number | SpacedOptions,
): Tensor {
  const action = "space numbers";
  const { dtype, ...o } = readOptions<SpacedOptions>(
    options,
    ["num", "endpoint", "dtype"],
    action,
    "num",
  );
  if (typeof start === "number" && typeof stop === "number" && !(start * stop > 0)) {
    throw new RangeError(
      `Cannot ${action} by a ratio from ${start} to ${stop}: wanted two numbers of one sign, not 0`,
    );
  }
  const [a, b] = [toTensor(start, action), toTensor(stop, action)];
  const sign = a.sign();
  const steps = linspace(a.mul(sign).log2(), b.mul(sign).log2(), o);
  let out = sign.mul(steps.exp2());
  const n = out.shape[0]!;
  const at = iota([n, ...out.shape.slice(1).map(() => 1)], 0);
  if (n > 0) out = select(at.eq(0), a.astype(out.dtype), out);
  if (n > 1 && o.endpoint !== false) out = select(at.eq(n - 1), b.astype(out.dtype), out);
  const d = dtype ?? out.dtype;
  return cast(isFloat(d) ? out : out.floor(), d);
}
