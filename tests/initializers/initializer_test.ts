import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { stepKey } from "../../src/compile/print_plan.ts";
import { currentDevice, toTensor } from "../../src/core/mod.ts";
import * as initializers from "../../src/initializers/mod.ts";

const bad = <T>(x: T): never => x as never;
const factories = Object.entries(initializers).filter(([name]) => name !== "get") as [
  string,
  (options?: object) => initializers.Initializer,
][];

Deno.test("one initializer always gives the same numbers, two of one name give different ones", () => {
  const a = initializers.glorotUniform();
  assertEquals(a([3, 4]).toArray(), a([3, 4]).toArray());
  assertNotEquals(a([3, 4]).toArray(), initializers.glorotUniform()([3, 4]).toArray());
  assertNotEquals(
    initializers.get("heNormal")([9]).toArray(),
    initializers.get("heNormal")([9]).toArray(),
  );
});

Deno.test("initializers are found by name in both spellings, and an unknown name lists them", () => {
  for (const [name] of factories) {
    const snake = name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
    const pascal = name.charAt(0).toUpperCase() + name.slice(1);
    for (const spelling of [name, snake, pascal]) {
      assertEquals(initializers.get(spelling).name, name);
    }
  }
  assertEquals(initializers.get("normal").name, "randomNormal");
  assertThrows(() => initializers.get("xavier"), RangeError, '"xavier": wanted one of zeros, ones');
  assertThrows(() => initializers.get(bad(null)), TypeError, "a name or a function");
  const mine: initializers.Initializer = (shape) => toTensor(0).broadcastTo(shape);
  assertEquals(initializers.get(mine), mine);
});

Deno.test("a factory called with a shape names the right form; unknown options are named", () => {
  for (const [name, factory] of factories) {
    assertThrows(() => factory([2, 3]), TypeError, `call initializers.${name}()(shape)`);
    assertThrows(() => factory({ sed: 1 }), TypeError, `make ${name} with the option "sed"`);
    assertThrows(() => factory()(bad("x")), TypeError, "a shape is a list of sizes");
    assertThrows(() => factory()([2, 2], { dtype: bad("float8") }), TypeError, "float8");
  }
});

Deno.test("bad values of options are named", () => {
  const { glorotUniform, randomNormal, varianceScaling, identity, orthogonal } = initializers;
  assertThrows(() => glorotUniform({ seed: 0.5 }), TypeError, "seed 0.5");
  assertThrows(() => glorotUniform({ seed: -1 }), RangeError, "0..4294967295");
  assertThrows(() => randomNormal({ stddev: NaN }), RangeError, "stddev NaN");
  assertThrows(() => randomNormal({ mean: bad("0") }), TypeError, "mean");
  assertThrows(() => varianceScaling({ scale: 0 }), RangeError, "positive");
  assertThrows(() => varianceScaling({ mode: bad("fan") }), RangeError, "fanIn, fanOut, fanAvg");
  assertThrows(() => identity()([2]), RangeError, "only matrices");
  assertThrows(() => orthogonal()([2]), RangeError, "at least two axes");
  assertThrows(() => glorotUniform()([2], { dtype: "int32" }), TypeError, "int32");
});

Deno.test("float64 weights are drawn in float64", () => {
  const x = initializers.glorotUniform({ seed: 1 })([2, 2], { dtype: "float64" });
  assertEquals(x.dtype, "float64");
  assertNotEquals([...x.flatten().data()], [...x.flatten().data()].map(Math.fround));
  assertEquals(initializers.zeros()([2], { dtype: "int32" }).dtype, "int32");
  assertEquals(initializers.constant(3)([2]).toArray(), [3, 3]);
  assertEquals(initializers.constant({ value: [1, 2] })([2, 2]).toArray(), [[1, 2], [1, 2]]);
});

Deno.test("layers of other widths draw by the same kernels: how wide is no part of their text", () => {
  const steps = (init: initializers.Initializer, shape: number[]): string[] => {
    const device = currentDevice();
    const seen: string[] = [];
    const { link } = device;
    device.link = (step, slots) => {
      seen.push(stepKey(step));
      return link.call(device, step, slots);
    };
    try {
      init(shape);
    } finally {
      device.link = link;
    }
    return seen;
  };
  for (const distribution of ["uniform", "truncatedNormal", "untruncatedNormal"] as const) {
    const init = initializers.varianceScaling({ seed: 1, distribution });
    const narrow = steps(init, [37, 111]);
    assert(narrow.length > 0);
    assertEquals(narrow, steps(init, [111, 37]));
  }
});
