/**
 * Ops that combine elements along axes: reductions and running (cumulative) combinations.
 *
 * @module
 */
import { formatShape } from "../../base/errors.ts";
import { sameShape } from "../../base/shape.ts";
import { type Aval, makeAval } from "../aval.ts";
import { alongAxis, shifted } from "../batching.ts";
import { def, flat, one, type OpDef, reshaped } from "../def.ts";
import { alike, ANY, need, needAxes, needAxis, NUMBER } from "../operands.ts";
import { linear } from "../forward.ts";
import type { Value } from "../value.ts";

/** Axes to reduce (sorted, from the front); they go, or stay with size 1. */
export interface ReduceParams {
  readonly axes: readonly number[];
  readonly keepdims: boolean;
}

/** One axis to go along. */
export interface AxisParams {
  readonly axis: number;
}

/** A running combination along one axis, from its end when `reverse`. */
export interface CumulativeParams extends AxisParams {
  readonly reverse: boolean;
}

function reducedShape(a: Aval, { axes, keepdims }: ReduceParams): number[] {
  return keepdims
    ? a.shape.map((n, i) => axes.includes(i) ? 1 : n)
    : a.shape.filter((_, i) => !axes.includes(i));
}

/** A reduced value with its axes put back, so that it broadcasts against the input. */
function spread(v: Value, x: Value, { axes }: ReduceParams): Value {
  return v.reshape(x.shape.map((n, i) => axes.includes(i) ? 1 : n));
}

function reduction(
  kinds: readonly ("bool" | "uint" | "int" | "float")[],
  name: string,
  vjp: OpDef<ReduceParams>["vjp"],
  jvp?: OpDef<ReduceParams>["jvp"],
): OpDef<ReduceParams> {
  return def<ReduceParams>({
    class: "reduce",
    avals: ([a], p) => {
      need(kinds, name, a!);
      needAxes(name, a!, p.axes);
      return [reshaped(a!, reducedShape(a!, p))];
    },
    vjp,
    ...(jvp === undefined ? {} : { jvp }),
    batch: shifted((p) => ({ ...p, axes: p.axes.map((i) => i + 1) })),
  });
}

const toExtremes = one<ReduceParams>((g, [x], out, p) => {
  const hits = x!.eq(spread(out, x!, p)).astype(g.dtype);
  const count = hits.sum({ axis: p.axes, keepdims: true });
  return [hits.mul(spread(g, x!, p).div(count))];
});

function position(name: string): OpDef<AxisParams> {
  return def<AxisParams>({
    class: "reduce",
    avals: ([a], { axis }) => {
      needAxis(name, a!, axis);
      if (a!.shape[axis] === 0) {
        throw new RangeError(
          `Cannot ${name} ${formatShape(a!.shape)} along axis ${axis}: its size is 0`,
        );
      }
      return [makeAval(a!.shape.filter((_, i) => i !== axis), "int32")];
    },
    vjp: flat,
    batch: alongAxis,
  });
}

/** All but the last element along the axis, with `fill` in front (behind when `reverse`). */
function delayed(x: Value, axis: number, fill: Value, reverse: boolean): Value {
  const n = x.shape[axis]!;
  const rest = x.emit("slice", [], {
    start: x.shape.map((_, i) => i === axis && reverse ? 1 : 0),
    size: x.shape.map((s, i) => i === axis ? n - 1 : s),
    step: x.shape.map(() => 1),
  })[0]!;
  return rest.emit("pad", [fill], {
    low: x.shape.map((_, i) => i === axis && !reverse ? 1 : 0),
    high: x.shape.map((_, i) => i === axis && reverse ? 1 : 0),
    inner: x.shape.map(() => 0),
  })[0]!;
}

const scalar = (x: Value, v: number): Value => v === 0 ? x.zeros([]) : x.zeros([]).add(v);

/** The product of the others, along the one axis: works through zeros and to every order. */
function productOfOthers(x: Value, axis: number): Value {
  const before = x.emit("cumprod", [], { axis, reverse: false })[0]!;
  const after = x.emit("cumprod", [], { axis, reverse: true })[0]!;
  const unit = scalar(x, 1);
  return delayed(before, axis, unit, false).mul(delayed(after, axis, unit, true));
}

export const reduce = {
  sum: reduction(
    NUMBER,
    "sum",
    one((g, [x], _out, p) => [spread(g, x!, p).broadcastTo(x!.shape)]),
    linear,
  ),
  prod: reduction(
    NUMBER,
    "multiply up",
    one((g, [x], _out, p) => {
      if (x!.aval.size === 0) return [x!.zeros()];
      const kept = x!.shape.map((_, i) => i).filter((i) => !p.axes.includes(i));
      const perm = [...kept, ...p.axes];
      const back = perm.map((_, i) => perm.indexOf(i));
      const lead = kept.map((i) => x!.shape[i]!);
      const flatX = x!.transpose(perm).reshape([...lead, -1]);
      const others = productOfOthers(flatX, lead.length);
      const moved = perm.map((i) => x!.shape[i]!);
      return [others.mul(g.reshape([...lead, 1])).reshape(moved).transpose(back)];
    }),
  ),
  max: reduction(ANY, "take the maximum of", toExtremes),
  min: reduction(ANY, "take the minimum of", toExtremes),
  argmax: position("find the greatest of"),
  argmin: position("find the least of"),
};

function cumulative(
  vjp: OpDef<CumulativeParams>["vjp"],
  jvp?: OpDef<CumulativeParams>["jvp"],
): OpDef<CumulativeParams> {
  return def<CumulativeParams>({
    class: "cumulative",
    avals: ([a], { axis }) => {
      need(NUMBER, "accumulate", a!);
      needAxis("accumulate", a!, axis);
      return [a!];
    },
    vjp,
    ...(jvp === undefined ? {} : { jvp }),
    batch: alongAxis,
  });
}

export const cumulatives = {
  cumsum: cumulative(
    one((
      g,
      _ins,
      _out,
      { axis, reverse },
    ) => [g.emit("cumsum", [], { axis, reverse: !reverse })[0]!]),
    linear,
  ),
  cumprod: cumulative(
    one((g, [x], out, { axis, reverse }) => {
      if (x!.aval.size === 0) return [x!.zeros()];
      // d/dx_i = (product before i) * r_i with r_i = g_i + x_{i+1} r_{i+1}
      const next = delayed(x!, axis, scalar(x!, 0), !reverse);
      const r = next.emit("recurrence", [g], { axis, reverse: !reverse })[0]!;
      return [delayed(out, axis, scalar(x!, 1), reverse).mul(r)];
    }),
  ),
  /** y_i = a_i * y_{i-1} + b_i along the axis, from y = 0. */
  recurrence: def<CumulativeParams>({
    class: "cumulative",
    avals: ([a, b], { axis }) => {
      need(NUMBER, "accumulate", a!);
      alike("run a recurrence of", [a!, b!]);
      needAxis("run a recurrence of", a!, axis);
      if (!sameShape(a!.shape, b!.shape)) {
        throw new RangeError(
          `Cannot run a recurrence of factors ${formatShape(a!.shape)} with ${
            formatShape(b!.shape)
          }: shapes must agree`,
        );
      }
      return [b!];
    },
    vjp: one((g, [a], out, { axis, reverse }) => {
      if (a!.aval.size === 0) return [a!.zeros(), g];
      const next = delayed(a!, axis, scalar(a!, 0), !reverse);
      const l = next.emit("recurrence", [g], { axis, reverse: !reverse })[0]!;
      return [l.mul(delayed(out, axis, scalar(a!, 0), reverse)), l];
    }),
    batch: alongAxis,
  }),
};
