/**
 * Starts the programs of these tests as users start them: each in a process of its own, with the
 * flags named and no others, and none of glissade's environment variables unless given.
 *
 * @module
 */

/** How a program is started. */
export interface Start {
  /** Arguments after `deno`. */
  readonly args: readonly string[];
  /** The working directory; default: this folder. */
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds after which it is killed; default five minutes: machines may be slow. */
  readonly timeout?: number;
  /** Under a pseudo-terminal, where a permission prompt would wait for an answer. */
  readonly terminal?: boolean;
}

/** What became of it. */
export interface Ended {
  readonly code: number;
  readonly signal: string | null;
  /** Under a terminal, standard output and error together. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Whether a pseudo-terminal can be had: `script` belongs to every Linux. */
export const hasTerminal: boolean = Deno.build.os === "linux";

/** The path of a file, by its place relative to this folder. */
export function here(name: string): string {
  return decodeURIComponent(new URL(name, import.meta.url).pathname);
}

/** Runs deno to its end. */
export async function runDeno(start: Start): Promise<Ended> {
  const { args, cwd = here("."), env = {}, timeout = 300_000, terminal = false } = start;
  const line = [Deno.execPath(), ...args];
  const [program, ...rest] = terminal
    ? ["script", "-qec", line.map(quote).join(" "), "/dev/null"]
    : line;
  const child = new Deno.Command(program!, {
    args: rest,
    cwd,
    env: { ...inherited(), NO_COLOR: "1", ...env },
    clearEnv: true,
    // never closed before the end: a prompt must meet silence, not an answer
    stdin: terminal ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), timeout);
  try {
    const [{ code, signal }, stdout, stderr] = await Promise.all([
      child.status,
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { code, signal, stdout: stdout.replaceAll("\r\n", "\n"), stderr };
  } finally {
    clearTimeout(timer);
    if (terminal) await child.stdin.close().catch(() => {});
  }
}

function inherited(): Record<string, string> {
  const all = Object.entries(Deno.env.toObject());
  return Object.fromEntries(all.filter(([name]) => !/^(GLISSADE_|OPENBLAS_)/.test(name)));
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The program that these tests train with: it prints one line, as JSON. */
export interface Trained {
  readonly blas: string;
  readonly first: number;
  readonly last: number;
  readonly digest: string;
}

/** A small training program that imports glissade from `specifier`; `before` runs first. */
export function smallProgram(specifier: string, before = ""): string {
  return `import * as g from ${JSON.stringify(specifier)};
import type { HostArray, Tensor } from ${JSON.stringify(specifier)};
${before}
g.utils.setRandomSeed(7);
const x = new Float32Array(96 * 8).map((_, i) => Math.sin(i * i % 101));
const labels = new Int32Array(96).map((_, i) => x[8 * i]! > 0 ? 1 : x[8 * i + 1]! > 0 ? 2 : 0);
const batches = g.data.Dataset.fromTensorSlices([
  new g.HostArray(x, [96, 8]),
  g.utils.toCategorical(labels),
]).shuffle(96, { seed: 3 }).batch(40);

const inputs = g.layers.input({ shape: [8] });
const hidden = new g.layers.Dense(16, { activation: "relu" }).apply(inputs);
const model = new g.models.Model({ inputs, outputs: new g.layers.Dense(3).apply(hidden) });
const lossFn = g.losses.categoricalCrossentropy({ fromLogits: true });
const optimizer = new g.optimizers.Adam({ learningRate: 0.02 });
optimizer.build(model.trainableVariables);

type State = [Tensor[], Tensor[], Tensor[]];
const computeLoss = (tv: Tensor[], ntv: Tensor[], x: Tensor, y: Tensor): [Tensor, Tensor[]] => {
  const [yPred, updated] = model.statelessCall(tv, ntv, x, { training: true });
  return [lossFn(y, yPred), updated];
};
const gradFn = g.valueAndGrad(computeLoss, { hasAux: true });
const trainStep = g.jit((state: State, batch: [Tensor, Tensor]): [Tensor, State] => {
  const [tv, ntv, ov] = state;
  const [[loss, updated], grads] = gradFn(tv, ntv, batch[0], batch[1]);
  const [tv2, ov2] = optimizer.statelessApply(ov, grads, tv);
  return [loss, [tv2, updated, ov2]];
}, { donate: [0] });

let state: State = [
  model.trainableVariables.map((v) => v.value),
  model.nonTrainableVariables.map((v) => v.value),
  optimizer.variables.map((v) => v.value),
];
const seen: number[] = [];
for (let epoch = 0; epoch < 20; epoch++) {
  for (const batch of batches as Iterable<[HostArray, HostArray]>) {
    let loss: Tensor;
    [loss, state] = trainStep(state, batch);
    seen.push(loss.item());
  }
}
model.trainableVariables.forEach((v, i) => v.assign(state[0][i]!));
const bits = model.trainableVariables.flatMap((v) => [...new Uint32Array(v.value.data().buffer as ArrayBuffer)]);
const digest = bits.reduce((h, b) => Math.imul(h ^ b, 16777619) >>> 0, 2166136261).toString(16);
console.log(JSON.stringify({
  blas: g.backend().blas, first: seen[0], last: seen.at(-1), digest,
}));
`;
}
