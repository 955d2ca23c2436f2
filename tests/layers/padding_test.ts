import { assertEquals, assertThrows } from "@std/assert";
import * as layers from "../../src/layers/mod.ts";
import * as np from "../../src/numpy/mod.ts";

Deno.test("padding that is of no known form is refused", () => {
  const make = (padding: unknown) => () => new layers.ZeroPadding2D(padding as number);
  assertThrows(make(-1), RangeError, "integers >= 0");
  assertThrows(make([1.5, 1]), RangeError, "integers >= 0");
  assertThrows(make([1, 1, 1]), TypeError, "[[top, bottom], [left, right]]");
  assertThrows(make("same"), TypeError);
  assertThrows(() => new layers.ZeroPadding2D(1, { value: 2 } as object), TypeError, "value");
  const layer = new layers.ZeroPadding2D();
  assertThrows(() => layer.apply(np.zeros([2, 3, 4])), RangeError, "[batch, height, width");
});

Deno.test("padding of 0 changes nothing, and may stand among the options", () => {
  const x = np.ones([1, 2, 2, 1]);
  assertEquals(new layers.ZeroPadding2D({ padding: 0 }).apply(x).toArray(), x.toArray());
  assertEquals(new layers.ZeroPadding2D({ name: "frame" }).apply(x).shape, [1, 4, 4, 1]);
});
