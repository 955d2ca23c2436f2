import { assertEquals, assertMatch } from "@std/assert";
import { isThere } from "../device/cuda/stand_in.ts";
import { benchOnStandIn, faultsOf } from "./cuda_command.ts";

Deno.test("the GPU's rows can be run without one, and say that they mean nothing", {
  ignore: !isThere,
}, async () => {
  const results = await benchOnStandIn("--only", "matmul float32", "--rounds", "1");
  assertEquals(faultsOf(results), []);
  const { BLAS } = results.versions.glissade as Record<string, string>;
  assertMatch(BLAS!, /^cuBLAS .*Stand-in GPU/);
  assertEquals(results.rows.map(({ id, entries }) => [id, entries.map(({ column }) => column)]), [
    ["matmul float32", ["glissade", "cublas"]],
  ]);
});
