/** What doctor tells of CUDA on machines with and without it; each is a process of its own. @module */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { pretendCublas, pretendDriver, pretendNvrtc } from "../ffi/cuda_children.ts";
import { type Code, returnNumber, writeNumbers } from "../ffi/elf.ts";

const script = fileURLToPath(new URL("../../src/device/doctor.ts", import.meta.url));
const folder = Deno.makeTempDirSync();
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

function file(name: string, bytes: Uint8Array): string {
  const path = `${folder}/${name}`;
  Deno.writeFileSync(path, bytes);
  return path;
}

/** Nothing else of this machine is to show. */
const kept = Object.fromEntries(
  ["HOME", "PATH", "DENO_DIR", "XDG_CACHE_HOME"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }),
);

/** What doctor prints of CUDA. */
async function doctor(env: Record<string, string>): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-ffi", "--allow-read", "--allow-env", script],
    clearEnv: true,
    env: { ...kept, GLISSADE_BLAS: "builtin", ...env },
    stdin: "null",
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  const text = new TextDecoder().decode(stdout);
  return text.slice(text.indexOf("CUDA driver"));
}

const nvrtc = file("libnvrtc.so", pretendNvrtc([13, 2], 75));
const cublas = file("libcublas.so", pretendCublas(13));

/** A machine whose libraries pretend. */
function machine(name: string, version: number, given: Record<string, Code> = {}): Promise<string> {
  return doctor({
    GLISSADE_CUDA: file(name, pretendDriver(version, given)),
    GLISSADE_NVRTC: nvrtc,
    GLISSADE_CUBLAS: cublas,
  });
}

Deno.test("libraries and devices are told with their versions and places", async () => {
  const told = await machine("libwhole.so", 13020, { cuDeviceGetCount: writeNumbers(2) });
  assertStringIncludes(told, `CUDA driver 13.2 at ${folder}/libwhole.so`);
  for (const ordinal of [0, 1]) {
    assertStringIncludes(told, `  cuda:${ordinal}: `);
  }
  assertStringIncludes(told, "compute capability 8.8, 8 multiprocessors");
  assertStringIncludes(told, "it drives a display");
  assertStringIncludes(told, "float64 is 1/8 as fast as float32");
  assertStringIncludes(told, `NVRTC 13.2 at ${nvrtc}`);
  assertStringIncludes(told, "it compiles for compute capability 7.5");
  assertStringIncludes(told, `cuBLAS 13.13 at ${cublas}`);
});

Deno.test("a machine without a driver is told what was tried and what to do", async () => {
  const told = await doctor({ GLISSADE_CUDA: `${folder}/libnone.so` });
  assertStringIncludes(told, `Cannot use ${folder}/libnone.so as CUDA driver: a working one`);
  assertStringIncludes(told, `${folder}/libnone.so: missing: no such file`);
  assertStringIncludes(told, "correct GLISSADE_CUDA, or leave it out");
  assert(!told.includes("cuda:0"));
});

Deno.test("a driver without a device is told with what hides it", async () => {
  const path = file("libhidden.so", pretendDriver(13020, { cuInit: returnNumber(100) }));
  const told = await doctor({ GLISSADE_CUDA: path, CUDA_VISIBLE_DEVICES: "" });
  assertStringIncludes(told, "driver 13.2 is found and shows no device (code 100)");
  assertStringIncludes(told, 'CUDA_VISIBLE_DEVICES is ""');
});

Deno.test("a device in exclusive use or filled by others is told so", async () => {
  const busy = await machine("libbusy.so", 13020, { cuDevicePrimaryCtxRetain: returnNumber(46) });
  assertStringIncludes(busy, "it cannot be used: error 46: another process may use it exclusively");
  const full = await machine("libfull.so", 13020, { cuDevicePrimaryCtxRetain: returnNumber(2) });
  assertStringIncludes(full, "other processes may fill its memory, see nvidia-smi");
});

Deno.test("a device that does not tell what it is is told so, and no kernel is made for it", async () => {
  for (const call of ["cuDeviceGet", "cuDeviceTotalMem_v2", "cuDeviceGetAttribute"]) {
    const told = await machine(`lib${call}.so`, 13020, { [call]: returnNumber(3) });
    assertStringIncludes(
      told,
      `  cuda:0: it does not tell what it is: error 3 (told by ${call})\nNVRTC 13.2`,
    );
  }
});

Deno.test("compute modes are told", async () => {
  const exclusive = await machine("libone.so", 13020, { cuDeviceGetAttribute: writeNumbers(3) });
  assertStringIncludes(exclusive, "it takes one process at a time");
  const closed = await machine("libclosed.so", 13020, { cuDeviceGetAttribute: writeNumbers(2) });
  assertStringIncludes(closed, "it refuses all work (compute mode prohibited): nvidia-smi -c 0");
});

Deno.test("an NVRTC that is too new for the driver is told with the remedy", async () => {
  const told = await machine("libtwelve.so", 12040);
  assertStringIncludes(told, "NVRTC 13.2 is of CUDA 13 and the driver supports CUDA 12.4");
  assertStringIncludes(told, "pip install nvidia-cuda-nvrtc-cu12");
  assertStringIncludes(told, "cuBLAS 13.13 is of CUDA 13 and the driver supports CUDA 12.4");
});

/** Writes an image of 16 bytes for the size that is asked for, and nothing for the rest. */
const image = { nvrtcGetPTXSize: sizeSecond() };

function sizeSecond(): Code {
  return Deno.build.arch === "aarch64"
    // mov w9, 16; str x9, [x1]; mov w0, 0; ret
    ? [0x09, 0x02, 0x80, 0x52, 0x29, 0, 0, 0xf9, ...returnNumber(0)]
    // mov qword [rsi], 16; mov eax, 0; ret
    : [0x48, 0xc7, 0x06, 16, 0, 0, 0, ...returnNumber(0)];
}

Deno.test("whether a kernel can be brought onto the device is told with the remedy", async () => {
  const compiler = file("libimage.so", pretendNvrtc([13, 2], 75, image));
  const say = (name: string, code: number): Promise<string> =>
    doctor({
      GLISSADE_CUDA: file(name, pretendDriver(13000, { cuModuleLoadData: returnNumber(code) })),
      GLISSADE_NVRTC: compiler,
      GLISSADE_CUBLAS: cublas,
    });
  assertStringIncludes(await say("libloads.so", 0), "a kernel compiled for compute_75 loads");
  const newer = await say("libnewer.so", 222);
  assertStringIncludes(newer, "a kernel compiled for compute_75 does not load: error 222");
  assertStringIncludes(newer, "update the driver, or install an NVRTC of CUDA 13.0");
  const none = await machine("libnothing.so", 13020);
  assertStringIncludes(none, "no kernel can be compiled for it");
});

Deno.test("variables that change what CUDA's libraries do are told", async () => {
  const quiet = await doctor({});
  assert(!quiet.includes("the environment sets"), quiet);
  const told = await doctor({
    NVIDIA_TF32_OVERRIDE: "1",
    CUDA_LAUNCH_BLOCKING: "1",
    CUDA_CACHE_DISABLE: "1",
    CUDA_VISIBLE_DEVICES: "0",
  });
  assertStringIncludes(told, "the environment sets");
  assertStringIncludes(told, "NVIDIA_TF32_OVERRIDE=1 (1 rounds float32 products to TF32");
  assertStringIncludes(told, "CUDA_LAUNCH_BLOCKING=1 (");
  assertStringIncludes(told, "CUDA_CACHE_DISABLE=1 (");
  assertStringIncludes(told, "CUDA_VISIBLE_DEVICES=0 (");
});

Deno.test("the device in force is told, and one that was asked for and is not there", async () => {
  const given = { GLISSADE_CUDA: file("libone.so", pretendDriver(13020)) };
  const found = { ...given, GLISSADE_NVRTC: nvrtc, GLISSADE_CUBLAS: cublas };
  assertStringIncludes(await doctor(found), 'in force: the CPU (device is "auto")');
  const first = await doctor({ ...found, GLISSADE_DEVICE: "cuda" });
  assertStringIncludes(first, "in force: cuda:0, ");
  const second = await doctor({ ...found, GLISSADE_DEVICE: "cuda:1" });
  assertStringIncludes(second, "error: cuda:1 was asked for, and there is 1, counted from cuda:0");
});

Deno.test("doctor tells of a setting that says nothing, and does not fail", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-ffi", "--allow-read", "--allow-env", script],
    env: { GLISSADE_DEVICE: "gpu" },
    stdin: "null",
  }).output();
  assertEquals(code, 0);
  assertStringIncludes(new TextDecoder().decode(stdout), "error: Cannot set GLISSADE_DEVICE");
});
