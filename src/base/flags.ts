/**
 * The settings of the process: environment variables, read only where that needs no prompt, and
 * their programmatic twins.
 *
 * @module
 */
import { readVariable } from "../../ffi/permissions.ts";
import { formatValue } from "./errors.ts";

/** What `config({ device })` takes. */
export type DeviceSetting = "auto" | "cpu" | "cuda" | `cuda:${number}`;

/** How float32 matrix products may round: `config({ precision })`. */
export type Precision = "float32" | "tf32";

/** The settings that `config` takes. Each has an environment variable of the same meaning. */
export interface Config {
  /**
   * `GLISSADE_DEVICE`: what computes: "auto" (a CPU, until a GPU pays for any work at hand), "cpu",
   * "cuda" (the first GPU), "cuda:1" and so on; one that is not there is an error.
   */
  device: DeviceSetting;
  /** `GLISSADE_CUDA`: path of the CUDA driver library; an error when it cannot be opened. */
  cuda: string | null;
  /** `GLISSADE_NVRTC`: path of NVRTC, which compiles kernels for GPUs; an error when it cannot be. */
  nvrtc: string | null;
  /** `GLISSADE_CUBLAS`: path of cuBLAS, matrix products on GPUs; an error when it cannot be. */
  cublas: string | null;
  /**
   * `GLISSADE_CUDA_SYNC`: true (in the environment 1) waits for each launch on a GPU, so that a kernel
   * that fails is named; slow.
   */
  cudaSync: boolean;
  /** `GLISSADE_CUBIN_CACHE`: folder that keeps what NVRTC compiled; null: the user's cache folder. */
  cubinCache: string | null;
  /**
   * `GLISSADE_PRECISION`: of float32 matrix products on GPUs: "float32", or "tf32", which rounds the
   * factors to 10 bits, which tensor cores do faster. CPUs always compute in float32.
   */
  precision: Precision;
  /**
   * `GLISSADE_THREEFRY_PARTITIONABLE`: false (in the environment 0) draws random bits in the layout
   * that JAX had before 0.5, as its `jax_threefry_partitionable`. Jitted functions that are called
   * after a change are compiled anew.
   */
  threefryPartitionable: boolean;
  /**
   * `GLISSADE_NATIVE`: false (in the environment 0) leaves all kernels of the CPU WebAssembly, and the
   * copies of rows into batches JavaScript. True makes those that take long machine code, where the
   * processor has AVX-512 and the process a bare `--allow-ffi`. Jitted functions that are called
   * after a change are compiled anew.
   */
  native: boolean;
  /**
   * `GLISSADE_BLAS`: "auto" (OpenBLAS where found, but for products that machine code is faster at,
   * unless the library was named), "openblas" (or an error), "builtin".
   */
  blas: "auto" | "openblas" | "builtin";
  /** `GLISSADE_OPENBLAS`: path of the library to open; an error when it cannot be. */
  openblas: string | null;
  /** `GLISSADE_OPENBLAS_URL`: where the library can be fetched; needs `openblasSha256`. */
  openblasUrl: string | null;
  /** `GLISSADE_OPENBLAS_SHA256`: the SHA-256 of that file, in hex. */
  openblasSha256: string | null;
  /**
   * `GLISSADE_THREADS`: threads that kernels and BLAS may use, the calling one among them. Null: as
   * many as there are processors, at most 16, for kernels; as many as it chooses for BLAS.
   */
  threads: number | null;
  /** `GLISSADE_HEAP_BUDGET`: bytes of device memory kept before old results move to the host. */
  heapBudget: number | null;
  /**
   * `GLISSADE_CHECK_NANS`: true (in the environment 1) makes the first step that makes NaN of
   * numbers an error, in every call.
   */
  checkNans: boolean;
  /**
   * `GLISSADE_PASSES_OFF`: names of compiler passes that are left out (in the environment with
   * commas between them); an unknown one is an error that lists them.
   */
  passesOff: readonly string[];
  /** `GLISSADE_CHECK_PASSES`: true (in the environment 1) checks the result of every pass. */
  checkPasses: boolean;
  /**
   * `GLISSADE_DEBUG`: 0 to 5, told on stderr: 1 every compile and why, 2 the time of each step of
   * each call, 3 programs and plans, 4 emitted kernels, 5 every pass.
   */
  debug: number;
}

/** What a setting wants, and how a value from the environment or from code is read as it. */
interface Check<T> {
  readonly want: string;
  /** The value, or undefined when it is not one. */
  readonly read: (value: unknown) => T | undefined;
  /** What a text of the environment says, for `read`; where absent, the text itself. */
  readonly parse?: (text: string) => unknown;
}

const oneOf = <T extends string>(...names: T[]): Check<T> => ({
  want: `one of ${names.join(", ")}`,
  read: (v) => names.includes(v as T) ? v as T : undefined,
});

const text: Check<string | null> = {
  want: "a text or null",
  read: (v) => v === null || (typeof v === "string" && v !== "") ? v : undefined,
};

/** What a device can be called in settings. */
export const DEVICE_NAME = /^(auto|cpu|cuda(:(0|[1-9]\d{0,2}))?)$/;

const device: Check<DeviceSetting> = {
  want: "auto, cpu, cuda, or cuda: with the number of a GPU, as cuda:0",
  read: (v) => {
    const known = typeof v === "string" && DEVICE_NAME.test(v);
    return known ? v as DeviceSetting : undefined;
  },
};

const integer = (low: number, high: number): Check<number> => ({
  want: `an integer in ${low}..${high}`,
  read: (n) => {
    const whole = typeof n === "number" && (Number.isSafeInteger(n) || n === Infinity);
    return whole && n >= low && n <= high ? n : undefined;
  },
  parse: (text) => text.trim() === "" ? NaN : Number(text),
});

const yesOrNo: Check<boolean> = {
  want: "true or false (1 or 0)",
  read: (v) =>
    v === true || v === "1" || v === "true"
      ? true
      : v === false || v === "0" || v === "false"
      ? false
      : undefined,
};

const lists = new Map<string, readonly string[]>();

/** Names, sorted; equal lists are one object, so that they are compared at no cost. */
const names: Check<readonly string[]> = {
  want: "a list of names",
  read: (v) => {
    const given = typeof v === "string" ? v.split(",").map((x) => x.trim()).filter(Boolean) : v;
    if (!Array.isArray(given) || given.some((x) => typeof x !== "string")) return undefined;
    const sorted = [...new Set<string>(given)].sort();
    const key = JSON.stringify(sorted);
    let known = lists.get(key);
    if (known === undefined) lists.set(key, known = Object.freeze(sorted));
    return known;
  },
};

const orNull = <T>(check: Check<T>): Check<T | null> => ({
  ...check,
  want: `${check.want}, or null`,
  read: (v) => v === null ? null : check.read(v),
});

const ROWS: {
  readonly [K in keyof Config]: { env: string; initial: Config[K]; check: Check<Config[K]> };
} = {
  cuda: { env: "GLISSADE_CUDA", initial: null, check: text },
  nvrtc: { env: "GLISSADE_NVRTC", initial: null, check: text },
  cublas: { env: "GLISSADE_CUBLAS", initial: null, check: text },
  cubinCache: { env: "GLISSADE_CUBIN_CACHE", initial: null, check: text },
  cudaSync: { env: "GLISSADE_CUDA_SYNC", initial: false, check: yesOrNo },
  precision: { env: "GLISSADE_PRECISION", initial: "float32", check: oneOf("float32", "tf32") },
  device: { env: "GLISSADE_DEVICE", initial: "auto", check: device },
  native: { env: "GLISSADE_NATIVE", initial: true, check: yesOrNo },
  blas: { env: "GLISSADE_BLAS", initial: "auto", check: oneOf("auto", "openblas", "builtin") },
  openblas: { env: "GLISSADE_OPENBLAS", initial: null, check: text },
  openblasUrl: { env: "GLISSADE_OPENBLAS_URL", initial: null, check: text },
  openblasSha256: { env: "GLISSADE_OPENBLAS_SHA256", initial: null, check: text },
  threads: { env: "GLISSADE_THREADS", initial: null, check: orNull(integer(1, 1024)) },
  heapBudget: { env: "GLISSADE_HEAP_BUDGET", initial: null, check: orNull(integer(0, Infinity)) },
  checkNans: { env: "GLISSADE_CHECK_NANS", initial: false, check: yesOrNo },
  passesOff: { env: "GLISSADE_PASSES_OFF", initial: names.read([])!, check: names },
  checkPasses: { env: "GLISSADE_CHECK_PASSES", initial: false, check: yesOrNo },
  threefryPartitionable: {
    env: "GLISSADE_THREEFRY_PARTITIONABLE",
    initial: true,
    check: yesOrNo,
  },
  debug: { env: "GLISSADE_DEBUG", initial: 0, check: integer(0, 5) },
};

const ROW_KEYS = Object.keys(ROWS) as (keyof Config)[];

const current: Partial<Config> = {};
const listeners: ((key: keyof Config) => void)[] = [];

function set<K extends keyof Config>(
  key: K,
  value: unknown,
  source: string,
  parse: Check<Config[K]>["parse"] = undefined,
): Config[K] {
  const { want, read } = ROWS[key].check;
  const known = read(parse === undefined ? value : parse(value as string));
  if (known === undefined) {
    throw new RangeError(`Cannot set ${source} to ${formatValue(value)}: wanted ${want}`);
  }
  return current[key] = known;
}

/** The value of one setting: as configured, else from the environment, else its default. */
export function flag<K extends keyof Config>(key: K): Config[K] {
  const known = current[key];
  if (known !== undefined) return known as Config[K];
  const row = ROWS[key];
  const env = readVariable(row.env);
  return env === undefined ? current[key] = row.initial : set(key, env, row.env, row.check.parse);
}

/** Registers a function that hears of every changed setting; it may throw to refuse the change. */
export function onConfig(listener: (key: keyof Config) => void): void {
  listeners.push(listener);
}

/**
 * Reads the settings, after changing those given. They are the programmatic twins of the
 * environment variables named in {@link Config}.
 *
 * @param changes settings to change; the others stay
 * @returns all settings now in force
 * @throws {TypeError} for a setting that does not exist, or changes that are no object
 * @throws {RangeError} when a value is not one a setting can have; nothing is changed
 *
 * @example
 * ```ts
 * import { config } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(config({ debug: 0 }).debug, 0);
 * ```
 */
export function config(changes: Partial<Config> = {}): Readonly<Config> {
  return change(changes, (key) => `config.${key}`);
}

/**
 * Sets how many threads kernels and BLAS may use, the calling one among them: the same as
 * `config({ threads: n })` and `GLISSADE_THREADS`. With 1 no worker is ever started. Only large kernels
 * are divided, and results do not depend on the number; a BLAS that is not OpenBLAS keeps to threads
 * of its own, and may round differently.
 *
 * @param n how many; null for as many as there are processors (at most 16; BLAS chooses for itself)
 * @throws {RangeError} when n is not an integer in 1..1024, or null
 *
 * @example
 * ```ts
 * import { config, setThreads } from "glissade";
 * import { assertEquals } from "@std/assert";
 * setThreads(1);
 * assertEquals(config().threads, 1);
 * setThreads(null);
 * ```
 */
export function setThreads(n: number | null): void {
  change({ threads: n }, () => "the number of threads");
}

function change(
  changes: Partial<Config>,
  source: (key: keyof Config) => string,
): Readonly<Config> {
  if (typeof changes !== "object" || changes === null) {
    throw new TypeError(
      `Cannot set ${formatValue(changes)}: give an object of settings, as { threads: 2 }`,
    );
  }
  const keys = Object.keys(changes) as (keyof Config)[];
  for (const key of keys) {
    if (!Object.hasOwn(ROWS, key)) {
      throw new TypeError(
        `Cannot set the unknown setting "${key}": there are ${Object.keys(ROWS).join(", ")}`,
      );
    }
  }
  const before = { ...current };
  try {
    for (const key of keys) set(key, changes[key], source(key));
    // in the order of the table: what cannot be refused is told last, when nothing is undone any more
    for (const key of ROW_KEYS.filter((k) => keys.includes(k))) {
      for (const hear of listeners) hear(key);
    }
  } catch (e) {
    for (const key of keys) delete current[key];
    Object.assign(current, before);
    throw e;
  }
  return Object.fromEntries(
    ROW_KEYS.map((key) => [key, flag(key)]),
  ) as unknown as Config;
}
