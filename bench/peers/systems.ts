/**
 * The systems of the table: how each is started with a number of threads, and the lanes it runs in.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** A way of driving a system that has a column, or a share in one, of its own. */
export interface Lane {
  readonly id: string;
  /** Shown as one column: of the lanes of a column the fastest counts. */
  readonly column: string;
  /** Kinds of work that it is measured in; all when absent. */
  readonly kinds?: readonly string[];
}

/** A process that contests, and its lanes. */
export interface System {
  readonly id: string;
  /** What is run, without the program itself. */
  readonly script: string;
  readonly lanes: readonly Lane[];
  /** Variables of its environment beside the numbers of threads. */
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds that it may take to prepare a work; default 180. */
  readonly patience?: number;
  /** Tried once more with one thread on one core where the work is small. */
  readonly isPinnable?: boolean;
}

/** A column of the table. */
export interface Column {
  readonly id: string;
  readonly title: string;
  readonly color: string;
  /** Bounds and variants are no peers: they are not among "the fastest peer". */
  readonly isPeer: boolean;
}

/** In the order of the table. */
export const columns: readonly Column[] = [
  { id: "jax", title: "JAX", color: "#1f77b4", isPeer: true },
  { id: "keras", title: "Keras on JAX, the guide", color: "#d62728", isPeer: true },
  { id: "keras-donated", title: "Keras on JAX, donated", color: "#ff9896", isPeer: true },
  { id: "torch", title: "PyTorch", color: "#ff7f0e", isPeer: true },
  { id: "torch-compiled", title: "PyTorch compiled", color: "#ffbb78", isPeer: true },
  { id: "numpy", title: "NumPy", color: "#2ca02c", isPeer: true },
  { id: "tfjs", title: "TensorFlow.js", color: "#9467bd", isPeer: true },
  { id: "jaxjs", title: "jax-js", color: "#8c564b", isPeer: true },
  { id: "openblas", title: "OpenBLAS called directly", color: "#7f7f7f", isPeer: false },
  { id: "glissade-builtin", title: "glissade without OpenBLAS", color: "#17becf", isPeer: false },
];

const lane = (id: string, kinds?: readonly string[]): Lane => ({ id, column: id, kinds });

/** Every system. What a lane cannot do it answers with "absent"; `kinds` only saves asking. */
export const systems: readonly System[] = [
  {
    id: "glissade",
    script: "contestants/glissade.ts",
    lanes: [lane("glissade")],
  },
  {
    // a process of its own, in which nobody else sets the library's threads
    id: "glissade-openblas",
    script: "contestants/glissade.ts",
    lanes: [lane("openblas", ["mlp", "matmul"])],
  },
  {
    id: "glissade-builtin",
    script: "contestants/glissade.ts",
    lanes: [lane("glissade-builtin", ["matmul"])],
    env: { GLISSADE_BLAS: "builtin" },
  },
  { id: "jax", script: "contestants/jax_peer.py", lanes: [lane("jax")], isPinnable: true },
  {
    id: "keras",
    script: "contestants/keras_peer.py",
    lanes: [lane("keras", ["mlp", "loop"]), lane("keras-donated", ["mlp", "loop"])],
    isPinnable: true,
  },
  {
    id: "torch",
    script: "contestants/torch_peer.py",
    lanes: [
      lane("torch"),
      // products and single operations gain nothing from a compiler
      lane("torch-compiled", ["mlp", "cnn", "block", "elementwise", "adam", "rowwise", "tiny"]),
    ],
    isPinnable: true,
  },
  { id: "numpy", script: "contestants/numpy_peer.py", lanes: [lane("numpy")], isPinnable: true },
  { id: "tfjs", script: "contestants/tfjs.ts", lanes: [lane("tfjs")], patience: 40 },
  { id: "jaxjs", script: "contestants/jaxjs.ts", lanes: [lane("jaxjs")], patience: 40 },
];

/** The same system on one core, for small works; its lanes share the columns of the first. */
export function pinned(system: System): System {
  return {
    ...system,
    id: `${system.id} on one core`,
    lanes: system.lanes.filter(({ id }) => id !== "torch-compiled"),
  };
}

/** A program with its arguments and environment, ready to start. */
export interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Where the Python of the peers lies. */
export const python: string = path(".venv/bin/python");

/** How to start a system with `threads` threads; with one thread it is held on one core. */
export function start(system: System, threads: number, args: readonly string[] = []): Start {
  const isPython = system.script.endsWith(".py");
  const program = isPython
    ? [python, path(system.script)]
    : [Deno.execPath(), "run", "-A", "--no-check", "--no-lock", path(system.script)];
  const lastCore = String(navigator.hardwareConcurrency - 1);
  const held = threads === 1 && Deno.build.os === "linux" ? ["taskset", "-c", lastCore] : [];
  const [command, ...rest] = [...held, ...program, ...args];
  const count = String(threads);
  const flags = threads === 1
    ? "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    : "";
  return {
    command: command!,
    args: rest,
    env: {
      BENCH_THREADS: count,
      GLISSADE_THREADS: count,
      OMP_NUM_THREADS: count,
      OPENBLAS_NUM_THREADS: count,
      MKL_NUM_THREADS: count,
      NPROC: count,
      XLA_FLAGS: flags,
      JAX_PLATFORMS: "cpu",
      TORCHINDUCTOR_CACHE_DIR: path(".cache/torchinductor"),
      NO_COLOR: "1",
      ...system.env,
    },
  };
}
