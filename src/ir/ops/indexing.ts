/**
 * Ops whose element positions are data: gathers, scatters, windows at computed places, sorting.
 * Indices are int32; -n..-1 count from the end. Reading outside gives the dtype's "fill" value (NaN
 * for floats, as JAX's take), or zero; writing outside is dropped.
 *
 * @module
 */
import { formatShape } from "../../base/errors.ts";
import { sameShape } from "../../base/shape.ts";
import { type Aval, makeAval } from "../aval.ts";
import { alongAxis } from "../batching.ts";
import { def, one, reshaped } from "../def.ts";
import { alike, needAxis, needPerAxis } from "../operands.ts";
import { linearIn } from "../forward.ts";
import * as batching from "../index_batching.ts";
import type { AxisParams } from "./reduce.ts";

/** A gather along an axis; `outside` says what an index out of range reads. */
export interface GatherParams extends AxisParams {
  readonly outside: "fill" | "zero";
}

function needIndices(action: string, a: Aval): void {
  if (a.dtype !== "int32") {
    throw new TypeError(
      `Cannot ${action} with indices of dtype ${a.dtype}: indices must be integers`,
    );
  }
}

function takeShape(x: Aval, index: Aval, axis: number): number[] {
  return [...x.shape.slice(0, axis), ...index.shape, ...x.shape.slice(axis + 1)];
}

/** Throws unless there is one start for each axis. */
function needStarts(action: string, x: Aval, starts: Aval): void {
  needIndices(action, starts);
  if (!sameShape(starts.shape, [x.shape.length])) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(x.shape)} at starts of shape ${formatShape(starts.shape)}: ` +
        `one for each axis is wanted, so their shape is [${x.shape.length}]`,
    );
  }
}

function needAlong(action: string, x: Aval, index: Aval, axis: number): void {
  needIndices(action, index);
  needAxis(action, x, axis);
  if (
    x.shape.length !== index.shape.length ||
    x.shape.some((n, i) => i !== axis && n !== index.shape[i])
  ) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(x.shape)} with indices ${formatShape(index.shape)}: ` +
        `they must agree on every axis but ${axis}`,
    );
  }
}

const zero = (axis: number): GatherParams => ({ axis, outside: "zero" });

export const index = {
  /** x read at index along axis: the index's axes replace it. */
  take: def<GatherParams>({
    class: "index",
    avals: ([x, index], { axis }) => {
      needIndices("take", index!);
      needAxis("take from", x!, axis);
      return [reshaped(x!, takeShape(x!, index!, axis))];
    },
    vjp: one((
      g,
      [x, index],
      _out,
      { axis },
    ) => [x!.zeros().emit("scatterAdd", [index!, g], { axis })[0]!, null]),
    jvp: ([, index], [t], { axis }, run) => ({
      outs: run(),
      tangents: t!.emit("take", [index!], zero(axis)),
    }),
    batch: batching.take,
  }),
  /** out[..i..] = x[..index[..i..]..] */
  takeAlong: def<GatherParams>({
    class: "index",
    avals: ([x, index], { axis }) => {
      needAlong("take along", x!, index!, axis);
      return [reshaped(x!, index!.shape)];
    },
    vjp: one((g, [x, index], _out, { axis }) => [
      x!.zeros().emit("scatterAlong", [index!, g], { axis })[0]!,
      null,
    ]),
    jvp: ([, index], [t], { axis }, run) => ({
      outs: run(),
      tangents: t!.emit("takeAlong", [index!], zero(axis)),
    }),
    batch: alongAxis,
  }),
  /** x with updates added at index along axis; repeated indices accumulate. */
  scatterAdd: def<AxisParams>({
    class: "index",
    avals: ([x, index, u], { axis }) => {
      needIndices("scatter", index!);
      needAxis("scatter into", x!, axis);
      alike("scatter into", [x!, u!]);
      const want = takeShape(x!, index!, axis);
      if (!sameShape(want, u!.shape)) {
        throw new RangeError(
          `Cannot scatter updates ${formatShape(u!.shape)}: they must be ${formatShape(want)}`,
        );
      }
      return [makeAval(x!.shape, x!.dtype)];
    },
    vjp: one((
      g,
      [_x, index],
      _out,
      { axis },
    ) => [g, null, g.emit("take", [index!], zero(axis))[0]!]),
    jvp: linearIn(0, 2),
    batch: batching.scatterAdd,
  }),
  /** The same, for indices of takeAlong. */
  scatterAlong: def<AxisParams>({
    class: "index",
    avals: ([x, index, u], { axis }) => {
      needAlong("scatter along", x!, index!, axis);
      alike("scatter into", [x!, u!]);
      if (!sameShape(u!.shape, index!.shape)) {
        throw new RangeError(
          `Cannot scatter updates ${formatShape(u!.shape)}: they must be ${
            formatShape(index!.shape)
          }, as the indices are`,
        );
      }
      return [makeAval(x!.shape, x!.dtype)];
    },
    vjp: one((
      g,
      [_x, index],
      _out,
      { axis },
    ) => [g, null, g.emit("takeAlong", [index!], zero(axis))[0]!]),
    jvp: linearIn(0, 2),
    batch: alongAxis,
  }),
  /** The window of `size` at `starts` (int32, one per axis), moved inside where it would stick out. */
  dynamicSlice: def<{ size: readonly number[] }>({
    class: "index",
    avals: ([x, starts], { size }) => {
      needStarts("slice", x!, starts!);
      needPerAxis("slice", x!, "sizes", size, 0);
      if (size.some((n, i) => n > x!.shape[i]!)) {
        throw new RangeError(
          `Cannot slice ${formatShape(size)} out of ${formatShape(x!.shape)}: the window is larger`,
        );
      }
      return [reshaped(x!, size)];
    },
    vjp: one((g, [x, starts]) => [x!.zeros().emit("dynamicUpdate", [g, starts!])[0]!, null]),
    jvp: linearIn(0),
    batch: batching.dynamicSlice,
  }),
  /** x with the window at `starts` replaced by u. */
  dynamicUpdate: def({
    class: "index",
    avals: ([x, u, starts]) => {
      needStarts("update", x!, starts!);
      alike("update", [x!, u!]);
      if (u!.shape.length !== x!.shape.length || u!.shape.some((n, i) => n > x!.shape[i]!)) {
        throw new RangeError(
          `Cannot update ${formatShape(x!.shape)} with ${
            formatShape(u!.shape)
          }: the window is larger`,
        );
      }
      return [makeAval(x!.shape, x!.dtype)];
    },
    vjp: one((g, [_x, u, starts]) => [
      g.emit("dynamicUpdate", [u!.zeros(), starts!])[0]!,
      g.emit("dynamicSlice", [starts!], { size: u!.shape })[0]!,
      null,
    ]),
    jvp: linearIn(0, 1),
    batch: batching.dynamicUpdate,
  }),
  /** Along axis, ascending, stable, NaN last: the sorted values and where they came from (int32). */
  sort: def<AxisParams>({
    class: "library",
    avals: ([x], { axis }) => {
      needAxis("sort", x!, axis);
      return [x!, makeAval(x!.shape, "int32")];
    },
    vjp: (g, [x], outs, { axis }) => [
      g[0] ? x!.zeros().emit("scatterAlong", [outs[1]!, g[0]], { axis })[0]! : null,
    ],
    jvp: (_ins, [t], { axis }, run) => {
      const outs = run();
      return { outs, tangents: [t!.emit("takeAlong", [outs[1]!], zero(axis))[0]!, null] };
    },
    batch: alongAxis,
  }),
};
