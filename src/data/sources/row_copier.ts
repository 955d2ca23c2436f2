/**
 * Copies rows of an array, chosen by number, side by side into another: by machine code where that
 * can be, otherwise row by row.
 *
 * @module
 */
import { addressOf, machineCode, processor, type RunOnMemory } from "../../../ffi/mod.ts";
import type { Values } from "../../base/dtype.ts";
import { flag } from "../../base/flags.ts";
import { AHEAD, BYTES, COUNT, rowCode, ROWS, SHORTEST, SOURCE } from "./row_code.ts";

/** Rows from this size on the C library copies as fast, and large ones past the caches. */
const LONGEST = 1 << 16;
/** Making the code takes as long as copying so many bytes. */
const WORTH = 1 << 20;

/** The code on this thread; null where there is none, undefined before it was asked for. */
let made: RunOnMemory | null | undefined;

function code(): RunOnMemory | null {
  if (made !== undefined) return made;
  const machine = processor().avx512 ? machineCode() : null;
  const placed = machine?.place(rowCode());
  return made = placed ? machine!.bindOnMemory(placed) : null;
}

/** Copies rows: of one array after the other, but best of the same one again and again. */
export class RowCopier {
  /** Bytes that were copied before there was code. */
  #copied = 0;
  /** Whose address stands in the numbers. */
  #source: Values | null = null;
  #numbers = new Int32Array(0);

  /**
   * Copies the first `count` rows of these numbers, of so many bytes each, to the start of `out`.
   *
   * @throws {RangeError} if the array has no such row, or `out` no room for them
   */
  copy(values: Values, bytes: number, rows: readonly number[], count: number, out: Values): void {
    if (count === 0) return;
    const together = check(values, bytes, rows, count, out);
    if (!together && bytes >= SHORTEST && bytes < LONGEST && flag("native")) {
      this.#copied += count * bytes;
      const run = this.#copied < WORTH ? null : code();
      if (run !== null) return this.#run(run, values, bytes, rows, count, out);
    }
    const { buffer, byteOffset } = values;
    // as bytes whatever the type: one kind of view is copied fastest
    const target = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
    for (let i = 0; i < count;) {
      const first = rows[i]!, from = i++;
      while (i < count && rows[i] === first + i - from) i++;
      const length = (i - from) * bytes;
      target.set(new Uint8Array(buffer, byteOffset + first * bytes, length), from * bytes);
    }
  }

  #run(
    run: RunOnMemory,
    values: Values,
    bytes: number,
    rows: readonly number[],
    count: number,
    out: Values,
  ): void {
    if (this.#numbers.length < ROWS + count + AHEAD) {
      this.#numbers = new Int32Array(ROWS + count + AHEAD);
      this.#source = null;
    }
    const numbers = this.#numbers;
    if (this.#source !== values) {
      new BigUint64Array(numbers.buffer, 4 * SOURCE, 1)[0] = addressOf(values);
      this.#source = values;
    }
    numbers[COUNT] = count;
    numbers[BYTES] = bytes;
    for (let i = 0; i < count; i++) numbers[ROWS + i] = rows[i]!;
    numbers.fill(rows[count - 1]!, ROWS + count, ROWS + count + AHEAD);
    run(numbers, out as Values & ArrayBufferView<ArrayBuffer>);
  }
}

/** Looks at every row, and says whether all of them follow each other. */
function check(
  values: Values,
  bytes: number,
  rows: readonly number[],
  count: number,
  out: Values,
): boolean {
  const there = Math.min(2 ** 31, Math.floor(values.byteLength / bytes));
  const first = rows[0]!;
  let together = true;
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    if (row >>> 0 !== row || row >= there) {
      throw new RangeError(
        `Cannot copy row ${row} of an array of ${there} rows: whole numbers below ${there} are ` +
          `wanted; an array whose buffer was transferred has no rows: give it a copy`,
      );
    }
    if (row !== first + i) together = false;
  }
  if (out.byteLength < count * bytes) {
    throw new RangeError(
      `Cannot copy ${count} rows of ${bytes} bytes into ${out.byteLength}: as many are wanted`,
    );
  }
  return together;
}
