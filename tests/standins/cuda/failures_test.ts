/**
 * Failures that a test asks for, errors that last, and contexts that are not there.
 * @module
 */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { compileProgram } from "../../../ffi/nvrtc_compile.ts";
import { livingNames } from "./control.ts";
import { tests } from "./harness.ts";
import { type Captured, type Loaded, type Machine, NativeFailure } from "./machine.ts";

const test = await tests();

const source = `
extern "C" __global__ void __launch_bounds__(128) scale(const float* x, float* y, float a, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = x[i] * a;
}`;

/** Everything that a program does, undone whatever happens. */
function wholeAction(machine: Machine): void {
  const addresses: bigint[] = [];
  let program: Loaded | undefined, graph: Captured | undefined, event = 0n;
  const undo: (() => void)[] = [];
  try {
    program = machine.compile(source);
    undo.push(() => program!.unload());
    const scale = program.kernel("scale");
    for (let i = 0; i < 2; i++) {
      const address = machine.allocate(400);
      addresses.push(address);
      undo.push(() => machine.free(address));
    }
    event = machine.newEvent();
    undo.push(() => void machine.driver.cuEventDestroy_v2(event));
    const [x, y] = [addresses[0]!, addresses[1]!];
    machine.capture(() => machine.launch(scale, [1], [100], [x, y, { float: 2 }, 100])).destroy();
    graph = machine.capture(() => {
      if (machine.driver.cuMemsetD32Async(x, 0, 100n, machine.stream) !== 0) {
        throw new NativeFailure("cuMemsetD32Async", 1);
      }
      machine.launch(scale, [1], [100], [x, y, { float: 2 }, 100]);
    });
    undo.push(() => graph!.destroy());
    graph.launch();
    machine.floats(y, 100);
  } finally {
    undo.reverse().forEach(evenIfItFails);
  }
}

/** What gives something back does so also when it fails. */
function evenIfItFails(step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!(error instanceof NativeFailure)) throw error;
  }
}

test("each call of an action fails once, and nothing is left behind", ({ machine, standIn }) => {
  let failed = 0;
  for (let k = 1;; k++) {
    assert(k < 200);
    const before = standIn.counts();
    standIn.fail(`*:${k}=2`);
    let code = 0;
    try {
      wholeAction(machine);
    } catch (error) {
      if (!(error instanceof NativeFailure)) throw error;
      code = error.code;
    }
    standIn.fail("");
    const report = standIn.report(), after = standIn.counts();
    for (const name of livingNames) {
      assertEquals(after[name], before[name], `call ${k}: ${name}\n${report}`);
    }
    if (report === "") break;
    assertMatch(report, /^injected 2 into \w+/);
    if (code !== 0) failed++;
  }
  assert(failed >= 15, `${failed} calls failed`);
  wholeAction(machine);
});

test("a plan names functions and counts their calls", ({ machine, standIn }) => {
  standIn.fail("cuMemAlloc_v2:2=2;cuMemFree_v2:1=999");
  const x = machine.allocate(4);
  assertEquals(assertThrows(() => machine.allocate(4), NativeFailure).code, 2);
  assertEquals(standIn.counts().sticky, 0);
  assertEquals(assertThrows(() => machine.free(x), NativeFailure).code, 999);
  assertEquals(standIn.counts().sticky, 999);
  assertEquals(assertThrows(() => machine.allocate(4), NativeFailure).code, 999);
  assertEquals(machine.driver.cuDriverGetVersion(new Int32Array(1)), 0);
  standIn.revive();
  const before = standIn.calls("cuMemAlloc_v2");
  machine.free(machine.allocate(4));
  assertEquals(standIn.calls("cuMemAlloc_v2"), before + 1);
});

test("errors of a kernel last, those of a launch do not", ({ machine, standIn, refused }) => {
  const program = machine.compile(source), scale = program.kernel("scale");
  const x = machine.upload(new Float32Array(8)), args = [x, x, { float: 1 }, 8];
  refused(1, () => machine.launch(scale, [0], [32], args));
  refused(1, () => machine.launch(scale, [1], [0], args));
  refused(1, () => machine.launch(scale, [1], [129], args));
  refused(1, () => machine.launch(scale, [1], [2048], args));
  refused(1, () => machine.launch(scale, [1, 65536], [1], args));
  refused(1, () => machine.launch(scale, [1], [32], args, 50000));
  refused(500, () => program.kernel("missing"));
  assertEquals(machine.driver.cuFuncSetAttribute(scale, 8, 200000), 1);
  assertEquals(machine.driver.cuFuncSetAttribute(scale, 8, 50000), 0);
  machine.launch(scale, [1], [32], args, 50000);
  machine.synchronize();
  standIn.fail("cuLaunchKernel:1=700");
  refused(700, () => machine.launch(scale, [1], [32], args));
  refused(700, () => machine.synchronize());
  refused(700, () => machine.free(x));
  assertEquals(machine.blas.cublasSetMathMode(machine.handle, 0), 13);
  standIn.revive();
  machine.free(x);
  program.unload();
});

test("memory runs out, is told, and comes back", ({ machine, refused }) => {
  const free = new BigUint64Array(1), total = new BigUint64Array(1);
  assertEquals(machine.driver.cuMemGetInfo_v2(free, total), 0);
  const rest = Number(free[0]);
  refused(2, () => machine.allocate(rest + 1));
  const most = machine.allocate(rest);
  refused(2, () => machine.allocate(1));
  assertEquals(machine.driver.cuMemGetInfo_v2(free, total), 0);
  assertEquals(free[0], 0n);
  machine.free(most);
  machine.free(machine.allocate(1));
});

test("another thread has no context until it sets one", async ({ machine, standIn }) => {
  const other = Deno.dlopen(standIn.path, {
    cuStreamSynchronize: { parameters: ["usize"], result: "i32", nonblocking: true },
  }).symbols;
  assertEquals(await other.cuStreamSynchronize(machine.stream), 201);
  assertMatch(standIn.report(), /no context is current on this thread/);
  assertEquals(machine.driver.cuCtxSetCurrent(0n), 0);
  assertEquals(machine.driver.cuStreamSynchronize(machine.stream), 201);
  assertEquals(machine.driver.cuCtxSetCurrent(12345n), 201);
  assertEquals(machine.driver.cuCtxSetCurrent(machine.context), 0);
  standIn.report();
});

test("the compiler's refusals", ({ machine }) => {
  const compile = (text: string, ...options: string[]) =>
    compileProgram({ symbols: machine.nvrtc }, { source: text, name: "k17.cu", options });
  const broken = compile(
    '\nextern "C" __global__ void k(float* x) { x[0] = missing(1); }',
    "--gpu-architecture=sm_80",
  );
  assertEquals(broken.code, 6);
  assertMatch(broken.log, /k17\.cu:2:.*error.*missing/s);
  const unknown = compile(source, "--gpu-architecture=sm_80", "--nope");
  assertEquals(unknown.code, 5);
  assertMatch(unknown.log, /unrecognized option --nope found/);
  for (const arch of ["sm_70", "sm_80,sm_90", "native", "sm_8"]) {
    assertEquals(compile(source, `--gpu-architecture=${arch}`).code, 5, arch);
  }
  const large = compile(
    'extern "C" __global__ void k() { __shared__ float s[20000]; s[0] = 1.0f; }',
    "--gpu-architecture=sm_80",
  );
  assertEquals(large.code, 6);
  assertMatch(large.log, /uses too much shared data \(0x13880 bytes, 0xc000 max\)/);
  const virtual = compile(source, "--gpu-architecture=compute_80");
  assertEquals([virtual.code, virtual.cubin, virtual.ptx!.at(-1)], [0, null, 0]);
  const image = compile(source, "--gpu-architecture=sm_80");
  assertEquals(image.log, "");
  machine.load(image.ptx!).unload();
  machine.load(image.cubin!).unload();
});

test("images that are not for this device, or none", ({ machine, standIn, refused }) => {
  const compile = (arch: number) =>
    compileProgram({ symbols: machine.nvrtc }, {
      source,
      name: "k.cu",
      options: [`--gpu-architecture=sm_${arch}`],
    });
  for (const arch of [75, 86, 90]) refused(209, () => machine.load(compile(arch).cubin!));
  machine.load(compile(75).ptx!).unload();
  refused(209, () => machine.load(compile(90).ptx!));
  refused(200, () => machine.load(new TextEncoder().encode("garbage\0")));
  const changed = compile(80).cubin!;
  changed[changed.length - 100]! ^= 1;
  refused(200, () => machine.load(changed));
  standIn.report();
});

test("an image made without checks has them where they are wanted", ({ machine, standIn, caught }) => {
  standIn.checks(false);
  const options = ["--gpu-architecture=sm_80"];
  const made = compileProgram({ symbols: machine.nvrtc }, { source, name: "kept.cu", options });
  standIn.checks(true);
  const program = machine.load(made.cubin!), x = machine.allocate(32);
  const args = [x, x, { float: 1 }, 8];
  caught(719, /uninitialised/, () => machine.launch(program.kernel("scale"), [1], [8], args));
  program.unload();
  machine.free(x);
});
