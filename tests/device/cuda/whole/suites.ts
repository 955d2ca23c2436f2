/**
 * Tests of other rooms as tests of the CUDA device.
 *
 * @module
 */
import { assert, assertMatch } from "@std/assert";
import { environmentOf } from "../../../standins/cuda/control.ts";
import { isThere } from "./environment.ts";
import { testOnStandIn } from "./on_stand_in.ts";

/** Arguments of `deno test`, by what they are of. */
export type Suites = Readonly<Record<string, readonly string[]>>;

/** Registers a test for each, with the threads of the stand-in in this order. */
export function testSuites(suites: Suites, order = 0): void {
  const how = ["reversed", "", "shuffled"][Math.sign(order) + 1]!;
  for (const [name, args] of Object.entries(suites)) {
    Deno.test({
      name: `what is tested of ${name} on the CPU holds on a GPU` +
        (how === "" ? "" : `, its threads ${how}`),
      ignore: !isThere,
      fn: async () => {
        // test files beside this one have the other processors
        const env = { DENO_JOBS: "1", ...environmentOf({ order }) };
        const { success, output } = await testOnStandIn(args, env);
        assert(success, output);
        assertMatch(output, /\| [1-9]\d* passed .*\| 0 failed/);
      },
    });
  }
}
