/**
 * Programs made of random choices over the whole op table, and how to run one as a plan. The choices
 * come from a seed, or from a recipe that fast-check shrinks.
 *
 * @module
 */
import { type DType, DTYPES, type Values } from "../../src/base/dtype.ts";
import type { CompileOptions } from "../../src/compile/mod.ts";
import {
  baseInterpreter,
  currentDevice,
  emit,
  emitAll,
  Executable,
  literal,
  storageOf,
  type Tensor,
  Trace,
  within,
} from "../../src/core/mod.ts";
import { makeAval } from "../../src/ir/aval.ts";
import type { Program } from "../../src/ir/program.ts";
import { fill, seeded } from "../device/cpu/kernel_cases.ts";
import type { GoldenArray, GoldenDtype } from "../goldens/read.ts";
import { compileChecked, type Read, upload } from "../ir/op_samples.ts";

/** A function of tensors whose operations do not depend on values. */
export type Body = (...xs: Tensor[]) => Tensor[];

const ALL: readonly DType[] = ["bool", "uint8", "int32", "uint32", "float32", "float64"];
const SIZES = [0, 1, 1, 2, 3, 4, 5, 7];

/**
 * What a generated program is made of. `exact` operations give the same bits on every device;
 * `smooth` ones of floats round, and `analytic` are those of them that have no kinks.
 */
export type Flavour = "exact" | "smooth" | "analytic";

class Builder {
  /** The next choice: a number in [0, 1). */
  random: () => number;
  readonly pool: Tensor[];
  /** No value in the pool is larger. */
  readonly most: number;

  constructor(random: () => number, pool: readonly Tensor[], most = MOST) {
    this.most = most;
    this.random = random;
    this.pool = [...pool];
  }
  /** Takes what the next operation gives into the pool, unless it is too large to go on with. */
  grow(makers: readonly Maker[], maker: number): void {
    for (const t of makers[maker % makers.length]!(this)) {
      if (t.size <= this.most && t.ndim <= 4) this.pool.push(t);
    }
  }
  below(n: number): number {
    return Math.floor(this.random() * n);
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
  shuffled<T>(list: readonly T[]): T[] {
    const left = [...list];
    return list.map(() => left.splice(this.below(left.length), 1)[0]!);
  }
  /** A value, of one of the kinds when they are given: converted if need be. */
  value(kinds: readonly DType[] = ALL): Tensor {
    const fit = this.pool.filter((t) => kinds.includes(t.dtype));
    if (fit.length > 0) return this.pick(fit);
    return emit("cast", [this.pick(this.pool)], { dtype: this.pick(kinds) });
  }
  /** A value that has an axis. */
  array(kinds: readonly DType[] = ALL): Tensor {
    const fit = this.pool.filter((t) => kinds.includes(t.dtype) && t.ndim > 0);
    if (fit.length > 0) return this.pick(fit);
    return emit("broadcast", [emit("reshape", [this.one(kinds)], { shape: [1] })], { shape: [3] });
  }
  /** A scalar. */
  one(kinds: readonly DType[] = ALL): Tensor {
    const dtype = this.pick(kinds);
    if (dtype === "bool") return literal(this.below(2), dtype);
    return literal(this.below(9) - (dtype.startsWith("u") ? 0 : 4), dtype);
  }
  /** Something that broadcasts with x and has its dtype. */
  beside(x: Tensor): Tensor {
    const fits = (t: Tensor) =>
      t.shape.length <= x.shape.length &&
      t.shape.every((n, i) => n === x.shape[i + x.ndim - t.ndim] || n === 1);
    const fit = this.pool.filter(fits);
    const y = fit.length > 0 && this.random() < 0.8 ? this.pick(fit) : this.one([x.dtype]);
    return y.dtype === x.dtype ? y : emit("cast", [y], { dtype: x.dtype });
  }
  /** Indices into n entries, some of them outside. */
  indices(shape: readonly number[], n: number): Tensor {
    const count = emit("iota", [], {
      shape: [...shape, 1],
      axis: shape.length - 1,
      dtype: "int32",
    });
    const flat = emit("reshape", [count], { shape });
    const wide = emit("mul", [flat, literal(1 + this.below(5), "int32")]);
    return emit("sub", [wide, literal(this.below(n + 3), "int32")]);
  }
}

const NUMBER: readonly DType[] = ["uint8", "int32", "uint32", "float32", "float64"];
const INTEGER: readonly DType[] = ["uint8", "int32", "uint32"];
const BITS: readonly DType[] = ["bool", ...INTEGER];
const FLOAT: readonly DType[] = ["float32", "float64"];

type Maker = (b: Builder) => Tensor[];

const two = (op: "add", kinds: readonly DType[]): Maker => (b) => {
  const x = b.value(kinds);
  const y = b.beside(x);
  return [b.random() < 0.5 ? emit(op, [x, y]) : emit(op, [y, x])];
};
const binary = (names: string, kinds: readonly DType[]): Maker[] =>
  names.split(" ").map((op) => two(op as "add", kinds));
const unary = (names: string, kinds: readonly DType[]): Maker[] =>
  names.split(" ").map((op): Maker => (b) => [emit(op as "neg", [b.value(kinds)])]);

const reduced = (op: "sum", kinds: readonly DType[]): Maker => (b) => {
  const x = b.value(kinds);
  const axes = x.shape.map((_, i) => i).filter(() => b.random() < 0.6);
  return [emit(op, [x], { axes, keepdims: b.random() < 0.5 })];
};
const running = (op: "cumsum", kinds: readonly DType[]): Maker => (b) => {
  const x = b.array(kinds);
  return [emit(op, [x], { axis: b.below(x.ndim), reverse: b.random() < 0.5 })];
};

const MOVEMENTS: readonly Maker[] = [
  (b) => {
    const x = b.value();
    return [emit("reshape", [x], { shape: b.random() < 0.5 ? [x.size] : [1, ...x.shape] })];
  },
  (b) => {
    const x = b.value();
    const perm = b.shuffled(x.shape.map((_, i) => i));
    return [emit("transpose", [x], { perm })];
  },
  (b) => {
    const x = b.value();
    const shape = x.shape.map((n) => n === 1 ? b.pick(SIZES) : n);
    return [emit("broadcast", [x], { shape: b.random() < 0.5 ? [b.below(3), ...shape] : shape })];
  },
  (b) => {
    const x = b.array();
    const start = x.shape.map((n) => b.below(n));
    const step = x.shape.map(() => 1 + b.below(2));
    const size = x.shape.map((n, i) => b.below(Math.ceil((n - start[i]!) / step[i]!) + 1));
    return [emit("slice", [x], { start, size, step })];
  },
  (b) => {
    const x = b.value();
    const some = () => x.shape.map(() => b.below(3));
    const params = { low: some(), high: some(), inner: some() };
    return [emit("pad", [x, b.one([x.dtype])], params)];
  },
  (b) => {
    const x = b.value();
    return [emit("flip", [x], { axes: x.shape.map((_, i) => i).filter(() => b.random() < 0.6) })];
  },
  (b) => {
    const x = b.array();
    return [emit("concatenate", [x, x, x].slice(0, 1 + b.below(3)), { axis: b.below(x.ndim) })];
  },
  (b) => {
    const x = b.array();
    const axis = b.below(x.ndim);
    const at = b.indices([1 + b.below(4)], x.shape[axis]!);
    return [emit("take", [x, at], { axis, outside: b.pick(["fill", "zero"] as const) })];
  },
  (b) => {
    const x = b.array();
    const axis = b.below(x.ndim);
    const shape = x.shape.map((n, i) => i === axis ? b.below(4) : n);
    const at = b.indices(shape, x.shape[axis]!);
    return [emit("takeAlong", [x, at], { axis, outside: b.pick(["fill", "zero"] as const) })];
  },
  (b) => {
    const x = b.value();
    const starts = b.indices([x.ndim], 3);
    const size = x.shape.map((n) => b.below(n + 1));
    const window = emit("dynamicSlice", [x, starts], { size });
    return [window, emit("dynamicUpdate", [x, window, b.indices([x.ndim], 2)])];
  },
  (b) => [emit("same", [b.value()])],
  (b) => [b.one()],
  (b) => {
    const x = grid(b, ALL);
    const size = [1 + b.below(Math.min(3, x.shape[1]!))];
    const strides = [1 + b.below(2)];
    return [emit("windows", [x], { size, strides, dilation: [1] })];
  },
];

/** A value as one row of some cells with some channels. */
function grid(b: Builder, kinds: readonly DType[]): Tensor {
  const x = b.value(kinds);
  const y = x.size > 0 ? x : b.one([x.dtype]);
  const channels = y.size % 2 === 0 ? 2 : 1;
  return emit("reshape", [y], { shape: [1, y.size / channels, channels] });
}

/** Windows of x added up where they were taken from. */
function unwindowed(b: Builder, kinds: readonly DType[]): Tensor[] {
  const x = grid(b, kinds);
  const shape = [x.shape[1]!];
  const size = [1 + b.below(Math.min(3, shape[0]!))];
  const strides = [1 + b.below(2)];
  const dilation = [1];
  const taken = emit("windows", [x], { size, strides, dilation });
  return [emit("unwindows", [taken], { shape, strides, dilation })];
}

/** Additions at positions, some of them outside and some met twice. */
function scattered(b: Builder, kinds: readonly DType[], along: boolean): Tensor[] {
  const x = b.array(kinds);
  const axis = b.below(x.ndim);
  if (along) {
    const at = b.indices(x.shape.map((n, i) => i === axis ? 3 : n), x.shape[axis]!);
    const u = emit("takeAlong", [x, at], { axis, outside: "zero" });
    return [emit("scatterAlong", [x, at, u], { axis })];
  }
  const at = b.indices([1 + b.below(4)], x.shape[axis]!);
  const u = emit("take", [x, at], { axis, outside: "zero" });
  return [emit("scatterAdd", [x, at, u], { axis })];
}

/** A product of matrices, of several at once where there are leading axes, in every layout. */
function product(b: Builder, kinds: readonly DType[]): Tensor[] {
  const x = b.array(kinds);
  const lead = x.ndim > 2 ? x.shape.slice(0, -2) : [];
  const last = x.shape[x.ndim - 1]!;
  const rows = x.ndim > 1 ? x.shape[x.ndim - 2]! : 1;
  const a = emit("reshape", [x], { shape: [...lead, rows, last] });
  const turn = (t: Tensor) => {
    const axes = t.shape.map((_, i) => i);
    const perm = [...axes.slice(0, -2), axes[axes.length - 1]!, axes[axes.length - 2]!];
    return emit("transpose", [t], { perm });
  };
  // a a' or a' a, with either operand as it lies or turned beforehand
  const inner = b.random() < 0.5;
  const [left, right] = [b.random() < 0.5, b.random() < 0.5];
  return [
    emit("dot", [left ? turn(a) : a, right ? turn(a) : a], {
      ta: inner === left,
      tb: inner !== right,
    }),
  ];
}

const stopped: Maker = (b) => [emit("stop", [b.value()])];

const selected: Maker = (b) => {
  const x = b.value();
  const condition = emit(b.pick(["eq", "ne"] as const), [x, b.beside(x)]);
  return [emit("where", [condition, x, b.beside(x)])];
};

const EXACT: readonly Maker[] = [
  ...MOVEMENTS,
  selected,
  stopped,
  ...binary("add sub mul floorDiv mod div rem", NUMBER),
  ...binary("maximum minimum eq ne lt le gt ge", ALL),
  ...binary("and or xor", BITS),
  ...binary("shl shr pow", INTEGER),
  ...unary("neg abs sign", NUMBER),
  ...unary("not", BITS),
  ...unary("floor ceil round trunc sqrt", FLOAT),
  ...ALL.map((dtype): Maker => (b) => [emit("cast", [b.value()], { dtype })]),
  reduced("sum", INTEGER),
  reduced("prod" as "sum", INTEGER),
  reduced("max" as "sum", ALL),
  reduced("min" as "sum", ALL),
  running("cumsum", INTEGER),
  running("cumprod" as "cumsum", INTEGER),
  (b) => recurrent(b, INTEGER),
  (b) => scattered(b, INTEGER, false),
  (b) => scattered(b, INTEGER, true),
  (b) => unwindowed(b, INTEGER),
  (b) => {
    const size = [1];
    return [emit("windowArgmax", [grid(b, ALL)], { size, strides: [1], dilation: [1] })];
  },
  (b) => {
    const x = b.array();
    return emitAll("sort", [x], { axis: b.below(x.ndim) });
  },
  (b) => {
    const x = b.array();
    const axis = x.shape.findIndex((n) => n > 0);
    return axis < 0 ? [x] : [emit(b.pick(["argmax", "argmin"] as const), [x], { axis })];
  },
  (b) => {
    const x = b.value(["uint32"]);
    return emitAll("threefry", [b.one(["uint32"]), b.one(["uint32"]), x, x]);
  },
  (b) => [emit("iota", [], { shape: [2, 3], axis: b.below(2), dtype: b.pick(ALL) })],
  (b) => product(b, INTEGER),
];

/** A function whose argument is first brought between 0.1 and 0.9, where it has a value. */
const within01 = (names: string): Maker[] =>
  unary(names, FLOAT).map((_, i): Maker => (b) => {
    const unit = emit("sigmoid", [b.value(FLOAT)]);
    const inner = emit("add", [
      emit("mul", [unit, literal(0.8, unit.dtype)]),
      literal(0.1, unit.dtype),
    ]);
    return [emit(names.split(" ")[i] as "neg", [inner])];
  });

/** Functions that grow fast, brought back to where programs can go on. */
const tamed = (names: string): Maker[] =>
  unary(names, FLOAT).map((make): Maker => (b) => make(b).map((x) => emit("tanh", [x])));

const small = (x: Tensor): Tensor => emit("tanh", [x]);

/** A linear recurrence whose factors do not let it grow. */
function recurrent(b: Builder, kinds: readonly DType[]): Tensor[] {
  const x = b.array(kinds);
  const factor = kinds.includes("float64") ? small(x) : x;
  return [
    emit("recurrence", [factor, x], { axis: b.below(x.ndim), reverse: b.random() < 0.5 }),
  ];
}

const ANALYTIC: readonly Maker[] = [
  ...MOVEMENTS,
  ...binary("add sub mul logaddexp", FLOAT),
  ...unary("tanh sin cos sigmoid erf atan asinh neg", FLOAT),
  ...tamed("exp expm1 sinh cosh"),
  ...within01("log log1p sqrt rsqrt tan asin acos atanh erfinv"),
  (b) => {
    const x = b.value(FLOAT);
    return [emit("acosh", [emit("add", [emit("exp", [small(x)]), literal(1, x.dtype)])])];
  },
  (b) => {
    const x = b.value(FLOAT);
    const y = emit("add", [small(b.beside(x)), literal(2, x.dtype)]);
    return [emit(b.pick(["div", "atan2"] as const), [x, y]), emit("pow", [y, small(x)])];
  },
  reduced("sum", FLOAT),
  (b) => reduced("prod" as "sum", FLOAT)(b).map(small),
  running("cumsum", FLOAT),
  (b) => running("cumprod" as "cumsum", FLOAT)(b).map(small),
  (b) => recurrent(b, FLOAT),
  (b) => scattered(b, FLOAT, false),
  (b) => scattered(b, FLOAT, true),
  (b) => unwindowed(b, FLOAT),
  (b) => product(b, FLOAT),
];

const SMOOTH: readonly Maker[] = [
  ...ANALYTIC,
  selected,
  stopped,
  ...binary("maximum minimum", FLOAT),
  ...unary("abs", FLOAT),
  reduced("max" as "sum", FLOAT),
  (b) => {
    const x = b.array(FLOAT);
    return emitAll("sort", [x], { axis: b.below(x.ndim) });
  },
];

const MAKERS: { readonly [F in Flavour]: readonly Maker[] } = {
  exact: EXACT,
  smooth: SMOOTH,
  analytic: ANALYTIC,
};

/** No value of a program is larger, where nothing else is said. */
const MOST = 400;

/**
 * The body of a program of about `length` operations, none of whose values has more than `most`
 * elements; the same seed gives the same body.
 */
export function randomBody(seed: number, flavour: Flavour, length: number, most = MOST): Body {
  const makers = MAKERS[flavour];
  return (...xs) => {
    const b = new Builder(seeded(seed), xs, most);
    for (let i = 0; i < length; i++) b.grow(makers, b.below(makers.length));
    const outs = b.pool.slice(-3);
    // inputs, and values like them, are what donation is about
    for (const x of xs) {
      const r = b.random();
      if (r < 0.25) outs.push(x);
      else if (r < 0.7) outs.push(next(b, x));
    }
    while (b.random() < 0.3) outs.push(b.pick(b.pool));
    return b.shuffled(outs);
  };
}

/** An input of a recipe: fill the shape with numbers of a seed. */
export interface RecipeInput {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly seed: number;
}

/** What a program is made of, choice by choice; smaller numbers choose simpler things. */
export interface Recipe {
  readonly inputs: readonly RecipeInput[];
  /** For each operation which one it is, and its choices in thousandths. */
  readonly steps: readonly { readonly maker: number; readonly choices: readonly number[] }[];
  /** Outputs, counted back from the last value. */
  readonly outputs: readonly number[];
  /** For each input whether there is an output like it. */
  readonly next: readonly boolean[];
}

/** Choices from a list, then always the first. */
function listed(choices: readonly number[]): () => number {
  let at = 0;
  return () => (choices[at++] ?? 0) / 1000;
}

/** The body that a recipe describes. */
export function bodyOf(recipe: Recipe, flavour: Flavour): Body {
  return (...xs) => {
    const b = new Builder(listed([]), xs);
    for (const { maker, choices } of recipe.steps) {
      b.random = listed(choices);
      b.grow(MAKERS[flavour], maker);
    }
    const outs = recipe.outputs.map((n) => b.pool[b.pool.length - 1 - n % b.pool.length]!);
    xs.forEach((x, i) => {
      b.random = listed([999, 999]);
      if (recipe.next[i]) outs.push(next(b, x));
    });
    return outs;
  };
}

/** The arrays that a recipe describes. */
export function inputsOf(recipe: Recipe, flavour: Flavour): GoldenArray[] {
  return recipe.inputs.map(({ dtype, shape, seed }) => ({
    dtype: dtype as GoldenDtype,
    shape,
    data: fill(seeded(seed), dtype, shape.reduce((n, m) => n * m, 1), flavour !== "exact"),
  }));
}

/** How many operations there are to choose from. */
export const makerCount = (flavour: Flavour): number => MAKERS[flavour].length;

/** A value of x's shape and dtype that is computed from x and another value like it. */
function next(b: Builder, x: Tensor): Tensor {
  const y = b.pick(b.pool.filter((t) => t.dtype === x.dtype && `${t.shape}` === `${x.shape}`));
  const back = emit("flip", [y], { axes: x.shape.map((_, i) => i) });
  return emit("maximum", [b.pick([x, y, back]), b.pick([x, y, back])]);
}

/** Inputs for a generated body. */
export function randomInputs(seed: number, flavour: Flavour): GoldenArray[] {
  const random = seeded(seed + 99991);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const kinds = flavour === "exact" ? ALL : FLOAT;
  const made = Array.from({ length: 1 + Math.floor(random() * 3) }, (): GoldenArray => {
    const dtype = pick(kinds);
    const shape = Array.from({ length: Math.floor(random() * 4) }, () => pick(SIZES));
    const data = fill(random, dtype, shape.reduce((n, m) => n * m, 1), flavour !== "exact");
    return { dtype: dtype as GoldenDtype, shape, data };
  });
  // a second one of the same kind, so that they can take each other's place
  const twin = made[0]!;
  const data = fill(random, twin.dtype, twin.data.length, flavour !== "exact");
  return [...made, { ...twin, data }];
}

/** Records a body. */
export function programOf(body: Body, inputs: readonly GoldenArray[]): Program {
  const trace = new Trace("body");
  const ins = inputs.map((x) => trace.input(makeAval(x.shape, x.dtype)));
  const outs = within(trace, () => body(...ins));
  return trace.finish(ins, outs).program;
}

/** Compiles a program, checks every pass and the plan, runs it, and reads what it gives. */
export function runPlan(
  program: Program,
  inputs: readonly GoldenArray[],
  options: CompileOptions = {},
): Read[] {
  const device = currentDevice();
  const executable = new Executable(compileChecked(program, options), device);
  const args = inputs.map((x) => storageOf(upload(x), "pass"));
  const outs = executable.run(args, "test");
  const results = outs.map((s, k): Read => {
    const { dtype, shape, size } = program.avals[program.outputs[k]!]!;
    const bytes = device.heap.read(s);
    return { dtype, shape, data: new DTYPES[dtype].array(bytes.buffer, 0, size) };
  });
  executable.dispose();
  return results;
}

/** Pairs of inputs and outputs of one kind, chosen by a seed. */
export function randomPairs(seed: number, program: Program): Map<number, number> {
  const random = seeded(seed + 7);
  const pairs = new Map<number, number>();
  const kind = (id: number) => {
    const { dtype, shape } = program.avals[id]!;
    return `${dtype}[${shape}]`;
  };
  program.inputs.forEach((id, i) => {
    const free = program.outputs.flatMap((o, k) =>
      kind(o) === kind(id) && ![...pairs.values()].includes(k) ? [k] : []
    );
    if (free.length > 0 && random() < 0.8) pairs.set(i, free[Math.floor(random() * free.length)]!);
  });
  return pairs;
}

/** Uploads inputs, runs a body eagerly, and reads what it gives. */
export function runEagerly(body: Body, inputs: readonly GoldenArray[]): Read[] {
  const xs = inputs.map((x) =>
    baseInterpreter().upload(x.data as Values, x.shape, x.dtype as DType)
  );
  return body(...xs).map((t) => ({ dtype: t.dtype, shape: t.shape, data: t.data() }));
}
