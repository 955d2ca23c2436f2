/**
 * What native libraries answer at the edges, one question a process, because some answers end a
 * context: `deno run -A tests/standins/cuda/truth.ts libcuda.so.1 libnvrtc.so.13 libcublas.so.13`
 * asks real ones; without names it asks the stand-in. What differs from `truth.json`, which the
 * stand-in is tested against, is marked; `--record` writes the answers there. They are the
 * stand-in's own until a machine with a GPU has been asked.
 * @module
 */
import { fileURLToPath } from "node:url";
import { addressOf } from "../../../ffi/memory.ts";
import { compileProgram } from "../../../ffi/nvrtc_compile.ts";
import { standIn } from "./build.ts";
import { type Libraries, Machine, NativeFailure, zeroEnded } from "./machine.ts";

/** A code, codes in the order of the calls, or what was read back. */
export type Answer = number | string | readonly (number | string)[];

const source = `
extern "C" __global__ void __launch_bounds__(256) scale(const float* x, float* y, float a, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = x[i] * a;
}
extern "C" __global__ void far(float* x) { x[1ll << 40] = 1.0f; }
extern "C" __global__ void odd(char* x) { *(volatile float*)(x + 2) = 1.0f; }
extern "C" __global__ void trap(char*) { __trap(); }
extern "C" __global__ void casts(const float* x, int* y) {
  for (int i = 0; i < 3; i++) y[i] = __float2int_rz(x[i]);
}`;
const image = (m: Machine, arch: string): Uint8Array<ArrayBuffer> | null => {
  const options = [`--gpu-architecture=${arch}`];
  const made = compileProgram({ symbols: m.nvrtc }, { source, name: "truth.cu", options });
  return arch.startsWith("sm_") ? made.cubin : made.ptx;
};
const kernel = (m: Machine, name: string) => m.compile(source).kernel(name);
const launch = (m: Machine, grid: number, block: number, shared = 0): number => {
  const x = m.upload(new Float32Array(32)), scale = kernel(m, "scale");
  const args = m.pack([x, x, { float: 1 }, 32]);
  return m.driver.cuLaunchKernel(scale, grid, 1, 1, block, 1, 1, shared, m.stream, args, 0n);
};
/** What a call gives during a capture, what a later one does, and how the capture ends. */
const captured = (call: (m: Machine) => number, mode = 1) => (m: Machine): Answer => {
  const x = m.allocate(64);
  m.driver.cuStreamBeginCapture_v2(m.stream, mode);
  const first = call(m), second = m.driver.cuMemsetD8Async(x, 0, 4n, m.stream);
  return [first, second, m.driver.cuStreamEndCapture(m.stream, m.out)];
};
/** What waiting gives for a kernel that fails, and what other calls give then. */
const failing = (name: string) => (m: Machine): Answer => {
  const x = m.allocate(64);
  m.launch(kernel(m, name), [1], [1], [x]);
  const { driver } = m, waited = driver.cuStreamSynchronize(m.stream);
  return [
    waited,
    driver.cuMemAlloc_v2(m.out, 16n),
    driver.cuMemFree_v2(x),
    driver.cuStreamQuery(m.stream),
    m.blas.cublasSetStream_v2(m.handle, m.stream),
    driver.cuDriverGetVersion(new Int32Array(1)),
  ];
};
const scalars = new Float32Array([1, 0]);
const gemm = (m: Machine, [rows, columns, k]: readonly number[], ld: number): number => {
  const x = m.upload(new Float32Array(16)), one = addressOf(scalars);
  // deno-fmt-ignore
  return m.blas.cublasSgemm_v2(m.handle, 0, 0, rows!, columns!, k!, one, x, ld, x, ld, one + 4n, x, ld);
};

/** The questions. */
export const questions: Readonly<Record<string, (m: Machine) => Answer | Promise<Answer>>> = {
  allocateNothing: (m) => m.driver.cuMemAlloc_v2(m.out, 0n),
  allocateTooMuch: (m) => m.driver.cuMemAlloc_v2(m.out, 1n << 50n),
  freeNull: (m) => m.driver.cuMemFree_v2(0n),
  freeTwice(m) {
    const x = m.allocate(16);
    return [m.driver.cuMemFree_v2(x), m.driver.cuMemFree_v2(x)];
  },
  freeInside: (m) => m.driver.cuMemFree_v2(m.allocate(4096) + 256n),
  copyPastTheEnd: (m) =>
    m.driver.cuMemcpyHtoD_v2(m.allocate(4096), new Uint8Array(1 << 22), 1n << 22n),
  copyToNull: (m) => m.driver.cuMemcpyHtoD_v2(0n, new Uint8Array(16), 16n),
  copyNothing: (m) => m.driver.cuMemcpyHtoD_v2(m.allocate(16), new Uint8Array(16), 0n),
  fillOddly: (m) => m.driver.cuMemsetD32Async(m.allocate(16) + 2n, 0, 1n, m.stream),
  pinNothing: (m) => m.driver.cuMemHostAlloc(m.out, 0n, 0),
  unpinUnknown: (m) => m.driver.cuMemFreeHost(addressOf(scalars)),

  launchNoBlocks: (m) => launch(m, 0, 32),
  launchNoThreads: (m) => launch(m, 1, 0),
  launchTooManyThreads: (m) => launch(m, 1, 2048),
  launchOverItsBounds: (m) => launch(m, 1, 512),
  launchTooMuchShared: (m) => launch(m, 1, 32, 60000),
  attributeTooLarge: (m) => m.driver.cuFuncSetAttribute(kernel(m, "scale"), 8, 1 << 20),
  functionMissing(m) {
    const { module } = m.compile(source);
    return m.driver.cuModuleGetFunction(m.out, module, zeroEnded("missing"));
  },
  loadGarbage: (m) => m.driver.cuModuleLoadData(m.out, zeroEnded("garbage")),
  loadNothing: (m) => m.driver.cuModuleLoadData(m.out, zeroEnded("")),
  loadPtx: (m) => m.driver.cuModuleLoadData(m.out, image(m, "compute_75")),
  loadForOlderMinor: (m) => m.driver.cuModuleLoadData(m.out, image(m, `sm_${m.capability}`)),
  loadForOtherMajor(m) {
    const arch = m.capability >= 90 ? "sm_80" : "sm_90";
    return m.driver.cuModuleLoadData(m.out, image(m, arch));
  },

  addressFar: failing("far"),
  addressOdd: failing("odd"),
  trap: failing("trap"),
  castsSaturate(m) {
    const y = m.allocate(12), x = m.upload(new Float32Array([NaN, 3e9, -3e9]));
    m.launch(kernel(m, "casts"), [1], [1], [x, y]);
    return [...m.download(y, new Int32Array(3))];
  },

  captureEmpty: (m) => [
    m.driver.cuStreamBeginCapture_v2(m.stream, 1),
    m.driver.cuStreamEndCapture(m.stream, m.out),
  ],
  captureAllocate: captured((m) => m.driver.cuMemAlloc_v2(m.out, 64n)),
  captureAllocateRelaxed: captured((m) => m.driver.cuMemAlloc_v2(m.out, 64n), 2),
  capturePin: captured((m) => m.driver.cuMemHostAlloc(m.out, 64n, 0)),
  captureSynchronize: captured((m) => m.driver.cuStreamSynchronize(m.stream)),
  captureQuery: captured((m) => m.driver.cuStreamQuery(m.stream)),
  captureContextSynchronize: captured((m) => m.driver.cuCtxSynchronize()),
  captureEventCreate: captured((m) => m.driver.cuEventCreate(m.out, 2)),
  captureStreamCreate: captured((m) => m.driver.cuStreamCreate(m.out, 1)),
  captureMemoryInfo: captured((m) => m.driver.cuMemGetInfo_v2(m.out, new BigUint64Array(1))),
  captureEventQuery: captured((m) => {
    const event = m.newEvent();
    m.driver.cuEventRecord(event, m.stream);
    return m.driver.cuEventQuery(event);
  }),
  captureCopyIn(m) {
    const x = m.allocate(16);
    return captured(() => m.driver.cuMemcpyHtoD_v2(x, new Uint8Array(16), 16n))(m);
  },
  captureLoad(m) {
    const cubin = image(m, `sm_${m.capability}`);
    return captured(() => m.driver.cuModuleLoadData(m.out, cubin))(m);
  },
  captureProduct(m) {
    gemm(m, [4, 4, 4], 4);
    m.synchronize();
    const x = m.upload(new Float32Array(16));
    return captured(() => {
      m.multiply([4, 4, 4], x, x, x);
      return 0;
    })(m);
  },
  captureLegacy: (m) => m.driver.cuStreamBeginCapture_v2(0n, 1),
  captureTwice: (m) => [
    m.driver.cuStreamBeginCapture_v2(m.stream, 1),
    m.driver.cuStreamBeginCapture_v2(m.stream, 1),
    m.driver.cuStreamEndCapture(m.stream, m.out),
  ],
  captureNotBegun: (m) => m.driver.cuStreamEndCapture(m.stream, m.out),
  captureBadMode: (m) => m.driver.cuStreamBeginCapture_v2(m.stream, 9),
  captureUnjoined(m) {
    const { driver } = m, other = m.newStream(), event = m.newEvent(), x = m.allocate(16);
    driver.cuStreamBeginCapture_v2(m.stream, 1);
    driver.cuEventRecord(event, m.stream);
    return [
      driver.cuStreamWaitEvent(other, event, 0),
      driver.cuMemsetD8Async(x, 0, 4n, other),
      driver.cuStreamEndCapture(other, m.out),
      driver.cuStreamEndCapture(m.stream, m.out),
    ];
  },
  captureWaitsForWorkBefore(m) {
    const { driver } = m, other = m.newStream(), event = m.newEvent();
    driver.cuEventRecord(event, other);
    driver.cuStreamBeginCapture_v2(m.stream, 1);
    return [
      driver.cuStreamWaitEvent(m.stream, event, 0),
      driver.cuStreamEndCapture(m.stream, m.out),
    ];
  },

  productBadLd: (m) => gemm(m, [4, 4, 4], 2),
  productNegative: (m) => gemm(m, [-1, 4, 4], 4),
  productEmpty: (m) => gemm(m, [0, 4, 4], 4),
  productOfNothing(m) {
    const x = m.upload(new Float32Array(4).fill(7));
    m.multiply([2, 2, 0], x, x, x);
    return [...m.floats(x, 4)];
  },
  mathMode(m) {
    const mode = new Int32Array(1);
    return [m.blas.cublasGetMathMode(m.handle, mode), mode[0]!];
  },
  workspaceOdd: (m) => m.blas.cublasSetWorkspace_v2(m.handle, m.allocate(4096) + 4n, 1024n),
  handleOfNobody: (m) => m.blas.cublasSetStream_v2(0n, m.stream),

  eventNeverRecorded(m) {
    const event = m.newEvent(0);
    return [
      m.driver.cuEventQuery(event),
      m.driver.cuEventSynchronize(event),
      m.driver.cuStreamWaitEvent(m.stream, event, 0),
      m.driver.cuEventElapsedTime(new Float32Array(1), event, event),
    ];
  },
  eventWithoutTime(m) {
    const event = m.newEvent(2);
    m.driver.cuEventRecord(event, m.stream);
    m.synchronize();
    return m.driver.cuEventElapsedTime(new Float32Array(1), event, event);
  },
  async otherThread(m) {
    const wait = { parameters: ["usize"], result: "i32", nonblocking: true } as const;
    const other = Deno.dlopen(driverPath, { cuStreamSynchronize: wait }).symbols;
    return await other.cuStreamSynchronize(m.stream);
  },
  contextOfNobody: (m) => m.driver.cuCtxSetCurrent(0n),
  errorName(m) {
    return [m.driver.cuGetErrorName(700, m.out), m.driver.cuGetErrorName(12345, m.out)];
  },
};

let driverPath = "";

/** Asks one question; an error of the glue is an answer, too. */
export async function answer(
  machine: Machine,
  libraries: Libraries,
  name: string,
): Promise<Answer> {
  driverPath = libraries.cuda;
  try {
    return await questions[name]!(machine);
  } catch (error) {
    if (error instanceof NativeFailure) return error.message;
    throw error;
  }
}

/** The recorded answers. */
export async function recorded(): Promise<Record<string, Answer>> {
  return JSON.parse(await Deno.readTextFile(new URL("truth.json", import.meta.url)));
}

async function askAll(libraries: Libraries, record: boolean): Promise<void> {
  const before = await recorded().catch((): Record<string, Answer> => ({}));
  const lines: string[] = [];
  for (const name of Object.keys(questions)) {
    const paths = [libraries.cuda, libraries.nvrtc, libraries.cublas];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", fileURLToPath(import.meta.url), ...paths, name],
    }).output();
    const text = new TextDecoder().decode(stdout).trim() ||
      JSON.stringify(new TextDecoder().decode(stderr).trim().split("\n")[0]!);
    const known = JSON.stringify(before[name]);
    console.log(name.padEnd(28), text, text === known ? "" : `(recorded: ${known})`);
    lines.push(`  ${JSON.stringify(name)}: ${text}`);
  }
  if (record) {
    await Deno.writeTextFile(
      new URL("truth.json", import.meta.url),
      `{\n${lines.join(",\n")}\n}\n`,
    );
  }
}

if (import.meta.main) {
  const record = Deno.args.includes("--record");
  const names = Deno.args.filter((argument) => argument !== "--record");
  const built = names.length === 0 ? await standIn() : "";
  if (built === null) throw new Error("Cannot ask: neither libraries nor a stand-in: name three");
  const [cuda = built, nvrtc = built, cublas = built, question] = names;
  const libraries = { cuda, nvrtc, cublas };
  if (question === undefined) {
    await askAll(libraries, record);
  } else {
    const found = await answer(new Machine(libraries), libraries, question);
    console.log(JSON.stringify(found));
    Deno.exit(0);
  }
}
