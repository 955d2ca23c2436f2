/**
 * Tests that were written for the CPU hold on a GPU: the guide; optimizers, models, metrics and some
 * layers against their goldens. `on_stand_in.ts` runs any others, which takes longer.
 *
 * @module
 */
import { assert, assertMatch } from "@std/assert";
import { isThere } from "./environment.ts";
import { testOnStandIn } from "./on_stand_in.ts";

const LAYERS = "Dense|BatchNormalization|LayerNormalization|Dropout|Conv2D|MaxPooling2D|Embedding";

const SUITES: Readonly<Record<string, readonly string[]>> = {
  "the guide": ["tests/whole/guide_test.ts"],
  "layers": ["tests/layers/goldens_test.ts", "--filter", `/^(${LAYERS}) is that/`],
  "optimizers": ["tests/optimizers/goldens_test.ts"],
  "models": ["tests/models/goldens_test.ts"],
  "metrics": ["tests/metrics/goldens_test.ts"],
};

for (const [name, args] of Object.entries(SUITES)) {
  Deno.test({
    name: `what is tested of ${name} on the CPU holds on a GPU`,
    ignore: !isThere,
    fn: async () => {
      const { success, output } = await testOnStandIn(args);
      assert(success, output);
      assertMatch(output, /\| [1-9]\d* passed .*\| 0 failed/);
    },
  });
}
