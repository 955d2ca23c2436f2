/** The real compilers of CUDA 12 and 13, and ones that pretend to be too new, too old or alone. @module */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { basename, dirname } from "node:path";
import {
  architectureFor,
  type Compiled,
  compileProgram,
  compileProgramAsync,
  openNvrtc,
  type Source,
} from "../../ffi/mod.ts";
import { wheelFile } from "../standins/wheels.ts";
import { type Asked, openAll, type Opened, pretendNvrtc } from "./cuda_children.ts";
import { returnNumber } from "./elf.ts";

const folder = Deno.makeTempDirSync();
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

function file(name: string, bytes: Uint8Array): string {
  const path = `${folder}/${name}`;
  Deno.mkdirSync(dirname(path), { recursive: true });
  Deno.writeFileSync(path, bytes);
  return path;
}

const scale: Source = {
  source: `extern "C" __global__ void scale(float* x, float by) {
    x[blockIdx.x * blockDim.x + threadIdx.x] *= by;
  }`,
  name: "scale.cu",
  options: [],
};

const target = (architecture: string): Source => ({
  ...scale,
  options: [`--gpu-architecture=${architecture}`, "-default-device"],
});

/** Whether this machine has a toolkit, so that nothing need lie beside anything. */
async function loaderKnows(name: string): Promise<boolean> {
  const { stdout } = await new Deno.Command("/sbin/ldconfig", { args: ["-p"] }).output();
  return new TextDecoder().decode(stdout).includes(name);
}

type Choice = Extract<Asked, { library: "nvrtc" }>["choice"];
const ask = (choice: Choice): Asked => ({ library: "nvrtc", choice });
const one = async (choice: Choice): Promise<Opened> => (await openAll(["-A"], [ask(choice)]))[0]!;

const isElf = ({ cubin }: Compiled): boolean =>
  cubin !== null && new TextDecoder().decode(cubin.subarray(1, 4)) === "ELF";

const real = [
  { version: "12.9", oldest: 50, ...await wheelFile("nvrtc12", "nvrtc12") },
  { version: "13.5", oldest: 75, ...await wheelFile("nvrtc13", "nvrtc13") },
];

for (const { version, oldest, path, reason } of real) {
  const told = Deno.build.os !== "linux" ? " (not here: for Linux only)" : "";
  const why = path === null ? ` (not here: ${reason})` : told;
  const test = (claim: string, fn: () => void | Promise<void>): void =>
    Deno.test({ name: `NVRTC ${version} ${claim}${why}`, ignore: why !== "", fn });

  test("tells its version and what it compiles for", () => {
    const { value, attempts, reason } = openNvrtc({ path });
    assertEquals([value!.version, value!.path], [version, path]);
    assertEquals(`${value!.major}.${value!.minor}`, version);
    assertEquals(value!.archs[0], oldest);
    for (const arch of [80, 90, 120]) assert(value!.archs.includes(arch), `${arch}`);
    assertEquals(attempts.map(({ outcome }) => outcome), ["used"]);
    assertEquals(reason, `NVRTC ${version} at ${path}`);
    assert(openNvrtc({ path }).value === value, "a library is bound once");
  });

  test("makes machine code and text for sm_80 and sm_90", () => {
    const nvrtc = openNvrtc({ path }).value!;
    for (const architecture of ["sm_80", "sm_90"]) {
      const compiled = compileProgram(nvrtc, target(architecture));
      assertEquals([compiled.code, compiled.message, compiled.log], [0, "NVRTC_SUCCESS", ""]);
      assert(isElf(compiled));
      const text = new TextDecoder().decode(compiled.ptx!);
      assertStringIncludes(text, `.target ${architecture}`);
      assertStringIncludes(text, ".visible .entry scale(");
      assert(text.endsWith("\0"));
    }
  });

  test("makes no machine code for compute_80", () => {
    const compiled = compileProgram(openNvrtc({ path }).value!, target("compute_80"));
    assertEquals([compiled.code, compiled.cubin], [0, null]);
    assert(compiled.ptx !== null);
  });

  test("tells errors by the name of the text and its line", () => {
    const nvrtc = openNvrtc({ path }).value!;
    const source = 'extern "C" __global__ void k(float* x) {\n  x[0] = y;\n}';
    const compiled = compileProgram(nvrtc, { ...target("sm_80"), source, name: "gelu.cu" });
    assertEquals([compiled.code, compiled.message], [6, "NVRTC_ERROR_COMPILATION"]);
    assertEquals([compiled.cubin, compiled.ptx], [null, null]);
    assertStringIncludes(compiled.log, 'gelu.cu(2): error: identifier "y" is undefined');
  });

  test("tells which option it does not take", () => {
    const nvrtc = openNvrtc({ path }).value!;
    const compiled = compileProgram(nvrtc, { ...scale, options: ["--no-such-option"] });
    assertEquals([compiled.code, compiled.message], [5, "NVRTC_ERROR_INVALID_OPTION"]);
    assertStringIncludes(compiled.log, "--no-such-option");
  });

  test("gives the same on another thread, two programs at a time", async () => {
    const nvrtc = openNvrtc({ path }).value!;
    const here = ["sm_80", "sm_90"].map((it) => compileProgram(nvrtc, target(it)));
    const there = await Promise.all(
      ["sm_80", "sm_90"].map((it) => compileProgramAsync(nvrtc, target(it))),
    );
    assertEquals(there, here);
    const wrong = await compileProgramAsync(nvrtc, { ...target("sm_80"), source: "wrong" });
    assertEquals(wrong.code, 6);
  });

  // One copy, which is large, goes through all of its states.
  test("without builtins, with truncated ones, or truncated itself is refused", async () => {
    const builtins = `libnvrtc-builtins.so.${version}`;
    const moved = `${folder}/moved${version}/${basename(path!)}`;
    Deno.mkdirSync(dirname(moved));
    Deno.copyFileSync(path!, moved);
    const beside = `${dirname(moved)}/${builtins}`;
    const [alone, among] = await openAll(["-A"], [
      ask({ path: moved }),
      ask({ path: null, candidates: [moved, path!] }),
    ], { LD_LIBRARY_PATH: "" });
    if (await loaderKnows(builtins)) {
      assertEquals(alone!.found?.path, moved);
      return;
    }
    assertStringIncludes(alone!.error!, `it cannot compile without ${builtins}`);
    assertStringIncludes(alone!.error!, "keep both in one folder, or run pip install nvidia-cuda-");
    // The one beside its builtins is found after it.
    assertEquals(among!.found, { version, path });
    assertEquals(among!.attempts.map(({ outcome }) => outcome), ["unsuitable", "used"]);

    Deno.copyFileSync(`${dirname(path!)}/${builtins}`, beside);
    const whole = await one({ path: moved });
    assertEquals(whole.found, { version, path: moved });

    for (const cut of [beside, moved]) {
      Deno.truncateSync(cut, Deno.statSync(cut).size >> 1);
      const { attempts, error } = await one({ path: moved });
      assertEquals(attempts.map(({ outcome }) => outcome), ["truncated"]);
      assertStringIncludes(error!, cut);
      if (cut === beside) Deno.copyFileSync(`${dirname(path!)}/${builtins}`, beside);
    }
  });
}

const both = real.find(({ path }) => path === null);

Deno.test({
  name: `the compilers of both CUDA versions work side by side${
    both ? ` (not here: ${both.reason})` : ""
  }`,
  ignore: both !== undefined || Deno.build.os !== "linux",
  fn: () => {
    const opened = real.map(({ path }) => openNvrtc({ path }).value!);
    const versions = opened.map((nvrtc) => {
      const text = new TextDecoder().decode(compileProgram(nvrtc, target("sm_90")).ptx!);
      return /\.version (\d+)/.exec(text)?.[1];
    });
    assertEquals(versions, ["8", "9"]);
  },
});

const driver = (major: number, minor: number) => ({ version: `${major}.${minor}`, major, minor });

Deno.test("an NVRTC of a later CUDA than the driver's gives way to an earlier one", async () => {
  const new13 = file("new/libnvrtc.so.13", pretendNvrtc([13, 2], 90));
  const old12 = file("new/libnvrtc.so.12", pretendNvrtc([12, 9], 90));
  const [both, alone, named, fitting] = await openAll(["-A"], [
    ask({ path: null, candidates: [new13, old12], driver: driver(12, 4) }),
    ask({ path: null, candidates: [new13], driver: driver(12, 4) }),
    ask({ path: new13, driver: driver(12, 4) }),
    ask({ path: null, candidates: [new13, old12], driver: driver(13, 0) }),
  ]);
  assertEquals(both!.found, { version: "12.9", path: old12 });
  for (const told of [alone!.reason, named!.error!]) {
    assertStringIncludes(told, "NVRTC 13.2 is of CUDA 13 and the driver supports CUDA 12.4");
    assertStringIncludes(told, "update the driver, or run pip install nvidia-cuda-nvrtc-cu12");
  }
  assertEquals(fitting!.found, { version: "13.2", path: new13 });
});

Deno.test("a driver of CUDA 12 is not offered names of CUDA 13", async () => {
  const place = dirname(file("named/libnvrtc.so.13", pretendNvrtc([13, 2], 75)));
  file("named/libnvrtc.so.12", pretendNvrtc([12, 4], 75));
  const [twelve, thirteen] = await openAll(["-A"], [
    ask({ path: null, driver: driver(12, 4) }),
    ask({ path: null, driver: driver(13, 0) }),
  ], { LD_LIBRARY_PATH: place });
  assertEquals(twelve!.found?.path, `${place}/libnvrtc.so.12`);
  assertEquals(thirteen!.found?.path, `${place}/libnvrtc.so.13`);
  assertEquals(twelve!.attempts.length, 1);
});

Deno.test("an NVRTC that has forgotten the device gives way to one that knows it", async () => {
  const young = file("arch/libnvrtc.so.13", pretendNvrtc([13, 2], 75));
  const old = file("arch/libnvrtc.so.12", pretendNvrtc([12, 9], 50));
  const [both, alone] = await openAll(["-A"], [
    ask({ path: null, candidates: [young, old], capability: 70 }),
    ask({ path: null, candidates: [young], capability: 70 }),
  ]);
  assertEquals(both!.found?.path, old);
  assertStringIncludes(alone!.reason, "NVRTC 13.2 compiles for compute capability 7.5 and later");
  assertStringIncludes(alone!.reason, "the device has 7.0: run pip install nvidia-cuda-nvrtc-cu12");
});

Deno.test("an NVRTC that needs no builtins needs none beside it", async () => {
  const [works, fails] = await openAll(["-A"], [
    ask({ path: file("own/libnvrtc.so.13", pretendNvrtc([13, 99], 75)) }),
    ask({
      path: file(
        "own/libnvrtc.so.12",
        pretendNvrtc([12, 99], 75, { nvrtcCompileProgram: returnNumber(7) }),
      ),
    }),
  ]);
  assertEquals(works!.found?.version, "13.99");
  assertStringIncludes(fails!.error!, "it cannot compile without libnvrtc-builtins.so.12.99");
  assertStringIncludes(fails!.error!, "pip install nvidia-cuda-nvrtc-cu12==12.99.*");
});

Deno.test("without an NVRTC the answer names the wheel that fits the driver", async () => {
  const nowhere = [`${folder}/libnvrtc.so.12`];
  const [old, now] = await openAll(["-A"], [
    ask({ path: null, candidates: nowhere, driver: driver(12, 4) }),
    ask({ path: null, candidates: nowhere, driver: driver(13, 0) }),
  ]);
  assertStringIncludes(old!.reason, "pip install nvidia-cuda-nvrtc-cu12, or set GLISSADE_NVRTC");
  assertStringIncludes(now!.reason, "pip install nvidia-cuda-nvrtc, or set GLISSADE_NVRTC");
});

Deno.test("a device gets its own architecture, a relative of its major, or text", () => {
  const archs = [50, 75, 80, 86, 90, 100, 120];
  assertEquals(architectureFor(archs, 90), "sm_90");
  assertEquals(architectureFor(archs, 89), "sm_86");
  assertEquals(architectureFor(archs, 121), "sm_120");
  assertEquals(architectureFor([75, 80, 90], 120), "compute_90");
  assertEquals(architectureFor([50, 75], 61), "compute_50");
  assertEquals(architectureFor([75, 80], 70), null);
  assertEquals(architectureFor([], 90), null);
});

Deno.test("an NVRTC is found in the wheel of a virtual environment", async () => {
  const path = file(
    "env/lib/python3.12/site-packages/nvidia/cu13/lib/libnvrtc.so.13",
    pretendNvrtc([13, 98], 75),
  );
  for (const flags of [["-A"], ["--allow-ffi", "--allow-env"]]) {
    const [opened] = await openAll(flags, [ask({ path: null })], {
      VIRTUAL_ENV: `${folder}/env`,
      LD_LIBRARY_PATH: "",
      CUDA_HOME: "",
      CUDA_PATH: "",
    });
    assertEquals(opened!.found?.path, path);
  }
});
