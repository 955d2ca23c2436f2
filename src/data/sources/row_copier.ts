/**
 * Copies rows of an array, chosen by number, side by side into another: by machine code where that
 * can be, otherwise row by row.
 *
 * @module
 */
import { addressOf, granted, machineCode, processor, type RunOnMemory } from "../../../ffi/mod.ts";
import type { Values } from "../../base/dtype.ts";
import { flag } from "../../base/flags.ts";
import { AHEAD, BYTES, COUNT, rowCode, ROWS, SHORTEST, SOURCE } from "./row_code.ts";

/** Rows from this size on the C library copies as fast. */
const LONGEST = 1 << 14;
/** Bytes that this thread copies before code is worth the 4 ms that making it takes. */
const WORTH = 1 << 25;

let copied = 0;
/** The code on this thread; null where there is none, undefined before it was asked for. */
let made: RunOnMemory | null | undefined;

function code(): RunOnMemory | null {
  if (made !== undefined) return made;
  const machine = processor().avx512 ? machineCode() : null;
  const placed = machine?.place(rowCode());
  return made = placed ? machine!.bindOnMemory(placed) : null;
}

/** Copies rows. One that is kept for an array looks up the array's address once. */
export class RowCopier {
  /** How many times machine code did it. */
  runs = 0;
  /** The bytes of the array that was copied from last. */
  #source: Uint8Array = new Uint8Array(0);
  #of: Values | null = null;
  /** What the code is given; its beginning is the address of `#addressed`. */
  #numbers = new Int32Array(0);
  #addressed: Uint8Array | null = null;

  /**
   * Copies the first `count` rows of these numbers, of so many bytes each, to the start of `out`.
   *
   * @throws {RangeError} if the array has no such row, or `out` no room for them
   */
  copy(values: Values, bytes: number, rows: readonly number[], count: number, out: Values): void {
    if (count === 0) return;
    // as bytes whatever the type, and views of our own: their lengths are true, and one kind is fastest
    if (this.#of !== values || this.#source.byteLength !== values.byteLength) {
      this.#source = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      this.#of = values;
    }
    const source = this.#source;
    const target = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
    const together = this.#take(source, bytes, rows, count);
    if (target.byteLength < count * bytes) {
      throw new RangeError(
        `Cannot copy ${count} rows of ${bytes} bytes into ${target.byteLength}: as many are wanted`,
      );
    }
    if (!together && bytes >= SHORTEST && bytes < LONGEST && flag("native")) {
      copied += count * bytes;
      if (copied >= WORTH && this.#run(source, bytes, count, target)) return;
    }
    const numbers = this.#numbers, { buffer, byteOffset } = source;
    for (let i = 0; i < count;) {
      const first = numbers[ROWS + i]! >>> 0, from = i++;
      if (together) i = count;
      else while (i < count && numbers[ROWS + i]! >>> 0 === first + i - from) i++;
      const length = (i - from) * bytes;
      target.set(new Uint8Array(buffer, byteOffset + first * bytes, length), from * bytes);
    }
  }

  /** Takes the numbers of rows down, which must be there; says whether all follow each other. */
  #take(source: Uint8Array, bytes: number, rows: readonly number[], count: number): boolean {
    if (this.#numbers.length < ROWS + count + AHEAD) {
      this.#numbers = new Int32Array(ROWS + count + AHEAD);
      this.#addressed = null;
    }
    const numbers = this.#numbers;
    const there = Math.min(2 ** 32, Math.floor(source.byteLength / bytes));
    let next = rows[0], together = true;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (typeof row !== "number" || row >>> 0 !== row || row >= there) {
        throw new RangeError(
          `Cannot copy row ${row} of an array of ${there} rows: whole numbers below are wanted`,
        );
      }
      if (row !== next) together = false;
      next = row + 1;
      numbers[ROWS + i] = row;
    }
    return together;
  }

  /** Whether machine code copied the rows that were taken down. */
  #run(source: Uint8Array, bytes: number, count: number, target: Uint8Array): boolean {
    const run = code();
    if (run === null) return false;
    const numbers = this.#numbers;
    if (this.#addressed !== source) {
      // a script may have given the permission back
      if (!granted({ name: "ffi" })) return false;
      new BigUint64Array(numbers.buffer, 4 * SOURCE, 1)[0] = addressOf(source);
      this.#addressed = source;
    }
    numbers[COUNT] = count;
    numbers[BYTES] = bytes;
    const end = ROWS + count;
    numbers.fill(numbers[end - 1]!, end, end + AHEAD);
    run(numbers, target as Uint8Array<ArrayBuffer>);
    this.runs++;
    return true;
  }
}
