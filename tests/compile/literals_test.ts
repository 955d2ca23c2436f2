import { assertEquals } from "@std/assert";
import { allocate } from "../../src/base/dtype.ts";
import { compile } from "../../src/compile/mod.ts";
import type { Kernel } from "../../src/ir/kernel.ts";
import type { GoldenArray } from "../goldens/read.ts";
import { type Body, programOf } from "./random_programs.ts";

const x: GoldenArray = {
  dtype: "float32",
  shape: [4],
  data: allocate("float32", 4) as Float32Array,
};

/** The kernels of a program of one input, and the literals that its plan keeps. */
function compiled(body: Body, passesOff: string[] = []): { kernels: Kernel[]; literals: number } {
  const plan = compile(programOf(body, [x]), { passesOff, check: true });
  const kernels = plan.steps.flatMap((s) => s.kind === "kernel" ? [s.kernel] : []);
  return { kernels, literals: plan.literals.length };
}

const consts = (k: Kernel) => k.body.flatMap((s) => s.op === "const" ? [s.value] : []);

Deno.test("a number of a traced function is a constant of its kernel, as its type holds it", () => {
  const { kernels, literals } = compiled((x) => [x!.mul(0.1).maximum(0)]);
  assertEquals(kernels.map((k) => k.args.length), [2]);
  assertEquals(consts(kernels[0]!), [Math.fround(0.1), 0]);
  assertEquals(literals, 0);
});

Deno.test("without the pass a number is read from memory", () => {
  const { kernels, literals } = compiled((x) => [x!.mul(0.1)], ["literals"]);
  assertEquals(kernels.map((k) => k.args.length), [3]);
  assertEquals(consts(kernels[0]!), []);
  assertEquals(literals, 1);
});
