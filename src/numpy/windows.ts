/**
 * Window functions, by which signals are weighted, and the Bessel function behind one of them.
 *
 * @module
 */
import { HostArray } from "../base/mod.ts";
import { type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { float } from "./operands.ts";
import { integer } from "./options.ts";

function tabulate(n: number, action: string, f: (i: number, last: number) => number): Tensor {
  const size = integer(n, "size", action, 0);
  const values = Float32Array.from({ length: size }, (_, i) => size === 1 ? 1 : f(i, size - 1));
  return toTensor(new HostArray(values, [size], "float32"));
}

/**
 * The Bartlett window: a triangle that is 0 at both ends. Of size 1, it is 1.
 *
 * @throws {RangeError} when the size is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.bartlett(5).toArray(), [0, 0.5, 1, 0.5, 0]);
 * ```
 */
export function bartlett(n: number): Tensor {
  return tabulate(n, "make a window", (i, last) => 1 - Math.abs(2 * i / last - 1));
}

/**
 * The Blackman window: 0.42 - 0.5 cos(t) + 0.08 cos(2t) for t in 0..2 pi.
 *
 * @throws {RangeError} when the size is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.blackman(3).at(1).item(), 1);
 * ```
 */
export function blackman(n: number): Tensor {
  return tabulate(n, "make a window", (i, last) => {
    const t = 2 * Math.PI * i / last;
    return 0.42 - 0.5 * Math.cos(t) + 0.08 * Math.cos(2 * t);
  });
}

/**
 * The Hamming window: 0.54 - 0.46 cos(t) for t in 0..2 pi.
 *
 * @throws {RangeError} when the size is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.hamming(3).at(1).item(), 1);
 * ```
 */
export function hamming(n: number): Tensor {
  return tabulate(n, "make a window", (i, last) => 0.54 - 0.46 * Math.cos(2 * Math.PI * i / last));
}

/**
 * The Hann window: (1 - cos(t)) / 2 for t in 0..2 pi.
 *
 * @throws {RangeError} when the size is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.hanning(3).toArray(), [0, 1, 0]);
 * ```
 */
export function hanning(n: number): Tensor {
  return tabulate(n, "make a window", (i, last) => 0.5 - 0.5 * Math.cos(2 * Math.PI * i / last));
}

/**
 * The Kaiser window: I0(beta sqrt(1 - t^2)) / I0(beta) for t in -1..1.
 *
 * @param n the size
 * @param beta how narrow it is; 0 gives a rectangle
 * @throws {RangeError} when the size is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.kaiser(3, 0).toArray(), [1, 1, 1]);
 * ```
 */
export function kaiser(n: number, beta: number): Tensor {
  if (typeof beta !== "number" || Number.isNaN(beta)) {
    throw new TypeError(`Cannot make a window with beta ${beta}: wanted a number`);
  }
  return tabulate(n, "make a window", (i, last) => {
    const t = 2 * i / last - 1;
    const x = beta * Math.sqrt(Math.max(0, 1 - t * t));
    return scaledBessel(x) / scaledBessel(beta) * Math.exp(Math.abs(x) - Math.abs(beta));
  });
}

/** Points of the trapezoid rule on a half circle: enough for arguments up to 700. */
const POINTS = 129;
const ANGLES: readonly number[] = Array.from(
  { length: POINTS },
  (_, i) => Math.cos(Math.PI * i / (POINTS - 1)) - 1,
);
const WEIGHTS: readonly number[] = ANGLES.map((_, i) =>
  (i === 0 || i === POINTS - 1 ? 0.5 : 1) / (POINTS - 1)
);

/** exp(-|x|) I0(x) of a number. */
function scaledBessel(x: number): number {
  return ANGLES.reduce((sum, c, i) => sum + WEIGHTS[i]! * Math.exp(Math.abs(x) * c), 0);
}

/**
 * The modified Bessel function of order 0: the mean of exp(x cos(t)) over a half circle, by the
 * trapezoid rule, which converges exponentially for it. Integers become float32.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.i0(0).item(), 1);
 * ```
 */
export function i0(x: TensorLike): Tensor {
  const t = float(x, "take the Bessel function of");
  const size = t.abs();
  const column = (values: readonly number[]): Tensor =>
    toTensor(new HostArray(Float64Array.from(values), [POINTS], "float64")).astype(t.dtype);
  const terms = size.reshape([...t.shape, 1]).mul(column(ANGLES)).exp().mul(column(WEIGHTS));
  return terms.sum({ axis: -1 }).mul(size.exp());
}
