/**
 * What one program's calls bring from the host and take to fresh places: their inputs go to the
 * staging block, their small outputs are computed at fixed places and delivered from there. Where
 * there is no room for that, a call has them as any tensors.
 *
 * @module
 */
import { OutOfMemoryError } from "../../base/errors.ts";
import { DTYPES } from "../../base/dtype.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Plan } from "../../compile/plan.ts";
import { type Delivery, ROW } from "./deliver.ts";
import { aligned, type Lasting } from "./lasting.ts";
import type { Bank, Stage } from "./stage.ts";

/** The largest output that is computed at a fixed place and then copied, and all of a program. */
const LARGEST_OUTPUT = 16 << 10;
const ALL_OUTPUTS = 256 << 10;
/** Calls after one that found no room, before room is asked for again. */
const REST = 64;

/** The staging of the calls of one program, of which one is prepared at a time. */
export class StagedCall {
  readonly #stage: Stage;
  /** Where small outputs are computed. */
  readonly #results: Lasting;
  /** Bytes of each input in the block; 0 for one that no call uses. */
  readonly #sizes: Float64Array;
  /** Of each output its place among the results, or -1, and its bytes. */
  readonly #places: readonly number[];
  readonly #bytes: readonly number[];
  /** Row by row: the outputs that are delivered. */
  readonly #delivered: readonly number[];
  readonly #header: number;
  readonly #resultBytes: number;

  /** The call that is being prepared: where its bytes go, and how many there are. */
  #bank: Bank | null = null;
  #host: Uint8Array<ArrayBuffer> | null = null;
  #top = 0;
  /** Its inputs that lie with the host, those of them that do not fit, and their bytes. */
  readonly #expected: number[] = [];
  readonly #refused = new Set<number>();
  #total = 0;
  readonly #targets: Float64Array;
  /** Calls that do without the staging block from now on. */
  #rest = 0;

  constructor(stage: Stage, results: Lasting, plan: Plan) {
    this.#stage = stage;
    this.#results = results;
    this.#sizes = new Float64Array(plan.inputs);
    plan.slots.forEach((s, i) => {
      if (s.kind !== "input") return;
      const { shape, dtype } = plan.values[i]!;
      this.#sizes[s.index] = aligned(sizeOf(shape) * DTYPES[dtype].bytes);
    });
    let top = 0;
    const delivered: number[] = [];
    this.#bytes = plan.outputs.map((o) => o.kind === "fresh" ? o.bytes : 0);
    this.#places = plan.outputs.map((o, k) => {
      if (o.kind !== "fresh" || o.bytes === 0 || o.bytes > LARGEST_OUTPUT) return -1;
      const at = top;
      if (at + o.bytes > ALL_OUTPUTS) return -1;
      top += aligned(o.bytes);
      delivered.push(k);
      return at;
    });
    this.#delivered = delivered;
    this.#resultBytes = top;
    this.#header = delivered.length === 0 ? 0 : aligned(delivered.length * ROW);
    this.#targets = new Float64Array(plan.outputs.length);
  }

  /** Whether an input may be staged, as far as its own size tells. */
  takes(index: number): boolean {
    const size = this.#sizes[index]!;
    return size > 0 && size <= this.#stage.limit;
  }

  /** Whether an output may be delivered. */
  gives(index: number): boolean {
    return this.#places[index]! >= 0;
  }

  /** Notes that an input of the call to come lies with the host. */
  expect(index: number): void {
    this.#expected.push(index);
    this.#total += this.#sizes[index]!;
  }

  /** Takes the bytes of an expected input; its address, or null where there is no room for it. */
  input(index: number, bytes: Uint8Array): number | null {
    if (!this.#begin() || this.#refused.has(index)) return null;
    const offset = this.#top;
    this.#host!.set(bytes, offset);
    this.#top = offset + this.#sizes[index]!;
    return this.#bank!.address + offset;
  }

  /** Where to compute an output that shall lie at an address; there itself where there is no room. */
  output(index: number, address: number): number {
    if (!this.#begin()) return address;
    this.#targets[index] = address;
    return this.#results.address + this.#places[index]!;
  }

  /** Copies what the call has brought, and the table of its outputs, to the device. */
  send(): void {
    const bank = this.#bank;
    if (bank === null) return;
    if (this.#header > 0) {
      const table = new BigUint64Array(this.#host!.buffer, this.#host!.byteOffset);
      this.#delivered.forEach((k, row) => {
        table[3 * row] = BigInt(this.#targets[k]!);
        table[3 * row + 1] = BigInt(this.#results.address + this.#places[k]!);
        table[3 * row + 2] = BigInt(this.#bytes[k]!);
      });
    }
    bank.send(this.#top);
  }

  /** Launches what takes the outputs of the call to where they shall lie. */
  deliver(delivery: Delivery): void {
    if (this.#header > 0 && this.#bank !== null) {
      delivery.launch(this.#bank.address, this.#delivered.length);
    }
  }

  /** Where the call's bytes lie on the device; 0 for none. */
  get address(): number {
    return this.#bank?.address ?? 0;
  }

  /** The memory of the call, if it has any. */
  get bank(): Bank | null {
    return this.#bank;
  }

  /** Ends the call, run or not. */
  end(): void {
    this.#expected.length = 0;
    this.#refused.clear();
    this.#total = 0;
    if (this.#rest > 0 && this.#bank === null) this.#rest--;
    this.#bank = this.#host = null;
    this.#top = 0;
    this.#stage.isOpen = false;
  }

  /** Takes memory for the call, once and for all that it brings; false where there is none. */
  #begin(): boolean {
    if (this.#bank !== null) return true;
    if (this.#rest > 0) return false;
    this.#fit();
    this.#stage.isOpen = true;
    try {
      this.#results.reserve(this.#resultBytes);
      const bank = this.#stage.bankFor(this.#header + this.#total);
      this.#host = bank.host;
      this.#bank = bank;
    } catch (e) {
      if (!(e instanceof OutOfMemoryError)) throw e;
      this.#rest = REST;
      return false;
    }
    this.#top = this.#header;
    return true;
  }

  /** Keeps the smallest of the inputs that are too many. */
  #fit(): void {
    const { limit } = this.#stage;
    if (this.#total <= limit) return;
    const sizes = this.#sizes;
    this.#expected.sort((a, b) => sizes[a]! - sizes[b]! || a - b);
    let sum = 0;
    for (const index of this.#expected) {
      if (sum + sizes[index]! <= limit) sum += sizes[index]!;
      else this.#refused.add(index);
    }
    this.#total = sum;
  }
}
