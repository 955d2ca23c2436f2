/**
 * What does memory that nobody disposes of cost? Time per reserve and resident memory, for dropped
 * small results, dropped large ones, rare small survivors, and a resident array over the budget.
 * Run with `deno run --allow-sys bench/heap.ts`, optionally with the name of one question.
 *
 * @module
 */

import { Heap, type Storage, wasmRegion } from "../src/device/heap.ts";

const MIB = 1024 * 1024;

function makeHeap(): Heap {
  return new Heap(wasmRegion(new WebAssembly.Memory({ initial: 1, maximum: 65536 }), 65536));
}

function rss(): string {
  return `${(Deno.memoryUsage().rss / MIB).toFixed(0)} MiB`;
}

function timed(label: string, count: number, f: () => void): void {
  const before = rss();
  const start = performance.now();
  f();
  const ns = (performance.now() - start) * 1e6 / count;
  console.log(`${label}: ${ns.toFixed(1)} ns each, RSS ${before} -> ${rss()}`);
}

const QUESTIONS: Record<string, () => void> = {
  small() {
    for (const bytes of [4, 400, 4096]) {
      const heap = makeHeap();
      const n = bytes > 1000 ? 1e6 : 1e7;
      const seen: string[] = [];
      timed(`${n} dropped results of ${bytes} bytes`, n, () => {
        for (let i = 0; i < n; i++) {
          heap.reserve(bytes);
          if (i % (n / 4) === 0) seen.push(rss());
        }
      });
      console.log(`  on the way: ${seen.join(", ")}; ${heap.stats().hostEvictions} evictions`);
    }
  },
  large() {
    const heap = makeHeap();
    const n = 2e5;
    const seen: string[] = [];
    timed(`${n} dropped results of 200 KB`, n, () => {
      for (let i = 0; i < n; i++) {
        heap.reserve(200_000);
        if (i % (n / 4) === 0) seen.push(rss());
      }
    });
    console.log(`  on the way: ${seen.join(", ")}; ${heap.stats().hostEvictions} evictions`);
  },
  medium() {
    const heap = makeHeap();
    timed("200000 dropped results of 20 KB", 2e5, () => {
      for (let i = 0; i < 2e5; i++) heap.reserve(20_000);
    });
  },
  disposed() {
    for (const bytes of [400, 20_000, 200_000]) {
      const heap = makeHeap();
      timed(`1e6 results of ${bytes} bytes, disposed of`, 1e6, () => {
        for (let i = 0; i < 1e6; i++) heap.dispose(heap.reserve(bytes));
      });
    }
  },
  pins() {
    const heap = makeHeap();
    const all = Array.from({ length: 16 }, () => heap.reserve(70_000));
    timed("pin and unpin, 16 runs in turn", 1e7, () => {
      for (let i = 0; i < 1e7; i++) {
        const s = all[i & 15]!;
        heap.pin(s);
        heap.unpin(s);
      }
    });
  },
  donated() {
    const heap = makeHeap();
    let state = heap.reserve(200_000);
    const address = heap.pin(state);
    heap.unpin(state);
    timed("adopt 200 KB", 1e6, () => {
      for (let i = 0; i < 1e6; i++) {
        heap.pin(state);
        const next = heap.adopt(state, "step");
        heap.unpin(state);
        state = next;
      }
    });
    if (heap.pin(state) !== address) throw new Error("Donation moved the bytes");
  },
  survivors() {
    const heap = makeHeap();
    heap.budget = 4 * MIB;
    const kept: Storage[] = [];
    const before = Deno.memoryUsage().rss;
    timed("1e6 results of 64 bytes, every 30th kept", 1e6, () => {
      for (let i = 0; i < 1e6; i++) {
        const s = heap.reserve(64);
        if (i % 30 === 0) kept.push(s);
      }
    });
    const each = (Deno.memoryUsage().rss - before) / kept.length;
    console.log(`  ${kept.length} kept: ${each.toFixed(0)} bytes each, 4 MiB of budget included`);
  },
  resident() {
    for (const fixed of [false, true]) {
      const heap = makeHeap();
      if (fixed) heap.budget = 64 * MIB;
      const data = heap.fromBytes(new Uint8Array(188 * MIB));
      timed(`a 188 MiB argument every step, ${fixed ? "fixed" : "default"} budget`, 100, () => {
        for (let i = 0; i < 100; i++) {
          heap.pin(data);
          const batch = heap.reserve(400_000);
          heap.unpin(data);
          heap.pin(batch);
          heap.noteOutputs(400_000);
          heap.reserve(4);
          heap.reserve(400_000);
          heap.unpin(batch);
        }
      });
      console.log(`  budget ${(heap.budget / MIB).toFixed(0)} MiB at the end`);
    }
  },
};

const wanted = Deno.args[0];
for (const [name, ask] of Object.entries(QUESTIONS)) if (!wanted || wanted === name) ask();
