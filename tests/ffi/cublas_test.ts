/** cuBLAS that only pretends: which versions are taken, which refused, and with what reason. @module */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { dirname } from "node:path";
import { type Asked, openAll, pretendCublas } from "./cuda_children.ts";
import { elfLibrary, returnNumber } from "./elf.ts";

const folder = Deno.makeTempDirSync();
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

function file(name: string, bytes: Uint8Array): string {
  const path = `${folder}/${name}`;
  Deno.mkdirSync(dirname(path), { recursive: true });
  Deno.writeFileSync(path, bytes);
  return path;
}

const ask = (choice: Extract<Asked, { library: "cublas" }>["choice"]): Asked => ({
  library: "cublas",
  choice,
});
const driver = (major: number, minor: number) => ({ version: `${major}.${minor}`, major, minor });

Deno.test("a cuBLAS of the driver's major version is used, and one without 64-bit sizes", async () => {
  const path = file("good/libcublas.so.13", pretendCublas(13));
  const small = { cublasSgemm_v2_64: null, cublasDgemm_v2_64: null };
  const old = file("good/libcublas.so.12", pretendCublas(12, small));
  const [named, among] = await openAll(["-A"], [
    ask({ path }),
    ask({ path: null, candidates: [path, old], driver: driver(12, 4) }),
  ]);
  assertEquals(named!.found, { version: "13.13", path });
  assertEquals(named!.reason, `cuBLAS 13.13 at ${path}`);
  assertEquals(among!.found, { version: "12.12", path: old });
  assertStringIncludes(among!.attempts[0]!.reason, "the driver supports CUDA 12.4");
  assertStringIncludes(among!.attempts[0]!.reason, "pip install nvidia-cublas-cu12");
});

Deno.test("a cuBLAS that lacks functions or its version is refused", async () => {
  const lacks = file("lacks/libcublas.so.13", pretendCublas(13, { cublasSgemm_v2: null }));
  const mute = file(
    "mute/libcublas.so.13",
    pretendCublas(13, { cublasGetProperty: returnNumber(1) }),
  );
  const [first, second] = await openAll(["-A"], [ask({ path: lacks }), ask({ path: mute })]);
  assertStringIncludes(first!.error!, "it does not export cublasSgemm_v2");
  assertStringIncludes(second!.error!, "it does not tell its version");
});

Deno.test("a cuBLAS whose companion is truncated is refused before the loader sees either", async () => {
  const path = file("companion/libcublas.so.13", pretendCublas(13));
  file("companion/libcublasLt.so.13", elfLibrary({ any: returnNumber(0) }).subarray(0, 5000));
  const [told] = await openAll(["-A"], [ask({ path })]);
  assertEquals(told!.attempts.map(({ outcome }) => outcome), ["truncated"]);
  assertStringIncludes(told!.error!, "companion/libcublasLt.so.13, which it needs");
});

Deno.test("a missing or truncated cuBLAS is a reason that names the wheel", async () => {
  const cut = file("cut/libcublas.so.13", pretendCublas(13).subarray(0, 7000));
  const [missing, broken] = await openAll(["-A"], [
    ask({ path: null, candidates: [`${folder}/libcublas.so.13`] }),
    ask({ path: null, candidates: [cut] }),
  ]);
  assertStringIncludes(missing!.reason, "pip install nvidia-cublas, or set GLISSADE_CUBLAS");
  assertEquals(broken!.attempts.map(({ outcome }) => outcome), ["truncated"]);
});
