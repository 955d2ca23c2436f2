/**
 * Who is measured on a GPU: the contestants of the peers' table, each told to compute there, and the
 * yardsticks.
 *
 * @module
 */
import {
  type Column,
  columns as peerColumns,
  type Lane,
  type System,
  systems as peers,
} from "../peers/systems.ts";

/** In the order of the table. */
export const columns: readonly Column[] = [
  ...peerColumns.filter(({ id }) => ["jax", "torch", "torch-compiled"].includes(id)),
  { id: "kernels", title: "its kernels alone", color: "#17becf", isPeer: false },
  { id: "cublas", title: "cuBLAS, and copies of the bytes", color: "#7f7f7f", isPeer: false },
  { id: "copy", title: "a copy", color: "#bcbd22", isPeer: false },
  { id: "compiles", title: "without kept kernels", color: "#e377c2", isPeer: false },
];

const lane = (id: string, kinds?: readonly string[]): Lane => ({ id, column: id, kinds });

/** The one GPU that contestants see, so that each of them calls it the first. */
export function visible(ordinal: number, already: string | undefined): string {
  return already?.split(",")[ordinal]?.trim() ?? String(ordinal);
}

/** Where contestants compute, and whom to start. */
export interface Setting {
  /** What decides which GPU it is, or where the libraries are. */
  readonly env: Readonly<Record<string, string>>;
  /** A folder for compiled kernels; a path at which there can be none. */
  readonly cache: string;
  readonly noCache: string;
  /** Whether the peers are started as well. */
  readonly hasPeers: boolean;
}

const glissade = peers.find(({ id }) => id === "glissade")!;

const ownEnv = ({ env, cache }: Setting): Record<string, string> => ({
  ...env,
  GLISSADE_DEVICE: "cuda:0",
  GLISSADE_CUBIN_CACHE: cache,
});

/** glissade once more, with kernels that are compiled at every start. */
export function forgetful(setting: Setting): System {
  return {
    ...glissade,
    id: "glissade-compiles",
    env: { ...ownEnv(setting), GLISSADE_CUBIN_CACHE: setting.noCache },
    lanes: [{ id: "glissade", column: "compiles" }],
  };
}

/** The systems, on one GPU. */
export function systemsOn(setting: Setting): System[] {
  const { env, hasPeers } = setting;
  const own = ownEnv(setting);
  const others = hasPeers
    ? peers.filter(({ id }) => id === "jax" || id === "torch").map((system) => ({
      ...system,
      isPinnable: false,
      env: {
        ...env,
        BENCH_DEVICE: "cuda",
        JAX_PLATFORMS: "cuda",
        // float32 as everybody else computes it
        JAX_DEFAULT_MATMUL_PRECISION: "float32",
        // all of them share the memory
        XLA_PYTHON_CLIENT_PREALLOCATE: "false",
      },
      lanes: system.lanes.map((l) => lane(l.id, ["mlp", "cnn", "block"])),
      patience: 300,
    }))
    : [];
  return [
    { ...glissade, env: own },
    {
      // a process of its own: what it runs spoils the state of a training
      ...glissade,
      id: "glissade-yardsticks",
      env: own,
      lanes: [
        lane("kernels", ["guide"]),
        lane("cublas", ["mlp", "cnn", "block", "matmul"]),
        lane("copy", ["chain"]),
      ],
    },
    ...others,
  ];
}
