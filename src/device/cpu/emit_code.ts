/**
 * What kernels are written through: a stack machine with WebAssembly's instructions. One builder
 * encodes them as they are ({@linkcode FunctionBuilder}); another makes machine code of wider
 * vectors of them, for which `f32x4.add` adds all the lanes there are.
 *
 * @module
 */
import type { Callable, Label, Local, MemoryArgument } from "../../wasm/wasm.ts";
import type {
  LaneMemoryName,
  LaneName,
  LoadName,
  PlainName,
  StoreName,
} from "../../wasm/opcodes.ts";

/** Pushes a constant, in all lanes of a vector. */
export interface Constants<Value> {
  readonly const: (value: Value) => Code;
}

/** The body of a function that is being written; see {@linkcode FunctionBuilder}'s methods. */
export interface Code {
  /** Whether it places locals itself, best where each holds one thing. */
  readonly keepsLocals?: boolean;
  readonly i32: Constants<number>;
  readonly f32x4: Constants<number>;
  readonly f64x2: Constants<number>;
  readonly i32x4: Constants<number>;
  readonly i64x2: Constants<number | bigint>;
  local(type: 0x7f | 0x7b): Local;
  get(local: Local): Code;
  set(local: Local): Code;
  tee(local: Local): Code;
  op(name: PlainName): Code;
  load(name: LoadName, argument?: MemoryArgument): Code;
  store(name: StoreName, argument?: MemoryArgument): Code;
  laneMemory(name: LaneMemoryName, lane: number, argument?: MemoryArgument): Code;
  lane(name: LaneName, lane: number): Code;
  shuffle(lanes: ArrayLike<number>): Code;
  call(callee: Callable): Code;
  loop(body: (again: Label) => void): Code;
  if(then: (leave: Label) => void, otherwise?: (leave: Label) => void): Code;
  brIf(label: Label): Code;
}

/** What depends on how many lanes a vector has, or goes from one lane to another. */
export interface Lanes {
  /** Elements of a value: lanes of 32 bits in a vector. */
  readonly count: 4 | 16;
  /** Whether the last few elements of a row can be done as a vector of which only some lanes count. */
  readonly masks: boolean;
  /** Pushes a vector constant given as one 32-bit integer for each lane. */
  words(values: readonly number[]): Code;
  /** Pops two vectors of 64-bit lanes and pushes the lower words of all. */
  narrow(): Code;
  /** Pops two vectors of which the lower halves count and pushes them as one. */
  join(): Code;
  /** Pushes a vector whose lower half is the upper one of a local. */
  upper(x: Local): Code;
  /** Pushes a local in which neighbouring groups of so many bytes have changed places. */
  swap(x: Local, bytes: number): Code;
  /** Pops an address and pushes the bytes there, one in each lane. */
  loadBytes(argument: MemoryArgument): Code;
  /** Pushes the lowest bytes of a local's lanes side by side, as `storeBytes` wants them. */
  packed(x: Local): Code;
  /** Pops bytes side by side and an address, and writes them there. */
  storeBytes(argument: MemoryArgument): Code;
  /** From here on so many lanes, of vectors that count in part, count. Only where there are masks. */
  only(count: number): void;
  /** The same, as many as a local tells: less than all. */
  onlyFirst(count: Local): void;
  /** The same as `v128.load` of one of a value's vectors, for the lanes that count; zeros elsewhere. */
  loadOnly(part: number, bytes: number, argument: MemoryArgument): Code;
  /**
   * Pops an address and pushes what lies so many bytes behind it as each lane of a local says: one of
   * a value's vectors, for all lanes or those that count, where what was computed may be more than
   * 2 GiB. Only where there are masks.
   */
  gather(
    part: number,
    bytes: number,
    places: Local,
    how: { readonly partial: boolean; readonly computed: boolean },
    at: MemoryArgument,
  ): Code;
  /**
   * Pops whole numbers, as floats, and floats, and pushes these times 2 to the power of those, rounded
   * once. Only where there are masks.
   */
  scale(bytes: 4 | 8): Code;
  /** As `v128.store`, for the lanes that count. */
  storeOnly(part: number, bytes: number, argument: MemoryArgument): Code;
  /** Pushes a mask of the lanes of one of a value's vectors that count. */
  mask(part: number, bytes: number): Code;
}
