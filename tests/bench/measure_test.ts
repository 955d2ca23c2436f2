import { assert, assertEquals, assertMatch } from "@std/assert";
import { fileURLToPath } from "node:url";
import { Contestant } from "../../bench/peers/contestant.ts";
import { measureWork } from "../../bench/peers/measure.ts";
import { columnTimes, type Row } from "../../bench/peers/results.ts";
import type { Lane, Start, System } from "../../bench/peers/systems.ts";

const fake = (...args: string[]): Start => ({
  command: Deno.execPath(),
  args: [
    "run",
    "-A",
    "--no-check",
    fileURLToPath(new URL("fake_contestant.ts", import.meta.url)),
    ...args,
  ],
  env: {},
});

const lane = (id: string): Lane => ({ id, column: id });

/** Measures one work on one fake system. */
async function measured(kind: string, lanes: string[], patience?: number): Promise<Row> {
  const [contestant, { versions }] = await Contestant.open(fake(), 30);
  assertEquals(versions, { fake: "1.0" });
  const system: System = { id: "fake", script: "", lanes: lanes.map(lane), patience };
  const work = { id: "F", title: "fake", kind, sizes: { n: 7 }, tolerance: 1e-3, targets: [] };
  const effort = { rounds: 3, sample: 0.01, budget: 1 };
  const row = await measureWork(work, [system], () => Promise.resolve(contestant!), effort);
  await contestant!.close();
  return row;
}

Deno.test("lanes take turns, and their times are of one repetition", async () => {
  const row = await measured("works", ["fast", "slow"]);
  assertEquals(row.entries.map(({ samples }) => samples.length), [3, 3]);
  assert(row.entries[0]!.reps > row.entries[1]!.reps);
  assertEquals(row.entries.map(({ setting }) => setting), [null, "leisurely"]);
  const times = columnTimes(row);
  assert(times.get("fast")! >= 0.001 && times.get("slow")! >= 0.004);
  assert(times.get("fast")! < times.get("slow")!);
});

Deno.test("a lane whose result differs is reported and has no time", async () => {
  const row = await measured("works", ["fast", "slow", "wrong"]);
  assertEquals(row.entries[2]!.wrong, "result 0 is 2, not 1");
  assertEquals([...columnTimes(row).keys()], ["fast", "slow"]);
});

Deno.test("what a system cannot do is absent with its reason", async () => {
  const row = await measured("absent", ["fast"]);
  assertEquals([row.entries[0]!.absent, row.entries[0]!.samples], ["not today", []]);
});

Deno.test("a lane that fails while it is measured leaves the others alone", async () => {
  const row = await measured("fails later", ["fast", "slow"]);
  const reasons = new Map(row.entries.map((entry) => [entry.lane, entry.absent]));
  assertEquals(reasons.get("fast"), null);
  assertMatch(reasons.get("slow")!, /Cannot go on/);
});

Deno.test("a process that dies or hangs is absent, not an error", async () => {
  assertMatch((await measured("dies", ["fast"])).entries[0]!.absent!, /its process ended/);
  assertEquals((await measured("hangs", ["fast"], 1)).entries[0]!.absent, "takes longer than 1 s");
});

Deno.test("a program that is not there is absent", async () => {
  const [contestant, answer] = await Contestant.open(
    { command: "no-such-program-anywhere", args: [], env: {} },
    5,
  );
  assertEquals(contestant, null);
  assertMatch(answer.absent!, /cannot be started/);
});

Deno.test("a contestant that is not asked stands still", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const code = `let ticks = 0;
    setInterval(() => ticks++, 5);
    console.log('{"versions":{}}');
    for await (const _ of Deno.stdin.readable) console.log(JSON.stringify({ seconds: ticks }));`;
  const start = { command: Deno.execPath(), args: ["eval", code], env: {} };
  const [contestant] = await Contestant.open(start, 30);
  const before = (await contestant!.ask({}, 30)).seconds!;
  await new Promise((resolve) => setTimeout(resolve, 500));
  const after = (await contestant!.ask({}, 30)).seconds!;
  await contestant!.close();
  assert(after - before < 20, `${after - before} ticks of 5 ms`);
});

const ignore = Deno.build.os !== "linux";

Deno.test("a process that is asked for one work tells its peak of memory (as Linux does)", {
  ignore,
}, async () => {
  const start = fake("once", "works", '{"n":1}', "fast", "2");
  const [contestant, answer] = await Contestant.open(start, 30);
  await contestant?.close();
  assertEquals(answer.done, true);
  assert(answer.peak! > 10 * 2 ** 20);
});
