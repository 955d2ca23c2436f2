/**
 * Default names.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { snakeCase, uniqueName } from "../../src/core/names.ts";

Deno.test("names of one stem are counted", () => {
  assertEquals([uniqueName("names_test"), uniqueName("names_test"), uniqueName("names_test")], [
    "names_test",
    "names_test_1",
    "names_test_2",
  ]);
});

Deno.test("class names become snake case as Keras makes it", () => {
  assertEquals(
    ["Dense", "BatchNormalization", "GRUCell", "Conv2D"].map(snakeCase),
    ["dense", "batch_normalization", "gru_cell", "conv2d"],
  );
});
