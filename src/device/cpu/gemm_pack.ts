/**
 * Copies of blocks of a matrix into panels, the order in which the matrix multiplication's inner
 * loop reads them; transposition happens here and nowhere else.
 *
 * @module
 */

import {
  type FunctionBuilder,
  I32,
  type Local,
  type ModuleBuilder,
  V128,
} from "../../wasm/wasm.ts";
import type { Element } from "./gemm_kernel.ts";

/** Emits a loop that runs `body` `count` times and consumes `count`; none when it is zero. */
export function emitRepeat(f: FunctionBuilder, count: Local, body: () => void): void {
  f.get(count).if(() => {
    f.loop((again) => {
      body();
      f.get(count).i32.const(1).op("i32.sub").tee(count).brIf(again);
    });
  });
}

/** Runs `body` for index = start, start + step ... below the end; `start` is a local, or zero. */
export function forRange(
  f: FunctionBuilder,
  index: Local,
  end: Local,
  step: number,
  body: () => void,
  start?: Local,
): void {
  if (start === undefined) f.i32.const(0).set(index);
  else f.get(start).set(index);
  f.block((done) => {
    f.loop((again) => {
      f.get(index).get(end).op("i32.ge_u").brIf(done);
      body();
      f.get(index).i32.const(step).op("i32.add").set(index).br(again);
    });
  });
}

/** Sets `to` to the smaller of `end - index` and `most`. */
export function remaining(
  f: FunctionBuilder,
  to: Local,
  end: Local,
  index: Local,
  most: number,
): void {
  f.get(end).get(index).op("i32.sub").tee(to).i32.const(most);
  f.get(to).i32.const(most).op("i32.lt_u").op("select").set(to);
}

/** Pushes `base + x * y`. */
export function offset(f: FunctionBuilder, base: Local, x: Local, y: Local): FunctionBuilder {
  return f.get(base).get(x).get(y).op("i32.mul").op("i32.add");
}

/** Adds a constant to a pointer. */
export function advance(f: FunctionBuilder, pointer: Local, bytes: number): void {
  f.get(pointer).i32.const(bytes).op("i32.add").set(pointer);
}

/** Adds a local to a pointer. */
export function advanceBy(f: FunctionBuilder, pointer: Local, step: Local): void {
  f.get(pointer).get(step).op("i32.add").set(pointer);
}

/**
 * Emits `pack(source, target, lines, width, k, lineStep, kStep)`: for each k, `lines` numbers of a
 * panel that is `width` wide; any layout, one number at a time. Steps are in bytes.
 */
export function emitPackAny(module: ModuleBuilder, element: Element): FunctionBuilder {
  const f = module.func(undefined, [I32, I32, I32, I32, I32, I32, I32], []);
  const [source, target, lines, width, k, lineStep, kStep] = [0, 1, 2, 3, 4, 5, 6];
  const [from, to, count] = [f.local(I32), f.local(I32), f.local(I32)];
  f.get(width).i32.const(element.bytes).op("i32.mul").set(width);
  emitRepeat(f, lines, () => {
    f.get(source).set(from).get(target).set(to).get(k).set(count);
    emitRepeat(f, count, () => {
      f.get(to).get(from).load(element.load).store(element.store);
      advanceBy(f, from, kStep);
      advanceBy(f, to, width);
    });
    advanceBy(f, source, lineStep);
    advance(f, target, element.bytes);
  });
  return f;
}

/**
 * Emits `pack(source, target, k, kStep)`: for each k, `width` numbers that lie side by side in the
 * source.
 */
function emitPackAlong(
  module: ModuleBuilder,
  element: Element,
  width: number,
): FunctionBuilder {
  const { bytes, lanes } = element;
  const f = module.func(undefined, [I32, I32, I32, I32], []);
  const [source, target, k, kStep] = [0, 1, 2, 3];
  emitRepeat(f, k, () => {
    for (let i = 0; i < width;) {
      const offset = i * bytes;
      const whole = i + lanes <= width;
      f.get(target).get(source).load(whole ? "v128.load" : element.load, { offset });
      f.store(whole ? "v128.store" : element.store, { offset });
      i += whole ? lanes : 1;
    }
    advanceBy(f, source, kStep);
    advance(f, target, width * bytes);
  });
  return f;
}

/** Byte indices of a shuffle, from indices of numbers: lanes of the first vector, then the second. */
function pick(element: Element, numbers: readonly number[]): number[] {
  return numbers.flatMap((number) =>
    Array.from({ length: element.bytes }, (_, byte) => number * element.bytes + byte)
  );
}

/** Emits a square transposition of vectors in place; `other` are as many locals to work with. */
function transpose(
  f: FunctionBuilder,
  element: Element,
  vectors: readonly Local[],
  other: readonly Local[],
): void {
  const combine = (to: Local, x: Local, y: Local, numbers: readonly number[]): void => {
    f.get(x).get(y).shuffle(pick(element, numbers)).set(to);
  };
  const [x0 = 0, x1 = 0, x2 = 0, x3 = 0] = vectors;
  const [t0 = 0, t1 = 0, t2 = 0, t3 = 0] = other;
  if (element.lanes === 2) {
    combine(t0, x0, x1, [0, 2]);
    combine(x1, x0, x1, [1, 3]);
    f.get(t0).set(x0);
    return;
  }
  combine(t0, x0, x1, [0, 4, 1, 5]);
  combine(t1, x0, x1, [2, 6, 3, 7]);
  combine(t2, x2, x3, [0, 4, 1, 5]);
  combine(t3, x2, x3, [2, 6, 3, 7]);
  combine(x0, t0, t2, [0, 1, 4, 5]);
  combine(x1, t0, t2, [2, 3, 6, 7]);
  combine(x2, t1, t3, [0, 1, 4, 5]);
  combine(x3, t1, t3, [2, 3, 6, 7]);
}

/**
 * Emits `pack(source, target, k, lineStep)`: `width` lines along each of which k lies side by side,
 * so that squares of numbers are transposed in registers.
 */
function emitPackAcross(
  module: ModuleBuilder,
  element: Element,
  width: number,
): FunctionBuilder {
  const { bytes, lanes } = element;
  const f = module.func(undefined, [I32, I32, I32, I32], []);
  const [source, target, k, lineStep] = [0, 1, 2, 3];
  const lines = Array.from({ length: width }, () => f.local(I32));
  const vectors = Array.from({ length: lanes }, () => f.local(V128));
  const other = Array.from({ length: lanes }, () => f.local(V128));
  const count = f.local(I32);
  for (const line of lines) {
    f.get(source).set(line);
    advanceBy(f, source, lineStep);
  }
  f.get(k).i32.const(Math.log2(lanes)).op("i32.shr_u").set(count);
  emitRepeat(f, count, () => {
    for (let first = 0; first < width;) {
      const whole = first + lanes <= width;
      if (whole) {
        vectors.forEach((vector, i) => f.get(lines[first + i] ?? 0).load("v128.load").set(vector));
        transpose(f, element, vectors, other);
        vectors.forEach((vector, i) =>
          f.get(target).get(vector).store("v128.store", { offset: (i * width + first) * bytes })
        );
      } else {
        const vector = vectors[0] ?? 0;
        f.get(lines[first] ?? 0).load("v128.load").set(vector);
        for (let i = 0; i < lanes; i++) {
          const offset = (i * width + first) * bytes;
          f.get(target).get(vector).laneMemory(element.storeLane, i, { offset });
        }
      }
      first += whole ? lanes : 1;
    }
    for (const line of lines) advance(f, line, 16);
    advance(f, target, lanes * width * bytes);
  });
  f.get(k).i32.const(lanes - 1).op("i32.and").set(count);
  emitRepeat(f, count, () => {
    lines.forEach((line, i) => {
      f.get(target).get(line).load(element.load).store(element.store, { offset: i * bytes });
      advance(f, line, bytes);
    });
    advance(f, target, width * bytes);
  });
  return f;
}

/**
 * Emits `pack(source, target, lines, k, lineStep, kStep)`: all panels of a block. A panel is `full`
 * lines wide; the last one has as many as are left, filled up with zeros to a multiple of `unit`.
 */
export function emitPackPanels(
  module: ModuleBuilder,
  element: Element,
  full: number,
  unit: number,
  packAny: FunctionBuilder,
): FunctionBuilder {
  const { bytes } = element;
  const along = emitPackAlong(module, element, full);
  const across = emitPackAcross(module, element, full);
  const f = module.func(undefined, [I32, I32, I32, I32, I32, I32], []);
  const [source, target, lines, k, lineStep, kStep] = [0, 1, 2, 3, 4, 5];
  const [line, count, from, to] = [f.local(I32), f.local(I32), f.local(I32), f.local(I32)];
  const [lineBytes, width] = [f.local(I32), f.local(I32)];
  f.get(k).i32.const(bytes).op("i32.mul").set(lineBytes);
  forRange(f, line, lines, full, () => {
    remaining(f, count, lines, line, full);
    offset(f, source, line, lineStep).set(from);
    offset(f, target, line, lineBytes).set(to);
    f.get(count).i32.const(full).op("i32.eq").if(() => {
      f.get(lineStep).i32.const(bytes).op("i32.eq").if(
        () => f.get(from).get(to).get(k).get(kStep).call(along),
        () => f.get(from).get(to).get(k).get(lineStep).call(across),
      );
    }, () => {
      f.get(count).i32.const(unit - 1).op("i32.add").i32.const(-unit).op("i32.and").set(width);
      f.get(to).i32.const(0).get(width).get(lineBytes).op("i32.mul").memoryFill();
      f.get(from).get(to).get(count).get(width).get(k).get(lineStep).get(kStep).call(packAny);
    });
  });
  return f;
}
