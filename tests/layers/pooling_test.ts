import { assert, assertEquals, assertThrows } from "@std/assert";
import { clearNames } from "../../src/core/mod.ts";
import * as layers from "../../src/layers/mod.ts";
import * as np from "../../src/numpy/mod.ts";

Deno.test("pooling that cannot be is refused, with the layer's name", () => {
  const refuse = (f: () => unknown, Kind: ErrorConstructor, ...says: string[]) => {
    clearNames();
    const { message } = assertThrows(f, Kind);
    for (const part of says) assert(message.includes(part), message);
    assert(/^Cannot .+[^.]$/s.test(message), message);
  };
  const { AveragePooling1D, GlobalMaxPooling2D, MaxPooling1D, MaxPooling2D } = layers;
  refuse(() => new MaxPooling2D(0), RangeError, "poolSize 0");
  refuse(() => new MaxPooling2D([2, 2, 2]), RangeError, "poolSize [2,2,2]", "each of 2");
  refuse(() => new MaxPooling1D(2, { strides: 0 }), RangeError, "strides 0");
  refuse(() => new MaxPooling1D(2, { stride: 1 } as object), TypeError, "strides, padding");
  refuse(() => new MaxPooling1D(2, { padding: "causal" as "same" }), RangeError, '"valid"');
  refuse(() => new AveragePooling1D(undefined as unknown as number), TypeError, "poolSize");
  refuse(() => new GlobalMaxPooling2D({ keepDims: true } as object), TypeError, "keepdims");
  refuse(() => new MaxPooling2D().apply(np.zeros([4, 4, 1])), RangeError, "2 spatial axes");
  refuse(() => new MaxPooling1D().apply(np.zeros([1, 1, 1])), RangeError, "larger than");
  refuse(() => new GlobalMaxPooling2D().apply(np.zeros([4, 4])), RangeError, "2 spatial axes");
});

Deno.test("the size of a window may stand among the options", () => {
  const x = np.reshape(np.arange(9), [1, 9, 1]);
  const pool = new layers.MaxPooling1D({ poolSize: 3, name: "thirds" });
  assertEquals([pool.name, pool.strides], ["thirds", [3]]);
  assertEquals(pool.apply(x).flatten().toArray(), [2, 5, 8]);
  assertEquals(new layers.MaxPooling2D({ strides: 1 }).poolSize, [2, 2]);
});

Deno.test("pooling layers have no weights", () => {
  const pool = new layers.MaxPooling2D();
  pool.apply(np.zeros([1, 4, 4, 2]));
  assertEquals([pool.variables.length, pool.outputShapes], [0, [[-1, 2, 2, 2]]]);
});
