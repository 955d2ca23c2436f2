/**
 * The memory law of the heap: bytes survive every move, pins hold still, failures change nothing.
 *
 * @module
 */

import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { DonatedError, OutOfMemoryError } from "../../src/base/errors.ts";
import { Heap, PAGE, type Storage, wasmRegion } from "../../src/device/heap.ts";

const MIB = 1024 * 1024;

/** A heap that can lend `pages` pages. */
function makeHeap(pages = 1024, shared = false): Heap {
  const maximum = pages + 1;
  return new Heap(wasmRegion(new WebAssembly.Memory({ initial: 1, maximum, shared }), maximum));
}

/** `length` bytes that differ from one seed to the next. */
function pattern(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (seed * 31 + i * 7 + 1) % 251;
  return bytes;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}

function onHeap(s: Storage): boolean {
  return s.block.address >= 0;
}

/** Reserves runs of a page each until `s` has moved out. */
function evict(heap: Heap, s: Storage): void {
  const budget = heap.budget;
  heap.budget = 0;
  while (onHeap(s)) heap.dispose(heap.reserve(PAGE));
  heap.budget = budget;
}

/** mulberry32: a small generator with a seed, so that a failure can be repeated. */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6D2B79F5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

Deno.test("every address is a positive multiple of 64, also of an empty result", () => {
  const heap = makeHeap();
  for (
    const bytes of [0, 1, 63, 64, 65, 4095, 4096, 4097, 20_000, 65_535, 65_536, 65_537, 300_000]
  ) {
    for (let i = 0; i < 3; i++) {
      const address = heap.pin(heap.reserve(bytes));
      assert(address >= 64 && address % 64 === 0, `${bytes} bytes at ${address}`);
    }
  }
  assertEquals(heap.read(heap.reserve(0)).length, 0);
});

Deno.test("a size that is not a safe integer from 0 on is refused", () => {
  const heap = makeHeap();
  for (const bytes of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(() => heap.reserve(bytes), RangeError, "Cannot reserve");
    assertThrows(() => heap.zeros(bytes), RangeError, "Cannot reserve");
    assertThrows(() => heap.scratch(bytes), RangeError, "Cannot lease scratch");
  }
  assertThrows(() => heap.budget = NaN, RangeError);
  assertThrows(() => heap.budget = -1, RangeError);
});

for (const seed of [1, 2, 3, 4]) {
  Deno.test(`any sequence of calls keeps the bytes of every living storage (seed ${seed})`, () => {
    const random = generator(seed);
    const pick = (n: number): number => Math.floor(random() * n);
    const heap = makeHeap(20, seed % 2 === 0);
    heap.budget = 12 * PAGE;
    const shadows = new Map<Storage, Uint8Array>();
    const pinned: { s: Storage; address: number }[] = [];
    const leases: { address: number; bytes: number }[] = [];
    let failures = 0;

    const some = (): Storage | undefined => [...shadows.keys()][pick(shadows.size)];
    const attempt = (f: () => void): void => {
      try {
        f();
      } catch (error) {
        if (!(error instanceof OutOfMemoryError)) throw error;
        failures++;
      }
    };
    const size = (): number => {
      const r = random();
      if (r < 0.6) return pick(600);
      if (r < 0.75) return pick(5000);
      return r < 0.9 ? pick(PAGE) : pick(6 * PAGE);
    };
    const steps: (() => void)[] = [
      () => {
        const bytes = pattern(size(), pick(1000));
        attempt(() => {
          const zeros = bytes.length % 8 === 0 ? heap.zeros(bytes.length) : null;
          if (zeros !== null) shadows.set(zeros, bytes.fill(0));
          else shadows.set(heap.fromBytes(bytes), bytes);
        });
      },
      () => {
        const s = some();
        if (s && pinned.length < 12) attempt(() => pinned.push({ s, address: heap.pin(s) }));
      },
      () => {
        if (pinned.length === 0) return;
        const [last] = pinned.splice(pick(pinned.length), 1);
        heap.unpin(last!.s);
      },
      () => {
        const s = some();
        if (!s || (random() < 0.5 && s.pins > 0)) return;
        heap.dispose(s);
        shadows.delete(s);
      },
      () => {
        const s = some();
        if (!s) return;
        const to = heap.adopt(s, "f");
        shadows.set(to, shadows.get(s)!);
        shadows.delete(s);
      },
      () => {
        const s = some();
        if (!s) return;
        const bytes = pattern(s.bytes, pick(1000));
        heap.write(s, bytes);
        shadows.set(s, bytes);
      },
      () => {
        const bytes = pick(3 * PAGE);
        if (leases.length < 3) {
          attempt(() => {
            const address = heap.scratch(bytes);
            heap.writeAt(address, new Uint8Array(bytes).fill(255));
            leases.push({ address, bytes });
          });
        }
      },
      () => {
        if (leases.length > 0) {
          const { address, bytes } = leases.pop()!;
          assert(heap.readAt(address, bytes).every((b) => b === 255), "scratch was overwritten");
          heap.releaseScratch();
        }
      },
      () => heap.budget = pick(20) * PAGE,
    ];
    for (let step = 0; step < 2500; step++) {
      // Twice as many new results as anything else.
      steps[Math.max(0, pick(steps.length + 2) - 2)]!();
      for (const { s, address } of pinned) {
        if (!s.disposed) assertEquals(s.block.address + s.offset, address);
      }
      if (step % 50 > 0) continue;
      const spans: [number, number][] = [...leases].map((l) => [l.address, l.bytes]);
      for (const [s, bytes] of shadows) {
        assert(same(heap.read(s), bytes), `bytes changed at step ${step}`);
        if (onHeap(s)) spans.push([s.block.address + s.offset, s.bytes]);
      }
      spans.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      for (let i = 1; i < spans.length; i++) {
        const [start, length] = spans[i - 1]!;
        assert(length === 0 || start + length <= spans[i]![0], `overlap at step ${step}`);
      }
    }
    assert(failures > 0 && heap.stats().hostEvictions > 100, "the sequence was too easy");
    for (const { s } of pinned) heap.unpin(s);
    for (const s of shadows.keys()) heap.dispose(s);
    while (leases.pop()) heap.releaseScratch();
    // What is left is at most the two runs that are still being filled.
    assert(heap.stats().runs <= 2 && heap.stats().pinned === 0);
    assertEquals(heap.reserve(20 * PAGE).bytes, 20 * PAGE);
  });
}

Deno.test("zeros lie where nobody has written, or are written", () => {
  const heap = new Heap(wasmRegion(new WebAssembly.Memory({ initial: 200, maximum: 200 }), 200));
  heap.budget = 100 * PAGE;
  const pages = (n: number): Storage => heap.fromBytes(new Uint8Array(n * PAGE).fill(255));
  const used = pages(60);
  heap.dispose(used);
  const first = heap.zeros(20 * PAGE)!;
  assert(heap.read(first).every((b) => b === 0));
  assert(heap.pin(first) >= 61 * PAGE, "pages that were used before hold anything");
  heap.unpin(first);
  const second = heap.zeros(40 * PAGE);
  assertEquals(
    second,
    null,
    "as many pages as results may have were touched: used ones do as well",
  );
  assertEquals(heap.stats().heapBytes, 20 * PAGE);
  heap.dispose(pages(79));
  heap.dispose(heap.fromBytes(new Uint8Array(4096).fill(255)));
  for (const bytes of [0, 1, 100, 4096, 4097, 60_000, PAGE]) {
    for (let i = 0; i < 20; i++) {
      const s = heap.zeros(bytes)!;
      assert(heap.read(s).every((b) => b === 0), `${bytes} bytes`);
      heap.write(s, new Uint8Array(bytes).fill(255));
      heap.dispose(s);
    }
  }
});

Deno.test("where memory may hold anything from the start, zeros are left to a kernel", () => {
  const inner = wasmRegion(new WebAssembly.Memory({ initial: 20, maximum: 20 }), 20);
  const heap = new Heap(
    new Proxy(inner, {
      get: (region, key) => {
        const value = key === "zeroed" ? undefined : Reflect.get(region, key, region);
        return typeof value === "function" ? value.bind(region) : value;
      },
    }),
  );
  assertEquals([heap.startsZeroed, heap.zeros(8), heap.zeros(3 * PAGE)], [false, null, null]);
  assertEquals(heap.stats().runs, 0);
});

Deno.test("the least recently used run moves out first, whatever counted as the use", () => {
  const heap = makeHeap();
  heap.budget = 4 * PAGE;
  const [a, b, c, d] = [1, 2, 3, 4].map((n) => heap.fromBytes(pattern(PAGE, n)));
  heap.pin(a!);
  heap.unpin(a!);
  heap.read(b!);
  heap.readNumber(c!, "float32");
  heap.reserve(PAGE);
  assertEquals([a, b, c, d].map((s) => onHeap(s!)), [true, true, true, false]);
  heap.reserve(2 * PAGE);
  assertEquals([a, b, c, d].map((s) => onHeap(s!)), [false, false, true, false]);
  assertEquals(heap.stats().hostEvictions, 3);
});

Deno.test("a pinned run stays, so all pinned means over the budget", () => {
  const heap = makeHeap();
  heap.budget = 2 * PAGE;
  const all = [1, 2, 3, 4, 5].map((n) => {
    const s = heap.fromBytes(pattern(PAGE, n));
    return { s, address: heap.pin(s), n };
  });
  assertEquals(heap.stats().heapBytes, 5 * PAGE);
  assertEquals(heap.stats().pinned, 5);
  for (const { s, address, n } of all) {
    assertEquals(heap.readAt(address, PAGE), pattern(PAGE, n));
    heap.unpin(s);
  }
  heap.reserve(PAGE);
  assertEquals(heap.stats().heapBytes, 2 * PAGE);
});

Deno.test("pins count, and one unpin too many is an error", () => {
  const heap = makeHeap();
  const s = heap.reserve(10);
  const address = heap.pin(s);
  assertEquals(heap.pin(s), address);
  heap.unpin(s);
  assertEquals(heap.stats().pinned, 1);
  heap.unpin(s);
  assertEquals(heap.stats().pinned, 0);
  assertThrows(() => heap.unpin(s), Error, "not pinned");
});

Deno.test("out of memory names the sizes, changes nothing, and a smaller request works", () => {
  const heap = makeHeap(16);
  const pinned = heap.fromBytes(pattern(10 * PAGE, 1));
  const loose = heap.fromBytes(pattern(2 * PAGE, 2));
  const address = heap.pin(pinned);
  heap.scratch(PAGE);
  heap.releaseScratch();
  const before = heap.stats();
  const error = assertThrows(() => heap.reserve(7 * PAGE), OutOfMemoryError);
  for (const size of [7, 10, 12, 16]) assert(error.message.includes(`${size * PAGE}`));
  assertThrows(() => heap.scratch(7 * PAGE), OutOfMemoryError);
  assertThrows(() => heap.reserve(2 ** 52), OutOfMemoryError);
  assertEquals(heap.stats(), before);
  assert(onHeap(loose));
  heap.reserve(6 * PAGE);
  assertEquals(onHeap(loose), false);
  assertEquals(heap.readAt(address, 10 * PAGE), pattern(10 * PAGE, 1));
  assertEquals(heap.read(loose), pattern(2 * PAGE, 2));
});

Deno.test("a region that refuses to grow is out of memory, not an endless loop", () => {
  const memory = new WebAssembly.Memory({ initial: 3 });
  const stuck = Object.assign(wasmRegion(memory, 1000), { grow: () => false });
  const heap = new Heap(stuck);
  const s = heap.fromBytes(pattern(2 * PAGE, 1));
  assertThrows(() => heap.reserve(3 * PAGE), OutOfMemoryError);
  assertEquals(heap.read(s), pattern(2 * PAGE, 1));
  assertEquals(heap.reserve(2 * PAGE).bytes, 2 * PAGE);
});

Deno.test("growing keeps the contents and the addresses", () => {
  for (const shared of [false, true]) {
    const heap = makeHeap(256, shared);
    heap.budget = Infinity;
    const s = heap.fromBytes(pattern(1000, 1));
    const address = heap.pin(s);
    const pages = heap.stats().pages;
    const big = heap.fromBytes(pattern(200 * PAGE, 2));
    assert(heap.stats().pages > pages);
    assertEquals(heap.pin(s), address);
    assertEquals(heap.readAt(address, 1000), pattern(1000, 1));
    assertEquals(heap.read(s), pattern(1000, 1));
    assertEquals(heap.read(big).at(-1), pattern(200 * PAGE, 2).at(-1));
  }
});

Deno.test("bringing a storage back moves its own bytes only", () => {
  const heap = makeHeap();
  const a = heap.fromBytes(pattern(100, 1));
  const b = heap.fromBytes(pattern(100, 2));
  assertStrictEquals(a.block, b.block);
  evict(heap, a);
  assertEquals([onHeap(a), onHeap(b)], [false, false]);
  const host = b.block.host;
  const address = heap.pin(a);
  assertEquals(heap.readAt(address, 100), pattern(100, 1));
  assertEquals([onHeap(a), onHeap(b)], [true, false]);
  assertStrictEquals(b.block.host, host);
  heap.unpin(a);
  assertEquals(heap.read(b), pattern(100, 2));
  assertEquals(onHeap(b), false);
  heap.pin(b);
  assertEquals(heap.read(b), pattern(100, 2));
});

Deno.test("failing to bring a storage back leaves it readable on the host", () => {
  const heap = makeHeap(8);
  const s = heap.fromBytes(pattern(5 * PAGE, 1));
  evict(heap, s);
  const other = heap.reserve(5 * PAGE);
  heap.pin(other);
  assertThrows(() => heap.pin(s), OutOfMemoryError);
  assertEquals([s.pins, onHeap(s)], [0, false]);
  assertEquals(heap.read(s), pattern(5 * PAGE, 1));
  heap.unpin(other);
  assertEquals(heap.readAt(heap.pin(s), 5 * PAGE), pattern(5 * PAGE, 1));
});

Deno.test("a tiny survivor retains at most 4 KiB of its neighbours", () => {
  const heap = makeHeap();
  const survivors: Storage[] = [];
  for (let i = 0; i < 4096; i++) {
    const s = heap.reserve(i % 50 === 0 ? 5000 : 64);
    if (i % 256 === 1) survivors.push(s);
  }
  for (const s of survivors) {
    evict(heap, s);
    assert(s.block.host!.buffer.byteLength <= 4096);
  }
});

Deno.test("a synchronous loop of dropped results stays within the budget", () => {
  for (const [bytes, count] of [[40, 300_000], [9000, 4000], [200_000, 300]] as const) {
    const heap = makeHeap();
    heap.budget = 4 * MIB;
    for (let i = 0; i < count; i++) heap.reserve(bytes);
    const { heapBytes, pages, hostEvictions } = heap.stats();
    assert(heapBytes <= 4 * MIB && pages * PAGE < 8 * MIB, `${heapBytes} bytes`);
    assert(hostEvictions > 0);
  }
});

Deno.test("an infinite budget never moves anything while there is room", () => {
  const heap = makeHeap(2048);
  heap.budget = Infinity;
  for (let i = 0; i < 500; i++) heap.reserve(200_000);
  assertEquals(heap.stats().hostEvictions, 0);
  assert(heap.stats().heapBytes > 64 * MIB);
});

Deno.test("the default budget is 64 MiB plus twice the last call's outputs", () => {
  const heap = makeHeap();
  assertEquals(heap.budget, 64 * MIB);
  heap.noteOutputs(3 * MIB);
  assertEquals(heap.budget, 70 * MIB);
  heap.noteOutputs(0);
  assertEquals(heap.budget, 64 * MIB);
  heap.budget = MIB;
  heap.noteOutputs(3 * MIB);
  assertEquals(heap.budget, MIB);
});

Deno.test("what has to come back raises the default budget, and disuse lowers it again", () => {
  const heap = makeHeap(8192);
  const data = heap.reserve(100 * MIB);
  const step = (): void => {
    heap.pin(data);
    heap.unpin(data);
    heap.dispose(heap.reserve(MIB));
  };
  for (let i = 0; i < 50; i++) step();
  assert(heap.stats().hostEvictions <= 1, "a resident array was copied at every step");
  assert(heap.budget >= 100 * MIB);
  heap.dispose(data);
  for (let i = 0; i < 50_000; i++) heap.dispose(heap.reserve(2 * MIB));
  assertEquals(heap.budget, 64 * MIB);
});

Deno.test("dispose frees the pages at once, only once, and ends every use", () => {
  const heap = makeHeap();
  const s = heap.reserve(3 * PAGE);
  const other = heap.fromBytes(pattern(3 * PAGE, 1));
  heap.dispose(s);
  heap.dispose(s);
  assertEquals(heap.stats().heapBytes, 3 * PAGE);
  for (
    const use of [
      () => heap.pin(s),
      () => heap.read(s),
      () => heap.write(s, new Uint8Array(3 * PAGE)),
      () => heap.readNumber(s, "int32"),
      () => heap.adopt(s, "f"),
    ]
  ) assertThrows(use, Error, "disposed");
  assertEquals(heap.read(other), pattern(3 * PAGE, 1));
});

Deno.test("what is disposed of while pinned is freed by the last unpin", () => {
  const heap = makeHeap();
  const s = heap.reserve(PAGE);
  const address = heap.pin(s);
  heap.pin(s);
  heap.dispose(s);
  assert(heap.pin(heap.reserve(PAGE)) !== address);
  heap.unpin(s);
  assertEquals(heap.stats().runs, 2);
  heap.unpin(s);
  assertEquals(heap.stats().runs, 1);
  assertThrows(() => heap.unpin(s), Error, "not pinned");
});

Deno.test("disposing of a pinned result twice leaves its neighbours alone", () => {
  const heap = makeHeap();
  const [b, a] = [heap.fromBytes(pattern(64, 1)), heap.reserve(64)];
  heap.pin(a);
  heap.dispose(a);
  heap.dispose(a);
  heap.unpin(a);
  for (let i = 0; i < 2; i++) heap.dispose(heap.fromBytes(pattern(64, 2)));
  assertEquals(heap.read(b), pattern(64, 1));
});

Deno.test("a page that is full keeps what was disposed of while pinned", () => {
  const heap = makeHeap();
  const s = heap.fromBytes(pattern(64, 1));
  const address = heap.pin(s);
  heap.dispose(s);
  for (let i = 0; i < 3000; i++) heap.dispose(heap.fromBytes(pattern(64, 2)));
  assertEquals(heap.readAt(address, 64), pattern(64, 1));
  heap.unpin(s);
  assertEquals(heap.stats().runs, 1);
});

Deno.test("small results that are disposed of one by one reuse their room", () => {
  const heap = makeHeap();
  for (let i = 0; i < 10_000; i++) {
    heap.dispose(heap.reserve(64));
    heap.dispose(heap.reserve(6000));
  }
  assertEquals(heap.stats().hostEvictions, 0);
  assert(heap.stats().heapBytes <= 8 * PAGE);
});

Deno.test("adoption keeps the address and makes the old storage name the call", () => {
  const heap = makeHeap();
  for (const bytes of [8, 9000, 300_000]) {
    const old = heap.fromBytes(pattern(bytes, 1));
    const address = heap.pin(old);
    const taken = heap.adopt(old, "trainStep");
    assertEquals(heap.pin(taken), address);
    assertEquals(heap.read(taken), pattern(bytes, 1));
    heap.unpin(old);
    heap.unpin(taken);
    assertThrows(() => heap.pin(old), DonatedError, "donated to trainStep");
    assertThrows(() => heap.read(old), DonatedError, "donated to trainStep");
    assertThrows(() => heap.readNumber(old, "uint8"), DonatedError);
    assertThrows(() => heap.adopt(old), DonatedError);
    heap.dispose(old);
    assertEquals(heap.read(taken), pattern(bytes, 1));
  }
  const unused = heap.reserve(8);
  heap.dispose(unused, "trainStep");
  assertThrows(() => heap.pin(unused), DonatedError, "trainStep");
});

Deno.test("a loop that donates its state reserves nothing", () => {
  const heap = makeHeap();
  let state = heap.reserve(300_000);
  const before = heap.stats();
  for (let i = 0; i < 1000; i++) {
    heap.pin(state);
    const next = heap.adopt(state, "step");
    heap.unpin(state);
    state = next;
  }
  assertEquals(heap.stats(), before);
});

Deno.test("dropped large results are freed by the collector, donated bytes are not", async () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const heap = makeHeap();
  // The old storage of the donation is garbage as soon as this returns.
  const adopted = ((): Storage => heap.adopt(heap.fromBytes(pattern(PAGE, 7)), "f"))();
  const donated = heap.reserve(PAGE);
  ((): void => {
    heap.adopt(donated, "f");
    for (let i = 0; i < 20; i++) heap.reserve(PAGE);
  })();
  for (let i = 0; i < 50 && heap.stats().runs > 1; i++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    gc();
  }
  assertEquals(heap.stats().runs, 1);
  assert(donated.disposed);
  heap.budget = Infinity;
  for (let i = 0; i < 20; i++) heap.reserve(PAGE);
  assertEquals(heap.read(adopted), pattern(PAGE, 7));
});

Deno.test("write and readNumber work on the heap and on the host alike", () => {
  const heap = makeHeap();
  const floats = heap.fromBytes(new Float32Array([1.5, -2]));
  const others: [Storage, Parameters<Heap["readNumber"]>[1], number][] = [
    [heap.fromBytes(new Float64Array([0, Math.PI])), "float64", Math.PI],
    [heap.fromBytes(new Int32Array([0, -5])), "int32", -5],
    [heap.fromBytes(new Uint32Array([0, 4294967295])), "uint32", 4294967295],
    [heap.fromBytes(new Uint8Array([0, 200])), "uint8", 200],
    [heap.fromBytes(new Uint8Array([0, 1])), "bool", 1],
  ];
  for (let round = 0; round < 2; round++) {
    assertEquals(heap.readNumber(floats, "float32"), 1.5 + round);
    assertEquals(heap.readNumber(floats, "float32", 1), -2);
    for (const [s, dtype, value] of others) assertEquals(heap.readNumber(s, dtype, 1), value);
    assertThrows(() => heap.readNumber(floats, "float32", 2), RangeError);
    assertThrows(() => heap.readNumber(floats, "float32", -1), RangeError);
    evict(heap, floats);
    heap.write(floats, new DataView(new Float32Array([9, 2.5, -2, 9]).buffer, 4, 8));
  }
  assertEquals(onHeap(floats), false);
  assertThrows(() => heap.write(floats, new Uint8Array(7)), RangeError, "7 bytes");
});

Deno.test("a copy of bytes of the heap survives the growth that it causes", () => {
  const heap = makeHeap(64);
  const s = heap.fromBytes(pattern(14 * PAGE, 3));
  const pages = heap.stats().pages;
  const copy = heap.fromBytes(heap.readAt(heap.pin(s), 14 * PAGE));
  assert(heap.stats().pages > pages);
  assertEquals(heap.read(copy), pattern(14 * PAGE, 3));
});

Deno.test("read is a fresh ordinary copy, of a shared memory too", () => {
  const heap = makeHeap(64, true);
  const s = heap.fromBytes(pattern(100, 1));
  const copy = heap.read(s);
  assert(copy.buffer instanceof ArrayBuffer);
  copy.fill(0);
  assertEquals(heap.read(s), pattern(100, 1));
  evict(heap, s);
  heap.read(s).fill(0);
  assertEquals(heap.read(s), pattern(100, 1));
});

Deno.test("scratch is one arena that doubles, and shrinks after many small leases", () => {
  const heap = makeHeap(256);
  const lease = (bytes: number): number => {
    const address = heap.scratch(bytes);
    heap.releaseScratch();
    return address;
  };
  const first = lease(PAGE);
  assertEquals(lease(100), first);
  lease(3 * PAGE);
  assertEquals(heap.stats().scratchBytes, 4 * PAGE);
  lease(100 * PAGE);
  assertEquals(heap.stats().scratchBytes, 128 * PAGE);
  for (let i = 0; i < 200; i++) lease(2 * PAGE);
  lease(40 * PAGE);
  for (let i = 0; i < 200; i++) lease(2 * PAGE);
  assertEquals(heap.stats().scratchBytes, 128 * PAGE);
  lease(3 * PAGE);
  for (let i = 0; i < 100; i++) lease(2 * PAGE);
  assertEquals(heap.stats().scratchBytes, 3 * PAGE);
  assertEquals(heap.reserve(250 * PAGE).bytes, 250 * PAGE);
});

Deno.test("a lease within a lease has pages of its own, and release without lease is an error", () => {
  const heap = makeHeap(64);
  const outer = heap.scratch(1000);
  heap.writeAt(outer, new Uint8Array(1000).fill(1));
  const inner = heap.scratch(5 * PAGE);
  heap.writeAt(inner, new Uint8Array(5 * PAGE).fill(2));
  assert(heap.readAt(outer, 1000).every((b) => b === 1));
  heap.releaseScratch();
  assert(heap.readAt(outer, 1000).every((b) => b === 1));
  heap.releaseScratch();
  assertThrows(() => heap.releaseScratch(), Error, "not leased");
  assertEquals(heap.stats().scratchBytes, PAGE);
});

Deno.test("an idle arena gives way to results, before they move out", () => {
  const heap = makeHeap(20);
  heap.scratch(16 * PAGE);
  heap.releaseScratch();
  const s = heap.reserve(2 * PAGE);
  heap.reserve(6 * PAGE);
  assertEquals([onHeap(s), heap.stats().scratchBytes], [true, 0]);
  heap.scratch(8 * PAGE);
  assertThrows(() => heap.reserve(13 * PAGE), OutOfMemoryError);
});

Deno.test("scratch moves results out when the region is full, and takes no more than is needed", () => {
  const heap = makeHeap(20);
  const s = heap.fromBytes(pattern(8 * PAGE, 1));
  heap.scratch(9 * PAGE);
  heap.releaseScratch();
  assert(heap.stats().scratchBytes >= 9 * PAGE);
  assertEquals(heap.read(s), pattern(8 * PAGE, 1));
  heap.pin(s);
  heap.scratch(11 * PAGE);
  assertEquals(heap.stats().scratchBytes, 11 * PAGE);
  heap.releaseScratch();
  assertThrows(() => heap.scratch(13 * PAGE), OutOfMemoryError);
  assertEquals(heap.stats().scratchBytes, 11 * PAGE);
});
