/**
 * What doctor tells of CUDA: which libraries were looked for and found, what the devices are and
 * whether a kernel can be brought onto them, and what would help.
 *
 * @module
 */
import {
  architectureFor,
  capabilityText,
  compileProgram,
  type CudaDevice,
  type CudaSearch,
  describeAttempts,
  type Driver,
  granted,
  listDevices,
  NativeLibraryError,
  type Nvrtc,
  openCublas,
  openDriver,
  openNvrtc,
} from "../../ffi/mod.ts";
import type { Config } from "../base/flags.ts";

/** The settings that name libraries, and the device that was asked for. */
export type CudaSettings =
  & Pick<Config, "cuda" | "nvrtc" | "cublas">
  & Partial<Pick<Config, "device">>;

/** The lines about CUDA; finding nothing is an answer, not an error. */
export function examineCuda(settings: CudaSettings): string[] {
  if (Deno.build.os === "darwin" && settings.cuda === null) {
    return ["CUDA: NVIDIA makes no driver for macOS"];
  }
  const driver = examine("CUDA driver", () => openDriver({ path: settings.cuda }));
  const devices = driver.value === null ? [] : listDevices(driver.value);
  const told = devices.filter(({ failure }) => failure === null);
  const oldest = Math.min(...told.map(({ capability }) => capability));
  const choice = driver.value === null ? {} : { driver: driver.value };
  const nvrtc = examine("NVRTC", () =>
    openNvrtc({
      path: settings.nvrtc,
      ...choice,
      ...(told.length > 0 ? { capability: oldest } : {}),
    }));
  const cublas = examine("cuBLAS", () => openCublas({ path: settings.cublas, ...choice }));
  return [
    ...driver.lines,
    ...devices.flatMap((device) => examineDevice(driver.value!, device, nvrtc.value)),
    ...nvrtc.lines,
    ...nvrtc.value === null ? [] : [
      `  it compiles for compute capability ${nvrtc.value.archs.map(capabilityText).join(", ")}`,
    ],
    ...cublas.lines,
    ...examineEnvironment(),
    ...settings.device === undefined ? [] : [inForce(settings.device, devices, nvrtc.value)],
  ];
}

/** Which device computes, or why the one that was asked for cannot. */
function inForce(
  asked: Config["device"],
  devices: readonly CudaDevice[],
  nvrtc: Nvrtc | null,
): string {
  if (asked === "auto" || asked === "cpu") return `in force: the CPU (device is "${asked}")`;
  const ordinal = Number(asked.split(":")[1] ?? 0);
  const device = devices[ordinal];
  if (device === undefined) {
    const there = devices.length === 0
      ? "there is none"
      : `there ${devices.length === 1 ? "is" : "are"} ${devices.length}, counted from cuda:0`;
    return `error: ${asked} was asked for, and ${there}: correct GLISSADE_DEVICE`;
  }
  return nvrtc === null
    ? `error: ${asked} was asked for, and nothing compiles for it: see NVRTC above`
    : `in force: cuda:${ordinal}, ${device.name}`;
}

interface Examined<T> {
  readonly value: T | null;
  readonly lines: string[];
}

function examine<T extends { readonly version: string; readonly path: string }>(
  what: string,
  search: () => CudaSearch<T>,
): Examined<T> {
  try {
    const { value, attempts, reason } = search();
    // the one in use is told, and so is the reason of the only one
    const before = value === null && attempts.length > 1 ? attempts : attempts.slice(0, -1);
    const tried = before.length === 0 ? [] : ["  tried:", indent(describeAttempts(before))];
    return { value, lines: [value === null ? `${what}: ${reason}` : reason, ...tried] };
  } catch (e) {
    if (!(e instanceof NativeLibraryError)) throw e;
    return { value: null, lines: [`${what}: error: ${e.message}`] };
  }
}

const indent = (text: string): string => text.split("\n").map((line) => `  ${line}`).join("\n");

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

function examineDevice(driver: Driver, device: CudaDevice, nvrtc: Nvrtc | null): string[] {
  const { ordinal, name, bytes, capability, failure } = device;
  if (failure !== null) {
    const text = driver.errorText(failure.code);
    return [`  cuda:${ordinal}: it does not tell what it is: ${text} (told by ${failure.call})`];
  }
  const lines = [
    `  cuda:${ordinal}: ${name}, ${gigabytes(bytes)}, compute capability ${
      capabilityText(capability)
    }, ` +
    `${device.attribute("multiprocessors")} multiprocessors`,
    ...prove(driver, device, nvrtc).map((line) => `    ${line}`),
  ];
  const mode = device.attribute("computeMode");
  if (mode === 2) lines.push("    it refuses all work (compute mode prohibited): nvidia-smi -c 0");
  if (mode === 3) lines.push("    it takes one process at a time (compute mode exclusive)");
  if (device.attribute("kernelTimeout") !== 0) {
    lines.push("    it drives a display: a kernel that runs for seconds is ended");
  }
  const ratio = device.attribute("floatToDoubleRatio");
  if (ratio >= 8) lines.push(`    float64 is 1/${ratio} as fast as float32`);
  return lines;
}

const OUT_OF_MEMORY = 2;

/** What becomes of a context, and of a kernel brought into it; the one that was current stays so. */
function prove(driver: Driver, { handle, capability }: CudaDevice, nvrtc: Nvrtc | null): string[] {
  const { symbols } = driver;
  const before = new BigUint64Array(1);
  if (symbols.cuCtxGetCurrent(before) !== 0) before[0] = 0n;
  const context = new BigUint64Array(1);
  const retained = symbols.cuDevicePrimaryCtxRetain(context, handle);
  if (retained !== 0) {
    const cause = retained === OUT_OF_MEMORY
      ? "other processes may fill its memory"
      : "another process may use it exclusively";
    return [`it cannot be used: ${driver.errorText(retained)}: ${cause}, see nvidia-smi`];
  }
  try {
    symbols.cuCtxSetCurrent(context[0]!);
    const free = new BigUint64Array(1);
    const total = new BigUint64Array(1);
    const lines = symbols.cuMemGetInfo_v2(free, total) === 0
      ? [`${gigabytes(Number(free[0]))} of its memory are free`]
      : [];
    return nvrtc === null ? lines : [...lines, proveKernel(driver, capability, nvrtc)];
  } finally {
    symbols.cuCtxSetCurrent(before[0]!);
    symbols.cuDevicePrimaryCtxRelease_v2(handle);
  }
}

const NO_BINARY = 209;
const UNSUPPORTED_PTX = 222;

function proveKernel(driver: Driver, capability: number, nvrtc: Nvrtc): string {
  const architecture = architectureFor(nvrtc.archs, capability);
  if (architecture === null) return `NVRTC ${nvrtc.version} does not know so old a device`;
  const compiled = compileProgram(nvrtc, {
    source: 'extern "C" __global__ void doctor(float* x) { x[0] = 1.0f; }',
    name: "doctor.cu",
    options: [`--gpu-architecture=${architecture}`],
  });
  const image = compiled.cubin ?? compiled.ptx;
  if (image === null) {
    return `no kernel can be compiled for it: ${compiled.message}: ${compiled.log.trim()}`;
  }
  const module = new BigUint64Array(1);
  const code = driver.symbols.cuModuleLoadData(module, image);
  if (code === 0) {
    driver.symbols.cuModuleUnload(module[0]!);
    return `a kernel compiled for ${architecture} loads`;
  }
  const remedy = code === NO_BINARY || code === UNSUPPORTED_PTX
    ? `: update the driver, or install an NVRTC of CUDA ${driver.version}`
    : "";
  return `a kernel compiled for ${architecture} does not load: ${driver.errorText(code)}${remedy}`;
}

/** Variables that change what CUDA's libraries do, where they are set. */
function examineEnvironment(): string[] {
  const lines: string[] = [];
  for (const [variable, meaning] of variables) {
    const value = granted({ name: "env", variable }) ? Deno.env.get(variable) : undefined;
    if (value !== undefined) lines.push(`  ${variable}=${value} (${meaning})`);
  }
  return lines.length === 0 ? [] : ["the environment sets", ...lines];
}

const variables: readonly (readonly [name: string, meaning: string])[] = [
  [
    "NVIDIA_TF32_OVERRIDE",
    "1 rounds float32 products to TF32, and 0 never does, whatever is asked",
  ],
  ["CUDA_LAUNCH_BLOCKING", "1 waits for each kernel, which is slow"],
  ["CUDA_CACHE_DISABLE", "1 lets the driver compile PTX anew in each process"],
  ["CUDA_VISIBLE_DEVICES", "the devices that are shown, and their order"],
];
