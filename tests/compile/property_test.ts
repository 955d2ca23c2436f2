/**
 * Random programs over the whole op table: what is run op by op, compiled as a whole with any pass
 * off, and run on the reference device is the same, and so are gradients.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { opDef, type OpName, OPS } from "../../src/ir/ops.ts";
import { recipes } from "./arbitrary.ts";
import {
  exactProgramsAgree,
  gradientsAgree,
  gradientsAreSlopes,
  smoothProgramsAgree,
} from "./properties.ts";
import { bodyOf, inputsOf, programOf } from "./random_programs.ts";

Deno.test("exact programs give the same bits whichever way they are run", () => {
  exactProgramsAgree(60);
});

Deno.test("programs that round give nearly the same whichever way they are run", () => {
  smoothProgramsAgree(30);
});

Deno.test("gradients are the same compiled, eager, on the reference, with any pass off", () => {
  gradientsAgree(15);
});

Deno.test("gradients are the slopes of the functions", () => {
  gradientsAreSlopes(40);
});

Deno.test("random programs use every op that is compiled to kernels or routines", () => {
  const used = new Set<OpName>();
  for (const flavour of ["exact", "smooth"] as const) {
    for (const recipe of fc.sample(recipes(flavour, 14), { seed: 1, numRuns: 300 })) {
      for (const s of programOf(bodyOf(recipe, flavour), inputsOf(recipe, flavour)).steps) {
        used.add(s.op);
      }
    }
  }
  const missing = (Object.keys(OPS) as OpName[]).filter((op) =>
    !used.has(op) && !["effect", "control"].includes(opDef(op).class)
  );
  assertEquals(missing, []);
});
