/**
 * Polynomials as vectors of coefficients, the highest power first: values, arithmetic, derivatives and
 * integrals.
 *
 * @module
 */
import { baseInterpreter, emit, promoted, type Tensor, type TensorLike } from "../core/mod.ts";
import { coefficients, float, together } from "./operands.ts";
import { integer, readOptions } from "./options.ts";
import { window } from "./parts.ts";
import { convolve } from "./products.ts";
import type { Options } from "./types.ts";

function pair(a: TensorLike, b: TensorLike, action: string): [Tensor, Tensor] {
  const [x, y] = promoted(a, b, action);
  return [coefficients(x, action), coefficients(y, action)];
}

/** Zeros before the coefficients, so that there are n. */
function lengthened(p: Tensor, n: number): Tensor {
  return p.size >= n ? p : emit("concatenate", [p.zeros([n - p.size]), p], { axis: 0 });
}

/**
 * The value of a polynomial: p[0] x ** (n - 1) + ... + p[n - 1].
 *
 * @throws {RangeError} when the coefficients are no vector
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.polyval([1, 0, 2], [3, 4]).toArray(), [11, 18]);
 * ```
 */
export function polyval(p: TensorLike, x: TensorLike): Tensor {
  const [given, t] = promoted(p, x, "evaluate");
  const c = coefficients(given, "evaluate");
  let out = t.zeros();
  for (let i = 0; i < c.size; i++) out = out.mul(t).add(c.at(i));
  return out;
}

/**
 * The sum of two polynomials.
 *
 * @throws {RangeError} when coefficients are no vector
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.polyadd([1, 2], [1, 0, 0]).toArray(), [1, 1, 2]);
 * ```
 */
export function polyadd(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = pair(a, b, "add polynomials");
  const n = Math.max(x.size, y.size);
  return lengthened(x, n).add(lengthened(y, n));
}

/**
 * The difference of two polynomials.
 *
 * @throws {RangeError} when coefficients are no vector
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.polysub([1, 0, 0], [1, 2]).toArray(), [1, -1, -2]);
 * ```
 */
export function polysub(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = pair(a, b, "subtract polynomials");
  const n = Math.max(x.size, y.size);
  return lengthened(x, n).sub(lengthened(y, n));
}

/**
 * The product of two polynomials.
 *
 * @throws {RangeError} when coefficients are no vector
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.polymul([1, 1], [1, -1]).toArray(), [1, 0, -1]);
 * ```
 */
export function polymul(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = pair(a, b, "multiply polynomials");
  return convolve(x, y);
}

/**
 * The quotient and the remainder of two polynomials; the divisor's first coefficient is not 0. The
 * remainder keeps its leading zeros, as in JAX.
 *
 * @throws {RangeError} when coefficients are no vector, or there is no divisor
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.polydiv([1, 0, -1], [1, 1]).map((t) => t.toArray()), [[1, -1], [0, 0, 0]]);
 * ```
 */
export function polydiv(a: TensorLike, b: TensorLike): [quotient: Tensor, remainder: Tensor] {
  const action = "divide polynomials";
  const [u, v] = pair(
    float(coefficients(a, action), action),
    float(coefficients(b, action), action),
    action,
  );
  if (v.size === 0) throw new RangeError(`Cannot ${action}: the divisor has no coefficients`);
  const [m, n] = [u.size - 1, v.size - 1];
  if (m < n) return [u.zeros([1]), u];
  const first = v.at(0);
  let rest = u;
  const quotient: Tensor[] = [];
  for (let k = 0; k <= m - n; k++) {
    const d = rest.at(k).div(first);
    quotient.push(d.reshape([1]));
    const taken = emit("pad", [v.mul(d), v.zeros([])], { low: [k], high: [m - n - k], inner: [0] });
    rest = rest.sub(taken);
  }
  return [emit("concatenate", quotient, { axis: 0 }), rest];
}

/**
 * The m-th derivative of a polynomial.
 *
 * @throws {RangeError} when coefficients are no vector, or m is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.polyder([1, 0, 5]).toArray(), [2, 0]);
 * ```
 */
export function polyder(p: TensorLike, m = 1): Tensor {
  const action = "differentiate a polynomial of";
  const c = float(coefficients(p, action), action);
  const times = integer(m, "m", action, 0);
  const n = Math.max(0, c.size - times);
  const factors = Array.from({ length: n }, (_, i) => {
    let f = 1;
    for (let k = 0; k < times; k++) f *= c.size - 1 - i - k;
    return f;
  });
  return window(c, 0, 0, n).mul(constants(factors, c));
}

function constants(values: readonly number[], like: Tensor): Tensor {
  return baseInterpreter().upload(Float64Array.from(values), [values.length], "float64").astype(
    like.dtype,
  );
}

/** How often polynomials are integrated at most. */
const MOST_INTEGRALS = 1000;

/** What `polyint` takes. */
export interface PolyintOptions extends Options {
  /** How often to integrate; default 1. */
  m?: number | undefined;
  /** The constants of integration, the first for the first time; default 0. */
  k?: TensorLike | undefined;
}

/**
 * The m-th antiderivative of a polynomial.
 *
 * @throws {RangeError} when coefficients are no vector, or there is not one constant for each time
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.polyint([2, 0], { k: 5 }).toArray(), [1, 0, 5]);
 * ```
 */
export function polyint(p: TensorLike, options?: number | PolyintOptions): Tensor {
  const action = "integrate a polynomial of";
  const o = readOptions<PolyintOptions>(options, ["m", "k"], action, "m");
  let c = float(coefficients(p, action), action);
  const times = integer(o.m ?? 1, "m", action, 0);
  if (times > MOST_INTEGRALS) {
    throw new RangeError(
      `Cannot ${action} ${c.size} coefficients ${times} times: at most ${MOST_INTEGRALS} are ` +
        `wanted, long after all coefficients are 0`,
    );
  }
  const given = float(o.k ?? 0, action).reshape([-1]);
  if (given.size !== 1 && given.size !== times) {
    throw new RangeError(
      `Cannot ${action} ${c.size} coefficients ${times} times with ${given.size} constants: wanted one for each time`,
    );
  }
  for (let t = 0; t < times; t++) {
    const divisors = Array.from({ length: c.size }, (_, i) => c.size - i);
    const k = given.size === 1 ? given : given.slice(t, t + 1);
    const all = together([c.div(constants(divisors, c)), k], action);
    c = emit("concatenate", all, { axis: 0 });
  }
  return c;
}
