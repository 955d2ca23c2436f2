/**
 * An observer that finds where NaN comes from: the first step that writes one and has read none.
 *
 * @module
 */
import { isFloat } from "../base/dtype.ts";
import { formatShape } from "../base/errors.ts";
import { accesses, type SlotId } from "../compile/plan.ts";
import { stepName } from "../compile/print_plan.ts";
import type { ObservedCall, Observer } from "./observe.ts";

/** The numbers in a slot, when they can be NaN. */
function floats(call: ObservedCall, slot: SlotId): Float32Array | Float64Array | null {
  const { dtype, size, bytes } = call.plan.values[slot]!;
  if (!isFloat(dtype) || size === 0) return null;
  const { buffer } = call.device.heap.readAt(call.slots[slot]!, bytes);
  return dtype === "float32"
    ? new Float32Array(buffer, 0, size)
    : new Float64Array(buffer, 0, size);
}

/** How many numbers are NaN, and the first of them. */
function countNaN(x: Float32Array | Float64Array | null): { count: number; first: number } {
  let count = 0;
  let first = -1;
  for (let i = 0; x !== null && i < x.length; i++) {
    if (!Number.isNaN(x[i])) continue;
    if (count++ === 0) first = i;
  }
  return { count, first };
}

/** The index of element `at` in an array of a shape. */
function indexOf(at: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length);
  for (let i = shape.length - 1, rest = at; i >= 0; i--) {
    index[i] = rest % shape[i]!;
    rest = Math.floor(rest / shape[i]!);
  }
  return index;
}

/** An observer that throws a RangeError at the first step that makes NaN of numbers. */
export function nanCheck(): Observer {
  let clean = false;
  return {
    before(call, k) {
      clean = accesses(call.plan.steps[k]!).reads.every((s) =>
        countNaN(floats(call, s)).count === 0
      );
    },
    after(call, k) {
      if (!clean) return;
      const step = call.plan.steps[k]!;
      for (const slot of accesses(step).writes) {
        const { count, first } = countNaN(floats(call, slot));
        if (count === 0) continue;
        const { key, shape, size } = call.plan.values[slot]!;
        const several = step.kind === "group" ||
          step.kind === "kernel" && step.kernel.name.includes("+");
        const { steps } = call.plan;
        // an eager operation is a call of its own, by the same name
        const alone = steps.length === 1 && stepName(step).startsWith(`${call.label} `);
        const where = steps.length === 1 ? "" : `, step ${k + 1} of ${steps.length}`;
        const of = alone ? "" : ` of ${call.label}${where}`;
        const found = size === 1
          ? `its result ${key} is`
          : `${count} of the ${size} numbers of its result ${key} ${count === 1 ? "is" : "are"}`;
        const place = size === 1 ? "" : `, the first at ${formatShape(indexOf(first, shape))}`;
        throw new RangeError(
          `Cannot accept NaN from ${stepName(step)}${of}: what it reads holds none, but ${found} ` +
            `NaN${place}: ` +
            `look for 0/0, inf-inf, 0*inf, and log, sqrt or powers of negative numbers` +
            (several ? "; without jit each of its operations is checked alone" : ""),
        );
      }
    },
  };
}
