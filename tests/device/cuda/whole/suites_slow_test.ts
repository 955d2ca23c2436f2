import { testSuites } from "./suites.ts";

testSuites({ "all layers": ["tests/layers/goldens_test.ts"] });

for (const order of [-1, 7]) {
  testSuites({
    "the guide": ["tests/whole/guide_test.ts"],
    "all layers": ["tests/layers/goldens_test.ts"],
    "optimizers": ["tests/optimizers/goldens_test.ts"],
  }, order);
}
