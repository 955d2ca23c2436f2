/**
 * Accumulation: what is added to a product of matrices is what the product is added to, so that the
 * routine does it on its way (beta is 1): sums of products, residuals that are read no more, and
 * biases that no kernel would take in.
 *
 * @module
 */
import type { Aval } from "../ir/aval.ts";
import type { Id } from "../ir/program.ts";
import { isRowMajor } from "./fuse/join.ts";
import type { KernelStep } from "./fuse/steps.ts";
import type { LoweredStep } from "./lower.ts";
import { accesses } from "./plan.ts";
import { Renaming } from "./renaming.ts";

type CallStep = Extract<LoweredStep, { kind: "call" }>;

/** A sum of two values, element by element: the values and how it reads them. */
interface Sum {
  readonly out: Id;
  readonly terms: readonly { readonly id: Id; readonly whole: boolean }[];
}

function readSum(s: KernelStep): Sum | null {
  const { kernel: k, args } = s;
  const [a, b, sum] = k.body;
  if (k.body.length !== 3 || sum!.op !== "add" || a!.op !== "load" || b!.op !== "load") return null;
  if (k.reduce.length > 0 || k.stores.length !== 1 || k.stores[0]!.add) return null;
  if (!isRowMajor(k.stores[0]!.view, k.shape)) return null;
  const term = (load: typeof a) => ({
    id: args[load!.arg]!,
    whole: isRowMajor(load!.view, k.shape),
  });
  return { out: args[k.stores[0]!.arg]!, terms: [term(a), term(b)] };
}

/** The kernel that writes one term of a sum where the sum shall be. */
function startOf({ kernel: k, args }: KernelStep, term: number): KernelStep {
  const load = k.body[term]!;
  if (load.op !== "load") throw new Error("A term of a sum is loaded");
  const store = k.stores[0]!;
  return {
    kind: "kernel",
    kernel: {
      ...k,
      name: "start",
      args: [k.args[load.arg]!, k.args[store.arg]!],
      body: [{ ...load, arg: 0 }],
      stores: [{ ...store, arg: 1, value: 0 }],
    },
    args: [args[load.arg]!, args[store.arg]!],
  };
}

/** Accumulation at work on one list of steps. */
class Accumulation {
  readonly #steps: readonly LoweredStep[];
  readonly #out: LoweredStep[][];
  readonly #avals: readonly Aval[];
  readonly #given: ReadonlySet<Id>;
  readonly #kept: ReadonlySet<Id>;
  readonly #readers = new Map<Id, number[]>();
  readonly #writers = new Map<Id, number[]>();
  readonly #names = new Renaming();

  constructor(
    steps: readonly LoweredStep[],
    avals: readonly Aval[],
    given: ReadonlySet<Id>,
    kept: ReadonlySet<Id>,
  ) {
    this.#steps = steps;
    this.#out = steps.map((s) => [s]);
    this.#avals = avals;
    this.#given = given;
    this.#kept = kept;
    const put = (map: Map<Id, number[]>, ids: readonly Id[], at: number) => {
      for (let i = 0; i < ids.length; i++) {
        const list = map.get(ids[i]!);
        if (list === undefined) map.set(ids[i]!, [at]);
        else if (list[list.length - 1] !== at) list.push(at);
      }
    };
    for (let at = 0; at < steps.length; at++) {
      const { reads, writes } = accesses(steps[at]!);
      put(this.#readers, reads, at);
      put(this.#writers, writes, at);
    }
  }

  /** Where the one step stands that writes a value which the sum at `at` alone reads; or -1. */
  #sourceOf(id: Id, at: number): number {
    const [readers, writers] = [this.#readers.get(id) ?? [], this.#writers.get(id) ?? []];
    if (this.#kept.has(id) || this.#given.has(id)) return -1;
    return readers.length === 1 && readers[0] === at && writers.length === 1 ? writers[0]! : -1;
  }

  /** The product that ends a list of steps. */
  #productAt(at: number): CallStep | null {
    const s = this.#out[at]?.at(-1);
    return s?.kind === "call" && s.call.name === "gemm" ? s : null;
  }

  #trySum(s: KernelStep, at: number): void {
    const sum = readSum(s);
    if (sum === null || this.#writers.get(sum.out)!.length !== 1) return;
    const size = this.#avals[sum.out]!.size;
    const alone = (this.#readers.get(sum.out) ?? []).every((r) =>
      this.#steps[r]!.kind !== "kernel"
    );
    for (const [i, term] of sum.terms.entries()) {
      const other = sum.terms[1 - i]!;
      if (!term.whole || term.id === other.id || this.#avals[term.id]!.size !== size) continue;
      const from = this.#sourceOf(term.id, at);
      const product = this.#productAt(from);
      if (product === null || product.call.name !== "gemm" || product.call.beta === 1) continue;
      const source = other.whole && this.#avals[other.id]!.size === size
        ? this.#sourceOf(other.id, at)
        : -1;
      // a kernel that reads the sum takes in what a kernel adds, and so passes over memory once less
      if (this.#productAt(source) === null && !alone) continue;
      const [a, b] = product.args;
      this.#out[from] = [];
      this.#out[at] = [{
        kind: "call",
        call: { ...product.call, beta: 1 },
        args: [a!, b!, sum.out],
      }];
      if (source >= 0) this.#names.set(other.id, sum.out);
      else this.#out[at]!.unshift(startOf(s, 1 - i));
      return;
    }
  }

  run(): LoweredStep[] {
    this.#steps.forEach((s, at) => {
      if (s.kind === "kernel") this.#trySum(s, at);
    });
    return this.#names.apply(this.#out.flat());
  }
}

/**
 * Lets products start from what is added to them. `given` are inputs and literals, which nothing may
 * write; `kept` are outputs.
 */
export function accumulate(
  steps: readonly LoweredStep[],
  avals: readonly Aval[],
  given: ReadonlySet<Id>,
  kept: ReadonlySet<Id>,
): LoweredStep[] {
  return new Accumulation(steps, avals, given, kept).run();
}
