/**
 * Reductions: lanes of a warp, a block, or the rows of a tile take in the points of one result in a
 * fixed order and join what they hold as a tree, so that a result is the same at every run. Where
 * there are too few results for the device, the points are cut in chunks whose accumulators go
 * through memory to a second launch.
 *
 * @module
 */
import { readByStores, withAllRead } from "../../../ir/kernel_facts.ts";
import { declare, type Field, fieldsOf, hasBlocks, join, read, take } from "./accumulate.ts";
import { type Facts, isHeavy, liveAccumulators, liveSteps, variesWithin } from "./facts.ts";
import { counterType, type Sheet, THREADS } from "./launch.ts";
import {
  BLOCK,
  chooseGeometry,
  chunkLength,
  type Geometry,
  lineAxis,
  powerOfTwo,
  TILE,
} from "./reduce_plan.ts";
import { Lines, Text } from "./text.ts";

/** Prints a kernel with accumulators that may be joined. */
export function printReduce(sheet: Sheet, facts: Facts, firstArg: number): void {
  const geometry = chooseGeometry(facts, sheet);
  const chunk = chunkLength(facts, geometry, sheet);
  if (chunk === 0) {
    new Reduction(sheet, facts, firstArg, geometry, null).print(0);
    return;
  }
  const chunks = Math.ceil(facts.points / chunk);
  const temps = new Map<string, string>();
  for (const acc of liveAccumulators(facts)) {
    for (const f of fieldsOf(facts, acc)) {
      temps.set(f.name, sheet.temp(f.type, chunks * facts.rows));
    }
  }
  const partial = { temps, chunks };
  new Reduction(sheet, facts, firstArg, geometry, partial).print(chunk);
  const last: Geometry = facts.rows >= 1024
    ? { kind: "tile" }
    : { kind: "lanes", lanes: Math.min(32, powerOfTwo(chunks)) };
  new Reduction(sheet, facts, firstArg, last, partial).print(0);
}

/** Accumulators in memory: one temp for each of their variables, chunk by chunk. */
interface Partial {
  readonly temps: ReadonlyMap<string, string>;
  readonly chunks: number;
}

/** Where a reduction stands: a block does one point of the first axis, whose index is `index`. */
interface Within {
  readonly lines: Lines;
  readonly threads: number;
  readonly index: string;
}

/** Prints a kernel with accumulators as a part of a block's work on one point of its first axis. */
export function printReduceWithin(sheet: Sheet, facts: Facts, firstArg: number, at: Within): void {
  const results = facts.rows / facts.sizes[0]!;
  const line = lineAxis(facts);
  const lanes = facts.points <= 1 || (line > 0 && line < facts.outer && results >= 32)
    ? 1
    : Math.min(32, powerOfTwo(facts.points));
  const geometry: Geometry = results === 1
    ? { kind: "block", threads: at.threads }
    : { kind: "lanes", lanes };
  new Reduction(sheet, facts, firstArg, geometry, null, at).printWithin();
}

class Reduction {
  readonly #sheet: Sheet;
  readonly #within: Within | null;
  /** How many results there are. */
  readonly #rows: number;
  readonly #facts: Facts;
  readonly #geometry: Geometry;
  readonly #partial: Partial | null;
  readonly #text: Text;
  readonly #live: readonly number[];
  readonly #lines: Lines;

  constructor(
    sheet: Sheet,
    facts: Facts,
    firstArg: number,
    geometry: Geometry,
    partial: Partial | null,
    within: Within | null = null,
  ) {
    this.#sheet = sheet;
    this.#within = within;
    this.#rows = within === null ? facts.rows : facts.rows / facts.sizes[0]!;
    this.#lines = within?.lines ?? new Lines();
    this.#facts = facts;
    this.#geometry = geometry;
    this.#partial = partial;
    this.#text = new Text(facts, { firstArg, accumulator: (acc) => read(facts, acc) });
    this.#live = liveAccumulators(facts);
  }

  /** Prints one launch: over chunks of points, or with 0 over all (of what chunks left, if any). */
  print(chunk: number): void {
    const { kernel, points } = this.#facts;
    const g = this.#geometry;
    const perBlock = this.#perBlock;
    const block = g.kind === "tile"
      ? [TILE[0], TILE[1], 1] as const
      : [this.#threads, 1, 1] as const;
    const blocks = Math.ceil(this.#rows / perBlock);
    const chunks = chunk === 0 ? 1 : Math.ceil(points / chunk);
    const most = 2 ** 20;
    this.#shared();
    const base = `blockIdx.x * ${perBlock}u`;
    if (blocks > most) {
      this.#lines.block(
        `for (${this.#counter} base = ${base}; base < ${this.#rows}u; ` +
          `base += gridDim.x * ${perBlock}u)`,
        () => {
          this.#row(chunk);
          if (g.kind !== "lanes") this.#lines.add("__syncthreads();");
        },
      );
    } else {
      this.#lines.add(`const unsigned int base = ${base};`);
      this.#row(chunk);
    }
    const part = chunk > 0 ? ", chunks" : this.#partial !== null ? ", joined" : "";
    const grid = [Math.min(blocks, most), chunks, 1] as const;
    this.#sheet.launch(`${kernel.name}${part}`, grid, block, this.#lines);
  }

  /** Prints what a block does for one point of the first axis. */
  printWithin(): void {
    const perBlock = this.#perBlock;
    this.#shared();
    if (this.#rows <= perBlock) {
      this.#lines.add("const unsigned int base = 0u;");
      this.#row(0);
    } else {
      this.#lines.block(
        `for (unsigned int base = 0u; base < ${this.#rows}u; base += ${perBlock}u)`,
        () => this.#row(0),
      );
    }
  }

  /** The type of a running number of a result. */
  get #counter(): string {
    return counterType(this.#facts.wide);
  }

  /** The axes of the results, that of neighbouring elements last: neighbouring threads take those. */
  get #order(): readonly number[] {
    const { kernel, outer } = this.#facts;
    const line = lineAxis(this.#facts);
    const axes = kernel.shape.map((_, i) => i).slice(this.#within === null ? 0 : 1);
    return line < axes[0]! || line >= outer ? axes : [...axes.filter((a) => a !== line), line];
  }

  get #threads(): number {
    return this.#geometry.kind === "block"
      ? this.#geometry.threads
      : this.#within?.threads ?? THREADS;
  }

  /** Results of a block. */
  get #perBlock(): number {
    const g = this.#geometry;
    return g.kind === "tile" ? TILE[0] : g.kind === "block" ? 1 : this.#threads / g.lanes;
  }

  get #fields(): Field[] {
    return this.#live.flatMap((acc) => fieldsOf(this.#facts, acc));
  }

  /** Declares what threads hand each other. */
  #shared(): void {
    const g = this.#geometry;
    if (g.kind === "lanes") return;
    for (const f of this.#fields) {
      const extent = g.kind === "tile" ? `[${TILE[1]}][${TILE[0]}]` : "[32]";
      this.#lines.add(`__shared__ ${f.type} h${f.name}${extent};`);
    }
  }

  /** All that is done for the result of a thread. */
  #row(chunk: number): void {
    const { kernel, steps } = this.#facts;
    const rows = this.#rows;
    const g = this.#geometry;
    const text = this.#text;
    const lines = this.#lines;
    const lane = g.kind === "tile"
      ? "threadIdx.x"
      : g.kind === "block"
      ? ""
      : g.lanes === 1
      ? "threadIdx.x"
      : `threadIdx.x / ${g.lanes}u`;
    const own = lane === "" ? "base" : `base + ${lane}`;
    const type = this.#counter;
    const toStores = chunk === 0;
    const fromBody = this.#partial === null || chunk > 0;
    const body = kernel.body.length;
    const late = toStores ? withAllRead(steps, readByStores(kernel)) : new Set<number>();
    const live = liveSteps(this.#facts);
    const within = (i: number) => i < body && variesWithin(this.#facts, i);
    const outside = live.filter((i) => i < body && !within(i) && (fromBody || late.has(i)));
    const inside = live.filter(within);
    const after = live.filter((i) => i >= body);
    const used = text.usedAxes(
      [...outside, ...(fromBody ? inside : []), ...(toStores ? after : [])],
      toStores ? kernel.stores : [],
    );
    // where threads meet, those beyond the last result do its work again and write nothing
    const alone = g.kind === "lanes" && g.lanes === 1;
    const fits = rows % this.#perBlock === 0;
    const exact = fits || alone;
    const order = this.#order;
    const work = (): void => {
      if (!fromBody || !toStores || order.some((axis) => used[axis])) {
        lines.add(
          exact
            ? `const ${type} row = ${own};`
            : `const ${type} row = ${own} < ${rows}u ? ${own} : ${rows - 1}u;`,
        );
      }
      lines.add(...text.indices(order, "row", used));
      if (this.#within !== null && used[0]) {
        lines.add(`const ${text.place} i0 = ${this.#within.index};`);
      }
      lines.add(...this.#live.flatMap((acc) => declare(this.#facts, acc)));
      lines.add(...text.steps(0, body, (i) => outside.includes(i)));
      if (this.#facts.points > 0) {
        if (fromBody) this.#points(chunk, inside, used);
        else this.#partials();
      }
      this.#join();
      const leads = [
        ...(exact ? [] : [`${own} < ${rows}u`]),
        ...(g.kind === "tile"
          ? ["threadIdx.y == 0"]
          : g.kind === "block"
          ? ["threadIdx.x == 0"]
          : g.lanes > 1
          ? [`threadIdx.x % ${g.lanes}u == 0`]
          : []),
      ];
      const finish = () => {
        if (toStores) {
          lines.add(...text.steps(body, steps.length), ...kernel.stores.map((s) => text.store(s)));
          return;
        }
        const place = `blockIdx.y * ${rows}${this.#facts.wide ? "ull" : "u"} + row`;
        for (const f of this.#fields) {
          lines.add(`${this.#partial!.temps.get(f.name)!}[${place}] = ${f.name};`);
        }
      };
      if (leads.length === 0) finish();
      else lines.block(`if (${leads.join(" && ")})`, finish);
    };
    if (fits || !alone) work();
    else lines.block(`if (${own} < ${rows}u)`, work);
  }

  /** The first of a thread's points, and how many threads share them. */
  get #share(): readonly [first: string, threads: number] {
    const g = this.#geometry;
    if (g.kind === "tile") return ["threadIdx.y", TILE[1]];
    if (g.kind === "block") return ["threadIdx.x", g.threads];
    return [g.lanes === 1 ? "0" : `threadIdx.x % ${g.lanes}u`, g.lanes];
  }

  /** Takes in the points of the body. */
  #points(chunk: number, inside: readonly number[], used: readonly boolean[]): void {
    const { points, kernel, outer } = this.#facts;
    const lines = this.#lines;
    const text = this.#text;
    const [first, threads] = this.#share;
    const type = text.place;
    const reduced = kernel.reduce.map((_, i) => outer + i);
    const length = chunk === 0 ? points : chunk;
    const blocks = this.#live.filter((acc) => hasBlocks(this.#facts, acc));
    const point = (inBlock: boolean) => {
      lines.add(...text.indices(reduced, "r", used));
      lines.add(...text.steps(0, kernel.body.length, (i) => inside.includes(i)));
      lines.add(...this.#live.flatMap((acc) => take(text, acc, "r", inBlock)));
    };
    const unrolled = isHeavy(this.#facts) ? 1 : BLOCK;
    if (chunk > 0) {
      lines.add(`const ${type} from = (${type})blockIdx.y * ${chunk};`);
      lines.add(
        points % chunk === 0
          ? `const ${type} to = from + ${chunk};`
          : `const ${type} to = from + ${chunk} < ${points} ? from + ${chunk} : ${points};`,
      );
    }
    const to = chunk > 0 ? "to" : `${points}`;
    const begin = chunk > 0 ? `from + (int)${first}` : first === "0" ? first : `(int)(${first})`;
    const start = chunk > 0 ? `from + (int)(${first})` : begin;
    if (points === 1) {
      lines.add(...(this.#usesNumber(used) ? [`const ${type} r = 0;`] : []));
      point(false);
    } else if (length <= threads * BLOCK || blocks.length === 0) {
      if (length > 4 * threads && unrolled > 1) lines.add("#pragma unroll 4");
      lines.block(`for (${type} r = ${start}; r < ${to}; r += ${threads})`, () => point(false));
    } else {
      lines.block(`for (${type} q = ${start}; q < ${to}; q += ${threads * BLOCK})`, () => {
        lines.add(...blocks.map((acc) => `float p${acc} = 0.0f;`));
        lines.add(`#pragma unroll ${unrolled}`);
        lines.block(`for (int u = 0; u < ${BLOCK}; u++)`, () => {
          lines.add(`const ${type} r = q + u * ${threads};`);
          lines.block(`if (r < ${to})`, () => point(true));
        });
        lines.add(...blocks.map((acc) => `s${acc} += (double)p${acc};`));
      });
    }
  }

  /** Whether the number of a single point is asked for. */
  #usesNumber(used: readonly boolean[]): boolean {
    return used.some((u, axis) => u && axis >= this.#facts.outer) ||
      this.#live.some((acc) => this.#facts.kernel.accumulators[acc]!.combine.startsWith("arg"));
  }

  /** Takes in what chunks left. */
  #partials(): void {
    const { rows, wide } = this.#facts;
    const { temps, chunks } = this.#partial!;
    const [first, threads] = this.#share;
    this.#lines.block(
      `for (unsigned int c = ${first}; c < ${chunks}u; c += ${threads}u)`,
      () => {
        for (const f of this.#fields) {
          this.#lines.add(
            `const ${f.type} ${f.name}o = ${temps.get(f.name)}[c * ${rows}${
              wide ? "ull" : "u"
            } + row];`,
          );
        }
        this.#lines.add(...this.#live.flatMap((acc) => join(this.#facts, acc, "o")));
      },
    );
  }

  /** Joins what the threads of a result hold; the leading one has all of it. */
  #join(): void {
    const g = this.#geometry;
    const lines = this.#lines;
    const fields = this.#fields;
    const joins = (other: string) => this.#live.flatMap((acc) => join(this.#facts, acc, other));
    const shuffles = (lanes: number) => {
      if (lanes < 2) return;
      lines.block(`for (int o = ${lanes / 2}; o > 0; o >>= 1)`, () => {
        lines.add(
          ...fields.map((f) =>
            `const ${f.type} ${f.name}o = __shfl_xor_sync(0xffffffffu, ${f.name}, o);`
          ),
          ...joins("o"),
        );
      });
    };
    if (fields.length === 0) return;
    if (g.kind === "lanes") return shuffles(g.lanes);
    if (g.kind === "block") {
      const warps = g.threads / 32;
      shuffles(32);
      lines.block("if (threadIdx.x % 32u == 0)", () => {
        lines.add(...fields.map((f) => `h${f.name}[threadIdx.x / 32u] = ${f.name};`));
      });
      lines.add("__syncthreads();");
      lines.block("if (threadIdx.x < 32u)", () => {
        lines.add(
          ...fields.map((f) =>
            `${f.name} = threadIdx.x < ${warps}u ? h${f.name}[threadIdx.x] : ${f.identity};`
          ),
        );
        shuffles(32);
      });
      return;
    }
    lines.add(...fields.map((f) => `h${f.name}[threadIdx.y][threadIdx.x] = ${f.name};`));
    lines.add("__syncthreads();");
    lines.block("if (threadIdx.y == 0)", () => {
      lines.block(`for (int y = 1; y < ${TILE[1]}; y++)`, () => {
        lines.add(
          ...fields.map((f) => `const ${f.type} ${f.name}o = h${f.name}[y][threadIdx.x];`),
          ...joins("o"),
        );
      });
    });
  }
}
