/**
 * Stores that add where points meet. Integers are added atomically; floats never, since the order
 * would change from run to run. Where places are values, each block owns a part of them: it looks through all
 * positions in order and does those that are its own. Where places are sums of multiples of indices,
 * as those of overlapping windows, each element gathers what is added to it.
 *
 * @module
 */
import { withAllRead } from "../../../ir/kernel_facts.ts";
import { type Facts, gcd, liveSteps } from "./facts.ts";
import { blocksFor, loopHead, type Sheet, THREADS } from "./launch.ts";
import { Lines, Text } from "./text.ts";
import { carriedType } from "./accumulate.ts";
import { printScalar } from "./scalars.ts";
import { constant } from "./types.ts";

/** Fewer positions than this are walked in order. */
const LEAST_POSITIONS = 32;
/** Positions that a thread looks at, and a block at a time. */
const EACH = 4;
const TILE = THREADS * EACH;

/** Whether points meet in one store alone, which adds. */
function addsAlone({ kernel }: Facts): boolean {
  return kernel.stores.length === 1 && kernel.stores[0]!.add === true &&
    kernel.reduce.length === 0 && kernel.accumulators.length === 0;
}

/** The axes along which points may meet. */
function meeting({ free, sizes }: Facts): number[] {
  return free.flatMap((f, axis) => !f && sizes[axis]! > 1 ? [axis] : []);
}

/** Prints a kernel whose points meet, if it is of a kind known here; whether it did. */
export function printScatter(sheet: Sheet, facts: Facts, firstArg: number): boolean {
  if (!addsAlone(facts)) return false;
  const pairs = windowPairs(facts);
  if (pairs !== null) {
    printGather(sheet, facts, firstArg, pairs);
    return true;
  }
  const { dtype } = facts.kernel.args[facts.kernel.stores[0]!.arg]!;
  if (dtype === "int32" || dtype === "uint32") printAtomic(sheet, facts, firstArg);
  else if (hasKeys(facts)) printBuckets(sheet, facts, firstArg);
  else return false;
  return true;
}

/** Integers may be added in any order. */
function printAtomic(sheet: Sheet, facts: Facts, firstArg: number): void {
  const { kernel, steps, sizes, rows } = facts;
  const text = new Text(facts, { firstArg });
  const store = kernel.stores[0]!;
  const used = text.usedAxes(liveSteps(facts), [store]);
  const lines = new Lines();
  lines.block(
    loopHead(rows, facts.wide),
    () => {
      lines.add(
        ...text.indices(sizes.map((_, axis) => axis), "p", used),
        ...text.steps(0, steps.length),
        `atomicAdd(${text.arg(store.arg)} + (${text.view(store.view)}), ${
          text.value(store.value)
        });`,
      );
    },
  );
  const blocks = blocksFor(rows, THREADS, sheet.limits);
  sheet.launch(kernel.name, [blocks, 1, 1], [THREADS, 1, 1], lines);
}

/** Whether where points meet is told by values that are the same along all other axes. */
function hasKeys(facts: Facts): boolean {
  const { kernel, sizes, varies } = facts;
  const axes = meeting(facts);
  const positions = axes.reduce((n, axis) => n * sizes[axis]!, 1);
  const at = kernel.stores[0]!.view.at ?? [];
  return !facts.wide && positions >= LEAST_POSITIONS && at.length > 0 &&
    at.every((a) => varies[a.step]!.every((v, axis) => !v || axes.includes(axis)));
}

function printBuckets(sheet: Sheet, facts: Facts, firstArg: number): void {
  const { kernel, steps, sizes } = facts;
  const text = new Text(facts, { firstArg });
  const store = kernel.stores[0]!;
  const axes = meeting(facts);
  const others = kernel.shape.flatMap((_, axis) => axes.includes(axis) ? [] : [axis]);
  const positions = axes.reduce((n, axis) => n * sizes[axis]!, 1);
  const points = facts.rows / positions;
  // so many threads do one position; the others of the block do other ones
  const width = Math.min(THREADS, 2 ** Math.ceil(Math.log2(points)));
  const teams = THREADS / width;
  const several = (line: string): string[] => teams > 1 ? [line] : [];
  const buckets = Math.max(
    1,
    Math.min(Math.floor(positions / 8), 4 * sheet.limits.multiprocessors),
  );
  const keys = withAllRead(steps, store.view.at!.map((a) => a.step));
  // places apart along the other axes are not met by any other position
  const key = {
    ...store.view,
    strides: store.view.strides.map((s, axis) => axes.includes(axis) ? s : 0),
    offset: 0,
  };
  const unit = Math.min(...key.at!.map((a) => Math.abs(a.stride)).filter((s) => s > 0));
  const lines = new Lines();
  lines.add(
    `__shared__ int list[${TILE}];`,
    ...several(`__shared__ int team[${TILE}];`),
    `__shared__ int counts[${TILE / 32}];`,
    `const int warp = threadIdx.x / 32u, lane = threadIdx.x % 32u;`,
  );
  lines.block(`for (int base = 0; base < ${positions}; base += ${TILE})`, () => {
    lines.add(`int mine[${EACH}];`, ...several(`int place[${EACH}];`), "#pragma unroll");
    lines.block(`for (int k = 0; k < ${EACH}; k++)`, () => {
      lines.add("mine[k] = 0;", ...several("place[k] = 0;"));
      lines.add(`const int p = base + k * ${THREADS} + (int)threadIdx.x;`);
      lines.block(`if (p < ${positions})`, () => {
        const used = text.usedAxes([...keys], [{ ...store, view: key }]);
        lines.add(...text.indices(axes, "p", used.map((u, axis) => u && axes.includes(axis))));
        lines.add(...text.steps(0, steps.length, (i) => keys.has(i)));
        lines.add(
          `const unsigned long long at = (unsigned long long)(${text.view(key)}) / ${unit}ull;`,
          `mine[k] = at % ${buckets}ull == blockIdx.x;`,
          ...several(`place[k] = (int)(at / ${buckets}ull % ${teams}ull);`),
        );
      });
      lines.add(
        "const unsigned int own = __ballot_sync(0xffffffffu, mine[k]);",
        `if (lane == 0) counts[k * ${THREADS / 32} + warp] = __popc(own);`,
        // one more than how many of the warp come before
        "if (mine[k]) mine[k] = 1 + __popc(own & ((1u << lane) - 1u));",
      );
    });
    lines.add("__syncthreads();", "int count = 0;", "#pragma unroll");
    lines.block(`for (int k = 0; k < ${EACH}; k++)`, () => {
      lines.block(`for (int w = 0; w < ${THREADS / 32}; w++)`, () => {
        lines.block("if (w == warp && mine[k])", () => {
          lines.add(
            `list[count + mine[k] - 1] = base + k * ${THREADS} + (int)threadIdx.x;`,
            ...several("team[count + mine[k] - 1] = place[k];"),
          );
        });
        lines.add(`count += counts[k * ${THREADS / 32} + w];`);
      });
    });
    lines.add("__syncthreads();");
    lines.block("for (int e = 0; e < count; e++)", () => {
      lines.add(...several(`if (team[e] != (int)(threadIdx.x / ${width}u)) continue;`));
      lines.add("const int q = list[e];");
      const used = text.usedAxes(liveSteps(facts), [store]);
      lines.add(...text.indices(axes, "q", used));
      const first = `blockIdx.y * ${width} + threadIdx.x % ${width}u`;
      lines.block(`for (int f = ${first}; f < ${points}; f += ${width} * gridDim.y)`, () => {
        lines.add(
          ...text.indices(others, "f", used),
          ...text.steps(0, steps.length),
          text.store(store),
        );
      });
    });
    lines.add("__syncthreads();");
  });
  const columns = Math.min(Math.ceil(points / width), 64);
  sheet.launch(kernel.name, [buckets, columns, 1], [THREADS, 1, 1], lines);
}

/** Two axes that share places: element p is met by all i and j with p = i * steps + j * cell. */
interface Pair {
  /** The axis that is solved for, and the one that is walked. */
  readonly solved: number;
  readonly walked: number;
  /** Their strides in units of the element that they share. */
  readonly step: number;
  readonly cell: number;
  readonly unit: number;
}

/** The pairs of axes along which windows overlap; null where points meet in another way. */
function windowPairs(facts: Facts): Pair[] | null {
  const { kernel, sizes, outer } = facts;
  const { view } = kernel.stores[0]!;
  if (facts.wide || (view.at ?? []).length > 0) return null;
  const axes = Array.from({ length: outer }, (_, i) => i).filter((axis) => sizes[axis]! > 1)
    .sort((a, b) => view.strides[a]! - view.strides[b]!);
  if (axes.some((axis) => view.strides[axis]! <= 0)) return null;
  const pairs: Pair[] = [];
  let group: number[] = [];
  let reach = 0;
  for (let i = 0; i < axes.length; i++) {
    const axis = axes[i]!;
    group.push(axis);
    reach += view.strides[axis]! * (sizes[axis]! - 1);
    const above = axes.slice(i + 1).reduce((u, a) => gcd(u, view.strides[a]!), 0);
    if (above !== 0 && reach >= above) continue;
    if (group.length > 2) return null;
    if (group.length === 2) {
      const [a, b] = group as [number, number];
      const [walked, solved] = sizes[a]! <= sizes[b]! ? [a, b] : [b, a];
      const unit = gcd(view.strides[a]!, view.strides[b]!);
      pairs.push({
        solved,
        walked,
        step: view.strides[solved]! / unit,
        cell: view.strides[walked]! / unit,
        unit,
      });
    }
    group = [];
  }
  return pairs.length === 0 ? null : pairs;
}

function printGather(
  sheet: Sheet,
  facts: Facts,
  firstArg: number,
  pairs: readonly Pair[],
): void {
  const { kernel, steps, sizes, outer } = facts;
  const text = new Text(facts, { firstArg });
  const store = kernel.stores[0]!;
  const { dtype } = kernel.args[store.arg]!;
  const held = dtype === "float32" ? "float64" : dtype;
  // one loop for each element: those of a pair stand where its solved axis stood
  const extent = sizes.slice(0, outer);
  for (const p of pairs) {
    extent[p.walked] = 1;
    extent[p.solved] = (sizes[p.solved]! - 1) * p.step + (sizes[p.walked]! - 1) * p.cell + 1;
  }
  const order = extent.map((_, axis) => axis)
    .sort((a, b) => store.view.strides[b]! - store.view.strides[a]!);
  const points = extent.reduce((n, m) => n * m, 1);
  const lines = new Lines();
  lines.block(
    loopHead(points, false),
    () => {
      const grid = new Text({ ...facts, sizes: extent }, { firstArg });
      const used = text.usedAxes(liveSteps(facts), [store]);
      const terms: string[] = [];
      for (const axis of order) {
        const pair = pairs.find((q) => q.solved === axis);
        const index = grid.index(order, axis, "p");
        if (pair !== undefined) {
          lines.add(`const int e${axis} = ${index};`);
          terms.push(`e${axis} * ${pair.unit}`);
        } else if (!pairs.some((q) => q.walked === axis) && used[axis]) {
          lines.add(`const int i${axis} = ${index};`);
          const stride = store.view.strides[axis]!;
          if (sizes[axis]! > 1) terms.push(`i${axis} * ${stride}`);
        }
      }
      if (store.view.offset !== 0) terms.push(`${store.view.offset}`);
      const zero = held === "bool" ? "0" : constant(held, 0);
      lines.add(`${carriedType(held)} sum = ${zero};`);
      const walk = (rest: readonly Pair[]): void => {
        const [pair, ...inner] = rest;
        if (pair === undefined) {
          lines.add(...text.steps(0, steps.length));
          const value = printScalar("cast", dtype, held, [text.value(store.value)]);
          const sum = held === "bool" ? "(sum != 0)" : "sum";
          lines.add(`sum = ${printScalar("add", held, held, [sum, value])};`);
          return;
        }
        const { solved, walked, step, cell } = pair;
        lines.block(`for (int i${walked} = 0; i${walked} < ${sizes[walked]}; i${walked}++)`, () => {
          lines.add(`const int d${solved} = e${solved} - i${walked} * ${cell};`);
          const whole = step === 1 ? "" : `d${solved} % ${step} == 0 && `;
          lines.block(
            `if (d${solved} >= 0 && ${whole}d${solved} < ${sizes[solved]! * step})`,
            () => {
              lines.add(`const int i${solved} = d${solved} / ${step};`);
              walk(inner);
            },
          );
        });
      };
      walk(pairs);
      const target = `${text.arg(store.arg)}[${terms.length === 0 ? "0" : terms.join(" + ")}]`;
      const total = held === "bool" ? "(sum != 0)" : printScalar("cast", held, dtype, ["sum"]);
      const old = dtype === "bool" ? `(${target} != 0)` : target;
      lines.add(`${target} = ${text.sum(dtype, old, `(${total})`)};`);
    },
  );
  const blocks = blocksFor(points, THREADS, sheet.limits);
  sheet.launch(kernel.name, [blocks, 1, 1], [THREADS, 1, 1], lines);
}
