import { assert, assertEquals } from "@std/assert";
import { slug } from "../../bench/peers/machine.ts";
import { columns, pinned, start, systems } from "../../bench/peers/systems.ts";
import { isAsked, processWorks, works } from "../../bench/peers/works.ts";

Deno.test("rows have ids of their own, and every target names a column", () => {
  const all = [...works(true), ...processWorks];
  assertEquals(new Set(all.map(({ id }) => id)).size, all.length);
  const named = new Set(["fastest", ...columns.map(({ id }) => id)]);
  for (const { targets } of all) {
    for (const { against, of } of targets) assert(named.has(against) && named.has(of ?? against));
  }
});

Deno.test("every lane but glissade's own has a column", () => {
  const ids = columns.map(({ id }) => id);
  const lanes = systems.flatMap((system) => system.lanes.map(({ column }) => column));
  assertEquals(lanes.filter((column) => !ids.includes(column)), ["glissade"]);
});

Deno.test("the built-in product owes less where OpenBLAS has vectors twice as wide", () => {
  const owed = (isWide: boolean): number =>
    works(isWide).find(({ id }) => id === "W7 512 float32")!.targets[1]!.atLeast;
  assertEquals([owed(true), owed(false)], [0.25, 0.4]);
});

Deno.test("a family names its rows, and W1 its loop as well", () => {
  const asked = (...only: string[]): string[] =>
    works(false).map(({ id }) => id).filter((id) => isAsked(id, only));
  assertEquals(asked("W1"), ["W1", "W1loop"]);
  assertEquals(asked("W8"), ["W8 jitted", "W8 eager"]);
  assertEquals(asked("W6 softmax"), ["W6 softmax", "W6 softmax gradient"]);
  assertEquals(asked().length, works(false).length);
});

Deno.test("one thread means one thread in every library", () => {
  const { env } = start(systems[2]!, 1);
  assertEquals([env.OMP_NUM_THREADS, env.OPENBLAS_NUM_THREADS, env.GLISSADE_THREADS], [
    "1",
    "1",
    "1",
  ]);
  assert(env.XLA_FLAGS!.includes("intra_op_parallelism_threads=1"));
  assertEquals(start(systems[2]!, 2).env.XLA_FLAGS, "");
});

Deno.test("a system on one core has the columns of the system, without what is compiled", () => {
  const torch = systems.find(({ id }) => id === "torch")!;
  assertEquals(pinned(torch).lanes.map(({ column }) => column), ["torch"]);
});

Deno.test("a processor's name becomes a part of a file name", () => {
  assertEquals(slug("Intel(R) Xeon(R) Processor @ 2.10GHz"), "intel-xeon-processor-2-10ghz");
});
