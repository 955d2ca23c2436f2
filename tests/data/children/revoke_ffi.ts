/** Batches before and after the permission for native code is given back, of old and new datasets. */
import { HostArray } from "../../../src/base/host_array.ts";
import { Dataset } from "../../../src/data/mod.ts";

const make = () =>
  Dataset.fromTensorSlices(
    new HostArray(new Uint8Array(9000 * 1000).map((_, i) => i / 1000), [9000, 1000]),
  ).shuffle(100, { seed: 1 });
const sum = (d: Dataset<HostArray>) => {
  let sum = 0;
  for (const x of d) for (let i = 0; i < x.values.length; i += 1000) sum += x.values[i]!;
  return sum;
};
const old = make();
const want = [...Array(9000).keys()].reduce((a, i) => a + (i & 255), 0);
const sums: number[] = [];
for (let i = 0; i < 5; i++) sums.push(sum(old.batch(32)));
Deno.permissions.revokeSync({ name: "ffi" });
for (const d of [old.batch(32), old.batch(64), make().batch(32)]) sums.push(sum(d));
console.log(sums.every((x) => x === want) ? "ok" : `wanted ${want}, got ${sums}`);
