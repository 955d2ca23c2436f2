/**
 * What the processor can do, asked of itself: a program's own view, without files of the system.
 *
 * @module
 */

import { machineCode } from "./machine_code.ts";
import { addressOf } from "./memory.ts";

/** What a processor can do, as far as code for it needs to know. */
export interface Processor {
  /**
   * AVX-512 of F, DQ, BW and VL, with FMA, AVX2 and BMI2, all of whose registers the system saves.
   * (macOS tells that it saves them only after their first use, so there it is false.)
   */
  readonly avx512: boolean;
}

let asked: Processor | undefined;

/** What the processor can do; nothing that is not known. It is asked once. */
export function processor(): Processor {
  return asked ??= ask();
}

/**
 * Writes four words: the highest leaf of `cpuid`; ECX of leaf 1; the low half of XCR0, where the
 * system lets it be read; EBX of leaf 7, where there is one.
 */
// deno-fmt-ignore
const QUESTION = Uint8Array.of(
  0x53,                         // push rbx
  0x31, 0xc0,                   // xor eax, eax
  0x0f, 0xa2,                   // cpuid
  0x89, 0x06,                   // mov [rsi], eax
  0xb8, 0x01, 0x00, 0x00, 0x00, // mov eax, 1
  0x0f, 0xa2,                   // cpuid
  0x89, 0x4e, 0x04,             // mov [rsi+4], ecx
  0x0f, 0xba, 0xe1, 0x1b,       // bt ecx, 27
  0x73, 0x08,                   // jnc over the next three
  0x31, 0xc9,                   // xor ecx, ecx
  0x0f, 0x01, 0xd0,             // xgetbv
  0x89, 0x46, 0x08,             // mov [rsi+8], eax
  0x83, 0x3e, 0x07,             // cmp dword [rsi], 7
  0x72, 0x0c,                   // jb over the next four
  0xb8, 0x07, 0x00, 0x00, 0x00, // mov eax, 7
  0x31, 0xc9,                   // xor ecx, ecx
  0x0f, 0xa2,                   // cpuid
  0x89, 0x5e, 0x0c,             // mov [rsi+12], ebx
  0x31, 0xc0,                   // xor eax, eax
  0x5b,                         // pop rbx
  0xc3,                         // ret
);

/** XCR0: xmm, ymm, masks, and both parts of zmm are saved. */
const SAVED = bits(1, 2, 5, 6, 7);
/** Leaf 1, ECX: FMA, and XGETBV may be used. */
const LEAF_1 = bits(12, 27);
/** Leaf 7, EBX: AVX2, BMI2, AVX-512 F, DQ, BW and VL. */
const LEAF_7 = bits(5, 8, 16, 17, 30, 31);

function ask(): Processor {
  const machine = machineCode();
  const code = machine?.place(QUESTION) ?? null;
  if (machine === null || code === null) return { avx512: false };
  const words = new Int32Array(4);
  machine.bind(code, 0, addressOf(words))();
  code.free();
  const [, leaf1, saved, leaf7] = words as unknown as [number, number, number, number];
  const has = (word: number, wanted: number): boolean => (word & wanted) === wanted;
  return { avx512: has(leaf1, LEAF_1) && has(saved, SAVED) && has(leaf7, LEAF_7) };
}

function bits(...places: number[]): number {
  return places.reduce((set, place) => set | (1 << place), 0);
}
