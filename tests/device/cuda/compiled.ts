/**
 * All that programs of users would have compiled, given to NVIDIA's own compilers.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { compileProgramAsync, openNvrtc } from "../../../ffi/mod.ts";
import { DELIVER } from "../../../src/device/cuda/deliver.ts";
import { PRELUDE } from "../../../src/device/cuda/print/mod.ts";
import { wheelFile } from "../../standins/wheels.ts";

/** Kernels of a program, and programs that are compiled at the same time. */
const TOGETHER = 60;
const AT_ONCE = 2;

/** Texts of the kernels that a child process has printed, in programs. */
async function printed(all: boolean): Promise<string[]> {
  const file = await Deno.makeTempFile();
  try {
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "test",
        "-A",
        "--no-check",
        fileURLToPath(new URL("printed_child.ts", import.meta.url)),
      ],
      env: { GLISSADE_TEST_PRINTED: file, ...(all ? { GLISSADE_TEST_ALL: "1" } : {}) },
      stderr: "inherit",
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stdout));
    const texts = JSON.parse(await Deno.readTextFile(file)) as string[];
    assert(texts.length > 300, `only ${texts.length} kernels were printed`);
    const programs = [DELIVER];
    for (let i = 0; i < texts.length; i += TOGETHER) {
      const some = texts.slice(i, i + TOGETHER).map((text, k) => text.replaceAll("NUMBER", `${k}`));
      programs.push([PRELUDE, ...some].join("\n"));
    }
    return programs;
  } finally {
    await Deno.remove(file);
  }
}

/**
 * Compiles every program with each of the compilers, for both architectures or, where that takes too
 * long, for one and the other by turns; returns what they say, which is nothing.
 */
async function logs(
  programs: readonly string[],
  paths: readonly string[],
  both: boolean,
): Promise<string[]> {
  const compilers = paths.map((path) => openNvrtc({ path }).value!);
  const jobs = programs.flatMap((source, i) =>
    compilers.flatMap((nvrtc, c) =>
      [80, 90].filter((sm) => both || sm === ((i + c) % 2 === 0 ? 80 : 90))
        .map((sm) => ({ source, nvrtc, sm }))
    )
  );
  const said: string[] = [];
  const work = async (): Promise<void> => {
    for (let job = jobs.pop(); job !== undefined; job = jobs.pop()) {
      const { source, nvrtc, sm } = job;
      const options = [`--gpu-architecture=sm_${sm}`, "-default-device", "--Ofast-compile=min"];
      const { code, log } = await compileProgramAsync(nvrtc, { source, name: "k.cu", options });
      if (code !== 0 || log.trim() !== "") said.push(`NVRTC ${nvrtc.version}, sm_${sm}: ${log}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return said;
}

/** Registers the test: with all kernels, or with those that differ in kind. */
export async function compiled(all: boolean): Promise<void> {
  const found = await Promise.all([
    wheelFile("nvrtc12", "nvrtc12"),
    wheelFile("nvrtc13", "nvrtc13"),
  ]);
  const missing = found.filter(({ path }) => path === null).map(({ reason }) => reason);
  if (missing.length > 0) console.warn(`NVIDIA's compilers are not asked: ${missing.join("; ")}`);
  const what = all ? "all that the contract and the goldens" : "what layers, models and optimizers";
  Deno.test({
    name: `NVIDIA's compilers of CUDA 12 and 13 take ${what} print, without a word`,
    ignore: missing.length > 0,
    fn: async () => {
      const said = await logs(await printed(all), found.map(({ path }) => path!), all);
      assertEquals(said.map((log) => log.slice(0, 2000)), []);
    },
  });
}
