/**
 * What printed kernels do, on the stand-in, is what the reference does.
 * @module
 */
import { assertEquals } from "@std/assert";
import { type ScalarName, SCALARS } from "../../../../src/ir/scalar.ts";
import { CASES, generated, scalarCases } from "./cases.ts";
import { Bench, standInPath, type StepCase } from "./printed.ts";

const path = await standInPath();
let bench: Bench | undefined;

function test(name: string, cases: () => readonly StepCase[]): void {
  Deno.test({
    name,
    ignore: path === null,
    fn() {
      bench ??= new Bench(path!);
      assertEquals(bench.check(cases()).slice(0, 5).join("\n"), "");
    },
  });
}

for (const [name, cases] of Object.entries(CASES)) test(`printed and run: ${name}`, cases);

const names = Object.keys(SCALARS) as ScalarName[];
test("printed and run: every scalar operation on every type", () => scalarCases(names));

for (const kind of ["elementwise", "reduce", "scan", "indirect"] as const) {
  test(`printed and run: generated kernels, ${kind}`, () => generated(kind, 0, 60));
}
