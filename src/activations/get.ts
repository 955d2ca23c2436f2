/**
 * Activations by name, as layers take them.
 *
 * @module
 */
import { byName } from "../initializers/by_name.ts";
import * as nn from "../nn/mod.ts";
import { glu } from "./glu.ts";
import {
  celu,
  hardShrink,
  hardTanh,
  leakyRelu,
  linear,
  relu,
  softShrink,
  sparsePlus,
} from "./pieces.ts";
import { exponential, gelu, hardSigmoid, hardSilu, squareplus, tanhShrink } from "./smooth.ts";
import type { Activation } from "./types.ts";

const table: Readonly<Record<string, Activation>> = {
  linear,
  relu,
  relu6: nn.relu6,
  leakyRelu,
  elu: nn.elu,
  selu: nn.selu,
  celu,
  gelu,
  sigmoid: nn.sigmoid,
  hardSigmoid,
  logSigmoid: nn.logSigmoid,
  tanh: nn.tanh,
  hardTanh,
  tanhShrink,
  softShrink,
  hardShrink,
  softplus: nn.softplus,
  softsign: nn.softSign,
  silu: nn.silu,
  swish: nn.silu,
  hardSilu,
  hardSwish: hardSilu,
  mish: nn.mish,
  exponential,
  softmax: nn.softmax,
  logSoftmax: nn.logSoftmax,
  squareplus,
  sparsePlus,
  glu,
};

/**
 * An activation by its name ("logSoftmax", or Keras' "log_softmax"); a function is returned as it
 * is, nothing (null) is `linear`.
 *
 * @throws {RangeError} when there is none of that name; it lists the names
 *
 * @example
 * ```ts
 * import { activations } from "glissade";
 * import { assertEquals, assertThrows } from "@std/assert";
 * assertEquals(activations.get("relu"), activations.relu);
 * assertThrows(() => activations.get("rellu"), RangeError, "linear, relu");
 * ```
 */
export function get(activation: string | Activation | null | undefined): Activation {
  if (activation === null || activation === undefined) return linear;
  return typeof activation === "function" ? activation : byName("activation", table, activation);
}
