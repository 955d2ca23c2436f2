/**
 * Capture and graphs: what may be recorded, what breaks a capture, and what a replay finds.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { tests } from "./harness.ts";
import type { Machine } from "./machine.ts";

const test = await tests();

const source = `
extern "C" __global__ void scale(const float* x, float* y, float a, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = x[i] * a;
}`;
const n = 64, bytes = BigInt(4 * n);

function scaled(machine: Machine) {
  const program = machine.compile(source), kernel = program.kernel("scale");
  return {
    program,
    kernel,
    scale: (x: bigint, y: bigint, a: number, stream = machine.stream) =>
      machine.launch(kernel, [1], [n], [x, y, { float: a }, n], 0, stream),
  };
}
const ones = () => new Float32Array(n).fill(1);

test("a captured graph runs when it is launched, as often as it is", ({ machine, standIn }) => {
  const { program, scale } = scaled(machine),
    x = machine.upload(ones()),
    y = machine.allocate(4 * n);
  const graph = machine.capture(() => {
    scale(x, y, 2);
    scale(y, x, 1);
    assertEquals(machine.driver.cuMemsetD32Async(y, 0, 4n, machine.stream), 0);
  });
  assertEquals(standIn.counts().pending, 0);
  assertEquals(machine.floats(x, 1)[0], 1);
  standIn.trace(true);
  for (let i = 0; i < 5; i++) graph.launch();
  machine.synchronize();
  assertEquals(new Set(standIn.traced()), new Set(["cuGraphLaunch", "cuStreamSynchronize"]));
  standIn.trace(false);
  assertEquals([...machine.floats(x, 1), ...machine.floats(y, 5)], [32, 0, 0, 0, 0, 32]);
  graph.destroy();
  machine.free(x, y);
  program.unload();
});

test("nodes can be asked for, and a kernel's arguments changed", ({ machine }) => {
  const { program, kernel, scale } = scaled(machine), { driver } = machine;
  const x = machine.upload(ones()), y = machine.allocate(4 * n);
  const graph = machine.capture(() => {
    scale(x, y, 2);
    assertEquals(driver.cuMemcpyDtoDAsync_v2(x, y, bytes, machine.stream), 0);
    assertEquals(driver.cuMemsetD8Async(y, 0, 4n, machine.stream), 0);
  });
  const count = new BigUint64Array(1), type = new Int32Array(1);
  assertEquals(driver.cuGraphGetNodes(graph.graph, null, count), 0);
  const nodes = new BigUint64Array(Number(count[0]));
  assertEquals(driver.cuGraphGetNodes(graph.graph, nodes, count), 0);
  const types = [...nodes].map((node) => {
    assertEquals(driver.cuGraphNodeGetType(node, type), 0);
    return type[0];
  });
  assertEquals(types, [0, 1, 2]);
  const parameters = new DataView(new ArrayBuffer(72));
  parameters.setBigUint64(0, kernel, true);
  [1, 1, 1, n, 1, 1, 0].forEach((value, i) => parameters.setUint32(8 + 4 * i, value, true));
  parameters.setBigUint64(40, machine.pack([x, y, { float: 10 }, n]), true);
  const set = driver.cuGraphExecKernelNodeSetParams_v2!;
  graph.launch();
  assertEquals(set(graph.executable, nodes[0]!, parameters), 0);
  graph.launch();
  assertEquals(machine.floats(x, 1)[0], 20);
  assertEquals(set(graph.executable, nodes[1]!, parameters), 1);
  graph.destroy();
  machine.free(x, y);
  program.unload();
});

test("pinned staging is read at each launch, and pinned results are NaN until then", ({ machine }) => {
  const { program, scale } = scaled(machine), { driver, stream } = machine;
  const x = machine.allocate(4 * n), y = machine.allocate(4 * n);
  const source = machine.pinned(n), result = machine.pinned(n);
  const graph = machine.capture(() => {
    assertEquals(driver.cuMemcpyHtoDAsync_v2(x, source.address, bytes, stream), 0);
    scale(x, y, 10);
    assertEquals(driver.cuMemcpyDtoHAsync_v2(result.address, y, bytes, stream), 0);
  });
  for (const value of [1, 2, 3]) {
    source.array.fill(value);
    graph.launch();
    assert(Number.isNaN(result.array[0]));
    machine.synchronize();
    assertEquals(result.array[n - 1], 10 * value);
  }
  graph.destroy();
  for (const { address } of [source, result]) assertEquals(driver.cuMemFreeHost(address), 0);
  machine.free(x, y);
  program.unload();
});

test("what waits or allocates breaks a capture", ({ machine, standIn }) => {
  const { driver, stream, out } = machine, x = machine.upload(ones()), event = machine.newEvent();
  const breaking: Readonly<Record<string, () => number>> = {
    cuMemAlloc: () => driver.cuMemAlloc_v2(out, 64n),
    cuMemFree: () => driver.cuMemFree_v2(x),
    cuMemHostAlloc: () => driver.cuMemHostAlloc(out, 64n, 0),
    cuStreamSynchronize: () => driver.cuStreamSynchronize(stream),
    cuStreamQuery: () => driver.cuStreamQuery(stream),
    cuCtxSynchronize: () => driver.cuCtxSynchronize(),
    cuMemcpyHtoD: () => driver.cuMemcpyHtoD_v2(x, new Uint8Array(16), 16n),
    cuMemcpyDtoH: () => driver.cuMemcpyDtoH_v2(new Uint8Array(16), x, 16n),
  };
  const status = new Int32Array(1);
  for (const [name, call] of Object.entries(breaking)) {
    assertEquals(driver.cuStreamBeginCapture_v2(stream, 1), 0);
    assertEquals(driver.cuStreamIsCapturing(stream, status), 0);
    assertEquals(status[0], 1);
    assertEquals(call(), 900, name);
    assertEquals(driver.cuStreamIsCapturing(stream, status), 0);
    assertEquals(status[0], 2);
    assertEquals(driver.cuMemsetD8Async(x, 0, 4n, stream), 901);
    assertEquals(driver.cuStreamEndCapture(stream, out), 901);
    assertEquals(out[0], 0n);
  }
  assertEquals(driver.cuStreamBeginCapture_v2(stream, 1), 0);
  assertEquals(driver.cuEventRecord(event, stream), 0);
  assertEquals(driver.cuEventQuery(event), 907);
  assertEquals(driver.cuStreamEndCapture(stream, out), 901);
  // Relaxed, it is the caller's own affair.
  assertEquals(driver.cuStreamBeginCapture_v2(stream, 2), 0);
  const more = machine.allocate(64);
  assertEquals(driver.cuStreamEndCapture(stream, out), 0);
  assertEquals(driver.cuGraphDestroy(out[0]!), 0);
  assertEquals(driver.cuEventDestroy_v2(event), 0);
  machine.free(x, more);
  standIn.report();
});

test("streams join a capture through events and must come back", ({ machine, refused, standIn }) => {
  const { program, scale } = scaled(machine), { driver, stream } = machine;
  const second = machine.newStream(), [out, back] = [machine.newEvent(), machine.newEvent()];
  const [x, y, z] = [machine.upload(ones()), machine.allocate(4 * n), machine.allocate(4 * n)];
  const fork = () => {
    assertEquals(driver.cuEventRecord(out, stream), 0);
    assertEquals(driver.cuStreamWaitEvent(second, out, 0), 0);
    scale(x, y, 2);
    scale(x, z, 3, second);
  };
  const join = () => {
    assertEquals(driver.cuEventRecord(back, second), 0);
    assertEquals(driver.cuStreamWaitEvent(stream, back, 0), 0);
  };
  const graph = machine.capture(() => {
    fork();
    join();
    scale(z, z, 2);
  });
  for (const order of [0, -1, 4]) {
    standIn.order(order);
    graph.launch();
    assertEquals([machine.floats(y, 1)[0], machine.floats(z, 1)[0]], [2, 6]);
  }
  refused(904, () => machine.capture(fork));
  const status = new Int32Array(1);
  assertEquals(driver.cuStreamIsCapturing(second, status), 0);
  assertEquals(status[0], 0);
  const longer = machine.capture(() => {
    fork();
    scale(x, z, 7, second);
    join();
  });
  const info = new Uint8Array(24), update = driver.cuGraphExecUpdate_v2!;
  assertEquals(update(graph.executable, longer.graph, info), 910);
  assertEquals(info[0], 2);
  assertEquals(update(graph.executable, graph.graph, info), 0);
  longer.destroy();
  graph.destroy();
  for (const event of [out, back]) assertEquals(driver.cuEventDestroy_v2(event), 0);
  assertEquals(driver.cuStreamDestroy_v2(second), 0);
  machine.free(x, y, z);
  program.unload();
});

test("branches of a graph may not touch one place", ({ machine, standIn, caught }) => {
  const { program, scale } = scaled(machine), { driver, stream } = machine;
  const second = machine.newStream(), [out, back] = [machine.newEvent(), machine.newEvent()];
  const x = machine.upload(ones()), y = machine.upload(ones());
  const graph = machine.capture(() => {
    assertEquals(driver.cuEventRecord(out, stream), 0);
    assertEquals(driver.cuStreamWaitEvent(second, out, 0), 0);
    scale(x, y, 2);
    scale(y, x, 3, second);
    assertEquals(driver.cuEventRecord(back, second), 0);
    assertEquals(driver.cuStreamWaitEvent(stream, back, 0), 0);
  });
  for (const order of [0, -1]) {
    standIn.order(order);
    caught(719, /data race: .*\nin node \d of a graph of 2/, () => graph.launch());
  }
  graph.destroy();
  for (const event of [out, back]) assertEquals(driver.cuEventDestroy_v2(event), 0);
  assertEquals(driver.cuStreamDestroy_v2(second), 0);
  machine.free(x, y);
  program.unload();
});

test("captures that cannot begin, end or take another stream in", ({ machine, standIn }) => {
  const { driver, stream, out } = machine, x = machine.upload(ones());
  assertEquals(driver.cuStreamBeginCapture_v2(0n, 1), 900);
  assertEquals(driver.cuStreamEndCapture(stream, out), 401);
  assertEquals(driver.cuStreamBeginCapture_v2(stream, 1), 0);
  assertEquals(driver.cuStreamBeginCapture_v2(stream, 1), 401);
  assertEquals(driver.cuStreamEndCapture(stream, out), 0);
  assertEquals(driver.cuGraphDestroy(out[0]!), 0);
  const blocking = machine.newStream(0), early = machine.newEvent();
  assertEquals(driver.cuEventRecord(early, blocking), 0);
  assertEquals(driver.cuStreamBeginCapture_v2(blocking, 1), 0);
  assertEquals(driver.cuMemsetD8Async(x, 0, 4n, 0n), 906);
  assertEquals(driver.cuStreamEndCapture(blocking, out), 901);
  assertEquals(driver.cuStreamBeginCapture_v2(stream, 1), 0);
  assertEquals(driver.cuStreamWaitEvent(stream, early, 0), 905);
  assertEquals(driver.cuStreamEndCapture(stream, out), 901);
  assertEquals(driver.cuEventDestroy_v2(early), 0);
  assertEquals(driver.cuStreamDestroy_v2(blocking), 0);
  machine.free(x);
  standIn.report();
});

test("a stream that goes during its capture takes the capture along", ({ machine, standIn }) => {
  const { driver } = machine, x = machine.upload(ones()), origin = machine.newStream();
  const joined = machine.newStream(), event = machine.newEvent(), status = new Int32Array(1);
  assertEquals(driver.cuStreamBeginCapture_v2(origin, 1), 0);
  assertEquals(driver.cuEventRecord(event, origin), 0);
  assertEquals(driver.cuStreamWaitEvent(joined, event, 0), 0);
  assertEquals(driver.cuMemsetD8Async(x, 0, 4n, joined), 0);
  assertEquals(driver.cuStreamDestroy_v2(origin), 0);
  assertEquals(driver.cuStreamIsCapturing(joined, status), 0);
  assertEquals(status[0], 0);
  assertEquals(driver.cuStreamDestroy_v2(joined), 0);
  assertEquals(driver.cuEventDestroy_v2(event), 0);
  machine.free(x);
  standIn.report();
});

test("a replay after its memory was freed, or its module unloaded, is found", ({ machine, caught }) => {
  const { program, scale } = scaled(machine),
    x = machine.upload(ones()),
    y = machine.allocate(4 * n);
  const graph = machine.capture(() => scale(x, y, 2));
  graph.launch();
  machine.synchronize();
  machine.free(y);
  caught(700, /out-of-bounds: write .*\nin node 0 of a graph of 1/, () => graph.launch());
  program.unload();
  caught(700, /a graph holds a kernel whose module was unloaded/, () => graph.launch());
  graph.destroy();
  machine.free(x);
});
