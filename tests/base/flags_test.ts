/**
 * Settings: from code, from the environment, and never with a prompt.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { type Config, config, onConfig, setThreads } from "../../src/base/flags.ts";

const child = fileURLToPath(new URL("./flags_child.ts", import.meta.url));

async function inChild(flags: string[], env: Record<string, string>): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", ...flags, child],
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return text.decode(stdout).trim() + text.decode(stderr).trim();
}

Deno.test("settings from code stay, others too", () => {
  const before = config();
  assertEquals(config({ debug: 3 }), { ...before, debug: 3 });
  assertEquals(config({ debug: before.debug }), before);
});

Deno.test("a wrong value or an unknown key changes nothing", () => {
  const before = config();
  const e = assertThrows(() => config({ threads: 2, debug: 9 }), RangeError);
  assertEquals(e.message, "Cannot set config.debug to 9: wanted an integer in 0..5");
  assertThrows(() => config({ debug: 2, colour: 1 } as never), TypeError, '"colour"');
  assertThrows(() => config({ blas: "mkl" } as never), RangeError, "auto, openblas, builtin");
  assertThrows(() => config({ threads: 0 }), RangeError);
  assertThrows(() => config({ threads: "3" as never }), RangeError, 'config.threads to "3"');
  assertThrows(() => config({ openblas: "" }), RangeError);
  assertThrows(() => config({ native: "no" } as never), RangeError, "true or false (1 or 0)");
  assertThrows(() => config(2 as never), TypeError, "Cannot set 2: give an object of settings");
  assertThrows(() => config(null as never), TypeError, "Cannot set null");
  assertThrows(() => config({ heapBudget: -1 }), RangeError);
  assertThrows(() => config({ precision: "half" } as never), RangeError, "float32, tf32");
  for (const name of ["gpu", "", "cuda:", "cuda:-1", "cuda:01", "cpu:0", "CUDA", 0, null]) {
    const e = assertThrows(() => config({ device: name as never }), RangeError);
    assert(e.message.endsWith("cuda: with the number of a GPU, as cuda:0"), e.message);
  }
  assertEquals(config(), before);
});

Deno.test("setThreads sets the setting, or says what it wants", () => {
  const before = config().threads;
  setThreads(3);
  assertEquals(config().threads, 3);
  for (const wrong of [0, -1, 1.5, NaN, 1025, "many", "3", undefined, true]) {
    const e = assertThrows(() => setThreads(wrong as number), RangeError) as Error;
    assert(e.message.startsWith("Cannot set the number of threads to "), e.message);
    assert(e.message.endsWith("wanted an integer in 1..1024, or null"), e.message);
  }
  assertEquals(config().threads, 3);
  setThreads(before);
  assertEquals(config().threads, before);
});

Deno.test("a listener that refuses a change undoes it", () => {
  const before = config();
  let refuse = true;
  onConfig((key) => {
    if (key === "openblasSha256" && refuse) throw new Error("refused");
  });
  assertThrows(() => config({ debug: 1, openblasSha256: "ab" }), Error, "refused");
  refuse = false;
  assertEquals(config(), before);
});

Deno.test("every setting has a variable of the environment", async () => {
  const env = {
    GLISSADE_DEVICE: "cuda:1",
    GLISSADE_CUDA: "/b",
    GLISSADE_NVRTC: "/c",
    GLISSADE_CUBLAS: "/d",
    GLISSADE_CUBIN_CACHE: "/e",
    GLISSADE_PRECISION: "tf32",
    GLISSADE_CUDA_SYNC: "true",
    GLISSADE_NATIVE: "0",
    GLISSADE_BLAS: "builtin",
    GLISSADE_OPENBLAS: "/a",
    GLISSADE_OPENBLAS_URL: "http://x/y",
    GLISSADE_OPENBLAS_SHA256: "00",
    GLISSADE_THREADS: "3",
    GLISSADE_HEAP_BUDGET: "1048576",
    GLISSADE_CHECK_NANS: "1",
    GLISSADE_PASSES_OFF: "fuse, common,fuse",
    GLISSADE_CHECK_PASSES: "1",
    GLISSADE_THREEFRY_PARTITIONABLE: "0",
    GLISSADE_DEBUG: "2",
  };
  const want: Config = {
    device: "cuda:1",
    cuda: "/b",
    nvrtc: "/c",
    cublas: "/d",
    cubinCache: "/e",
    precision: "tf32",
    cudaSync: true,
    native: false,
    blas: "builtin",
    openblas: "/a",
    openblasUrl: "http://x/y",
    openblasSha256: "00",
    threads: 3,
    heapBudget: 1048576,
    checkNans: true,
    passesOff: ["common", "fuse"],
    checkPasses: true,
    threefryPartitionable: false,
    debug: 2,
  };
  assertEquals(JSON.parse(await inChild(["--allow-env"], env)), want);
});

Deno.test("a wrong value in the environment is named", async () => {
  const text = await inChild(["--allow-env"], { GLISSADE_DEBUG: "loud" });
  assertStringIncludes(text, 'Cannot set GLISSADE_DEBUG to "loud": wanted an integer in 0..5');
});

Deno.test("without permission the environment is not read, and nobody is asked", async () => {
  const settings = JSON.parse(await inChild([], { GLISSADE_DEBUG: "2" }));
  assertEquals(settings.debug, 0);
  const some = await inChild(["--allow-env=GLISSADE_DEBUG"], {
    GLISSADE_DEBUG: "2",
    GLISSADE_BLAS: "builtin",
  });
  assertEquals([JSON.parse(some).debug, JSON.parse(some).blas], [2, "auto"]);
});
