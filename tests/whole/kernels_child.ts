/**
 * Counts the WebAssembly modules that glissade compiles for one program, and prints a digest of each,
 * and of the results, in a process of its own.
 *
 * @module
 */
const modules: string[] = [];
const RealModule = WebAssembly.Module;

/** A digest of bytes: FNV-1a, 32 bits. */
function digest(bytes: Uint8Array): string {
  let h = 2166136261;
  for (const b of bytes) h = Math.imul(h ^ b, 16777619) >>> 0;
  return h.toString(16);
}

WebAssembly.Module = class extends RealModule {
  constructor(bytes: BufferSource) {
    super(bytes);
    modules.push(digest(new Uint8Array(bytes as Uint8Array<ArrayBuffer>)));
  }
} as typeof WebAssembly.Module;

const { jit, np, backend } = await import("../../mod.ts");
type Tensor = import("../../mod.ts").Tensor;

const wave = (n: number, step: number): Float32Array<ArrayBuffer> =>
  new Float32Array(n).map((_, i) => Math.sin(i * step) + 1.5);
const x = np.array(wave(24 * 40, 0.7)).reshape([24, 40]);
const y = np.array(wave(24 * 40, 1.3)).reshape([24, 40]);
const w = np.array(wave(40 * 8, 0.9)).reshape([40, 8]);

/** One operation each: jit has nothing to fuse, so the kernels must be those of the eager run. */
const operations: [string, (x: Tensor, y: Tensor, w: Tensor) => Tensor][] = [
  ["add", (x, y) => x.add(y)],
  ["div", (x, y) => x.div(y)],
  ["exp", (x) => x.exp()],
  ["tanh", (x) => x.tanh()],
  ["log", (x) => x.log()],
  ["less", (x, y) => x.lt(y)],
  ["sum of rows", (x) => x.sum({ axis: 1 })],
  ["sum of columns", (x) => x.sum({ axis: 0 })],
  ["max", (x) => x.max()],
  ["argmax", (x) => np.argmax(x, { axis: 1 })],
  ["transpose", (x) => np.transpose(x)],
  ["matmul", (x, _y, w) => x.matmul(w)],
  ["astype", (x) => x.astype("int32")],
  ["sort", (x) => np.sort(x)],
];

/** What one operation compiled and gave, eagerly and then jitted. */
export interface Told {
  readonly name: string;
  readonly eager: string[];
  readonly jitted: string[];
  readonly results: [string, string];
}

/** What the child prints. */
export interface Kernels {
  readonly blas: string;
  readonly operations: Told[];
}

function observed(run: () => Tensor): [string[], string] {
  const from = modules.length;
  const out = run();
  return [modules.slice(from), digest(new Uint8Array(out.data().buffer as ArrayBuffer))];
}

const told = operations.map(([name, f]): Told => {
  const [eager, first] = observed(() => f(x, y, w));
  const [jitted, second] = observed(() => jit(f)(x, y, w));
  return { name, eager, jitted, results: [first, second] };
});
console.log(JSON.stringify({ blas: backend().blas, operations: told } satisfies Kernels));
