/**
 * An emitter under test, and runs of its kernels in pieces.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { DTYPES, type Values } from "../../../src/base/dtype.ts";
import type { Kernel } from "../../../src/ir/kernel.ts";
import { printKernel } from "../../../src/ir/print_kernel.ts";
import { type Case, seeded } from "./kernel_cases.ts";

/** A kernel that can be run. */
export interface Runnable {
  readonly run: (...numbers: number[]) => void;
  readonly extent: number;
  readonly lineUnit: number;
  /** Gives back what it takes, at the end. */
  free?(): void;
}

/** An emitter under test. */
export interface Emitter {
  /** What it makes, and why its tests do not run here, where they do not. */
  readonly name: string;
  readonly ignore: boolean;
  /** Whether only some kernels are taken: null is an answer then. */
  readonly picky: boolean;
  compile(
    k: Kernel,
    memory: WebAssembly.Memory,
    pieces: boolean,
    line?: boolean,
  ): Runnable | null;
}

/** Cuts [0, extent) at random places and gives the pieces in random order. */
export function cuts(random: () => number, extent: number): [number, number][] {
  const pieces: [number, number][] = [];
  for (let begin = 0; begin < extent;) {
    const end = Math.min(extent, begin + 1 + Math.floor(random() * random() * extent));
    pieces.splice(Math.floor(random() * (pieces.length + 1)), 0, [begin, end]);
    begin = end;
  }
  return pieces;
}

/** Arguments of a case in a memory, which can be put back. */
export interface Laid {
  readonly addresses: readonly number[];
  /** Puts back what the arguments held. */
  reset(): void;
  /** The values of an argument, copied. */
  read(arg: number): Values;
}

/** Lays a case's arguments into a memory. */
export function lay({ kernel, data }: Case, memory: WebAssembly.Memory): Laid {
  let top = 4096;
  const addresses = data.map((values) => {
    const at = top;
    top += Math.ceil((values.byteLength + 64) / 64) * 64;
    return at;
  });
  const bytes = new Uint8Array(memory.buffer, 0, top);
  return {
    addresses,
    reset() {
      bytes.fill(0xa5);
      data.forEach((values, i) => {
        bytes.set(
          new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
          addresses[i]!,
        );
      });
    },
    read: (arg) =>
      new DTYPES[kernel.args[arg]!.dtype].array(
        memory.buffer as ArrayBuffer,
        addresses[arg]!,
        data[arg]!.length,
      ).slice(),
  };
}

/** Throws where an argument holds other bits, the sign of NaN aside, which is nobody's. */
export function assertSame(c: Case, laid: Laid, want: readonly Values[], what = ""): void {
  want.forEach((values, arg) => {
    const at = laid.read(arg).findIndex((x, j) => !Object.is(x, values[j]));
    assertEquals(at, -1, `argument ${arg}${what} of\n${printKernel(c.kernel)}`);
  });
}

/**
 * Runs a case whole and in pieces; returns into how many units it can be cut, or null where the
 * emitter does not take it.
 */
export function checkPieces(
  emitter: Pick<Emitter, "compile">,
  c: Case,
  memory: WebAssembly.Memory,
  seed: number,
): number | null {
  const cut = emitter.compile(c.kernel, memory, true);
  const all = emitter.compile(c.kernel, memory, false);
  try {
    if (cut === null || all === null) return null;
    if (cut.extent === 0) return 0;
    const laid = lay(c, memory);
    laid.reset();
    all.run(...laid.addresses);
    const whole = c.data.map((_, arg) => laid.read(arg));
    const random = seeded(seed);
    for (let turn = 0; turn < 3; turn++) {
      laid.reset();
      for (const [from, to] of cuts(random, cut.extent)) cut.run(...laid.addresses, from, to);
      assertSame(c, laid, whole);
    }
    return cut.extent;
  } finally {
    cut?.free?.();
    all?.free?.();
  }
}
