/**
 * The rows of the table: what is computed, at which sizes, how closely results must agree, and which
 * ratio of times was promised.
 *
 * @module
 */
import type { Sizes } from "./contestants/inputs.ts";

/** A promise about one row: time of `against` / time of `of`. */
export interface Target {
  /** A lane, "fastest" for the fastest peer. */
  readonly against: string;
  readonly atLeast: number;
  /** Seconds that our time may be longer than what the ratio allows. */
  readonly grace?: number;
  /** Whose time is judged; default glissade's. */
  readonly of?: string;
}

/** One row. */
export interface Work {
  readonly id: string;
  readonly title: string;
  /** What the contestants call it. */
  readonly kind: string;
  readonly sizes: Sizes;
  /** Relative difference of results that is still agreement. */
  readonly tolerance: number;
  /** Short enough that threads may cost more than they give: peers are also tried on one core. */
  readonly isSmall?: boolean;
  /** Repetitions are whole epochs; times are told per step. */
  readonly stepsPerRep?: number;
  readonly targets: readonly Target[];
}

/** Work that is measured in fresh processes: time to the first step, or peak memory. */
export interface ProcessWork {
  readonly id: string;
  readonly title: string;
  readonly measures: "seconds" | "bytes";
  readonly kind: string;
  readonly sizes: Sizes;
  readonly steps: number;
  /** Lanes that take another kind: Keras as the guide writes it has its pipeline. */
  readonly kinds?: Readonly<Record<string, string>>;
  readonly targets: readonly Target[];
}

const fastest = (atLeast: number): Target[] => [{ against: "fastest", atLeast }];

/** The guide's model and batch. */
const guide: Sizes = { features: 784, hidden: [64, 64], classes: 10, batch: 32, batches: 64 };
const wide: Sizes = { features: 784, hidden: [1024, 1024], classes: 10, batch: 256, batches: 8 };
/** Rows of the whole loop: 500 steps an epoch, and still more than a cache holds. */
const ROWS = 16_000;
/** Rows that the guide trains on. */
const GUIDE_ROWS = 50_000;

/** Adam divides by the root of the second moment plus epsilon; Keras and PyTorch add it before and
 * after the correction of that moment, which moves losses in the third digit. */
const TRAINING = 5e-3;

const training: Work[] = [
  {
    id: "W1",
    title: "guide train step (784-64-64-10, batch 32)",
    kind: "mlp",
    sizes: guide,
    tolerance: TRAINING,
    isSmall: true,
    targets: [
      { against: "jax", atLeast: 1.5 },
      { against: "keras-donated", atLeast: 2 },
      { against: "openblas", atLeast: 1 / 1.6 },
    ],
  },
  {
    id: "W1loop",
    title: "guide loop with its pipeline, a step",
    kind: "loop",
    sizes: { ...guide, rows: ROWS },
    tolerance: 0.1, // orders are random: means of the losses told
    isSmall: true,
    stepsPerRep: ROWS / 32,
    targets: [{ against: "keras", atLeast: 6 }],
  },
  {
    id: "W2",
    title: "784-1024-1024-10, batch 256",
    kind: "mlp",
    sizes: wide,
    tolerance: TRAINING,
    targets: fastest(1),
  },
  {
    id: "W3",
    title: "CNN 32-64 3x3, pools, dense 128, batch 64",
    kind: "cnn",
    sizes: { batch: 64, batches: 4 },
    tolerance: TRAINING,
    targets: [{ against: "torch", atLeast: 1 }],
  },
  {
    id: "W4",
    title: "transformer block, d=256, T=128, batch 16",
    kind: "block",
    sizes: { batch: 16, length: 128, width: 256, heads: 4 },
    tolerance: TRAINING,
    targets: [{ against: "torch", atLeast: 0.9 }],
  },
];

const elementwise: Work[] = [
  {
    id: "W5a",
    title: "gelu(x)*tanh(y)+exp(-z*z), 2^24",
    kind: "elementwise",
    sizes: { count: 1 << 24 },
    tolerance: 1e-5,
    targets: fastest(2),
  },
  {
    id: "W5b",
    title: "Adam on 10M parameters",
    kind: "adam",
    sizes: { count: 10_000_000 },
    tolerance: 1e-4,
    targets: fastest(0.8),
  },
];

const rowwise: Work[] = ([
  ["softmax", 4096, 1000, true],
  ["layerNorm", 8192, 768, true],
  ["logsumexp", 4096, 1000, true],
  ["sum0", 4096, 4096, false],
  ["sum1", 4096, 4096, false],
  ["sum", 4096, 4096, false],
] as const).flatMap(([op, rows, columns, hasGradient]) => {
  const names: Record<string, string> = {
    layerNorm: "layer norm",
    sum0: "sum over axis 0",
    sum1: "sum over axis 1",
    sum: "sum of all",
  };
  return (hasGradient ? [false, true] : [false]).map((gradient): Work => ({
    id: `W6 ${op}${gradient ? " gradient" : ""}`,
    title: `${names[op] ?? op} [${rows},${columns}]${gradient ? ", gradient" : ""}`,
    kind: "rowwise",
    sizes: { op, rows, columns, gradient },
    tolerance: 1e-4,
    targets: fastest(0.7),
  }));
});

/** The products; how much the built-in one owes depends on the width of the machine's vectors. */
function products(hasAvx512: boolean): Work[] {
  const squares = [64, 128, 256, 512, 1024, 2048, 4096].flatMap((n) =>
    (["float32", "float64"] as const).map((dtype): Work => ({
      id: `W7 ${n} ${dtype}`,
      title: `matmul ${n} ${dtype}`,
      kind: "matmul",
      sizes: { n, dtype },
      tolerance: 1e-4,
      targets: [
        n <= 128
          ? { against: "openblas", atLeast: 1, grace: 2e-6 }
          : { against: "openblas", atLeast: 0.95 },
        { of: "glissade-builtin", against: "openblas", atLeast: hasAvx512 ? 0.25 : 0.4 },
      ],
    }))
  );
  return [...squares, {
    id: "W7 batched",
    title: "64 x [128,64]x[64,128]",
    kind: "batched",
    sizes: {},
    tolerance: 1e-4,
    targets: [{ against: "torch", atLeast: 1 }],
  }];
}

const tiny: Work[] = [
  {
    id: "W8 jitted",
    title: "one tiny jitted op",
    kind: "tiny",
    sizes: {},
    tolerance: 1e-6,
    isSmall: true,
    targets: [{ against: "jax", atLeast: 4 }],
  },
  {
    id: "W8 eager",
    title: "eager add of 64",
    kind: "add",
    sizes: {},
    tolerance: 1e-6,
    isSmall: true,
    targets: [{ against: "torch", atLeast: 1 }],
  },
];

/** Rows measured inside of long-lived processes, in the order of the table. */
export function works(hasAvx512: boolean): Work[] {
  return [...training, ...elementwise, ...rowwise, ...products(hasAvx512), ...tiny];
}

/** Rows measured with fresh processes. */
export const processWorks: readonly ProcessWork[] = [
  {
    id: "W9",
    title: "process start to first guide step",
    measures: "seconds",
    kind: "mlp",
    sizes: { ...guide, batches: 1, rows: GUIDE_ROWS },
    steps: 1,
    kinds: { keras: "first" },
    targets: [{ against: "jax", atLeast: 5 }, { against: "keras", atLeast: 20 }],
  },
  {
    id: "W10 W1",
    title: "peak memory of the guide's steps",
    measures: "bytes",
    kind: "mlp",
    sizes: guide,
    steps: 500,
    targets: [{ against: "jax", atLeast: 2 }],
  },
  {
    id: "W10 W2",
    title: "peak memory of W2",
    measures: "bytes",
    kind: "mlp",
    sizes: wide,
    steps: 20,
    targets: [{ against: "jax", atLeast: 2 }],
  },
];

/** True when a row is asked for by `W6`, `W6 softmax` or nothing at all. */
export function isAsked(id: string, only: readonly string[]): boolean {
  return only.length === 0 ||
    only.some((name) => id === name || id.startsWith(`${name} `) || id === `${name}loop`);
}
