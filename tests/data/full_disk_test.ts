/**
 * A disk that fills while a cache or a snapshot is written: the old file stays, no part of a new one
 * is taken for a whole, and the error says what to do.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Dataset } from "../../src/data/mod.ts";
import { writeFailure } from "../../src/formats/files.ts";

const child = fileURLToPath(new URL("./children/fill_disk.ts", import.meta.url));
const reason = Deno.build.os === "windows" ? " (not here: Windows has no limit on file sizes)" : "";

Deno.test(`a full disk leaves snapshots and caches as they were${reason}`, {
  ignore: reason !== "",
}, async () => {
  const folder = await Deno.makeTempDir();
  try {
    // 1 MiB; the signal is ignored, so that writing fails as it does on a full disk
    const limited = 'trap "" XFSZ; ulimit -f 1024; exec "$@"';
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      args: ["-c", limited, "bash", Deno.execPath(), "run", "-A", "--no-check", child, folder],
    }).output();
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    assertEquals([code, lines.length], [0, 7], new TextDecoder().decode(stderr));
    assertEquals(lines.pop(), "elements: 3");
    for (const [i, line] of lines.entries()) {
      const there = i < 2 ? "[snapshot]" : "[cached,snapshot]";
      assert(line.includes(`: Cannot write ${folder}/`), line);
      const advice = "what was there before is as it was: make room on the disk, or write to " +
        `another one ${there}`;
      assert(line.endsWith(advice), line);
    }
    for (const name of ["snapshot", "cached"]) {
      const elements = [...Dataset.load(join(folder, name))].map((x) => x.item());
      assertEquals(elements, [0, 1, 2]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "a device that takes nothing is told as a full disk is",
  ignore: Deno.build.os !== "linux", // the only system with /dev/full
  fn: () => {
    const file = Deno.openSync("/dev/full", { write: true });
    let cause: unknown = null;
    try {
      file.writeSync(new Uint8Array(1));
    } catch (e) {
      cause = e;
    } finally {
      file.close();
    }
    const { message } = writeFailure("a.cache", cause);
    assert(message.startsWith("Cannot write a.cache: No space left on device"), message);
    assert(message.endsWith(": make room on the disk, or write to another one"), message);
  },
});
