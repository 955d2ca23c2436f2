/**
 * A user's file under stricter settings than ours, which then hold for our sources too, and which
 * passes options on that may be undefined. It is type-checked, never run.
 *
 * @module
 */
import {
  data,
  type DType,
  grad,
  jit,
  layers,
  nn,
  np,
  optimizers,
  random,
  type Tensor,
  vmap,
} from "../../../mod.ts";

/** What somebody's function may be given. */
interface Options {
  readonly axis?: number;
  readonly dtype?: DType;
  readonly seed?: number;
  readonly name?: string;
}

/** Hands options on as they came. */
export function passOn(x: Tensor, { axis, dtype, seed, name }: Options = {}): unknown[] {
  return [
    x.sum({ axis }),
    np.mean(x, { axis, keepdims: undefined }),
    np.zeros([2], { dtype }),
    random.normal(random.key(seed ?? 0), { shape: [2], dtype }),
    nn.softmax(x, { axis }),
    new layers.Dense(2, { name, dtype, activation: undefined }),
    new optimizers.Adam({ learningRate: undefined, name }),
    data.Dataset.range(3).shuffle(2, { seed }).batch(2, { dropRemainder: undefined }),
    jit((y) => y, { donate: undefined }),
    grad((y) => y.sum(), { argnums: undefined }),
    vmap((y) => y, { inAxes: undefined }),
  ];
}
