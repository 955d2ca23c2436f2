import { assertEquals } from "@std/assert";
import { processWorks, works } from "../../bench/cuda/works.ts";
import { isThere } from "../device/cuda/stand_in.ts";
import { benchOnStandIn, faultsOf } from "./cuda_command.ts";

Deno.test("every row of the GPU's table can be run without one", { ignore: !isThere }, async () => {
  const results = await benchOnStandIn("--rounds", "1");
  assertEquals(faultsOf(results), []);
  assertEquals(
    results.rows.map(({ id, entries }) => [id, ...entries.map(({ column }) => column)].join(" ")),
    [...works, ...processWorks].map(({ id, targets }) => {
      const first = targets[0]?.against;
      if (id === "start context") return `${id} glissade`;
      if (id === "start step") return `${id} glissade compiles`;
      return `${id} glissade ${["kernels", "copy"].includes(first!) ? first : "cublas"}`;
    }),
  );
});
