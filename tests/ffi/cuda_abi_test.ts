/**
 * The tables of CUDA's functions against the vendor's headers: recorded declarations always, and the
 * headers themselves where their wheels can be had. cuBLAS' headers come with 500 MB, so they are
 * recorded only.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { wheelFile } from "../standins/wheels.ts";
import cublas12 from "./declarations/cublas_12.json" with { type: "json" };
import cublas13 from "./declarations/cublas_13.json" with { type: "json" };
import cuda12 from "./declarations/cuda_12.json" with { type: "json" };
import cuda13 from "./declarations/cuda_13.json" with { type: "json" };
import nvrtc12 from "./declarations/nvrtc_12.json" with { type: "json" };
import nvrtc13 from "./declarations/nvrtc_13.json" with { type: "json" };
import { exportedNames, readHeader, type Recorded, TABLES } from "./declarations.ts";

const numbers: Readonly<Record<string, string>> = {
  "int": "i32",
  "CUdevice": "i32",
  "unsigned int": "u32",
  "unsigned char": "u8",
  "unsigned long long": "u64",
  "long long int": "i64",
  "int64_t": "i64",
  "size_t": "usize",
  "CUdeviceptr": "usize",
};

/** Pointers to structures that nobody sees. */
const handles =
  /^(?:CU(?:context|stream|event|module|function|graph|graphExec|graphNode))$|^(?:cudaStream_t|cublasHandle_t|nvrtcProgram)$/;

/** C makes enums `int`. */
const enums =
  /^(?:CUresult|CU\w+_attribute|CUstreamCaptureMode|nvrtcResult|libraryPropertyType|cudaDataType|cublas\w+_t)$/;

/** How a C type may stand in a table. */
function allowed(type: string): readonly string[] {
  if (type.endsWith("*")) return ["buffer", "usize"];
  const number = numbers[type];
  if (number !== undefined) return [number];
  if (handles.test(type)) return ["usize"];
  if (enums.test(type)) return ["i32"];
  throw new Error(`Cannot compare ${type}: its width is not known: add it to this test`);
}

interface Difference {
  readonly name: string;
  readonly ours: string;
  readonly declared: string;
}

/** Where a table departs from what a header declares; functions that it does not declare are left out. */
function differences(
  table: Deno.ForeignLibraryInterface,
  declared: Readonly<Record<string, string>>,
): Difference[] {
  return Object.entries(table).flatMap(([key, row]) => {
    const name = ("name" in row ? row.name : undefined) ?? key;
    const declaration = declared[name];
    if (declaration === undefined || !("parameters" in row)) return [];
    const [, result, list] = /^(.*?)\((.*)\)$/.exec(declaration)!;
    const types = list === "" ? [] : list!.split(", ");
    const same = types.length === row.parameters.length &&
      allowed(result!).includes(row.result as string) &&
      types.every((type, i) => allowed(type).includes(row.parameters[i] as string));
    const ours = `${row.result}(${row.parameters.join(", ")})`;
    return same ? [] : [{ name, ours, declared: declaration }];
  });
}

const recorded: Readonly<Record<string, readonly Recorded[]>> = {
  cuda: [cuda12, cuda13],
  nvrtc: [nvrtc12, nvrtc13],
  cublas: [cublas12, cublas13],
};

for (const [library, headers] of Object.entries(recorded)) {
  const table = TABLES[library]!;
  for (const { version, functions } of headers) {
    Deno.test(`every row of the table of ${library} has the types that ${version} declares`, () => {
      assertEquals(differences(table, functions), []);
    });
  }
  Deno.test(`every row of the table of ${library} is declared in a header`, () => {
    const known = headers.flatMap(({ functions }) => Object.keys(functions));
    assertEquals([...exportedNames(table)].filter((name) => !known.includes(name)), []);
  });
}

Deno.test("a row with another width, another kind or another number of parameters is a difference", () => {
  const declared = { f: "CUresult(CUdeviceptr, size_t, int, void*)" };
  const row = (...parameters: Deno.NativeType[]): Difference[] =>
    differences({ f: { parameters, result: "i32" } }, declared);
  assertEquals(row("usize", "usize", "i32", "buffer"), []);
  assertEquals(row("usize", "usize", "i32", "usize"), []);
  assertEquals(row("usize", "usize", "i64", "buffer").length, 1);
  assertEquals(row("usize", "usize", "u32", "buffer").length, 1);
  assertEquals(row("buffer", "usize", "i32", "buffer").length, 1);
  assertEquals(row("usize", "u32", "i32", "buffer").length, 1);
  assertEquals(row("usize", "usize", "i32").length, 1);
  assertEquals(row("usize", "usize", "i32", "buffer", "i32").length, 1);
  const elsewhere = differences({ f: { parameters: [], result: "i64" } }, { f: "CUresult()" });
  assertEquals(elsewhere.length, 1);
});

const headers = [
  ["cuda", cuda12, await wheelFile("headers12", "cudaHeader12")],
  ["cuda", cuda13, await wheelFile("headers13", "cudaHeader13")],
  ["nvrtc", nvrtc12, await wheelFile("nvrtc12", "nvrtcHeader12")],
  ["nvrtc", nvrtc13, await wheelFile("nvrtc13", "nvrtcHeader13")],
] as const;

const compiler = await new Deno.Command("g++", { args: ["--version"] }).output().then(
  ({ success }) => success,
  () => false,
);

for (const [library, known, { path, reason }] of headers) {
  const why = path === null ? reason : compiler ? "" : "there is no g++";
  const told = why === "" ? "" : ` (not here: ${why})`;
  Deno.test({
    name: `what is recorded of ${library} ${known.version} is what its header says${told}`,
    ignore: why !== "",
    fn: async () => {
      const read = await readHeader(path!, exportedNames(TABLES[library]!));
      assert(Object.keys(read.functions).length > 10);
      assertEquals(read.functions, known.functions);
      if (read.version !== "") assertEquals(read.version, known.version);
    },
  });
}
