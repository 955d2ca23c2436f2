import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { config, HostArray, jit, np, type Tensor } from "../../../mod.ts";
import { useDevice } from "../../../src/core/mod.ts";
import { createCuda } from "../../../src/device/cuda/mod.ts";
import { examineCuda } from "../../../src/device/cuda_doctor.ts";
import { runDeno } from "../../whole/children.ts";
import { onStandIn } from "./stand_in.ts";

onStandIn("two devices hold their own, one after the other", (r) => {
  const options = { cuda: r.path, nvrtc: r.path, cublas: r.path, cubinCache: "" };
  const devices = [0, 1].map((ordinal) => createCuda({ ...options, ordinal }));
  assertEquals(devices.map((d) => d.name), ["cuda:0", "cuda:1"]);
  const f = jit((x: Tensor) => x.matmul(x).matmul(x).matmul(x).sum());
  const tensors = devices.map((device, i) => {
    useDevice(device);
    return np.ones([4, 4]).mul(i + 1);
  });
  for (let round = 0; round < 5; round++) {
    devices.forEach((device, i) => {
      useDevice(device);
      assertEquals(f(tensors[i]!).item(), 4 ** 5 * (i + 1) ** 4);
      assertEquals(tensors[i]!.add(round).data()[3], i + 1 + round);
    });
  }
  const [a, b] = devices.map((device) => {
    useDevice(device);
    return np.ones([200, 200]);
  });
  assertThrows(() => a!.add(b!), TypeError, "cuda:1");
}, { DEVICES: "2" });

onStandIn("doctor leaves a device that is in use as it was", (r) => {
  r.device();
  const x = np.ones([3]).add(1);
  assertEquals([...x.data()], [2, 2, 2]);
  const told = examineCuda({ cuda: r.path, nvrtc: r.path, cublas: r.path }).join("\n");
  assertStringIncludes(told, "a kernel compiled for sm_80 loads");
  assertEquals([...x.add(1).data()], [3, 3, 3]);
});

onStandIn("ready() waits beside the program, and calls nothing that blocks", async (r) => {
  const device = r.device();
  const x = np.ones([1000]).add(1).mul(2);
  r.standIn.trace(true);
  await device.ready!();
  const calls = new Set(r.standIn.traced());
  assertEquals([...calls].filter((name) => /Synchronize/.test(name)), []);
  assert(calls.has("cuEventQuery"));
  assertEquals(r.standIn.counts().pending, 0);
  assertEquals(x.data()[5], 4);
  const { events } = r.standIn.counts();
  await Promise.all([device.ready!(), device.ready!()]);
  assertEquals(r.standIn.counts().events, events);
});

onStandIn("without cuBLAS products are the library's own kernels, and both can be chosen", (r) => {
  const device = r.device();
  const { blas } = config();
  const x = np.array(
    new HostArray(Float32Array.from({ length: 70 * 90 }, (_, i) => i % 7), [70, 90]),
  );
  const product = () => {
    device.reconfigure();
    return x.matmul(x.transpose()).data();
  };
  try {
    const want = product();
    assert(r.standIn.calls("cublasSgemm_v2") === 1);
    config({ blas: "builtin" });
    assertEquals(product(), want);
    assertEquals(r.standIn.calls("cublasSgemm_v2"), 1);
    assertEquals(device.describe().blas, "builtin");
    config({ blas });
    assertEquals(product(), want);
    assertEquals(r.standIn.calls("cublasSgemm_v2"), 2);
    assertEquals(r.standIn.counts().handles, 1);
  } finally {
    config({ blas });
  }
});

for (
  const [how, end, code] of [["at its end", "", 0], ["by Deno.exit", "Deno.exit(3);", 3]] as const
) {
  onStandIn(`a program that ends ${how} with work in flight waits for nobody`, async (r) => {
    const main = new URL("../../../mod.ts", import.meta.url);
    const cuda = new URL("../../../src/device/cuda/mod.ts", import.meta.url);
    const core = new URL("../../../src/core/mod.ts", import.meta.url);
    const program = `
      import { np } from "${main}";
      import { useDevice } from "${core}";
      import { createCuda } from "${cuda}";
      const path = ${JSON.stringify(r.path)};
      useDevice(createCuda({ cuda: path, nvrtc: path, cublas: path, cubinCache: "" }));
      let x = np.ones([1000]);
      for (let i = 0; i < 200; i++) x = x.add(1);
      console.log("asked");
      ${end}`;
    // one that waits for good is killed
    const ended = await runDeno({ args: ["eval", program] });
    assertEquals({ ...ended, stderr: "" }, { code, signal: null, stdout: "asked\n", stderr: "" });
  });
}
