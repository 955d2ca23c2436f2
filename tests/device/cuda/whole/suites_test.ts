/**
 * Tests that were written for the CPU hold on a GPU: the guide; optimizers, models, metrics and some
 * layers against their goldens. `on_stand_in.ts` runs any others, which takes longer.
 *
 * @module
 */
import { testSuites } from "./suites.ts";

const LAYERS = "Dense|BatchNormalization|LayerNormalization|Dropout|Conv2D|MaxPooling2D|Embedding";

testSuites({
  "the guide": ["tests/whole/guide_test.ts"],
  "layers": ["tests/layers/goldens_test.ts", "--filter", `/^(${LAYERS}) is that/`],
  "optimizers": ["tests/optimizers/goldens_test.ts"],
  "models": ["tests/models/goldens_test.ts"],
  "metrics": ["tests/metrics/goldens_test.ts"],
});
