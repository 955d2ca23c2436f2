/**
 * What users write gives the same on the CPU, on a GPU in force, and on a second GPU that things
 * were moved to.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { environmentOf } from "../../../standins/cuda/control.ts";
import { here, runDeno } from "../../../whole/children.ts";
import { environment, isThere } from "./environment.ts";

function assertClose(got: readonly number[], want: readonly number[], tolerance: number): void {
  assertEquals(got.length, want.length);
  const size = Math.max(1, ...want.map(Math.abs));
  got.forEach((x, i) => {
    assert(Math.abs(x - want[i]!) <= tolerance * size, `${i}: ${x}, not ${want[i]}`);
  });
}

Deno.test({
  name: "training, draws, transformations and files are the same on the CPU and on two GPUs",
  ignore: !isThere,
  fn: async () => {
    const child = here("../device/cuda/whole/side_by_side_child.ts");
    const { GLISSADE_DEVICE: _, ...env } = environment;
    const { code, stdout, stderr } = await runDeno({
      args: ["run", "--no-check", "-A", child],
      env: { ...env, ...environmentOf({ devices: 2, verbose: true }) },
      timeout: 300_000,
    });
    assertEquals([code, stderr], [0, ""]);
    const { devices, told } = JSON.parse(stdout);
    assertEquals(devices, ["cpu", "cuda:0", "cuda:1"]);
    const { cpu, cuda, moved } = told;
    const losses = cpu.training.filter((_: number, i: number) => i % 2 === 0).slice(0, 10);
    assert(losses[9] < losses[0] * 0.9, `it does not learn: ${losses}`);
    assertClose(cuda.training, cpu.training, 2e-5);
    assertClose(moved.training, cpu.training, 2e-5);
    assertEquals(cuda.draws, cpu.draws);
    assertClose(cuda.transformed, cpu.transformed, 2e-5);
    assertEquals([cuda.kept, cpu.kept], [cpu.kept, cpu.kept.map(() => 0)]);
  },
});
