import { assert, assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { DeadDeviceError, OutOfMemoryError } from "../../../src/base/errors.ts";
import { CudaError, errorOf, isSticky, isUnloadable } from "../../../src/device/cuda/errors.ts";

const failure = (code: number, call = "cuLaunchKernel", doing = ""): Error =>
  errorOf({
    device: "cuda:0",
    call,
    code,
    text: `CUDA_ERROR_X (${code}): words`,
    doing,
    suspects: ["exp [3] k1_0", "sum [] k0_0"],
    room: "10 bytes of 20 are free",
  });

Deno.test("errors that end a device are of one class, and name what ran last", () => {
  for (const code of [214, 220, 700, 702, 710, 714, 715, 716, 717, 718, 719, 999]) {
    const e = failure(code, "cuEventSynchronize");
    assert(isSticky(code));
    assertInstanceOf(e, DeadDeviceError);
    assertStringIncludes(e.message, "newest first: exp [3] k1_0, sum [] k0_0");
    assertStringIncludes(e.message, "GLISSADE_CUDA_SYNC");
  }
  assertStringIncludes(failure(702).message, "display");
});

Deno.test("missing memory tells what was asked for and how full the device is", () => {
  const e = failure(2, "cuMemAlloc_v2", "reserve 4096 bytes");
  assertInstanceOf(e, OutOfMemoryError);
  assertStringIncludes(e.message, "Cannot reserve 4096 bytes on cuda:0");
  assertStringIncludes(e.message, "10 bytes of 20 are free");
});

Deno.test("a refused launch names kernel and sizes, and says whose fault it is", () => {
  const e: Error = failure(701, "cuLaunchKernel", "launch exp [3] (grid 1x1x1, block 2048x1x1)");
  assertEquals(e instanceof CudaError && [e.call, e.code], ["cuLaunchKernel", 701]);
  assertStringIncludes(e.message, "launch exp [3] (grid 1x1x1, block 2048x1x1)");
  assertStringIncludes(e.message, "please report it");
});

Deno.test("each failure that a user can mend has its remedy", () => {
  const remedies: [number, string][] = [
    [46, "uses it exclusively"],
    [101, "doctor lists"],
    [200, "cached kernels"],
    [209, "NVRTC"],
    [218, "GLISSADE_DEBUG=4"],
    [222, "update NVIDIA's driver"],
    [201, "thread"],
    [901, "capture"],
    [1234, "doctor"],
  ];
  for (const [code, words] of remedies) {
    assertStringIncludes(failure(code, "cuModuleLoadDataEx").message, words);
  }
});

Deno.test("an image that cannot be loaded is told from other failures", () => {
  for (const code of [200, 209, 218, 222]) assert(isUnloadable(failure(code)));
  for (const code of [1, 2, 700]) assert(!isUnloadable(failure(code)));
  assert(!isUnloadable(new Error("other")));
});
