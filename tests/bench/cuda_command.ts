/**
 * Runs `deno task bench:cuda` on the stand-in, in a process of its own.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { MEANINGLESS } from "../../bench/cuda/report.ts";
import type { Results } from "../../bench/peers/results.ts";

const path = (file: string): string => fileURLToPath(new URL(`../../${file}`, import.meta.url));

/** The reports of earlier runs. */
const written = (): string[] =>
  [...Deno.readDirSync(path("bench/results"))].map(({ name }) => name).sort();

/** What a run with these flags has measured; it has said that it means nothing, and kept nothing. */
export async function benchOnStandIn(...flags: string[]): Promise<Results> {
  const json = Deno.makeTempFileSync();
  const before = written();
  try {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", path("bench/cuda/run.ts"), "--stand-in", "--json", json]
        .concat(flags),
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const text = new TextDecoder();
    if (!success) throw new Error(text.decode(stderr));
    const lines = text.decode(stdout).trim().split("\n");
    assertEquals([lines[0], lines.at(-1)], [MEANINGLESS, MEANINGLESS]);
    assertEquals(written(), before);
    return JSON.parse(Deno.readTextFileSync(json)) as Results;
  } finally {
    Deno.removeSync(json);
  }
}

/** What is wrong with the rows: who was not measured, and who disagrees. */
export function faultsOf({ rows }: Results): string[] {
  return rows.flatMap(({ id, entries }) =>
    entries.filter(({ samples, wrong }) => samples.length === 0 || wrong !== null)
      .map(({ system, lane, absent, wrong }) => `${id}, ${system} ${lane}: ${absent ?? wrong}`)
  );
}
