import { assertEquals, assertThrows } from "@std/assert";
import type { Tensor, TensorLike } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { checkGrads, grad } from "../../src/transform/mod.ts";
import { functionsOf } from "./cases.ts";
import { draw } from "./samples.ts";
import { FLAT_NAMES, SMOOTH_NAMES } from "./smooth_names.ts";

/** Functions whose result does not depend smoothly on any float input, and why. */
const FLAT: Record<string, string> = {
  ...Object.fromEntries(
    ("equal notEqual less lessEqual greater greaterEqual isnan isfinite isinf isclose allclose " +
      "logicalAnd logicalOr logicalXor logicalNot any all").split(" ").map((
        n,
      ) => [n, "gives bools"]),
  ),
  ...Object.fromEntries(
    "bitwiseAnd bitwiseOr bitwiseXor bitwiseNot leftShift rightShift".split(" ").map((
      n,
    ) => [n, "takes integers"]),
  ),
  ...Object.fromEntries("argmax argmin argsort".split(" ").map((n) => [n, "gives positions"])),
  ...Object.fromEntries(
    "arange eye zeros ones zerosLike onesLike".split(" ").map((n) => [n, "depends on no value"]),
  ),
};

/** Functions with steps: zero gradient wherever there is one. */
const STEPS = "floor ceil trunc fix rint round sign floorDivide".split(" ");

type Sample = readonly [f: (...x: Tensor[]) => unknown, ...args: Tensor[]];
type Unary = (x: TensorLike) => Tensor;
type Binary = (a: TensorLike, b: TensorLike) => Tensor;

/** Scalar, zero-size and odd shapes. */
const unary = (f: Unary, low?: number, high?: number): Sample[] =>
  [[], [0, 3], [3, 5], [7]].map((shape) => [f, draw(shape, low, high)]);

/** Equal, broadcast and zero-size shapes. */
const binary = (f: Binary, a: [number, number] = [0.5, 2.5], b = a): Sample[] =>
  ([[[], []], [[0, 3], [3]], [[3, 1], [1, 5]], [[2, 3], []], [[7], [7]]] as const).map((
    [s, t],
  ) => [f, draw(s, ...a), draw(t, b[0] + 0.013, b[1] + 0.013)]);

const over = (f: (x: TensorLike, o?: object) => Tensor, low?: number, high?: number): Sample[] => [
  [f, draw([], low, high)],
  ...[{}, { axis: 0 }, { axis: [0, -1], keepdims: true }, { axis: 1, keepdims: true }].map((
    o,
  ): Sample => [(x) => f(x!, o), draw([3, 5, 2], low, high)]),
];

const SMOOTH: Record<string, Sample[]> = {
  negative: unary(np.negative),
  positive: unary(np.positive),
  abs: unary(np.abs),
  square: unary(np.square),
  sqrt: unary(np.sqrt, 0.2, 3),
  cbrt: unary(np.cbrt, 0.2, 3),
  reciprocal: unary(np.reciprocal, 0.4, 3),
  nanToNum: unary(np.nanToNum),
  exp: unary(np.exp),
  exp2: unary(np.exp2),
  expm1: unary(np.expm1),
  log: unary(np.log, 0.2, 3),
  log2: unary(np.log2, 0.2, 3),
  log10: unary(np.log10, 0.2, 3),
  log1p: unary(np.log1p, -0.6, 3),
  sin: unary(np.sin),
  cos: unary(np.cos),
  tan: unary(np.tan, -1.1, 1.1),
  arcsin: unary(np.arcsin, -0.8, 0.8),
  arccos: unary(np.arccos, -0.8, 0.8),
  arctan: unary(np.arctan),
  sinh: unary(np.sinh),
  cosh: unary(np.cosh),
  tanh: unary(np.tanh),
  arcsinh: unary(np.arcsinh),
  arccosh: unary(np.arccosh, 1.4, 3),
  arctanh: unary(np.arctanh, -0.8, 0.8),
  deg2rad: unary(np.deg2rad),
  rad2deg: unary(np.rad2deg, -0.1, 0.1),
  sinc: [...unary(np.sinc), [np.sinc, np.array(Float64Array.of(0, 1e-3, 2e-3))]],
  add: binary(np.add),
  subtract: binary(np.subtract),
  multiply: binary(np.multiply),
  divide: binary(np.divide),
  mod: binary(np.mod, [5.1, 5.4], [1.5, 1.6]),
  fmod: binary(np.fmod, [5.1, 5.4], [1.5, 1.6]),
  divmod: [[(a, b) => np.divmod(a!, b!)[1], draw([4], 5.1, 5.4), draw([4], 1.5, 1.6)]],
  power: [
    ...binary(np.power),
    ...[0, 1, 2, 3, -2, 0.5].map((p): Sample => [
      (x) => np.power(x!, p),
      draw([5], 0.5, 2),
    ]),
  ],
  floatPower: binary(np.floatPower),
  hypot: binary(np.hypot),
  copysign: [[(x) => np.copysign(x!, [-1, 1, -1]), draw([3], 0.5, 2)]],
  heaviside: [[(b) => np.heaviside([-1, 0, 2], b!), draw([3])]],
  logaddexp: binary(np.logaddexp),
  logaddexp2: binary(np.logaddexp2),
  arctan2: binary(np.arctan2),
  maximum: binary(np.maximum),
  minimum: binary(np.minimum),
  fmax: binary(np.fmax),
  fmin: binary(np.fmin),
  where: [[
    (a, b) => np.where(np.array([true, false, true]), a!, b!),
    draw([2, 3]),
    draw([3], 3, 4),
  ]],
  clip: [[(x, lo, hi) => np.clip(x!, lo!, hi!), draw([4, 3]), draw([3], -1, -0.7), draw([], 1, 1)]],
  sum: over(np.sum),
  mean: over(np.mean),
  prod: over(np.prod, 0.5, 1.5),
  max: over(np.max),
  min: over(np.min),
  ptp: over(np.ptp).slice(1),
  var: over(np.var),
  std: over(np.std).slice(1),
  logsumexp: over(np.logsumexp),
  matmul: ([
    [[3, 4], [4, 5]],
    [[4], [4]],
    [[2, 3, 4], [4]],
    [[2, 1, 3, 4], [5, 4, 2]],
    [[0, 4], [4, 3]],
    [[3, 0], [0, 2]],
  ] as const).map(([a, b]): Sample => [(x, y) => np.matmul(x!, y!), draw(a), draw(b, -1, 1)]),
  dot: [[(a, b) => np.dot(a!, b!), draw([2, 3, 4]), draw([5, 4, 2])]],
  inner: [[(a, b) => np.inner(a!, b!), draw([2, 3]), draw([4, 3])]],
  outer: [[(a, b) => np.outer(a!, b!), draw([3]), draw([2, 2])]],
  vdot: [[(a, b) => np.vdot(a!, b!), draw([2, 3]), draw([2, 3], -1, 1)]],
  tensordot: [
    [(a, b) => np.tensordot(a!, b!, 0), draw([2]), draw([3])],
    [(a, b) => np.tensordot(a!, b!, [[0, 1], [1, 0]]), draw([3, 4, 5]), draw([4, 3, 2])],
  ],
  einsum: ([
    ["ij,jk->ik", [2, 3], [3, 4]],
    ["ij,jk->ki", [2, 3], [3, 4]],
    ["ji,jk", [3, 2], [3, 4]],
    ["bhqd,bhkd->bhqk", [2, 1, 3, 4], [2, 1, 5, 4]],
    ["...ij,...jk->...ik", [2, 1, 3, 4], [5, 4, 2]],
    ["ii->i", [3, 3]],
    ["iij,j->i", [2, 2, 3], [3]],
    ["i,ij,j->", [3], [3, 4], [4]],
    ["ij,ij->i", [3, 4], [3, 4]],
    ["ij->j", [0, 3]],
  ] as const).map(([spec, ...shapes]): Sample => [
    (...x) => np.einsum(spec, ...x),
    ...shapes.map((s) => draw(s)),
  ]),
  array: unary(np.array),
  asarray: unary(np.asarray),
  full: [[(v) => np.full([2, 3], v!), draw([3])]],
  fullLike: [[(v) => np.fullLike(np.zeros([2], "float64"), v!), draw([])]],
  linspace: [[(a, b) => np.linspace(a!, b!, 4), draw([2]), draw([2], 3, 4)]],
  tril: [[(x) => np.tril(x!, 1), draw([2, 3, 4])]],
  triu: [[(x) => np.triu(x!, -1), draw([3, 3])]],
  diag: [[(x) => np.diag(x!, 1), draw([3])], [(x) => np.diag(x!, -1), draw([3, 4])]],
  reshape: [[(x) => np.reshape(x!, [3, -1]), draw([2, 6])]],
  transpose: [[(x) => np.transpose(x!, [2, 0, 1]), draw([2, 3, 4])]],
  swapaxes: [[(x) => np.swapaxes(x!, 0, -1), draw([2, 3, 4])]],
  moveaxis: [[(x) => np.moveaxis(x!, 0, 1), draw([2, 3, 4])]],
  expandDims: [[(x) => np.expandDims(x!, 1), draw([2, 3])]],
  squeeze: [[(x) => np.squeeze(x!), draw([1, 3, 1])]],
  broadcastTo: [[(x) => np.broadcastTo(x!, [4, 2, 3]), draw([2, 1])]],
  concatenate: [[(a, b) => np.concatenate([a!, b!, a!], 1), draw([2, 3]), draw([2, 0])]],
  stack: [[(a, b) => np.stack([a!, b!], -1), draw([2, 3]), draw([2, 3], 0, 1)]],
  vstack: [[(a, b) => np.vstack([a!, b!]), draw([3]), draw([2, 3])]],
  hstack: [[(a, b) => np.hstack([a!, b!]), draw([3]), draw([2])]],
  split: [
    [(x) => np.split(x!, 3, 1), draw([2, 6])],
    [(x) => np.split(x!, [1, 4]), draw([5, 2])],
  ],
  pad: [
    ...([
      "constant",
      "edge",
      "reflect",
      "symmetric",
      "wrap",
      "maximum",
      "mean",
      "median",
      "minimum",
      "linearRamp",
    ] as const)
      .map((mode): Sample => [(x) => np.pad(x!, [[2, 1], [0, 4]], { mode }), draw([3, 4])]),
    [(x) => np.pad(x!, 3, { mode: "reflect", reflectType: "odd" }), draw([5])],
  ],
  flip: [[(x) => np.flip(x!, [0, 2]), draw([2, 3, 2])]],
  roll: [[(x) => np.roll(x!, [1, -1], [0, 1]), draw([3, 4])], [
    (x) => np.roll(x!, 2),
    draw([2, 3]),
  ]],
  tile: [[(x) => np.tile(x!, [2, 3]), draw([2, 2])]],
  repeat: [[(x) => np.repeat(x!, 2, 1), draw([2, 3])], [
    (x) => np.repeat(x!, [2, 0, 1], 0),
    draw([3]),
  ]],
  take: [[(x) => np.take(x!, [[0, -1], [2, 0]], 0), draw([3, 2])]],
  takeAlongAxis: [[(x) => np.takeAlongAxis(x!, [[2, 0], [1, 1]], 1), draw([2, 3])]],
  cumsum: [[(x) => np.cumsum(x!, 1), draw([2, 5])], [(x) => np.cumsum(x!), draw([2, 2])]],
  cumprod: [
    [(x) => np.cumprod(x!, 0), draw([4, 2])],
    [(x) => np.cumprod(x!), np.array(Float64Array.of(0.5, 0, 2, 1.5))],
  ],
  sort: [
    [(x) => np.sort(x!), draw([3, 5])],
    [(x) => np.sort(x!, { axis: 0, descending: true }), draw([5, 2])],
  ],
};

Object.assign(SMOOTH, SMOOTH_NAMES);
Object.assign(FLAT, FLAT_NAMES);

const functions = functionsOf(np);

Deno.test("every np function is differentiated, or known to be flat", () => {
  const known = new Set(
    [...Object.keys(SMOOTH), ...Object.keys(FLAT), ...STEPS].map((name) => functions.get(name)),
  );
  const missing = [...functions].filter(([, f]) => !known.has(f)).map(([name]) => name);
  assertEquals(missing, []);
});

for (const [name, samples] of Object.entries(SMOOTH)) {
  Deno.test(`np.${name} has the derivatives of its central differences, to second order`, () => {
    for (const [f, ...args] of samples) checkGrads(f, args, { order: 2, atol: 1e-6, rtol: 1e-6 });
  });
}

Deno.test("step functions have zero gradient", () => {
  const x = draw([5], 0.6, 3.4);
  for (const name of STEPS) {
    const f = functions.get(name) as (...a: TensorLike[]) => Tensor;
    const g = grad((t: Tensor) => (name === "floorDivide" ? f(t, 0.7) : f(t)).sum())(x);
    assertEquals(g.toArray(), [0, 0, 0, 0, 0], name);
  }
});

Deno.test("positions and bools refuse to be differentiated", () => {
  for (const name of ["argmax", "argsort", "isnan", "less"]) {
    const f = functions.get(name) as (...a: TensorLike[]) => Tensor;
    assertThrows(
      () => grad((t: Tensor) => (name === "less" ? f(t, 1) : f(t)).sum())(draw([3])),
      TypeError,
      "floating point",
    );
  }
});
