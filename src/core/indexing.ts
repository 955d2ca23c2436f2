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
 * `Array.prototype.slice`, null for all of it, a number for one entry (the axis goes).
 */
export type AxisIndex = number | null | readonly [number, number?, number?];

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

function read(x: Tensor, w: Window): Tensor {
  // starts are run-time inputs, so that a loop over them compiles once; steps are rare and static
  const out = w.step.every((s) => s === 1)
    ? w.size.every((n, i) => n === x.shape[i])
      ? x
      : emit("dynamicSlice", [x, startsOf(x, w)], { size: w.size })
    : emit("slice", [x], { start: w.start, size: w.size, step: w.step });
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
  if (w.step.every((s) => s === 1)) {
    const starts = startsOf(x, w);
    const now = add ? emit("dynamicSlice", [x, starts], { size: w.size }).add(u) : u;
    return emit("dynamicUpdate", [x, now, starts]);
  }
  // with steps: spread the values out and select where they fall
  const place = (t: Tensor, fill: Tensor): Tensor =>
    emit("pad", [t, fill], {
      low: w.start,
      high: x.shape.map((n, i) => n - w.start[i]! - ((w.size[i]! - 1) * w.step[i]! + 1)),
      inner: w.step.map((s) => s - 1),
    });
  const spread = place(u, u.zeros([]));
  if (add) return x.add(spread);
  const ones = u.zeros().eq(0);
  return emit("where", [place(ones, toTensor(false)), spread, x]);
}
