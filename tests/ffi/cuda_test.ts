/** Machines with and without a driver, a device, a fitting driver: each has its reason. @module */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Asked, openAll, type Opened, pretendDriver } from "./cuda_children.ts";
import { type Code, returnNumber, writeNumbers } from "./elf.ts";

const folder = Deno.makeTempDirSync();
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

function file(name: string, bytes: Uint8Array): string {
  const path = `${folder}/${name}`;
  Deno.writeFileSync(path, bytes);
  return path;
}

const named = (path: string): Asked => ({ library: "driver", choice: { path } });
const among = (...candidates: string[]): Asked => ({
  library: "driver",
  choice: { path: null, candidates },
});

async function one(asked: Asked, env: Record<string, string> = {}): Promise<Opened> {
  return (await openAll(["-A"], [asked], env))[0]!;
}

Deno.test("a driver with a device is used", async () => {
  const path = file("libgood.so", pretendDriver(13020));
  for (const asked of [named(path), among(path), named(new URL(`file://${path}`).href)]) {
    const { found, attempts, reason, devices } = await one(asked);
    assertEquals(found, { version: "13.2", path });
    assertEquals(attempts.map(({ outcome }) => outcome), ["used"]);
    assertEquals(reason, `CUDA driver 13.2 at ${path}`);
    assertEquals(devices, [88]);
  }
});

Deno.test("a driver without what only newer ones have is used", async () => {
  const old = { cuGraphExecKernelNodeSetParams_v2: null, cuGraphExecUpdate_v2: null };
  const { found } = await one(named(file("libold.so", pretendDriver(12000, old))));
  assertEquals(found?.version, "12.0");
});

Deno.test("a library that lacks functions is refused with their names", async () => {
  const path = file("liblacks.so", pretendDriver(13020, { cuInit: null, cuLaunchKernel: null }));
  const { error, attempts } = await one(named(path));
  assertStringIncludes(error!, `Cannot use ${path} as CUDA driver`);
  assertStringIncludes(error!, "it does not export cuInit, cuLaunchKernel");
  assertStringIncludes(error!, "correct GLISSADE_CUDA");
  assertEquals(attempts.map(({ outcome }) => outcome), ["unsuitable"]);
});

/** What `cuInit` gives, what is counted, and what the answer must say. */
const states: [string, Record<string, Code>, string][] = [
  [
    "no device",
    { cuInit: returnNumber(100) },
    "driver 13.2 is found and shows no device (code 100)",
  ],
  ["an unknown error", { cuInit: returnNumber(999) }, "shows no device (code 999)"],
  [
    "a count of none",
    { cuDeviceGetCount: writeNumbers(0) },
    "driver 13.2 is found and shows no device:",
  ],
  ["another module in the kernel", { cuInit: returnNumber(803) }, "reboot, or reload the driver"],
  ["forward compatibility refused", { cuInit: returnNumber(804) }, "out of LD_LIBRARY_PATH"],
  ["a system that is not ready", { cuInit: returnNumber(802) }, "fabric manager"],
  ["no MPS daemon", { cuInit: returnNumber(805) }, "MPS control daemon"],
  ["a failed MPS server", { cuInit: returnNumber(806) }, "MPS"],
  ["an unready MPS server", { cuInit: returnNumber(807) }, "MPS"],
  ["too many MPS clients", { cuInit: returnNumber(808) }, "MPS"],
  ["too many MPS connections", { cuInit: returnNumber(809) }, "MPS"],
  ["an ended MPS client", { cuInit: returnNumber(810) }, "start the process anew"],
  ["a device in exclusive use", { cuInit: returnNumber(46) }, "exclusively"],
  ["what nobody has heard of", { cuInit: returnNumber(12345) }, "error 12345"],
];

for (const [state, given, reason] of states) {
  Deno.test(`a machine with ${state} has a reason and no device`, async () => {
    const path = file(`lib${state.replaceAll(" ", "_")}.so`, pretendDriver(13020, given));
    for (const asked of [named(path), among(path)]) {
      const told = await one(asked);
      assertEquals([told.found, told.error], [null, undefined]);
      assertEquals(told.attempts.map(({ outcome }) => outcome), ["unready"]);
      assertStringIncludes(told.reason, `${path} cannot be used: driver 13.2`);
      assertStringIncludes(told.reason, reason);
    }
  });
}

Deno.test("what hides the devices is named", async () => {
  const path = file("libhidden.so", pretendDriver(13020, { cuInit: returnNumber(100) }));
  const hidden = await one(named(path), { CUDA_VISIBLE_DEVICES: "" });
  assertStringIncludes(hidden.reason, 'CUDA_VISIBLE_DEVICES is ""');
  const wrong = await one(named(path), { CUDA_VISIBLE_DEVICES: "7" });
  assertStringIncludes(wrong.reason, 'CUDA_VISIBLE_DEVICES is "7"');
});

Deno.test("a stub is passed over, and named when it is all there is", async () => {
  const stub = file("libstub.so", pretendDriver(13020, { cuInit: returnNumber(34) }));
  const good = file("libafter.so", pretendDriver(12080));
  const passed = await one(among(stub, good));
  assertEquals(passed.found, { version: "12.8", path: good });
  assertEquals(passed.attempts.map(({ outcome }) => outcome), ["unsuitable", "used"]);
  const alone = await one(among(stub));
  assertStringIncludes(alone.reason, `${stub} cannot be used: it is the toolkit's stub`);
  assertStringIncludes((await one(named(stub))).error!, "stub");
});

Deno.test("a driver of before CUDA 12 is refused with the remedy", async () => {
  const path = file("libeleven.so", pretendDriver(11080));
  const { reason } = await one(among(path));
  assertStringIncludes(reason, "it supports CUDA 11.8 and 12.0 is wanted: update NVIDIA's driver");
});

Deno.test("a driver whose machine is not ready tells more than a broken file before it", async () => {
  const broken = file("libbroken.so", pretendDriver(13020).subarray(0, 5000));
  const deaf = file("libdeaf.so", pretendDriver(13020, { cuInit: returnNumber(803) }));
  const { reason, attempts } = await one(among(broken, deaf, `${folder}/libnone.so`));
  assertEquals(attempts.map(({ outcome }) => outcome), ["truncated", "unready", "missing"]);
  assertStringIncludes(reason, "reboot");
});

Deno.test("a truncated driver is refused before the loader sees it", async () => {
  const whole = pretendDriver(13020);
  for (const length of [0, 3, 63, 300, 5000, whole.length - 1]) {
    const path = file(`libcut${length}.so`, whole.subarray(0, length));
    const { error, attempts } = await one(named(path));
    assert(["truncated", "corrupt"].includes(attempts[0]!.outcome), attempts[0]!.reason);
    assertStringIncludes(error!, path);
  }
});

Deno.test("a driver that was named and is missing is an error that names no other", async () => {
  const path = `${folder}/libcuda.so.1`;
  const { error, attempts } = await one(named(path));
  assertStringIncludes(error!, `Cannot use ${path} as CUDA driver: a working one`);
  assertStringIncludes(error!, `${path}: missing: no such file`);
  assertEquals(attempts.length, 1);
});

Deno.test("a driver is found in LD_LIBRARY_PATH", async () => {
  const path = file("libcuda.so.1", pretendDriver(12090));
  const usual: Asked = { library: "driver", choice: { path: null } };
  const { found, attempts } = await one(usual, { LD_LIBRARY_PATH: folder });
  Deno.removeSync(path);
  assertEquals(found, { version: "12.9", path });
  assertEquals(attempts.length, 1);
});

Deno.test("without the ffi permission nothing is opened, and the answer says so", async () => {
  const path = file("libunasked.so", pretendDriver(13020));
  for (const flags of [[], ["--deny-ffi", "--allow-read"], ["-A", "--deny-ffi"]]) {
    const [usual, mine] = await openAll(flags, [
      { library: "driver", choice: { path: null } },
      named(path),
    ]);
    assertEquals(new Set(usual!.attempts.map(({ outcome }) => outcome)), new Set(["denied"]));
    assertStringIncludes(usual!.reason, "run with --allow-ffi");
    assertStringIncludes(mine!.error!, "run with --allow-ffi");
  }
});
