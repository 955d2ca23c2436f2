/**
 * Matrix products as NumPy's matmul defines them, on top of the one contraction op.
 *
 * @module
 */
import { formatShape } from "../base/errors.ts";
import { broadcastShapes, sizeOf } from "../base/shape.ts";
import { cast, meet } from "./arithmetic.ts";
import { emit } from "./interpreter.ts";
import type { Tensor } from "./tensor.ts";

/** np.matmul: vectors gain and lose an axis, leading axes broadcast. Of bools: any of both. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  if (a.shape.length === 0 || b.shape.length === 0) {
    throw new RangeError(
      `Cannot matmul ${formatShape(a.shape)} with ${formatShape(b.shape)}: ` +
        `both need at least one axis; use mul for scalars`,
    );
  }
  const d = meet(a, b);
  if (d === "bool") return cast(matmul(cast(a, "int32"), cast(b, "int32")), "bool");
  let x = cast(a, d, a.aval.weak && b.aval.weak);
  let y = cast(b, d, a.aval.weak && b.aval.weak);
  const k = x.shape[x.shape.length - 1]!;
  const q = y.shape.length === 1 ? y.shape[0]! : y.shape[y.shape.length - 2]!;
  if (k !== q) {
    throw new RangeError(
      `Cannot matmul ${formatShape(a.shape)} with ${formatShape(b.shape)}: ` +
        `inner sizes must match (${k} and ${q})`,
    );
  }
  if (x.shape.length === 1) x = x.reshape([1, k]);
  if (y.shape.length === 1) y = y.reshape([k, 1]);
  const n = y.shape[y.shape.length - 1]!;
  const rows = x.shape.slice(0, -1);
  let out: Tensor;
  if (y.shape.length === 2) {
    // one large product instead of a batch of small ones
    out = emit("dot", [x.reshape([sizeOf(rows), k]), y], {
      ta: false,
      tb: false,
    }).reshape([...rows, n]);
  } else {
    const batch = broadcastShapes("matmul", x.shape.slice(0, -2), y.shape.slice(0, -2));
    out = emit("dot", [
      x.broadcastTo([...batch, ...x.shape.slice(-2)]),
      y.broadcastTo([...batch, ...y.shape.slice(-2)]),
    ], { ta: false, tb: false });
  }
  if (a.shape.length === 1 && b.shape.length === 1) return out.reshape([]);
  if (a.shape.length === 1) return out.reshape([...out.shape.slice(0, -2), n]);
  if (b.shape.length === 1) return out.reshape(out.shape.slice(0, -1));
  return out;
}
