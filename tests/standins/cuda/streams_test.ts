/**
 * Streams, events and copies: work happens when it is waited for, and what nothing orders is found.
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { tests } from "./harness.ts";
import type { Machine } from "./machine.ts";

const test = await tests();

const source = `
extern "C" __global__ void scale(const float* x, float* y, float a, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = x[i] * a;
}`;
const n = 256, bytes = BigInt(4 * n);

function scaled(machine: Machine) {
  const program = machine.compile(source), kernel = program.kernel("scale");
  return {
    program,
    scale: (x: bigint, y: bigint, a: number, stream = machine.stream) =>
      machine.launch(kernel, [1], [n], [x, y, { float: a }, n], 0, stream),
  };
}

test("a pinned destination holds NaN until the copy was waited for", ({ machine }) => {
  const { driver, stream } = machine, x = machine.upload(new Float32Array(n).fill(3));
  const { address, array } = machine.pinned(n);
  assert(Number.isNaN(array[0]));
  array.fill(1);
  assertEquals(driver.cuMemcpyDtoHAsync_v2(address, x, bytes, stream), 0);
  assert(array.every(Number.isNaN));
  machine.synchronize();
  assert(array.every((value) => value === 3));
  assertEquals(driver.cuMemFreeHost(address), 0);
  machine.free(x);
});

test("a pinned source is read when the copy runs", ({ machine }) => {
  const { driver, stream } = machine, x = machine.allocate(4 * n);
  const { address, array } = machine.pinned(n);
  array.fill(5);
  assertEquals(driver.cuMemcpyHtoDAsync_v2(x, address, bytes, stream), 0);
  array.fill(6);
  assertEquals(machine.floats(x, 1)[0], 6);
  assertEquals(driver.cuMemFreeHost(address), 0);
  machine.free(x);
});

test("fresh memory is NaN, and reading back what nobody wrote is found", ({ machine, caught }) => {
  const x = machine.allocate(4 * n), host = new Float32Array(n);
  assertEquals(machine.driver.cuMemsetD32Async(x, 0, 1n, machine.stream), 0);
  machine.download(x, host);
  assertEquals(host[0], 0);
  assert(host.subarray(1).every(Number.isNaN));
  const y = machine.allocate(4 * n);
  caught(719, /cuMemcpyDtoH: none of the 1024 bytes was ever written/, () => machine.floats(y, n));
  machine.free(x, y);
});

test("copies within the device carry what was written with them", ({ machine, caught }) => {
  const { program, scale } = scaled(machine), { driver, stream } = machine;
  const x = machine.upload(new Float32Array(n).fill(2)),
    y = machine.allocate(4 * n),
    z = machine.allocate(4 * n);
  assertEquals(driver.cuMemcpyDtoDAsync_v2(y, x, 4n * 128n, stream), 0);
  caught(719, /uninitialised: read of 4 bytes .* 512 bytes into/, () => scale(y, z, 1));
  machine.free(x, y, z);
  program.unload();
});

test("copies and fills beyond a block are refused at once, and so is freeing twice", ({ machine, standIn }) => {
  const { driver, stream } = machine;
  const x = machine.upload(new Float32Array(n)), y = machine.allocate(4 * n);
  const host = new Uint8Array(4 * n + 4), more = bytes + 4n;
  assertEquals(driver.cuMemcpyDtoH_v2(host, x, more), 1);
  assertEquals(driver.cuMemcpyHtoD_v2(x, host, more), 1);
  assertEquals(driver.cuMemcpyDtoDAsync_v2(y, x, more, stream), 1);
  assertEquals(driver.cuMemsetD32Async(y, 0, BigInt(n + 1), stream), 1);
  assertEquals(driver.cuMemsetD32Async(y + 2n, 0, 1n, stream), 1);
  assertMatch(standIn.report(), /cuMemcpyDtoH: byte 1024 of 1028 is outside every live block/);
  assertEquals(driver.cuMemFree_v2(x + 256n), 1);
  assertMatch(standIn.report(), /not the start of a live block/);
  machine.free(x, y);
  assertEquals(driver.cuMemFree_v2(x), 1);
  assertEquals(driver.cuMemcpyHtoD_v2(x, host, 4n), 1);
  standIn.report();
});

test("events: the first question finds work unfinished, times can be told", ({ machine }) => {
  const { driver, stream } = machine, { program, scale } = scaled(machine);
  const x = machine.upload(new Float32Array(n)),
    from = machine.newEvent(0),
    to = machine.newEvent(0);
  assertEquals(driver.cuEventQuery(from), 0);
  assertEquals(driver.cuEventRecord(from, stream), 0);
  scale(x, x, 2);
  assertEquals(driver.cuEventRecord(to, stream), 0);
  const elapsed = new Float32Array(1);
  assertEquals(driver.cuEventElapsedTime(elapsed, from, to), 600);
  assertEquals(driver.cuEventQuery(to), 600);
  assertEquals(driver.cuEventQuery(to), 0);
  assertEquals(driver.cuEventElapsedTime(elapsed, from, to), 0);
  assert(elapsed[0]! > 0);
  scale(x, x, 2);
  assertEquals(driver.cuStreamQuery(stream), 600);
  assertEquals(driver.cuStreamQuery(stream), 0);
  for (const event of [from, to]) assertEquals(driver.cuEventDestroy_v2(event), 0);
  machine.free(x);
  program.unload();
});

test("a second stream waits for an event", ({ machine }) => {
  const { driver, stream } = machine, { program, scale } = scaled(machine);
  const second = machine.newStream(), ready = machine.newEvent();
  const x = machine.allocate(4 * n), y = machine.allocate(4 * n);
  const { address, array } = machine.pinned(n);
  for (let turn = 1; turn <= 3; turn++) {
    array.fill(turn);
    assertEquals(driver.cuMemcpyHtoDAsync_v2(x, address, bytes, second), 0);
    assertEquals(driver.cuEventRecord(ready, second), 0);
    assertEquals(driver.cuStreamWaitEvent(stream, ready, 0), 0);
    scale(x, y, 10);
    assertEquals(machine.floats(y, n)[n - 1], 10 * turn);
  }
  assertEquals(driver.cuEventDestroy_v2(ready), 0);
  assertEquals(driver.cuStreamDestroy_v2(second), 0);
  assertEquals(driver.cuMemFreeHost(address), 0);
  machine.free(x, y);
  program.unload();
});

test("without the event the second stream's copy has not happened", ({ machine, caught }) => {
  const { driver } = machine, { program, scale } = scaled(machine), second = machine.newStream();
  const x = machine.allocate(4 * n), y = machine.allocate(4 * n), { address } = machine.pinned(n);
  assertEquals(driver.cuMemcpyHtoDAsync_v2(x, address, bytes, second), 0);
  caught(719, /uninitialised: read/, () => scale(x, y, 10));
  assertEquals(driver.cuStreamDestroy_v2(second), 0);
  assertEquals(driver.cuMemFreeHost(address), 0);
  machine.free(x, y);
  program.unload();
});

test("work of two streams on one place is a race when nothing orders it", ({ machine, caught }) => {
  const { driver, stream } = machine, { program, scale } = scaled(machine);
  const second = machine.newStream(), done = machine.newEvent();
  const x = machine.upload(new Float32Array(n)), y = machine.upload(new Float32Array(n));
  // Ordered by the host, then by an event.
  scale(x, y, 2);
  machine.synchronize();
  scale(y, x, 2, second);
  assertEquals(driver.cuEventRecord(done, second), 0);
  assertEquals(driver.cuStreamWaitEvent(stream, done, 0), 0);
  scale(y, x, 3);
  machine.synchronize();
  // A kernel that reads what the other stream may still write.
  caught(719, /data race: read of 4/, () => {
    scale(x, y, 2, second);
    assertEquals(driver.cuStreamQuery(second), 600);
    scale(y, x, 3);
  });
  // A copy that does.
  const { address, array } = machine.pinned(n);
  array.fill(1);
  caught(719, /data race: cuMemcpyHtoDAsync touches what another stream works on/, () => {
    scale(x, y, 2);
    assertEquals(driver.cuStreamQuery(stream), 600);
    assertEquals(driver.cuMemcpyHtoDAsync_v2(x, address, bytes, second), 0);
    assertEquals(driver.cuStreamSynchronize(second), 719);
  });
  assertEquals(driver.cuMemFreeHost(address), 0);
  assertEquals(driver.cuEventDestroy_v2(done), 0);
  assertEquals(driver.cuStreamDestroy_v2(second), 0);
  machine.free(x, y);
  program.unload();
});

test("a copy without a stream does not wait for a stream of one's own", ({ machine, caught }) => {
  const { driver } = machine, { program, scale } = scaled(machine);
  const x = machine.upload(new Float32Array(n)), y = machine.allocate(4 * n);
  caught(719, /never written|ever written/, () => {
    scale(x, y, 2);
    assertEquals(driver.cuMemcpyDtoH_v2(new Float32Array(n), y, bytes), 719);
  });
  const blocking = machine.newStream(0);
  scale(x, y, 2, blocking);
  const host = new Float32Array(n).fill(7);
  assertEquals(driver.cuMemcpyDtoH_v2(new Uint8Array(host.buffer), y, bytes), 0);
  assertEquals(host[n - 1], 0);
  assertEquals(driver.cuStreamDestroy_v2(blocking), 0);
  machine.free(x, y);
  program.unload();
});

test("handles that are gone are refused", ({ machine, standIn }) => {
  const { driver, stream, out } = machine, event = machine.newEvent(), other = machine.newStream();
  assertEquals(driver.cuEventDestroy_v2(event), 0);
  assertEquals(driver.cuStreamDestroy_v2(other), 0);
  assertEquals(driver.cuEventRecord(event, stream), 400);
  assertEquals(driver.cuEventDestroy_v2(event), 400);
  assertEquals(driver.cuStreamSynchronize(other), 400);
  assertEquals(driver.cuModuleUnload(12345n), 400);
  assertEquals(driver.cuLaunchKernel(12345n, 1, 1, 1, 1, 1, 1, 0, stream, 0n, 0n), 400);
  assertEquals(driver.cuGraphLaunch(12345n, stream), 400);
  assertEquals(driver.cuMemFreeHost(12345n), 1);
  assertEquals(machine.blas.cublasSetMathMode(12345n, 0), 1);
  assertEquals(driver.cuMemAlloc_v2(out, 0n), 1);
  standIn.report();
});

test("the order of threads changes what depends on it", ({ machine, standIn }) => {
  const program = machine.compile(`
extern "C" __global__ void first(int* ticket, int* who) {
  int mine = atomicAdd(ticket, 1);
  who[mine] = blockIdx.x * blockDim.x + threadIdx.x;
}`);
  const seen = [0, -1, 5, 6].map((order) => {
    standIn.order(order);
    const ticket = machine.upload(new Int32Array(1)), who = machine.allocate(4 * 96);
    machine.launch(program.kernel("first"), [3], [32], [ticket, who]);
    const result = [...machine.download(who, new Int32Array(96))];
    machine.free(ticket, who);
    return result;
  });
  const natural = Array.from({ length: 96 }, (_, i) => i);
  assertEquals(seen[0], natural);
  assertEquals(seen[1], natural.toReversed());
  for (const shuffled of seen.slice(2)) {
    assertEquals(shuffled.toSorted((a, b) => a - b), natural);
    assertMatch(String(shuffled), /^(?!0,1,2)/);
  }
  assert(String(seen[2]) !== String(seen[3]));
  program.unload();
});
