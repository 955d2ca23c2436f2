/** Examples: as TensorFlow parses them. @module */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { Dataset, parseExample } from "../../../src/data/mod.ts";
import type { GoldenRecord } from "../../goldens/read.ts";
import { assertSame, golden, path } from "../golden_files.ts";

Deno.test("Examples are parsed as TensorFlow parses them", () => {
  const parse = parseExample({
    id: { dtype: "int32", shape: [] },
    size: { dtype: "float32", shape: [2] },
    words: { dtype: "string" },
    big: { dtype: "float64", shape: [] },
    neg: { dtype: "int32" },
    gone: { dtype: "float32", shape: [2], default: [1, 2] },
  });
  const got = [...Dataset.tfRecord(path("examples.tfrecord"))].map(parse);
  const want = golden("parseExample").want as GoldenRecord[];
  assertEquals(got.length, want.length);
  for (const [i, example] of got.entries()) {
    for (const [name, value] of Object.entries(example)) assertSame(value, want[i]![name]);
  }
});

Deno.test("an Example that is not what was asked for", () => {
  const [first] = [...Dataset.tfRecord(path("examples.tfrecord"))];
  const fails = (
    feature: Parameters<typeof parseExample>[0],
    kind: typeof TypeError,
    what: string,
  ) => assertThrows(() => parseExample(feature)(first!), kind, what);
  for (const wrong of [undefined, null, 3, []]) {
    fails(wrong as never, TypeError, "Cannot parse Examples by ");
  }
  fails({ size: { dtype: "int32", shape: [2] } }, TypeError, "it is a list of float");
  fails({ size: { dtype: "float32", shape: [3] } }, RangeError, "holds 2 values where shape [3]");
  fails({ lost: { dtype: "float32", shape: [] } }, RangeError, "none of that name");
  fails({ big: { dtype: "int32", shape: [] } }, RangeError, "does not fit");
  fails({ words: { dtype: "float32" } }, TypeError, "a list of bytes");
  for (let n = 0; n < first!.size; n++) {
    try {
      parseExample({ id: { dtype: "int32" } })(first!.values.slice(0, n) as Uint8Array);
    } catch (e) {
      assert(e instanceof RangeError && e.message.includes("tf.train.Example"), String(e));
    }
  }
});
