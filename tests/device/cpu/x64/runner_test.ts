/**
 * Machine code in the pool: all threads run it as they run modules, and it stays where a thread may
 * be in it.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { Piece, Pool } from "../../../../src/device/cpu/pool.ts";
import { runnerOf } from "../../../../src/device/cpu/x64/runner.ts";
import { ADD_FLOATS, copyNumbers, COUNT_UNITS, NO_AVX512, NO_CODE } from "../../../ffi/codes.ts";

const ignore = NO_CODE !== "";
const PAGES = 32;
const COST = 1e9;

function setUp(threads: number) {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true });
  const pool = new Pool(memory, { startAfter: 0 });
  pool.threads = threads;
  pool.start();
  return { memory, pool, words: new Int32Array(memory.buffer) };
}

Deno.test(`every unit of machine code is done once, whatever the threads${NO_CODE}`, {
  ignore,
}, () => {
  for (const threads of [1, 2, 4]) {
    const { memory, pool, words } = setUp(threads);
    const { run, bytes } = runnerOf(COUNT_UNITS, 3, memory)!;
    const count = new Piece("count", bytes, run);
    for (const extent of [1, 3, 17, 1000, 65000]) {
      for (const grain of [undefined, 7, 100000]) {
        words.fill(0);
        const calls = [0, 1 << 20].map((address) => ({ piece: count, args: [address] }));
        const job = { calls, extent, cost: COST, ...(grain === undefined ? {} : { grain }) };
        for (let i = 0; i < 5; i++) pool.run(job);
        for (const at of [0, 1 << 18]) {
          assert(words.subarray(at, at + extent).every((n) => n === 5), `${extent} by ${grain}`);
          assertEquals(words[at + extent], 0);
        }
      }
    }
    pool.threads = 1;
  }
});

Deno.test(`workers do run it${NO_CODE}`, { ignore }, () => {
  const { memory, pool, words } = setUp(2);
  const counted = () => words.subarray(0, 101).reduce((n, m) => n + m);
  const { bytes, run } = runnerOf(COUNT_UNITS, 3, memory)!;
  let left = 0;
  const leave = () => {
    left++;
    const end = performance.now() + 30_000;
    while (performance.now() < end && counted() === 0);
  };
  const calls = [{ piece: new Piece("count", bytes, leave), args: [0] }];
  pool.run({ calls, extent: 100, cost: COST, grain: 1 });
  assert(left < 100);
  assertEquals(counted() + left, 100);
  pool.threads = 1;
  run(0, 0, 0);
});

Deno.test(`scratch of a thread's own is told to it too${NO_CODE}`, { ignore }, () => {
  const { memory, pool, words } = setUp(3);
  const { run, bytes } = runnerOf(COUNT_UNITS, 3, memory)!;
  const calls = [{
    piece: new Piece("count", bytes, run),
    args: [0],
    own: { arg: 0, bytes: 4096 },
  }];
  for (let i = 0; i < 200; i++) pool.run({ calls, extent: 64, cost: COST, grain: 1 });
  for (let unit = 0; unit < 64; unit++) {
    assertEquals([0, 1, 2].reduce((n, thread) => n + words[thread * 1024 + unit]!, 0), 200);
  }
  pool.threads = 1;
});

Deno.test(`arrays are summed with AVX-512 on all threads${NO_AVX512}`, {
  ignore: NO_AVX512 !== "",
}, () => {
  const { memory, pool } = setUp(2);
  const { run, bytes } = runnerOf(ADD_FLOATS, 5, memory)!;
  const floats = new Float32Array(memory.buffer, 0, 3 << 16).map((_, i) => i);
  new Float32Array(memory.buffer).set(floats);
  const args = [0, 4 << 16, 8 << 16];
  const extent = 1 << 12;
  const calls = [{ piece: new Piece("add", bytes, run), args }];
  pool.run({ calls, extent, cost: COST, grain: 5 });
  const sums = new Float32Array(memory.buffer, 8 << 16, 1 << 16);
  assert(sums.every((x, i) => x === 2 * i + (1 << 16)));
  pool.threads = 1;
});

Deno.test(`a worker without the C library leaves the pieces to others${NO_CODE}`, {
  ignore,
}, () => {
  const { memory, pool, words } = setUp(2);
  const { run } = runnerOf(COUNT_UNITS, 3, memory)!;
  const told = { code: "1", base: "1", library: "/no/such/library.so" };
  const piece = new Piece("count", new TextEncoder().encode(JSON.stringify(told)), run);
  for (let i = 0; i < 3; i++) {
    pool.run({ calls: [{ piece, args: [0] }], extent: 1000, cost: COST, grain: 1 });
  }
  assertEquals([words[0], words[999], words[1000], pool.ready], [3, 3, 0, 1]);
  pool.threads = 1;
});

Deno.test(`one memory and many kernels of many arguments${NO_CODE}`, { ignore }, () => {
  const { memory, words } = setUp(1);
  for (const count of [2, 5, 30]) {
    const { run } = runnerOf(copyNumbers(count), count, memory)!;
    run(...Array.from({ length: count }, (_, i) => i === 0 ? 400 * count : i));
    assertEquals(
      [...words.subarray(100 * count + 1, 100 * count + count)],
      [
        ...Array(count).keys(),
      ].slice(1),
    );
  }
  assertEquals(runnerOf(copyNumbers(2), 2000, memory), null);
});

Deno.test(`code that a hung worker may be in is not taken away${NO_CODE}`, { ignore }, async () => {
  const script = fileURLToPath(new URL("./hung_child.ts", import.meta.url));
  const { stdout, code, signal } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-ffi", "--v8-flags=--expose-gc", script],
    stderr: "null",
    signal: AbortSignal.timeout(300_000),
  }).output();
  assertEquals([new TextDecoder().decode(stdout).trim(), code, signal], ["left", 0, null]);
});
