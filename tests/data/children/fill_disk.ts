/**
 * Writes caches and snapshots, small ones and then large ones, in a process whose files may not grow
 * large: as on a full disk. Run by full_disk_test.ts.
 *
 * @module
 */
import { join } from "node:path";
import { Dataset } from "../../../src/data/mod.ts";

const folder = Deno.args[0]!;
const at = (name: string) => join(folder, name);
const small = Dataset.range(3);
/** 4 MiB in 64 elements. */
const large = Dataset.range(64).map((x) => new Float64Array(8192).fill(x.item()));

async function told(name: string, write: () => unknown): Promise<void> {
  try {
    await write();
    console.log(`${name}: written`);
  } catch (e) {
    const names = Array.from(Deno.readDirSync(folder), (f) => f.name).sort();
    console.log(`${name}: ${(e as Error).message} [${names}]`);
  }
}

async function drain(d: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of d);
}

await small.save(at("snapshot"));
await told("snapshot", () => large.save(at("snapshot")));
await told("new snapshot", () => large.save(at("new")));
for (const _ of small.cache(at("cached")));
await told("cache", () => [...large.cache(at("cache"))]);
await told("cache, awaited", () => drain(large.cache(at("cache"))));
const again = large.cache(at("cache"));
await told("cache, first pass", () => drain(again));
await told("cache, second pass", () => drain(again.repeat(2)));
// what is at hand is not written again, so it needs no room
for (const _ of large.cache(at("cached")));
console.log(`elements: ${[...Dataset.load(at("snapshot"))].length}`);
