/**
 * Lists of values for variables: what is taken, and how what is wrong is told.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { pairValues, toTensor, Variable } from "../../src/core/mod.ts";

const w = new Variable([1, 2], { name: "w" });
const n = new Variable(toTensor(new Int32Array([3])), { name: "n", dtype: "int32" });
const pair = (values: unknown) => () =>
  pairValues([w, n], values as number[], "update it", "state", "update(state)");

Deno.test("values stand beside their variables, whatever tensors are made of", () => {
  const pairs = pair([[5, 6], new Int32Array([7])])();
  assertEquals(pairs.map(([v, t]) => [v.name, t.toArray()]), [["w", [5, 6]], ["n", [7]]]);
});

Deno.test("a wrong list says what was wanted, and how to call", () => {
  assertThrows(pair(3), TypeError, "Cannot update it with state 3: wanted a list of tensors");
  assertThrows(pair([[1, 2]]), RangeError, `with 1 state: wanted 2 ("w", "n"); call update(state)`);
});

Deno.test("a wrong value names its variable", () => {
  assertThrows(pair([[1], [2]]), RangeError, `state[0] is [1], but the variable "w" is [2]`);
  assertThrows(
    pair([null, [2]]),
    TypeError,
    `state[0] is null: give a tensor for the variable "w"`,
  );
  assertThrows(
    pair([[1, 2], new Float32Array([0.5])]),
    TypeError,
    `state[1] is float32, but the variable "n" is int32`,
  );
});
