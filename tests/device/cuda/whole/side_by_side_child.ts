/**
 * A child of side_by_side_test.ts, on a machine with two stand-in GPUs: what users write, computed
 * on the CPU and on GPUs. Prints the numbers of each as JSON.
 *
 * @module
 */
import {
  backend,
  cond,
  config,
  data,
  devices,
  type DeviceSetting,
  type HostArray,
  io,
  jit,
  jvp,
  np,
  random,
  scan,
  type Tensor,
  valueAndGrad,
  vmap,
  whileLoop,
} from "../../../../mod.ts";
import { makeDigits, makeParts, startOf, type State, variablesOf } from "../../../whole/guide.ts";

const FEATURES = 32;

/** Numbers by what they are of. */
type Told = Record<string, readonly number[]>;

const numbers = (x: Tensor): number[] => [...x.data() as Float32Array];

/** The guide's loop over a ragged epoch: losses, accuracies, and what the trained model says. */
function train(moved: string | null): number[] {
  const parts = makeParts(FEATURES);
  const { model, optimizer, lossFn, metric } = parts;
  model.trainableVariables.forEach((v, i) => {
    const some = np.arange(v.value.size).reshape(v.shape as number[]);
    v.assign(some.mul(0.37 + i).sin().mul(0.2));
  });
  if (moved !== null) [model, optimizer, metric].forEach((part) => part.to(moved));
  const gradFn = valueAndGrad((tv: Tensor[], ntv: Tensor[], x: Tensor, y: Tensor) => {
    const [yPred, updated] = model.statelessCall(tv, ntv, x, { training: true });
    return [lossFn(y, yPred), [yPred, updated]] as [Tensor, [Tensor, Tensor[]]];
  }, { hasAux: true });
  const step = jit((state: State, [x, y]: [Tensor, Tensor]): [Tensor, State] => {
    const [tv, ntv, ov, mv] = state;
    const [[loss, [yPred, updated]], grads] = gradFn(tv, ntv, x, y);
    const [newTv, newOv] = optimizer.statelessApply(ov, grads, tv);
    return [loss, [newTv, updated, newOv, metric.statelessUpdateState(mv, y, yPred)]];
  }, moved === null ? { donate: [0] } : { donate: [0], device: moved });
  const batches = data.Dataset.fromTensorSlices(makeDigits(80, FEATURES))
    .shuffle(80, { seed: 5 })
    .map(([x, y]) => [np.divide(x, 25), y])
    .batch(16)
    .repeat(2);
  let state = startOf(parts);
  const seen: number[] = [];
  for (const batch of batches as Iterable<[HostArray, HostArray]>) {
    let loss: Tensor;
    [loss, state] = step(state, batch);
    seen.push(loss.item(), metric.statelessResult(state[3]).item());
  }
  variablesOf(parts).forEach((list, k) => list.forEach((v, i) => v.assign(state[k]![i]!)));
  return [...seen, ...numbers(model.apply(np.ones([1, FEATURES])))];
}

/** Draws as they come from one program each; the same bits are wanted everywhere. */
function draw(): number[] {
  const f = jit((key: Tensor) => {
    const keys = random.split(key, 4);
    const permuted = random.permutation(keys.at(2), 11).astype("float32");
    return [random.uniform(keys.at(0), [7]), random.randint(keys.at(1), [5], 0, 1000), permuted];
  });
  return f(random.key(42)).flatMap((x) => [...x.data()].map(Number));
}

/** Derivatives, batches and control flow within each other. */
function transform(): number[] {
  const turns = (x: Tensor) =>
    whileLoop(
      ([, n]: Tensor[]) => n!.lt(3),
      ([v, n]: Tensor[]) => [v!.mul(1.5).sin(), n!.add(1)],
      [x, np.array(0)],
    )[0]!;
  const sums = (x: Tensor) =>
    scan((c: Tensor, row: Tensor) => [c.mul(0.5).add(row.tanh()), c.sum()], np.zeros([3]), x);
  const loss = (x: Tensor) => {
    const [last, seen] = sums(x);
    return cond(last.sum().gt(0), (y: Tensor) => y.square().sum(), (y: Tensor) => y.sum(), last)
      .add(np.sum(seen));
  };
  const x = np.arange(12).reshape([4, 3]).mul(0.7).cos();
  const f = jit((x: Tensor) => {
    const [value, g] = valueAndGrad(loss)(x);
    const [, tangent] = jvp(turns, [x], [g]);
    const sorted = np.sort(vmap((row: Tensor) => np.cumsum(row.mul(2)))(x), { axis: 0 });
    return [value, g, tangent, sorted, turns(x), x.matmul(x.T).argmax({ axis: 1 })];
  });
  return f(x).flatMap((t) => [...t.data()].map(Number));
}

/** A state that goes through a file. */
async function keep(folder: string): Promise<number[]> {
  const { model, optimizer } = makeParts(FEATURES);
  const before = model.trainableVariables.flatMap((v) => numbers(v.value.sum()));
  await io.saveCheckpoint(`${folder}/state`, { model, optimizer });
  model.trainableVariables.forEach((v) => v.assign(v.value.zeros()));
  await io.loadCheckpoint(`${folder}/state`, { model, optimizer });
  const where = new Set(model.variables.map((v) => v.device));
  if (where.size !== 1 || !where.has(backend().device)) throw new Error(`On ${[...where]}`);
  return model.trainableVariables.flatMap((v, i) => numbers(v.value.sum().sub(before[i]!)));
}

const folder = await Deno.makeTempDir();
const told: Record<string, Told> = {};
for (const device of ["cpu", "cuda"] as DeviceSetting[]) {
  config({ device });
  told[device] = {
    training: train(null),
    draws: draw(),
    transformed: transform(),
    kept: await keep(folder),
  };
}
config({ device: "cpu" });
told.moved = { training: train("cuda:1") };
await Deno.remove(folder, { recursive: true });
console.log(JSON.stringify({ devices: devices().map((d) => d.name), told }));
