/** The manager: keeps the last few and the best, and takes no part for a whole. @module */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import { io, np } from "../../mod.ts";
import { inFolder, namesIn } from "./folder.ts";

const steps = async (manager: io.CheckpointManager) => (await manager.list()).map((c) => c.step);
const fileOf = (folder: string, step: number) =>
  join(folder, `checkpoint-${`${step}`.padStart(8, "0")}.safetensors`);
const w = (x: number) => ({ w: np.array([x]) });

/** Runs a function with console.warn replaced; what was warned of. */
async function warnings(run: () => Promise<void>): Promise<string[]> {
  const seen: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => seen.push(text);
  try {
    await run();
  } finally {
    console.warn = warn;
  }
  return seen;
}

Deno.test("the last few are kept, and the best, whichever way better goes", {
  sanitizeResources: true,
}, () =>
  inFolder(async (root) => {
    const figures = [0.3, 0.9, NaN, 0.1, 0.9, 0.1, 0.5, 0.4];
    for (const [mode, best] of [["min", 3], ["max", 1]] as const) {
      const folder = join(root, mode, "deep");
      const manager = new io.CheckpointManager(folder, {
        keep: 2,
        best: { metric: "f", mode },
      });
      assertEquals(await steps(manager), []);
      assertEquals([await manager.best(), await manager.restore(w(0))], [null, null]);
      for (const [step, f] of figures.entries()) {
        const path = await manager.save(step, w(step), { f, other: 1 });
        assertEquals(path, fileOf(folder, step));
      }
      assertEquals(await steps(manager), [best, 6, 7]);
      assertEquals(namesIn(folder).length, 3);
      const again = new io.CheckpointManager(folder, { best: { metric: "f", mode } });
      const found = await again.restore(w(0), "best");
      assertEquals([found!.step, found!.metrics], [best, { f: figures[best]!, other: 1 }]);
      assertEquals(found!.state.w.toArray(), [best]);
      assertEquals((await again.restore(w(0)))!.state.w.toArray(), [7]);
      assertEquals((await again.restore(w(0), 6))!.step, 6);
      await assertRejects(() => again.restore(w(0), 5), Deno.errors.NotFound, fileOf(folder, 5));
    }
  }));

Deno.test("keep: 1 keeps one, Infinity all; an earlier step than the others is not removed at once", () =>
  inFolder(async (folder) => {
    const all = new io.CheckpointManager(folder, { keep: Infinity });
    for (const step of [10, 20, 123456789]) await all.save(step, w(step));
    assertEquals(await steps(all), [10, 20, 123456789]);
    const one = new io.CheckpointManager(folder, { keep: 1 });
    await one.save(5, w(5));
    assertEquals(await steps(one), [5, 123456789]);
  }));

Deno.test("saves that are not awaited come one after the other, with the values of their call", () =>
  inFolder(async (folder) => {
    const manager = new io.CheckpointManager(folder, { keep: 2 });
    const x = new Float32Array(1);
    const saves = [];
    for (let step = 0; step < 5; step++) {
      x[0] = step;
      saves.push(manager.save(step, { x }));
    }
    await Promise.all(saves);
    assertEquals(await steps(manager), [3, 4]);
    assertEquals((await manager.restore({ x }, 3))!.state.x, new Float32Array([3]));
  }));

Deno.test("parts, strangers and what is half written are no checkpoints; half written is cleared away", () =>
  inFolder(async (folder) => {
    const first = new io.CheckpointManager(folder);
    await first.save(1, w(1));
    const whole = await Deno.readFile(fileOf(folder, 1));
    const uuid = "12345678-1234-1234-1234-123456789abc";
    const half = `.checkpoint-00000002.safetensors.${uuid}.tmp`;
    const others = [`.notes.txt.${uuid}.tmp`, "checkpoint-00000002.safetensors.bak", "readme.md"];
    for (const name of [half, ...others]) await Deno.writeFile(join(folder, name), whole);
    await Deno.mkdir(fileOf(folder, 99));
    for (let n = 0; n < whole.length; n += 7) {
      await Deno.writeFile(fileOf(folder, 3), whole.subarray(0, n));
      assertEquals(await steps(first), [1]);
    }
    await Deno.writeFile(fileOf(folder, 4), new Uint8Array(1000).fill(255));
    await Deno.writeTextFile(fileOf(folder, 6), "what is this? more than eight bytes");
    const manager = new io.CheckpointManager(folder);
    assertEquals((await manager.restore(w(0)))!.step, 1);
    assert(namesIn(folder).includes(half)); // reading changes nothing
    await manager.save(5, w(5));
    assert(!namesIn(folder).includes(half));
    for (const name of others) assert(namesIn(folder).includes(name), name);
    assertEquals(await steps(manager), [1, 5]);
  }));

Deno.test("where the latest is damaged the one before it is taken, with a warning", () =>
  inFolder(async (folder) => {
    const manager = new io.CheckpointManager(folder);
    for (const step of [1, 2, 3]) await manager.save(step, w(step));
    const damage = async (step: number) => {
      const bytes = await Deno.readFile(fileOf(folder, step));
      bytes[bytes.length - 1]! ^= 1;
      await Deno.writeFile(fileOf(folder, step), bytes);
    };
    await damage(3);
    const seen = await warnings(async () => {
      assertEquals((await manager.restore(w(0)))!.state.w.toArray(), [2]);
    });
    assertEquals(seen.length, 1);
    assert(seen[0]!.startsWith(`Cannot read ${fileOf(folder, 3)}: its SHA-256 is `), seen[0]);
    await assertRejects(() => manager.restore(w(0), 3), RangeError, "truncated or damaged");
    // What does not fit the target is no damage: nothing older is taken.
    const wide = { w: np.zeros([2]) };
    await warnings(async () => {
      await assertRejects(() => manager.restore(wide), RangeError, "float32[2] is wanted");
      await damage(2);
      await damage(1);
      await assertRejects(() => manager.restore(w(0)), RangeError, fileOf(folder, 3));
    });
  }));

Deno.test("a failed save leaves the checkpoints, and the next one works", () =>
  inFolder(async (folder) => {
    const manager = new io.CheckpointManager(folder, { best: { metric: "f", mode: "min" } });
    await manager.save(1, w(1), { f: 1 });
    await Deno.mkdir(join(fileOf(folder, 2), "inner"), { recursive: true });
    const what = `Cannot write ${fileOf(folder, 2)}: `;
    await assertRejects(() => manager.save(2, w(2), { f: 0 }), Error, what);
    await manager.save(3, w(3), { f: 2 });
    assertEquals(await steps(manager), [1, 3]);
  }));

Deno.test("wrong arguments are refused before anything is written", () =>
  inFolder(async (folder) => {
    const make = (options: unknown) => () =>
      new io.CheckpointManager(folder, options as io.CheckpointManagerOptions);
    assertThrows(make({ keep: 0 }), RangeError, "wanted at least 1");
    assertThrows(make({ keep: 1.5 }), TypeError, "wanted an integer or Infinity");
    assertThrows(make({ keep: "3" }), TypeError, "wanted an integer or Infinity");
    assertThrows(make({ max: 1 }), TypeError, '"max"');
    assertThrows(make({ best: { metric: "f", mode: "low" } }), TypeError, '"low"');
    assertThrows(make({ best: "f" }), TypeError);
    const manager = new io.CheckpointManager(folder, { best: { metric: "f", mode: "min" } });
    const save = (step: unknown, state: unknown, figures?: unknown) => () =>
      manager.save(step as number, state as object, figures as Record<string, number>);
    await assertRejects(save(-1, w(1), { f: 1 }), RangeError, "a step is an integer");
    await assertRejects(save("1", w(1), { f: 1 }), RangeError, "a step is an integer");
    await assertRejects(save(1, w(1)), TypeError, 'without the figure "f"');
    await assertRejects(save(1, w(1), { f: np.ones([]) }), TypeError, "read a tensor with item()");
    await assertRejects(save(1, { f: () => 1 }, { f: 1 }), TypeError, "Cannot save f");
    const plain = new io.CheckpointManager(folder);
    await assertRejects(() => plain.best(), TypeError, "no figure decides");
    await assertRejects(() => plain.restore(w(1), "first" as "best"), TypeError, '"first"');
    assertEquals(namesIn(folder), []);
  }));
