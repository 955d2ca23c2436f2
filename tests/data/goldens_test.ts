/** Pipelines against tf.data and Grain, element by element. @module */
import { assertEquals } from "@std/assert";
import { HostArray } from "../../src/base/host_array.ts";
import { Dataset } from "../../src/data/mod.ts";
import { type GoldenRecord, readGolden } from "../goldens/read.ts";

type Numbers = Dataset<HostArray>;

const plain = (x: unknown): unknown =>
  x instanceof HostArray ? x.toArray() : Array.isArray(x) ? x.map(plain) : x;
const pass = (d: Dataset<unknown>) => [...d].map(plain);
const counted = (n: number | null) => n === null ? -2 : n === Infinity ? -1 : n;

const LISTS = [[0], [1, 2, 3, 4], [5, 6, 7], [7, 8, 9, 10, 11], [13, 14, 15, 16, 19, 20], [21, 22]];
const words = (n = LISTS.length) =>
  Dataset.fromIterable(LISTS.slice(0, n).map((list) => Int32Array.from(list))) as Numbers;
const R = Dataset.range;
const length = (x: HostArray) => x.length;
const upTo = (x: HostArray) => R(x.item());

const BUILDERS: [RegExp, (...args: string[]) => Dataset<unknown>][] = [
  [/^paddedBatch\(2\)$/, () => words().paddedBatch(2)],
  [/^paddedBatch\(4, drop\)$/, () => words().paddedBatch(4, { dropRemainder: true })],
  [
    /^paddedBatch\(2, shape 7, value -1\)$/,
    () => words().paddedBatch(2, { paddedShapes: [7], paddingValues: -1 }),
  ],
  [/^unbatch$/, () => words().unbatch()],
  [/^rebatch\(2\)$/, () => R(10).batch(3).rebatch(2)],
  [/^rebatch\(\[1, 3\]\)$/, () => R(11).batch(4).rebatch([1, 3])],
  [/^rebatch\(4, drop\)$/, () => R(10).batch(3).rebatch(4, { dropRemainder: true })],
  [/^interleave\(2, 4\)$/, () =>
    R(1, 6).interleave((x) => Dataset.fromTensors(x).repeat(6), {
      cycleLength: 2,
      blockLength: 4,
    })],
  [
    /^interleave of ranges\((\d), (\d)\)$/,
    (cycle, block) => R(6).interleave(upTo, { cycleLength: +cycle!, blockLength: +block! }),
  ],
  [/^flatMap$/, () => R(5).flatMap(upTo)],
  [
    /^groupByWindow$/,
    () => R(20).groupByWindow((x) => x.item() * 7 % 3, (_k, w) => w.batch(10), 4),
  ],
  [
    /^groupByWindow by key$/,
    () => R(20).groupByWindow((x) => x.item() % 3, (_k, w) => w.batch(10), (k) => k + 1),
  ],
  [/^bucket$/, () => words().bucketBySequenceLength(length, [3, 5], [2, 2, 2])],
  [
    /^bucket, drop$/,
    () => words().bucketBySequenceLength(length, [3, 5], [2, 2, 2], { dropRemainder: true }),
  ],
  [/^bucket, boundary$/, () =>
    words(5).bucketBySequenceLength(length, [3, 5, 8], [2, 2, 2, 1], {
      padToBucketBoundary: true,
      paddingValues: -1,
    })],
  [/^takeWhile$/, () => R(10).takeWhile((x) => x.item() % 7 < 5)],
  [/^filter$/, () => R(10).filter((x) => x.item() % 3 > 0)],
  [
    /^scan$/,
    () => R(1, 8).scan(1, (s, x) => [s.item() * x.item(), s.item() + x.item()] as const),
  ],
  [/^zip$/, () => Dataset.zip([R(3), R(5, 10)])],
  [/^concatenate$/, () => R(3).concatenate(R(7, 9))],
  [/^shard\((\d), (\d)\)$/, (n, i) => R(7).shard(+n!, +i!)],
  [/^enumerate\(5\)$/, () => R(3).enumerate(5)],
  [/^cache after shuffle$/, () => R(8).shuffle(8, { seed: 3 }).cache().repeat(2)],
  [/^shuffle of batches$/, () => R(12).batch(2).shuffle(3, { seed: 5 })],
  [/^flatMap of shuffle$/, () => R(4).shuffle(4, { seed: 3 }).flatMap(upTo)],
];

function windows(name: string): { whole: Dataset<Numbers>; flat: Numbers } | null {
  const found = /^window\((\d+), (\w+), (\d), (\w+)\)$/.exec(name);
  if (found === null) return null;
  const whole = R(10).window(+found[1]!, {
    ...(found[2] === "None" ? {} : { shift: +found[2]! }),
    stride: +found[3]!,
    dropRemainder: found[4] === "True",
  });
  return { whole, flat: whole.flatMap((w) => w.batch(100)) };
}

const { cases } = readGolden("pipelines");
const of = (fn: string) => cases.filter((c) => c.fn === fn) as GoldenRecord[];

for (const c of of("tfdata")) {
  const name = c.name as string;
  Deno.test(`tf.data gives the same: ${name}`, () => {
    const window = windows(name);
    if (window !== null) {
      assertEquals(pass(window.flat), (c.passes as unknown[])[0]);
      assertEquals(counted(window.whole.cardinality), c.cardinality);
      return;
    }
    const [found, build] = BUILDERS.map(([r, b]) => [r.exec(name), b] as const)
      .find(([m]) => m !== null)!;
    const d = build(...found!.slice(1));
    assertEquals([pass(d), pass(d)], c.passes);
    // where tf.data knows the number, so do we
    if ((c.cardinality as number) >= 0) assertEquals(counted(d.cardinality), c.cardinality);
  });
}

Deno.test("tf.data gives the same orders: shuffle, batch, repeat, take, skip, prefetch, shard", () => {
  let n = 0;
  for (const c of readGolden("data").cases) {
    if (c.fn !== "pipeline") continue;
    let d: Dataset<unknown> = R(c.size as number);
    for (
      const { name, args, options } of c.ops as { name: string; args: number[]; options: object }[]
    ) {
      const stage = d as unknown as Record<string, (...args: unknown[]) => Dataset<unknown>>;
      d = stage[name]!(...args, ...Object.keys(options).length > 0 ? [options] : []);
    }
    const want = c.everyEpoch === undefined
      ? c.epochs as unknown[]
      : [c.everyEpoch, c.everyEpoch, c.everyEpoch];
    assertEquals([pass(d), pass(d), pass(d)], want, JSON.stringify(c.ops));
    assertEquals(counted(d.cardinality), c.cardinality, JSON.stringify(c.ops));
    n++;
  }
  assertEquals(n > 100, true);
});

Deno.test("Grain shuffles the same, pass by pass", () => {
  for (const c of of("globalShuffle")) {
    const d = R(c.n as number).globalShuffle({ seed: c.seed as number });
    assertEquals([pass(d), pass(d)], c.passes, `n ${c.n}, seed ${c.seed}`);
  }
});

Deno.test("Grain mixes the same", () => {
  for (const c of of("mix")) {
    const weights = c.weights as number[];
    const d = Dataset.mix(weights.map((_, i) => R(100 * i, 100 * i + 10)), { weights });
    assertEquals(pass(d), c.want, `weights ${weights}`);
    assertEquals(d.cardinality, (c.want as unknown[]).length);
  }
});
