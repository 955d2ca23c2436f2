import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { DeadDeviceError, jit, NativeLibraryError, np, type Tensor } from "../../../mod.ts";
import { useDevice } from "../../../src/core/mod.ts";
import { createCpu } from "../../../src/device/cpu/mod.ts";
import { createCuda } from "../../../src/device/cuda/mod.ts";
import { onStandIn } from "./stand_in.ts";

onStandIn("after an error that stays, every use says so, and names what ran", (r) => {
  r.device();
  const x = np.arange(5).mul(2);
  x.data();
  r.standIn.fail("cuLaunchKernel:2=700");
  const f = jit((x: Tensor) => x.exp().add(1));
  f(x);
  const e = assertThrows(() => x.sub(3).data(), DeadDeviceError) as Error;
  assertStringIncludes(e.message, "CUDA_ERROR_ILLEGAL_ADDRESS (700)");
  assertStringIncludes(e.message, "exp");
  for (const use of [() => x.data(), () => x.add(1), () => f(x), () => np.ones([2]).item]) {
    assertThrows(use, DeadDeviceError, "Cannot go on with cuda:0");
  }
  r.standIn.revive();
  assertThrows(() => x.data(), DeadDeviceError);
  // the CPU is as ever
  useDevice(createCpu({ threads: 1 }));
  assertEquals(np.ones([2]).add(1).toArray(), [2, 2]);
});

onStandIn(
  "an error that a later call tells is blamed on the right kernel where launches are waited for",
  (r) => {
    r.device({ sync: true });
    const x = np.ones([5]);
    x.data();
    r.standIn.fail("cuStreamSynchronize:1=719");
    const e = assertThrows(() => x.sin(), DeadDeviceError) as Error;
    assertStringIncludes(e.message, "told by sin [5]");
    r.standIn.revive();
  },
);

onStandIn("ready() is told of errors too", async (r) => {
  const device = r.device();
  np.ones([3]).add(1);
  r.standIn.fail("cuEventQuery:1=719");
  let told: unknown = null;
  await device.ready!().catch((e) => told = e);
  assert(told instanceof DeadDeviceError);
  r.standIn.revive();
});

onStandIn(
  "a device that is not there, or that nothing compiles for, is refused with what helps",
  (r) => {
    const options = { cuda: r.path, nvrtc: r.path, cublas: r.path, cubinCache: "" };
    const e = assertThrows(
      () => createCuda({ ...options, ordinal: 3 }),
      NativeLibraryError,
    ) as Error;
    assertStringIncludes(e.message, "the driver shows 1 device: choose");
    const missing = { ...options, cuda: "/nowhere/libcuda.so.1" };
    assertThrows(() => createCuda(missing), NativeLibraryError, "/nowhere/libcuda.so.1");
    const uncompiled = { ...options, nvrtc: "/nowhere/libnvrtc.so.13" };
    assertThrows(() => createCuda(uncompiled), NativeLibraryError, "libnvrtc");
    assertEquals(r.standIn.counts().contexts, 0);
  },
);

onStandIn("NVRTC that is too new for an old GPU says which one to install", (r) => {
  const options = { cuda: r.path, nvrtc: r.path, cublas: r.path, cubinCache: "" };
  assertThrows(() => createCuda(options), NativeLibraryError, "nvidia-cuda-nvrtc-cu12");
  assertEquals(r.standIn.counts().contexts, 0);
}, { CAPABILITY: "7.0" });
