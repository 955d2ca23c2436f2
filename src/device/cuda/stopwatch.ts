/**
 * How long the device itself takes for something: the host's clock would tell when it was asked for.
 *
 * @module
 */
import type { Gpu } from "./driver.ts";

/** Pairs of events that remember when they came to pass; what is timed may time something itself. */
export class Stopwatch {
  readonly #gpu: Gpu;
  readonly #idle: (readonly [bigint, bigint])[] = [];
  readonly #milliseconds = new Float32Array(1);

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /** Runs something, waits for it and for all before it, and gives its milliseconds. */
  time(run: () => void): number {
    const gpu = this.#gpu;
    gpu.use();
    const pair = this.#idle.pop() ?? this.#pair();
    const [start, end] = pair;
    try {
      gpu.call("cuEventRecord", start, gpu.stream);
      run();
      gpu.call("cuEventRecord", end, gpu.stream);
      gpu.call("cuEventSynchronize", end);
      gpu.call("cuEventElapsedTime", this.#milliseconds, start, end);
      return this.#milliseconds[0]!;
    } finally {
      this.#idle.push(pair);
    }
  }

  #pair(): [bigint, bigint] {
    const first = this.#gpu.event(true);
    try {
      return [first, this.#gpu.event(true)];
    } catch (e) {
      this.#gpu.driver.symbols.cuEventDestroy_v2(first);
      throw e;
    }
  }
}
