/**
 * Reading and replacing windows of a tensor: `slice`, `at`, `set`, `addAt`.
 *
 * @module
 */
import { formatShape, formatValue } from "../base/errors.ts";
import { type TensorLike, toTensor } from "./convert.ts";
import { cast } from "./arithmetic.ts";
import { emit, literalBeside } from "./interpreter.ts";
import type { Tensor } from "./tensor.ts";

/**
 * What to read of one axis: a pair `[start, end]` (or `[start, end, step]`) as in
 * `Array.prototype.slice`, where null stands for what is left out, as in `[null, null, 2]`; null for
 * all of the axis, a number for one entry (the axis goes).
 */
export type AxisIndex =
  | number
  | null
  | readonly [
    start: number | null | undefined,
    end?: number | null | undefined,
    step?: number | null | undefined,
  ];

interface Window {
  readonly start: number[];
  readonly size: number[];
  readonly step: number[];
  /** The shape after single entries have lost their axis. */
  readonly shape: number[];
}

function clamp(i: number, n: number): number {
  return i < 0 ? Math.max(0, i + n) : Math.min(i, n);
}

function entry(i: number, n: number, axis: number, action: string): number {
  if (i < -n || i >= n) {
    throw new RangeError(
      `Cannot ${action} entry ${i} of axis ${axis}: its size is ${n}` +
        (n === 0 ? "" : `, so it must be in ${-n}..${n - 1}`),
    );
  }
  return i < 0 ? i + n : i;
}

function integer(x: unknown, axis: number, action: string): number {
  if (!Number.isSafeInteger(x)) {
    throw new TypeError(
      `Cannot ${action} with index ${formatValue(x)} on axis ${axis}: ` +
        `wanted an integer, a pair [start, end] or null; for computed positions use np.take`,
    );
  }
  return x as number;
}

function windowOf(shape: readonly number[], index: readonly AxisIndex[], action: string): Window {
  index.forEach((k, axis) => {
    if (k !== null && !Array.isArray(k)) integer(k, axis, action);
    if (!Array.isArray(k) || k.length <= 3) return;
    throw new RangeError(
      `Cannot ${action} with ${formatValue(k)} on axis ${axis}: wanted [start, end] or ` +
        `[start, end, step]; for entries at these positions use np.take`,
    );
  });
  if (index.length > shape.length) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(shape)} with ${index.length} indices: ` +
        `it has ${shape.length} axes`,
    );
  }
  const w: Window = { start: [], size: [], step: [], shape: [] };
  shape.forEach((n, axis) => {
    const k = index[axis] ?? null;
    let start = 0;
    let size = n;
    let step = 1;
    if (Array.isArray(k)) {
      start = clamp(integer(k[0] ?? 0, axis, action), n);
      step = integer(k[2] ?? 1, axis, action);
      if (step < 1) {
        throw new RangeError(
          `Cannot ${action} with step ${step} on axis ${axis}: it must be >= 1; use np.flip to reverse`,
        );
      }
      size = Math.max(0, Math.ceil((clamp(integer(k[1] ?? n, axis, action), n) - start) / step));
    } else if (k !== null) {
      start = entry(integer(k, axis, action), n, axis, action);
      size = 1;
    }
    w.start.push(start);
    w.size.push(size);
    w.step.push(step);
    if (k === null || Array.isArray(k)) w.shape.push(size);
  });
  return w;
}

/** Where a window starts, as an operand. */
function startsOf(x: Tensor, w: Window): Tensor {
  return literalBeside(x, w.start, [w.start.length], "int32");
}

/** How far a window reaches along each axis. */
function spanOf(w: Window): number[] {
  return w.size.map((n, i) => n === 0 ? 0 : (n - 1) * w.step[i]! + 1);
}

function read(x: Tensor, w: Window): Tensor {
  const span = spanOf(w);
  // starts are run-time inputs, so that a loop over them compiles once
  const near = span.every((n, i) => n === x.shape[i])
    ? x
    : emit("dynamicSlice", [x, startsOf(x, w)], { size: span });
  const out = w.step.every((s) => s === 1)
    ? near
    : emit("slice", [near], { start: w.start.map(() => 0), size: w.size, step: w.step });
  return w.shape.length === w.size.length ? out : emit("reshape", [out], { shape: w.shape });
}

/** See `Tensor.slice`. */
export function slice(x: Tensor, args: readonly (AxisIndex | undefined)[]): Tensor {
  const first = args[0];
  const rows = args.length <= 2 && args.every((a) => typeof a === "number" || a === undefined);
  if (rows) {
    if (x.shape.length === 0) throw new TypeError("Cannot slice a scalar: it has no axis");
    return read(x, windowOf(x.shape, [[(first as number) ?? 0, args[1] as number]], "slice"));
  }
  return read(x, windowOf(x.shape, args.map((a) => a ?? null), "slice"));
}

/** See `Tensor.at`. */
export function at(x: Tensor, indices: readonly number[]): Tensor {
  if (x.shape.length === 0) throw new TypeError("Cannot read an entry of a scalar: it has no axis");
  indices.forEach((i, axis) => integer(i, axis, "read"));
  return read(x, windowOf(x.shape, indices, "read"));
}

/** See `Tensor.set` and `Tensor.addAt`. */
export function update(
  x: Tensor,
  index: AxisIndex | readonly AxisIndex[],
  value: TensorLike,
  add: boolean,
): Tensor {
  const action = add ? "add at" : "set";
  const list = Array.isArray(index) ? index as readonly AxisIndex[] : [index as AxisIndex];
  const w = windowOf(x.shape, list, action);
  const v = cast(toTensor(value, action), x.dtype).broadcastTo(w.shape);
  const u = emit("reshape", [v], { shape: w.size });
  if (w.size.some((n) => n === 0)) return x;
  const starts = startsOf(x, w);
  const old = () => emit("dynamicSlice", [x, starts], { size: spanOf(w) });
  const dense = w.step.every((s) => s === 1);
  // with steps: spread the values out and select where they fall
  const spread = (t: Tensor, fill: Tensor): Tensor => {
    if (dense) return t;
    const none = w.step.map(() => 0);
    return emit("pad", [t, fill], { low: none, high: none, inner: w.step.map((s) => s - 1) });
  };
  const placed = spread(u, u.zeros([]));
  const now = add
    ? old().add(placed)
    : dense
    ? placed
    : emit("where", [spread(u.zeros().eq(0), toTensor(false)), placed, old()]);
  return emit("dynamicUpdate", [x, now, starts]);
}
