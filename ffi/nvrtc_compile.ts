/**
 * One compilation by NVRTC: a program made, compiled, read out and destroyed, whatever happens.
 *
 * @module
 */

import { addressOf, cString } from "./memory.ts";
import type { NvrtcSymbols } from "./nvrtc.ts";

/** What to compile. */
export interface Source {
  /** CUDA C. */
  readonly source: string;
  /** The name of the text, as messages tell it. */
  readonly name: string;
  /** As `--gpu-architecture=sm_90`. */
  readonly options: readonly string[];
}

/** What came of it. */
export interface Compiled {
  /** 0 for success, else one of NVRTC's codes. */
  readonly code: number;
  /** That code in the compiler's words. */
  readonly message: string;
  /** Errors and warnings; "" where there are none. */
  readonly log: string;
  /** Machine code; null for a failure, and for an architecture that is `compute_`. */
  readonly cubin: Uint8Array<ArrayBuffer> | null;
  /** Text for the driver's compiler with the zero that ends it; null for a failure. */
  readonly ptx: Uint8Array<ArrayBuffer> | null;
}

interface Compiler {
  readonly symbols: NvrtcSymbols;
}

/** Compiles on this thread; a failure is an answer and not an error. */
export function compileProgram({ symbols }: Compiler, source: Source): Compiled {
  const program = new Program(symbols, source);
  try {
    if (program.code !== 0) return program.result(program.code);
    const { count, texts } = program.options;
    return program.result(symbols.nvrtcCompileProgram(program.handle, count, texts));
  } finally {
    program[Symbol.dispose]();
  }
}

/** Compiles on another thread; a failure is an answer and not an error. */
export async function compileProgramAsync(
  { symbols }: Compiler,
  source: Source,
): Promise<Compiled> {
  const program = new Program(symbols, source);
  try {
    if (program.code !== 0) return program.result(program.code);
    const { count, texts } = program.options;
    return program.result(await symbols.nvrtcCompileProgramAsync(program.handle, count, texts));
  } finally {
    program[Symbol.dispose]();
  }
}

/** The addresses of texts; the texts are kept as long as they are. */
interface Texts {
  readonly count: number;
  readonly texts: BigUint64Array<ArrayBuffer>;
  readonly kept: readonly Uint8Array[];
}

class Program implements Disposable {
  readonly #symbols: NvrtcSymbols;
  readonly #handle = new BigUint64Array(1);
  readonly options: Texts;
  /** How making it ended. */
  readonly code: number;

  constructor(symbols: NvrtcSymbols, { source, name, options }: Source) {
    this.#symbols = symbols;
    this.options = addresses(options);
    this.code = symbols.nvrtcCreateProgram(
      this.#handle,
      zeroEnded(source),
      zeroEnded(name),
      0,
      null,
      null,
    );
  }

  get handle(): bigint {
    return this.#handle[0]!;
  }

  result(code: number): Compiled {
    const symbols = this.#symbols;
    const log = this.code === 0
      ? this.#read(symbols.nvrtcGetProgramLogSize, symbols.nvrtcGetProgramLog)
      : null;
    const done = code === 0;
    return {
      code,
      message: cString(symbols.nvrtcGetErrorString(code)),
      log: log === null ? "" : new TextDecoder().decode(log).replace(/\0+$/, ""),
      cubin: done ? this.#read(symbols.nvrtcGetCUBINSize, symbols.nvrtcGetCUBIN) : null,
      ptx: done ? this.#read(symbols.nvrtcGetPTXSize, symbols.nvrtcGetPTX) : null,
    };
  }

  /** A text or image of the program, or null where there is none. */
  #read(
    sizeOf: (program: bigint, size: BigUint64Array<ArrayBuffer>) => number,
    copy: (program: bigint, bytes: Uint8Array<ArrayBuffer>) => number,
  ): Uint8Array<ArrayBuffer> | null {
    const size = new BigUint64Array(1);
    if (sizeOf(this.handle, size) !== 0 || size[0] === 0n) return null;
    const bytes = new Uint8Array(Number(size[0]));
    return copy(this.handle, bytes) === 0 ? bytes : null;
  }

  [Symbol.dispose](): void {
    if (this.code === 0) this.#symbols.nvrtcDestroyProgram(this.#handle);
  }
}

function addresses(strings: readonly string[]): Texts {
  const kept = strings.map(zeroEnded);
  const texts = new BigUint64Array(Math.max(1, kept.length));
  kept.forEach((text, i) => texts[i] = addressOf(text));
  return { count: kept.length, texts, kept };
}

function zeroEnded(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}
