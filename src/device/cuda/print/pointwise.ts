/**
 * Kernels that do each point by itself: a loop over all points with a stride of the whole grid. Of
 * large ones a thread takes four neighbours along the innermost axis, whose elements it loads and
 * stores in one access where they lie side by side.
 *
 * @module
 */
import { withAllRead } from "../../../ir/kernel_facts.ts";
import { type Facts, isHeavy, liveSteps } from "./facts.ts";
import { blocksFor, loopHead, type Sheet, THREADS } from "./launch.ts";
import { Lines, Text } from "./text.ts";
import { printSquares, squareOf } from "./transpose.ts";
import { REGISTER } from "./types.ts";
import type { Store, View } from "../../../ir/kernel.ts";

/** Fewer points for a multiprocessor than this are better spread over more threads. */
const LEAST_VECTOR_POINTS = 256;
/** Elements that a thread takes side by side. */
const LANES = 4;

/** Prints a kernel all of whose points may run at the same time. */
export function printPointwise(sheet: Sheet, facts: Facts, firstArg: number): void {
  const text = new Text(facts, { firstArg });
  const square = squareOf(facts, sheet);
  if (square !== null) return printSquares(sheet, facts, firstArg, square);
  const many = facts.rows >= LEAST_VECTOR_POINTS * sheet.limits.multiprocessors;
  if (many && !isHeavy(facts) && facts.outer > 0 && hasLines(facts)) {
    printLanes(sheet, text);
  } else printPoints(sheet, text);
}

function printPoints(sheet: Sheet, text: Text): void {
  const { facts } = text;
  const { kernel, rows } = facts;
  const lines = new Lines();
  lines.block(loopHead(rows, facts.wide), () => {
    const axes = facts.sizes.map((_, i) => i);
    lines.add(
      ...text.indices(axes, "p", text.usedAxes(liveSteps(facts), kernel.stores)),
      ...text.steps(0, facts.steps.length),
      ...kernel.stores.map((s) => text.store(s)),
    );
  });
  const blocks = blocksFor(rows, THREADS, sheet.limits);
  sheet.launch(kernel.name, [blocks, 1, 1], [THREADS, 1, 1], lines);
}

/** Whether the elements of a view lie side by side along the innermost axis. */
function isLine(v: View, facts: Facts): boolean {
  return v.strides[facts.outer - 1] === 1 &&
    !(v.at ?? []).some((a) => facts.varies[a.step]![facts.outer - 1]);
}

/** Whether groups of four of such elements begin at multiples of four, if the array does. */
function isEven(v: View, facts: Facts): boolean {
  const last = facts.outer - 1;
  return v.offset % LANES === 0 && v.strides.every((s, axis) => axis === last || s % LANES === 0) &&
    (v.at ?? []).every((a) => a.stride % LANES === 0);
}

function hasLines(facts: Facts): boolean {
  const last = facts.outer - 1;
  const n = facts.sizes[last]!;
  // an innermost axis that is no multiple of four is cut only where it is the only one
  if (n < LANES || (n % LANES !== 0 && facts.outer > 1)) return false;
  return facts.kernel.stores.some((s) => isWhole(s, facts) && isEven(s.view, facts)) ||
    facts.steps.some((s, i) =>
      facts.live[i] && s.op === "load" && isLine(s.view, facts) && isEven(s.view, facts)
    );
}

/** Whether four values are stored at once: where they are added, each goes by itself. */
const isWhole = (s: Store, facts: Facts): boolean => !s.add && isLine(s.view, facts);

function printLanes(sheet: Sheet, text: Text): void {
  const { facts } = text;
  const { kernel, steps, sizes, outer, live } = facts;
  const last = outer - 1;
  const n = sizes[last]!;
  const rest = n % LANES;
  const groups = facts.rows / n * Math.ceil(n / LANES);
  const lines = new Lines();
  const count = rest === 0 ? `${LANES}` : "m";
  const axes = sizes.map((_, i) => i);
  const used = text.usedAxes(
    liveSteps(facts),
    kernel.stores,
  );
  const loads = steps.flatMap((s, i) =>
    live[i] && s.op === "load" && isLine(s.view, facts) ? [{ i, view: s.view, arg: s.arg }] : []
  );
  const stores = kernel.stores.filter((s) => isWhole(s, facts));
  const arrays = new Set<string>();
  for (const l of [...loads, ...stores]) {
    if (isEven(l.view, facts)) arrays.add(text.arg(l.arg));
  }
  const even = (v: View) => isEven(v, facts) ? "even" : "false";
  lines.add(
    `const bool even = ${[...arrays].map((a) => `glissade_even(${a})`).join(" && ")};`,
  );
  lines.block(loopHead(groups, facts.wide), () => {
    // indices of the first of four points
    const scaled = new Text(
      { ...facts, sizes: sizes.map((s, axis) => axis === last ? Math.ceil(n / LANES) : s) },
      text.names,
    );
    const first = used.map((u, axis) => u && axis !== last);
    lines.add(...scaled.indices(axes, "p", first));
    const at = scaled.index(axes, last, "p");
    lines.add(`const ${text.place} q = (${at}) * ${LANES};`);
    if (rest !== 0) lines.add(`const int m = ${n} - q < ${LANES} ? (int)(${n} - q) : ${LANES};`);
    /** The place of the first of four. */
    const place = (v: View) => text.view(v).replaceAll(new RegExp(`\\bi${last}\\b`, "g"), "q");
    const loaded = new Map<number, string>();
    // places of these may be made of values, which must be known before
    const before = withAllRead(
      steps,
      [...loads, ...stores].flatMap((l) => l.view.at?.map((a) => a.step) ?? []),
    );
    lines.add(...text.steps(0, steps.length, (i) => before.has(i)));
    for (const { i, view, arg } of loads) {
      if (before.has(i)) continue;
      lines.add(
        `${REGISTER[steps[i]!.dtype]} x${i}[${LANES}];`,
        `glissade_load(x${i}, ${text.arg(arg)} + ${place(view)}, ${count}, ${even(view)});`,
      );
      loaded.set(i, `x${i}[l]`);
    }
    stores.forEach((s, at) =>
      lines.add(`${REGISTER[kernel.args[s.arg]!.dtype]} y${at}[${LANES}];`)
    );
    const inner = text.with({ loaded });
    lines.add("#pragma unroll");
    const lane = (): void => {
      if (used[last] && usesInside(facts, loaded, before, last)) {
        lines.add(`const ${text.place} i${last} = q + l;`);
      }
      lines.add(...inner.steps(0, steps.length, (i) => !before.has(i)));
      for (const s of kernel.stores) {
        const at = stores.indexOf(s);
        lines.add(at >= 0 ? `y${at}[l] = ${inner.value(s.value)};` : inner.store(s));
      }
    };
    lines.block(`for (int l = 0; l < ${LANES}; l++)`, () => {
      if (rest === 0) lane();
      else lines.block("if (l < m)", lane);
    });
    stores.forEach((s, at) =>
      lines.add(
        `glissade_store(${text.arg(s.arg)} + ${place(s.view)}, y${at}, ${count}, ${even(s.view)});`,
      )
    );
  });
  const blocks = blocksFor(groups, THREADS, sheet.limits);
  sheet.launch(kernel.name, [blocks, 1, 1], [THREADS, 1, 1], lines);
}

/** Whether the index along an axis is used by what is done for each of four points. */
function usesInside(
  facts: Facts,
  loaded: ReadonlyMap<number, string>,
  before: ReadonlySet<number>,
  axis: number,
): boolean {
  const moves = (v: View) => v.strides[axis] !== 0;
  return facts.steps.some((s, i) =>
    facts.live[i] && !before.has(i) &&
    (s.op === "index" ? s.axis === axis : s.op === "load" && !loaded.has(i) && moves(s.view))
  ) || facts.kernel.stores.some((s) => moves(s.view) && (s.add || !isLine(s.view, facts)));
}
