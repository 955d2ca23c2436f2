/**
 * A typed encoder of WebAssembly modules, so that kernels are written as instructions by name and
 * compiled in microseconds, with no text format and no library between. It knows no tensor, so that
 * whoever has a loop worth it may write one.
 *
 * @module
 */

import { ByteWriter } from "./byte_writer.ts";
import {
  type AtomicName,
  ATOMICS,
  LANE_MEMORY,
  type LaneMemoryName,
  type LaneName,
  LANES,
  type LoadName,
  LOADS,
  PLAIN,
  type PlainName,
  type StoreName,
  STORES,
} from "./opcodes.ts";

/** The type of a 32-bit integer. */
export const I32 = 0x7f;
/** The type of a 64-bit integer. */
export const I64 = 0x7e;
/** The type of a 32-bit float. */
export const F32 = 0x7d;
/** The type of a 64-bit float. */
export const F64 = 0x7c;
/** The type of a 128-bit vector. */
export const V128 = 0x7b;

/** A WebAssembly value type. */
export type ValueType = typeof I32 | typeof I64 | typeof F32 | typeof F64 | typeof V128;

/** Index of a parameter or local of a function. */
export type Local = number;

/** A branch target, given to the body of a block, loop or if. */
export type Label = number;

/** The immediates of a memory access: byte offset (default 0), alignment hint in bytes (default 1). */
export interface MemoryArgument {
  readonly offset?: number;
  readonly align?: 1 | 2 | 4 | 8 | 16;
}

/** The memory that a module imports as "env" "memory". */
export interface MemoryType {
  /**
   * Smallest size in 64 KiB pages, 1 by default: the memory's size when the module is instantiated
   * must reach it. V8 checks constant offsets below it with one comparison, those above with two.
   */
  readonly minimum?: number;
  /** Largest size in 64 KiB pages: at least the maximum that the memory was made with. */
  readonly maximum?: number;
  /** Whether the memory is shared between threads; must equal the memory's own flag. */
  readonly shared?: boolean;
  /** Type of an address: I32 (default), or I64 for a memory64. */
  readonly index?: typeof I32 | typeof I64;
}

/** A function that can be called: imported or defined. */
export interface Callable {
  readonly index: number;
}

const scratch = new DataView(new ArrayBuffer(16));
const scratchBytes = new Uint8Array(scratch.buffer);
const scratch4 = scratchBytes.subarray(0, 4);
const scratch8 = scratchBytes.subarray(0, 8);
// Encoding a module is never interrupted, so that all modules can share these.
const out = new ByteWriter(4096);
const section = new ByteWriter(4096);

/**
 * The body of one function. Each method appends one instruction and returns the builder, so that
 * a line reads like the stack it works on: `f.get(x).f32.const(2).op("f32.mul").set(x)`.
 *
 * Branches name their target by the label that `block`, `loop` and `if` give to their bodies.
 */
export class FunctionBuilder implements Callable {
  readonly #code = new ByteWriter(1024);
  readonly #locals: ValueType[] = [];
  readonly #indexType: typeof I32 | typeof I64;
  #depth = 0;

  /** Position in the module's function index space. */
  readonly index: number;
  /** How many parameters the function has: they are locals 0, 1, 2 ... */
  readonly parameterCount: number;

  /** 32-bit integer constants, given signed or unsigned. */
  readonly i32: { const: (value: number) => FunctionBuilder } = {
    const: (value) => {
      this.#code.byte(0x41);
      this.#code.signed(value | 0);
      return this;
    },
  };
  /** 64-bit integer constants; a number must be a safe integer. */
  readonly i64: { const: (value: number | bigint) => FunctionBuilder } = {
    const: (value) => {
      this.#code.byte(0x42);
      if (typeof value === "bigint") this.#code.signedBig(BigInt.asIntN(64, value));
      else this.#code.signed(value);
      return this;
    },
  };
  /** 32-bit float constants. */
  readonly f32: { const: (value: number) => FunctionBuilder } = {
    const: (value) => {
      this.#code.byte(0x43);
      scratch.setFloat32(0, value, true);
      this.#code.append(scratch4);
      return this;
    },
  };
  /** 64-bit float constants. */
  readonly f64: { const: (value: number) => FunctionBuilder } = {
    const: (value) => {
      this.#code.byte(0x44);
      scratch.setFloat64(0, value, true);
      this.#code.append(scratch8);
      return this;
    },
  };
  /** Vector constants whose four 32-bit floats are equal. */
  readonly f32x4: { const: (value: number) => FunctionBuilder } = {
    const: (value) => {
      for (let lane = 0; lane < 16; lane += 4) scratch.setFloat32(lane, value, true);
      return this.#vector();
    },
  };
  /** Vector constants whose two 64-bit floats are equal. */
  readonly f64x2: { const: (value: number) => FunctionBuilder } = {
    const: (value) => {
      for (let lane = 0; lane < 16; lane += 8) scratch.setFloat64(lane, value, true);
      return this.#vector();
    },
  };
  /** Vector constants whose four 32-bit integers are equal. */
  readonly i32x4: { const: (value: number) => FunctionBuilder } = {
    const: (value) => {
      for (let lane = 0; lane < 16; lane += 4) scratch.setInt32(lane, value, true);
      return this.#vector();
    },
  };
  /** Vector constants whose two 64-bit integers are equal. */
  readonly i64x2: { const: (value: number | bigint) => FunctionBuilder } = {
    const: (value) => {
      for (let lane = 0; lane < 16; lane += 8) scratch.setBigInt64(lane, BigInt(value), true);
      return this.#vector();
    },
  };
  /** Vector constants given as 16 bytes, the lowest first. */
  readonly v128: { const: (bytes: ArrayLike<number>) => FunctionBuilder } = {
    const: (bytes) => {
      scratchBytes.set(bytes);
      return this.#vector();
    },
  };

  /** Made by {@linkcode ModuleBuilder.func}. */
  constructor(index: number, parameterCount: number, indexType: typeof I32 | typeof I64) {
    this.index = index;
    this.parameterCount = parameterCount;
    this.#indexType = indexType;
  }

  #vector(): this {
    this.#code.opcode(0xfd000c);
    this.#code.append(scratchBytes);
    return this;
  }

  /** Declares a local variable; it starts at zero. */
  local(type: ValueType): Local {
    return this.parameterCount + this.#locals.push(type) - 1;
  }

  /** Pushes a local. */
  get(local: Local): this {
    this.#code.byte(0x20);
    this.#code.unsigned(local);
    return this;
  }

  /** Pops into a local. */
  set(local: Local): this {
    this.#code.byte(0x21);
    this.#code.unsigned(local);
    return this;
  }

  /** Copies the top of the stack into a local. */
  tee(local: Local): this {
    this.#code.byte(0x22);
    this.#code.unsigned(local);
    return this;
  }

  /** Appends an instruction that has no immediate operand. */
  op(name: PlainName): this {
    this.#code.opcode(PLAIN[name]);
    return this;
  }

  /** Pushes a constant of the type of addresses. */
  address(value: number): this {
    this.#code.byte(this.#indexType === I64 ? 0x42 : 0x41);
    this.#code.signed(this.#indexType === I64 ? value : value | 0);
    return this;
  }

  /** Appends an integer instruction of the type of addresses. */
  addressOp(
    name: "add" | "sub" | "mul" | "and" | "shl" | "shr_u" | "eqz" | "eq" | "ne" | "lt_u" | "ge_u",
  ): this {
    return this.op(this.#indexType === I64 ? `i64.${name}` : `i32.${name}`);
  }

  #memoryArgument(argument: MemoryArgument, alignment?: number): void {
    this.#code.unsigned(alignment ?? 31 - Math.clz32(argument.align ?? 1));
    this.#code.unsigned(argument.offset ?? 0);
  }

  /** Pops an address and pushes what lies there. */
  load(name: LoadName, argument: MemoryArgument = {}): this {
    this.#code.opcode(LOADS[name]);
    this.#memoryArgument(argument);
    return this;
  }

  /** Pops a value and then an address, and writes the value there. */
  store(name: StoreName, argument: MemoryArgument = {}): this {
    this.#code.opcode(STORES[name]);
    this.#memoryArgument(argument);
    return this;
  }

  /** Pops a vector and then an address; reads or writes one lane. A load pushes the new vector. */
  laneMemory(name: LaneMemoryName, lane: number, argument: MemoryArgument = {}): this {
    this.#code.opcode(LANE_MEMORY[name]);
    this.#memoryArgument(argument);
    this.#code.byte(lane);
    return this;
  }

  /** Appends an atomic access; its alignment must be natural and is filled in. */
  atomic(name: AtomicName, argument: Omit<MemoryArgument, "align"> = {}): this {
    this.#code.opcode(ATOMICS[name]);
    this.#memoryArgument(argument, name.startsWith("i64") || name.endsWith("64") ? 3 : 2);
    return this;
  }

  /** Appends the fence that orders atomic accesses. */
  fence(): this {
    this.#code.opcode(0xfe0003);
    this.#code.byte(0);
    return this;
  }

  /** Reads or replaces one lane of the vector on the stack. */
  lane(name: LaneName, lane: number): this {
    this.#code.opcode(LANES[name]);
    this.#code.byte(lane);
    return this;
  }

  /** Pops two vectors and picks 16 bytes: 0 to 15 from the first, 16 to 31 from the second. */
  shuffle(lanes: ArrayLike<number>): this {
    this.#code.opcode(0xfd000d);
    for (let i = 0; i < 16; i++) this.#code.byte(lanes[i] ?? 0);
    return this;
  }

  /** Pops count, source and destination, and copies bytes; the ranges may overlap. */
  memoryCopy(): this {
    this.#code.opcode(0xfc000a);
    this.#code.byte(0);
    this.#code.byte(0);
    return this;
  }

  /** Pops count, byte value and destination, and fills bytes. */
  memoryFill(): this {
    this.#code.opcode(0xfc000b);
    this.#code.byte(0);
    return this;
  }

  /** Pushes the size of the memory in 64 KiB pages. */
  memorySize(): this {
    this.#code.byte(0x3f);
    this.#code.byte(0);
    return this;
  }

  #structure(opcode: number, body: (label: Label) => void, result: ValueType | undefined): void {
    this.#code.byte(opcode);
    this.#code.byte(result ?? 0x40);
    this.#depth += 1;
    body(this.#depth);
  }

  #end(): this {
    this.#depth -= 1;
    this.#code.byte(0x0b);
    return this;
  }

  /** A block: a branch to its label leaves it. */
  block(body: (leave: Label) => void, result?: ValueType): this {
    this.#structure(0x02, body, result);
    return this.#end();
  }

  /** A loop: a branch to its label repeats it; reaching its end leaves it. */
  loop(body: (again: Label) => void, result?: ValueType): this {
    this.#structure(0x03, body, result);
    return this.#end();
  }

  /** Pops a condition; runs the first body when it is not zero, else the second. */
  if(then: (leave: Label) => void, otherwise?: (leave: Label) => void, result?: ValueType): this {
    this.#structure(0x04, then, result);
    if (otherwise) {
      this.#code.byte(0x05);
      otherwise(this.#depth);
    }
    return this.#end();
  }

  /** Branches to a label. */
  br(label: Label): this {
    this.#code.byte(0x0c);
    this.#code.unsigned(this.#depth - label);
    return this;
  }

  /** Pops a condition and branches to a label when it is not zero. */
  brIf(label: Label): this {
    this.#code.byte(0x0d);
    this.#code.unsigned(this.#depth - label);
    return this;
  }

  /** Pops an index and branches to that label, or to the last one when the index is too large. */
  brTable(labels: readonly Label[], otherwise: Label): this {
    this.#code.byte(0x0e);
    this.#code.unsigned(labels.length);
    for (const label of labels) this.#code.unsigned(this.#depth - label);
    this.#code.unsigned(this.#depth - otherwise);
    return this;
  }

  /** Calls a function of the module. */
  call(callee: Callable): this {
    this.#code.byte(0x10);
    this.#code.unsigned(callee.index);
    return this;
  }

  /** Appends this function's entry of the code section. */
  writeTo(section: ByteWriter): void {
    const runs: [count: number, type: ValueType][] = [];
    for (const type of this.#locals) {
      const last = runs.at(-1);
      if (last && last[1] === type) last[0] += 1;
      else runs.push([1, type]);
    }
    const head = new ByteWriter(5 + 6 * runs.length);
    head.unsigned(runs.length);
    for (const [count, type] of runs) {
      head.unsigned(count);
      head.byte(type);
    }
    section.unsigned(head.length + this.#code.length + 1);
    section.append(head.view());
    section.append(this.#code.view());
    section.byte(0x0b);
  }
}

/**
 * A WebAssembly module under construction: imports first, then functions, then
 * {@linkcode ModuleBuilder.bytes}.
 *
 * @example A function that doubles a number
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { F64, ModuleBuilder } from "./wasm.ts";
 *
 * const module = new ModuleBuilder();
 * const f = module.func("double", [F64], [F64]);
 * f.get(0).f64.const(2).op("f64.mul");
 * const instance = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()));
 * assertEquals((instance.exports.double as (x: number) => number)(21), 42);
 * ```
 */
export class ModuleBuilder {
  readonly #memory: MemoryType | undefined;
  readonly #types = new Map<string, number>();
  readonly #typeList: [readonly ValueType[], readonly ValueType[]][] = [];
  readonly #imports: { module: string; name: string; type: number }[] = [];
  readonly #functions: { builder: FunctionBuilder; type: number; name: string | undefined }[] = [];

  /** Type of an address in this module: I32 or I64. */
  readonly indexType: typeof I32 | typeof I64;

  /** Starts a module, which imports `memory` as "env" "memory" where one is given. */
  constructor(memory?: MemoryType) {
    if (memory?.shared && memory.maximum === undefined) {
      throw new TypeError(
        "Cannot import a shared memory without a maximum: a number of pages is wanted: give the maximum that the memory was made with",
      );
    }
    this.#memory = memory;
    this.indexType = memory?.index ?? I32;
  }

  #type(parameters: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${parameters}>${results}`;
    let index = this.#types.get(key);
    if (index === undefined) {
      index = this.#typeList.push([parameters, results]) - 1;
      this.#types.set(key, index);
    }
    return index;
  }

  /**
   * Imports a function.
   *
   * @throws {TypeError} when a function was defined before: imports take the first indices.
   */
  import(
    module: string,
    name: string,
    parameters: readonly ValueType[],
    results: readonly ValueType[],
  ): Callable {
    if (this.#functions.length > 0) {
      throw new TypeError(
        `Cannot import ${module}.${name} after a function was defined: imports come first: move the import up`,
      );
    }
    const type = this.#type(parameters, results);
    return { index: this.#imports.push({ module, name, type }) - 1 };
  }

  /** Defines a function; it is exported under its name, or kept inside when the name is undefined. */
  func(
    name: string | undefined,
    parameters: readonly ValueType[],
    results: readonly ValueType[],
  ): FunctionBuilder {
    const index = this.#imports.length + this.#functions.length;
    const builder = new FunctionBuilder(index, parameters.length, this.indexType);
    this.#functions.push({ builder, type: this.#type(parameters, results), name });
    return builder;
  }

  /** Encodes the module. */
  bytes(): Uint8Array<ArrayBuffer> {
    out.length = 0;
    section.length = 0;
    const flush = (id: number): void => {
      out.byte(id);
      out.unsigned(section.length);
      out.append(section.view());
      section.length = 0;
    };
    for (const byte of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]) out.byte(byte);

    section.unsigned(this.#typeList.length);
    for (const [parameters, results] of this.#typeList) {
      section.byte(0x60);
      section.unsigned(parameters.length);
      for (const type of parameters) section.byte(type);
      section.unsigned(results.length);
      for (const type of results) section.byte(type);
    }
    flush(1);

    const memory = this.#memory;
    section.unsigned(this.#imports.length + (memory ? 1 : 0));
    if (memory) {
      section.name("env");
      section.name("memory");
      section.byte(0x02);
      section.byte(
        (memory.maximum === undefined ? 0 : 1) | (memory.shared ? 2 : 0) |
          (this.indexType === I64 ? 4 : 0),
      );
      section.unsigned(memory.minimum ?? 1);
      if (memory.maximum !== undefined) section.unsigned(memory.maximum);
    }
    for (const { module, name, type } of this.#imports) {
      section.name(module);
      section.name(name);
      section.byte(0x00);
      section.unsigned(type);
    }
    flush(2);

    section.unsigned(this.#functions.length);
    for (const { type } of this.#functions) section.unsigned(type);
    flush(3);

    const exported = this.#functions.filter((entry) => entry.name !== undefined);
    section.unsigned(exported.length);
    for (const { builder, name } of exported) {
      section.name(name ?? "");
      section.byte(0x00);
      section.unsigned(builder.index);
    }
    flush(7);

    section.unsigned(this.#functions.length);
    for (const { builder } of this.#functions) builder.writeTo(section);
    flush(10);
    return out.view().slice();
  }
}
