/**
 * The worker pool: every unit of a job is done once, a worker that fails is an error, and a script
 * with workers ends as it would without.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { type FunctionBuilder, I32, ModuleBuilder } from "../../../src/wasm/wasm.ts";
import { Piece, Pool, type PoolOptions } from "../../../src/device/cpu/pool.ts";
import { WorkerError } from "../../../src/device/worker_error.ts";

const PAGES = 32;

/** A module whose `run(address, begin, end)` is written by `body`. */
function moduleOf(body: (f: FunctionBuilder) => void): Uint8Array {
  const module = new ModuleBuilder({ shared: true, maximum: PAGES });
  body(module.func("run", [I32, I32, I32], []));
  return module.bytes();
}

/** Adds 1 to the int32 of each unit. */
const COUNT = moduleOf((f) => {
  const at = f.local(I32);
  f.get(0).get(1).i32.const(4).op("i32.mul").op("i32.add").set(at);
  f.block((done) => {
    f.loop((again) => {
      f.get(1).get(2).op("i32.ge_u").brIf(done);
      f.get(at).get(at).load("i32.load").i32.const(1).op("i32.add").store("i32.store");
      f.get(at).i32.const(4).op("i32.add").set(at);
      f.get(1).i32.const(1).op("i32.add").set(1).br(again);
    });
  });
});
const TRAP = moduleOf((f) => f.op("unreachable"));
const HANG = moduleOf((f) => f.loop((again) => f.br(again)));

/** Waits until the int32 at its address is not 0. */
const WAIT = moduleOf((f) => {
  f.loop((again) => {
    f.get(0).atomic("i32.atomic.load").op("i32.eqz").brIf(again);
  });
});

/** A pool with a memory, and what it is tried with. */
function setUp(threads: number, options: PoolOptions = {}) {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true });
  const pool = new Pool(memory, { startAfter: 0, ...options });
  pool.threads = threads;
  pool.start();
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(COUNT)), {
    env: { memory },
  });
  const count = new Piece("count", COUNT, instance.exports.run as (...args: number[]) => void);
  const words = new Int32Array(memory.buffer);
  return { pool, count, words };
}

/** A piece that does nothing here until a worker has had the time to take one, and fails there. */
function failing(name: string, bytes: Uint8Array): Piece {
  return new Piece(name, bytes, () => {
    const end = performance.now() + 100;
    while (performance.now() < end);
  });
}

const COST = 1e9;

Deno.test("every unit of a job is done once, whatever the threads and the pieces", () => {
  for (const threads of [1, 2, 4]) {
    const { pool, count, words } = setUp(threads);
    assertEquals(pool.ready, threads - 1);
    let jobs = 0;
    for (const extent of [1, 2, 3, 17, 1000, 65000]) {
      for (const grain of [undefined, 1, 7, 100000]) {
        if (extent > 1000 && grain === 1) continue;
        words.fill(0);
        const calls = [0, 1 << 20].map((address) => ({ piece: count, args: [address] }));
        for (let i = 0; i < 5; i++) {
          pool.run({ calls, extent, cost: COST, ...(grain === undefined ? {} : { grain }) });
          jobs++;
        }
        for (const at of [0, 1 << 18]) {
          assert(words.subarray(at, at + extent).every((n) => n === 5), `${extent} by ${grain}`);
          assertEquals(words[at + extent], 0);
        }
      }
    }
    assert(jobs > 100);
    pool.threads = 1;
  }
});

Deno.test("ten thousand small jobs in a row, with pauses in which workers fall asleep", () => {
  const { pool, count, words } = setUp(3);
  for (let i = 0; i < 10_000; i++) {
    pool.run({ calls: [{ piece: count, args: [0] }], extent: 8, cost: COST, grain: 1 });
    if (i % 1000 === 0) Atomics.wait(words, words.length - 1, 0, 2);
  }
  assertEquals([...words.subarray(0, 9)], [...Array(8).fill(10_000), 0]);
  pool.threads = 1;
});

Deno.test("scratch of a thread's own lies behind that of the thread before", () => {
  const { pool, count, words } = setUp(3);
  const own = { arg: 0, bytes: 4096 };
  for (let i = 0; i < 200; i++) {
    pool.run({ calls: [{ piece: count, args: [0], own }], extent: 64, cost: COST, grain: 1 });
  }
  const of = (thread: number) => words.subarray(thread * 1024, thread * 1024 + 64);
  for (let unit = 0; unit < 64; unit++) {
    assertEquals([0, 1, 2].reduce((n, thread) => n + of(thread)[unit]!, 0), 200);
  }
  pool.threads = 1;
});

Deno.test("small work stays on this thread and starts nothing", () => {
  const { pool, count, words } = setUp(1);
  pool.threads = 4;
  for (let i = 0; i < 100; i++) {
    pool.run({ calls: [{ piece: count, args: [0] }], extent: 10, cost: 10_000 });
  }
  assertEquals([pool.ready, words[9]], [0, 100]);
});

Deno.test("a worker that traps is an error that names the kernel, and the pool goes on", () => {
  const { pool, count, words } = setUp(2);
  const trap = failing('kernel "trap"', TRAP);
  const e = assertThrows(
    () => pool.run({ calls: [{ piece: trap, args: [0] }], extent: 100, cost: COST, grain: 1 }),
    WorkerError,
    'Cannot run kernel "trap" on worker 1: it failed with "RuntimeError: unreachable"',
  );
  assertEquals(e.gone, null);
  pool.start();
  assertEquals(pool.ready, 1);
  pool.run({ calls: [{ piece: count, args: [0] }], extent: 100, cost: COST });
  assert(words.subarray(0, 100).every((n) => n === 1));
  for (let i = 0; i < 2; i++) {
    assertThrows(() =>
      pool.run({ calls: [{ piece: trap, args: [0] }], extent: 100, cost: COST, grain: 1 })
    );
    pool.start();
  }
  // after three faults nothing is started any more
  assertEquals(pool.ready, 0);
  pool.run({ calls: [{ piece: count, args: [0] }], extent: 100, cost: COST });
  assert(words.subarray(0, 100).every((n) => n === 2));
});

Deno.test("a failure on this thread is thrown as it is, and the workers stay", () => {
  const { pool, count, words } = setUp(2);
  // a worker waits for this thread, which so takes a unit however late it comes
  const bad = new Piece("bad", WAIT, () => {
    words[0] = 1;
    throw new RangeError("mine");
  });
  const calls = [{ piece: bad, args: [0] }];
  assertThrows(() => pool.run({ calls, extent: 10, cost: COST, grain: 1 }), RangeError, "mine");
  words.fill(0);
  pool.run({ calls: [{ piece: count, args: [0] }], extent: 10, cost: COST, grain: 1 });
  assertEquals([pool.ready, ...words.subarray(0, 11)], [1, ...Array(10).fill(1), 0]);
  pool.threads = 1;
});

Deno.test("a worker that does not answer is an error, and tells when it is dead", async () => {
  const { pool, count, words } = setUp(2, { patience: 300 });
  const calls = [{ piece: failing("an endless loop", HANG), args: [0] }];
  const started = performance.now();
  const e = assertThrows(
    () => pool.run({ calls, extent: 2, cost: COST, grain: 1 }),
    WorkerError,
    "Cannot run an endless loop on 1 workers: one of them has not answered for 0.3 s",
  );
  assert(performance.now() - started > 290);
  const timer = setInterval(() => {}, 50);
  await e.gone;
  clearInterval(timer);
  pool.run({ calls: [{ piece: count, args: [0] }], extent: 100, cost: COST });
  assert(words.subarray(0, 100).every((n) => n === 1));
  pool.threads = 1;
});

/** Runs the child; gives what it printed and its status. */
async function child(how: string, ...permissions: string[]): Promise<[string, number]> {
  const script = fileURLToPath(new URL("./pool_child.ts", import.meta.url));
  const { stdout, code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", ...permissions, script, how],
    stderr: "null",
    signal: AbortSignal.timeout(300_000),
  }).output();
  return [new TextDecoder().decode(stdout).trim(), code];
}

Deno.test("a script with workers ends as it would without", async () => {
  const ends = [["end", 0], ["await", 0], ["throw", 1], ["exit", 3]] as const;
  const got = await Promise.all(ends.map(([how]) => child(how, "--allow-ffi", "--allow-read")));
  assertEquals(got, ends.map(([, code]) => ["true", code]));
  assertEquals(await child("end"), ["true", 0]);
});

Deno.test("several workers of a script's own have pools of their own", async () => {
  assertEquals(await child("fork", "-A"), ["true", 0]);
});

Deno.test("a test that starts workers leaks nothing", {
  sanitizeOps: true,
  sanitizeResources: true,
}, () => {
  const { pool, count, words } = setUp(3);
  pool.run({ calls: [{ piece: count, args: [0] }], extent: 100, cost: COST });
  assertEquals(words[99], 1);
});
