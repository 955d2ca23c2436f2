/**
 * The builder that makes machine code of what kernels are written in: a stack machine whose entries
 * are virtual registers, constants and addresses, so that each instruction becomes one on registers.
 *
 * @module
 */
import type { Callable, Label, Local, MemoryArgument } from "../../../wasm/wasm.ts";
import { V128 } from "../../../wasm/wasm.ts";
import type { Code, Constants } from "../emit_code.ts";
import type {
  LaneMemoryName,
  LaneName,
  LoadName,
  PlainName,
  StoreName,
} from "../../../wasm/opcodes.ts";
import type { Condition } from "../../../x64/x64.ts";
import { type Instruction, Listing, type Virtual } from "./listing.ts";
import type { Placed } from "./place.ts";
import { unsupported } from "./unsupported.ts";
import { compare, FUNCTIONS, TERNARY, ternary } from "./vector_table.ts";

/** Something on the stack. Values of registers are those of the time when they were pushed. */
export type Entry =
  | { readonly kind: "vector"; readonly reg: Virtual }
  /** A number: that of a register, plus a constant. */
  | { readonly kind: "number"; readonly reg: Virtual | undefined; readonly plus: number }
  /** The address that an argument tells, plus a constant. */
  | { readonly kind: "argument"; readonly index: number; readonly plus: number }
  | {
    readonly kind: "condition";
    readonly is: Condition;
    readonly a: Virtual;
    readonly b: Virtual;
  };

/** What may be told of an instruction beside what it reads and writes. */
type Traits = Pick<Instruction, "compares" | "selects" | "masks">;

/** Conditions between numbers that are not negative. */
const CONDITIONS: Partial<Record<PlainName, Condition>> = {
  "i32.lt_u": "b",
  "i32.ge_u": "ae",
  "i32.gt_u": "a",
};

const CONTRARY: Partial<Record<Condition, Condition>> = {
  b: "ae",
  ae: "b",
  a: "be",
  e: "ne",
  ne: "e",
};

/** The body of a kernel's function. Arguments are its first locals: addresses, then numbers. */
export class MachineCode implements Code {
  readonly keepsLocals = true;
  readonly listing = new Listing();
  readonly #stack: Entry[] = [];
  /** The virtual register of each local. */
  readonly #locals: Virtual[] = [];
  readonly #addresses: number;

  readonly i32: Constants<number> = { const: (value) => this.#number(undefined, value) };
  readonly f32x4: Constants<number> = {
    const: (value) => this.pushBits(new Uint8Array(Float32Array.of(value).buffer)),
  };
  readonly f64x2: Constants<number> = {
    const: (value) => this.pushBits(new Uint8Array(Float64Array.of(value).buffer)),
  };
  readonly i32x4: Constants<number> = {
    const: (value) => this.pushBits(new Uint8Array(Int32Array.of(value).buffer)),
  };
  readonly i64x2: Constants<number | bigint> = {
    const: (value) => this.pushBits(new Uint8Array(BigInt64Array.of(BigInt(value)).buffer)),
  };

  /** A function of so many addresses and then so many numbers. */
  constructor(addresses: number, numbers: number) {
    this.#addresses = addresses;
    for (let i = 0; i < addresses; i++) this.#locals.push(-1);
    for (let i = 0; i < numbers; i++) {
      const reg = this.listing.take("general");
      this.#locals.push(reg);
      this.listing.add({
        def: reg,
        uses: [],
        write: (at) => at.argument(reg, addresses + i, false),
      });
    }
  }

  /** Pushes a constant of one lane's bits, or of all. */
  pushBits(bits: Uint8Array): this {
    return this.push({ kind: "vector", reg: this.listing.constant(bits) });
  }

  push(entry: Entry): this {
    this.#stack.push(entry);
    return this;
  }

  pop(): Entry {
    const entry = this.#stack.pop();
    if (entry === undefined) throw new Error("Cannot pop: the stack is empty");
    return entry;
  }

  /** Pops a vector. */
  popVector(): Virtual {
    const entry = this.pop();
    if (entry.kind !== "vector") throw new Error(`Cannot use a ${entry.kind} as a vector`);
    return entry.reg;
  }

  /** Pushes what an instruction makes of vectors. */
  vector(
    uses: readonly Virtual[],
    write: (at: Placed, def: Virtual) => void,
    more: Traits = {},
  ): this {
    return this.#result("vector", uses, write, more);
  }

  #result(
    bank: "vector" | "general",
    uses: readonly Virtual[],
    write: (at: Placed, def: Virtual) => void,
    more: Traits = {},
  ): this {
    const instruction = {
      def: this.listing.take(bank) as Virtual | undefined,
      uses,
      ...more,
      write: (at: Placed) => write(at, instruction.def!),
    };
    this.listing.add(instruction);
    const reg = instruction.def!;
    return this.push(
      bank === "vector" ? { kind: "vector", reg } : { kind: "number", reg, plus: 0 },
    );
  }

  #number(reg: Virtual | undefined, plus: number): this {
    return this.push({ kind: "number", reg, plus });
  }

  /** The register that holds an entry's number or address. */
  #general(entry: Entry): Virtual {
    if (entry.kind === "number") {
      const { reg, plus } = entry;
      if (reg !== undefined && plus === 0) return reg;
      const uses = reg === undefined ? [] : [reg];
      this.#result("general", uses, (at, def) => at.addConstant(def, reg, plus));
    } else if (entry.kind === "argument") {
      const { index, plus } = entry;
      this.#result("general", [], (at, def) => {
        at.argument(def, index, true);
        if (plus !== 0) at.addConstant(def, def, plus);
      });
    } else throw new Error(`Cannot use a ${entry.kind} as a number`);
    return (this.pop() as { reg: Virtual }).reg;
  }

  /** Pops a number. */
  popNumber(): Virtual {
    return this.#general(this.pop());
  }

  /** Pops an address: a register and a constant. */
  popAddress(offset = 0): { readonly base: Virtual; readonly plus: number } {
    const entry = this.pop();
    if (entry.kind === "number" && entry.reg !== undefined) {
      const plus = entry.plus + offset;
      if (plus === (plus | 0)) return { base: entry.reg, plus };
    }
    return { base: this.#general(entry), plus: offset };
  }

  local(type: number): Local {
    return this.#locals.push(this.listing.take(type === V128 ? "vector" : "general")) - 1;
  }

  get(local: Local): this {
    const reg = this.#locals[local]!;
    if (local < this.#addresses) return this.push({ kind: "argument", index: local, plus: 0 });
    return this.listing.banks[reg] === "vector"
      ? this.push({ kind: "vector", reg })
      : this.#number(reg, 0);
  }

  set(local: Local): this {
    const reg = this.#locals[local]!;
    const entry = this.pop();
    const { instructions } = this.listing;
    const from = entry.kind === "vector" ? entry.reg : this.#general(entry);
    const last = instructions.at(-1);
    // what the last instruction made for the stack alone is made for the local
    const own = last !== undefined && last.def === from && !this.#locals.includes(from);
    const kept = this.#keep(reg);
    instructions.splice(instructions.length - (own ? 1 : 0), 0, ...kept);
    if (own) last.def = reg;
    else if (entry.kind === "vector") {
      this.listing.add({
        def: reg,
        uses: [from],
        copies: from,
        write: (at) => at.copy(reg, from),
      });
    } else {
      this.listing.add({ def: reg, uses: [from], write: (at) => at.addConstant(reg, from, 0) });
    }
    return this;
  }

  /** Lets the stack hold a copy of a register that is about to be written: how it is made. */
  #keep(reg: Virtual): Instruction[] {
    const stack = this.#stack;
    const { listing } = this;
    const holds = (entry: Entry): boolean =>
      entry.kind === "condition"
        ? entry.a === reg || entry.b === reg
        : entry.kind !== "argument" && entry.reg === reg;
    if (!stack.some(holds)) return [];
    const bank = listing.banks[reg]!;
    const copy = listing.take(bank);
    const other = (x: Virtual | undefined) => x === reg ? copy : x;
    stack.forEach((entry, i) => {
      if (!holds(entry)) return;
      stack[i] = (entry.kind === "condition"
        ? { ...entry, a: other(entry.a), b: other(entry.b) }
        : { ...entry, reg: copy }) as Entry;
    });
    const write = (at: Placed) =>
      bank === "vector" ? at.copy(copy, reg) : at.addConstant(copy, reg, 0);
    return [{ def: copy, uses: [reg], write }];
  }

  tee(local: Local): this {
    return this.set(local).get(local);
  }

  op(name: PlainName): this {
    if (name in FUNCTIONS) {
      FUNCTIONS[name]!(this);
      return this;
    }
    if (name in TERNARY) {
      ternary(this, TERNARY[name]!);
      return this;
    }
    if (compare(this, name)) return this;
    return this.#integer(name);
  }

  #integer(name: PlainName): this {
    const is = CONDITIONS[name];
    if (is !== undefined) {
      const b = this.#general(this.pop());
      const a = this.#general(this.pop());
      return this.push({ kind: "condition", is, a, b });
    }
    if (name === "select") {
      const condition = this.pop();
      const no = this.#general(this.pop());
      const yes = this.#general(this.pop());
      if (condition.kind !== "condition") return unsupported("a choice by a number");
      const { is, a, b } = condition;
      return this.#result(
        "general",
        [yes, no, a, b],
        (at, def) => at.choose(def, is, a, b, yes, no),
      );
    }
    if (name === "i32x4.splat") {
      const from = this.#general(this.pop());
      return this.vector([from], (at, def) => at.splat(def, from));
    }
    if (name !== "i32.add" && name !== "i32.sub" && name !== "i32.mul") return unsupported(name);
    const b = this.pop();
    const a = this.pop();
    if (name === "i32.add" || name === "i32.sub") {
      const sign = name === "i32.add" ? 1 : -1;
      if (b.kind === "number" && b.reg === undefined && "plus" in a) {
        return this.push({ ...a, plus: a.plus + sign * b.plus });
      }
      const [x, y] = [this.#general(a), this.#general(b)];
      return this.#result(
        "general",
        [x, y],
        (at, def) => sign === 1 ? at.add(def, x, y) : at.subtract(def, x, y),
      );
    }
    if (name === "i32.mul") {
      if (b.kind === "number" && b.reg === undefined) {
        if (a.kind === "number" && a.reg === undefined) {
          return this.#number(undefined, a.plus * b.plus);
        }
        const x = this.#general(a);
        if (b.plus === (b.plus | 0)) {
          return this.#result("general", [x], (at, def) => at.multiplyConstant(def, x, b.plus));
        }
      }
    }
    return unsupported(name);
  }

  load(name: LoadName, argument: MemoryArgument = {}): this {
    const { base, plus } = this.popAddress(argument.offset);
    switch (name) {
      case "v128.load":
        return this.vector([base], (at, def) => at.load("vmovups", def, base, plus));
      case "v128.load32_splat":
        return this.vector([base], (at, def) => at.load("vbroadcastss", def, base, plus));
      case "v128.load64_splat":
        return this.vector([base], (at, def) => at.load("vbroadcastsd", def, base, plus));
      case "i32.load8_u":
        return this.#result("general", [base], (at, def) => at.loadByte(def, base, plus));
      default:
        return unsupported(name);
    }
  }

  store(name: StoreName, argument: MemoryArgument = {}): this {
    if (name !== "v128.store") return unsupported(name);
    const value = this.popVector();
    const { base, plus } = this.popAddress(argument.offset);
    return this.effect([value, base], (at) => at.store("vmovups", base, plus, value));
  }

  /** Appends an instruction that writes no register. */
  effect(uses: readonly Virtual[], write: (at: Placed) => void): this {
    this.listing.add({ def: undefined, uses, write });
    return this;
  }

  laneMemory(name: LaneMemoryName, lane: number, argument: MemoryArgument = {}): this {
    if (lane !== 0 || !name.startsWith("v128.store")) return unsupported(`${name} ${lane}`);
    const value = this.popVector();
    const { base, plus } = this.popAddress(argument.offset);
    return this.effect([value, base], (at) => {
      if (name === "v128.store64_lane") at.store("vmovsd", base, plus, value);
      else if (name === "v128.store32_lane") at.store("vmovss", base, plus, value);
      else at.storeByte(base, plus, value);
    });
  }

  lane(name: LaneName, lane: number): this {
    if (name !== "i32x4.extract_lane" || lane !== 0) return unsupported(`${name} ${lane}`);
    const x = this.popVector();
    return this.#result("general", [x], (at, def) => at.first(def, x));
  }

  shuffle(): never {
    return unsupported("a shuffle");
  }

  call(_callee: Callable): never {
    return unsupported("a call");
  }

  loop(body: (again: Label) => void): this {
    const first = this.listing.instructions.length;
    this.effect([], (at) => at.bind(first));
    body(first);
    this.listing.loops.push({ first, last: this.listing.instructions.length - 1 });
    return this;
  }

  if(then: (leave: Label) => void, otherwise?: (leave: Label) => void): this {
    if (otherwise !== undefined) return unsupported("a branch with two sides");
    // a number that no instruction has: labels of loops are numbers of theirs
    const label = -1 - this.listing.instructions.length;
    this.#jump(label, true);
    then(label);
    return this.effect([], (at) => at.bind(label));
  }

  brIf(label: Label): this {
    return this.#jump(label, false);
  }

  /** Jumps where the condition on the stack holds, or where it does not. */
  #jump(label: number, contrary: boolean): this {
    const entry = this.pop();
    if (entry.kind === "condition") {
      const { a, b } = entry;
      const is = contrary ? CONTRARY[entry.is]! : entry.is;
      return this.effect([a, b], (at) => at.jumpIf(label, is, a, b));
    }
    const x = this.#general(entry);
    return this.effect([x], (at) => at.jumpIf(label, contrary ? "e" : "ne", x, undefined));
  }
}
