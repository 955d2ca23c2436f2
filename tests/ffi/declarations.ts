/**
 * Reads the declarations of functions out of a C header, as the preprocessor leaves them: macros give
 * functions of CUDA their `_v2`. Run with headers, it records what our tables name:
 *
 *     deno run -A tests/ffi/declarations.ts cuda_13 path/to/cuda.h
 *     deno run -A tests/ffi/declarations.ts nvrtc_13 path/to/nvrtc.h 13.5
 *
 * @module
 */
import { CUBLAS_SYMBOLS, CUDA_SYMBOLS, NVRTC_SYMBOLS } from "../../ffi/mod.ts";

/** By name, `result(type, type)`, the types as the header spells them. */
export type Declarations = Readonly<Record<string, string>>;

/** What is recorded of a header: its version, and the functions that we name and it declares. */
export interface Recorded {
  readonly version: string;
  readonly functions: Declarations;
}

/** The tables, by the library whose header declares their functions. */
export const TABLES: Readonly<Record<string, Deno.ForeignLibraryInterface>> = {
  cuda: CUDA_SYMBOLS,
  nvrtc: NVRTC_SYMBOLS,
  cublas: CUBLAS_SYMBOLS,
};

/** The exported name of each row of a table. */
export function exportedNames(table: Deno.ForeignLibraryInterface): Set<string> {
  return new Set(
    Object.entries(table).map(([key, row]) => ("name" in row ? row.name : undefined) ?? key),
  );
}

/** Reads a header; it needs a C++ compiler for its preprocessor. */
export async function readHeader(path: string, names: ReadonlySet<string>): Promise<Recorded> {
  const header = await Deno.readTextFile(path);
  const text = (await preprocess(header)).replaceAll(/\s+/g, " ");
  const functions: Record<string, string> = {};
  for (const name of [...names].sort()) {
    const found = new RegExp(`([\\w ]+[ *]+)\\b${name} ?\\(([^;()]*)\\)`).exec(text);
    if (found === null) continue;
    const parameters = found[2]!.split(",").map(typeOfParameter).filter((it) => it !== "void");
    functions[name] = `${tidy(found[1]!.replace(/^.*\bextern\b/, ""))}(${parameters.join(", ")})`;
  }
  return { version: versionOf(header), functions };
}

/** Without other headers: only names of types are wanted, whatever they stand for. */
async function preprocess(header: string): Promise<string> {
  const process = new Deno.Command("g++", {
    args: ["-E", "-P", "-x", "c", "-DCUBLASAPI=", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(header.replaceAll(/^\s*#\s*include.*$/gm, "")));
  await writer.close();
  const { success, stdout, stderr } = await process.output();
  if (!success) throw new Error(`Cannot preprocess: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** A parameter without its name; one that is written as an array is a pointer. */
function typeOfParameter(parameter: string): string {
  const bare = parameter.replaceAll("[]", "*").trim();
  const [, type, , stars] = /^(.*?[\s*])(\w+)\s*(\**)$/.exec(bare) ?? [bare, bare, "", ""];
  const whole = /\b(?:int|char|long|unsigned|void|float|double|size_t)$/.test(bare);
  return tidy(whole ? bare : `${type}${stars}`);
}

function tidy(type: string): string {
  return type.replaceAll(/\bconst\b/g, "").replaceAll(/\s*\*\s*/g, "*").replaceAll(/\s+/g, " ")
    .trim();
}

/** "" where the header does not tell, as nvrtc.h. */
function versionOf(header: string): string {
  const defined = (name: string): number =>
    Number(new RegExp(`#define\\s+${name}\\s+(\\d+)`).exec(header)?.[1] ?? NaN);
  const cuda = defined("CUDA_VERSION");
  if (!Number.isNaN(cuda)) return `${Math.floor(cuda / 1000)}.${cuda % 1000 / 10}`;
  const parts = ["MAJOR", "MINOR", "PATCH"].map((part) => defined(`CUBLAS_VER_${part}`));
  return parts.some(Number.isNaN) ? "" : parts.join(".");
}

if (import.meta.main) {
  const [name, path, version] = Deno.args;
  const read = await readHeader(path!, exportedNames(TABLES[name!.split("_")[0]!]!));
  const recorded = { ...read, version: read.version || version };
  const file = new URL(`declarations/${name}.json`, import.meta.url);
  await Deno.writeTextFile(file, `${JSON.stringify(recorded, null, 2)}\n`);
}
