/**
 * doctor: what was looked for on this machine, what was found, what will be used, and why not the
 * rest. Run by `deno task doctor`.
 *
 * @module
 */
import {
  cachedBlas,
  describeAttempts,
  granted,
  NativeLibraryError,
  prefetchBlas,
} from "../../ffi/mod.ts";
import { flag } from "../base/flags.ts";
import { hasRelaxedSimd } from "../wasm/relaxed_simd.ts";
import { examineCuda } from "./cuda_doctor.ts";
import { CpuBlas } from "./cpu/blas.ts";
import { createMemory } from "./cpu/memory.ts";
import { Pool, threadsWanted } from "./cpu/pool.ts";
import { whyNotNative } from "./cpu/x64/available.ts";

const indent = (text: string): string => text.split("\n").map((line) => `  ${line}`).join("\n");

/** The report, as text; finding nothing is an answer, not an error. */
async function examine(): Promise<string> {
  const lines = [
    "glissade doctor",
    `system: ${Deno.build.os} ${Deno.build.arch}, ${navigator.hardwareConcurrency} processors, ` +
    `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    `WebAssembly: SIMD, ${hasRelaxedSimd() ? "with" : "without"} relaxed SIMD (fused multiply-add)`,
    `permissions: ffi ${granted({ name: "ffi" }) ? "granted" : "not granted (add --allow-ffi)"}, ` +
    `read ${granted({ name: "read" }) ? "granted" : "not granted"}`,
    `settings: blas ${flag("blas")}, openblas ${flag("openblas") ?? "not set"}, ` +
    `openblasUrl ${flag("openblasUrl") ?? "not set"}, threads ${flag("threads") ?? "not set"}`,
    `settings of CUDA: device ${flag("device")}, precision ${flag("precision")}, ` +
    `cuda ${flag("cuda") ?? "not set"}, nvrtc ${flag("nvrtc") ?? "not set"}, ` +
    `cublas ${flag("cublas") ?? "not set"}, cubinCache ${flag("cubinCache") ?? "not set"}`,
  ];
  const memory = createMemory();
  try {
    const url = flag("openblasUrl");
    const sha256 = flag("openblasSha256");
    if (url !== null && flag("blas") !== "builtin") {
      const file = { url, sha256: sha256 ?? "" };
      if (cachedBlas(file) === null) await prefetchBlas(file);
    }
    const pool = new Pool(memory);
    pool.threads = threadsWanted();
    const cpu = new CpuBlas(memory, () => {}, pool);
    const search = cpu.search();
    const info = cpu.describe();
    lines.push(
      "matrix products, tried in this order:",
      search.attempts.length === 0 ? "  nothing" : indent(describeAttempts(search.attempts)),
      `chosen: ${info.blas} ${info.version}, core type ${info.coreType}, ` +
        `${info.threads} thread${info.threads === 1 ? "" : "s"}`,
      `because: ${info.reason}`,
    );
    if (info.path !== null) lines.push(`path: ${info.path}`);
  } catch (e) {
    if (!(e instanceof NativeLibraryError)) throw e;
    lines.push(`error: ${e.message}`);
  }
  const threads = threadsWanted();
  const why = whyNotNative(memory);
  lines.push(
    why === null
      ? "kernels: machine code (AVX-512) where they take long, else WebAssembly"
      : `kernels: WebAssembly (${why})`,
    `large kernels: on up to ${threads} thread${threads === 1 ? "" : "s"}`,
    ...examineCuda({
      cuda: flag("cuda"),
      nvrtc: flag("nvrtc"),
      cublas: flag("cublas"),
      device: flag("device"),
    }),
  );
  return lines.join("\n");
}

/** The same, or what is wrong with a setting. */
async function report(): Promise<string> {
  try {
    return await examine();
  } catch (e) {
    if (e instanceof RangeError) return `glissade doctor\nerror: ${e.message}`;
    throw e;
  }
}

if (import.meta.main) console.log(await report());
