/**
 * Says once whether this WebAssembly engine has relaxed SIMD, whose fused multiply-add the
 * emitters prefer; without it they write a multiplication and an addition.
 *
 * @module
 */

import { ModuleBuilder, V128 } from "./wasm.ts";

let known: boolean | undefined;

/** Whether `f32x4.relaxed_madd` and its kin are valid here. */
export function hasRelaxedSimd(): boolean {
  if (known === undefined) {
    const module = new ModuleBuilder();
    module.func("probe", [V128, V128, V128], [V128])
      .get(0).get(1).get(2).op("f32x4.relaxed_madd");
    known = WebAssembly.validate(module.bytes());
  }
  return known;
}
