/**
 * glissade: arrays, automatic differentiation, a compiler, layers and pipelines for Deno.
 *
 * Plain functions over arrays are recorded once, differentiated, compiled and replayed on OpenBLAS
 * where it is faster and on kernels that glissade emits itself.
 *
 * @example
 * ```ts
 * import { jit, np, type Tensor, valueAndGrad } from "glissade";
 * import { assert } from "@std/assert";
 *
 * const x = np.linspace(0, 1, 50).reshape([50, 1]);
 * const y = x.mul(3).add(1);
 * const loss = ([w, b]: Tensor[]) => np.mean(np.square(x.mul(w!).add(b!).sub(y)));
 * const step = jit((params: Tensor[]) => {
 *   const [value, grads] = valueAndGrad(loss)(params);
 *   return { value, params: params.map((p, i) => p.sub(grads[i]!.mul(0.5))) };
 * });
 * let params = [np.array(0), np.array(0)];
 * for (let i = 0; i < 200; i++) params = step(params).params;
 * assert(Math.abs(params[0]!.item() - 3) < 0.01);
 * ```
 *
 * @module
 */
import { cachedBlas, prefetchBlas } from "./ffi/mod.ts";
import { flag } from "./src/base/flags.ts";

// Only a configured download needs waiting for, and only until it is cached.
if (flag("openblasUrl") !== null && flag("blas") !== "builtin") {
  const file = { url: flag("openblasUrl")!, sha256: flag("openblasSha256") ?? "" };
  if (cachedBlas(file) === null) await prefetchBlas(file);
}

export type { Attempt, Outcome } from "./ffi/mod.ts";
export type { DType, TypedArray, Values } from "./src/base/dtype.ts";
export {
  ConcretizationError,
  DeadDeviceError,
  DonatedError,
  LeakedTracerError,
  NativeLibraryError,
  OutOfMemoryError,
} from "./src/base/errors.ts";
export {
  type Config,
  config,
  type DeviceSetting,
  type Precision,
  setThreads,
} from "./src/base/flags.ts";
export { HostArray } from "./src/base/host_array.ts";
export type { Nested } from "./src/base/nested.ts";
export * as tree from "./src/base/tree.ts";
export { devices } from "./src/core/devices.ts";
export { backend } from "./src/core/runtime.ts";
export type { Aval } from "./src/ir/aval.ts";
export type { DeviceInfo, ListedDevice } from "./src/device/device.ts";
export {
  type Axes,
  type AxisIndex,
  type ReduceArg,
  type ReduceOptions,
  Tensor,
  type TensorLike,
  Variable,
  type VariableOptions,
} from "./src/core/mod.ts";
export * from "./src/transform/mod.ts";
export * as debug from "./src/transform/debug.ts";
export * as np from "./src/numpy/mod.ts";
export * as nn from "./src/nn/mod.ts";
export * as random from "./src/random/mod.ts";
export * as initializers from "./src/initializers/mod.ts";
export * as activations from "./src/activations/mod.ts";
export * as losses from "./src/losses/mod.ts";
export * as metrics from "./src/metrics/mod.ts";
export * as optimizers from "./src/optimizers/mod.ts";
export * as optax from "./src/optax/mod.ts";
export * as layers from "./src/layers/mod.ts";
export * as models from "./src/models/mod.ts";
export * as data from "./src/data/mod.ts";
export * as datasets from "./src/datasets/mod.ts";
export * as io from "./src/io/mod.ts";
export * as utils from "./src/utils/mod.ts";
