/** What a search says of broken, odd and refused libraries; each is opened in a child process. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { search } from "./children.ts";
import { doNothing, elfLibrary, returnString, scaleOne } from "./elf.ts";

const folder = Deno.makeTempDirSync();
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

function file(name: string, bytes: Uint8Array): string {
  const path = `${folder}/${name}`;
  Deno.writeFileSync(path, bytes);
  return path;
}

/** Asked for by chance it is a null BLAS with a reason, asked for by name an error. */
async function refused(path: string, outcome: string, reason: string): Promise<void> {
  for (const flags of [["-A"], ["--allow-ffi"]]) {
    const [auto, named, only] = await search(flags, [
      { mode: "auto", candidates: [path] },
      { mode: "auto", path },
      { mode: "openblas", candidates: [path] },
    ]);
    const label = flags.join();
    assertEquals(auto!.blas, null, label);
    assertEquals(auto!.attempts.map((attempt) => attempt.outcome), [outcome], label);
    if (outcome !== "missing") assertStringIncludes(auto!.reason, path, label);
    assertStringIncludes(auto!.attempts[0]!.reason, reason, label);
    assertStringIncludes(named!.error!, `Cannot use ${path} as BLAS`, label);
    assertStringIncludes(named!.error!, reason, label);
    assertStringIncludes(only!.error!, "Cannot find a BLAS", label);
  }
}

const gemms = { cblas_sgemm: doNothing, cblas_dgemm: doNothing };
const text = new TextEncoder();

Deno.test("a missing library is a reason", () => {
  return refused(`${folder}/libmissing.so`, "missing", "no such file");
});

Deno.test("a folder is a reason", () => {
  Deno.mkdirSync(`${folder}/libfolder.so`);
  return refused(`${folder}/libfolder.so`, "corrupt", "not a regular file");
});

Deno.test("a pipe is a reason and does not hang", async () => {
  const path = `${folder}/libpipe.so`;
  assert((await new Deno.Command("mkfifo", { args: [path] }).output()).success);
  await refused(path, "corrupt", "not a regular file");
});

Deno.test("an empty file is a reason", () => {
  return refused(file("libempty.so", new Uint8Array()), "corrupt", "empty");
});

Deno.test("a file of something else is a reason", () => {
  const junk = text.encode("junk, and more of it\n".repeat(1000));
  return refused(file("libjunk.so", junk), "corrupt", "not a shared library");
});

Deno.test("a library with broken headers is a reason", async () => {
  const bytes = elfLibrary(gemms);
  bytes.fill(0, 16 + 16 * 3);
  bytes[54] = 1;
  await refused(file("libbroken.so", bytes), "corrupt", "program headers");
});

Deno.test("a program that is no library is a reason", () => {
  const bytes = elfLibrary(gemms);
  bytes[16] = 2;
  return refused(file("libprogram.so", bytes), "corrupt", "not a shared library");
});

for (const keep of [1, 19, 63, 200, 4096, 0.5, 0.999]) {
  Deno.test(`a library cut after ${keep < 1 ? `${keep} of it` : `${keep} bytes`} is a reason`, () => {
    const bytes = elfLibrary(gemms);
    const length = keep < 1 ? Math.floor(bytes.length * keep) : keep;
    const path = file(`libcut${length}.so`, bytes.subarray(0, length));
    return length < 4
      ? refused(path, "corrupt", "not a shared library")
      : refused(path, "truncated", `${length} bytes`);
  });
}

Deno.test("a library for another processor is a reason", async () => {
  const other = elfLibrary(gemms);
  new DataView(other.buffer).setUint16(18, Deno.build.arch === "aarch64" ? 62 : 183, true);
  await refused(file("libother.so", other), "foreign", `this machine is ${Deno.build.arch}`);
  const narrow = elfLibrary(gemms);
  narrow[4] = 1;
  await refused(file("libnarrow.so", narrow), "foreign", "32-bit");
});

Deno.test("a library for another system is a reason", async () => {
  const machO = new Uint8Array(4096);
  new DataView(machO.buffer).setUint32(0, 0xfeedfacf, true);
  await refused(file("lib.dylib", machO), "foreign", "Mach-O");
  await refused(file("lib.dll", text.encode("MZ".padEnd(512))), "foreign", "PE");
});

Deno.test("a library without the symbols is a reason that names them", async () => {
  await refused(file("libnone.so", elfLibrary({})), "unsuitable", "cblas_sgemm and cblas_dgemm");
  const half = file("libhalf.so", elfLibrary({ cblas_sgemm: doNothing }));
  await refused(half, "unsuitable", "does not export cblas_dgemm");
});

Deno.test("a build with 64-bit integers is a reason, however it tells", async () => {
  const suffixed = elfLibrary({ cblas_sgemm64_: doNothing, cblas_dgemm64_: doNothing });
  await refused(file("lib64suffix.so", suffixed), "unsuitable", "64-bit integers");
  const config = returnString("OpenBLAS 0.3.21 USE64BITINT DYNAMIC_ARCH");
  const told = elfLibrary({ ...gemms, openblas_get_config: config });
  await refused(file("lib64config.so", told), "unsuitable", "64-bit integers");
  const silent = elfLibrary({ ...gemms, cblas_sscal: scaleOne(64) });
  await refused(file("lib64silent.so", silent), "unsuitable", "64-bit integers");
});

Deno.test("a library that computes wrongly is a reason", () => {
  const wrong = elfLibrary({ ...gemms, cblas_sscal: scaleOne(32) });
  return refused(file("libwrong.so", wrong), "unsuitable", "its self-test failed: sgemm");
});

Deno.test("a truncated library keeps its bare name from the loader", async () => {
  const bytes = elfLibrary(gemms);
  file("libopenblas.so.0", bytes.subarray(0, 5000));
  const path = `${folder}/libopenblas.so.0`;
  for (const flags of [["-A"], ["--allow-ffi"]]) {
    const [told] = await search(
      flags,
      [{ mode: "auto", candidates: [path, "libopenblas.so.0"] }],
      { LD_LIBRARY_PATH: folder },
    );
    assertEquals(told!.attempts.map((attempt) => attempt.outcome), ["truncated", "truncated"]);
  }
  const [usual] = await search(["-A"], [{ mode: "auto" }], { LD_LIBRARY_PATH: folder });
  assert(usual!.attempts.some((it) => it.candidate === path && it.outcome === "truncated"));
});

Deno.test("a bare name that the loader does not know is a reason", async () => {
  const [auto, named] = await search(["--allow-ffi"], [
    { mode: "auto", candidates: ["libglissade_has_none.so.0"] },
    { mode: "auto", path: "libglissade_has_none.so.0" },
  ]);
  assertEquals(auto!.attempts[0]!.outcome, "missing");
  assertStringIncludes(auto!.reason, "install OpenBLAS");
  assertStringIncludes(named!.error!, "libglissade_has_none.so.0");
});

Deno.test("without the ffi permission nothing is opened and nothing is asked", async () => {
  const path = file("libwhole.so", elfLibrary(gemms));
  for (const flags of [[], ["--deny-ffi", "--allow-read"], ["-A", "--deny-ffi"]]) {
    const [auto, named, only] = await search(flags, [
      { mode: "auto" },
      { mode: "auto", path },
      { mode: "openblas" },
    ]);
    assertEquals(auto!.blas, null);
    assertEquals(new Set(auto!.attempts.map((it) => it.outcome)), new Set(["denied"]));
    assertStringIncludes(auto!.reason, "run with --allow-ffi");
    assertStringIncludes(named!.error!, "run with --allow-ffi");
    assertStringIncludes(only!.error!, "run with --allow-ffi");
  }
});

Deno.test("a scoped ffi permission that cannot check the file says what to grant", async () => {
  const path = file("libscoped.so", elfLibrary(gemms));
  const [blind] = await search([`--allow-ffi=${path}`], [{ mode: "auto", candidates: [path] }]);
  assertEquals(blind!.attempts.map((it) => it.outcome), ["denied"]);
  assertStringIncludes(blind!.attempts[0]!.reason, `--allow-read=${path}`);
  const flags = [`--allow-ffi=${path}`, `--allow-read=${path}`];
  const [unable] = await search(flags, [{ mode: "auto", candidates: [path] }]);
  assertEquals(unable!.attempts.map((it) => it.outcome), ["denied"]);
  assertStringIncludes(unable!.attempts[0]!.reason, "run with a bare --allow-ffi");
});

Deno.test("nothing asks for a permission where a terminal could answer", async () => {
  const child = new URL("find_blas_child.ts", import.meta.url).pathname;
  const options = JSON.stringify([{ mode: "auto" }]);
  const { code, stdout } = await new Deno.Command("script", {
    args: ["-qec", `"${Deno.execPath()}" run --no-lock "${child}" '${options}'`, "/dev/null"],
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  const shown = new TextDecoder().decode(stdout);
  assertEquals(code, 0, shown);
  assert(!shown.includes("Allow?"), shown);
  assertStringIncludes(shown, "run with --allow-ffi");
});
