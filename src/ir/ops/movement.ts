/**
 * Ops that only move elements: a lowering sees them as index maps.
 *
 * @module
 */
import { formatShape } from "../../base/errors.ts";
import { broadcastShapes, checkShape, sameShape, type Shape, sizeOf } from "../../base/shape.ts";
import { makeAval } from "../aval.ts";
import { alongAxis, forEach, raise, shifted } from "../batching.ts";
import { def, one, reshaped } from "../def.ts";
import { alike, needAxes, needAxis, needPerAxis } from "../operands.ts";
import { linear } from "../forward.ts";
import type { Value } from "../value.ts";

/** A static window: `size` elements from `start`, `step` apart, per axis. */
export interface SliceParams {
  readonly start: readonly number[];
  readonly size: readonly number[];
  readonly step: readonly number[];
}

/** Elements of fill before, after and between the elements, per axis. */
export interface PadParams {
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly inner: readonly number[];
}

function slice(x: Value, start: readonly number[], size: readonly number[]): Value {
  return x.emit("slice", [], { start, size, step: size.map(() => 1) })[0]!;
}

export const movement = {
  reshape: def<{ shape: Shape }>({
    class: "movement",
    avals: ([a], { shape }) => {
      checkShape(shape, "reshape");
      if (sizeOf(shape) !== a!.size) {
        throw new RangeError(
          `Cannot reshape ${formatShape(a!.shape)} to ${formatShape(shape)}: element counts differ`,
        );
      }
      return [reshaped(a!, shape)];
    },
    vjp: one((g, [x]) => [g.reshape(x!.shape)]),
    jvp: linear,
    batch: shifted(({ shape }, size) => ({ shape: [size, ...shape] })),
  }),
  transpose: def<{ perm: readonly number[] }>({
    class: "movement",
    avals: ([a], { perm }) => {
      needPerAxis("transpose", a!, "axes", perm, 0);
      needAxes("transpose", a!, perm);
      return [reshaped(a!, perm.map((i) => a!.shape[i]!))];
    },
    vjp: one((g, _x, _out, { perm }) => [g.transpose(perm.map((_, i) => perm.indexOf(i)))]),
    jvp: linear,
    batch: shifted(({ perm }) => ({ perm: [0, ...perm.map((i) => i + 1)] })),
  }),
  broadcast: def<{ shape: Shape }>({
    class: "movement",
    avals: ([a], { shape }) => {
      if (!sameShape(broadcastShapes("broadcast", a!.shape, shape), shape)) {
        throw new RangeError(
          `Cannot broadcast ${formatShape(a!.shape)} to ${formatShape(shape)}: ` +
            `sizes must be equal, or 1 in the array`,
        );
      }
      return [reshaped(a!, shape)];
    },
    vjp: one((g) => [g]), // the accumulator sums the broadcast axes
    jvp: linear,
    batch: ([x], _batched, { shape }, c) =>
      c.again([raise(x!, true, shape.length)], { shape: [c.size, ...shape] }),
  }),
  slice: def<SliceParams>({
    class: "movement",
    avals: ([a], { start, size, step }) => {
      needPerAxis("slice", a!, "starts", start, 0);
      needPerAxis("slice", a!, "sizes", size, 0);
      needPerAxis("slice", a!, "steps", step, 1);
      if (a!.shape.some((n, i) => start[i]! + Math.max(0, (size[i]! - 1) * step[i]! + 1) > n)) {
        throw new RangeError(
          `Cannot slice ${formatShape(size)} out of ${formatShape(a!.shape)} from ` +
            `${formatShape(start)} by ${formatShape(step)}: the window sticks out`,
        );
      }
      return [reshaped(a!, size)];
    },
    vjp: one((g, [x], _out, { start, size, step }) => {
      if (g.aval.size === 0) return [x!.zeros()];
      const span = size.map((n, i) => (n - 1) * step[i]! + 1);
      return [
        g.emit("pad", [g.zeros([])], {
          low: start,
          high: x!.shape.map((n, i) => n - start[i]! - span[i]!),
          inner: step.map((s) => s - 1),
        })[0]!,
      ];
    }),
    jvp: linear,
    batch: shifted(({ start, size, step }, n) => ({
      start: [0, ...start],
      size: [n, ...size],
      step: [1, ...step],
    })),
  }),
  /** Second operand: the fill, a scalar. */
  pad: def<PadParams>({
    class: "movement",
    avals: ([a, fill], { low, high, inner }) => {
      alike("pad", [a!, fill!]);
      needPerAxis("pad", a!, "sizes before", low, 0);
      needPerAxis("pad", a!, "sizes after", high, 0);
      needPerAxis("pad", a!, "sizes between", inner, 0);
      if (fill!.shape.length > 0) {
        throw new RangeError(
          `Cannot pad ${formatShape(a!.shape)} with values of shape ${formatShape(fill!.shape)}: ` +
            `the fill is a scalar`,
        );
      }
      return [reshaped(
        a!,
        a!.shape.map((n, i) => low[i]! + n + Math.max(0, n - 1) * inner[i]! + high[i]!),
      )];
    },
    vjp: one((g, [x], _out, { low, inner }) => {
      if (x!.aval.size === 0) return [x!.zeros(), g.sum()];
      const gx = g.emit("slice", [], {
        start: low,
        size: x!.shape,
        step: inner.map((n) => n + 1),
      })[0]!;
      return [gx, g.sum().sub(gx.sum())];
    }),
    jvp: linear,
    batch: ([x, fill], batched, { low, high, inner }, c) => {
      const all = forEach(x!, batched[0]!, c.size);
      const wide = { low: [0, ...low], high: [0, ...high], inner: [0, ...inner] };
      if (!batched[1]) return c.again([all, fill!], wide);
      const padded = c.again([all, fill!.zeros([])], wide)[0]!;
      const isOld = c.again([all.zeros().eq(0), fill!.zeros([]).ne(0)], wide)[0]!;
      const fills = fill!.reshape([c.size, ...low.map(() => 1)]);
      return isOld.emit("where", [padded, fills]);
    },
  }),
  flip: def<{ axes: readonly number[] }>({
    class: "movement",
    avals: ([a], { axes }) => {
      needAxes("flip", a!, axes);
      return [a!];
    },
    vjp: one((g, _x, _out, p) => [g.emit("flip", [], p)[0]!]),
    jvp: linear,
    batch: shifted(({ axes }) => ({ axes: axes.map((i) => i + 1) })),
  }),
  concatenate: def<{ axis: number }>({
    class: "movement",
    avals: (ins, { axis }) => {
      const first = ins[0];
      if (first === undefined) {
        throw new RangeError("Cannot concatenate 0 arrays: at least one is wanted");
      }
      alike("concatenate", ins);
      needAxis("concatenate", first, axis);
      for (const a of ins) {
        if (
          a.shape.length !== first.shape.length ||
          a.shape.some((n, i) => i !== axis && n !== first.shape[i])
        ) {
          throw new RangeError(
            `Cannot concatenate ${ins.map((i) => formatShape(i.shape)).join(" and ")} along axis ` +
              `${axis}: all other sizes must agree`,
          );
        }
      }
      const total = ins.reduce((n, a) => n + a.shape[axis]!, 0);
      const shape = first.shape.map((n, i) => i === axis ? total : n);
      return [makeAval(shape, first.dtype, ins.every((a) => a.weak))];
    },
    vjp: one((g, ins, _out, { axis }) => {
      let at = 0;
      return ins.map((x) => {
        const start = x.shape.map((_, i) => i === axis ? at : 0);
        at += x.shape[axis]!;
        return slice(g, start, x.shape);
      });
    }),
    jvp: linear,
    batch: alongAxis,
  }),
};
