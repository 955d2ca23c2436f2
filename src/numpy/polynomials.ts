/**
 * Polynomials as vectors of coefficients, the highest power first.
 *
 * @module
 */
import { formatShape, formatValue } from "../base/mod.ts";
import {
  baseInterpreter,
  emit,
  promoted,
  type Tensor,
  type TensorLike,
  toTensor,
} from "../core/mod.ts";
import { vander } from "./diagonals.ts";
import { select, together } from "./operands.ts";
import { integer, type Options, readOptions } from "./options.ts";
import { valuesOf } from "./positions.ts";
import { convolve } from "./products.ts";
import { float } from "./reductions.ts";
import { window } from "./movement.ts";

function coefficients(p: TensorLike, action: string): Tensor {
  const t = toTensor(p, action);
  const c = t.ndim === 0 ? t.reshape([1]) : t;
  if (c.ndim !== 1) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(c.shape)}: wanted a vector of coefficients`,
    );
  }
  return c;
}

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
  m?: number;
  /** The constants of integration, the first for the first time; default 0. */
  k?: TensorLike;
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

/**
 * The polynomial with given roots and leading coefficient 1.
 *
 * @throws {RangeError} when the roots are no vector; square matrices would need eigenvalues
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.poly([1, -1]).toArray(), [1, 0, -1]);
 * ```
 */
export function poly(roots: TensorLike): Tensor {
  const r = float(
    coefficients(roots, "make a polynomial with roots"),
    "make a polynomial with roots",
  );
  let out = r.zeros([1]).add(1);
  for (let i = 0; i < r.size; i++) {
    const zero = out.zeros([1]);
    out = emit("concatenate", [out, zero], { axis: 0 })
      .sub(emit("concatenate", [zero, out.mul(r.at(i))], { axis: 0 }));
  }
  return out;
}

/** What `polyfit` takes. */
export interface PolyfitOptions extends Options {
  /** What each point counts: residuals are multiplied by it before they are squared. */
  w?: TensorLike;
}

/**
 * The polynomial of a degree that fits points best by least squares: by QR decomposition of the powers,
 * their columns scaled to unit length.
 *
 * @param x coordinates, a vector
 * @param y values, a vector, or a matrix with a column for each fit
 * @param degree the degree
 * @throws {RangeError} when sizes do not fit, or there are fewer points than coefficients
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.polyfit([0, 1, 2], [1, 3, 5], 1).mul(1000).round().toArray(), [2000, 1000]);
 * ```
 */
export function polyfit(
  x: TensorLike,
  y: TensorLike,
  degree: number,
  options?: PolyfitOptions,
): Tensor {
  const action = "fit a polynomial to";
  const o = readOptions<PolyfitOptions>(options, ["w"], action);
  let [t, v] = together([float(x, action), float(y, action)], action) as [Tensor, Tensor];
  const n = integer(degree, "degree", action, 0) + 1;
  if (t.ndim !== 1 || v.ndim < 1 || v.ndim > 2 || v.shape[0] !== t.size) {
    throw new RangeError(
      `Cannot ${action} points of shapes ${formatShape(t.shape)} and ${
        formatShape(v.shape)
      }: wanted a value for each coordinate`,
    );
  }
  if (t.size < n) {
    throw new RangeError(
      `Cannot ${action} ${t.size} points with ${n} coefficients: wanted at least as many points`,
    );
  }
  let a = vander(t, n);
  if (o.w !== undefined) {
    const w = float(o.w, action);
    if (w.ndim !== 1 || w.size !== t.size) {
      throw new RangeError(
        `Cannot ${action} ${t.size} points with weights of shape ${
          formatShape(w.shape)
        }: wanted one for each`,
      );
    }
    a = a.mul(w.reshape([-1, 1]));
    v = v.mul(v.ndim === 1 ? w : w.reshape([-1, 1]));
  }
  const scale = a.mul(a).sum({ axis: 0 }).sqrt();
  const flat = v.ndim === 1;
  const c = solveLeastSquares(a.div(scale), flat ? v.reshape([-1, 1]) : v).div(
    scale.reshape([-1, 1]),
  );
  return flat ? c.reshape([n]) : c;
}

/** Least squares by Gram-Schmidt orthogonalization, each column twice. */
function solveLeastSquares(a: Tensor, b: Tensor): Tensor {
  const n = a.shape[1]!;
  const q: Tensor[] = [];
  const r: Tensor[][] = [];
  for (let j = 0; j < n; j++) {
    let v = window(a, 1, j, 1);
    const row: Tensor[] = [];
    for (let pass = 0; pass < 2; pass++) {
      q.forEach((u, i) => {
        const share = u.mul(v).sum();
        row[i] = row[i] === undefined ? share : row[i]!.add(share);
        v = v.sub(u.mul(share));
      });
    }
    const length = v.mul(v).sum().sqrt();
    row.push(length);
    r.push(row);
    q.push(v.div(length));
  }
  // back substitution, from the last coefficient on
  const out: Tensor[] = new Array(n);
  for (let i = n - 1; i >= 0; i--) {
    let right = q[i]!.mul(b).sum({ axis: 0 });
    for (let j = i + 1; j < n; j++) right = right.sub(r[j]![i]!.mul(out[j]!));
    out[i] = right.div(r[i]![i]!);
  }
  return emit("concatenate", out.map((t) => t.reshape([1, -1])), { axis: 0 });
}

/**
 * The real roots of a polynomial of degree 2 at most, the one of greater size first. Roots of higher
 * degree are eigenvalues.
 *
 * @throws {RangeError} when the degree is higher, or the roots are no real numbers
 * @throws {ConcretizationError} inside `jit`: the degree depends on the coefficients
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.roots([1, -3, 2]).toArray(), [2, 1]);
 * ```
 */
export function roots(p: TensorLike): Tensor {
  const action = "find the roots of";
  const c = float(coefficients(p, action), action);
  const values = Array.from(valuesOf(c, action, "find them outside"));
  const first = values.findIndex((v) => v !== 0);
  if (first < 0) return c.zeros([0]);
  const last = values.findLastIndex((v) => v !== 0);
  const zeros = values.length - 1 - last;
  const at = (i: number): Tensor => c.at(first + i);
  const degree = last - first;
  let found: Tensor;
  if (degree === 0) found = c.zeros([0]);
  else if (degree === 1) found = at(1).neg().div(at(0)).reshape([1]);
  else if (degree === 2) {
    const [u, v, w] = [values[first]!, values[first + 1]!, values[first + 2]!];
    if (v * v - 4 * u * w < 0) {
      throw new RangeError(
        `Cannot ${action} ${
          formatValue(values)
        }: they are complex: wanted a polynomial with real roots`,
      );
    }
    const root = at(1).mul(at(1)).sub(at(0).mul(at(2)).mul(4)).sqrt();
    // the sum of numbers of one sign loses no digits
    const sum = select(at(1).lt(0), at(1).sub(root), at(1).add(root)).mul(-0.5);
    const large = sum.div(at(0));
    found = emit("concatenate", [large, at(2).div(sum)].map((t) => t.reshape([1])), { axis: 0 });
  } else {
    throw new RangeError(
      `Cannot ${action} a polynomial of degree ${degree}: wanted a degree of 2 at most`,
    );
  }
  return zeros === 0 ? found : emit("concatenate", [found, c.zeros([zeros])], { axis: 0 });
}
