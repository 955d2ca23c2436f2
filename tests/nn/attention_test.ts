import { assertAlmostEquals, assertEquals } from "@std/assert";
import { dotProductAttention } from "../../src/nn/attention.ts";
import * as np from "../../src/numpy/mod.ts";
import { checkGrads, jit } from "../../src/transform/mod.ts";
import { draw } from "../numpy/samples.ts";

const q = draw([2, 3, 4, 2], -1, 1);
const [k, v] = [draw([2, 5, 2, 2], -1.5, 1), draw([2, 5, 2, 2], -2, 1)];
const mask = np.array([[true, false, true, true, false]]);

Deno.test("attention has the derivatives of its central differences, to second order", () => {
  for (const options of [{}, { causal: true }, { mask }, { scale: 0.2, causal: true, mask }]) {
    checkGrads(
      (q, k, v) => dotProductAttention(q, k, v, options),
      [q.slice(0, 1), k.slice(0, 1), v.slice(0, 1)],
      { order: 2 },
    );
  }
});

Deno.test("a query that sees no key gets the mean of all values", () => {
  const nothing = np.zeros([3, 5]).gt(1);
  const y = dotProductAttention(q, k, v, { mask: nothing });
  const mean = v.mean(1);
  assertAlmostEquals(y.at(0, 2, 0, 1).item(), mean.at(0, 0, 1).item(), 1e-12);
  assertAlmostEquals(y.at(1, 0, 3, 0).item(), mean.at(1, 1, 0).item(), 1e-12);
});

Deno.test("a masked key does not matter, whatever it holds", () => {
  const other = k.set([null, 1], 1e3);
  const a = dotProductAttention(q, k, v, { mask });
  assertEquals(a.toArray(), dotProductAttention(q, other, v, { mask }).toArray());
});

Deno.test("scores far beyond the range of exp keep attention finite", () => {
  const y = dotProductAttention(q.mul(1e4), k.mul(1e4), v, { causal: true });
  assertEquals(np.all(np.isfinite(y)).item(), 1);
});

Deno.test("attention in jit equals the eager one, float32 stays float32", () => {
  const [a, b, c] = [q, k, v].map((x) => x.astype("float32")) as [typeof q, typeof q, typeof q];
  const eager = dotProductAttention(a, b, c, { causal: true });
  const jitted = jit((a: typeof q, b: typeof q, c: typeof q) => dotProductAttention(a, b, c))(
    a,
    b,
    c,
  );
  assertEquals([eager.dtype, jitted.dtype], ["float32", "float32"]);
  assertEquals(jitted.toArray(), dotProductAttention(a, b, c).toArray());
});
