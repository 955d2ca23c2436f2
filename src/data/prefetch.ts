/**
 * Computing elements ahead of their use, as far as they are computed asynchronously; what is
 * synchronous passes through, since computing it earlier would not make it sooner.
 *
 * @module
 */
import { checkCount } from "./check.ts";
import { type Cursor, END, type Pull, type Stage } from "./stage.ts";

/** Makes a stage that holds up to `size` elements ready, in unchanged order. */
export function prefetch<T>(input: Stage<T>, size: number): Stage<T> {
  checkCount(size, "prefetch a count of", 1);
  return {
    label: `prefetch(${size})`,
    input,
    cardinality: input.cardinality,
    spec: input.spec,
    rows: input.rows,
    open: (run) => run.sync ? input.open(run) : new PrefetchCursor(input.open(run), size),
  };
}

class PrefetchCursor<T> implements Cursor<T> {
  readonly #input: Cursor<T>;
  readonly #size: number;
  /** What the input gave and nobody has asked for yet; a failure is kept in its place. */
  readonly #ready: Promise<T | typeof END>[] = [];
  #pump: Promise<void> | null = null;
  #finished = false;
  /** Wakes the pump when there is room again. */
  #resume: (() => void) | null = null;
  /** Wakes the consumer when something is ready. */
  #arrived: (() => void) | null = null;

  constructor(input: Cursor<T>, size: number) {
    this.#input = input;
    this.#size = size;
  }

  next(): Pull<T> {
    if (this.#pump === null) {
      const x = this.#input.next();
      if (!(x instanceof Promise)) return x;
      this.#pump = this.#fill(x);
    }
    return this.#shift();
  }

  async #shift(): Promise<T | typeof END> {
    while (this.#ready.length === 0) {
      if (this.#finished) return END;
      await new Promise<void>((done) => this.#arrived = done);
    }
    const x = this.#ready.shift()!;
    this.#resume?.();
    return x;
  }

  async #fill(x: Pull<T>): Promise<void> {
    while (!this.#finished) {
      const settled = Promise.resolve(x);
      let last = false;
      try {
        last = await settled === END;
      } catch {
        last = true;
      }
      if (last) this.#finished = true;
      this.#ready.push(settled);
      this.#arrived?.();
      if (last) return;
      while (this.#ready.length >= this.#size && !this.#finished) {
        await new Promise<void>((done) => this.#resume = done);
      }
      if (!this.#finished) x = this.#pull();
    }
  }

  #pull(): Pull<T> {
    try {
      return this.#input.next();
    } catch (e) {
      return Promise.reject(e);
    }
  }

  async close(): Promise<void> {
    this.#finished = true;
    this.#resume?.();
    await this.#pump;
    await this.#input.close();
  }
}
