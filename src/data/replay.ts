/**
 * Replay: an input whose elements are held for a while, as a shuffle or a group does. In the place
 * of the elements, a state says from where the input must be read again to have them back.
 *
 * @module
 */
import type { Cursor, Pull, State } from "./stage.ts";

/** From where an input is read again: its state before element number `from`. */
export type ReplayState = { readonly from: number; readonly input: State };

/** More states of the input than this are not kept: every other one goes. */
const MOST = 64;

/** An input that numbers its elements and can say how to read again from any that is held. */
export class Replay<E> {
  readonly #input: Cursor<E>;
  readonly #stateful: boolean;
  readonly #kept: ReplayState[] = [];
  #interval: number;
  #at: number;

  /**
   * @param open opens the input, anew or from a state
   * @param stateful whether states will be asked for
   * @param interval how many elements are read again at most, unless `MOST` states are held
   */
  constructor(
    open: (state?: State) => Cursor<E>,
    stateful: boolean,
    interval: number,
    state?: ReplayState,
  ) {
    this.#input = open(state?.input);
    this.#at = state?.from ?? 0;
    this.#stateful = stateful;
    this.#interval = interval;
  }

  /** Many elements in one call, where the input never gives a Promise. */
  get fill(): Cursor<E>["fill"] {
    return this.#input.fill === undefined ? undefined : this.#fill;
  }

  readonly #fill = (into: E[], count: number): number => {
    let filled = 0;
    while (filled < count) {
      const most = Math.min(count - filled, this.#stateful ? this.#untilKept() : Infinity);
      const got = this.#input.fill!(into, most);
      this.#at += got;
      filled += got;
      if (got < most) break;
    }
    return filled;
  };

  /** How many elements come before another state is to be kept; one is kept where it is time. */
  #untilKept(): number {
    let last = this.#kept[this.#kept.length - 1];
    if (last === undefined || this.#at >= last.from + this.#interval) last = this.#keep();
    return last.from + this.#interval - this.#at;
  }

  /** The number of the element that the next pull gives. */
  get at(): number {
    return this.#at;
  }

  next(): Pull<E> {
    if (this.#stateful) this.#untilKept();
    this.#at++;
    return this.#input.next();
  }

  #keep(): ReplayState {
    const kept = this.#kept;
    if (kept.length >= MOST) {
      for (let i = 1; 2 * i < kept.length; i++) kept[i] = kept[2 * i]!;
      kept.length = Math.ceil(kept.length / 2);
      this.#interval *= 2;
    }
    const state = { from: this.#at, input: this.#input.state() };
    kept.push(state);
    return state;
  }

  /** From where to read again so that element number `oldest` and all later ones come. */
  state(oldest: number): ReplayState {
    if (oldest >= this.#at) return { from: this.#at, input: this.#input.state() };
    const kept = this.#kept;
    let first = 0;
    while (first + 1 < kept.length && kept[first + 1]!.from <= oldest) first++;
    kept.splice(0, first);
    return kept[0]!;
  }

  close(): void | Promise<void> {
    return this.#input.close();
  }
}
