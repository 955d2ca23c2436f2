/**
 * Saves small files, then large ones, in a process whose files may not grow large: as on a full disk.
 * Run by full_disk_test.ts.
 *
 * @module
 */
import { join } from "node:path";
import { HostArray, io, layers, models } from "../../../mod.ts";

const folder = Deno.args[0]!;
const small = new HostArray([1, 2, 3]);
const large = new HostArray(new Float64Array(2 ** 18));
const wide = (units: number) =>
  new models.Sequential([layers.input({ shape: [512] }), new layers.Dense(units, { name: "d" })], {
    name: "m",
  });
const [narrow, huge] = [wide(1), wide(1024)];
const manager = new io.CheckpointManager(join(folder, "kept"));
const at = (name: string) => join(folder, name);

const saves: Record<string, (big: boolean) => Promise<unknown>> = {
  npy: (big) => io.saveNpy(at("a.npy"), big ? large : small),
  npz: (big) => io.saveNpz(at("a.npz"), { x: big ? large : small }),
  safetensors: (big) => io.saveSafetensors(at("a.safetensors"), { x: big ? large : small }),
  weights: (big) => (big ? huge : narrow).saveWeights(at("w.safetensors")),
  checkpoint: (big) => io.saveCheckpoint(at("c.safetensors"), { x: big ? large : small }),
  manager: (big) => manager.save(big ? 2 : 1, { x: big ? large : small }),
};
for (const [name, save] of Object.entries(saves)) {
  await save(false);
  try {
    await save(true);
    console.log(`${name}: saved`);
  } catch (e) {
    console.log(`${name}: ${(e as Error).message}`);
  }
}
