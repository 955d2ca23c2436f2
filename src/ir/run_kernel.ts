/**
 * Runs kernels by plain loops over typed arrays, straight from the scalar table: the oracle that
 * every emitter is tested against.
 *
 * @module
 */
import { type DType, DTYPES, isFloat, type Values } from "../base/dtype.ts";
import {
  type Accumulator,
  allSteps,
  identityOf,
  type Kernel,
  operandType,
  type ScalarStep,
  type View,
} from "./kernel.ts";
import { runScalar } from "./scalar.ts";

/**
 * Runs kernel `k` on arrays that lie in `buffer` at byte `addresses`, one for each argument, each a
 * multiple of its element's size. Float sums, products and linear recurrences are carried in
 * double and rounded when they are read.
 *
 * @throws {RangeError} when the number of addresses is not the number of arguments.
 */
export function runKernel(
  k: Kernel,
  buffer: ArrayBufferLike,
  addresses: readonly number[],
): void {
  if (addresses.length !== k.args.length) {
    throw new RangeError(
      `Cannot run kernel "${k.name}" on ${addresses.length} addresses: one for each of its ` +
        `${k.args.length} arguments is wanted: pass them all`,
    );
  }
  const arrays = k.args.map(({ dtype }, i): Values => {
    const { array, bytes } = DTYPES[dtype];
    const address = addresses[i]!;
    return new array(buffer, address, Math.floor((buffer.byteLength - address) / bytes));
  });
  const steps = allSteps(k);
  const outer = k.shape.length;
  const sizes = [...k.shape, ...k.reduce];
  const index: number[] = sizes.map(() => 0);
  const values: number[] = steps.map(() => 0);
  const running = k.accumulators.map((a) => new Running(a, steps));

  const place = (v: View): number => {
    let p = v.offset;
    for (let i = 0; i < index.length; i++) p += v.strides[i]! * index[i]!;
    for (const a of v.at ?? []) p += a.stride * values[a.step]!;
    return p;
  };
  const compute = (s: ScalarStep): number => {
    switch (s.op) {
      case "load":
        return arrays[s.arg]![place(s.view)]!;
      case "const":
        return runScalar("cast", s.dtype, s.dtype, s.value, 0, 0);
      case "index":
        return index[s.axis]!;
      case "acc":
        return runScalar(
          "cast",
          k.accumulators[s.acc]!.dtype,
          s.dtype,
          running[s.acc]!.read(),
          0,
          0,
        );
      default: {
        const [a = 0, b = 0, c = 0] = s.args.map((i) => values[i]!);
        return runScalar(s.op, operandType(steps, s), s.dtype, a, b, c);
      }
    }
  };
  const evaluate = (from: number, to: number): void => {
    for (let i = from; i < to; i++) values[i] = compute(steps[i]!);
  };
  const finish = (): void => {
    evaluate(k.body.length, steps.length);
    for (const s of k.stores) {
      const array = arrays[s.arg]!;
      const { dtype } = k.args[s.arg]!;
      const p = place(s.view);
      const value = values[s.value]!;
      array[p] = s.add ? runScalar("add", dtype, dtype, array[p]!, value, 0) : value;
    }
  };
  const take = (): void => {
    evaluate(0, k.body.length);
    for (const r of running) r.take(values);
    if (k.scan) finish();
  };
  const loop = (axis: number, end: number, body: () => void): void => {
    if (axis === end) return body();
    for (let i = 0; i < sizes[axis]!; i++) {
      index[axis] = i;
      loop(axis + 1, end, body);
    }
  };
  loop(0, outer, () => {
    for (const r of running) r.reset();
    for (let i = outer; i < sizes.length; i++) index[i] = 0;
    loop(outer, sizes.length, take);
    if (!k.scan) finish();
  });
}

/** One accumulator while it runs. */
class Running {
  readonly #spec: Accumulator;
  readonly #from: DType;
  #value = 0;
  #position = 0;
  #best = 0;

  constructor(spec: Accumulator, steps: readonly ScalarStep[]) {
    this.#spec = spec;
    this.#from = steps[spec.value]!.dtype;
  }

  reset(): void {
    const { combine, dtype } = this.#spec;
    this.#value = identityOf(combine, dtype);
    this.#position = 0;
    if (combine === "argmax") this.#best = identityOf("max", this.#from);
    if (combine === "argmin") this.#best = identityOf("min", this.#from);
  }

  take(values: readonly number[]): void {
    const { combine, dtype, value, factor } = this.#spec;
    const x = values[value]!;
    if (combine === "argmax" || combine === "argmin") {
      const best = this.#best;
      const better = combine === "argmax" ? x > best : x < best;
      if (better || (x !== x && best === best)) {
        this.#best = x;
        this.#value = this.#position;
      }
      this.#position++;
      return;
    }
    const v = runScalar("cast", this.#from, dtype, x, 0, 0);
    // runScalar at float64 does not round, so floats stay in double
    const t = isFloat(dtype) ? "float64" : dtype;
    this.#value = combine === "linear"
      ? runScalar("fma", t, t, values[factor!]!, this.#value, v)
      : runScalar(combine, t, t, this.#value, v, 0);
  }

  read(): number {
    const { dtype } = this.#spec;
    return runScalar("cast", dtype, dtype, this.#value, 0, 0);
  }
}
