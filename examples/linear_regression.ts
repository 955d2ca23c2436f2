/**
 * The smallest program that learns: fit a line by gradient descent.
 */
import { jit, np, type Tensor, valueAndGrad } from "../mod.ts";

// Points on y = 3 x - 1.
const x = np.linspace(-1, 1, 100);
const y = x.mul(3).sub(1);

/** Mean squared error of the line w x + b. */
const loss = ([w, b]: [Tensor, Tensor]) => np.mean(np.square(x.mul(w).add(b).sub(y)));

// One step of gradient descent, recorded and compiled at its first call.
const step = jit((params: [Tensor, Tensor], rate: Tensor) => {
  const [value, [gw, gb]] = valueAndGrad(loss)(params);
  const next: [Tensor, Tensor] = [params[0].sub(gw.mul(rate)), params[1].sub(gb.mul(rate))];
  return { value, params: next };
});

let params: [Tensor, Tensor] = [np.array(0), np.array(0)];
for (let i = 0; i <= 100; i++) {
  const result = step(params, 0.3);
  params = result.params;
  if (i % 20 === 0) console.log(`step ${i}: loss ${result.value.item().toExponential(3)}`);
}
console.log(`w = ${params[0].item().toFixed(4)}, b = ${params[1].item().toFixed(4)}`);
