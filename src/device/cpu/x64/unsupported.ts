/**
 * The refusal of the emitter of machine code.
 *
 * @module
 */

/** What a kernel needs and this emitter does not write; the kernel stays WebAssembly. */
export class Unsupported extends TypeError {}

/** Refuses an instruction. */
export function unsupported(what: string): never {
  throw new Unsupported(
    `Cannot write ${what} as machine code: an instruction on whole vectors is wanted: leave the ` +
      `kernel to WebAssembly`,
  );
}
