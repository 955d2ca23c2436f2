/**
 * Turns the machine code of a kernel into what runs it: a function for this thread, and what the
 * pool's workers must know of it.
 *
 * @module
 */
import { addressOf, machineCode, MOST_NUMBERS } from "../../../../ffi/mod.ts";
import type { RunKernel } from "../emit.ts";
import type { NativeCode } from "../pool_worker.ts";

/** A kernel that lies in executable memory, for as long as `run` is held by somebody. */
export interface NativeRunner {
  /** Calls it on this thread. */
  readonly run: RunKernel;
  /** The bytes of a {@linkcode Piece} with this `run`: the text of a {@linkcode NativeCode}. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The address of each memory's first byte; a memory of full size never moves. */
const bases = new WeakMap<WebAssembly.Memory, bigint>();

/**
 * Places code of the form `int kernel(const int32_t* numbers, char* memory)`, which must not write
 * outside of the memory. Only where `whyNotNative` has no reason against it.
 *
 * @param count how many numbers a call takes: addresses, and what comes after them
 * @returns null where there is no room for the code, or for so many numbers
 */
export function runnerOf(
  code: Uint8Array,
  count: number,
  memory: WebAssembly.Memory,
): NativeRunner | null {
  const machine = machineCode();
  if (machine === null || count > MOST_NUMBERS) return null;
  const placed = machine.place(code);
  if (placed === null) return null;
  let base = bases.get(memory);
  if (base === undefined) bases.set(memory, base = addressOf(memory.buffer));
  const told: NativeCode = {
    code: `${placed.address}`,
    base: `${base}`,
    library: machine.library,
  };
  return {
    run: machine.bind(placed, count, base),
    bytes: new TextEncoder().encode(JSON.stringify(told)),
  };
}
