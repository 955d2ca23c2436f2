/**
 * The rows of the GPU's table, and what was promised of each. What the peers' table has is taken
 * from there.
 *
 * @module
 */
import type { Sizes } from "../peers/contestants/inputs.ts";
import {
  type ProcessWork,
  processWorks as peerProcesses,
  type Work,
  works as peerWorks,
} from "../peers/works.ts";

/** A step by a graph takes at most twice as long as its kernels. */
const GRAPH = 0.5;
/** Fused operations reach this share of a copy's speed. */
const CHAIN = 0.85;
/** Products reach this share of cuBLAS' own. */
const PRODUCT = 0.95;

const peers: ReadonlyMap<string, Work> = new Map(
  peerWorks(false).map((work) => [work.id, work]),
);

function peer(id: string): Work {
  const work = peers.get(id);
  if (work === undefined) throw new Error(`Cannot find the row ${id} of the peers' table`);
  return work;
}

function guide(batch: number): Work {
  const { sizes, tolerance } = peer("W1");
  return {
    id: `guide ${batch}`,
    title: `guide step from host arrays, batch ${batch}`,
    kind: "guide",
    sizes: { ...sizes, batch, batches: 8 },
    tolerance,
    targets: [{ against: "kernels", atLeast: GRAPH }],
  };
}

function matmul(dtype: "float32" | "float64", more: Sizes = {}): Work {
  const { sizes, tolerance } = peer(`W7 4096 ${dtype}`);
  const name = more.precision === undefined ? dtype : String(more.precision);
  return {
    id: `matmul ${name}`,
    title: `matmul 4096 ${name}`,
    kind: "matmul",
    sizes: { ...sizes, ...more },
    tolerance: name === "tf32" ? 1e-2 : tolerance,
    targets: [{ against: "cublas", atLeast: PRODUCT }],
  };
}

/** Rows in the order of the table. */
export const works: readonly Work[] = [
  guide(32),
  guide(1024),
  ...["W2", "W3", "W4"].map(peer),
  {
    id: "chain",
    title: "five fused operations over 2^26 float32",
    kind: "chain",
    sizes: { count: 1 << 26 },
    tolerance: 1e-5,
    targets: [{ against: "copy", atLeast: CHAIN }],
  },
  matmul("float32"),
  matmul("float32", { precision: "tf32" }),
  matmul("float64"),
];

const firstStep = peerProcesses.find(({ id }) => id === "W9")!;

/** Rows measured with fresh processes. */
export const processWorks: readonly ProcessWork[] = [
  {
    ...firstStep,
    id: "start context",
    title: "process start to a GPU that is ready",
    kind: "context",
    targets: [],
  },
  { ...firstStep, id: "start step", targets: [] },
];

/** Sizes that tell nothing but that a row can be run: for a device that is a program. */
const TINY: Readonly<Record<string, number>> = {
  batch: 4,
  batches: 2,
  length: 8,
  width: 16,
  heads: 2,
  count: 1 << 12,
  n: 32,
};

/** The same row with tiny sizes; layers keep what their works fix. */
export function tiny<W extends Work | ProcessWork>(work: W): W {
  const sizes = Object.fromEntries(
    Object.entries(work.sizes).map(([name, value]) => [name, TINY[name] ?? value]),
  );
  if (work.kind === "mlp" || work.kind === "guide") Object.assign(sizes, { hidden: [16, 16] });
  return { ...work, title: `${work.title}, at tiny sizes`, sizes };
}
