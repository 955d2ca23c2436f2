/**
 * A child of blas_test.ts: prints how many threads there are at first, when one is asked for, when
 * the choice is the library's again, and when nothing but the library has changed.
 *
 * @module
 */
import { config } from "../../../src/base/flags.ts";
import { backend } from "../../../src/core/runtime.ts";

const counts = [backend().threads];
for (const threads of [1, null]) {
  config({ threads });
  counts.push(backend().threads);
}
config({ blas: "builtin" });
counts.push(backend().threads);
config({ blas: "auto" });
counts.push(backend().threads);
console.log(JSON.stringify(counts));
