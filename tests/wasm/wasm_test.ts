/**
 * WebAssembly itself judges the encoder: every instruction must validate with the types that its
 * name promises, and every family is run on values known by hand.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import {
  F32,
  F64,
  type FunctionBuilder,
  I32,
  I64,
  ModuleBuilder,
  V128,
  type ValueType,
} from "../../src/wasm/wasm.ts";
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
} from "../../src/wasm/opcodes.ts";
import { hasRelaxedSimd } from "../../src/wasm/relaxed_simd.ts";

type Numeric = number | bigint;

function run(
  parameters: ValueType[],
  results: ValueType[],
  body: (f: FunctionBuilder) => void,
  values: Numeric[] = [],
): unknown {
  const module = new ModuleBuilder();
  body(module.func("main", parameters, results));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()));
  return (instance.exports.main as (...values: Numeric[]) => unknown)(...values);
}

const SCALARS: Record<string, ValueType> = { i32: I32, i64: I64, f32: F32, f64: F64 };
const LANE_TYPES: Record<string, ValueType> = {
  i8x16: I32,
  i16x8: I32,
  i32x4: I32,
  i64x2: I64,
  f32x4: F32,
  f64x2: F64,
};
const THREE = /relaxed_n?madd|laneselect|bitselect|dot_i8x16_i7x16_add/;
const VECTOR_UNARY =
  /\.(abs|neg|not|popcnt|sqrt|ceil|floor|trunc|nearest|extadd|extend|convert|promote|demote|trunc_sat|relaxed_trunc)/;

/** Parameter and result types that the specification's naming scheme implies. */
function signature(name: string): [ValueType[], ValueType[]] {
  const [family = "", verb = ""] = name.split(".");
  const scalar = SCALARS[family];
  if (scalar !== undefined) {
    const from = verb.match(/_([if](?:32|64))(?:_[su])?$/)?.[1];
    if (from) return [[SCALARS[from]!], [scalar]];
    if (verb === "eqz") return [[scalar], [I32]];
    if (/^(eq|ne|lt|gt|le|ge)(_|$)/.test(verb)) return [[scalar, scalar], [I32]];
    if (/^(clz|ctz|popcnt|extend|abs|neg|ceil|floor|trunc|nearest|sqrt)/.test(verb)) {
      return [[scalar], [scalar]];
    }
    return [[scalar, scalar], [scalar]];
  }
  if (/all_true|any_true|bitmask/.test(verb)) return [[V128], [I32]];
  if (verb === "splat") return [[LANE_TYPES[family]!], [V128]];
  if (/^sh[lr]/.test(verb)) return [[V128, I32], [V128]];
  if (THREE.test(verb)) return [[V128, V128, V128], [V128]];
  if (VECTOR_UNARY.test(name)) return [[V128], [V128]];
  return [[V128, V128], [V128]];
}

/** The module with one function whose body pushes its parameters and then runs `body`. */
function valid(
  parameters: ValueType[],
  results: ValueType[],
  body: (f: FunctionBuilder) => void,
  module: ModuleBuilder = new ModuleBuilder({ maximum: 4, shared: true }),
): boolean {
  const f = module.func("main", parameters, results);
  for (let i = 0; i < parameters.length; i++) f.get(i);
  body(f);
  return WebAssembly.validate(module.bytes());
}

const CONTROL = new Set<string>(["unreachable", "nop", "return", "drop", "select"]);

Deno.test("every instruction without immediates validates with the types in its name", () => {
  for (const name of Object.keys(PLAIN) as PlainName[]) {
    if (CONTROL.has(name)) continue;
    if (name.includes("relaxed") && !hasRelaxedSimd()) continue;
    const [parameters, results] = signature(name);
    assertEquals([name, valid(parameters, results, (f) => f.op(name))], [name, true]);
  }
});

Deno.test("control and stack instructions validate", () => {
  assertEquals(valid([], [], (f) => f.op("nop")), true);
  assertEquals(valid([], [F64], (f) => f.op("unreachable")), true);
  assertEquals(valid([I32], [I32], (f) => f.op("return")), true);
  assertEquals(valid([I32], [], (f) => f.op("drop")), true);
  assertEquals(valid([V128, V128, I32], [V128], (f) => f.op("select")), true);
});

Deno.test("every memory access validates with the types in its name", () => {
  for (const name of Object.keys(LOADS) as LoadName[]) {
    const type = name.startsWith("v128") ? V128 : SCALARS[name.slice(0, 3)]!;
    assertEquals([name, valid([I32], [type], (f) => f.load(name, { offset: 3 }))], [name, true]);
  }
  for (const name of Object.keys(STORES) as StoreName[]) {
    const type = name.startsWith("v128") ? V128 : SCALARS[name.slice(0, 3)]!;
    assertEquals([name, valid([I32, type], [], (f) => f.store(name, { offset: 3 }))], [name, true]);
  }
  for (const name of Object.keys(LANE_MEMORY) as LaneMemoryName[]) {
    const lanes = 128 / Number(name.match(/(\d+)_lane/)![1]);
    const results: ValueType[] = name.includes("load") ? [V128] : [];
    const at = (lane: number): boolean =>
      valid([I32, V128], results, (f) => f.laneMemory(name, lane, { offset: 1 }));
    assertEquals([name, at(lanes - 1), at(lanes)], [name, true, false]);
  }
  for (const name of Object.keys(LANES) as LaneName[]) {
    const [family = "", verb = ""] = name.split(".");
    const type = LANE_TYPES[family]!;
    const replace = verb === "replace_lane";
    const lanes = Number(family.split("x")[1]);
    const at = (lane: number): boolean =>
      valid(replace ? [V128, type] : [V128], [replace ? V128 : type], (f) => f.lane(name, lane));
    assertEquals([name, at(lanes - 1), at(lanes)], [name, true, false]);
  }
});

Deno.test("every atomic access validates with the types in its name", () => {
  for (const name of Object.keys(ATOMICS) as AtomicName[]) {
    let [parameters, results]: [ValueType[], ValueType[]] = [[I32], [I32]];
    const type = name.startsWith("i64") ? I64 : I32;
    if (name === "memory.atomic.notify") parameters = [I32, I32];
    else if (name.startsWith("memory")) {
      parameters = [I32, name.endsWith("64") ? I64 : I32, I64];
    } else if (name.endsWith("load")) results = [type];
    else if (name.endsWith("store")) [parameters, results] = [[I32, type], []];
    else if (name.endsWith("cmpxchg")) [parameters, results] = [[I32, type, type], [type]];
    else [parameters, results] = [[I32, type], [type]];
    assertEquals([name, valid(parameters, results, (f) => f.atomic(name))], [name, true]);
  }
  assertEquals(valid([], [], (f) => f.fence()), true);
});

Deno.test("integer constants survive LEB128 at its edges", () => {
  const edges = [0, 1, 63, 64, 127, 128, 8191, 8192, 1048575, 1048576, 134217727, 134217728];
  for (const edge of [...edges, 2 ** 31 - 1]) {
    for (const value of [edge, -edge, -edge - 1]) {
      assertEquals(run([], [I32], (f) => f.i32.const(value)), value | 0);
      assertEquals(run([], [I64], (f) => f.i64.const(value)), BigInt(value));
    }
  }
  assertEquals(run([], [I32], (f) => f.i32.const(0xffffffff)), -1);
  for (let bit = 0n; bit < 64n; bit++) {
    for (const value of [1n << bit, (1n << bit) - 1n, -(1n << bit), -(1n << bit) - 1n]) {
      const wrapped = BigInt.asIntN(64, value);
      assertEquals(run([], [I64], (f) => f.i64.const(value)), wrapped);
      if (wrapped === BigInt(Number(wrapped)) && Number.isSafeInteger(Number(wrapped))) {
        assertEquals(run([], [I64], (f) => f.i64.const(Number(wrapped))), wrapped);
      }
    }
  }
});

Deno.test("float constants keep their bits", () => {
  for (const value of [0, -0, 1.5, -3.25, Infinity, -Infinity, NaN, 5e-324, Number.MAX_VALUE]) {
    assertEquals(run([], [F64], (f) => f.f64.const(value)), value);
    assertEquals(run([], [F32], (f) => f.f32.const(value)), Math.fround(value));
  }
});

Deno.test("scalar families compute", () => {
  const binary = (name: PlainName, type: ValueType, a: Numeric, b: Numeric): unknown =>
    run([type, type], signature(name)[1], (f) => f.get(0).get(1).op(name), [a, b]);
  const unary = (name: PlainName, a: Numeric): unknown =>
    run(...signature(name), (f) => f.get(0).op(name), [a]);
  assertEquals(binary("i32.rem_s", I32, -7, 3), -1);
  assertEquals(binary("i32.div_u", I32, -2, 2), 0x7fffffff);
  assertEquals(binary("i32.rotl", I32, 0x40000001, 2), 5);
  assertEquals(binary("i32.ge_u", I32, -1, 1), 1);
  assertEquals(binary("i64.mul", I64, 1n << 33n, 3n), 3n << 33n);
  assertEquals(binary("i64.shr_u", I64, -1n, 63n), 1n);
  assertEquals(binary("f32.copysign", F32, 2, -0), -2);
  assertEquals(binary("f32.le", F32, 2, 2), 1);
  assertEquals(binary("f64.min", F64, 2, -3), -3);
  assertEquals(binary("f64.div", F64, 1, 4), 0.25);
  assertEquals(unary("i32.clz", 1), 31);
  assertEquals(unary("i32.extend8_s", 0x80), -128);
  assertEquals(unary("i32.trunc_sat_f64_s", 1e20), 2 ** 31 - 1);
  assertEquals(unary("i64.trunc_sat_f32_u", -1), 0n);
  assertEquals(unary("i32.wrap_i64", (1n << 32n) + 5n), 5);
  assertEquals(unary("i64.extend_i32_s", -5), -5n);
  assertEquals(unary("f32.demote_f64", 0.1), Math.fround(0.1));
  assertEquals(unary("f64.convert_i32_u", -1), 2 ** 32 - 1);
  assertEquals(unary("f64.promote_f32", 1.5), 1.5);
  assertEquals(unary("i32.reinterpret_f32", 1), 0x3f800000);
  assertEquals(unary("f64.reinterpret_i64", 0x3ff0000000000000n), 1);
  assertEquals(unary("f32.sqrt", 9), 3);
  assertEquals(unary("f64.nearest", 2.5), 2);
});

const memory = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
const view = new DataView(memory.buffer);

/** Runs `body` on the shared test memory with a vector at each of the bytes 0, 16 and 32. */
function onMemory(body: (f: FunctionBuilder) => void): void {
  const module = new ModuleBuilder({ maximum: 4, shared: true });
  body(module.func("main", [], []));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), {
    env: { memory },
  });
  (instance.exports.main as () => void)();
}

function vectors(
  kind: "Float32" | "Float64" | "Int8" | "Int16" | "Int32",
  name: PlainName,
  ...operands: number[][]
): number[] {
  const bytes = Number(kind.match(/\d+/)![0]) / 8;
  operands.forEach((lanes, operand) =>
    lanes.forEach((value, i) => view[`set${kind}`](16 * operand + bytes * i, value, true))
  );
  onMemory((f) => {
    f.i32.const(64);
    operands.forEach((_, operand) => f.i32.const(0).load("v128.load", { offset: 16 * operand }));
    f.op(name).store("v128.store", { align: 16 });
  });
  return Array.from({ length: 16 / bytes }, (_, i) => view[`get${kind}`](64 + bytes * i, true));
}

Deno.test("vector families compute", () => {
  assertEquals(vectors("Float32", "f32x4.add", [1, 2, 3, 4], [10, 20, 30, 40]), [11, 22, 33, 44]);
  assertEquals(vectors("Float32", "f32x4.pmax", [1, 5, 3, 4], [2, 2, 2, 9]), [2, 5, 3, 9]);
  assertEquals(vectors("Float32", "f32x4.trunc", [1.5, -1.5, 0.2, 9]), [1, -1, 0, 9]);
  assertEquals(vectors("Float64", "f64x2.mul", [3, 4], [0.5, 2]), [1.5, 8]);
  assertEquals(vectors("Float64", "f64x2.nearest", [2.5, 3.5]), [2, 4]);
  assertEquals(vectors("Float64", "f64x2.floor", [-2.5, 3.5]), [-3, 3]);
  assertEquals(vectors("Int32", "i32x4.mul", [1, 2, 3, 4], [5, 6, 7, 8]), [5, 12, 21, 32]);
  assertEquals(vectors("Int32", "i32x4.gt_s", [1, 9, 3, 0], [5, 6, 3, -1]), [0, -1, 0, -1]);
  assertEquals(vectors("Int16", "i16x8.mul", [1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2, 2, 3, 3, 3, 3]), [
    ...[2, 4, 6, 8],
    ...[15, 18, 21, 24],
  ]);
  const count = Array.from({ length: 16 }, (_, i) => i);
  assertEquals(vectors("Int8", "i8x16.sub", count, count.map(() => 1)), count.map((i) => i - 1));
  assertEquals(
    vectors("Int8", "i8x16.swizzle", count, count.map((i) => 15 - i)),
    count.map((i) => 15 - i),
  );
  assertEquals(vectors("Int32", "v128.bitselect", [1, 1, 1, 1], [2, 2, 2, 2], [-1, 0, -1, 0]), [
    ...[1, 2, 1, 2],
  ]);
  assertEquals(vectors("Int32", "i64x2.add", [-1, 0, 1, 0], [1, 0, 1, 0]), [0, 1, 2, 0]);
  assertEquals(vectors("Float32", "f32x4.demote_f64x2_zero", [0, 1.875, 0, 0]), [1, 0, 0, 0]);
});

Deno.test("relaxed multiply-add computes a*b + c and c - a*b", () => {
  if (!hasRelaxedSimd()) return;
  assertEquals(vectors("Float32", "f32x4.relaxed_madd", [1, 2, 3, 4], [2, 2, 2, 2], [1, 1, 1, 1]), [
    ...[3, 5, 7, 9],
  ]);
  assertEquals(vectors("Float64", "f64x2.relaxed_nmadd", [1, 2], [2, 2], [9, 9]), [7, 5]);
  assertEquals(vectors("Float32", "f32x4.relaxed_min", [1, 2, 3, 4], [2, 1, 5, 0]), [1, 1, 3, 0]);
});

Deno.test("vector constants, lanes and shuffles compute", () => {
  const lane = (name: LaneName, type: ValueType, i: number, f: (f: FunctionBuilder) => void) =>
    run([], [type], (g) => {
      f(g);
      g.lane(name, i);
    });
  assertEquals(lane("f32x4.extract_lane", F32, 3, (f) => f.f32x4.const(1.5)), 1.5);
  assertEquals(lane("f64x2.extract_lane", F64, 1, (f) => f.f64x2.const(-2.5)), -2.5);
  assertEquals(lane("i32x4.extract_lane", I32, 2, (f) => f.i32x4.const(-7)), -7);
  assertEquals(lane("i64x2.extract_lane", I64, 1, (f) => f.i64x2.const(1n << 40n)), 1n << 40n);
  const count = Array.from({ length: 16 }, (_, i) => i * 15);
  assertEquals(lane("i8x16.extract_lane_u", I32, 15, (f) => f.v128.const(count)), 225);
  assertEquals(lane("i8x16.extract_lane_s", I32, 15, (f) => f.v128.const(count)), -31);
  assertEquals(
    lane(
      "f32x4.extract_lane",
      F32,
      1,
      (f) => f.f32x4.const(1).f32.const(8).lane("f32x4.replace_lane", 1),
    ),
    8,
  );
  assertEquals(
    lane(
      "f32x4.extract_lane",
      F32,
      1,
      (f) =>
        f.f32x4.const(1).f32x4.const(2).shuffle([
          0,
          1,
          2,
          3,
          16,
          17,
          18,
          19,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          31,
        ]),
    ),
    2,
  );
  assertEquals(run([], [I32], (f) => f.i32x4.const(-1).op("i32x4.bitmask")), 15);
});

Deno.test("memory accesses reach the address plus the offset", () => {
  view.setFloat32(256, 1.25, true);
  view.setFloat32(16384, 2.5, true);
  onMemory((f) => {
    f.i32.const(300).i32.const(240).load("v128.load32_splat", { offset: 16 }).store("v128.store");
    f.i32.const(0).i32.const(384).load("f32.load", { offset: 16000 }).store("f32.store", {
      offset: 316,
    });
    f.i32.const(320).i32.const(300).load("v128.load", { align: 4 });
    f.laneMemory("v128.store32_lane", 3, { offset: 4 });
    f.i32.const(328).i32.const(256).load("v128.load32_zero").store("v128.store");
    f.i32.const(400).i32.const(300).i32.const(8).memoryCopy();
    f.i32.const(408).i32.const(0xff).i32.const(4).memoryFill();
    f.i32.const(412).memorySize().store("i32.store");
    f.i32.const(416).i32.const(5).atomic("i32.atomic.store");
    f.i32.const(420).i32.const(416).i32.const(2).atomic("i32.atomic.rmw.add").store("i32.store");
    f.fence();
  });
  const floats = (at: number, n: number): number[] =>
    Array.from({ length: n }, (_, i) => view.getFloat32(at + 4 * i, true));
  assertEquals(floats(300, 5), [1.25, 1.25, 1.25, 1.25, 2.5]);
  assertEquals(floats(324, 5), [1.25, 1.25, 0, 0, 0]);
  assertEquals(floats(400, 2), [1.25, 1.25]);
  assertEquals([408, 412, 416, 420].map((at) => view.getInt32(at, true)), [-1, 1, 7, 5]);
});

Deno.test("labels branch out of nested structures", () => {
  const sumTo = (n: number): unknown =>
    run([I32], [I32], (f) => {
      const sum = f.local(I32);
      f.block((done) => {
        f.loop((again) => {
          f.get(0).op("i32.eqz").brIf(done);
          f.get(sum).get(0).op("i32.add").set(sum);
          f.get(0).i32.const(1).op("i32.sub").set(0);
          f.br(again);
        });
      });
      f.get(sum);
    }, [n]);
  assertEquals([sumTo(0), sumTo(1), sumTo(100)], [0, 1, 5050]);
  const choose = (n: number): unknown =>
    run([I32], [I32], (f) => {
      f.block((c) => {
        f.block((b) => {
          f.block((a) => f.get(0).brTable([a, b], c));
          f.i32.const(10).op("return");
        });
        f.i32.const(20).op("return");
      });
      f.i32.const(30);
    }, [n]);
  assertEquals([choose(0), choose(1), choose(2), choose(99)], [10, 20, 30, 30]);
  const sign = (n: number): unknown =>
    run([I32], [F64], (f) => {
      const chosen = f.local(F64);
      f.get(0).i32.const(0).op("i32.lt_s");
      f.if(() => f.f64.const(-1), () => f.f64.const(1), F64).tee(chosen).get(chosen).op("f64.max");
    }, [n]);
  assertEquals([sign(-4), sign(4)], [-1, 1]);
});

Deno.test("imports, inner functions and mixed locals have the right indices", () => {
  const module = new ModuleBuilder();
  const twice = module.import("env", "twice", [F64], [F64]);
  const inner = module.func(undefined, [F64], [F64]);
  const [a, b, c, d] = ([I32, F64, F64, I32] as const).map((type) => inner.local(type));
  inner.i32.const(3).tee(a!).set(d!).get(0).call(twice).set(b!).get(b!).set(c!);
  inner.get(c!).get(d!).op("f64.convert_i32_s").op("f64.add");
  const outer = module.func("outer", [F64], [F64, I32]);
  outer.get(0).call(inner).i32.const(7);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), {
    env: { twice: (x: number) => 2 * x },
  });
  assertEquals(Object.keys(instance.exports), ["outer"]);
  assertEquals((instance.exports.outer as (x: number) => unknown)(5), [13, 7]);
  assertThrows(() => module.import("env", "late", [], []), TypeError, "imports come first");
});

Deno.test("a long body outgrows its first buffer", () => {
  const n = 20000;
  assertEquals(
    run([], [I32], (f) => {
      f.i32.const(0);
      for (let i = 0; i < n; i++) f.i32.const(i).op("i32.add");
    }),
    n * (n - 1) / 2,
  );
});

Deno.test("the type of addresses is a parameter of the module", () => {
  const wide = new WebAssembly.Memory(
    { initial: 1n, maximum: 2n, address: "i64" } as unknown as WebAssembly.MemoryDescriptor,
  );
  const module = new ModuleBuilder({ maximum: 2, index: I64 });
  const f = module.func("main", [module.indexType], []);
  f.get(0).address(8).addressOp("add").f64.const(1.5).store("f64.store", { offset: 16 });
  f.get(0).address(8).addressOp("add").f64.const(2.5).store("f64.store", { offset: 2 ** 33 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), {
    env: { memory: wide },
  });
  assertThrows(() => (instance.exports.main as (x: bigint) => void)(8n), WebAssembly.RuntimeError);
  assertEquals(new DataView(wide.buffer).getFloat64(32, true), 1.5);
});

Deno.test("a memory is imported with and without a maximum", () => {
  for (const maximum of [undefined, 3]) {
    const module = new ModuleBuilder({ maximum });
    module.func("main", [], [I32]).memorySize();
    const plain = new WebAssembly.Memory({ initial: 2, maximum });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), {
      env: { memory: plain },
    });
    assertEquals((instance.exports.main as () => number)(), 2);
  }
  assertThrows(() => new ModuleBuilder({ shared: true }), TypeError, "without a maximum");
});
