/**
 * Samples of every op with the outputs that NumPy gives, how to run one, and how near is near.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { compile, type CompileOptions } from "../../src/compile/mod.ts";
import { expand } from "../../src/compile/expand.ts";
import type { Plan } from "../../src/compile/plan.ts";
import {
  baseInterpreter,
  current,
  emitAll,
  type Tensor,
  Trace,
  within,
} from "../../src/core/mod.ts";
import { NATIVE } from "../../src/device/cpu/emit.ts";
import type { DType, Values } from "../../src/base/dtype.ts";
import type { Params } from "../../src/ir/def.ts";
import { makeAval } from "../../src/ir/aval.ts";
import { checkKernel } from "../../src/ir/kernel.ts";
import { type OpName, OPS } from "../../src/ir/ops.ts";
import { checkProgram, type Program } from "../../src/ir/program.ts";
import { type GoldenArray, readGolden } from "../goldens/read.ts";

/** One run of an op that NumPy, JAX or mpmath made. */
export interface Sample {
  readonly op: OpName;
  readonly ins: readonly GoldenArray[];
  readonly params: Params;
  readonly outs: readonly GoldenArray[];
  /** How near: so many units in the last place, or |got - want| <= atol + rtol |want|; else equal. */
  readonly ulp?: number;
  readonly rtol?: number;
  readonly atol?: number;
}

/** Ops whose parameters are functions or programs: tests/transform is about them. */
const ELSEWHERE = ["callback", "switch", "while", "scan", "checkpoint", "custom"] as const;

/** An op that has samples here. */
export type SampledOp = Exclude<OpName, typeof ELSEWHERE[number]>;

/** The names of all other ops. */
export const NAMES = Object.keys(OPS).filter((op) =>
  !(ELSEWHERE as readonly string[]).includes(op)
) as SampledOp[];

const all = readGolden("ops").cases as unknown as Sample[];

/** All samples of an op. */
export function samplesOf(op: OpName): readonly Sample[] {
  return all.filter((s) => s.op === op);
}

/** A tensor with the values of a golden array. */
export function upload({ data, shape, dtype }: GoldenArray): Tensor {
  return baseInterpreter().upload(data as Values, shape, dtype);
}

/** Tells the current interpreter of any op. */
export function runOp(op: OpName, ins: readonly Tensor[], params: Params): Tensor[] {
  if (op !== "literal") return emitAll(op, ins, params as never);
  const p = params as { values: number[]; shape: number[]; dtype: DType; weak: boolean };
  return [current().literal(p.values, p.shape, p.dtype, p.weak)];
}

/** The program of one op. */
export function programOf(s: Sample): Program {
  const trace = new Trace(s.op);
  const ins = s.ins.map((x) => trace.input(makeAval(x.shape, x.dtype)));
  const outs = within(trace, () => runOp(s.op, ins, s.params));
  return trace.finish(ins, outs).program;
}

/** Compiles a program, and runs every checker on all that comes of it. */
export function compileChecked(program: Program, options: CompileOptions = {}): Plan {
  checkProgram(program);
  const plan = compile(program, { ...options, check: true });
  for (const s of plan.steps) {
    if (s.kind !== "kernel") continue;
    checkKernel(expand(s.kernel, NATIVE));
  }
  return plan;
}

const words = new DataView(new ArrayBuffer(8));

/** The place of a float among all floats of its type, in order; both zeros are one. */
function rank(x: number, dtype: string): bigint {
  if (x === 0) return 0n;
  if (dtype === "float32") {
    words.setFloat32(0, x);
    const bits = BigInt(words.getUint32(0) & 0x7fffffff);
    return x < 0 ? -bits : bits;
  }
  words.setFloat64(0, x);
  const bits = words.getBigUint64(0) & 0x7fffffffffffffffn;
  return x < 0 ? -bits : bits;
}

/** How far two numbers of a float type are apart, in units in the last place. */
export function ulps(a: number, b: number, dtype: string): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Infinity;
  if (a === b) return 0;
  const d = rank(a, dtype) - rank(b, dtype);
  return Number(d < 0n ? -d : d);
}

/** What is compared: a tensor's type, shape and values. */
export type Read = Pick<GoldenArray, "dtype" | "shape" | "data">;

/** Reads a tensor. */
export function read(t: Tensor): Read {
  return { dtype: t.dtype, shape: t.shape, data: t.data() };
}

/** Where two lists of arrays differ, or null. `exact`: zeros must have the same sign, too. */
export function difference(
  got: readonly Read[],
  want: readonly Read[],
  near: Pick<Sample, "ulp" | "rtol" | "atol"> = {},
  exact = false,
): string | null {
  if (got.length !== want.length) return `${got.length} outputs, not ${want.length}`;
  for (const [k, w] of want.entries()) {
    const g = got[k]!;
    if (g.dtype !== w.dtype) return `output ${k} is ${g.dtype}, not ${w.dtype}`;
    if (g.shape.join() !== w.shape.join()) return `output ${k} is [${g.shape}], not [${w.shape}]`;
    for (let i = 0; i < w.data.length; i++) {
      const [x, y] = [g.data[i]!, w.data[i]!];
      if (Object.is(x, y) || (!exact && x === y)) continue;
      const close = near.ulp !== undefined
        ? ulps(x, y, w.dtype) <= near.ulp
        : near.rtol !== undefined &&
          Math.abs(x - y) <= (near.atol ?? 0) + near.rtol * Math.abs(y);
      if (!close) return `output ${k} element ${i} is ${Object.is(x, -0) ? "-0" : x}, not ${y}`;
    }
  }
  return null;
}

/** A line that names a sample. */
export function describe(s: Sample): string {
  const ins = s.ins.map((x) => `${x.dtype}[${x.shape}]`).join(" ");
  return `${s.op} ${ins} ${JSON.stringify(s.params)}`;
}

/** Runs samples eagerly on the device in force and fails with all that differs from NumPy. */
export function assertSamples(samples: readonly Sample[]): void {
  const wrong: string[] = [];
  for (const s of samples) {
    const got = runOp(s.op, s.ins.map(upload), s.params).map(read);
    const why = difference(got, s.outs, s);
    if (why !== null) wrong.push(`${describe(s)}: ${why}`);
  }
  assertEquals(wrong, []);
}
