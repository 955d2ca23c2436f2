/**
 * The WebAssembly that reads CSV: V8 makes three times as many instructions of the same loops in
 * JavaScript, and has no word of eight digits. It knows where cells end and what plain numbers are;
 * everything else is told to be odd, and read by who calls it.
 *
 * @module
 */
import { ModuleBuilder } from "../../wasm/wasm.ts";
import { emitIndex, emitRegular } from "./kernel_index.ts";
import { emitLong } from "./kernel_long.ts";
import { emitNumbers, NUMBER_FORMS, type NumberForm } from "./kernel_numbers.ts";

/** The functions of the kernel; addresses are bytes of its memory. */
export interface CsvKernel extends Record<NumberForm, ReadNumbers> {
  /** Writes where cells end; gives how many do. See `emitIndex`. */
  index(
    at: number,
    end: number,
    delimiter: number,
    quote: number,
    index: number,
    most: number,
  ): number;
  /** How many rows are as they should be. See `emitRegular`. */
  regular(entry: number, count: number, columns: number, delimiter: number, most: number): number;
}

/** Reads the numbers of a column; gives how many cells were odd. See `emitNumbers`. */
export type ReadNumbers = (
  entry: number,
  stride: number,
  rows: number,
  trim: number,
  out: number,
  odd: number,
) => number;

/** Where the kernel finds what `writeNumberTable` and `writeLongTable` wrote. */
export interface KernelTables {
  readonly numbers: number;
  readonly long: number;
}

/**
 * Makes the kernel on a memory of so many pages, which never grows: V8 then checks every access
 * against a constant.
 */
export function csvKernel(
  memory: WebAssembly.Memory,
  pages: number,
  tables: KernelTables,
): CsvKernel {
  const module = new ModuleBuilder({ minimum: pages, maximum: pages });
  emitIndex(module);
  emitRegular(module);
  const long = emitLong(module, tables.long);
  for (const form of NUMBER_FORMS) emitNumbers(module, form, tables.numbers, long);
  const compiled = new WebAssembly.Module(module.bytes());
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return exports as unknown as CsvKernel;
}
