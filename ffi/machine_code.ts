/**
 * Machine code in memory: copies bytes where the processor may execute them, and calls them. Only where
 * calls are those of System V on x86-64, and under a bare `--allow-ffi`; nothing is opened before it is
 * asked for.
 *
 * @module
 */

import { callerOf, type PlacedCode, type RunCode, type RunOnMemory } from "./call_code.ts";
import { openLibc } from "./libc.ts";
import { granted } from "./permissions.ts";

/** Puts machine code into memory and calls it. */
export interface MachineCode {
  /** The C library that calls it, for other threads to open. */
  readonly library: string;
  /** Whether the system has refused executable memory. */
  readonly refused: boolean;
  /**
   * Copies code into executable memory, which is never writable and executable at once. Null where the
   * system refuses, then for ever, or where there would be more than 64 MiB of it.
   */
  place(bytes: Uint8Array): PlacedCode | null;
  /**
   * The function that calls placed code on this thread, with `count` numbers.
   *
   * @throws {RangeError} if `count` is more than 1024
   */
  bind(code: PlacedCode, count: number, base: bigint): RunCode;
  /** The function that calls placed code on this thread, with a block of numbers and a memory each. */
  bindOnMemory(code: PlacedCode): RunOnMemory;
}

const PAGE = 4096;
const MOST_BYTES = 64 << 20;
const [READ, WRITE, EXECUTE] = [1, 2, 4] as const;
const PRIVATE = 2;
const ANONYMOUS = Deno.build.os === "darwin" ? 0x1000 : 0x20;
const FAILED = (1n << 64n) - 1n;

const symbols = {
  mmap: { parameters: ["usize", "usize", "i32", "i32", "i32", "i64"], result: "usize" },
  mprotect: { parameters: ["usize", "usize", "i32"], result: "i32" },
  munmap: { parameters: ["usize", "usize"], result: "i32" },
  memcpy: { parameters: ["usize", "buffer", "usize"], result: "void" },
  bsearch: { parameters: ["usize", "usize", "usize", "usize", "usize"], result: "void" },
  onMemory: {
    name: "bsearch",
    parameters: ["buffer", "buffer", "usize", "usize", "usize"],
    result: "void",
  },
} as const satisfies Deno.ForeignLibraryInterface;

type Symbols = Deno.DynamicLibrary<typeof symbols>["symbols"];

let made: MachineCode | null | undefined;

/** Machine code on this machine; null where it, its system or the permissions do not allow it. */
export function machineCode(): MachineCode | null {
  return made === undefined ? made = open() : made;
}

function open(): MachineCode | null {
  const { arch, os } = Deno.build;
  const known = arch === "x86_64" && (os === "linux" || os === "darwin");
  if (!known || !granted({ name: "ffi" })) return null;
  const c = openLibc(symbols);
  if (c === null) return null;
  return new Placer(c.library, c.symbols);
}

/** Pages of one code; the address is 0 when they are given back. */
interface Pages {
  address: bigint;
  readonly length: number;
}

class Placer implements MachineCode {
  readonly library: string;
  readonly bind: MachineCode["bind"];
  readonly #c: Symbols;
  readonly #dropped = new FinalizationRegistry<Pages>((pages) => this.#release(pages));
  #refused = false;
  #used = 0;

  constructor(library: string, c: Symbols) {
    this.library = library;
    this.bind = callerOf(c.bsearch);
    this.#c = c;
  }

  get refused(): boolean {
    return this.#refused;
  }

  /** Each code has pages of its own, so that none are written which another thread executes. */
  place(bytes: Uint8Array): PlacedCode | null {
    const length = Math.ceil(Math.max(1, bytes.length) / PAGE) * PAGE;
    if (this.#refused || this.#used + length > MOST_BYTES) return null;
    const address = this.#map(bytes, BigInt(length));
    if (address === null) {
      this.#refused = true;
      return null;
    }
    this.#used += length;
    const pages: Pages = { address, length };
    const placed = { address, free: () => this.#release(pages) };
    this.#dropped.register(placed, pages);
    return placed;
  }

  bindOnMemory(code: PlacedCode): RunOnMemory {
    const { onMemory } = this.#c;
    return (numbers, memory) => onMemory(numbers, memory, 1n, 1n, code.address);
  }

  #map(bytes: Uint8Array, length: bigint): bigint | null {
    const c = this.#c;
    const address = c.mmap(0n, length, READ | WRITE, PRIVATE | ANONYMOUS, -1, 0n);
    if (address === FAILED) return null;
    c.memcpy(address, bytes as Uint8Array<ArrayBuffer>, BigInt(bytes.length));
    if (c.mprotect(address, length, READ | EXECUTE) === 0) return address;
    c.munmap(address, length);
    return null;
  }

  #release(pages: Pages): void {
    if (pages.address === 0n) return;
    this.#c.munmap(pages.address, BigInt(pages.length));
    pages.address = 0n;
    this.#used -= pages.length;
  }
}
