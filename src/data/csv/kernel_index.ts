/**
 * The part of the CSV kernel that finds where cells end: 64 bytes at a time, so that no cell waits
 * for the one before it to be read. A loop from cell to cell takes at least three times as long.
 *
 * @module
 */
import {
  type FunctionBuilder,
  I32,
  I64,
  type Local,
  type ModuleBuilder,
  V128,
} from "../../wasm/wasm.ts";

const LF = 10, CR = 13;

/** Bytes of a step, and the vectors that they are. */
const STEP = 64, VECTORS = 4;

/** Entries that are written at once, whether there are as many or not: that has no branches. */
const AT_ONCE = 8;

/** How many bytes behind `end` are read, and how many entries for these are written at most. */
export const BEYOND = STEP + AT_ONCE;

/**
 * Emits `index(at, end, delimiter, quote, index, most)`: writes the address before `at`, and then
 * those of all delimiters and line ends from `at` up to but without `end` that no quotes enclose;
 * stops behind `most` of them or a few more, and before a quote that stands where none may. Gives how
 * many there are beside the first.
 */
export function emitIndex(module: ModuleBuilder): void {
  const f = module.func("index", [I32, I32, I32, I32, I32, I32], [I32]);
  const [at, end, delimiter, quote, out, most] = [0, 1, 2, 3, 4, 5];
  const delimiters = f.local(V128), quotes = f.local(V128), lineEnds = f.local(V128);
  const bytes = Array.from({ length: VECTORS }, () => f.local(V128));
  const ends = f.local(I64), start = f.local(I32), next = f.local(I32), count = f.local(I32);
  const state: QuoteState = {
    at,
    quotes,
    bytes,
    ends,
    inside: f.local(I64),
    afterEnd: f.local(I64),
    afterClosing: f.local(I64),
    wrong: f.local(I64),
  };
  f.get(delimiter).op("i8x16.splat").set(delimiters);
  f.get(quote).op("i8x16.splat").set(quotes);
  f.i32.const(LF).op("i8x16.splat").set(lineEnds);
  f.i64.const(1).set(state.afterEnd);
  f.get(out).get(at).i32.const(1).op("i32.sub").store("i32.store", { align: 4 });
  f.get(out).i32.const(4).op("i32.add").tee(start).set(out);
  f.get(out).get(most).i32.const(2).op("i32.shl").op("i32.add").set(most);
  f.block((done) => {
    f.loop((again) => {
      f.get(at).get(end).op("i32.ge_u").brIf(done);
      f.get(out).get(most).op("i32.ge_u").brIf(done);
      bytes.forEach((b, i) => f.get(at).load("v128.load", { offset: 16 * i }).set(b));
      emitBits(f, bytes, (b) => {
        f.get(b).get(delimiters).op("i8x16.eq").get(b).get(lineEnds).op("i8x16.eq").op("v128.or");
      });
      f.set(ends);
      bytes.forEach((b, i) => {
        f.get(b).get(quotes).op("i8x16.eq");
        if (i > 0) f.op("v128.or");
      });
      f.op("v128.any_true");
      f.get(state.inside).get(state.afterClosing).op("i64.or").i64.const(0).op("i64.ne");
      f.op("i32.or").if(() => emitQuotes(f, state));
      f.get(ends).i64.const(63).op("i64.shr_u").set(state.afterEnd);

      f.get(ends).op("i64.popcnt").op("i32.wrap_i64").tee(count);
      f.i32.const(2).op("i32.shl").get(out).op("i32.add").set(next);
      f.block((written) => {
        f.loop((more) => {
          for (let i = 0; i < AT_ONCE; i++) {
            f.get(out).get(ends).op("i64.ctz").op("i32.wrap_i64").get(at).op("i32.add");
            f.store("i32.store", { offset: 4 * i, align: 4 });
            f.get(ends).get(ends).i64.const(1).op("i64.sub").op("i64.and").set(ends);
          }
          f.get(ends).op("i64.eqz").brIf(written);
          f.get(out).i32.const(4 * AT_ONCE).op("i32.add").set(out);
          f.br(more);
        });
      });
      f.get(next).set(out);
      f.get(at).i32.const(STEP).op("i32.add").set(at);
      f.get(state.wrong).op("i64.eqz").brIf(again);
    });
  });
  // What follows `end` are no bytes of the file.
  f.block((done) => {
    f.loop((again) => {
      f.get(out).get(start).op("i32.eq").brIf(done);
      f.get(out).i32.const(4).op("i32.sub").load("i32.load", { align: 4 });
      f.get(end).op("i32.lt_u").brIf(done);
      f.get(out).i32.const(4).op("i32.sub").set(out);
      f.br(again);
    });
  });
  f.get(out).get(start).op("i32.sub").i32.const(2).op("i32.shr_u");
}

/** Pushes one bit for each byte of a step. */
function emitBits(f: FunctionBuilder, bytes: readonly Local[], test: (b: Local) => void): void {
  bytes.forEach((b, i) => {
    test(b);
    f.op("i8x16.bitmask").op("i64.extend_i32_u");
    if (i > 0) f.i64.const(16 * i).op("i64.shl").op("i64.or");
  });
}

/** Locals of what is known of quotes; those of 64 bits have one for each byte of a step. */
interface QuoteState {
  readonly at: Local;
  readonly quotes: Local;
  readonly bytes: readonly Local[];
  /** Delimiters and line ends; those between quotes are taken out. */
  readonly ends: Local;
  /** All ones while the step begins between quotes. */
  readonly inside: Local;
  /** Whether the byte before the step ends a cell, and whether it is a closing quote: 1 or 0. */
  readonly afterEnd: Local;
  readonly afterClosing: Local;
  /** Quotes that open behind letters, and bytes behind closing quotes that may not be there. */
  readonly wrong: Local;
}

/** A doubled quote is one that closes and one that opens again, so that parity tells all. */
function emitQuotes(f: FunctionBuilder, state: QuoteState): void {
  const { at, quotes, bytes, ends, inside, afterEnd, afterClosing, wrong } = state;
  const marks = f.local(I64), within = f.local(I64), closing = f.local(I64);
  emitBits(f, bytes, (b) => f.get(b).get(quotes).op("i8x16.eq"));
  f.tee(marks).set(within);
  for (let shift = 1; shift < STEP; shift *= 2) {
    f.get(within).get(within).i64.const(shift).op("i64.shl").op("i64.xor").set(within);
  }
  // Opening quotes count as within, closing ones do not.
  f.get(within).get(inside).op("i64.xor").set(within);
  const outside = (): void => void f.get(within).i64.const(-1).op("i64.xor");
  f.get(ends);
  outside();
  f.op("i64.and").set(ends);
  f.get(marks);
  outside();
  f.op("i64.and").set(closing);

  // A quote may open behind the end of a cell, or behind a closing one.
  f.get(marks).get(within).op("i64.and");
  f.get(ends).get(closing).op("i64.or").i64.const(1).op("i64.shl");
  f.get(afterEnd).op("i64.or").get(afterClosing).op("i64.or");
  f.i64.const(-1).op("i64.xor").op("i64.and");
  // Behind a closing one follow the end of the cell, another quote, or CR and LF.
  f.get(closing).i64.const(1).op("i64.shl").get(afterClosing).op("i64.or");
  f.get(ends).get(marks).op("i64.or");
  emitBits(f, bytes, (b) => f.get(b).i32.const(CR).op("i8x16.splat").op("i8x16.eq"));
  emitBits(f, bytes, (b) => {
    f.get(at).load("v128.load", { offset: 16 * bytes.indexOf(b) + 1 });
    f.i32.const(LF).op("i8x16.splat").op("i8x16.eq");
  });
  f.op("i64.and").op("i64.or").i64.const(-1).op("i64.xor").op("i64.and");
  f.op("i64.or").tee(wrong).op("i64.eqz").if(() => {}, () => {
    f.get(wrong).i64.const(1).op("i64.sub").get(wrong).i64.const(-1).op("i64.xor").op("i64.and");
    f.get(ends).op("i64.and").set(ends);
  });
  f.get(within).i64.const(63).op("i64.shr_s").set(inside);
  f.get(closing).i64.const(63).op("i64.shr_u").set(afterClosing);
}

/**
 * Emits `regular(entry, count, columns, delimiter, most)`: how many rows from an entry of the index on,
 * which `count` follow, have as many cells as there are columns, and something in them.
 */
export function emitRegular(module: ModuleBuilder): void {
  const f = module.func("regular", [I32, I32, I32, I32, I32], [I32]);
  const [at, count, columns, delimiter, most] = [0, 1, 2, 3, 4];
  const rows = f.local(I32), last = f.local(I32), byte = f.local(I32), end = f.local(I32);
  f.get(columns).i32.const(2).op("i32.shl").set(columns);
  f.get(at).get(count).i32.const(2).op("i32.shl").op("i32.add").set(end);
  const ends = (): void => {
    f.get(at).load("i32.load", { align: 4 }).load("i32.load8_u");
  };
  f.block((done) => {
    f.loop((again) => {
      f.get(rows).get(most).op("i32.eq").brIf(done);
      f.get(at).get(columns).op("i32.add").tee(last).get(end).op("i32.gt_u").brIf(done);
      // A blank line is no row; one that begins with CR may be blank.
      f.get(at).load("i32.load", { align: 4 }).load("i32.load8_u", { offset: 1 }).tee(byte);
      f.i32.const(LF).op("i32.eq").get(byte).i32.const(CR).op("i32.eq").op("i32.or").brIf(done);
      f.get(at).i32.const(4).op("i32.add").set(at);
      f.block((checked) => {
        f.loop((next) => {
          f.get(at).get(last).op("i32.eq").brIf(checked);
          ends();
          f.get(delimiter).op("i32.ne").brIf(done);
          f.get(at).i32.const(4).op("i32.add").set(at);
          f.br(next);
        });
      });
      ends();
      f.i32.const(LF).op("i32.ne").brIf(done);
      f.get(rows).i32.const(1).op("i32.add").set(rows);
      f.br(again);
    });
  });
  f.get(rows);
}
