import { assert, assertEquals, assertThrows } from "@std/assert";
import { jit, np, OutOfMemoryError, type Tensor } from "../../../mod.ts";
import { storageOf } from "../../../src/core/mod.ts";
import type { Device } from "../../../src/device/device.ts";
import type { Heap } from "../../../src/device/heap.ts";
import { runDeno } from "../../whole/children.ts";
import { onStandIn } from "./stand_in.ts";
import type { Steps } from "./steps_child.ts";
import { digits, guideTraining, losses, smallBatch, smallTraining } from "./train_step.ts";

const MIB = 1 << 20;

onStandIn(
  "ten thousand donated steps: device and host memory are flat, and nothing is made",
  async (r) => {
    // rss is of the whole process, so it is one in which no other test runs
    const child = new URL("steps_child.ts", import.meta.url).pathname;
    const { code, stdout, stderr } = await runDeno({
      args: ["run", "-A", "--no-check", decodeURIComponent(child), r.path],
      timeout: 600_000,
    });
    assertEquals([code, stderr], [0, ""]);
    const { before, after, names, grown, faults } = JSON.parse(stdout) as Steps;
    assertEquals(after, before);
    assertEquals(faults, "");
    assert(names.includes("cuGraphLaunch"), `${names}`);
    for (const name of names) assert(/Memcpy|Event|cuGraphLaunch/.test(name), name);
    assert(grown < 64 * MIB, `the process grew by ${grown} bytes`);
  },
);

onStandIn("steps that donate nothing live within the budget, on the device too", (r) => {
  r.standIn.checks(false);
  const device = r.device();
  device.heap.budget = 8 * MIB;
  const f = jit((x: Tensor) => x.add(1));
  let x = np.zeros([MIB / 16]);
  for (let i = 0; i < 400; i++) x = f(x);
  assertEquals(x.slice([0, 1]).item(), 400);
  assert(device.heap.stats().hostEvictions > 0);
  assert(r.standIn.counts().bytes < 24 * MIB, `${r.standIn.counts().bytes} bytes`);
}, { MEMORY: `${256 * MIB}` });

onStandIn(
  "a device of 8 MiB trains, moves what is too much to the host, and says when it is full",
  (r) => {
    const device = r.device();
    assert(device.heap.budget <= 4 * MIB + 1e6, `${device.heap.budget}`);
    const batches = digits(6, 8, 100);
    const told = losses(guideTraining(100), batches);
    assert(told.every(Number.isFinite) && told.length === 6, `${told}`);
    const kept = Array.from({ length: 24 }, (_, i) => np.zeros([MIB / 8]).add(i));
    kept.forEach((t, i) => assertEquals(t.slice([7, 8]).item(), i));
    assert(device.heap.stats().hostEvictions > 0);
    const e = assertThrows(() => np.zeros([4 * MIB]).data(), OutOfMemoryError) as Error;
    assert(/in use/.test(e.message) && e.message.includes(`${16 * MIB}`), e.message);
    assertEquals(np.ones([3]).add(1).toArray(), [2, 2, 2]);
  },
  { MEMORY: `${8 * MIB}` },
);

onStandIn("a full device gives up its graphs before it refuses", (r) => {
  const device = r.device();
  let { w, step } = smallTraining();
  for (let i = 0; i < 4; i++) [, w] = step(w, smallBatch(i));
  assertEquals(r.standIn.counts().executables, 1);
  r.standIn.fail("cuMemAlloc_v2:1=2");
  const s = device.heap.reserve(64 * MIB);
  assertEquals(s.bytes, 64 * MIB);
  assertEquals(r.standIn.counts().executables, 0);
  for (let i = 4; i < 8; i++) [, w] = step(w, smallBatch(i));
  assert(Number.isFinite(w.sum().item()));
  assertEquals(r.standIn.counts().executables, 1);
});

onStandIn("a failed allocation changes nothing, and the next one is answered", (r) => {
  r.standIn.checks(false);
  const device = r.device();
  const x = np.array([1, 2, 3]).add(0);
  const before = device.heap.stats().heapBytes;
  r.standIn.fail("cuMemAlloc_v2:1=2;cuMemAlloc_v2:2=2;cuMemAlloc_v2:3=2;cuMemAlloc_v2:4=2");
  const e = assertThrows(() => device.heap.reserve(200 * MIB), OutOfMemoryError) as Error;
  assert(e.message.includes(`${200 * MIB}`), e.message);
  assertEquals(device.heap.stats().heapBytes <= before, true);
  r.standIn.fail("");
  assertEquals(x.add(1).toArray(), [2, 3, 4]);
  assertEquals(device.heap.reserve(200 * MIB).bytes, 200 * MIB);
});

/** Bytes of a pattern that shows every shift. */
const pattern = (length: number, seed: number): Uint8Array =>
  new Uint8Array(length).map((_, i) => (i * 31 + (i >> 8) * 7 + seed) & 255);

onStandIn(
  "bytes of any size come back as they went, though their source is overwritten at once",
  (r) => {
    const { heap } = r.device();
    const sizes = [0, 1, 3, 64, 4096, 65_535, MIB - 1, MIB, MIB + 1, 3 * MIB + 17, 9 * MIB];
    const stored = sizes.map((size, i) => {
      const bytes = pattern(size, i);
      const s = heap.fromBytes(bytes);
      bytes.fill(0xee);
      return s;
    });
    stored.forEach((s, i) => assertEquals(heap.read(s), pattern(sizes[i]!, i)));
    stored.forEach((s, i) => heap.write(s, pattern(sizes[i]!, i + 100)));
    stored.forEach((s, i) => assertEquals(heap.read(s), pattern(sizes[i]!, i + 100)));
  },
);

onStandIn("reads, writes and copies keep their order", (r) => {
  const { heap } = r.device();
  const [a, b] = [heap.reserve(4 * MIB), heap.reserve(4 * MIB)];
  const [from, to] = [heap.pin(a), heap.pin(b)];
  for (let round = 0; round < 12; round++) {
    heap.write(a, pattern(4 * MIB, round));
    heap.copy(from, to, 4 * MIB);
    heap.writeAt(from, pattern(1000, 255));
    assertEquals(heap.numberAt(to + 5, "uint8"), pattern(6, round)[5]);
    assertEquals(heap.readAt(to + MIB - 3, 7), pattern(4 * MIB, round).slice(MIB - 3, MIB + 4));
  }
});

onStandIn("one element of every type is read as a number", (r) => {
  const { heap } = r.device();
  const check = (values: ArrayBufferView, dtype: Parameters<Heap["readNumber"]>[1], want: number) =>
    assertEquals(heap.readNumber(heap.fromBytes(values), dtype, 1), want);
  check(Float32Array.of(1, -2.5), "float32", -2.5);
  check(Float64Array.of(1, -1e300), "float64", -1e300);
  check(Int32Array.of(1, -7), "int32", -7);
  check(Uint32Array.of(1, 4e9), "uint32", 4e9);
  check(Uint8Array.of(1, 200), "uint8", 200);
  check(Uint8Array.of(0, 1), "bool", 1);
});

/** Where a tensor lies. */
function addressOf(device: Device, t: Tensor): number {
  const s = storageOf(t, "look at");
  const at = device.heap.pin(s);
  device.heap.unpin(s);
  return at;
}

onStandIn("a result may be larger than any piece of memory so far, and lies in one", (r) => {
  const device = r.device();
  for (const size of [10, 70_000, 900_000, 5_000_000]) {
    const x = np.zeros([size]).add(size);
    assert(addressOf(device, x) % 64 === 0);
    const data = x.data();
    assertEquals([data[0], data[size - 1], data.length], [size, size, size]);
  }
});
