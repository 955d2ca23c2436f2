import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConcretizationError } from "../../src/base/mod.ts";
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { jit, valueAndGrad } from "../../src/transform/mod.ts";
import type { GoldenArray, GoldenRecord } from "../goldens/read.ts";
import { argumentsOf, arraysIn, casesOf, check, functionsOf } from "./cases.ts";

const functions = functionsOf(np);
const cases = casesOf("np");
const values = (name: string) => cases.get(name)!.filter((c) => c.kind !== "grad");
const named = [...cases.keys()].filter((name) => functions.has(name));

/** Functions that take functions: `functions_test.ts` has them. */
const BY_HAND = ["piecewise", "fromfunction", "maskIndices"];

/** Functions whose results are no tensors, traced or not. */
const STATIC = (
  "shape ndim size broadcastShapes finfo iinfo promoteTypes resultType"
).split(" ");

/** Functions that read values, and what they say of traced ones; with a size they need not. */
const READING: Record<string, string> = {
  allclose: "np.isclose(a, b).all()",
  arrayEqual: "np.equal(a, b).all()",
  arrayEquiv: "np.equal(a, b).all()",
  bincount: "give { length }",
  roots: "find them outside",
  trimZeros: "trim it outside",
  ...Object.fromEntries(
    ("nonzero argwhere flatnonzero extract compress unique uniqueValues uniqueCounts " +
      "uniqueInverse uniqueAll setdiff1d union1d intersect1d setxor1d")
      .split(" ").map((name) => [name, "give { size }"]),
  ),
};

function reads(c: GoldenRecord): boolean {
  const { size, length } = c.options as Record<string, unknown>;
  const [a, b] = c.args as { shape?: number[] }[];
  if (c.fn === "arrayEqual" && String(a!.shape) !== String(b!.shape)) return false;
  if (c.fn === "arrayEquiv" && c.want === false && a!.shape!.length !== b!.shape!.length) {
    return false;
  }
  if (c.fn === "bincount" && a!.shape![0] === 0) return false;
  return size === undefined && length === undefined;
}

Deno.test("every np function has a golden case, itself or under another of its names", () => {
  const tested = new Set([...named, ...BY_HAND].map((name) => functions.get(name)));
  const missing = [...functions].filter(([, f]) => !tested.has(f)).map(([name]) => name);
  assertEquals(missing, []);
});

Deno.test("every golden case belongs to an np function", () => {
  assertEquals([...cases.keys()].filter((name) => !functions.has(name)), []);
});

Deno.test("other names of np functions are the same functions", () => {
  const pairs = [
    ["absolute", "abs"],
    ["trueDivide", "divide"],
    ["remainder", "mod"],
    ["radians", "deg2rad"],
    ["degrees", "rad2deg"],
    ["amax", "max"],
    ["amin", "min"],
    ["pow", "power"],
    ["copy", "array"],
    ["concat", "concatenate"],
    ["rowStack", "vstack"],
    ["invert", "bitwiseNot"],
    ["bitwiseInvert", "bitwiseNot"],
    ["bitwiseLeftShift", "leftShift"],
    ["bitwiseRightShift", "rightShift"],
    ["permuteDims", "transpose"],
    ["around", "round"],
    ["acos", "arccos"],
    ["acosh", "arccosh"],
    ["asin", "arcsin"],
    ["asinh", "arcsinh"],
    ["atan", "arctan"],
    ["atan2", "arctan2"],
    ["atanh", "arctanh"],
  ] as const;
  for (const [other, name] of pairs) assert(np[other] === np[name], other);
});

for (const name of named) {
  const f = functions.get(name)!;

  Deno.test(`np.${name} equals NumPy`, () => {
    for (const c of values(name)) check(c, f(...argumentsOf(c)));
  });

  if (STATIC.includes(name)) continue;

  Deno.test(`np.${name} under jit equals NumPy`, () => {
    for (const c of values(name)) {
      const { arrays, fill } = arraysIn(argumentsOf(c));
      const jitted = jit((...tensors: Tensor[]) => f(...fill(tensors)) as Tensor);
      if (name in READING && reads(c)) {
        assertThrows(() => jitted(...arrays), ConcretizationError, READING[name]);
      } else if (typeof c.want === "boolean") {
        // arrays of different shapes are told apart without their values
        assertEquals(c.want, false);
      } else {
        check(c, jitted(...arrays));
        check(c, jitted(...arrays));
        assertEquals(jitted.compiles, 1);
      }
    }
  });
}

for (const [name, list] of cases) {
  const gradients = list.filter((c) => c.kind === "grad");
  if (gradients.length === 0) continue;
  Deno.test(`The gradient of np.${name} at kinks and ties equals JAX`, () => {
    for (const c of gradients) checkGradient(c, functions.get(name)!);
  });
}

function checkGradient(c: GoldenRecord, f: (...args: unknown[]) => unknown): void {
  const { arrays, fill } = arraysIn(argumentsOf(c));
  const at = arrays.map((a, i) => [a, i] as const).filter(([a]) => a.dtype.startsWith("float"));
  const cotangent = np.array(argumentsOf({ ...c, args: [c.cotangent!], options: {} })[0] as Tensor);
  const loss = (...tensors: Tensor[]): Tensor => {
    const all = arrays.map((a, i) => tensors[at.findIndex(([, k]) => k === i)] ?? a);
    return np.sum((f(...fill(all)) as Tensor).mul(cotangent));
  };
  const [, gradients] = valueAndGrad(loss, { argnums: at.map((_, i) => i) })(
    ...at.map(([a]) => a),
  );
  check(c, gradients, wantedGradient(c));
}

/** JAX's gradient, but for x ** 0.0 at x = 0: ours is 0, the derivative of the constant 1; JAX's NaN. */
function wantedGradient(c: GoldenRecord): GoldenArray[] {
  const [first, ...rest] = c.want as GoldenArray[];
  if (c.fn !== "power" || rest.length === 0) return [first!, ...rest];
  const data = first!.data.map((v) => Number.isNaN(v) ? 0 : v);
  return [{ ...first!, data }, ...rest];
}
