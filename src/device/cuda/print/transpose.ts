/**
 * Kernels that read along one axis and write along another: squares of what is read go through shared
 * memory, so that both sides of memory are walked along their lines.
 *
 * @module
 */
import type { View } from "../../../ir/kernel.ts";
import { type Facts, liveSteps } from "./facts.ts";
import type { Sheet } from "./launch.ts";
import { Lines, Text } from "./text.ts";
import { MEMORY } from "./types.ts";

/** Side of a square. */
const SIDE = 32;
/** Rows of threads that walk it. */
const ROWS = 8;
/** Points for a multiprocessor from which it pays. */
const LEAST_POINTS = 512;
/** Arrays that are turned at most; each takes a square of shared memory. */
const MOST_TURNED = 4;

/** The axes of a square: the one that is written along, and the one that is read along. */
interface Square {
  readonly written: number;
  readonly read: number;
  /** The loads that go through shared memory. */
  readonly turned: readonly number[];
}

/** The axis along which a view's elements lie side by side; -1 where there is none. */
function lineOf(v: View, facts: Facts): number {
  return v.strides.findIndex((s, axis) => Math.abs(s) === 1 && facts.sizes[axis]! > 1);
}

/** Finds the axes of the squares; null where a kernel walks all its arrays alike. */
export function squareOf(facts: Facts, sheet: Sheet): Square | null {
  const { kernel, steps, sizes, live } = facts;
  if (facts.rows < LEAST_POINTS * sheet.limits.multiprocessors) return null;
  const written = lineOf(kernel.stores[0]!.view, facts);
  if (written < 0 || sizes[written]! < SIDE) return null;
  if (kernel.stores.some((s) => s.add || lineOf(s.view, facts) !== written)) return null;
  const lines = steps.map((s, i) =>
    live[i] && s.op === "load" && s.view.at === undefined && s.view.strides[written] !== 0
      ? lineOf(s.view, facts)
      : -1
  );
  const read = lines.find((axis) => axis >= 0 && axis !== written && sizes[axis]! >= SIDE);
  if (read === undefined) return null;
  const turned = lines.flatMap((axis, i) => axis === read ? [i] : []).slice(0, MOST_TURNED);
  return { written, read, turned };
}

/** Prints a kernel whose points may run at the same time, square by square. */
export function printSquares(
  sheet: Sheet,
  facts: Facts,
  firstArg: number,
  { written, read, turned }: Square,
): void {
  const { kernel, steps, sizes } = facts;
  const text = new Text(facts, { firstArg });
  const others = sizes.map((_, axis) => axis).filter((axis) => axis !== written && axis !== read);
  const across = Math.ceil(sizes[written]! / SIDE);
  const down = Math.ceil(sizes[read]! / SIDE);
  const squares = others.reduce((n, axis) => n * sizes[axis]!, across * down);
  const used = text.usedAxes(liveSteps(facts), kernel.stores);
  const lines = new Lines();
  for (const i of turned) {
    lines.add(`__shared__ ${MEMORY[steps[i]!.dtype]} h${i}[${SIDE}][${SIDE + 1}];`);
  }
  /** Walks the square with `x` along one axis and the rows of threads along the other. */
  const walk = (x: number, y: number, body: () => void): void => {
    lines.block(`for (int j = threadIdx.y; j < ${SIDE}; j += ${ROWS})`, () => {
      lines.add(
        `const ${text.place} i${x} = o${x} + (int)threadIdx.x;`,
        `const ${text.place} i${y} = o${y} + j;`,
      );
      const inside = [x, y].filter((axis) => sizes[axis]! % SIDE !== 0)
        .map((axis) => `i${axis} < ${sizes[axis]}`);
      if (inside.length === 0) body();
      else lines.block(`if (${inside.join(" && ")})`, body);
    });
  };
  lines.block(
    `for (unsigned int p = blockIdx.x; p < ${squares}u; p += gridDim.x)`,
    () => {
      lines.add(
        `const ${text.place} o${written} = p % ${across} * ${SIDE};`,
        `const ${text.place} o${read} = p / ${across} % ${down} * ${SIDE};`,
        ...text.indices(others, `(p / ${across * down})`, used),
      );
      walk(read, written, () => {
        for (const i of turned) {
          const s = steps[i]!;
          if (s.op !== "load") continue;
          lines.add(`h${i}[j][threadIdx.x] = ${text.arg(s.arg)}[${text.view(s.view)}];`);
        }
      });
      lines.add("__syncthreads();");
      const loaded = new Map(
        turned.map((i) => [
          i,
          `h${i}[threadIdx.x][j]${steps[i]!.dtype === "bool" ? " != 0" : ""}`,
        ]),
      );
      walk(written, read, () => {
        lines.add(
          ...text.with({ loaded }).steps(0, steps.length),
          ...kernel.stores.map((s) => text.store(s)),
        );
      });
      lines.add("__syncthreads();");
    },
  );
  const blocks = Math.min(squares, 2 ** 20);
  sheet.launch(kernel.name, [blocks, 1, 1], [SIDE, ROWS, 1], lines);
}
