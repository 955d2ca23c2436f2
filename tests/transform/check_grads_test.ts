/**
 * checkGrads passes right rules and catches wrong ones.
 *
 * @module
 */
import { assertThrows } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { checkGrads, stopGradient } from "../../src/transform/mod.ts";

const x = () => np.array([0.3, -0.7, 1.1], "float64");

Deno.test("right gradients pass, to second order, in trees and with several outputs", () => {
  checkGrads((t: Tensor) => t.sin().mul(t), [x()], { order: 2 });
  checkGrads((a: Tensor, b: Tensor) => [a.mul(b).sum(), a.exp()], [x(), x()], { order: 2 });
  checkGrads((p: Tensor) => p.tanh(), [np.array([0.5, 1])]);
});

Deno.test("a gradient that misses a part is caught", () => {
  assertThrows(
    () => checkGrads((t: Tensor) => t.mul(stopGradient(t)), [x()]),
    Error,
    "Gradient of order 1 disagrees",
  );
});

Deno.test("a gradient that is right only to first order is caught at the second", () => {
  // value and first derivative of t^2, but the derivative's own derivative is lost
  const f = (t: Tensor) => t.mul(stopGradient(t)).mul(2).sub(stopGradient(t.mul(t)));
  checkGrads((t: Tensor) => f(t), [np.array([1e-9], "float64")]);
  assertThrows(
    () => checkGrads((t: Tensor) => f(t), [x()], { order: 2 }),
    Error,
    "Gradient of order 2 disagrees",
  );
});

Deno.test("a wrong order is an error", () => {
  assertThrows(() => checkGrads((t: Tensor) => t, [x()], { order: 0 }), RangeError);
});

Deno.test("trees are checked, and their types are those of the function", () => {
  const f = ({ w, b }: { w: Tensor; b: Tensor }, k: Tensor) => w.mul(b).mul(k).sum();
  checkGrads(f, [{ w: x(), b: x() }, np.array(3, "float64")], { order: 2 });
  // @ts-expect-error: the first argument lacks b
  assertThrows(() => checkGrads(f, [{ w: x() }, x()]));
});
