/**
 * Binary search on the device, of many values at once.
 *
 * @module
 */
import { emit, literalBeside, type Tensor } from "../core/mod.ts";
import { select } from "./operands.ts";

/** Where values would go into a sorted vector of their dtype so that it stays sorted: int32 in 0..n. */
export function insertionPoints(a: Tensor, v: Tensor, side: "left" | "right"): Tensor {
  const n = a.shape[0]!;
  const int = (x: number): Tensor => literalBeside(v, [x], [], "int32").broadcastTo(v.shape);
  let [low, high] = [int(0), int(n)];
  const steps = Math.ceil(Math.log2(n + 1));
  for (let i = 0; i < steps; i++) {
    const middle = emit("shr", [low.add(high), literalBeside(v, [1], [], "int32")]);
    const x = emit("take", [a, middle], { axis: 0, outside: "fill" });
    const left = side === "left" ? emit("not", [before(x, v)]) : before(v, x);
    low = select(left, low, middle);
    high = select(left, middle, high);
  }
  return high;
}

/** x < y, where NaN comes last. */
function before(x: Tensor, y: Tensor): Tensor {
  const less = x.lt(y);
  if (!x.dtype.startsWith("float")) return less;
  return emit("or", [less, emit("and", [y.isnan(), emit("not", [x.isnan()])])]);
}
