/**
 * Working ahead: elements are computed before they are asked for, several at a time, and given in
 * order. A failure stays at its element.
 *
 * @module
 */
import { type Cursor, END, type Pull, type State } from "./stage.ts";

interface Entry<T> {
  /** The state of the input before this element; null where nobody asks. */
  readonly before: State;
  readonly index: number;
  readonly result: Promise<T | typeof END>;
}

/** Computes up to `size` elements ahead of those that were given. */
export class Ahead<E, T> {
  readonly #input: Cursor<E>;
  readonly #size: number;
  readonly #stateful: boolean;
  readonly #compute: (x: E, index: number) => T | Promise<T>;
  readonly #queue: Entry<T>[] = [];
  #index: number;
  #pulling: Promise<void> | null = null;
  #finished = false;

  constructor(
    input: Cursor<E>,
    size: number,
    stateful: boolean,
    compute: (x: E, index: number) => T | Promise<T>,
    index: number,
  ) {
    this.#input = input;
    this.#size = size;
    this.#stateful = stateful;
    this.#compute = compute;
    this.#index = index;
  }

  /** Whether anything was begun that has not been given. */
  get busy(): boolean {
    return this.#queue.length > 0 || this.#pulling !== null;
  }

  /**
   * The next element where nothing was begun: what the input has at once is given at once, and
   * nothing is begun behind it.
   */
  first(): Pull<E | T> {
    if (this.#finished) return END;
    this.#before = this.#stateful ? this.#input.state() : null;
    const x = this.#input.next();
    if (x instanceof Promise) {
      this.#wait(x);
      return this.next();
    }
    if (x === END) this.#finished = true;
    return x;
  }

  /** The next element in order. */
  async next(): Promise<T | typeof END> {
    this.#fill();
    while (this.#queue.length === 0) {
      if (this.#pulling === null) return END;
      await this.#pulling;
    }
    const first = this.#queue[0]!;
    try {
      return await first.result;
    } finally {
      this.#queue.shift();
      this.#fill();
    }
  }

  /** The state of the input before the next element that is given, and that element's number. */
  state(): { readonly index: number; readonly input: State } {
    const first = this.#queue[0];
    if (first !== undefined) return { index: first.index, input: first.before };
    if (this.#pulling !== null) return { index: this.#index, input: this.#before };
    return { index: this.#index, input: this.#input.state() };
  }

  /** The state before the pull that is under way. */
  #before: State = null;

  #fill(): void {
    while (!this.#finished && this.#pulling === null && this.#queue.length < this.#size) {
      this.#before = this.#stateful ? this.#input.state() : null;
      let x: Pull<E>;
      try {
        x = this.#input.next();
      } catch (e) {
        this.#push(Promise.reject(e));
        this.#finished = true;
        return;
      }
      if (x instanceof Promise) this.#wait(x);
      else this.#accept(x);
    }
  }

  #wait(x: Promise<E | typeof END>): void {
    this.#pulling = x.then((v) => this.#accept(v), (e) => {
      this.#push(Promise.reject(e));
      this.#finished = true;
    }).then(() => {
      this.#pulling = null;
      this.#fill();
    });
  }

  #accept(x: E | typeof END): void {
    if (x === END) {
      this.#finished = true;
      this.#push(Promise.resolve(END));
      return;
    }
    const index = this.#index;
    let result: Promise<T>;
    try {
      result = Promise.resolve(this.#compute(x, index));
    } catch (e) {
      result = Promise.reject(e);
    }
    this.#push(result);
    this.#index++;
  }

  #push(result: Promise<T | typeof END>): void {
    result.catch(() => {});
    this.#queue.push({ before: this.#before, index: this.#index, result });
  }

  /** Begins nothing more, waits for what was begun, and closes the input. */
  async close(): Promise<void> {
    this.#finished = true;
    await this.#pulling;
    await Promise.allSettled(this.#queue.map((entry) => entry.result));
    await this.#input.close();
  }
}
