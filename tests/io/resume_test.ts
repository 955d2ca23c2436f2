/** The guide's loop, killed at random steps and gone on with: the same losses to the bit. @module */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inFolder, namesIn } from "./folder.ts";

const example = fileURLToPath(new URL("../../examples/resume_training.ts", import.meta.url));
/** So many that a kill in the first half comes before the end. */
const STEPS = 600;

/** Runs the example; kills it once it has printed the line of a step. All that it printed. */
async function train(folder: string, killAt = Infinity): Promise<string[]> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", example, folder, `${STEPS}`],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  for await (const chunk of process.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (!text.includes(`Step ${killAt}: `)) continue;
    process.kill("SIGKILL");
    break;
  }
  const { success } = await process.status;
  assertEquals(success, killAt === Infinity, `killed at step ${killAt}`);
  return text.split("\n").slice(0, -1);
}

/** The losses by step, as printed: every digit of a float32. */
const lossesOf = (lines: readonly string[]): Map<number, string> =>
  new Map(lines.flatMap((line) => {
    const [, step, loss] = /^Step (\d+): loss (.+)$/.exec(line) ?? [];
    return step === undefined ? [] : [[Number(step), loss!]];
  }));

Deno.test("the guide's loop killed at random steps and resumed gives bit-equal losses", () =>
  inFolder(async (root) => {
    const whole = await train(join(root, "whole"));
    const wanted = lossesOf(whole);
    assertEquals([...wanted.keys()], Array.from({ length: STEPS }, (_, i) => i + 1));
    const folder = join(root, "killed");
    const [first, second] = [0, 1].map((i) => 21 + 100 * i + Math.floor(Math.random() * 100));
    const runs = [
      await train(folder, first),
      await train(folder, second),
      await train(folder),
    ].map(lossesOf);
    for (const [i, run] of runs.entries()) {
      const from = [...run.keys()][0]!;
      assert(i === 0 ? from === 1 : from > 20 && from % 20 === 1, `run ${i} begins at ${from}`);
      for (const [step, loss] of run) assertEquals(loss, wanted.get(step), `step ${step}`);
    }
    assert(runs[2]!.has(STEPS));
    const weights = "weights.safetensors";
    assertEquals(
      await Deno.readFile(join(folder, weights)),
      await Deno.readFile(join(root, "whole", weights)),
    );
    assertEquals(namesIn(folder).filter((name) => name.endsWith(".tmp")), []);
  }));
