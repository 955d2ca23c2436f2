/**
 * What a result must say about the machine that it was measured on.
 *
 * @module
 */

/** The machine, without anything that names its owner. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly os: string;
  /** Vector extensions that the kernels of the systems choose by. */
  readonly flags: readonly string[];
}

const vectorFlags = ["avx2", "fma", "avx512f", "avx512_bf16", "amx_tile", "asimd", "sve"];

/** Reads the machine; what the system does not tell is "unknown". */
export function readMachine(): Machine {
  const text = readOr("/proc/cpuinfo", "");
  const field = (name: RegExp): string => name.exec(text)?.[1]?.trim() ?? "";
  const flags = field(/^(?:flags|Features)\s*:(.*)$/m).split(" ");
  return {
    cpu: field(/^model name\s*:(.*)$/m) || `unknown ${Deno.build.arch}`,
    cores: navigator.hardwareConcurrency,
    memoryGiB: Math.round(Deno.systemMemoryInfo().total / 2 ** 30),
    os: `${Deno.build.os} ${Deno.build.arch}`,
    flags: vectorFlags.filter((flag) => flags.includes(flag)),
  };
}

function readOr(path: string, otherwise: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return otherwise;
  }
}

/** The processor's name as a part of a file name. */
export function slug(cpu: string): string {
  return cpu.toLowerCase().replaceAll(/\((?:r|tm)\)/g, "").replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}
