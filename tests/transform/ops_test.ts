/**
 * Every op of the table under vmap and jvp: a batch is a loop over its examples, whichever operands
 * are batched along whichever axis; tangents agree with central differences and with the reverse rule.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { DTYPES, isFloat } from "../../src/base/dtype.ts";
import { emit, type Tensor, toTensor } from "../../src/core/mod.ts";
import { opDef } from "../../src/ir/ops.ts";
import { jit, jvp, linearize, vjp, vmap } from "../../src/transform/mod.ts";
import type { GoldenArray } from "../goldens/read.ts";
import { type GradientRow, GRADIENTS } from "../ir/op_gradients.ts";
import {
  describe,
  difference,
  NAMES,
  read,
  runOp,
  type Sample,
  type SampledOp,
  samplesOf,
  upload,
} from "../ir/op_samples.ts";

const EXAMPLES = 3;
const count = (shape: readonly number[]): number => shape.reduce((n, m) => n * m, 1);

/** Samples of few elements that differ in shapes or parameters, of one dtype. */
function chosen(op: SampledOp): Sample[] {
  const small = samplesOf(op).filter((s) => [...s.ins, ...s.outs].every((x) => x.data.length < 65));
  const main = (s: Sample) => (op === "where" ? s.ins[1] : s.ins[0] ?? s.outs[0])!.dtype;
  const dtype = small.some((s) => main(s) === "float32") ? "float32" : main(small[0]!);
  const kinds = new Map<string, Sample>();
  for (const s of small.filter((s) => main(s) === dtype)) {
    const kind = `${s.ins.map((x) => `[${x.shape}]`)} ${JSON.stringify(s.params)}`;
    if (!kinds.has(kind)) kinds.set(kind, s);
  }
  const all = [...kinds.values()];
  const step = Math.max(1, Math.floor(all.length / 7));
  return all.filter((_, i) => i % step === 0);
}

/** The i-th example made of a sample's array: its values turned round by i. */
function turned({ data, shape, dtype }: GoldenArray, i: number): Tensor {
  const out = new DTYPES[dtype].array(data.length);
  for (let k = 0; k < data.length; k++) out[k] = data[(k + i) % data.length]!;
  return upload({ data: out as GoldenArray["data"], shape, dtype });
}

/** Examples side by side along an axis. */
function stack(xs: readonly Tensor[], axis: number): Tensor {
  const shape = [...xs[0]!.shape];
  shape.splice(axis, 0, 1);
  return emit("concatenate", xs.map((x) => x.reshape(shape)), { axis });
}

/** One example of a stack. */
function row(x: Tensor, i: number, axis: number): Tensor {
  const start = x.shape.map((_, k) => k === axis ? i : 0);
  const size = x.shape.map((n, k) => k === axis ? 1 : n);
  return emit("slice", [x], { start, size, step: size.map(() => 1) })
    .reshape(size.filter((_, k) => k !== axis));
}

/** Which operands are batched: each alone, all, and for two or three every choice. */
function choices(n: number): boolean[][] {
  const all = Array.from({ length: n }, () => true);
  if (n > 3) return [all, ...all.map((_, k) => all.map((_, i) => i === k))];
  return Array.from(
    { length: 2 ** n - 1 },
    (_, bits) => all.map((_, i) => ((bits + 1) >> i & 1) === 1),
  );
}

const NEAR = { rtol: 2e-6, atol: 2e-6 };

for (const op of NAMES.filter((op) => samplesOf(op).some((s) => s.ins.length > 0))) {
  Deno.test(`vmap of ${op} is a loop over examples, along each axis, eager and jitted`, () => {
    const wrong: string[] = [];
    for (const s of chosen(op)) {
      const examples = s.ins.map((x) => Array.from({ length: EXAMPLES }, (_, i) => turned(x, i)));
      const f = (...xs: Tensor[]) => runOp(op, xs, s.params);
      for (const which of choices(s.ins.length)) {
        const loop = Array.from(
          { length: EXAMPLES },
          (_, i) => f(...examples.map((xs, k) => xs[which[k] ? i : 0]!)).map(read),
        );
        const most = Math.max(...s.ins.map((x, k) => which[k] ? x.shape.length : 0));
        for (let axis = 0; axis <= most; axis++) {
          const place = (k: number) => Math.min(axis, s.ins[k]!.shape.length);
          const inAxes = s.ins.map((_, k) => which[k] ? place(k) : null);
          const ins = examples.map((xs, k) => which[k] ? stack(xs, place(k)) : xs[0]!);
          const at = Math.min(axis, ...s.outs.map((y) => y.shape.length));
          const batched = vmap(f, { inAxes, outAxes: at });
          const ways = axis === 0 ? { eager: batched, jitted: jit(batched) } : { eager: batched };
          for (const [how, run] of Object.entries(ways)) {
            const outs = run(...ins) as Tensor[];
            for (let i = 0; i < EXAMPLES; i++) {
              const why = difference(outs.map((y) => read(row(y, i, at))), loop[i]!, NEAR);
              if (why !== null) wrong.push(`${how} ${describe(s)} ${inAxes} example ${i}: ${why}`);
            }
          }
        }
      }
    }
    assertEquals(wrong, []);
  });
}

// ---- forward mode

let state = 7;
function draw(shape: readonly number[]): Tensor {
  const data = Float64Array.from({ length: count(shape) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  return toTensor(data).reshape(shape);
}

const dot = (a: readonly Tensor[], b: readonly Tensor[]): number => {
  let sum = 0;
  a.forEach((x, k) => {
    const y = b[k]!.data();
    x.data().forEach((v, i) => sum += v * y[i]!);
  });
  return sum;
};

interface Point {
  readonly f: (...free: Tensor[]) => Tensor[];
  readonly free: Tensor[];
}

/** An op as a function of its floating-point operands alone. */
function pointOf(op: SampledOp, { ins, params }: GradientRow): Point {
  const full = ins.map(upload);
  const isFree = full.map((x) => isFloat(x.dtype));
  return {
    free: full.filter((_, i) => isFree[i]),
    f: (...free) => {
      let at = 0;
      const xs = full.map((x, i) => isFree[i] ? free[at++]! : x);
      return runOp(op, xs, params).filter((y) => isFloat(y.dtype));
    },
  };
}

const near = (a: number, b: number, tolerance: number) =>
  Math.abs(a - b) <= tolerance * (1 + Math.abs(b));

for (const op of NAMES) {
  const rows = GRADIENTS[op];
  if (typeof rows === "string") continue;
  Deno.test(`jvp of ${op} agrees with central differences and with its vjp`, () => {
    rows.forEach((r, k) => {
      const { f, free } = pointOf(op, r);
      const v = free.map((x) => draw(x.shape));
      const at = `${op} ${r.ins.map((x) => `[${x.shape}]`)} ${JSON.stringify(r.params)}`;
      const [ys, moved] = jvp(f, free, v) as [Tensor[], Tensor[]];
      const c = ys.map((y) => draw(y.shape));
      moved.forEach((t, i) => {
        assertEquals([t.shape, t.dtype], [ys[i]!.shape, ys[i]!.dtype], at);
      });

      const eps = 1e-5;
      const shift = (by: number) => f(...free.map((x, i) => x.add(v[i]!.mul(by))));
      const [up, down] = [shift(eps), shift(-eps)];
      const slope = up.map((y, i) => y.sub(down[i]!).div(2 * eps));
      assert(near(dot(moved, c), dot(slope, c), 1e-6), `${at}: not the slope`);

      const [, pull] = vjp(f, free);
      const transposed = dot(pull(c as never) as Tensor[], v);
      assert(near(dot(moved, c), transposed, 1e-11), `${at}: not the transpose of the vjp`);

      const [, push] = linearize(f, free);
      assert(near(dot(push(...v) as Tensor[], c), transposed, 1e-11), `${at}: not linearize`);
      if (k >= 3) return;
      const compiled = jit((xs: Tensor[], ts: Tensor[]) => jvp(f, xs, ts)[1] as Tensor[]);
      assert(near(dot(compiled(free, v), c), transposed, 1e-11), `${at}: jitted differs`);
    });
  });
  Deno.test(`vmap of jvp and of vjp of ${op} are loops over directions`, () => {
    for (const r of rows.slice(0, 4)) {
      const { f, free } = pointOf(op, r);
      const ys = f(...free);
      const vs = free.map((x) => draw([EXAMPLES, ...x.shape]));
      const cs = ys.map((y) => draw([EXAMPLES, ...y.shape]));
      const at = `${op} ${r.ins.map((x) => `[${x.shape}]`)} ${JSON.stringify(r.params)}`;
      const push = (v: Tensor[]) => jvp(f, free, v)[1] as Tensor[];
      const [, pull] = vjp(f, free);
      const pullAll = (c: Tensor[]) => pull(c as never) as Tensor[];
      for (const [g, given] of [[push, vs], [pullAll, cs]] as const) {
        const all = vmap(g)(given) as Tensor[];
        for (let i = 0; i < EXAMPLES; i++) {
          const one = g(given.map((x) => row(x, i, 0))).map(read);
          const why = difference(all.map((y) => read(row(y, i, 0))), one, {
            rtol: 1e-12,
            atol: 1e-13,
          });
          assertEquals(why, null, at);
        }
      }
      // each example at a point of its own, too
      const points = free.map((x) => stack([x, x, x], 0));
      const both = vmap((xs: Tensor[], v: Tensor[]) => jvp(f, xs, v)[1] as Tensor[])(points, vs);
      const why = difference(both.map(read), vmap(push)(vs).map(read), {
        rtol: 1e-12,
        atol: 1e-13,
      });
      assertEquals(why, null, at);
    }
  });
}

Deno.test("every op has a batching rule, and every class without one of its own a forward rule", () => {
  for (const op of NAMES) assert(typeof opDef(op).batch === "function", op);
  for (const op of NAMES) {
    if (opDef(op).class === "elementwise") assert(opDef(op).jvp !== undefined, op);
  }
});
