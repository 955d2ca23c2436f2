import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { config, jit, np, type Tensor } from "../../../mod.ts";
import type { Device } from "../../../src/device/device.ts";
import { onStandIn, type Rig } from "./stand_in.ts";

/** Runs with a folder of its own for compiled kernels. */
function inFolder(use: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync({ prefix: "glissade-cubins-" });
  try {
    use(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Compiles kernels for some new device, and says how often NVRTC ran. */
function compilesOf(r: Rig, cubinCache: string, shape: number[]): number {
  r.device({ cubinCache });
  const before = r.standIn.calls("nvrtcCompileProgram");
  const x = np.ones(shape).add(1);
  assertEquals(x.data().every((v) => v === 2), true);
  return r.standIn.calls("nvrtcCompileProgram") - before;
}

onStandIn("what was compiled once is not compiled again, nor what is not whole trusted", (r) => {
  inFolder((folder) => {
    const first = compilesOf(r, folder, [11]);
    assert(first > 0);
    assertEquals(compilesOf(r, folder, [11]), 0);
    for (const { name } of Deno.readDirSync(folder)) {
      Deno.truncateSync(`${folder}/${name}`, 60);
    }
    assertEquals(compilesOf(r, folder, [11]), first);
    assertEquals(compilesOf(r, folder, [11]), 0);
  });
});

onStandIn("a kept image that the driver refuses is compiled anew", (r) => {
  inFolder((folder) => {
    const first = compilesOf(r, folder, [12]);
    r.standIn.fail("cuModuleLoadDataEx:1=209");
    assertEquals(compilesOf(r, folder, [12]), 1);
    assertEquals(first >= 1, true);
    assertEquals(compilesOf(r, folder, [12]), 0);
  });
});

onStandIn(
  "machine code that the driver refuses is replaced by text that it compiles itself",
  (r) => {
    inFolder((folder) => {
      r.device({ cubinCache: folder });
      r.standIn.fail("cuModuleLoadDataEx:1=209");
      assertEquals(np.ones([13]).add(1).sum().item(), 26);
      r.standIn.fail("cuModuleLoadDataEx:1=209;cuModuleLoadDataEx:2=222");
      assertThrows(() => np.ones([14]).mul(3).data(), Error, "update NVIDIA's driver");
      assertEquals(np.ones([14]).mul(3).sum().item(), 42);
    });
  },
);

onStandIn("all kernels of a call are one program, and equal ones are shared by programs", (r) => {
  inFolder((folder) => {
    r.device({ cubinCache: folder });
    const x = np.ones([7, 9]);
    const compiled = (): number => r.standIn.calls("nvrtcCompileProgram");
    // the products keep the kernels apart
    const three = (x: Tensor) => {
      const y = x.exp().matmul(x.sin().transpose());
      return y.matmul(y.cos()).sum();
    };
    const f = jit(three);
    let before = compiled();
    f(x).item();
    const ran = compiled() - before;
    // the call's own, and the one that delivers its output
    assert(ran === 1 || ran === 2, `${ran} programs`);
    before = compiled();
    jit((x: Tensor) => three(x))(x).item();
    assertEquals(compiled() - before, 0);
  });
});

onStandIn("at GLISSADE_DEBUG=4 texts and times are told", (r) => {
  const told: string[] = [];
  const { error } = console;
  inFolder((folder) => {
    r.device({ cubinCache: folder });
    console.error = (text: string) => void told.push(text);
    config({ debug: 4 });
    try {
      np.ones([17]).tanh().data();
    } finally {
      config({ debug: 0 });
      console.error = error;
    }
  });
  const text = told.filter((t) => /NVRTC compiled/.test(t)).join("\n");
  assertStringIncludes(text, "tanh");
  assertStringIncludes(text, "__global__");
});

onStandIn("a device says what it is and what computes its products", (r) => {
  const device: Device = r.device();
  const info = device.describe();
  assertEquals([info.device, info.blas, info.path, info.threads], ["cuda:0", "cuBLAS", r.path, 6]);
  assertStringIncludes(info.coreType, "H100 of cardboard 0, compute capability 9.0");
  assertStringIncludes(info.reason, "NVRTC");
}, { CAPABILITY: "9.0", NAME: "H100 of cardboard", PROCESSORS: "6" });
