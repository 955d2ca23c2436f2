/**
 * Windows: short datasets of consecutive elements.
 *
 * @module
 */
import type { HostArray } from "../../base/host_array.ts";
import { checkOptions } from "../../base/options.ts";
import { matches } from "../../base/structure.ts";
import * as tree from "../../base/tree.ts";
import { checkCount, printOptions } from "../check.ts";
import { fromList } from "../sources/from_tensors.ts";
import { Replay, type ReplayState } from "../replay.ts";
import type { Run } from "../run.ts";
import { Collector, END, type Pull, type Stage } from "../stage.ts";

/** Options of `window`. */
export interface WindowOptions {
  /** How far apart windows begin; default: their size. */
  shift?: number | undefined;
  /** How far apart the elements of a window lie; default 1. */
  stride?: number | undefined;
  /** Whether windows that the end cuts short are left out; default false. */
  dropRemainder?: boolean | undefined;
}

/**
 * Makes a stage of nests of datasets, one for each array of an element, of `size` elements each.
 *
 * @param wrap makes a dataset of a stage
 */
export function window<T>(
  input: Stage<T>,
  size: number,
  options: WindowOptions,
  wrap: (stage: Stage<HostArray>) => unknown,
): Stage<unknown> {
  checkOptions(options, ["shift", "stride", "dropRemainder"], "window");
  checkCount(size, "make windows of", 1);
  const { shift = size, stride = 1, dropRemainder = false } = options;
  checkCount(shift, "shift windows by", 1);
  checkCount(stride, "make windows with a stride of", 1);
  const n = input.cardinality;
  const span = (size - 1) * stride + 1;
  const cardinality = n === null || n === Infinity
    ? n
    : dropRemainder
    ? Math.max(0, Math.floor((n - span) / shift) + 1)
    : Math.ceil(n / shift);
  return {
    label: `window(${size}${printOptions(options)})`,
    inputs: [input],
    cardinality,
    spec: null,
    rows: null,
    open: (run, state) =>
      new WindowCursor(
        input,
        run,
        { span, shift, stride, dropRemainder },
        wrap,
        state as WindowState,
      ),
  };
}

interface Shape {
  readonly span: number;
  readonly shift: number;
  readonly stride: number;
  readonly dropRemainder: boolean;
}

type WindowState = {
  /** The number of the first element of the next window. */
  readonly start: number;
  readonly replay: ReplayState;
} | undefined;

class WindowCursor<T> extends Collector<T, unknown> {
  readonly #input: Replay<T>;
  readonly #shape: Shape;
  readonly #wrap: (stage: Stage<HostArray>) => unknown;
  /** Elements from number `start` on, as far as they were read. */
  #held: T[] = [];
  #start: number;
  #ended = false;

  constructor(
    input: Stage<T>,
    run: Run,
    shape: Shape,
    wrap: (stage: Stage<HostArray>) => unknown,
    state: WindowState,
  ) {
    super();
    this.#input = new Replay((s) => input.open(run, s), run.stateful, 1, state?.replay);
    this.#shape = shape;
    this.#wrap = wrap;
    this.#start = state?.start ?? 0;
  }

  protected wants(): boolean {
    return !this.#ended && this.#held.length < this.#shape.span;
  }

  protected pull(): Pull<T> {
    return this.#input.next();
  }

  protected take(x: T | typeof END): void {
    if (x === END) this.#ended = true;
    else if (this.#input.at > this.#start) this.#held.push(x);
  }

  protected give(): unknown {
    const { span, shift, stride, dropRemainder } = this.#shape;
    const held = this.#held;
    if (held.length === 0 || (dropRemainder && held.length < span)) return END;
    const chosen: T[] = [];
    for (let i = 0; i < held.length && i < span; i += stride) chosen.push(held[i]!);
    this.#held = held.slice(shift);
    this.#start += shift;
    return this.#nest(chosen);
  }

  #nest(elements: readonly T[]): unknown {
    const [first, structure] = tree.flatten<HostArray>(elements[0]);
    const lists = first.map((x) => [x]);
    for (const x of elements.slice(1)) {
      const leaves: HostArray[] = [];
      if (!matches(structure, x, leaves)) {
        throw new TypeError("Cannot make a window of elements of different structure");
      }
      for (const [k, list] of lists.entries()) list.push(leaves[k]!);
    }
    return tree.unflatten(structure, lists.map((list) => this.#wrap(fromList("window", list))));
  }

  state(): NonNullable<WindowState> {
    return { start: this.#start, replay: this.#input.state(this.#start) };
  }

  close(): void | Promise<void> {
    return this.#input.close();
  }
}
