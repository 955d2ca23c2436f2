/**
 * The part of the CSV kernel that reads the numbers of a column, whose cells' ends are known: sixteen
 * characters at once, without a branch on how many digits there are or where the point stands.
 *
 * @module
 */
import {
  type Callable,
  F64,
  type FunctionBuilder,
  I32,
  I64,
  type Local,
  type ModuleBuilder,
  V128,
} from "../../wasm/wasm.ts";
import { SixteenDigits } from "./kernel_digits.ts";
import { POWERS } from "./numbers.ts";

const CR = 13, ZERO = 48, MINUS = 45, POINT = 46;

/** The first eight of sixteen digits that float64 holds exactly, whatever the others are. */
const LARGEST_UPPER = Math.floor(2 ** 53 / 1e8) - 1;

/** In which form numbers of a column are stored. */
export type NumberForm = "float32" | "float64" | "int32";

/** All forms. */
export const NUMBER_FORMS: readonly NumberForm[] = ["float32", "float64", "int32"];

/** Characters of a cell without its sign. */
const LONGEST = 16;
/**
 * Entries of the table that a length has: for each number of characters behind the point, as many as
 * the cell has where there is none. An entry is a shuffle, what digits are divided by, and that of a
 * negative number.
 */
const PLACES = 32, DIVISOR = 16, ENTRY_BYTES = 32;

/** Bytes of the table that the kernel reads. */
export const NUMBER_TABLE_BYTES = (LONGEST + 1) * PLACES * ENTRY_BYTES;

/**
 * Writes the table into memory. The shuffles put the digits of a cell at the end of sixteen bytes,
 * without the point and with zeros before them. Where a cell has no digits, they put there what is
 * none.
 */
export function writeNumberTable(bytes: Uint8Array<ArrayBuffer>, at: number): void {
  const ZERO_BYTE = 255;
  for (let length = 0; length <= LONGEST; length++) {
    for (let behind = 0; behind <= LONGEST; behind++) {
      const entry = at + ENTRY_BYTES * (length * PLACES + behind);
      const shuffle = bytes.subarray(entry, entry + 16).fill(ZERO_BYTE);
      const divisors = new Float64Array(bytes.buffer, entry + DIVISOR, 2);
      const point = behind < length ? 15 - behind : -1;
      const digits = point < 0 ? length : length - 1;
      divisors[0] = point < 0 ? 1 : POWERS[behind]!;
      divisors[1] = -divisors[0];
      let to = 16 - digits;
      for (let i = 16 - length; i < 16; i++) if (i !== point) shuffle[to++] = i;
      // The byte before a cell ends another, or is a sign; a point is no digit either.
      if (digits === 0) shuffle[15] = 15;
    }
  }
}

/**
 * Emits `<form>(entry, stride, rows, trim, out, odd)`: reads the cells between the index entry at
 * `entry` and the next, then `stride` bytes further on; `trim` is 1 where a CR at the end is no part
 * of the cell, else 0. Numbers are stored one behind the other. The numbers of rows whose cells are
 * not a sign, digits and a point that make an exact quotient go to `odd`; gives how many they are.
 */
export function emitNumbers(
  module: ModuleBuilder,
  form: NumberForm,
  table: number,
  long: Callable,
): void {
  const f = module.func(form, [I32, I32, I32, I32, I32, I32], [I32]);
  const [entry, stride, rows, trim, out, odd] = [0, 1, 2, 3, 4, 5];
  const first = f.local(I32), end = f.local(I32), odds = f.local(I32);
  const from = f.local(I32), to = f.local(I32), negative = f.local(I32), length = f.local(I32);
  const looked = f.local(I32), upper = f.local(I32);
  const value = f.local(F64),
    store = (): void => {
      if (form === "float32") f.op("f32.demote_f64").store("f32.store", { align: 4 });
      else f.store("f64.store", { align: 8 });
    };
  const ends = f.local(I64), eights = f.local(I64), mantissa = f.local(I64), digits = f.local(V128);
  // Sixteen bits have sixteen leading zeros before any.
  const found = table - 16 * ENTRY_BYTES;
  const sixteen = new SixteenDigits(f);
  const points = f.local(V128);
  f.i32.const(POINT - ZERO).op("i8x16.splat").set(points);

  f.get(entry).set(first);
  f.get(entry).get(rows).get(stride).op("i32.mul").op("i32.add").set(end);
  f.block((done) => {
    f.loop((again) => {
      f.get(entry).get(end).op("i32.eq").brIf(done);
      f.block((stored) => {
        f.block((strange) => {
          f.get(entry).load("i64.load", { align: 4 }).tee(ends).op("i32.wrap_i64");
          f.i32.const(1).op("i32.add").set(from);
          f.get(ends).i64.const(32).op("i64.shr_u").op("i32.wrap_i64").set(to);
          f.get(trim).if(() => {
            f.get(to).get(to).i32.const(1).op("i32.sub").load("i32.load8_u");
            f.i32.const(CR).op("i32.eq").op("i32.sub").set(to);
          });
          f.get(from).load("i32.load8_u").i32.const(MINUS).op("i32.eq").set(negative);
          f.get(to).get(from).op("i32.sub").get(negative).op("i32.sub").tee(length);
          f.i32.const(LONGEST).op("i32.gt_u").brIf(strange);
          sixteen.load(digits, to);
          // The table's entry, from the bytes behind the last point.
          f.get(length).i32.const(5).op("i32.shl");
          if (form === "int32") f.i32.const(32);
          else f.get(digits).get(points).op("i8x16.eq").op("i8x16.bitmask").op("i32.clz");
          f.op("i32.add").i32.const(5).op("i32.shl").set(looked);
          f.get(digits).get(looked).load("v128.load", { offset: found, align: 16 });
          f.op("i8x16.swizzle").set(digits);
          sixteen.test(digits);
          f.brIf(strange);
          sixteen.eights(digits);
          f.tee(eights).op("i32.wrap_i64").tee(upper);
          f.i32.const(LARGEST_UPPER).op("i32.gt_u").brIf(strange);
          sixteen.join(eights);
          f.set(mantissa);
          f.get(out);
          if (form === "int32") emitInteger(f, mantissa, negative, strange);
          else {
            // Both are exact, so that the only rounding is that of the quotient (Clinger 1990).
            f.get(mantissa).op("f64.convert_i64_s");
            f.get(looked).get(negative).i32.const(3).op("i32.shl").op("i32.add");
            f.load("f64.load", { offset: found + DIVISOR, align: 8 }).op("f64.div");
            store();
          }
          f.br(stored);
        });
        if (form !== "int32") {
          f.get(from).get(to).call(long).tee(value).get(value).op("f64.eq").if(() => {
            f.get(out).get(value);
            store();
            f.br(stored);
          });
        }
        f.get(odd).get(odds).i32.const(2).op("i32.shl").op("i32.add");
        f.get(entry).get(first).op("i32.sub").get(stride).op("i32.div_u");
        f.store("i32.store", { align: 4 });
        f.get(odds).i32.const(1).op("i32.add").set(odds);
      });
      f.get(out).i32.const(form === "float64" ? 8 : 4).op("i32.add").set(out);
      f.get(entry).get(stride).op("i32.add").set(entry);
      f.br(again);
    });
  });
  f.get(odds);
}

/** Stores a number at the address on the stack; leaves where it is no int32. */
function emitInteger(
  f: FunctionBuilder,
  mantissa: Local,
  negative: Local,
  strange: number,
): void {
  f.i64.const(0).get(mantissa).op("i64.sub").get(mantissa).get(negative).op("select");
  f.tee(mantissa).get(mantissa).op("i32.wrap_i64").op("i64.extend_i32_s").op("i64.ne");
  f.brIf(strange).get(mantissa).op("i32.wrap_i64").store("i32.store", { align: 4 });
}
