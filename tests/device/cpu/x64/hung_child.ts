/**
 * A child of runner_test.ts: a worker takes too long in machine code, whose piece nobody holds any
 * more, and then comes out of it.
 *
 * @module
 */
import { Piece, Pool } from "../../../../src/device/cpu/pool.ts";
import { runnerOf } from "../../../../src/device/cpu/x64/runner.ts";
import { WorkerError } from "../../../../src/device/worker_error.ts";

/** Counts down from 2^32, then adds 1 to the memory's first word. */
// deno-fmt-ignore
const SLOW = Uint8Array.of(
  0x31, 0xc9,        // xor ecx, ecx
  0xff, 0xc9,        // 1: dec ecx
  0x75, 0xfc,        // jnz 1
  0xff, 0x06,        // inc dword [rsi]
  0x31, 0xc0,        // xor eax, eax
  0xc3,              // ret
);

const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
const pool = new Pool(memory, { startAfter: 0, patience: 100 });
pool.threads = 2;
pool.start();

/** Has a worker begin, and gives up. */
function hang(): void {
  const { bytes, run } = runnerOf(SLOW, 2, memory)!;
  const piece = new Piece("slow", bytes, (...args) => {
    const end = performance.now() + 50;
    while (performance.now() < end);
    if (args.length === 0) run();
  });
  try {
    pool.run({ calls: [{ piece, args: [] }], extent: 2, cost: 1e9, grain: 1 });
  } catch (e) {
    if (!(e instanceof WorkerError)) throw e;
  }
}

hang();
const words = new Int32Array(memory.buffer);
for (let i = 0; i < 500 && Atomics.load(words, 0) === 0; i++) {
  (globalThis as unknown as { gc(): void }).gc();
  await new Promise((resolve) => setTimeout(resolve, 20));
}
console.log(words[0] === 1 ? "left" : "still in it");
