/**
 * Elements with their numbers.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import { HostArray } from "../../base/host_array.ts";
import { ArraySpec } from "../spec.ts";
import { after, type Cursor, END, type Pull, type Stage, type State } from "../stage.ts";

const HIGH = 2147483647;

/** Makes a stage of pairs of a number, counted from `start`, and an element. */
export function enumerate<T>(input: Stage<T>, start: number): Stage<[HostArray, T]> {
  if (!Number.isInteger(start) || Math.abs(start) > HIGH) {
    throw new RangeError(`Cannot enumerate from ${formatValue(start)}: give an int32`);
  }
  return {
    label: `enumerate(${start === 0 ? "" : start})`,
    inputs: [input],
    cardinality: input.cardinality,
    spec: input.spec === null ? null : [new ArraySpec("int32", []), input.spec],
    rows: null,
    open(run, state) {
      const { at, input: from } = (state ?? { at: start }) as { at: number; input?: State };
      return new EnumerateCursor(input.open(run, from), at);
    },
  };
}

class EnumerateCursor<T> implements Cursor<[HostArray, T]> {
  readonly #input: Cursor<T>;
  #at: number;

  constructor(input: Cursor<T>, at: number) {
    this.#input = input;
    this.#at = at;
  }

  readonly #number = (x: T | typeof END): [HostArray, T] | typeof END => {
    if (x === END) return END;
    if (this.#at > HIGH) {
      throw new RangeError(`Cannot enumerate an element as ${this.#at}: numbers are int32`);
    }
    return [new HostArray(new Int32Array([this.#at++]), []), x];
  };

  next(): Pull<[HostArray, T]> {
    return after<T | typeof END, [HostArray, T] | typeof END>(this.#input.next(), this.#number);
  }

  state(): State {
    return { at: this.#at, input: this.#input.state() };
  }

  close(): void | Promise<void> {
    return this.#input.close();
  }
}
