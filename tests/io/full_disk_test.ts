/** A disk that fills while a file is written: the old file stays, no part is taken for a whole. @module */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HostArray, io } from "../../mod.ts";
import { inFolder, namesIn } from "./folder.ts";

const child = fileURLToPath(new URL("./children/fill_disk.ts", import.meta.url));
const reason = Deno.build.os === "windows" ? " (not here: Windows has no limit on file sizes)" : "";

Deno.test(`a full disk leaves what was there, for every kind of file${reason}`, {
  ignore: reason !== "",
}, () =>
  inFolder(async (folder) => {
    // 1 MiB; the signal is ignored, so that writing fails as it does on a full disk
    const limited = 'trap "" XFSZ; ulimit -f 1024; exec "$@"';
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      args: ["-c", limited, "bash", Deno.execPath(), "run", "-A", "--no-check", child, folder],
    }).output();
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    assertEquals([code, lines.length], [0, 6], new TextDecoder().decode(stderr));
    for (const line of lines) {
      const remedy = ": what was there before is as it was: make room on the disk, or write to " +
        "another one";
      assert(/^\w+: Cannot write /.test(line) && line.endsWith(remedy), line);
      assert(line.includes(folder), line);
    }
    const files = ["a.npy", "a.npz", "a.safetensors", "c.safetensors", "kept", "w.safetensors"];
    assertEquals(namesIn(folder), files);
    assertEquals(namesIn(join(folder, "kept")), ["checkpoint-00000001.safetensors"]);
    const [npy, npz, st, c] = files.map((name) => join(folder, name));
    const x = new HostArray([0, 0, 0]);
    const got = [
      await io.loadNpy(npy!),
      (await io.loadNpz(npz!)).x!,
      (await io.loadSafetensors(st!)).tensors.x!,
      (await io.loadCheckpoint(c!, { x })).x,
      (await new io.CheckpointManager(join(folder, "kept")).restore({ x }))!.state.x,
    ];
    for (const array of got) assertEquals(array.toArray(), [1, 2, 3]);
    const { tensors } = await io.loadSafetensors(join(folder, "w.safetensors"));
    assertEquals(tensors["m/d/kernel"]!.shape, [512, 1]);
  }));
