/**
 * The functions of tests/goldens/make_control.py, and how their cases are run.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { leaves } from "../../src/base/tree.ts";
import { baseInterpreter, type Tensor } from "../../src/core/mod.ts";
import type { Values } from "../../src/base/dtype.ts";
import { config } from "../../src/base/flags.ts";
import * as np from "../../src/numpy/mod.ts";
import {
  checkpoint,
  cond,
  foriLoop,
  grad,
  jit,
  jvp,
  scan,
  switchCase,
  valueAndGrad,
  vmap,
  whileLoop,
} from "../../src/transform/mod.ts";
import { type GoldenArray, readGolden } from "../goldens/read.ts";

type Ts = readonly Tensor[];
type Fn = (...args: Tensor[]) => unknown;

// deno-lint-ignore no-explicit-any
const any = (f: unknown): any => f;
const ones = (xs: Ts): Tensor[] => xs.map((x) => np.onesLike(x));
const all = (tree: unknown): Tensor[] => leaves<Tensor>(tree);

// ---- cond and switchCase

const absolute = (x: Tensor): Tensor => cond(x.gt(0), (x) => x.mul(x), (x) => x.exp(), x);
const closed = (x: Tensor, w: Tensor): Tensor =>
  cond(
    x.sum().gt(0),
    () => ({ a: w.matmul(x), b: x }),
    () => ({ a: w.at(0).mul(2), b: x.sin() }),
  ).a.sum();
const switched = (i: Tensor, x: Tensor): Tensor =>
  switchCase(i, [
    (x) => x.add(1),
    (x) => x.mul(x),
    (x) => x.sin().sum().add(x),
  ], x);
const nested = (x: Tensor): Tensor =>
  cond(
    x.sum().gt(0),
    () => cond(x.at(0).gt(0), () => x.mul(2), () => x.mul(x)),
    () => cond(x.at(0).gt(0), () => x.cos(), () => x.mul(x).mul(x)),
  ).sum();

// ---- whileLoop and foriLoop

const newton = (a: Tensor): Tensor =>
  whileLoop(
    ([, d]) => d!.gt(1e-10),
    ([x]) => {
      const next = x!.add(a.div(x!)).div(2);
      return [next, next.sub(x!).abs()];
    },
    [a, np.onesLike(a)],
  )[0]!;
const grow = (n: Tensor, x: Tensor): Tensor =>
  whileLoop(
    ([k]) => k!.lt(n),
    ([k, y]) => [k!.add(1), y!.mul(1.5).add(x)],
    [np.zerosLike(n), x],
  )[1]!;
const summed = (x: Tensor): Tensor =>
  foriLoop(0, 5, (i, s) => s.mul(x).add(i), np.onesLike(x)).sum();
const dynamic = (n: Tensor, x: Tensor): Tensor =>
  foriLoop(1, n, (i, s) => s.add(x.mul(i)), np.zerosLike(x));

// ---- scan

const rnn = (w: Tensor, u: Tensor, b: Tensor, h: Tensor, xs: Tensor): Tensor[] => {
  const [last, [sums, hs]] = scan(
    (h: Tensor, x: Tensor) => {
      const next = h.matmul(w).add(x.matmul(u)).add(b).tanh();
      return [next, [next.sum(), next.mul(x.at(0, 0))]];
    },
    h,
    xs,
  );
  return [last, sums!, hs!];
};
const rnnLoss = (w: Tensor, u: Tensor, b: Tensor, h: Tensor, xs: Tensor): Tensor => {
  const [last, sums, hs] = rnn(w, u, b, h, xs);
  return last!.mul(last!).sum().add(sums!.sin().sum()).add(hs!.mul(hs!).sum());
};
const rnnGrad = any(grad(any(rnnLoss), { argnums: [0, 1, 2, 3, 4] }));
const first = any(grad(any(rnnLoss)));
const turns = (reverse: boolean) => (c: Tensor, xs: Tensor) =>
  scan((c: Tensor, x: Tensor) => [c.mul(0.5).add(x), [c, c.mul(x)]], c, xs, { reverse });
const turnsLoss = (reverse: boolean) => (c: Tensor, xs: Tensor): Tensor => {
  const sums = all(turns(reverse)(c, xs)).map((x) => x.sum());
  return sums.reduce((a, b) => a.add(b)).square();
};
const table = (x: Tensor): Tensor => {
  const [c, ys] = scan(
    (c: Tensor, row: Tensor) => {
      const [own, ys] = scan((c: Tensor, v: Tensor) => [c.mul(v).add(v.sin()), c], c, row);
      return [own, ys.sum().add(own)];
    },
    0.5,
    x,
  );
  return c.mul(ys.sum());
};
const choosy = (w: Tensor, xs: Tensor): Tensor => {
  const [c, ys] = scan(
    (c: Tensor, x: Tensor) => {
      const next = cond(x.sum().gt(0), () => c.matmul(w).tanh(), () => c.mul(x));
      const i = x.at(0).gt(0).astype("int32");
      return [next, switchCase(i, [() => next.sum(), () => next.mul(next).sum()])];
    },
    np.ones([3], { dtype: "float64" }),
    xs,
  );
  return c.sum().add(ys.mul(ys).sum());
};
const halving = (xs: Tensor) =>
  scan(
    (c: Tensor, x: Tensor) => {
      const n = whileLoop(
        ([s]) => s!.gt(1),
        ([s, k]) => [s!.div(2), k!.add(1)],
        [x.abs().mul(100), np.array(0, { dtype: "int32" })],
      )[1]!;
      return [c.add(n), n];
    },
    np.array(0, { dtype: "int32" }),
    xs,
  );
const f64ones = (n: number): Tensor => np.ones([n], { dtype: "float64" });

/** By the names of the cases. */
const FUNCTIONS: Record<string, Fn> = {
  "cond": any(absolute),
  "cond grad": any(grad(absolute)),
  "cond grad grad": any(grad(grad(absolute))),
  "cond jvp": (x) => jvp(absolute, [x!], [np.onesLike(x!)]),
  "cond captures": any(valueAndGrad(any(closed), { argnums: [0, 1] })),
  "switch": any(switched),
  "switch grad": any(grad((i: Tensor, x: Tensor) => switched(i, x).sum(), { argnums: 1 })),
  "switch vmap": any(vmap(any(switched))),
  "switch vmap operands": any(vmap(any(switched), { inAxes: [null, 0] })),
  "cond vmap": any(vmap(absolute)),
  "cond vmap grad": any(vmap(any(grad(absolute)))),
  "cond nested": any(valueAndGrad(nested)),
  "while": any(newton),
  "while jvp": (a) => jvp(newton, [a!], [np.onesLike(a!)]),
  "while vmap": any(vmap(newton)),
  "while count": any(grow),
  "while count vmap": any(vmap(any(grow))),
  "while count vmap captured": any(vmap(any(grow), { inAxes: [null, 0] })),
  "while count jvp": (n, x) => jvp((x: Tensor) => grow(n!, x), [x!], [np.onesLike(x!)]),
  "fori": any(valueAndGrad(summed)),
  "fori grad grad": any(grad((x: Tensor) => any(grad(summed))(x).sum())),
  "fori dynamic": any(dynamic),
  "rnn": any(rnn),
  "rnn grad": any(rnnGrad),
  "rnn jvp": (...xs) => jvp(any(rnnLoss), any(xs), any(ones(xs))),
  "rnn hvp": (w, ...xs) => grad((w: Tensor) => first(w, ...xs).square().sum())(w!),
  "rnn forward over reverse": (w, ...xs) =>
    jvp((w: Tensor) => first(w, ...xs), [w!], [np.onesLike(w!)]),
  "rnn vmap": any(vmap(any(rnn), { inAxes: [null, null, null, null, 0] })),
  "rnn vmap grad": any(vmap(first, { inAxes: [null, null, null, null, 0] })),
  "rnn vmap weights": any(vmap(any(rnn), { inAxes: [0, null, null, null, null] })),
  "rnn grad vmap": (w, ...xs) =>
    grad((w: Tensor) =>
      any(vmap(any(rnnLoss), { inAxes: [null, null, null, null, 0] }))(w, ...xs).sum()
    )(w!),
  "scan": any(turns(false)),
  "scan grad": any(grad(any(turnsLoss(false)), { argnums: [0, 1] })),
  "scan reverse": any(turns(true)),
  "scan reverse grad": any(grad(any(turnsLoss(true)), { argnums: [0, 1] })),
  "scan empty": (c, xs) => scan((c: Tensor, x: Tensor) => [c.add(x), c.mul(x)], c!, xs!),
  "scan without rows": (c) => scan((c) => [c.mul(2), c], c!, null, { length: 4 }),
  "scan of integers": (c, xs) =>
    scan((c: Tensor, x: Tensor) => [c.add(x), c.mod(3).eq(0)], c!, xs!),
  "scan swaps": (a, b) =>
    scan(([x, y]: Tensor[], _: null) => [[y!, x!], x!], [a!, b!], null, { length: 3 }),
  "scan in scan": any(valueAndGrad(table)),
  "scan in scan grad grad": any(grad((x: Tensor) => any(grad(table))(x).square().sum())),
  "cond in scan": any(valueAndGrad(any(choosy), { argnums: [0, 1] })),
  "cond in scan vmap": any(vmap(any(grad(any(choosy))), { inAxes: [null, 0] })),
  "while in scan": any(halving),
  "while in scan vmap": any(vmap(any(halving))),
  "scan of vmap": (w, xs) =>
    scan(
      (c: Tensor, x: Tensor) => [vmap((r) => r.matmul(w!).tanh())(c).add(x), null],
      np.zeros([4, 3], { dtype: "float64" }),
      xs!,
    )[0],
  "scan in cond": any(valueAndGrad((x: Tensor): Tensor =>
    cond(
      x.at(0).gt(0),
      () =>
        scan((c: Tensor, v: Tensor) => [c.mul(v), null], np.array(1, { dtype: "float64" }), x)[0],
      () => x.mul(x).sum(),
    )
  )),
  "checkpoint in scan": any(grad((w: Tensor, xs: Tensor) =>
    scan(
      (c: Tensor, x: Tensor) => [
        checkpoint((c: Tensor) => c.matmul(w).tanh().mul(x).sin())(c),
        null,
      ],
      f64ones(3),
      xs,
    )[0].sum()
  )),
};

interface Case {
  readonly name: string;
  readonly args: readonly GoldenArray[];
  readonly want: readonly GoldenArray[];
}

// the rules of every pass are checked as well
config({ checkPasses: true });

const { cases } = readGolden("control") as unknown as { cases: readonly Case[] };

const upload = ({ data, shape, dtype }: GoldenArray): Tensor =>
  baseInterpreter().upload(data as Values, shape, dtype);

/** What differs from JAX, in words; null when nothing does. */
function difference(got: readonly Tensor[], want: readonly GoldenArray[]): string | null {
  if (got.length !== want.length) return `${got.length} results, not ${want.length}`;
  for (const [k, w] of want.entries()) {
    const g = got[k]!;
    if (g.dtype !== w.dtype || g.shape.join() !== w.shape.join()) {
      return `result ${k} is ${g.dtype}[${g.shape}], not ${w.dtype}[${w.shape}]`;
    }
    const values = g.data();
    for (let i = 0; i < values.length; i++) {
      const [a, b] = [values[i]!, w.data[i]!];
      if (Math.abs(a - b) <= 1e-10 * (1 + Math.abs(b)) || (a !== a && b !== b)) continue;
      return `result ${k} at ${i} is ${a}, not ${b}`;
    }
  }
  return null;
}

/** Runs the cases whose names begin so: eager, and jitted. */
export function assertCases(...begins: readonly string[]): void {
  const mine = cases.filter((c) => begins.some((b) => c.name === b || c.name.startsWith(`${b} `)));
  assert(mine.length > 0);
  const wrong: string[] = [];
  for (const c of mine) {
    const f = FUNCTIONS[c.name];
    if (f === undefined) throw new Error(`There is no function "${c.name}"`);
    const ins = c.args.map(upload);
    for (const [how, run] of [["eager", f], ["jitted", any(jit(any(f)))]] as const) {
      const text = difference(all(run(...ins)), c.want);
      if (text !== null) wrong.push(`${c.name}, ${how}: ${text}`);
    }
  }
  assertEquals(wrong, []);
}

/** The names of all cases. */
export const NAMES: readonly string[] = cases.map((c) => c.name);
