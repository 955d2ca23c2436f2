/**
 * evalShape: what a function would return, without computing it.
 *
 * @module
 */
import { checkDType, type DType } from "../base/dtype.ts";
import { formatShape } from "../base/errors.ts";
import { checkShape } from "../base/shape.ts";
import { flatten, unflatten } from "../base/tree.ts";
import { isLeaf, Shapes, type Tensor, toTensor, within } from "../core/mod.ts";
import { makeAval } from "../ir/aval.ts";
import { checkCall } from "./check_call.ts";
import { badLeaf, flatResult, labelOf } from "./leaves.ts";
import type { Arg } from "./types.ts";

/**
 * The shape and dtype of an array that need not exist.
 *
 * @example
 * ```ts
 * import { ShapeDtypeStruct } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(`${new ShapeDtypeStruct([2, 3], "float32")}`, "float32[2,3]");
 * ```
 */
export class ShapeDtypeStruct {
  /** The sizes of the axes. */
  readonly shape: readonly number[];
  /** The element type. */
  readonly dtype: DType;

  /**
   * Names a shape and a dtype.
   *
   * @throws {RangeError} when a size is not an integer of at least 0
   * @throws {TypeError} when there is no such dtype
   */
  constructor(shape: readonly number[], dtype: DType = "float32") {
    this.shape = checkShape(shape, "describe an array");
    this.dtype = checkDType(dtype, "describe an array");
  }

  /** As `float32[2,3]`. */
  toString(): string {
    return `${this.dtype}${formatShape(this.shape)}`;
  }

  /** What `console.log` shows. */
  [Symbol.for("Deno.customInspect")](): string {
    return `ShapeDtypeStruct(${this})`;
  }
}

/** What a tree becomes when every leaf of it is a {@link ShapeDtypeStruct}. */
export type Shaped<T> = T extends Tensor ? ShapeDtypeStruct
  : T extends number | null | undefined ? T extends number ? ShapeDtypeStruct : T
  : T extends readonly unknown[] ? { -readonly [K in keyof T]: Shaped<T[K]> }
  : T extends object ? { -readonly [K in keyof T]: Shaped<T[K]> }
  : T;

/** Arguments in which a {@link ShapeDtypeStruct} may stand for any tensor. */
export type ShapedArg<T> = T extends Tensor ? Arg<T> | ShapeDtypeStruct
  : T extends (...args: never[]) => unknown ? T
  : T extends readonly unknown[] ? { readonly [K in keyof T]: ShapedArg<T[K]> }
  : T extends object ? { readonly [K in keyof T]: ShapedArg<T[K]> }
  : T;

/**
 * The shapes and dtypes of what `f` would return, without any arithmetic or memory for it. Arguments
 * may be tensors, or {@link ShapeDtypeStruct}s in their place, so that nothing large need exist.
 *
 * @param f a function of trees of tensors that returns such a tree
 * @throws {RangeError} what the function itself would throw for such shapes
 * @throws {ConcretizationError} when the function reads a value
 *
 * @example
 * ```ts
 * import { evalShape, ShapeDtypeStruct, type Tensor } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const huge = new ShapeDtypeStruct([1_000_000, 1_000_000]);
 * const { sums } = evalShape((x: Tensor) => ({ sums: x.matmul(x).sum({ axis: 0 }) }), huge);
 * assertEquals(sums.shape, [1_000_000]);
 * ```
 */
export function evalShape<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  ...args: { [K in keyof A]: ShapedArg<A[K]> }
): Shaped<R> {
  checkCall(f, {}, [], "take the shapes of");
  const label = labelOf(f, "evalShape");
  const shapes = new Shapes(label);
  const [leaves, structure] = flatten(args);
  try {
    return within(shapes, () => {
      const given = leaves.map((x, i) => {
        if (x instanceof ShapeDtypeStruct) return shapes.any(makeAval(x.shape, x.dtype));
        if (!isLeaf(x) || typeof x === "boolean") badLeaf(args, i, `call ${label}`, "args");
        return shapes.any(toTensor(x).aval);
      });
      const returned = f(...unflatten(structure, given) as unknown as A);
      const out = flatResult(returned, "take the shapes of", label);
      const structs = out.tensors.map((t) => new ShapeDtypeStruct(t.shape, t.dtype));
      return unflatten(out.structure, structs) as Shaped<R>;
    });
  } finally {
    shapes.end();
  }
}
