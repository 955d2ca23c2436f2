/**
 * Run by `machines_test.ts`, whose environment says what machine this is: computes where nobody asked
 * for a GPU, then on the GPUs that the arguments name, and tells what came of it.
 *
 * @module
 */
import { backend, config, jit, np, type Tensor } from "../../../mod.ts";

const f = jit((x: Tensor) => x.matmul(x).add(1).exp().sum());

function computed(): number {
  const x = np.array([[0, 1], [0, 0]]);
  // thrice, so that it is captured as a graph and started
  return [1, 2, 3].map(() => f(x).item())[2]!;
}

const unasked = { value: computed(), device: backend().device };
const asked = Deno.args.map((device) => {
  try {
    config({ device: device as "cuda" });
    const value = computed();
    const { blas, device: name } = backend();
    return { value, blas, device: name };
  } catch (e) {
    const { name, message } = e as Error;
    // and again, as a program that goes on would
    let again = "";
    try {
      computed();
    } catch (e) {
      again = (e as Error).name;
    }
    return { error: name, message, again, device: backend().device };
  }
});
console.log(JSON.stringify({ unasked, asked }));
