/**
 * Rows in order, by which distinct ones are found.
 *
 * @module
 */
import { sizeOf } from "../base/mod.ts";
import { cast, emit, emitAll, type Tensor } from "../core/mod.ts";
import { window } from "./parts.ts";
import { iota, rowsAt } from "./places.ts";

/** The order (int32) that sorts rows by their first column, equal ones by the next, and so on. */
function lexicalOrder(rows: Tensor): Tensor {
  const [n, columns] = rows.shape as [number, number];
  let order = iota([n], 0);
  for (let c = columns - 1; c >= 0; c--) {
    const column = window(rows, 1, c, 1).reshape([n]);
    const sorted = c === columns - 1
      ? column
      : emit("take", [column, order], { axis: 0, outside: "fill" });
    const places = emitAll("sort", [sorted], { axis: 0 })[1]!;
    order = c === columns - 1
      ? places
      : emit("take", [order, places], { axis: 0, outside: "fill" });
  }
  return order;
}

/** Rows in order, with the mask of first ones and the order that sorts the rows. */
export function sortedRows(
  t: Tensor,
  equalNan: boolean,
): { rows: Tensor; first: Tensor; order: Tensor } {
  const n = t.shape[0]!;
  const flat = t.reshape([n, sizeOf(t.shape.slice(1))]);
  const order = lexicalOrder(flat);
  const rows = rowsAt(t, order);
  if (n === 0) return { rows, first: cast(order, "bool"), order };
  const [next, before] = [window(rows, 0, 1, n - 1), window(rows, 0, 0, n - 1)];
  let differ = next.ne(before);
  if (equalNan && t.dtype.startsWith("float")) {
    const both = emit("and", [next.isnan(), before.isnan()]);
    differ = emit("and", [differ, emit("not", [both])]);
  }
  const apart = differ.reshape([n - 1, -1]).any({ axis: 1 });
  const start = emit("not", [apart.zeros([1])]);
  return { rows, first: emit("concatenate", [start, apart], { axis: 0 }), order };
}
