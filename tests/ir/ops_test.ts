/**
 * Every op of the table: its values on the CPU, on the reference device and in NumPy, its gradient,
 * its errors. A new op without samples, gradient points or refusals is red.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { type DType, DTYPES, isFloat } from "../../src/base/dtype.ts";
import { currentDevice, type Tensor, Trace, useDevice, within } from "../../src/core/mod.ts";
import { createReference } from "../../src/device/reference/mod.ts";
import { makeAval } from "../../src/ir/aval.ts";
import type { Params } from "../../src/ir/def.ts";
import { opDef, type OpName } from "../../src/ir/ops.ts";
import { checkGrads } from "../../src/transform/check_grads.ts";
import { jit } from "../../src/transform/jit.ts";
import { GRADIENTS } from "./op_gradients.ts";
import { REFUSALS } from "./op_refusals.ts";
import {
  compileChecked,
  describe,
  difference,
  NAMES,
  programOf,
  read,
  runOp,
  type Sample,
  samplesOf,
  upload,
} from "./op_samples.ts";

const DTYPE_NAMES = Object.keys(DTYPES) as DType[];
const cpu = currentDevice();
const reference = createReference();

/** What a sample gives on the reference device. */
function onReference(s: Sample): ReturnType<typeof read>[] {
  useDevice(reference);
  try {
    return runOp(s.op, s.ins.map(upload), s.params).map(read);
  } finally {
    useDevice(cpu);
  }
}

for (const op of NAMES) {
  Deno.test(`${op}: the CPU agrees with NumPy and with the reference, jitted with eager`, () => {
    const wrong: string[] = [];
    const note = (s: Sample, how: string, why: string | null) => {
      if (why !== null) wrong.push(`${how}: ${describe(s)}: ${why}`);
    };
    for (const s of samplesOf(op)) {
      compileChecked(programOf(s));
      const ins = s.ins.map(upload);
      const eager = runOp(op, ins, s.params).map(read);
      note(s, "CPU and NumPy", difference(eager, s.outs, s));
      const near = s.ulp === undefined ? s : { ulp: 2 * s.ulp };
      note(s, "CPU and reference", difference(eager, onReference(s), near, true));
      const jitted = jit((...xs: Tensor[]) => runOp(op, xs, s.params))(...ins);
      note(s, "jitted and eager", difference((jitted as Tensor[]).map(read), eager, {}, true));
    }
    assertEquals(wrong, []);
  });
}

// ---- the samples are enough

/** The dtype that varies: of the first operand that is not always of one type, or the result's. */
function mainDtype(s: Sample): DType {
  if (s.op === "where") return s.ins[1]!.dtype;
  return s.ins.length === 0 ? s.outs[0]!.dtype : s.ins[0]!.dtype;
}

/** Whether an op takes the dtype, by its own rule. */
function takes(op: OpName, dtype: DType): boolean {
  const s = samplesOf(op).find((s) => mainDtype(s) === "float64") ?? samplesOf(op)[0]!;
  const main = mainDtype(s);
  const swap = (d: DType): DType => d === main ? dtype : d;
  try {
    const ins = s.ins.map((x) => makeAval(x.shape, swap(x.dtype)));
    opDef(op).avals(ins, s.ins.length === 0 ? { ...s.params, dtype } : s.params);
    return true;
  } catch {
    return false;
  }
}

Deno.test("every op has samples of every dtype that it takes", () => {
  for (const op of NAMES) {
    const have = new Set(samplesOf(op).map(mainDtype));
    assert(have.size > 0, `${op} has no sample: add cases to tests/goldens/make_ops.py`);
    const missing = DTYPE_NAMES.filter((d) => takes(op, d) && !have.has(d));
    assertEquals(missing, [], `${op} has no sample of ${missing}`);
  }
});

/** Ops of which a scalar is refused: they go along axes. */
const AXIS_OPS: readonly OpName[] = [
  ...["argmax", "argmin", "cumsum", "cumprod", "recurrence", "concatenate", "dot"],
  ...["take", "takeAlong", "scatterAdd", "scatterAlong", "sort", "iota"],
  ...["windows", "unwindows", "windowArgmax"],
] as OpName[];

Deno.test("every op has samples that are scalar, empty, odd, of higher rank, and that broadcast", () => {
  for (const op of NAMES) {
    const shapes = samplesOf(op).map((s) => [...s.ins, ...s.outs].map((x) => x.shape));
    const some = (what: string, test: (all: (readonly number[])[]) => boolean) =>
      assert(
        shapes.some(test),
        `${op} has no ${what} sample: add one to tests/goldens/make_ops.py`,
      );
    if (!AXIS_OPS.includes(op)) some("scalar", (all) => all[0]!.length === 0);
    some("empty", (all) => all.some((shape) => shape.includes(0)));
    some("odd", (all) => all.some((shape) => shape.some((n) => n > 2 && n % 2 === 1)));
    some("higher-rank", (all) => all.some((shape) => shape.length >= 3));
    const several = samplesOf(op)[0]!.ins.length > 1;
    if (opDef(op).class === "elementwise" && several || op === "threefry") {
      some("broadcasting", (all) => new Set(all.map((shape) => shape.join())).size > 1);
    }
  }
});

// ---- gradients

type Rule = (
  g: readonly Tensor[],
  ins: readonly Tensor[],
  outs: readonly Tensor[],
  params: Params,
) => readonly (Tensor | null)[];

/** The reverse rule of an op, on tensors. */
const ruleOf = (op: OpName): Rule => opDef(op).vjp as unknown as Rule;

for (const op of NAMES) {
  const rows = GRADIENTS[op];
  if (typeof rows === "string") {
    Deno.test(`${op} has no gradient: ${rows}`, () => {
      const s = samplesOf(op).find((s) => s.outs[0]!.data.length > 0)!;
      const ins = s.ins.map(upload);
      const outs = runOp(op, ins, s.params);
      const pull = () => ruleOf(op)(outs, ins, outs, s.params);
      if (op === "threefry") assertThrows(pull, TypeError, "random bits have no derivative");
      else assertEquals(pull().filter((g) => g !== null), []);
    });
    continue;
  }
  Deno.test(`${op}: gradients agree with central differences to second order`, () => {
    assert(rows.length > 0);
    for (const { ins, params, smooth } of rows) {
      const isFree = ins.map((x) => isFloat(x.dtype));
      const full = ins.map(upload);
      const f = (...free: Tensor[]): Tensor[] => {
        let at = 0;
        const xs = full.map((x, i) => isFree[i] ? free[at++]! : x);
        return runOp(op, xs, params).filter((y) => isFloat(y.dtype));
      };
      try {
        checkGrads(f, full.filter((_, i) => isFree[i]), { order: smooth === false ? 1 : 2 });
      } catch (e) {
        const shapes = ins.map((x) => `${x.dtype}[${x.shape}]`).join(" ");
        throw new Error(`${op} ${shapes} ${JSON.stringify(params)}: ${(e as Error).message}`);
      }
    }
  });
  Deno.test(`${op}: only floating-point inputs have a gradient`, () => {
    for (const { ins, params } of rows) {
      const xs = ins.map(upload);
      const outs = runOp(op, xs, params);
      const flows = ruleOf(op)(outs, xs, outs, params);
      assertEquals(flows.length, xs.length);
      flows.forEach((g, i) => {
        if (!isFloat(ins[i]!.dtype)) assertEquals(g, null);
        else if (g !== null) assert(isFloat(g.dtype), `${op} gives a gradient of ${g.dtype}`);
      });
    }
  });
}

// ---- errors

for (const op of NAMES) {
  const rows = REFUSALS[op];
  if (typeof rows === "string") continue;
  Deno.test(`${op} refuses wrong operands and parameters by name`, () => {
    assert(rows.length > 0);
    for (const { ins, params, error, says } of rows) {
      const tensors = ins.map(([shape, dtype]) => {
        const data = new DTYPES[dtype].array(shape.reduce((n, m) => n * m, 1));
        return upload({ shape, dtype, data });
      });
      const runs = {
        rule: () => opDef(op).avals(ins.map(([shape, dtype]) => makeAval(shape, dtype)), params),
        traced: () => {
          const trace = new Trace("test");
          within(trace, () => trace.emit(op, tensors, params));
        },
      };
      for (const [how, run] of Object.entries(runs)) {
        const e = assertThrows(run, error, "Cannot ", `${op} ${how}`) as Error;
        assertEquals(e.constructor, error, `${op}: ${e.message}`);
        for (const part of says) {
          assert(e.message.includes(part), `${op}: "${e.message}" does not say "${part}"`);
        }
        assert(!/\bundefined\b|\[object/.test(e.message), `${op}: "${e.message}"`);
      }
    }
  });
}
