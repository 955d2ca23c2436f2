import { assertThrows } from "@std/assert";
import { checkOptions } from "../../src/base/options.ts";

Deno.test("an unknown option is named beside those that there are", () => {
  checkOptions({}, ["axis"], "sum");
  checkOptions({ axis: undefined }, ["axis"], "sum");
  assertThrows(
    () => checkOptions({ dim: 1 }, ["axis", "dtype"], "sum"),
    TypeError,
    'Cannot sum with the option "dim": the options are axis, dtype',
  );
});

Deno.test("what is no object is refused, and what was wanted is said", () => {
  for (const bad of [null, 3, "axis"]) {
    assertThrows(
      () => checkOptions(bad as never, ["axis"], "sum"),
      TypeError,
      `Cannot sum with ${JSON.stringify(bad)} as options: wanted an object of axis`,
    );
  }
});

Deno.test("a list is no options object", () => {
  assertThrows(
    () => checkOptions([0, null], ["axis"], "sort"),
    TypeError,
    "Cannot sort with [0,null] as options: wanted an object of axis",
  );
});
