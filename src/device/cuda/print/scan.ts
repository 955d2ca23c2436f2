/**
 * Running reductions of long rows: a block takes a part of a row at a time, each thread a few points
 * side by side. What each range of points does is found first and joined over the block; then each
 * thread goes over its points again, from what came before them. Few long rows are cut in chunks,
 * which blocks do at the same time after a launch that finds what each chunk does.
 *
 * @module
 */
import { join, rangeFields, read, take, takeFactor } from "./accumulate.ts";
import { type Facts, liveAccumulators, liveSteps, variesWithin } from "./facts.ts";
import { type Sheet, THREADS } from "./launch.ts";
import { Lines, Text } from "./text.ts";

/** Points of a thread. */
const EACH = 4;
/** Points of a block. */
const TILE = THREADS * EACH;
const WARPS = THREADS / 32;
/** Shorter rows are walked by one thread each. */
const LEAST_POINTS = 128;
/** A chunk of a row is at least so long. */
const LEAST_CHUNK = 2 * TILE;

/** Prints a running reduction whose rows are long; whether it did. */
export function printScan(sheet: Sheet, facts: Facts, firstArg: number): boolean {
  const { kernel, points, rows, free } = facts;
  if (!kernel.scan || points < LEAST_POINTS || rows > 2 ** 20 || facts.wide) return false;
  if (!free.every((f) => f) || kernel.stores.some((s) => s.add || s.view.at)) return false;
  if (liveAccumulators(facts).length === 0) return false;
  const enough = rows >= 1024 * sheet.limits.multiprocessors;
  if (enough && readsDown(facts)) return false;
  const wanted = Math.floor(4 * sheet.limits.multiprocessors / rows);
  const chunks = Math.min(wanted, Math.floor(points / LEAST_CHUNK));
  if (chunks < 2) {
    print(sheet, facts, firstArg, null, true);
    return true;
  }
  const length = Math.ceil(points / chunks / TILE) * TILE;
  const count = Math.ceil(points / length);
  const temps = new Map<string, string>();
  for (const acc of liveAccumulators(facts)) {
    for (const f of rangeFields(facts, acc)) temps.set(f.name, sheet.temp(f.type, count * rows));
  }
  const cut = { length, count, temps };
  print(sheet, facts, firstArg, cut, false);
  print(sheet, facts, firstArg, cut, true);
  return true;
}

/** Whether neighbouring rows lie side by side, so that a thread for each reads whole lines. */
function readsDown(facts: Facts): boolean {
  return facts.steps.some((s, i) =>
    s.op === "load" && facts.live[i] && variesWithin(facts, i) &&
    s.view.strides.slice(0, facts.outer).some((n) => Math.abs(n) === 1)
  );
}

/** Rows in chunks, and what each chunk does. */
interface Cut {
  readonly length: number;
  readonly count: number;
  readonly temps: ReadonlyMap<string, string>;
}

/** Prints one launch: what chunks do, or with `stores` the whole. */
function print(
  sheet: Sheet,
  facts: Facts,
  firstArg: number,
  cut: Cut | null,
  stores: boolean,
): void {
  const { kernel, steps, points, outer, rows } = facts;
  const live = liveAccumulators(facts);
  const fields = live.flatMap((acc) => rangeFields(facts, acc));
  const text = new Text(facts, { firstArg, accumulator: (acc) => read(facts, acc) });
  const body = kernel.body.length;
  const inside = (i: number) => variesWithin(facts, i);
  const used = text.usedAxes(
    liveSteps(facts).filter((i) => stores || i < body),
    stores ? kernel.stores : [],
  );
  const reduced = kernel.reduce.map((_, i) => outer + i);
  const lines = new Lines();
  const joins = (other: string, own = "") => live.flatMap((acc) => join(facts, acc, other, own));
  const end = cut === null ? `${points}` : "to";
  /** Goes over the points of a thread. */
  const walk = (last: boolean): void => {
    lines.block(`for (int e = 0; e < ${EACH}; e++)`, () => {
      lines.add(`const int r = q + e;`);
      lines.block(`if (r < ${end})`, () => {
        lines.add(
          ...text.indices(reduced, "r", used),
          ...text.steps(0, body, inside),
          ...live.flatMap((acc) => [...take(text, acc, "r"), ...takeFactor(text, acc)]),
        );
        if (!last) return;
        lines.add(
          ...text.steps(body, steps.length),
          ...kernel.stores.map((s) => text.store(s)),
        );
      });
    });
  };
  for (const f of fields) lines.add(`__shared__ ${f.type} h${f.name}[${WARPS}];`);
  lines.add(
    "const int warp = threadIdx.x / 32u, lane = threadIdx.x % 32u;",
    "const unsigned int row = blockIdx.x;",
    ...text.indices(kernel.shape.map((_, i) => i), "row", used),
    ...text.steps(0, body, (i) => !inside(i)),
    // what came before the points of the block
    ...fields.map((f) => `${f.type} ${f.name}c = ${f.identity};`),
  );
  if (cut !== null) {
    lines.add(
      `const int from = (int)blockIdx.y * ${cut.length};`,
      `const int to = ${points} - from < ${cut.length} ? ${points} : from + ${cut.length};`,
    );
  }
  if (cut !== null && stores) {
    lines.block("for (unsigned int c = 0u; c < blockIdx.y; c++)", () => {
      lines.add(
        ...fields.map((f) =>
          `const ${f.type} ${f.name}o = ${cut.temps.get(f.name)}[c * ${rows}u + row];`
        ),
        ...joins("o", "c"),
      );
    });
  }
  const first = cut === null ? "0" : "from";
  lines.block(`for (int base = ${first}; base < ${end}; base += ${TILE})`, () => {
    lines.add(`const int q = base + (int)threadIdx.x * ${EACH};`);
    lines.add(...fields.map((f) => `${f.type} ${f.name} = ${f.identity};`));
    walk(false);
    lines.add("// over the warp: what the points up to this thread's do");
    lines.block("for (int o = 1; o < 32; o <<= 1)", () => {
      lines.add(
        ...fields.map((f) => `${f.type} ${f.name}o = __shfl_up_sync(0xffffffffu, ${f.name}, o);`),
      );
      lines.block("if (lane >= o)", () => {
        lines.add(...joins("", "o"), ...fields.map((f) => `${f.name} = ${f.name}o;`));
      });
    });
    lines.block("if (lane == 31)", () => {
      lines.add(...fields.map((f) => `h${f.name}[warp] = ${f.name};`));
    });
    if (stores) {
      lines.add(
        ...fields.map((f) =>
          `const ${f.type} ${f.name}p = __shfl_up_sync(0xffffffffu, ${f.name}, 1);`
        ),
      );
    }
    lines.add("__syncthreads();");
    if (stores) lines.add(...fields.map((f) => `${f.name} = ${f.name}c;`));
    lines.block(`for (int w = 0; w < ${WARPS}; w++)`, () => {
      lines.add(
        ...fields.map((f) => `const ${f.type} ${f.name}o = h${f.name}[w];`),
        ...joins("o", "c"),
      );
      if (stores) {
        lines.block("if (w + 1 == warp)", () => {
          lines.add(...fields.map((f) => `${f.name} = ${f.name}c;`));
        });
      }
    });
    if (stores) {
      lines.block("if (lane > 0)", () => void lines.add(...joins("p")));
      walk(true);
    }
    lines.add("__syncthreads();");
  });
  if (!stores) {
    lines.block("if (threadIdx.x == 0)", () => {
      lines.add(
        ...fields.map((f) =>
          `${cut!.temps.get(f.name)}[blockIdx.y * ${rows}u + row] = ${f.name}c;`
        ),
      );
    });
  }
  const name = stores ? kernel.name : `${kernel.name}, chunks`;
  sheet.launch(name, [rows, cut?.count ?? 1, 1], [THREADS, 1, 1], lines);
}
