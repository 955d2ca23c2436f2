/**
 * The contraction that products of matrices are made of.
 *
 * @module
 */
import { cast, emit, type Tensor } from "../core/mod.ts";

/** The contraction op, for bools as well, whose sum of products means "any of both". */
export function product(a: Tensor, b: Tensor, ta: boolean, tb: boolean): Tensor {
  if (a.dtype !== "bool") return emit("dot", [a, b], { ta, tb });
  return cast(emit("dot", [cast(a, "int32"), cast(b, "int32")], { ta, tb }), "bool");
}
