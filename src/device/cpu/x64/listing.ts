/**
 * A function of machine code before its registers are chosen: instructions on virtual registers, of
 * which there are as many as are wanted, and what each reads and writes.
 *
 * @module
 */
import type { Placed } from "./place.ts";

/** A virtual register. Numbers may be written again and again; constants never. */
export type Virtual = number;

/** Which registers a virtual one can be placed in: vectors, or general ones. */
export type Bank = "vector" | "general";

/** A comparison of lanes. */
export interface Comparison {
  readonly name: "vcmpps" | "vcmppd" | "vpcmpd" | "vpcmpud" | "vpcmpq";
  readonly a: Virtual;
  readonly b: Virtual;
  /** The processor's number of what is asked; with 4 added or taken away, of the contrary. */
  readonly predicate: number;
}

/** One instruction, or a few that belong together. */
export interface Instruction {
  /** What it writes. */
  def: Virtual | undefined;
  readonly uses: readonly Virtual[];
  /** A lanewise mask that is the result of a comparison alone. */
  readonly compares?: Comparison;
  /** It may be a choice by a mask: of the first operand's lanes and the second's, or of the first and
   * not the second. */
  readonly masks?: "and" | "andnot";
  /** A choice by lanes: of `yes` where the mask is set, of `no` elsewhere; a missing one is 0. */
  readonly selects?: {
    readonly mask: Virtual;
    readonly yes: Virtual | undefined;
    readonly no: Virtual | undefined;
  };
  /** It only copies this into its result. */
  readonly copies?: Virtual;
  /** Encodes it. */
  write(at: Placed): void;
}

/** The bits of a constant: of one lane of 4 or 8 bytes, or of all 64 bytes. */
export type Bits = Uint8Array;

/** A function under construction. */
export class Listing {
  readonly instructions: Instruction[] = [];
  readonly banks: Bank[] = [];
  readonly constants = new Map<Virtual, Bits>();
  /** Virtual registers that stand for constants. */
  readonly aliases = new Map<Virtual, Virtual>();
  /** First and last instruction of each loop, inner loops first. */
  readonly loops: { readonly first: number; readonly last: number }[] = [];
  readonly #known = new Map<string, Virtual>();

  /** A new virtual register. */
  take(bank: Bank): Virtual {
    return this.banks.push(bank) - 1;
  }

  /** A vector that is the same throughout the function. */
  constant(bits: Bits): Virtual {
    const key = bits.join();
    let v = this.#known.get(key);
    if (v === undefined) {
      v = this.take("vector");
      this.#known.set(key, v);
      this.constants.set(v, bits);
    }
    return v;
  }

  add(instruction: Instruction): void {
    this.instructions.push(instruction);
  }
}
