/**
 * Random kernels, printed and run on the stand-in, do what the reference does.
 * @module
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { seed } from "../../../seed.ts";
import { generated } from "./cases.ts";
import { Bench, standInPath } from "./printed.ts";

const path = await standInPath();

Deno.test({
  name: "random kernels on devices of random sizes do what the reference does",
  ignore: path === null,
  fn() {
    const bench = new Bench(path!);
    fc.assert(
      fc.property(
        fc.constantFrom("elementwise", "reduce", "scan", "indirect"),
        fc.integer({ min: 1000, max: 1 << 20 }),
        fc.integer({ min: 1, max: 40 }),
        (kind, first, multiprocessors) => {
          const limits = { multiprocessors, threadsPerBlock: 1024, sharedPerBlock: 49152 };
          // many kernels in a program: a program costs more than a kernel
          assertEquals(bench.check(generated(kind, first, first + 25), limits), []);
        },
      ),
      { seed, numRuns: 12 },
    );
  },
});
