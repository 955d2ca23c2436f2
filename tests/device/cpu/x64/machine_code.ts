/**
 * The emitter of machine code, for tests.
 *
 * @module
 */
import { addressOf, machineCode } from "../../../../ffi/mod.ts";
import { allocate } from "../../../../src/device/cpu/x64/allocate.ts";
import { MachineCode } from "../../../../src/device/cpu/x64/code.ts";
import { aliasConstants } from "../../../../src/device/cpu/x64/constants.ts";
import type { Listing } from "../../../../src/device/cpu/x64/listing.ts";
import { foldMasks } from "../../../../src/device/cpu/x64/masks.ts";
import { GENERALS, Placed, VECTORS } from "../../../../src/device/cpu/x64/place.ts";
import { emitMachineCode } from "../../../../src/device/cpu/x64/emit.ts";
import { NO_AVX512 } from "../../../ffi/codes.ts";
import type { Emitter } from "../emitter.ts";

/** Kernels as machine code; null for those that are refused. */
export const MACHINE_CODE: Emitter = {
  name: `machine code${NO_AVX512}`,
  ignore: NO_AVX512 !== "",
  picky: true,
  compile(k, memory, pieces, line = false) {
    const made = emitMachineCode(k, pieces, line);
    if (made === null) return null;
    const { code, count, extent, lineUnit } = made;
    const machine = machineCode()!;
    const placed = machine.place(code)!;
    const run = machine.bind(placed, count, addressOf(memory.buffer));
    return { run, extent, lineUnit, free: () => placed.free() };
  },
};

/** The instructions of a function of so many addresses and numbers, as a kernel's are prepared. */
export function listingOf(
  addresses: number,
  numbers: number,
  write: (c: MachineCode) => void,
): Listing {
  const c = new MachineCode(addresses, numbers);
  write(c);
  aliasConstants(c.listing);
  foldMasks(c.listing);
  return c.listing;
}

/** Runs a function that is written by hand once, with its addresses and numbers. */
export function runWritten(
  memory: WebAssembly.Memory,
  addresses: readonly number[],
  numbers: readonly number[],
  write: (c: MachineCode) => void,
): void {
  const listing = listingOf(addresses.length, numbers.length, write);
  const code = new Placed(listing, allocate(listing, VECTORS, GENERALS)).bytes();
  const machine = machineCode()!;
  const placed = machine.place(code)!;
  const count = addresses.length + numbers.length;
  machine.bind(placed, count, addressOf(memory.buffer))(...addresses, ...numbers);
  placed.free();
}
