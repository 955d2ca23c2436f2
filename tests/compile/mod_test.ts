/**
 * The list of passes: what can be switched off, how, and that results and caches keep to it.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { config } from "../../src/base/flags.ts";
import { checkSteps } from "../../src/compile/check_steps.ts";
import { compile, PASSES } from "../../src/compile/mod.ts";
import { lowerStep } from "../../src/compile/lower.ts";
import { emit, type Tensor } from "../../src/core/mod.ts";
import { jit } from "../../src/transform/jit.ts";
import type { GoldenArray } from "../goldens/read.ts";
import { upload } from "../ir/op_samples.ts";
import { type Body, programOf } from "./random_programs.ts";

const X: GoldenArray = { dtype: "float32", shape: [4], data: Float32Array.of(1, 2, 3, 4) };
const body: Body = (x) => [x.mul(2).exp().add(x.mul(2)).sum()];

/** Runs with passes off. */
function without(passesOff: readonly string[], f: () => void): void {
  config({ passesOff });
  try {
    f();
  } finally {
    config({ passesOff: [] });
  }
}

Deno.test("a pass that is off leaves its work undone", () => {
  const program = programOf(body, [X]);
  const steps = (...passesOff: string[]) => compile(program, { passesOff }).steps.length;
  assertEquals(steps(), 1);
  assertEquals(steps("fuse"), 4);
  assertEquals(steps("fuse", "common"), 5);
  const chain = programOf((x) => [x.exp().sin().cos().neg()], [X]);
  const scratch = (...passesOff: string[]) => compile(chain, { passesOff }).scratchBytes;
  assertEquals([
    scratch("fuse"),
    scratch("fuse", "inPlace"),
    scratch("fuse", "inPlace", "reuse"),
  ], [0, 2 * 64, 3 * 64]);
});

Deno.test("the setting decides where a compile says nothing", () => {
  const program = programOf(body, [X]);
  without(["fuse"], () => {
    assertEquals(compile(program).steps.length, 4);
    assertEquals(compile(program, { passesOff: [] }).steps.length, 1);
  });
  assertEquals(compile(program).steps.length, 1);
});

Deno.test("a pass that there is not, or that nothing runs without, is an error that lists the others", () => {
  const program = programOf(body, [X]);
  const cases = [["fusion", "it is unknown"], ["lower", "nothing runs without it"], [
    "memory",
    "nothing runs without it",
  ]] as const;
  for (const [name, why] of cases) {
    const message = `Cannot switch off the pass "${name}": ${why}: give some of ${
      PASSES.join(", ")
    }`;
    assertThrows(() => compile(program, { passesOff: ["fold", name] }), RangeError, message);
    assertThrows(() => config({ passesOff: [name] }), RangeError, message);
  }
  assertEquals(config().passesOff, []);
  assertThrows(() => config({ passesOff: [1] as never }), RangeError, "a list of names");
});

Deno.test("what is compiled with other passes is not used: jit compiles anew, and finds the old again", () => {
  const f = jit((x: Tensor) => body(x)[0]!);
  const kernels = () => f.explain(upload(X)).kernels.length;
  assertEquals(kernels(), 1);
  assertEquals(f.compiles, 1);
  without(["fuse"], () => {
    assertEquals(kernels(), 4);
    assertEquals(f.compiles, 2);
  });
  assertEquals(kernels(), 1);
  assertEquals(f.compiles, 2);
});

Deno.test("the checker of kernels names what is wrong with them", () => {
  const program = programOf((x) => [x.exp().neg()], [X]);
  const [exp, neg] = program.steps.map((s) => lowerStep(s, program.avals)[0]!);
  checkSteps([exp!, neg!], program);
  const fails = (steps: Parameters<typeof checkSteps>[0], why: string) =>
    assertThrows(() => checkSteps(steps, program), Error, why);
  fails([neg!, exp!], "Step 0 reads unwritten %1");
  fails([exp!], "Output %2 is never written");
  fails([{ ...exp!, args: [0, 0] } as typeof exp & object], "which is an input or a literal");
  const cast = programOf((x) => [emit("cast", [x], { dtype: "int32" })], [X]);
  const [step] = cast.steps.flatMap((s) => lowerStep(s, cast.avals));
  assertThrows(
    () => checkSteps([{ ...step!, args: [1, 0] } as typeof step & object], cast),
    Error,
    "gives %1 of int32 to cast as float32",
  );
});
