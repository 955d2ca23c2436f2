/**
 * The locals of a function that is being written, handed out again when a scope ends.
 *
 * @module
 */
import { I32, type Local, V128 } from "../../wasm/wasm.ts";
import type { Code } from "./emit_code.ts";

/** Hands out locals and takes them back when a scope ends. */
export class Locals {
  readonly #f: Code;
  readonly #fresh: boolean;
  readonly #free = { [I32]: [] as Local[], [V128]: [] as Local[] };
  readonly #taken: { type: typeof I32 | typeof V128; local: Local }[] = [];

  /** @param fresh whether a local is never handed out again: for builders that place them themselves */
  constructor(f: Code, fresh = false) {
    this.#f = f;
    this.#fresh = fresh;
  }

  /** A local of its own until the scope ends. */
  take(type: typeof I32 | typeof V128): Local {
    if (this.#fresh) return this.#f.local(type);
    const local = this.#free[type].pop() ?? this.#f.local(type);
    this.#taken.push({ type, local });
    return local;
  }

  /** Runs a part and takes back what it took. */
  scope(body: () => void): void {
    const mark = this.#taken.length;
    body();
    while (this.#taken.length > mark) {
      const { type, local } = this.#taken.pop()!;
      this.#free[type].push(local);
    }
  }
}
