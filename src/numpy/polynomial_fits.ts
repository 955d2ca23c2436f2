/**
 * Polynomials out of points or of roots, and their roots.
 *
 * @module
 */
import { checkShape, formatShape, formatValue } from "../base/mod.ts";
import { cast, emit, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { coefficients, float, select, together } from "./operands.ts";
import { integer, readOptions } from "./options.ts";
import { window } from "./parts.ts";
import { valuesOf } from "./places.ts";
import type { Options } from "./types.ts";

/** What `vander` takes. */
export interface VanderOptions extends Options {
  /** The number of columns; default that of elements. */
  N?: number | undefined;
  /** Whether powers rise from left to right; default false. */
  increasing?: boolean | undefined;
}

/**
 * The matrix of powers of a vector's elements, a row for each.
 *
 * @throws {RangeError} when it is no vector
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.vander([1, 2, 3], 2).toArray(), [[1, 1], [2, 1], [3, 1]]);
 * ```
 */
export function vander(x: TensorLike, options?: number | VanderOptions): Tensor {
  const action = "take powers of";
  const o = readOptions<VanderOptions>(options, ["N", "increasing"], action, "N");
  const t = toTensor(x, action);
  if (t.ndim !== 1) {
    throw new RangeError(`Cannot ${action} ${formatShape(t.shape)}: wanted a vector`);
  }
  if (o.increasing !== undefined && typeof o.increasing !== "boolean") {
    throw new TypeError(
      `Cannot ${action} a vector with increasing ${
        formatValue(o.increasing)
      }: wanted true or false`,
    );
  }
  const n = integer(o.N ?? t.size, "N", action, 0);
  const number = t.dtype === "bool" ? cast(t, "int32") : t;
  const column = number.reshape([-1, 1]);
  if (n === 0) return number.zeros([t.size, 0]);
  const first = column.zeros().add(1);
  const shape = checkShape([t.size, n - 1], `${action} a vector`);
  const factors = n === 1
    ? first
    : emit("concatenate", [first, emit("broadcast", [column], { shape })], { axis: 1 });
  const powers = emit("cumprod", [factors], { axis: 1, reverse: false });
  return o.increasing ? powers : emit("flip", [powers], { axes: [1] });
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
  w?: TensorLike | undefined;
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
