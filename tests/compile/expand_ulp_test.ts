/**
 * The errors of the expanded functions, in units in the last place, against correctly rounded
 * results: with `fma` rounding once, with it rounding twice, and as the CPU runs them.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { expand, EXPANSIONS } from "../../src/compile/expand.ts";
import { compilePieces } from "../../src/device/cpu/emit.ts";
import type { Kernel, ScalarStep } from "../../src/ir/kernel.ts";
import { checkKernel, operandType } from "../../src/ir/kernel.ts";
import { runScalar, type ScalarName, SCALARS } from "../../src/ir/scalar.ts";
import type { Emitter } from "../device/cpu/emitter.ts";
import { MACHINE_CODE } from "../device/cpu/x64/machine_code.ts";
import { type GoldenArray, readGolden } from "../goldens/read.ts";

type FloatType = "float32" | "float64";

const NATIVE: ReadonlySet<ScalarName> = new Set(
  (Object.keys(SCALARS) as ScalarName[]).filter((op) => op === "pow" || !(op in EXPANSIONS)),
);

const cases = readGolden("ulp").cases.map((c) => ({
  name: c.name as ScalarName,
  inputs: (c.inputs as GoldenArray[]).map((x) => x.data),
  want: (c.want as GoldenArray).data,
  dtype: (c.want as GoldenArray).dtype as FloatType,
}));

/** want = op(inputs), element by element. */
function kernelOf(op: ScalarName, dtype: FloatType, arity: number, n: number): Kernel {
  const view = { offset: 0, strides: [1] };
  const args = Array.from({ length: arity }, (_, i) => i);
  return {
    name: op,
    shape: [n],
    reduce: [],
    args: [...args.map(() => ({ dtype, writes: false })), { dtype, writes: true }],
    body: [
      ...args.map((arg): ScalarStep => ({ op: "load", dtype, arg, view })),
      { op, dtype, args } as ScalarStep,
    ],
    accumulators: [],
    epilogue: [],
    stores: [{ arg: arity, view, value: arity }],
  };
}

type Compile = Emitter["compile"];
type Numbers = ArrayLike<number>;

/** Runs a kernel of one loop; `twice`: fma rounds its product too. */
function interpret(k: Kernel, inputs: readonly Numbers[], twice: boolean): Float64Array {
  const n = k.shape[0]!;
  const columns: Numbers[] = [];
  const zero = new Float64Array(n);
  for (const s of k.body) {
    if (s.op === "load") columns.push(inputs[s.arg]!);
    else if (s.op === "const") columns.push(new Float64Array(n).fill(s.value));
    else if ("args" in s) {
      const [a = zero, b = zero, c = zero] = s.args.map((i) => columns[i]!);
      const from = operandType(k.body, s);
      const apply = (p: number, q: number, r: number): number => {
        // halved, so that 2^1024 is not met on the way
        if (s.op === "exponent") return runScalar(s.op, from, s.dtype, p / 2, 0, 0) + 1;
        if (s.op === "mantissa") return runScalar(s.op, from, s.dtype, p / 2, 0, 0);
        if (!twice || s.op !== "fma") return runScalar(s.op, from, s.dtype, p, q, r);
        const product = runScalar("mul", from, s.dtype, p, q, 0);
        return runScalar("add", from, s.dtype, product, r, 0);
      };
      columns.push(Float64Array.from(a, (v, i) => apply(v, b[i]!, c[i]!)));
    }
  }
  return Float64Array.from(columns[k.stores[0]!.value]!);
}

const WEBASSEMBLY: Compile = (k, memory) => compilePieces(k, memory, false);

/** Runs a kernel as the CPU does; null where it does not in this way. */
function compiled(k: Kernel, inputs: readonly Numbers[], compile: Compile): Float64Array | null {
  const n = k.shape[0]!;
  const bytes = k.args[0]!.dtype === "float32" ? 4 : 8;
  const stride = Math.ceil(n * bytes / 64) * 64;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(stride * k.args.length / 65536) });
  const buffer: ArrayBufferLike = memory.buffer;
  const array = (i: number) =>
    bytes === 4 ? new Float32Array(buffer, i * stride, n) : new Float64Array(buffer, i * stride, n);
  inputs.forEach((x, i) => array(i).set(x));
  const made = compile(k, memory, false);
  if (made === null) return null;
  made.run(...k.args.map((_, i) => i * stride));
  made.free?.();
  return Float64Array.from(array(inputs.length));
}

/** The distance of two neighbours of type `t` at x. */
function spacing(x: number, t: FloatType): number {
  const [least, digits] = t === "float32" ? [2 ** -126, 23] : [2 ** -1022, 52];
  const a = Math.max(Math.abs(x), least);
  let power = 2 ** Math.floor(Math.log2(a));
  while (power > a) power /= 2;
  while (power <= a / 2) power *= 2;
  return power * 2 ** -digits;
}

/** The error in units in the last place; infinite where a NaN, an infinity or a zero's sign is wrong. */
function error(got: number, want: number, t: FloatType, size: number): number {
  if (Object.is(got, want)) return 0;
  const largest = t === "float32" ? 2 ** 128 - 2 ** 104 : Number.MAX_VALUE;
  const clamp = (x: number): number =>
    // an infinity in place of the largest number is one unit off
    Math.abs(x) === Infinity ? Math.sign(x) * largest : x;
  if (got === 0 && want === 0 || Number.isNaN(got) || Number.isNaN(want)) return Infinity;
  const extra = (got === clamp(got) ? 0 : 1) + (want === clamp(want) ? 0 : 1);
  const [p, q] = [clamp(got), clamp(want)];
  const difference = Math.abs(p - q);
  return difference === 0 ? extra : difference / spacing(Math.max(size, Math.abs(q)), t) + extra;
}

/** The largest error that is allowed, in units in the last place. */
function limitOf(name: ScalarName, t: FloatType): number {
  if (name === "mod" || name === "floorDiv") return 0;
  // the formula is the definition; a unit in its log1p, or unfused steps, may move it by this
  if (name === "erfinv" && t === "float32") return 4;
  return t === "float32" ? 2 : 4;
}

/** log(e^x + e^y) has a zero: its error is one of the larger operand, or of 1/2. */
function sizeOf(name: ScalarName, inputs: readonly Numbers[], i: number): number {
  if (name !== "logaddexp") return 0;
  const larger = Math.abs(Math.max(inputs[0]![i]!, inputs[1]![i]!));
  return Number.isFinite(larger) ? Math.max(larger, 0.5) : 0;
}

/** Made with calls into JavaScript, so that they are no machine code. */
const CALLS: ReadonlySet<ScalarName> = new Set<ScalarName>(
  ["sin", "cos", "tan", "mod", "floorDiv"],
);

const table: string[] = [];

for (const { name, inputs, want, dtype } of cases) {
  Deno.test(`${name} of ${dtype} is right within its limit`, () => {
    const plain = kernelOf(name, dtype, inputs.length, want.length);
    const k = expand(plain, NATIVE);
    checkKernel(k);
    const limit = limitOf(name, dtype);
    const runs = {
      once: interpret(k, inputs, false),
      twice: interpret(k, inputs, true),
      compiled: compiled(k, inputs, WEBASSEMBLY),
      "machine code": MACHINE_CODE.ignore ? null : compiled(k, inputs, MACHINE_CODE.compile),
    };
    const worst: number[] = [];
    for (const [how, got] of Object.entries(runs)) {
      if (got === null) {
        assert(how === "machine code" && (MACHINE_CODE.ignore || CALLS.has(name)), `${how}: none`);
        continue;
      }
      let most = 0;
      let at = 0;
      want.forEach((w, i) => {
        const e = error(got[i]!, w, dtype, sizeOf(name, inputs, i));
        if (e > most) [most, at] = [e, i];
      });
      worst.push(most);
      const x = inputs.map((v) => v[at]!).join(", ");
      assert(most <= limit, `${how}: ${name}(${x}) = ${got[at]}, not ${want[at]}: ${most} ulp`);
    }
    const count = k.body.filter((s) => s.op !== "const" && s.op !== "load").length;
    table.push(`${name} ${dtype}: ${worst.join(" ")} ulp, ${count} steps`);
  });
}

Deno.test("every expansion has cases in both float types", () => {
  const float = Object.keys(EXPANSIONS).filter((op) => op !== "pow" && op !== "sign");
  const have = cases.map((c) => `${c.name} ${c.dtype}`).sort();
  assertEquals(have, float.flatMap((op) => [`${op} float32`, `${op} float64`]).sort());
  if (Deno.args.includes("--table")) console.log(table.join("\n"));
});
