/**
 * Builds the stand-in for the CUDA libraries where g++ is: once for each state of its sources, in
 * the system's folder for temporary files, whatever number of test processes ask at once.
 * @module
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const sources = fileURLToPath(new URL("./src", import.meta.url));
const days = 24 * 60 * 60 * 1000;
let built: Promise<string | null> | undefined;
let problem: string | null = null;

/** Set where nothing may be left out for want of a stand-in: in .ci/run. */
export const NO_SKIP = "GLISSADE_TEST_NO_SKIP";

/**
 * The path of the library, which stands for the driver, NVRTC and cuBLAS at once, or null where it
 * cannot be built; `standInProblem` then says why.
 *
 * @throws {Error} If it cannot be built and `GLISSADE_TEST_NO_SKIP` is set.
 */
export function standIn(): Promise<string | null> {
  return built ??= build().then((library) => {
    if (library === null && Deno.env.has(NO_SKIP)) {
      throw new Error(`${problem} (${NO_SKIP} is set, so that no test is left out)`);
    }
    return library;
  });
}

/** Why there is no stand-in, once `standIn` has given null. */
export function standInProblem(): string | null {
  return problem;
}

/**
 * A copy of the library for one test file: what is loaded from another path has a state of its own,
 * so that files which run in threads of one process do not meet.
 *
 * @param machine What machine it pretends to be: what the environment has as `STANDIN_MEMORY` is
 * `MEMORY` here.
 */
export async function ownStandIn(
  machine: Readonly<Record<string, string>> = {},
): Promise<string | null> {
  const library = await standIn();
  if (library === null) return null;
  const own = join(library, "..", `own-${Deno.pid}-${crypto.randomUUID()}.so`);
  await Deno.copyFile(library, own);
  const lines = Object.entries(machine).map(([name, value]) => `${name}=${value}\n`);
  if (lines.length > 0) await Deno.writeTextFile(`${own}.machine`, lines.join(""));
  return own;
}

/** Removes such a copy. */
export async function removeStandIn(own: string): Promise<void> {
  for (const path of [own, `${own}.machine`]) await Deno.remove(path).catch(() => {});
}

/** The library with the address sanitizer in it, to be loaded by a process that preloads its runtime. */
export async function sanitizedStandIn(): Promise<string | null> {
  const library = await standIn();
  if (library === null) return null;
  const sanitized = join(library, "..", "libstandin_asan.so");
  if (!await exists(sanitized)) {
    const making = `${sanitized}.${crypto.randomUUID()}`;
    await compile(libraryArguments(making, ["-O1", "-g", "-fsanitize=address"]));
    await Deno.rename(making, sanitized);
  }
  return sanitized;
}

async function build(): Promise<string | null> {
  const version = await compilerVersion();
  if (version === null) return null;
  const name = "glissade-standin-";
  const folder = join(tmpdir(), name + await hashOfSources(version));
  if (!await exists(join(folder, "libstandin.so"))) {
    const making = `${folder}.${Deno.pid}.${crypto.randomUUID()}`;
    await Deno.mkdir(join(making, "kernels"), { recursive: true });
    try {
      for (const header of ["prelude.h", "runtime.h"]) {
        await Deno.copyFile(join(sources, header), join(making, header));
      }
      await Promise.all([
        compile(libraryArguments(join(making, "libstandin.so"), ["-O1"])),
        compile(hooksArguments(join(making, "hooks.o"))),
      ]);
      // Another process may have been faster: then its folder is the same, and this one goes.
      await Deno.rename(making, folder).catch(() => undefined);
    } catch (error) {
      problem = `Cannot build the stand-in: ${error instanceof Error ? error.message : error}`;
      return null;
    } finally {
      await Deno.remove(making, { recursive: true }).catch(() => undefined);
    }
  }
  if (!await exists(join(folder, "libstandin.so"))) {
    problem = `Cannot build the stand-in in ${folder}: its folder could not be put there`;
    return null;
  }
  await tidy(folder, name);
  return join(folder, "libstandin.so");
}

function libraryArguments(output: string, extra: readonly string[]): string[] {
  const flags = ["-std=c++17", "-fPIC", "-shared", "-fvisibility=hidden", ...extra];
  return [...flags, join(sources, "all.cpp"), "-o", output, "-ldl", "-lpthread"];
}

function hooksArguments(output: string): string[] {
  const flags = [
    "-std=gnu++17",
    "-O2",
    "-fPIC",
    "-fvisibility=hidden",
    "-fno-exceptions",
    "-fno-rtti",
  ];
  return [...flags, "-c", join(sources, "hooks.cpp"), "-o", output];
}

async function compile(args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("g++", { args }).output();
  if (!success) throw new Error(`g++ ${args.join(" ")}\n${new TextDecoder().decode(stderr)}`);
}

async function compilerVersion(): Promise<string | null> {
  if (Deno.build.os !== "linux") {
    problem = "Cannot build the stand-in on this system: it takes Linux";
    return null;
  }
  try {
    const { success, stdout } = await new Deno.Command("g++", { args: ["--version"] }).output();
    if (success) return new TextDecoder().decode(stdout);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  problem = "Cannot build the stand-in without g++: install g++";
  return null;
}

async function hashOfSources(version: string): Promise<string> {
  const names = [...Deno.readDirSync(sources)].map(({ name }) => name).sort();
  const texts = await Promise.all(names.map((name) => Deno.readTextFile(join(sources, name))));
  const all = [version, Deno.build.arch, ...names, ...texts].join("\0");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(all));
  return new Uint8Array(digest).toHex().slice(0, 16);
}

/** Once a day: libraries of other sources, copies for tests, and kernels that are of no use any more. */
async function tidy(folder: string, name: string): Promise<void> {
  const marker = join(folder, "tidied");
  const { mtime } = await Deno.stat(marker).catch(() => ({ mtime: null }));
  if (mtime !== null && Date.now() - mtime.getTime() < days) return;
  await Deno.writeTextFile(marker, "");
  await Deno.utime(folder, new Date(), new Date());
  await forgetOld(tmpdir(), name, 7 * days);
  await forgetOld(folder, "own-", days);
  await forgetOld(join(folder, "kernels"), "", 7 * days);
}

async function forgetOld(folder: string, prefix: string, age: number): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.startsWith(prefix)) continue;
    const path = join(folder, name);
    const { mtime } = await Deno.stat(path).catch(() => ({ mtime: null }));
    if (mtime === null || Date.now() - mtime.getTime() < age) continue;
    await Deno.remove(path, { recursive: true }).catch(() => undefined);
  }
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}
