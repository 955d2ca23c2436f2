/**
 * Sorting along one axis. A number and its position become one key, of which no two are equal, so
 * that any sorting of the keys is stable. Rows that fit are sorted in shared memory by a bitonic
 * network; of longer ones the parts are, which are then merged pair by pair through memory, each
 * element finding its place by itself.
 *
 * @module
 */
import type { Call } from "../../../compile/plan.ts";
import { blocksFor, loopHead, type Sheet, THREADS } from "./launch.ts";
import { Lines } from "./text.ts";

/** What is sorted: an array [outer, size, inner], row-major, along its middle axis. */
export type SortCall = Extract<Call, { name: "sort" }>;

/** Most keys that a block sorts. */
const MOST_KEYS = 2048;
/** A block sorts at least so many, of several rows where they are short. */
const FEW_KEYS = 512;
const LONG = "unsigned long long";

/** How keys are held: a float64 is a word and its position another, of others both fit into one. */
interface Keys {
  readonly apart: boolean;
  /** Temps that hold keys, and positions where they lie apart. */
  readonly arrays: readonly [keys: string, positions: string];
}

/** Prints a sort; arguments are the numbers, the sorted numbers, their positions. */
export function printSort(sheet: Sheet, call: SortCall): void {
  const { outer, size, inner, dtype } = call;
  const total = outer * size * inner;
  if (total === 0) return;
  const apart = dtype === "float64";
  if (size <= MOST_KEYS) return printNetwork(sheet, call, apart, null);
  const memory = (): Keys => ({
    apart,
    arrays: [sheet.temp(LONG, total), apart ? sheet.temp("int", total) : ""],
  });
  let [from, to] = [memory(), memory()];
  printNetwork(sheet, call, apart, from);
  for (let run = MOST_KEYS; run < size; run *= 2) {
    printMerge(sheet, call, run, from, run * 2 < size ? to : null);
    [from, to] = [to, from];
  }
}

/** The C type in which places are counted. */
function placeType({ outer, size, inner }: SortCall): string {
  return outer * size * inner >= 2 ** 31 - 2 ** 24 ? "long long" : "int";
}

/** Where element `at` of a row lies. */
function place({ size, inner }: SortCall, at: string): string {
  if (inner === 1) return `row * ${size} + ${at}`;
  return `(row / ${inner} * ${size} + ${at}) * ${inner} + row % ${inner}`;
}

const tail = (apart: boolean, text: string): string[] => apart ? [text] : [];

/** Sorts rows, or parts of rows whose keys are left in memory. */
function printNetwork(sheet: Sheet, call: SortCall, apart: boolean, into: Keys | null): void {
  const { outer, size, inner } = call;
  const rows = outer * inner;
  const type = placeType(call);
  const keys = into === null ? 2 ** Math.max(1, Math.ceil(Math.log2(size))) : MOST_KEYS;
  const parts = Math.ceil(size / keys);
  const each = into === null ? Math.max(1, Math.min(FEW_KEYS / keys, rows)) : 1;
  const held = each * keys;
  const threads = Math.max(32, Math.min(held / 2, 512, sheet.limits.threadsPerBlock));
  const lines = new Lines();
  lines.add(`__shared__ ${LONG} k[${held}];`, ...tail(apart, `__shared__ int ki[${held}];`));
  const elements = (body: () => void) => {
    lines.block(`for (int e = threadIdx.x; e < ${held}; e += ${threads})`, () => {
      if (into === null) {
        lines.add(
          `const ${type} row = blockIdx.x * ${each} + e / ${keys};`,
          `const int i = e % ${keys};`,
        );
      } else {
        lines.add(
          `const ${type} row = blockIdx.x / ${parts};`,
          `const int i = blockIdx.x % ${parts} * ${keys} + e;`,
        );
      }
      body();
    });
  };
  elements(() => {
    lines.add(
      `k[e] = ~0ull;`,
      ...tail(apart, "ki[e] = 2147483647;"),
    );
    lines.block(`if (row < ${rows} && i < ${size})`, () => {
      const x = `a0[${place(call, "i")}]`;
      lines.add(
        `k[e] = ${apart ? `glissade_key(${x})` : `(${LONG})glissade_key(${x}) << 32 | i`};`,
        ...tail(apart, "ki[e] = i;"),
      );
    });
  });
  lines.add("__syncthreads();");
  lines.block(`for (int span = 2; span <= ${keys}; span <<= 1)`, () => {
    lines.block("for (int step = span >> 1; step > 0; step >>= 1)", () => {
      lines.block(`for (int e = threadIdx.x; e < ${held / 2}; e += ${threads})`, () => {
        lines.add("const int low = 2 * e - (e & (step - 1)), high = low + step;");
        lines.add(`const ${LONG} a = k[low], b = k[high];`);
        lines.add(...tail(apart, "const int ai = ki[low], bi = ki[high];"));
        const above = apart ? "(a > b || (a == b && ai > bi))" : "(a > b)";
        lines.block(`if (${above} == ((low & ${keys - 1} & span) == 0))`, () => {
          lines.add("k[low] = b;", "k[high] = a;");
          lines.add(...tail(apart, "ki[low] = bi;"), ...tail(apart, "ki[high] = ai;"));
        });
      });
      lines.add("__syncthreads();");
    });
  });
  elements(() => {
    lines.block(`if (row < ${rows} && i < ${size})`, () => {
      if (into === null) {
        writeResult(lines, call, apart ? "ki[e]" : "(int)(k[e] & 0xffffffffull)", "i");
      } else {
        lines.add(
          `${into.arrays[0]}[row * ${size} + i] = k[e];`,
          ...tail(apart, `${into.arrays[1]}[row * ${size} + i] = ki[e];`),
        );
      }
    });
  });
  const blocks = into === null ? Math.ceil(rows / each) : rows * parts;
  sheet.launch(into === null ? "sort" : "sort, parts", [blocks, 1, 1], [threads, 1, 1], lines);
}

/** Writes the number from one position of a row, and the position, to another. */
function writeResult(lines: Lines, call: SortCall, from: string, to: string): void {
  lines.add(
    `const int source = ${from};`,
    `const ${placeType(call)} target = ${place(call, to)};`,
    `a1[target] = a0[${place(call, "source")}];`,
    "a2[target] = source;",
  );
}

/** Merges neighbouring runs of sorted keys; into the results where `into` is null. */
function printMerge(
  sheet: Sheet,
  call: SortCall,
  run: number,
  from: Keys,
  into: Keys | null,
): void {
  const { outer, size, inner } = call;
  const total = outer * size * inner;
  const type = placeType(call);
  const { apart } = from;
  const [keys, positions] = from.arrays;
  const lines = new Lines();
  lines.block(
    loopHead(total, type !== "int"),
    () => {
      lines.add(
        `const ${type} row = p / ${size};`,
        `const int i = p % ${size};`,
        `const int own = i / ${run};`,
        `const int first = (own ^ 1) * ${run};`,
        `int low = first < ${size} ? first : ${size};`,
        `const int start = low;`,
        `int high = ${size} - low < ${run} ? ${size} : low + ${run};`,
        `const ${LONG} key = ${keys}[p];`,
        ...tail(apart, `const int at = ${positions}[p];`),
        `const ${LONG}* others = ${keys} + row * ${size};`,
        ...tail(apart, `const int* places = ${positions} + row * ${size};`),
      );
      lines.block("while (low < high)", () => {
        lines.add("const int middle = (low + high) >> 1;");
        const before = apart
          ? "others[middle] < key || (others[middle] == key && places[middle] < at)"
          : "others[middle] < key";
        lines.add(`if (${before}) low = middle + 1;`, "else high = middle;");
      });
      lines.add(`const int rank = (own & ~1) * ${run} + i - own * ${run} + low - start;`);
      if (into === null) {
        writeResult(lines, call, apart ? "at" : "(int)(key & 0xffffffffull)", "rank");
      } else {
        lines.add(
          `${into.arrays[0]}[row * ${size} + rank] = key;`,
          ...tail(apart, `${into.arrays[1]}[row * ${size} + rank] = at;`),
        );
      }
    },
  );
  const blocks = blocksFor(total, THREADS, sheet.limits);
  sheet.launch("sort, merged", [blocks, 1, 1], [THREADS, 1, 1], lines);
}
