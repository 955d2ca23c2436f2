/**
 * Shuffling through a window of fixed size, in exactly the order of tf.data.
 *
 * @module
 */
import { checkOptions } from "../base/options.ts";
import { checkCount, printOptions } from "./check.ts";
import { Philox } from "./philox.ts";
import { reorder } from "./reorder.ts";
import { checkSeed, stageStream } from "./seeds.ts";
import { Collector, type Cursor, END, type Stage } from "./stage.ts";

/** Options of `shuffle`. */
export interface ShuffleOptions {
  /** Makes the order repeatable; default: from the global seed, else fresh. */
  seed?: number;
  /** Whether every pass has another order; default true. */
  reshuffleEachIteration?: boolean;
}

/**
 * Makes a stage that gives, each time, one of the next `bufferSize` elements at random. It counts
 * its passes: with reshuffling, each draws the seeds of its own order from the stage's stream.
 */
export function shuffle<T>(
  input: Stage<T>,
  bufferSize: number,
  options: ShuffleOptions,
): Stage<T> {
  checkCount(bufferSize, "shuffle with buffer size", 1, true);
  checkOptions(options, ["seed", "reshuffleEachIteration"], "shuffle");
  const { seed, reshuffleEachIteration = true } = options;
  if (seed !== undefined) checkSeed(seed, "shuffle with seed");
  const stream = stageStream(seed);
  const epochs = stream();
  const nextStream = reshuffleEachIteration
    ? () => new Philox(epochs.next(), 0, epochs.next(), 0)
    : stream;
  return reorder(
    input,
    `shuffle(${bufferSize}${printOptions(options)})`,
    input.cardinality,
    (open) => new ShuffleCursor(open(), bufferSize, nextStream()),
  );
}

class ShuffleCursor<E> extends Collector<E, E> {
  /** A ring of at most `capacity` slots, filled in order before any is given. */
  readonly #slots: E[] = [];
  readonly #capacity: number;
  readonly #random: Philox;
  #start = 0;
  #held = 0;
  #ended = false;

  constructor(input: Cursor<E>, capacity: number, random: Philox) {
    super(input);
    this.#capacity = capacity;
    this.#random = random;
  }

  protected wants(): boolean {
    return !this.#ended && this.#held < this.#capacity;
  }

  protected take(x: E | typeof END): void {
    if (x === END) {
      this.#ended = true;
    } else if (this.#slots.length < this.#capacity) {
      this.#slots.push(x);
      this.#held++;
    } else {
      this.#slots[(this.#start + this.#held++) % this.#capacity] = x;
    }
  }

  protected give(): E | typeof END {
    if (this.#held === 0) return END;
    const slots = this.#slots;
    const first = this.#start;
    const chosen = (first + this.#random.next() % this.#held) % slots.length;
    const x = slots[chosen]!;
    slots[chosen] = slots[first]!;
    this.#start = first + 1 === slots.length ? 0 : first + 1;
    this.#held--;
    return x;
  }
}
