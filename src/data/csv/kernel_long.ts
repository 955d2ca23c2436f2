/**
 * The part of the CSV kernel that reads long numbers and those with exponents, one character after the
 * other: what NumPy and pandas write. As text each takes ten times as long.
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

const ZERO = 48, PLUS = 43, MINUS = 45, POINT = 46, LARGE_E = 69, SMALL_E = 101;

/** Digits that 64 bits hold, whatever they are. */
const MOST_DIGITS = 19;
/** More than any exponent that is looked at; its digits end here. */
const MOST_EXPONENT = 1000;
/** The powers of ten beyond those that float64 holds. */
const LOWEST = -80, HIGHEST = 60;
/** Bits of a float64: of its fraction, and what its exponent is counted from. */
const FRACTION = 52, BIAS = 1023;
/** Bits of a product's upper half below the fraction, the bit before it and the one to round by. */
const BELOW = 64 - FRACTION - 3;

/** The logarithm of 10 to base 2, times 2^16. */
const LOG_2_OF_10 = 217706;

const EXACT_BYTES = 8 * 32;

/** Bytes of the table that `emitLong` reads. */
export const LONG_TABLE_BYTES = EXACT_BYTES + 16 * (HIGHEST - LOWEST + 1);

/** Down to this one, powers of five fit into 64 bits. */
const LOWEST_SHORT = -27;

/**
 * Writes the table: powers of ten that float64 holds, then the 128 leading bits of powers of five, the
 * upper half first. Reciprocals of what 64 bits hold are rounded up, so that quotients without a rest
 * come out whole.
 */
export function writeLongTable(bytes: Uint8Array<ArrayBuffer>, at: number): void {
  new Float64Array(bytes.buffer, at, POWERS.length).set(POWERS);
  const halves = new BigUint64Array(bytes.buffer, at + EXACT_BYTES, 2 * (HIGHEST - LOWEST + 1));
  const bits = (x: bigint): bigint => BigInt(x.toString(2).length);
  for (let q = LOWEST; q <= HIGHEST; q++) {
    const power = 5n ** BigInt(Math.abs(q));
    const leading = q >= 0
      ? (power << 128n) >> bits(power)
      : (1n << (127n + bits(power))) / power + (q < LOWEST_SHORT ? 0n : 1n);
    halves[2 * (q - LOWEST)] = leading >> 64n;
    halves[2 * (q - LOWEST) + 1] = leading;
  }
}

/**
 * Emits `long(from, to)`, which reads the number that fills a cell: up to 19 digits, with a sign, a
 * point and an exponent or without. NaN where it is none, or more than can be told here. The result is
 * the nearest there is (Lemire 2021, Number parsing at a gigabyte per second; that no case is left over:
 * Mushtak and Lemire 2023, Fast number parsing without fallback).
 */
export function emitLong(module: ModuleBuilder, table: number): Callable {
  const upperOf = emitUpper(module);
  const f = module.func(undefined, [I32, I32], [F64]);
  const [p, to] = [0, 1];
  const byte = f.local(I32), negative = f.local(I32), digits = f.local(I32), any = f.local(I32);
  const point = f.local(I32), scale = f.local(I32), mantissa = f.local(I64);
  const end = f.local(I32), stop = f.local(I32), eights = f.local(I64), lastDigits = f.local(V128);
  const sixteen = new SixteenDigits(f);
  const fail = (): void => void f.f64.const(NaN).op("return");
  const signs = (sign: Local): void => {
    f.get(p).load("i32.load8_u").tee(byte).i32.const(MINUS).op("i32.eq").tee(sign);
    f.get(byte).i32.const(PLUS).op("i32.eq").op("i32.or").get(p).op("i32.add").set(p);
  };
  const next = (): void => void f.get(p).i32.const(1).op("i32.add").set(p);
  const withSign = (): void => {
    f.f64.const(-1).f64.const(1).get(negative).op("select").op("f64.mul").op("return");
  };

  signs(negative);
  // The last sixteen digits at once, where the others are few and no point is among them. NumPy's
  // exponents have four characters.
  f.get(to).tee(end).i32.const(4).op("i32.sub").load("i32.load8_u").i32.const(SMALL_E);
  f.op("i32.eq").if(() => f.get(end).i32.const(4).op("i32.sub").set(end));
  f.get(to).set(stop);
  f.get(end).get(p).op("i32.sub").i32.const(17).op("i32.sub").i32.const(8).op("i32.lt_u").if(() => {
    sixteen.load(lastDigits, end);
    sixteen.test(lastDigits);
    f.op("i32.eqz").if(() => f.get(end).i32.const(16).op("i32.sub").set(stop));
  });
  f.block((read) => {
    f.loop((again) => {
      f.get(p).get(stop).op("i32.ge_u").brIf(read);
      f.get(p).load("i32.load8_u").i32.const(ZERO).op("i32.sub").tee(byte);
      f.i32.const(10).op("i32.lt_u").if(() => {
        f.get(mantissa).i64.const(10).op("i64.mul");
        f.get(byte).op("i64.extend_i32_u").op("i64.add").tee(mantissa);
        // Zeros in front are no digits.
        f.i64.const(0).op("i64.ne").get(digits).i32.const(0).op("i32.ne").op("i32.or");
        f.get(digits).op("i32.add").tee(digits);
        f.i32.const(MOST_DIGITS).op("i32.gt_u").if(fail);
        f.get(scale).get(point).op("i32.sub").set(scale);
        f.i32.const(1).set(any);
      }, () => {
        f.get(byte).i32.const(POINT - ZERO).op("i32.ne").get(point).op("i32.or").brIf(read);
        f.i32.const(1).set(point);
      });
      next();
      f.br(again);
    });
  });
  f.get(stop).get(to).op("i32.ne").if(() => {
    f.get(p).get(stop).op("i32.ne").get(digits).i32.const(MOST_DIGITS - 16).op("i32.gt_u");
    f.op("i32.or").if(fail);
    sixteen.eights(lastDigits);
    f.set(eights).get(mantissa).i64.const(10n ** 16n).op("i64.mul");
    sixteen.join(eights);
    f.op("i64.add").set(mantissa);
    f.get(scale).get(point).i32.const(16).op("i32.mul").op("i32.sub").set(scale);
    f.get(end).set(p).i32.const(1).set(any);
  });
  f.get(any).op("i32.eqz").if(fail);
  f.get(p).get(to).op("i32.lt_u").if(() => {
    const exponent = f.local(I32), down = f.local(I32), first = f.local(I32);
    f.get(p).load("i32.load8_u").tee(byte).i32.const(SMALL_E).op("i32.ne");
    f.get(byte).i32.const(LARGE_E).op("i32.ne").op("i32.and").if(fail);
    next();
    signs(down);
    f.get(p).set(first);
    f.block((read) => {
      f.loop((again) => {
        f.get(p).get(to).op("i32.ge_u").brIf(read);
        f.get(p).load("i32.load8_u").i32.const(ZERO).op("i32.sub").tee(byte);
        f.i32.const(10).op("i32.ge_u").if(fail);
        f.get(exponent).i32.const(10).op("i32.mul").get(byte).op("i32.add").tee(exponent);
        f.i32.const(MOST_EXPONENT).op("i32.gt_u").if(fail);
        next();
        f.br(again);
      });
    });
    f.get(p).get(first).op("i32.eq").if(fail);
    f.get(scale).i32.const(0).get(exponent).op("i32.sub").get(exponent).get(down).op("select");
    f.op("i32.add").set(scale);
  });

  f.get(mantissa).op("i64.eqz").if(() => {
    f.f64.const(0);
    withSign();
  });
  const power = (): void => {
    f.i32.const(3).op("i32.shl").load("f64.load", { offset: table, align: 8 });
  };
  // Where both are exact, the only rounding is that of the result (Clinger 1990).
  f.get(scale).i32.const(POWERS.length - 1).op("i32.add");
  f.i32.const(2 * POWERS.length - 1).op("i32.lt_u");
  f.get(mantissa).i64.const(2n ** 53n).op("i64.le_u").op("i32.and").if(() => {
    f.get(scale).i32.const(0).op("i32.lt_s").if(() => {
      f.get(mantissa).op("f64.convert_i64_u").i32.const(0).get(scale).op("i32.sub");
      power();
      f.op("f64.div");
      withSign();
    });
    f.get(mantissa).op("f64.convert_i64_u").get(scale);
    power();
    f.op("f64.mul");
    withSign();
  });
  f.get(scale).i32.const(LOWEST).op("i32.sub").i32.const(HIGHEST - LOWEST + 1).op("i32.ge_u");
  f.if(fail);
  emitProduct(f, { mantissa, scale, negative, upperOf, table: table + EXACT_BYTES });
  return f;
}

/** What the product of many digits and a power is made of. */
interface ProductParts {
  readonly mantissa: Local;
  readonly scale: Local;
  readonly negative: Local;
  readonly upperOf: Callable;
  readonly table: number;
}

/** Pushes mantissa times ten to the scale: 128 leading bits of the product tell how it is rounded. */
function emitProduct(f: FunctionBuilder, parts: ProductParts): void {
  const { mantissa, scale, negative, upperOf, table } = parts;
  const zeros = f.local(I64), upper = f.local(I64), lower = f.local(I64), more = f.local(I64);
  const entry = f.local(I32), top = f.local(I64), exponent = f.local(I64), fraction = f.local(I64);
  f.get(mantissa).op("i64.clz").set(zeros);
  f.get(mantissa).get(zeros).op("i64.shl").set(mantissa);
  f.get(scale).i32.const(LOWEST).op("i32.sub").i32.const(4).op("i32.shl").set(entry);
  const half = (offset: number): void => {
    f.get(entry).load("i64.load", { offset: table + offset, align: 8 });
  };
  f.get(mantissa);
  half(0);
  f.call(upperOf).set(upper);
  f.get(mantissa);
  half(0);
  f.op("i64.mul").set(lower);
  // Only where all bits below are ones could the other half of the power change those above.
  f.get(upper).i64.const((1 << BELOW) - 1).op("i64.and").i64.const((1 << BELOW) - 1).op("i64.eq");
  f.if(() => {
    f.get(mantissa);
    half(8);
    f.call(upperOf).tee(more).get(lower).op("i64.add").tee(lower);
    f.get(more).op("i64.lt_u").op("i64.extend_i32_u").get(upper).op("i64.add").set(upper);
  });

  f.get(upper).i64.const(63).op("i64.shr_u").set(top);
  f.get(upper).get(top).i64.const(BELOW).op("i64.add").op("i64.shr_u").set(fraction);
  // Ten to the scale has as many bits as the logarithm says, which this product tells exactly.
  f.get(scale).i32.const(LOG_2_OF_10).op("i32.mul").i32.const(16).op("i32.shr_s");
  f.op("i64.extend_i32_s").get(top).op("i64.add").get(zeros).op("i64.sub");
  f.i64.const(63 + BIAS).op("i64.add").set(exponent);
  // A tie, which only powers of five in 64 bits can make, goes to the even one.
  f.get(lower).i64.const(1).op("i64.le_u");
  f.get(scale).i32.const(4).op("i32.add").i32.const(23 + 4).op("i32.le_u").op("i32.and");
  f.get(fraction).i64.const(3).op("i64.and").i64.const(1).op("i64.eq").op("i32.and");
  f.get(fraction).get(top).i64.const(BELOW).op("i64.add").op("i64.shl").get(upper);
  f.op("i64.eq").op("i32.and").if(() => {
    f.get(fraction).i64.const(-2).op("i64.and").set(fraction);
  });
  f.get(fraction).i64.const(1).op("i64.and").get(fraction).op("i64.add");
  f.i64.const(1).op("i64.shr_u").set(fraction);
  // Rounding up may make one bit more, which counts the exponent up as it should.
  f.get(exponent).i64.const(1).op("i64.sub").i64.const(FRACTION).op("i64.shl");
  f.get(fraction).op("i64.add");
  f.get(negative).op("i64.extend_i32_u").i64.const(63).op("i64.shl").op("i64.or");
  f.op("f64.reinterpret_i64");
}

/** Emits the upper half of a product of 64 by 64 bits. */
function emitUpper(module: ModuleBuilder): Callable {
  const f = module.func(undefined, [I64, I64], [I64]);
  const [a, b] = [0, 1];
  const cross = f.local(I64), low = 0xffffffff;
  const upper = (x: Local): void => void f.get(x).i64.const(32).op("i64.shr_u");
  const lower = (x: Local): void => void f.get(x).i64.const(low).op("i64.and");
  lower(a);
  upper(b);
  f.op("i64.mul").set(cross);
  upper(a);
  upper(b);
  f.op("i64.mul");
  upper(cross);
  f.op("i64.add");
  lower(a);
  lower(b);
  f.op("i64.mul").i64.const(32).op("i64.shr_u");
  lower(cross);
  f.op("i64.add");
  upper(a);
  lower(b);
  f.op("i64.mul").op("i64.add").i64.const(32).op("i64.shr_u").op("i64.add");
  return f;
}
