/**
 * The part of the CSV kernel that makes a number of sixteen characters at once.
 *
 * @module
 */
import { type FunctionBuilder, type Local, V128 } from "../../wasm/wasm.ts";

const ZERO = 48;

/** Instructions on vectors of sixteen digits, whose constants stay in locals of the function. */
export class SixteenDigits {
  readonly #f: FunctionBuilder;
  readonly #zeros: Local;
  readonly #beyondNine: Local;
  readonly #halves: Local;
  readonly #tens: Local;
  readonly #hundreds: Local;
  readonly #myriads: Local;

  constructor(f: FunctionBuilder) {
    this.#f = f;
    const constant = (push: () => void): Local => {
      const local = f.local(V128);
      push();
      f.set(local);
      return local;
    };
    this.#zeros = constant(() => f.i32.const(ZERO).op("i8x16.splat"));
    this.#beyondNine = constant(() => f.i32.const(0x80 - 10).op("i8x16.splat"));
    this.#halves = constant(() => f.i32x4.const(0x00ff00ff));
    this.#tens = constant(() => f.i32.const(10).op("i16x8.splat"));
    this.#hundreds = constant(() => f.i32x4.const((1 << 16) + 100));
    this.#myriads = constant(() => f.i32x4.const((1 << 16) + 10_000));
  }

  /** Loads the sixteen characters before an address, digits as 0 to 9. */
  load(into: Local, end: Local): void {
    this.#f.get(end).i32.const(16).op("i32.sub").load("v128.load").get(this.#zeros)
      .op("i8x16.sub").set(into);
  }

  /** Pushes zero where all are digits. */
  test(digits: Local): void {
    this.#f.get(digits).get(this.#beyondNine).op("i8x16.add_sat_u").op("i8x16.bitmask");
  }

  /** Pushes two numbers of eight digits, the first in the lower half; uses the vector up. */
  eights(digits: Local): void {
    const f = this.#f;
    f.get(digits).get(this.#halves).op("v128.and").get(this.#tens).op("i16x8.mul");
    f.get(digits).i32.const(8).op("i16x8.shr_u").op("i16x8.add");
    f.get(this.#hundreds).op("i32x4.dot_i16x8_s").tee(digits).get(digits);
    f.op("i16x8.narrow_i32x4_u").get(this.#myriads).op("i32x4.dot_i16x8_s");
    f.lane("i64x2.extract_lane", 0);
  }

  /** Pushes the number of sixteen digits that two of eight are. */
  join(eights: Local): void {
    this.#f.get(eights).i64.const(0xffffffff).op("i64.and").i64.const(100_000_000).op("i64.mul")
      .get(eights).i64.const(32).op("i64.shr_u").op("i64.add");
  }
}
