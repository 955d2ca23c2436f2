/**
 * Kernels in order: threads share the axes along which nothing can collide, and each walks the other
 * axes as the text of the kernel says, one point after the other. It prints every kernel; others are
 * printed so only where order is what they mean: stores that add, running reductions.
 *
 * @module
 */
import { type Facts, liveAccumulators, liveSteps, variesWithin } from "./facts.ts";
import { blocksFor, loopHead, type Sheet, THREADS } from "./launch.ts";
import { declare, read, take } from "./accumulate.ts";
import { Lines, Text } from "./text.ts";

/** Threads of a block: few, so that few rows still are on many multiprocessors. */
const FEW = 64;

/** Prints a kernel in order. */
export function printSerial(sheet: Sheet, facts: Facts, firstArg: number): void {
  const { kernel, steps, sizes, outer, points } = facts;
  const live = liveAccumulators(facts);
  const text = new Text(facts, { firstArg, accumulator: (acc) => read(facts, acc) });
  const parallel = kernel.shape.flatMap((_, i) => facts.free[i] ? [i] : []);
  const count = parallel.reduce((n, axis) => n * sizes[axis]!, 1);
  const used = text.usedAxes(liveSteps(facts), kernel.stores);
  const lines = new Lines();
  const body = kernel.body.length;
  const within = (i: number) => variesWithin(facts, i);

  const loops = (axes: readonly number[], inner: () => void): void => {
    const [axis, ...rest] = axes;
    if (axis === undefined) return inner();
    const n = sizes[axis]!;
    if (n <= 1) {
      if (used[axis]) lines.add(`const ${text.place} i${axis} = 0;`);
      return loops(rest, inner);
    }
    lines.block(
      `for (${text.place} i${axis} = 0; i${axis} < ${n}; i${axis}++)`,
      () => loops(rest, inner),
    );
  };
  const finish = (): void => {
    lines.add(...text.steps(body, steps.length), ...kernel.stores.map((s) => text.store(s)));
  };
  const row = (): void => {
    lines.add(...live.flatMap((acc) => declare(facts, acc)));
    lines.add(...text.steps(0, body, (i) => !within(i)));
    const positions = live.some((acc) => kernel.accumulators[acc]!.combine.startsWith("arg"));
    if (points > 0) {
      if (positions) lines.add("int r = 0;");
      const reduced = kernel.reduce.map((_, i) => outer + i);
      loops(reduced, () => {
        lines.add(...text.steps(0, body, within));
        lines.add(...live.flatMap((acc) => take(text, acc, "r")));
        if (positions) lines.add("r++;");
        if (kernel.scan) finish();
      });
    }
    if (!kernel.scan) finish();
  };
  const threads = count < FEW * sheet.limits.multiprocessors ? FEW : THREADS;
  lines.block(
    loopHead(count, facts.wide, threads),
    () => {
      lines.add(...text.indices(parallel, "p", used));
      loops(kernel.shape.flatMap((_, i) => facts.free[i] ? [] : [i]), row);
    },
  );
  const blocks = blocksFor(count, threads, sheet.limits);
  sheet.launch(kernel.name, [blocks, 1, 1], [threads, 1, 1], lines);
}
