/**
 * A child of jit_test.ts: calls that compile for one reason each.
 *
 * @module
 */
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { jit } from "../../src/transform/mod.ts";

const step = jit(function step(s: Record<string, Tensor>, _mode: string) {
  return s;
}, { staticArgs: 1 });
step({ x: np.ones(2) }, "a");
step({ x: np.ones(2) }, "a");
step({ x: np.ones(3) }, "a");
step({ x: np.ones(3, "int32") }, "a");
step({ x: np.ones(3, "int32"), y: np.ones(1) }, "a");
step({ x: np.ones(3, "int32"), y: np.ones(1) }, "b");
