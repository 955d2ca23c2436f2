/**
 * Shuffling through a window of fixed size, in exactly the order of tf.data.
 *
 * @module
 */
import { checkOptions } from "../../base/options.ts";
import { checkCount, printOptions } from "../check.ts";
import { Epochs, type Pass, passStream, streamOf } from "../random/epochs.ts";
import type { Philox } from "../random/philox.ts";
import { type Open, reorder } from "../reorder.ts";
import { Replay, type ReplayState } from "../replay.ts";
import type { Run } from "../run.ts";
import { checkSeed, stageKey } from "../random/seeds.ts";
import { Collector, type Cursor, END, type Pull, type Stage } from "../stage.ts";

/** Options of `shuffle` and `globalShuffle`. */
export interface ShuffleOptions {
  /** Makes the order repeatable; default: from the global seed, else fresh. */
  seed?: number | undefined;
  /** Whether every pass has another order; default true. */
  reshuffleEachIteration?: boolean | undefined;
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
  const epochs = new Epochs(stageKey(seed));
  return reorder(
    input,
    `shuffle(${bufferSize}${printOptions(options)})`,
    input.cardinality,
    (open, run, state) => {
      const from = state as ShuffleState | undefined;
      const pass = from === undefined ? run.enter(epochs) : run.reenter(epochs, from.pass);
      const random = reshuffleEachIteration ? passStream(pass) : streamOf(pass.key);
      return new ShuffleCursor(open, bufferSize, random, pass, run, from);
    },
    { epochs, counts: String(bufferSize) },
  );
}

type ShuffleState = {
  readonly pass: number;
  /** How many elements were given, and how many were taken by then. */
  readonly given: number;
  readonly taken: number;
  readonly ended: boolean;
  readonly replay: ReplayState;
};

/**
 * A ring of slots, filled in order before any is given. The ring's first slot with something in it
 * is `start`; as many as `held` follow.
 */
class Ring<E> {
  readonly slots: E[] = [];
  readonly capacity: number;
  start = 0;
  held = 0;
  #words = new Uint32Array(0);

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  put(x: E): void {
    if (this.slots.length < this.capacity) {
      this.slots.push(x);
      this.held++;
    } else {
      this.slots[this.#slot(this.held++)] = x;
    }
  }

  /** The slot that a random number chooses. */
  choose(random: number): number {
    return this.#slot(random % this.held);
  }

  /** The slot of the element that so many lie before. */
  #slot(before: number): number {
    const slot = this.start + before;
    return slot < this.slots.length ? slot : slot - this.slots.length;
  }

  /** Takes what is in a slot; the first of the ring moves there. */
  take(chosen: number): E {
    const { slots, start } = this;
    const x = slots[chosen]!;
    slots[chosen] = slots[start]!;
    this.start = start + 1 === slots.length ? 0 : start + 1;
    this.held--;
    return x;
  }

  /**
   * Takes elements at random, puts them behind those of `into`, and fills the ring from `fresh`
   * before each: `put`, `choose` and `take` in one loop. Gives how many it took; `choices` gets the
   * slots.
   */
  exchange(
    fresh: readonly E[],
    into: E[],
    count: number,
    random: Philox,
    choices: number[] | null,
  ): number {
    const { slots, capacity } = this, n = slots.length;
    let { start, held } = this;
    const most = Math.min(count, held + fresh.length);
    if (this.#words.length < most) this.#words = new Uint32Array(most);
    const words = this.#words;
    random.fill(words, most);
    let next = 0, divisor = 0, inverse = 0;
    for (let taken = 0; taken < most; taken++) {
      if (held < capacity && next < fresh.length) {
        const free = start + held++;
        slots[free < n ? free : free - n] = fresh[next++]!;
      }
      // the remainder by a product with the inverse, put right: a division takes four times as long
      if (held !== divisor) inverse = 1 / (divisor = held);
      const word = words[taken]!;
      let ahead = word - Math.floor(word * inverse) * held;
      if (ahead < 0) ahead += held;
      else if (ahead >= held) ahead -= held;
      let chosen = start + ahead | 0;
      if (chosen >= n) chosen -= n;
      into.push(slots[chosen]!);
      if (choices !== null) choices.push(chosen);
      slots[chosen] = slots[start]!;
      if (++start === n) start = 0;
      held--;
    }
    this.start = start;
    this.held = held;
    return most;
  }

  /** Every slot that holds something. */
  *filled(): Generator<number> {
    for (let i = 0; i < this.held; i++) yield this.#slot(i);
  }
}

class ShuffleCursor<E> extends Collector<E, E> {
  readonly fill?: Cursor<E>["fill"];
  readonly #input: Replay<E>;
  readonly #ring: Ring<E>;
  /** Beside every element of the ring, its number in the input; null where no state is asked. */
  readonly #numbers: Ring<number> | null;
  readonly #random: Philox;
  readonly #pass: Pass;
  /** Where elements that are read again belong; null when all are back. */
  #places: Map<number, number> | null = null;
  #again = 0;
  #given = 0;
  #ended = false;
  /** The least number in the ring; -1 when it must be looked for. */
  #oldest = -1;

  constructor(
    open: Open<E>,
    capacity: number,
    random: Philox,
    pass: Pass,
    run: Run,
    state: ShuffleState | undefined,
  ) {
    super();
    const interval = Math.min(Math.max(capacity, 16), 4096);
    this.#input = new Replay(open, run.stateful, interval, state?.replay);
    this.#ring = new Ring(capacity);
    this.#random = random;
    this.#pass = pass;
    this.#numbers = run.stateful || state !== undefined ? new Ring(capacity) : null;
    if (state !== undefined) this.#restore(state);
    const read = this.#input.fill;
    if (read !== undefined) this.fill = (into, count) => this.#fill(into, count, read);
  }

  /** Plays the ring again on numbers alone; the elements come when they are read again. */
  #restore(state: ShuffleState): void {
    const numbers = this.#numbers!;
    let next = 0;
    const fill = () => {
      while (numbers.held < numbers.capacity && next < state.taken) numbers.put(next++);
    };
    for (let i = 0; i < state.given; i++) {
      fill();
      numbers.take(numbers.choose(this.#random.next()));
    }
    const ring = this.#ring;
    ring.slots.length = numbers.slots.length;
    ring.start = numbers.start;
    ring.held = numbers.held;
    this.#given = state.given;
    this.#ended = state.ended;
    this.#again = state.taken;
    this.#places = new Map();
    for (const slot of numbers.filled()) this.#places.set(numbers.slots[slot]!, slot);
    if (this.#input.at >= state.taken) this.#places = null;
  }

  #fill(into: E[], count: number, read: (into: E[], count: number) => number): number {
    // elements that are read again come one by one
    if (this.#places !== null) return this.#fillSingly(into, count);
    const ring = this.#ring, numbers = this.#numbers, { slots, capacity } = ring;
    if (!this.#ended && slots.length < capacity) {
      const wanted = capacity - slots.length, first = this.#input.at;
      const got = read(slots, wanted);
      ring.held += got;
      this.#ended = got < wanted;
      if (numbers !== null) { for (let i = 0; i < got; i++) numbers.put(first + i); }
    }
    const fresh: E[] = [], first = this.#input.at;
    if (!this.#ended) {
      const wanted = capacity - ring.held + count - 1;
      this.#ended = read(fresh, wanted) < wanted;
    }
    const choices: number[] | null = numbers === null ? null : [];
    const given = ring.exchange(fresh, into, count, this.#random, choices);
    this.#given += given;
    if (numbers !== null) this.#follow(numbers, choices!, first, first + fresh.length);
    return given;
  }

  /** Does with numbers what was done with the elements: those from `next` on came to the ring. */
  #follow(numbers: Ring<number>, choices: readonly number[], next: number, end: number): void {
    for (const chosen of choices) {
      if (numbers.held < numbers.capacity && next < end) numbers.put(next++);
      if (numbers.take(chosen) === this.#oldest) this.#oldest = -1;
    }
  }

  #fillSingly(into: E[], count: number): number {
    for (let filled = 0; filled < count; filled++) {
      while (this.wants()) this.take(this.pull() as E | typeof END);
      const x = this.give();
      if (x === END) return filled;
      into.push(x);
    }
    return count;
  }

  protected wants(): boolean {
    return this.#places !== null || (!this.#ended && this.#ring.held < this.#ring.capacity);
  }

  protected pull(): Pull<E> {
    return this.#input.next();
  }

  protected take(x: E | typeof END): void {
    if (this.#places !== null) {
      const slot = this.#places.get(this.#input.at - 1);
      if (slot !== undefined && x !== END) this.#ring.slots[slot] = x;
      if (this.#input.at >= this.#again || x === END) this.#places = null;
    } else if (x === END) {
      this.#ended = true;
    } else {
      this.#ring.put(x);
      this.#numbers?.put(this.#input.at - 1);
    }
  }

  protected give(): E | typeof END {
    const ring = this.#ring;
    if (ring.held === 0) return END;
    const chosen = ring.choose(this.#random.next());
    this.#given++;
    if (this.#numbers !== null && this.#numbers.take(chosen) === this.#oldest) this.#oldest = -1;
    return ring.take(chosen);
  }

  state(): ShuffleState {
    return {
      pass: this.#pass.number,
      given: this.#given,
      taken: this.#taken(),
      ended: this.#ended,
      replay: this.#input.state(this.#findOldest()),
    };
  }

  /** How many elements were taken: the end is none. */
  #taken(): number {
    if (this.#places !== null) return this.#again;
    return this.#given + this.#ring.held;
  }

  #findOldest(): number {
    const numbers = this.#numbers;
    if (numbers === null || numbers.held === 0) return this.#input.at;
    if (this.#oldest < 0) {
      const { slots, start, held } = numbers;
      let oldest = Infinity;
      for (let i = 0, slot = start; i < held; i++, slot++) {
        if (slot === slots.length) slot = 0;
        if (slots[slot]! < oldest) oldest = slots[slot]!;
      }
      this.#oldest = oldest;
    }
    return this.#oldest;
  }

  close(): void | Promise<void> {
    return this.#input.close();
  }
}
