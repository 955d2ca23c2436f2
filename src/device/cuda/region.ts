/**
 * The memory of a GPU as the region of a heap: pieces that grow by a quarter of what there is and are
 * kept, so that no step of a program allocates.
 *
 * @module
 */
import type { DType } from "../../base/dtype.ts";
import { PAGE, type Region } from "../pages.ts";
import type { Gpu } from "./driver.ts";
import { Transfer } from "./transfer.ts";

/** The driver hands out memory in such units, so that less would be lost. */
const UNIT = 2 << 20;

/** The share of the free memory that results may have before the oldest move out. */
const SHARE = 0.5;

interface Piece {
  readonly first: number;
  readonly end: number;
  readonly address: number;
}

/** A region in the memory of a GPU. */
export class CudaRegion implements Region {
  readonly maximum: number;
  readonly budget: number;
  readonly apart = true;
  readonly #gpu: Gpu;
  readonly #transfer: Transfer;
  readonly #pieces: Piece[] = [];
  // page 0 is never lent
  #size = PAGE;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
    this.#transfer = new Transfer(gpu);
    gpu.use();
    const { free, total } = gpu.memory();
    this.maximum = Math.floor(total / PAGE) * PAGE;
    this.budget = Math.floor(free * SHARE / PAGE) * PAGE;
  }

  get size(): number {
    return this.#size;
  }

  room(): string {
    return this.#gpu.room();
  }

  grow(bytes: number): boolean {
    if (bytes <= this.#size) return true;
    // the first of the new pages lies between the pieces and is none of this one's
    const needed = Math.ceil(bytes / PAGE) * PAGE - this.#size - PAGE;
    const whole = Math.ceil(needed / UNIT) * UNIT;
    return this.#add(whole) || (whole !== needed && this.#add(needed));
  }

  #add(bytes: number): boolean {
    if (bytes <= 0) return false;
    const address = this.#gpu.allocate(bytes);
    if (address === null) return false;
    const first = this.#size / PAGE + 1;
    const end = first + bytes / PAGE;
    this.#pieces.push({ first, end, address: Number(address) });
    this.#size = end * PAGE;
    return true;
  }

  addressOf(page: number): number {
    for (let i = this.#pieces.length - 1; i >= 0; i--) {
      const { first, end, address } = this.#pieces[i]!;
      if (page >= first && page < end) return address + (page - first) * PAGE;
    }
    return 0;
  }

  read(address: number, to: Uint8Array): void {
    this.#transfer.read(address, to);
  }

  write(address: number, from: Uint8Array): void {
    this.#transfer.write(address, from);
  }

  copy(from: number, to: number, bytes: number): void {
    this.#transfer.copy(from, to, bytes);
  }

  number(address: number, dtype: DType): number {
    return this.#transfer.number(address, dtype);
  }
}
