/**
 * Saves a checkpoint again and again until it is killed, a file and a folder by turns, going on
 * from the last step of the folder. Run by killed_test.ts. Every array of the checkpoint of step k holds k alone.
 *
 * @module
 */
import { join } from "node:path";
import { HostArray, io } from "../../../mod.ts";

const folder = Deno.args[0]!;
const manager = new io.CheckpointManager(join(folder, "kept"), { keep: 2 });
const parts = Array.from({ length: 8 }, () => new HostArray(new Float64Array(40_000)));
const first = ((await manager.list()).at(-1)?.step ?? -1) + 1;
for (let step = first;; step++) {
  for (const part of parts) (part.values as Float64Array).fill(step);
  await io.saveCheckpoint(join(folder, "one.safetensors"), { parts, step });
  await manager.save(step, { parts, step });
  if (step === first + 1) console.log("started");
}
