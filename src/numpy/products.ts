/**
 * Further products: of blocks, of vectors in space, of stacks of vectors, and sliding ones.
 *
 * @module
 */
import { broadcastShapes, formatShape, formatValue, normalizeAxis } from "../base/mod.ts";
import {
  emit,
  matmul as multiply,
  promoted,
  type Tensor,
  type TensorLike,
  toTensor,
} from "../core/mod.ts";
import { moveaxis } from "./movement.ts";
import { floats } from "./operands.ts";
import { readOptions } from "./options.ts";
import { window } from "./parts.ts";
import type { Options } from "./types.ts";

/**
 * The Kronecker product: each element of `a` times the whole of `b`, as blocks.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.kron([1, 10], [1, 2]).toArray(), [1, 2, 10, 20]);
 * ```
 */
export function kron(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = promoted(a, b, "take the Kronecker product of");
  const rank = Math.max(x.ndim, y.ndim);
  const full = (t: Tensor): number[] => [...new Array<number>(rank - t.ndim).fill(1), ...t.shape];
  const [s, u] = [full(x), full(y)];
  const blocks = x.reshape(s.flatMap((n) => [n, 1])).mul(y.reshape(u.flatMap((n) => [1, n])));
  return blocks.reshape(s.map((n, i) => n * u[i]!));
}

/** What `cross` takes. */
export interface CrossOptions extends Options {
  /** The axis of the vectors in both arrays and in the result; default the last. */
  axis?: number | undefined;
  /** The axis of the vectors of the first array. */
  axisa?: number | undefined;
  /** Of the second. */
  axisb?: number | undefined;
  /** Of the result. */
  axisc?: number | undefined;
}

/**
 * The cross product of vectors of 2 or 3 components; of two plane vectors its one component.
 *
 * @throws {RangeError} when the vectors have other sizes
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.cross([1, 0, 0], [0, 1, 0]).toArray(), [0, 0, 1]);
 * ```
 */
export function cross(a: TensorLike, b: TensorLike, options?: CrossOptions): Tensor {
  const action = "take the cross product of";
  const o = readOptions<CrossOptions>(options, ["axis", "axisa", "axisb", "axisc"], action);
  const given = promoted(a, b, action);
  if (given.some((t) => t.ndim === 0)) {
    throw new RangeError(`Cannot ${action} scalars: wanted vectors`);
  }
  const [x, y] = given.map((t, i) =>
    moveaxis(t, o.axis ?? (i === 0 ? o.axisa : o.axisb) ?? -1, -1)
  ) as [Tensor, Tensor];
  const [m, n] = [x.shape.at(-1)!, y.shape.at(-1)!];
  if (![2, 3].includes(m) || ![2, 3].includes(n)) {
    throw new RangeError(`Cannot ${action} vectors of ${m} and ${n} components: wanted 2 or 3`);
  }
  const at = (t: Tensor, i: number): Tensor => {
    const lead = t.shape.slice(0, -1);
    return i < t.shape.at(-1)! ? window(t, t.ndim - 1, i, 1).reshape(lead) : t.zeros(lead);
  };
  const part = (i: number, j: number): Tensor => at(x, i).mul(at(y, j)).sub(at(x, j).mul(at(y, i)));
  if (m === 2 && n === 2) return part(0, 1);
  const parts = [part(1, 2), part(2, 0), part(0, 1)];
  const shape = parts[0]!.shape;
  const out = emit("concatenate", parts.map((t) => t.reshape([...shape, 1])), {
    axis: shape.length,
  });
  return moveaxis(out, -1, o.axis ?? o.axisc ?? -1);
}

/** How much of a sliding product is given. */
export type SlidingMode = "full" | "same" | "valid";

/** What `convolve` and `correlate` take. */
export interface SlidingOptions extends Options {
  /**
   * "full": wherever both overlap; "same": the middle of it, of the longer one's size; "valid": where
   * the shorter one lies inside.
   */
  mode?: SlidingMode | undefined;
}

/** The products of a vector's windows with another, shorter one; with `ends` overlapping partly. */
function slide(x: Tensor, v: Tensor, low: number, high: number): Tensor {
  const fill = x.zeros([]);
  const padded = emit("pad", [x, fill], { low: [low], high: [high], inner: [0] });
  const k = v.size;
  const windows = emit("windows", [padded.reshape([1, padded.size, 1])], {
    size: [k],
    strides: [1],
    dilation: [1],
  });
  return multiply(windows.reshape([-1, k]), v);
}

function sliding(
  a: TensorLike,
  b: TensorLike,
  mode: SlidingMode,
  action: string,
  reversed: boolean,
): Tensor {
  if (mode !== "full" && mode !== "same" && mode !== "valid") {
    throw new TypeError(
      `Cannot ${action} with mode ${formatValue(mode)}: wanted "full", "same" or "valid"`,
    );
  }
  const [x, y] = floats(a, b, action);
  for (const t of [x, y]) {
    if (t.ndim !== 1 || t.size === 0) {
      throw new RangeError(
        `Cannot ${action} arrays of shapes ${formatShape(x.shape)} and ${
          formatShape(y.shape)
        }: wanted vectors that are not empty`,
      );
    }
  }
  const flip = (t: Tensor): Tensor => emit("flip", [t], { axes: [0] });
  const swap = x.size < y.size;
  const [long, short] = swap ? [y, x] : [x, y];
  const k = short.size;
  const low = mode === "full" ? k - 1 : mode === "same" ? Math.floor(k / 2) : 0;
  const high = mode === "full" ? k - 1 : mode === "same" ? k - 1 - Math.floor(k / 2) : 0;
  if (!reversed) return slide(long, flip(short), low, high);
  // the correlation with a longer one is that of the swapped pair, backwards
  return swap ? flip(slide(long, short, low, high)) : slide(long, short, low, high);
}

/**
 * The discrete convolution of two vectors: out[n] = sum of a[m] v[n - m]. Integers become float32.
 *
 * @throws {RangeError} when one is no vector, or empty
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.convolve([1, 2, 3], [1, 1]).toArray(), [1, 3, 5, 3]);
 * ```
 */
export function convolve(
  a: TensorLike,
  v: TensorLike,
  options?: SlidingMode | SlidingOptions,
): Tensor {
  const { mode = "full" } = readOptions<SlidingOptions>(options, ["mode"], "convolve", "mode");
  return sliding(a, v, mode, "convolve", false);
}

/**
 * The discrete correlation of two vectors: out[k] = sum of a[n + k] v[n]. Integers become float32.
 *
 * @throws {RangeError} when one is no vector, or empty
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.correlate([1, 2, 3], [0, 1], "full").toArray(), [1, 2, 3, 0]);
 * ```
 */
export function correlate(
  a: TensorLike,
  v: TensorLike,
  options?: SlidingMode | SlidingOptions,
): Tensor {
  const { mode = "valid" } = readOptions<SlidingOptions>(options, ["mode"], "correlate", "mode");
  return sliding(a, v, mode, "correlate", true);
}

/** What `vecdot` takes. */
export interface VecdotOptions extends Options {
  /** The axis of the vectors; default the last. */
  axis?: number | undefined;
}

/**
 * The inner products of vectors along an axis; others broadcast.
 *
 * @throws {RangeError} when the vectors differ in size
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.vecdot([[1, 2], [3, 4]], [1, 10]).toArray(), [21, 43]);
 * ```
 */
export function vecdot(a: TensorLike, b: TensorLike, options?: number | VecdotOptions): Tensor {
  const action = "take inner products of";
  const { axis = -1 } = readOptions<VecdotOptions>(options, ["axis"], action, "axis");
  const [x, y] = promoted(a, b, action).map((t) => {
    if (t.ndim === 0) throw new RangeError(`Cannot ${action} scalars: wanted vectors`);
    return moveaxis(t, normalizeAxis(axis, t.ndim, action), -1);
  }) as [Tensor, Tensor];
  if (x.shape.at(-1) !== y.shape.at(-1)) {
    throw new RangeError(
      `Cannot ${action} vectors of ${x.shape.at(-1)} and ${
        y.shape.at(-1)
      } components: wanted as many`,
    );
  }
  const out = multiply(
    x.reshape([...x.shape.slice(0, -1), 1, x.shape.at(-1)!]),
    y.reshape([...y.shape, 1]),
  );
  return out.reshape(broadcastShapes(action, x.shape.slice(0, -1), y.shape.slice(0, -1)));
}

/**
 * Matrices times vectors: the last axis of `a` with the last of `b`; others broadcast.
 *
 * @throws {RangeError} when inner sizes differ, or axes are missing
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.matvec([[1, 2], [3, 4]], [1, 10]).toArray(), [21, 43]);
 * ```
 */
export function matvec(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = [toTensor(a, "matvec"), toTensor(b, "matvec")];
  if (x.ndim < 2 || y.ndim < 1) {
    throw new RangeError(
      `Cannot matvec ${formatShape(x.shape)} with ${
        formatShape(y.shape)
      }: wanted a matrix and a vector`,
    );
  }
  const out = multiply(x, y.reshape([...y.shape, 1]));
  return out.reshape(out.shape.slice(0, -1));
}

/**
 * Vectors times matrices: the last axis of `a` with the last but one of `b`; others broadcast.
 *
 * @throws {RangeError} when inner sizes differ, or axes are missing
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.vecmat([1, 10], [[1, 2], [3, 4]]).toArray(), [31, 42]);
 * ```
 */
export function vecmat(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = [toTensor(a, "vecmat"), toTensor(b, "vecmat")];
  if (x.ndim < 1 || y.ndim < 2) {
    throw new RangeError(
      `Cannot vecmat ${formatShape(x.shape)} with ${
        formatShape(y.shape)
      }: wanted a vector and a matrix`,
    );
  }
  const out = multiply(x.reshape([...x.shape.slice(0, -1), 1, x.shape.at(-1)!]), y);
  return out.reshape([...out.shape.slice(0, -2), out.shape.at(-1)!]);
}
