/**
 * Calls machine code on the fast path of the FFI: as `int code(const int32_t* numbers, char* base)` by
 * way of libc's `bsearch` in one element, which calls its comparison exactly once. A function pointer
 * of Deno's own takes a hundred times as long.
 *
 * @module
 */

import { addressOf } from "./memory.ts";

/** Code where the processor may execute it, until it is freed or nobody holds this object. */
export interface PlacedCode {
  /** Where its first byte is; no longer anything's after `free`. */
  readonly address: bigint;
  /** Gives the memory back, once; no thread may be in the code or call it any more. */
  free(): void;
}

/**
 * Calls code with so many numbers in a row, each as its low 32 bits, and the base that it was bound
 * to. It keeps the code alive.
 */
export type RunCode = (...numbers: number[]) => void;

/**
 * Calls code with the address of numbers, and with that of a memory of JavaScript as its base. It keeps
 * the code alive. Both must be as long as the code takes them to be.
 */
export type RunOnMemory = (
  numbers: Int32Array<ArrayBuffer>,
  memory: ArrayBufferView<ArrayBuffer>,
) => void;

/** Numbers that a call can take at most. */
export const MOST_NUMBERS = 1024;

/** The C library's, its comparison given as an address. */
export type Bsearch = (key: bigint, base: bigint, n: bigint, width: bigint, code: bigint) => void;

/** The `bind` of {@linkcode MachineCode} by a C library's `bsearch`. */
export function callerOf(
  bsearch: Bsearch,
): (code: PlacedCode, count: number, base: bigint) => RunCode {
  // one block for all: code does not call back, so that no call begins within another
  const n = new Int32Array(MOST_NUMBERS);
  const args = addressOf(n);
  const codes = new WeakMap<RunCode, PlacedCode>();
  const go = (base: bigint, at: bigint): void => bsearch(args, base, 1n, 1n, at);
  // Each count has a text of its own, as a call with a list takes several times as long.
  const variant = (at: bigint, count: number, base: bigint): RunCode => {
    switch (count) {
      case 0:
        return () => go(base, at);
      case 1:
        return (a) => {
          n[0] = a!;
          go(base, at);
        };
      case 2:
        return (a, b) => {
          n[0] = a!;
          n[1] = b!;
          go(base, at);
        };
      case 3:
        return (a, b, c) => {
          n[0] = a!;
          n[1] = b!;
          n[2] = c!;
          go(base, at);
        };
      case 4:
        return (a, b, c, d) => {
          n[0] = a!;
          n[1] = b!;
          n[2] = c!;
          n[3] = d!;
          go(base, at);
        };
      case 5:
        return (a, b, c, d, e) => {
          n[0] = a!;
          n[1] = b!;
          n[2] = c!;
          n[3] = d!;
          n[4] = e!;
          go(base, at);
        };
      case 6:
        return (a, b, c, d, e, f) => {
          n[0] = a!;
          n[1] = b!;
          n[2] = c!;
          n[3] = d!;
          n[4] = e!;
          n[5] = f!;
          go(base, at);
        };
      case 7:
        return (a, b, c, d, e, f, g) => {
          n[0] = a!;
          n[1] = b!;
          n[2] = c!;
          n[3] = d!;
          n[4] = e!;
          n[5] = f!;
          n[6] = g!;
          go(base, at);
        };
      case 8:
        return (a, b, c, d, e, f, g, h) => {
          n[0] = a!;
          n[1] = b!;
          n[2] = c!;
          n[3] = d!;
          n[4] = e!;
          n[5] = f!;
          n[6] = g!;
          n[7] = h!;
          go(base, at);
        };
      case 9:
        return (a, b, c, d, e, f, g, h, i) => {
          n[0] = a!;
          n[1] = b!;
          n[2] = c!;
          n[3] = d!;
          n[4] = e!;
          n[5] = f!;
          n[6] = g!;
          n[7] = h!;
          n[8] = i!;
          go(base, at);
        };
      case 10:
        return (a, b, c, d, e, f, g, h, i, j) => {
          n[0] = a!;
          n[1] = b!;
          n[2] = c!;
          n[3] = d!;
          n[4] = e!;
          n[5] = f!;
          n[6] = g!;
          n[7] = h!;
          n[8] = i!;
          n[9] = j!;
          go(base, at);
        };
      case 11:
        return (a, b, c, d, e, f, g, h, i, j, k) => {
          n[0] = a!;
          n[1] = b!;
          n[2] = c!;
          n[3] = d!;
          n[4] = e!;
          n[5] = f!;
          n[6] = g!;
          n[7] = h!;
          n[8] = i!;
          n[9] = j!;
          n[10] = k!;
          go(base, at);
        };
      case 12:
        return (a, b, c, d, e, f, g, h, i, j, k, l) => {
          n[0] = a!;
          n[1] = b!;
          n[2] = c!;
          n[3] = d!;
          n[4] = e!;
          n[5] = f!;
          n[6] = g!;
          n[7] = h!;
          n[8] = i!;
          n[9] = j!;
          n[10] = k!;
          n[11] = l!;
          go(base, at);
        };
      default:
        return (...all) => {
          for (let i = 0; i < count; i++) n[i] = all[i]!;
          go(base, at);
        };
    }
  };
  return (code, count, base) => {
    if (count > MOST_NUMBERS) {
      throw new RangeError(
        `Cannot call code with ${count} numbers: at most ${MOST_NUMBERS} are wanted`,
      );
    }
    const run = variant(code.address, count, base);
    codes.set(run, code);
    return run;
  };
}
