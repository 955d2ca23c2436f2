/**
 * The guide's training step, and small programs beside it, for tests of how calls are run.
 *
 * @module
 */
import { HostArray, jit, np, type Tensor, utils, valueAndGrad } from "../../../mod.ts";
import { makeDigits, makeParts, startOf, type State } from "../../whole/guide.ts";

/** A step of training and the state that it starts from. */
export interface Training {
  state: State;
  readonly step: (state: State, batch: readonly [HostArray, HostArray]) => [Tensor, State];
}

/** The guide's model, with the same weights each time. */
export function guideTraining(features = 784): Training {
  utils.setRandomSeed(3);
  const { model, optimizer, lossFn, metric, ...rest } = makeParts(features);
  const loss = (tv: Tensor[], ntv: Tensor[], mv: Tensor[], x: Tensor, y: Tensor): [
    Tensor,
    [Tensor[], Tensor[]],
  ] => {
    const [yPred, updated] = model.statelessCall(tv, ntv, x, { training: true });
    return [lossFn(y, yPred), [updated, metric.statelessUpdateState(mv, y, yPred)]];
  };
  const gradFn = valueAndGrad(loss, { hasAux: true });
  const step = jit((state: State, [x, y]: [Tensor, Tensor]): [Tensor, State] => {
    const [tv, ntv, ov, mv] = state;
    const [[loss, [newNtv, newMv]], grads] = gradFn(tv, ntv, mv, x, y);
    const [newTv, newOv] = optimizer.statelessApply(ov, grads, tv);
    return [loss, [newTv, newNtv, newOv, newMv]];
  }, { donate: [0] }) as unknown as Training["step"];
  return { state: startOf({ model, optimizer, lossFn, metric, ...rest }), step };
}

/** Batches of digits. */
export function digits(count: number, rows = 32, features = 784): [HostArray, HostArray][] {
  const [x, y] = makeDigits(count * rows, features);
  return Array.from({ length: count }, (_, i) => {
    const range: [number, number] = [i * rows, (i + 1) * rows];
    return [x.slice(...range), y.slice(...range)];
  });
}

/** Trains, and gives the losses; they are read at the end, so that steps may run behind. */
export function losses(t: Training, batches: readonly [HostArray, HostArray][]): number[] {
  const told: Tensor[] = [];
  for (const batch of batches) {
    const [loss, state] = t.step(t.state, batch);
    t.state = state;
    told.push(loss);
  }
  return told.map((l) => l.item());
}

/** A step with donated weights and a small input from the host. */
export function smallTraining(): {
  w: Tensor;
  step: (w: Tensor, x: HostArray) => [Tensor, Tensor];
} {
  const loss = (w: Tensor, x: Tensor) => x.matmul(w).square().mean();
  const step = jit((w: Tensor, x: Tensor): [Tensor, Tensor] => {
    const [l, g] = valueAndGrad(loss)(w, x);
    return [l, w.sub(g.mul(0.01))];
  }, { donate: [0] }) as unknown as (w: Tensor, x: HostArray) => [Tensor, Tensor];
  return { w: np.ones([2, 3]), step };
}

/** A small input. */
export const smallBatch = (n: number): HostArray =>
  new HostArray(Float32Array.of(n % 7, 1, 2, 3), [2, 2]);
