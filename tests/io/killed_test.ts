/** A kill at any moment leaves the old checkpoint or the new one. @module */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HostArray, io } from "../../mod.ts";
import { inFolder, namesIn } from "./folder.ts";

const child = fileURLToPath(new URL("./children/save_forever.ts", import.meta.url));

interface Kept {
  parts: HostArray[];
  step: number;
}

const target = (): Kept => ({
  parts: Array.from({ length: 8 }, () => new HostArray(new Float64Array(40_000))),
  step: 0,
});

function assertWhole({ parts, step }: Kept): void {
  for (const part of parts) assert(part.values.every((x) => x === step));
}

/** Runs the child until some milliseconds after its first saves, then kills it. */
async function killAfter(folder: string, ms: number): Promise<void> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", child, folder],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = process.stdout.getReader();
  const { done } = await reader.read();
  assert(!done, "The child ended before it had saved anything");
  await new Promise((wake) => setTimeout(wake, ms));
  process.kill("SIGKILL");
  await reader.cancel();
  assertEquals((await process.status).signal, Deno.build.os === "windows" ? null : "SIGKILL");
}

Deno.test("checkpoints survive a SIGKILL at random moments, and a killed training can go on", () =>
  inFolder(async (folder) => {
    let before = -1;
    for (let round = 0; round < 5; round++) {
      await killAfter(folder, Math.random() * 60);
      assertWhole(await io.loadCheckpoint(join(folder, "one.safetensors"), target()));
      const kept = join(folder, "kept");
      const manager = new io.CheckpointManager(kept, { keep: 2 });
      const restored = (await manager.restore(target()))!;
      assertEquals(restored.step, restored.state.step);
      assertWhole(restored.state);
      assert(restored.step >= before + 2, "The child did not go on");
      before = restored.step;
      const entries = await manager.list();
      assert(entries.length >= 2 && entries.length <= 3, `${entries.length} checkpoints`);
      for (const { step } of entries) assertWhole((await manager.restore(target(), step))!.state);
      const halves = namesIn(kept).filter((name) => name.endsWith(".tmp"));
      assert(halves.length <= 1, "What earlier kills left half written is cleared away");
      assertEquals(namesIn(kept).length, entries.length + halves.length);
    }
  }));
