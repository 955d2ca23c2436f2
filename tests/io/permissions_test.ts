/** Everything works with the permission to read and write one folder, and says what is missing without. @module */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { inFolder } from "./folder.ts";

const child = fileURLToPath(new URL("./children/permitted.ts", import.meta.url));

async function run(folder: string, flags: readonly string[]): Promise<string[]> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", ...flags, child, folder],
  }).output();
  const text = new TextDecoder();
  return `${text.decode(stdout)}${text.decode(stderr)}`.trim().split("\n");
}

Deno.test("everything works with --allow-read and --allow-write of one folder", () =>
  inFolder(async (folder) => {
    const lines = await run(folder, [`--allow-read=${folder}`, `--allow-write=${folder}`]);
    assertEquals(lines.filter((line) => !line.endsWith(": done")), []);
    assertEquals(lines.length, 15);
  }));

Deno.test("without permission every call says which flag to give, and none asks", () =>
  inFolder(async (folder) => {
    for (const flags of [[], [`--allow-read=${folder}`]]) {
      const lines = await run(folder, flags);
      const failed = lines.filter((line) => !line.endsWith(": done"));
      assertEquals(lines.length, 15);
      assert(failed.length >= 12, lines.join("\n"));
      for (const line of failed) {
        if (flags.length > 0 && /: NotFound: /.test(line)) continue; // reading is allowed
        assert(/: NotCapable: Cannot .* run again with --allow-(read|write)=/.test(line), line);
      }
    }
  }));
