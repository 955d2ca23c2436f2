/**
 * The core: tensors, and the interpreters that operations are told to.
 *
 * @module
 */
import { Eager } from "./eager.ts";
import { installBase } from "./interpreter.ts";

installBase(new Eager());

export * from "./arithmetic.ts";
export { Batch } from "./batch.ts";
export * from "./convert.ts";
export { callCustom, type CustomCall, remat } from "./custom.ts";
export { Forward, pushAlong } from "./forward.ts";
export {
  baseInterpreter,
  current,
  emit,
  emitAll,
  type Interpreter,
  isEager,
  literal,
  literalBeside,
  within,
} from "./interpreter.ts";
export type { AxisIndex } from "./indexing.ts";
export { Executable } from "./link.ts";
export { observe, type ObservedCall, type Observer } from "./observe.ts";
export { matmul } from "./matmul.ts";
export * from "./names.ts";
export type { Axes, ReduceArg, ReduceOptions } from "./reductions.ts";
export { pairValues } from "./pair_values.ts";
export { record, type Recorded } from "./record.ts";
export { compileAloud, formatRates } from "./report.ts";
export { inline } from "./rules.ts";
export { type DeviceFamily, deviceNamed, installFamily } from "./devices.ts";
export { currentDevice, deviceOfCall, onDevice, useDevice } from "./runtime.ts";
export { bind, deviceOf, isFree, mixed, storageOf, storageOn } from "./placement.ts";
export { Tape } from "./tape.ts";
export { releasing } from "./temporaries.ts";
export { nanCheck } from "./check_nans.ts";
export { BOUND, FREE, inside, type TraceOwner } from "./inside.ts";
export { Shapes } from "./shapes.ts";
export { Tensor } from "./tensor.ts";
export { Trace } from "./trace.ts";
export * from "./variable.ts";
