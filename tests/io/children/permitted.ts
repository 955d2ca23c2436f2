/**
 * Saves and loads everything in the folder that it is given. Run by permissions_test.ts with the
 * permission to read and write that folder and no other.
 *
 * @module
 */
import { join } from "node:path";
import { io, layers, models, np } from "../../../mod.ts";

const folder = Deno.args[0]!;
const at = (name: string) => join(folder, name);
const model = new models.Sequential([layers.input({ shape: [2] }), new layers.Dense(1)]);
const x = np.ones([2]);
const manager = new io.CheckpointManager(at("kept"), { best: { metric: "f", mode: "min" } });
const uses: Record<string, () => Promise<unknown>> = {
  saveNpy: () => io.saveNpy(at("a.npy"), x),
  loadNpy: () => io.loadNpy(at("a.npy")),
  saveNpz: () => io.saveNpz(at("a.npz"), { x }, { compress: true }),
  loadNpz: () => io.loadNpz(at("a.npz")),
  saveSafetensors: () => io.saveSafetensors(at("a.safetensors"), { x }),
  loadSafetensors: () => io.loadSafetensors(at("a.safetensors")),
  saveWeights: () => model.saveWeights(at("w.safetensors")),
  loadWeights: () => model.loadWeights(at("w.safetensors")),
  saveCheckpoint: () => io.saveCheckpoint(at("c.safetensors"), { model }),
  loadCheckpoint: () => io.loadCheckpoint(at("c.safetensors"), { model }),
  save: () => manager.save(1, { model }, { f: 1 }),
  saveAgain: () => manager.save(2, { model }, { f: 1 }),
  list: () => manager.list(),
  best: () => manager.best(),
  restore: () => manager.restore({ model }),
};
for (const [name, use] of Object.entries(uses)) {
  try {
    await use();
    console.log(`${name}: done`);
  } catch (e) {
    console.log(`${name}: ${(e as Error).name}: ${(e as Error).message}`);
  }
}
