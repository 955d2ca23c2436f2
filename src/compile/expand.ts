/**
 * expand: rewrites the scalar functions that an emitter lacks into simple scalar operations, so
 * that an emitter has about thirty to write and every device computes the same formulas.
 *
 * Errors are at most 2 units in the last place in float32 and 4 in float64, whether `fma` rounds
 * once or twice; there are no branches. An emitter must not fuse `mul` with `add` on its own.
 *
 * @module
 */
import { type DType, isFloat } from "../base/dtype.ts";
import type { Kernel, ScalarStep, View } from "../ir/kernel.ts";
import type { ScalarName } from "../ir/scalar.ts";
import { floorDiv, mod, power, rsqrt, sign } from "./expand/arithmetic.ts";
import { Builder, type Expansion, floatType, type Resolve, unary } from "./expand/builder.ts";
import { erf, erfinv } from "./expand/erf.ts";
import { exp, expm1, sigmoid, tanh } from "./expand/exp.ts";
import { acosh, asinh, atanh, cosh, sinh } from "./expand/hyperbolic.ts";
import { acos, asin, atan, atan2 } from "./expand/inverse_trig.ts";
import { log, log1p, logaddexp } from "./expand/log.ts";
import { cos, sin, tan } from "./expand/trig.ts";

/** How each function is written in simpler ones. */
export const EXPANSIONS = {
  sign: (b, [x]) => sign(b, x!),
  rsqrt: unary(rsqrt),
  exp: unary(exp),
  expm1: unary(expm1),
  log: unary(log),
  log1p: unary(log1p),
  sin: unary(sin),
  cos: unary(cos),
  tan: unary(tan),
  asin: unary(asin),
  acos: unary(acos),
  atan: unary(atan),
  atan2: (b, [y, x]) => atan2(b, y!, x!, floatType(x!)),
  sinh: unary(sinh),
  cosh: unary(cosh),
  tanh: unary(tanh),
  asinh: unary(asinh),
  acosh: unary(acosh),
  atanh: unary(atanh),
  erf: unary(erf),
  erfinv: unary(erfinv),
  sigmoid: unary(sigmoid),
  logaddexp: (b, [x, y]) => logaddexp(b, x!, y!),
  /** Of integers only: the power of floats is native. */
  pow: (b, [x, n], dtype) => power(b, x!, n!, dtype),
  mod: (b, [x, y]) => mod(b, x!, y!),
  floorDiv: (b, [x, y]) => floorDiv(b, x!, y!),
} satisfies Partial<Record<ScalarName, Expansion>>;

const table: Partial<Record<ScalarName, Expansion>> = EXPANSIONS;

function resolver(native: ReadonlySet<ScalarName>, emitter: string): Resolve {
  return (op: ScalarName, dtype: DType): Expansion | undefined => {
    const isNative = native.has(op);
    if (op === "pow" && !isFloat(dtype)) return EXPANSIONS.pow;
    if (isNative) return undefined;
    const expansion = op === "pow" ? undefined : table[op];
    if (expansion === undefined) {
      throw new TypeError(
        `Cannot expand ${op} of ${dtype} for ${emitter}: a native operation or a row of ` +
          `EXPANSIONS is wanted: add one of the two`,
      );
    }
    return expansion;
  };
}

/**
 * The same kernel in the operations of `native` only. `pow` in `native` speaks of floats: integer
 * powers are always expanded.
 *
 * @param emitter Names the emitter in errors.
 * @throws {TypeError} when an operation is neither native nor in {@linkcode EXPANSIONS}.
 */
export function expand(
  kernel: Kernel,
  native: ReadonlySet<ScalarName>,
  emitter = "this emitter",
): Kernel {
  const resolve = resolver(native, emitter);
  const isPlain = (s: ScalarStep): boolean =>
    !("args" in s) || resolve(s.op, s.dtype) === undefined;
  if (kernel.body.every(isPlain) && kernel.epilogue.every(isPlain)) return kernel;

  /** The new value of each old step. */
  const moved: { readonly id: number; readonly dtype: DType }[] = [];
  const id = (old: number): number => moved[old]!.id;
  const view = (v: View): View =>
    v.at === undefined ? v : { ...v, at: v.at.map((a) => ({ ...a, step: id(a.step) })) };
  const rewrite = (steps: readonly ScalarStep[], first: number): readonly ScalarStep[] => {
    const b = new Builder(first, resolve);
    for (const s of steps) {
      moved.push(
        s.op === "const"
          ? b.const(s.dtype, s.value)
          : s.op === "load"
          ? b.push({ ...s, view: view(s.view) })
          : "args" in s
          ? b.op(s.op, s.dtype, s.args.map((a) => moved[a]!))
          : b.push(s),
      );
    }
    return b.steps;
  };
  const body = rewrite(kernel.body, 0);
  const epilogue = rewrite(kernel.epilogue, body.length);
  return {
    ...kernel,
    body,
    epilogue,
    accumulators: kernel.accumulators.map((a) => ({
      ...a,
      value: id(a.value),
      ...(a.factor === undefined ? {} : { factor: id(a.factor) }),
    })),
    stores: kernel.stores.map((s) => ({ ...s, view: view(s.view), value: id(s.value) })),
  };
}
