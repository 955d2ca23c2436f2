import { assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { fileURLToPath } from "node:url";
import { openCublas, openDriver } from "../../../ffi/mod.ts";
import { standIn, standInProblem } from "../../standins/cuda/build.ts";
import { environmentOf, type MachineState } from "../../standins/cuda/control.ts";

const path = await standIn();
if (path === null) console.warn(`machines with GPUs are left out: ${standInProblem()}`);

/** What `machine_child.ts` tells of a device that was asked for. */
interface Told {
  readonly value?: number;
  readonly blas?: string;
  readonly device: string;
  readonly error?: string;
  readonly message?: string;
  /** The error of the next use, or "". */
  readonly again?: string;
}

const WANTED = 3 * Math.E + Math.exp(1);

/** What a process on a machine tells; where nobody asks for a GPU it computes on the CPU, silently. */
async function on(
  state: MachineState,
  env: Readonly<Record<string, string>> = {},
  devices: readonly string[] = ["cuda"],
): Promise<Told[]> {
  const child = fileURLToPath(new URL("machine_child.ts", import.meta.url));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", child, ...devices],
    env: {
      ...{ GLISSADE_CUDA: path!, GLISSADE_NVRTC: path!, GLISSADE_CUBLAS: path! },
      GLISSADE_CUBIN_CACHE: `${path}/none`,
      ...environmentOf(state),
      ...env,
    },
  }).output();
  const [out, said] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals([success, said], [true, ""]);
  const { unasked, asked } = JSON.parse(out!) as { unasked: Told; asked: Told[] };
  assertEquals(unasked.device, "cpu");
  assertAlmostEquals(unasked.value!, WANTED, 1e-4);
  return asked;
}

function computes(told: Told | undefined, device = "cuda:0"): void {
  assertEquals([told?.message, told?.device], [undefined, device]);
  assertAlmostEquals(told!.value!, WANTED, 1e-4);
}

function test(name: string, fn: () => Promise<void>, why = ""): void {
  if (why !== "" && path !== null) console.warn(`"${name}" is left out: ${why}`);
  Deno.test({ name, ignore: path === null || why !== "", fn });
}

const works: readonly [string, MachineState][] = [
  ["a GPU of compute capability 8.6", { capability: "8.6" }],
  ["a GPU of compute capability 9.0", { capability: "9.0" }],
  ["a GPU of compute capability 12.1", { capability: "12.1" }],
  ["a GPU of compute capability 7.0 and a compiler that knows it", {
    capability: "7.0",
    nvrtc: "12.9",
  }],
  ["a driver of CUDA 13 and a compiler of CUDA 12", { driver: 13020, nvrtc: "12.9" }],
  ["a driver of CUDA 12.4 and a compiler of 12.9", { driver: 12040, nvrtc: "12.9" }],
  ["a slice of a GPU", { name: "MIG 1g.5gb", processors: 7 }],
  ["a GPU of 8 MiB", { memory: 8 << 20 }],
  ["a driver that takes the text and not the machine code", { fail: "cuModuleLoadDataEx:1=209" }],
];
for (const [name, state] of works) {
  test(`${name} computes`, async () => computes((await on(state))[0]));
}

const fails: readonly [string, MachineState, string, RegExp][] = [
  ["a driver without a device", { devices: 0 }, "NativeLibraryError", /shows no device.*docker/],
  ["a stub", { initCode: 34 }, "NativeLibraryError", /stub for linking/],
  ["a driver after an update", { initCode: 803 }, "NativeLibraryError", /reboot, or reload/],
  ["a driver that does not say why", { initCode: 999 }, "NativeLibraryError", /shows no device/],
  ["a GPU that the compiler has forgotten", { capability: "7.0" }, "NativeLibraryError", /-cu12/],
  [
    "a driver that is older than the compiler",
    { driver: 12040 },
    "NativeLibraryError",
    /update the driver, or run pip install nvidia-cuda-nvrtc-cu12/,
  ],
  ["a compiler without its builtins", { builtins: false }, "NativeLibraryError", /builtins.*pip/s],
  [
    "a GPU in exclusive use",
    { fail: "cuDevicePrimaryCtxRetain:1=46" },
    "CudaError",
    /uses it exclusively/,
  ],
  [
    "a GPU that others have filled",
    { fail: "cuDevicePrimaryCtxRetain:1=2" },
    "OutOfMemoryError",
    /end other programs/,
  ],
  [
    "a driver that takes neither machine code nor text",
    { fail: "cuModuleLoadDataEx:1=209;cuModuleLoadDataEx:2=222" },
    "CudaError",
    /update NVIDIA's driver/,
  ],
  [
    "a launch that is refused",
    { fail: "cuLaunchKernel:1=701" },
    "CudaError",
    /launch .*grid 1x1x1, block \d+x1x1, \d+ bytes shared.*please report/,
  ],
];
for (const [name, state, error, message] of fails) {
  test(`${name} is told with the remedy`, async () => {
    const [told] = await on(state);
    assertEquals(told!.error, error, told!.message);
    assertMatch(told!.message!, message);
    assertMatch(told!.message!, /^Cannot [^]+: [^]+/);
  });
}

test("a device that a kernel has ended stays dead, and the kernel is named", async () => {
  const [told] = await on({ fail: "cuLaunchKernel:2=700" });
  assertEquals([told!.error, told!.again], ["DeadDeviceError", "DeadDeviceError"]);
  assertMatch(told!.message!, /newest first: float32 product 2x2x2.*only a new process/);
});

test("of two GPUs each computes, and a third is refused with those that are there", async () => {
  const [first, second, third] = await on({ devices: 2 }, {}, ["cuda:0", "cuda:1", "cuda:2"]);
  computes(first);
  computes(second, "cuda:1");
  assertEquals(third!.error, "NativeLibraryError");
  assertMatch(third!.message!, /shows 2 devices: choose one from cuda:0 to cuda:1/);
});

test("what hides the devices is named", async () => {
  const [told] = await on({ devices: 0 }, { CUDA_VISIBLE_DEVICES: "" });
  assertMatch(told!.message!, /CUDA_VISIBLE_DEVICES is ""/);
});

test("a driver that was named and is missing is an error that names the setting", async () => {
  const [told] = await on({}, { GLISSADE_CUDA: "/nowhere/libcuda.so.1" });
  assertEquals(told!.error, "NativeLibraryError");
  assertMatch(told!.message!, /\/nowhere\/libcuda\.so\.1.*correct GLISSADE_CUDA/s);
});

const found = path === null ? null : openDriver({ path: null }).value;
test("a machine without a driver is told what was tried and what to do", async () => {
  const [told] = await on({}, { GLISSADE_CUDA: "" });
  assertEquals(told!.error, "NativeLibraryError");
  assertMatch(told!.message!, /install NVIDIA's driver.*Tried:.*libcuda\.so\.1/s);
}, found === null ? "" : "there is a driver here");

const cublas = path === null ? null : openCublas({ path: null }).value;
test("without cuBLAS products are printed as other kernels are", async () => {
  const [told] = await on({}, { GLISSADE_CUBLAS: "" });
  computes(told);
  assertEquals(told!.blas, "builtin");
}, cublas === null ? "" : "there is a cuBLAS here");
