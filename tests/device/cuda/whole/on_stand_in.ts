/**
 * Runs tests of other rooms with the stand-in in force, where on the CPU they would compute:
 *
 *     deno run -A tests/device/cuda/whole/on_stand_in.ts tests/random
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { standInProblem } from "../../../standins/cuda/build.ts";
import { environment, isThere } from "./environment.ts";

/** Runs `deno test` with these arguments and this environment, from the top of the repository. */
export async function testOnStandIn(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{
  readonly success: boolean;
  readonly output: string;
}> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", "--parallel", ...args],
    cwd: fileURLToPath(new URL("../../../..", import.meta.url)),
    env: { ...environment, NO_COLOR: "1", GLISSADE_CHECK_PASSES: "1", ...env },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { success, output: text.decode(stdout) + text.decode(stderr) };
}

if (import.meta.main) {
  if (!isThere) {
    console.error(standInProblem());
    Deno.exit(1);
  }
  const { success, output } = await testOnStandIn(Deno.args);
  console.log(output);
  Deno.exit(success ? 0 : 1);
}
