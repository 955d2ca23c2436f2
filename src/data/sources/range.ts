/**
 * The source of evenly spaced integers.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import { HostArray } from "../../base/host_array.ts";
import { allRows } from "../reorder.ts";
import { ArraySpec } from "../spec.ts";
import type { RowSource, Stage } from "../stage.ts";

const LOW = -2147483648;
const HIGH = 2147483647;

/** Makes a source of int32 scalars as Python's range: with one number, those from 0 up to it. */
export function range(start: number, stop: number | undefined, step: number): Stage<HostArray> {
  return stop === undefined ? spaced(0, start, step) : spaced(start, stop, step);
}

/** The int32 scalars start, start + step, ..., up to but without stop. */
function spaced(start: number, stop: number, step: number): Stage<HostArray> {
  for (const x of [start, stop, step]) {
    if (!Number.isSafeInteger(x)) {
      throw new TypeError(`Cannot make a range with ${formatValue(x)}: give integers`);
    }
  }
  if (step === 0) throw new RangeError("Cannot make a range with step 0: it would never end");
  const length = Math.max(0, Math.ceil((stop - start) / step));
  const last = start + (length - 1) * step;
  if (length > 0 && Math.min(start, last) < LOW || Math.max(start, last) > HIGH) {
    throw new RangeError(
      `Cannot make a range from ${start} to ${stop}: elements are int32, in ${LOW}..${HIGH}`,
    );
  }
  const source: RowSource<HostArray> = {
    inMemory: true,
    at: (row) => new HostArray(new Int32Array([start + row * step]), []),
    gather: (rows, count, _run, memory) => {
      const gathered = memory.array(0, "int32", count, []);
      const out = gathered.values;
      for (let i = 0; i < count; i++) out[i] = start + rows[i]! * step;
      return gathered;
    },
  };
  return {
    label: `range(${start}, ${stop}${step === 1 ? "" : `, ${step}`})`,
    inputs: [],
    cardinality: length,
    spec: new ArraySpec("int32", []),
    ...allRows(source, length),
  };
}
