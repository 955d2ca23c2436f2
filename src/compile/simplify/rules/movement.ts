/**
 * Movements that go nowhere, or two of which are one.
 *
 * @module
 */
import { isFloat } from "../../../base/dtype.ts";
import { opDef } from "../../../ir/ops.ts";
import type { PadParams, SliceParams } from "../../../ir/ops/movement.ts";
import type { ReduceParams } from "../../../ir/ops/reduce.ts";
import type { Rewriter, Rule, Rules } from "../rewrite.ts";
import type { Step } from "../../../ir/program.ts";

const shapeOf = (s: Step, w: Rewriter) => w.aval(s.ins[0]!).shape;

/** A movement whose result is its operand as it lies. */
const nowhere = (still: (s: Step, w: Rewriter) => boolean): Rule => (s, w) =>
  still(s, w) ? s.ins[0]! : null;

const sameShape: Rule = nowhere((s, w) => w.hasShape(s.ins[0]!, w.aval(s.outs[0]!).shape));

/** Two reshapes. */
const reshapeTwice: Rule = (s, w) => {
  const inner = w.made(s.ins[0]!, "reshape");
  return inner === null ? null : w.reshape(inner.ins[0]!, w.aval(s.outs[0]!).shape);
};

/** Two broadcasts. */
const broadcastTwice: Rule = (s, w) => {
  const inner = w.made(s.ins[0]!, "broadcast");
  return inner === null ? null : w.broadcast(inner.ins[0]!, w.aval(s.outs[0]!).shape);
};

/** A transpose that moves only axes of size 1. */
const transposeAsReshape: Rule = (s, w) => {
  const shape = shapeOf(s, w);
  const moved = (s.params["perm"] as number[]).filter((i) => shape[i] !== 1);
  if (moved.some((i, at) => at > 0 && i < moved[at - 1]!)) return null;
  return w.reshape(s.ins[0]!, w.aval(s.outs[0]!).shape);
};

/** Two transposes. */
const transposeTwice: Rule = (s, w) => {
  const inner = w.made(s.ins[0]!, "transpose");
  if (inner === null) return null;
  const first = inner.params["perm"] as number[];
  const perm = (s.params["perm"] as number[]).map((i) => first[i]!);
  return w.emit("transpose", [inner.ins[0]!], { perm });
};

/** A transpose of what was broadcast: the smaller array is transposed. */
const transposeBroadcast: Rule = (s, w) => {
  const inner = w.made(s.ins[0]!, "broadcast");
  if (inner === null) return null;
  const source = inner.ins[0]!;
  const own = w.aval(source).shape;
  const perm = s.params["perm"] as number[];
  const whole = [...perm.map(() => 1).slice(own.length), ...own];
  const moved = w.emit("transpose", [w.reshape(source, whole)], { perm });
  return w.broadcast(moved, w.aval(s.outs[0]!).shape);
};

/** A flip along axes of one element, or of none. */
const flipNothing = nowhere((s, w) =>
  (s.params["axes"] as number[]).every((i) => shapeOf(s, w)[i]! <= 1)
);

/** Two flips. */
const flipTwice: Rule = (s, w) => {
  const inner = w.made(s.ins[0]!, "flip");
  if (inner === null) return null;
  const [a, b] = [inner.params["axes"], s.params["axes"]] as [number[], number[]];
  const axes = [...a.filter((i) => !b.includes(i)), ...b.filter((i) => !a.includes(i))];
  return w.emit("flip", [inner.ins[0]!], { axes: axes.sort((i, j) => i - j) });
};

/** Two slices. */
const sliceTwice: Rule = (s, w) => {
  const inner = w.made(s.ins[0]!, "slice");
  if (inner === null) return null;
  const a = inner.params as unknown as SliceParams;
  const b = s.params as unknown as SliceParams;
  // an empty window may start anywhere; as written it surely lies inside
  if (b.size.includes(0)) return null;
  return w.emit("slice", [inner.ins[0]!], {
    start: a.start.map((n, i) => n + b.start[i]! * a.step[i]!),
    size: b.size,
    step: a.step.map((n, i) => n * b.step[i]!),
  });
};

/** Padding by nothing. */
const padNothing = nowhere((s) => {
  const { low, high, inner } = s.params as unknown as PadParams;
  return [...low, ...high, ...inner].every((n) => n === 0);
});

/** What has one part, or one that is not empty. */
const concatenateOne: Rule = (s, w) => {
  const axis = s.params["axis"] as number;
  const full = s.ins.filter((i) => w.aval(i).shape[axis]! > 0);
  if (full.length === s.ins.length && full.length > 1) return null;
  if (full.length === 0) return s.ins[0]!;
  return full.length === 1 ? full[0]! : w.emit("concatenate", full, s.params);
};

/**
 * A reduction over axes of size 1 is its operand. A sum of floats is not: it begins at 0, which
 * makes 0 of -0.
 */
const reduceNothing: Rule = (s, w) => {
  const x = w.aval(s.ins[0]!);
  if (s.op === "sum" && isFloat(x.dtype)) return null;
  const { axes } = s.params as unknown as ReduceParams;
  if (axes.some((i) => x.shape[i] !== 1)) return null;
  return w.reshape(s.ins[0]!, w.aval(s.outs[0]!).shape);
};

/** A window whose start is written in the program is a static one. */
const staticWindow: Rule = (s, w) => {
  const at = w.values(s.ins[1]!);
  if (at === null) return null;
  const size = s.params["size"] as readonly number[];
  const shape = shapeOf(s, w);
  const start = at.map((v, i) => Math.max(0, Math.min(v, shape[i]! - size[i]!)));
  return w.emit("slice", [s.ins[0]!], { start, size, step: size.map(() => 1) });
};

/** A handle of its own for a value, which mattered while it was recorded. */
const handle: Rule = (s) => s.ins[0]!;

/** An elementwise op repeats its operands itself, where another one has the shape of the result. */
export const unbroadcast: Rule = (s, w) => {
  if (opDef(s.op).class !== "elementwise" || s.ins.length < 2) return null;
  const { shape } = w.aval(s.outs[0]!);
  const at = s.ins.findIndex((i) => w.made(i, "broadcast") !== null);
  if (at < 0) return null;
  const full = s.ins.some((i, j) => j !== at && w.hasShape(i, shape));
  if (!full && !w.hasShape(w.made(s.ins[at]!, "broadcast")!.ins[0]!, shape)) return null;
  const ins = s.ins.map((i, j) => j === at ? w.made(i, "broadcast")!.ins[0]! : i);
  return w.emit(s.op, ins, s.params);
};

/** The rules for movements. */
export const MOVEMENT: Rules = {
  reshape: [sameShape, reshapeTwice],
  broadcast: [sameShape, broadcastTwice],
  transpose: [transposeAsReshape, transposeTwice, transposeBroadcast],
  flip: [flipNothing, flipTwice],
  slice: [sameShape, sliceTwice],
  pad: [padNothing],
  concatenate: [concatenateOne],
  max: [reduceNothing],
  min: [reduceNothing],
  prod: [reduceNothing],
  sum: [reduceNothing],
  dynamicSlice: [sameShape, staticWindow],
  same: [handle],
  stop: [handle],
};
