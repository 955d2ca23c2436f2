/** Where CUDA's libraries are looked for, on machines that are made up. @module */
import { assert, assertEquals } from "@std/assert";
import {
  cublasCandidates,
  driverCandidates,
  majorsFor,
  nvrtcCandidates,
  type Surroundings,
} from "../../ffi/cuda_places.ts";

interface Machine {
  readonly os?: Surroundings["os"];
  readonly arch?: Surroundings["arch"];
  readonly variables?: Readonly<Record<string, string>>;
  /** Names by folder; without it no folder can be read. */
  readonly folders?: Readonly<Record<string, readonly string[]>>;
}

function machine(
  { os = "linux", arch = "x86_64", variables = {}, folders }: Machine,
): Surroundings {
  return {
    os,
    arch,
    variable: (name) => variables[name],
    list: (folder) => folders === undefined ? null : folders[folder] ?? [],
  };
}

/** Asserts that all of these are candidates, in this order. */
function inOrder(candidates: readonly string[], wanted: readonly string[]): void {
  const places = wanted.map((one) => candidates.indexOf(one));
  assert(!places.includes(-1), `${wanted[places.indexOf(-1)]} is not in ${candidates.join("\n")}`);
  assertEquals(places, places.toSorted((a, b) => a - b));
}

Deno.test("the driver is looked for by its numbered name alone, the loader's own search last", () => {
  const found = driverCandidates(
    machine({ variables: { LD_LIBRARY_PATH: "/first:relative:/next" } }),
  );
  inOrder(found, [
    "/first/libcuda.so.1",
    "/next/libcuda.so.1",
    "/usr/lib/wsl/lib/libcuda.so.1",
    "/usr/lib/x86_64-linux-gnu/libcuda.so.1",
    "/usr/lib64/libcuda.so.1",
    "libcuda.so.1",
  ]);
  assert(found.every((path) => path.endsWith("libcuda.so.1")));
  assert(!found.some((path) => path.includes("relative") || path.includes("stubs")));
  assertEquals(found.at(-1), "libcuda.so.1");
});

Deno.test("on arm64 the driver is looked for in that system's folders", () => {
  inOrder(driverCandidates(machine({ arch: "aarch64" })), [
    "/usr/lib/aarch64-linux-gnu/libcuda.so.1",
    "/usr/lib/aarch64-linux-gnu/tegra/libcuda.so.1",
  ]);
});

Deno.test("NVRTC is looked for where the user points to, then in toolkits, then in wheels", () => {
  const found = nvrtcCandidates(
    [13, 12],
    machine({
      variables: {
        LD_LIBRARY_PATH: "/told",
        CUDA_HOME: "/toolkit",
        CUDA_PATH: "/other",
        VIRTUAL_ENV: "/env",
        CONDA_PREFIX: "/conda",
        HOME: "/mine",
      },
      folders: {
        "/env/lib": ["python3.12"],
        "/conda/lib": ["python3.11", "libz.so"],
        "/mine/.local/lib": ["python3.9", "python3.13"],
        "/usr/lib": ["python3", "python3.11", "python2.7"],
      },
    }),
  );
  inOrder(found, [
    "/told/libnvrtc.so.13",
    "/told/libnvrtc.so.12",
    "/toolkit/lib64/libnvrtc.so.13",
    "/toolkit/targets/x86_64-linux/lib/libnvrtc.so.12",
    "/other/lib64/libnvrtc.so.13",
    "/env/lib/python3.12/site-packages/nvidia/cu13/lib/libnvrtc.so.13",
    "/env/lib/python3.12/site-packages/nvidia/cuda_nvrtc/lib/libnvrtc.so.12",
    "/conda/lib/libnvrtc.so.13",
    "/conda/targets/x86_64-linux/lib/libnvrtc.so.13",
    "/conda/lib/python3.11/site-packages/nvidia/cuda_nvrtc/lib/libnvrtc.so.12",
    "/usr/local/cuda/lib64/libnvrtc.so.13",
    "/usr/lib/x86_64-linux-gnu/libnvrtc.so.12",
    "/mine/.local/lib/python3.13/site-packages/nvidia/cu13/lib/libnvrtc.so.13",
    "/mine/.local/lib/python3.9/site-packages/nvidia/cu13/lib/libnvrtc.so.13",
    "/usr/lib/python3.11/dist-packages/nvidia/cu13/lib/libnvrtc.so.13",
    "/usr/lib/python3/dist-packages/nvidia/cu13/lib/libnvrtc.so.13",
    "libnvrtc.so.13",
    "libnvrtc.so.12",
  ]);
  assert(!found.some((path) => path.includes("python2")));
  assertEquals(new Set(found).size, found.length, "nothing is tried twice");
});

Deno.test("where folders cannot be read, the likely Pythons are tried", () => {
  inOrder(nvrtcCandidates([13], machine({ variables: { VIRTUAL_ENV: "/env" } })), [
    "/env/lib/python3.13/site-packages/nvidia/cu13/lib/libnvrtc.so.13",
    "/env/lib/python3.10/site-packages/nvidia/cu13/lib/libnvrtc.so.13",
  ]);
});

Deno.test("cuBLAS of CUDA 12 lies in its own wheel", () => {
  const found = cublasCandidates(
    [12],
    machine({ variables: { VIRTUAL_ENV: "/env" }, folders: { "/env/lib": ["python3.12"] } }),
  );
  inOrder(found, [
    "/env/lib/python3.12/site-packages/nvidia/cublas/lib/libcublas.so.12",
    "/usr/local/cuda/lib64/libcublas.so.12",
    "libcublas.so.12",
  ]);
  assert(!found.some((path) => path.endsWith(".13")));
});

Deno.test("on Windows libraries have the names and folders of Windows", () => {
  const windows = machine({
    os: "windows",
    variables: {
      SystemRoot: "C:\\Windows",
      CUDA_PATH: "D:\\toolkit",
      VIRTUAL_ENV: "D:\\env",
      CONDA_PREFIX: "D:\\conda",
      ProgramFiles: "C:\\Program Files",
      APPDATA: "C:\\roaming",
    },
    folders: {
      "C:\\Program Files\\NVIDIA GPU Computing Toolkit\\CUDA": ["v12.9", "v13.2"],
      "C:\\roaming\\Python": ["Python312", "Scripts"],
    },
  });
  assertEquals(driverCandidates(windows), ["C:\\Windows\\System32\\nvcuda.dll", "nvcuda.dll"]);
  const toolkits = "C:\\Program Files\\NVIDIA GPU Computing Toolkit\\CUDA";
  const found = nvrtcCandidates([13, 12], windows);
  inOrder(found, [
    "D:\\toolkit\\bin\\x64\\nvrtc64_130_0.dll",
    "D:\\toolkit\\bin\\nvrtc64_120_0.dll",
    "D:\\env\\Lib\\site-packages\\nvidia\\cu13\\bin\\x86_64\\nvrtc64_130_0.dll",
    "D:\\env\\Lib\\site-packages\\nvidia\\cuda_nvrtc\\bin\\nvrtc64_120_0.dll",
    "D:\\conda\\Library\\bin\\nvrtc64_120_0.dll",
    `${toolkits}\\v13.2\\bin\\x64\\nvrtc64_130_0.dll`,
    `${toolkits}\\v12.9\\bin\\nvrtc64_120_0.dll`,
    "C:\\roaming\\Python\\Python312\\site-packages\\nvidia\\cu13\\bin\\x86_64\\nvrtc64_130_0.dll",
    "nvrtc64_130_0.dll",
    "nvrtc64_120_0.dll",
  ]);
  assert(!found.some((path) => path.includes("Scripts") || path.includes("/")));
  inOrder(cublasCandidates([13, 12], windows), [
    "D:\\toolkit\\bin\\x64\\cublas64_13.dll",
    "D:\\env\\Lib\\site-packages\\nvidia\\cublas\\bin\\cublas64_12.dll",
    "cublas64_13.dll",
  ]);
});

Deno.test("on macOS nothing is looked for", () => {
  const mac = machine({ os: "darwin", arch: "aarch64", variables: { HOME: "/mine" } });
  assertEquals(
    [driverCandidates(mac), nvrtcCandidates([13, 12], mac), cublasCandidates([13, 12], mac)],
    [[], [], []],
  );
});

Deno.test("a driver takes libraries of its own major version and of earlier ones", () => {
  assertEquals(majorsFor(null), [13, 12]);
  assertEquals(majorsFor(14), [13, 12]);
  assertEquals(majorsFor(13), [13, 12]);
  assertEquals(majorsFor(12), [12]);
  assertEquals(majorsFor(11), []);
});
