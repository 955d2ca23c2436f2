/** Run by mnist_test.ts in a process of its own: loads MNIST and prints what came of it. @module */
import { mnist } from "../../src/datasets/mod.ts";

try {
  const [[x, y], [xTest, yTest]] = await mnist.loadData(JSON.parse(Deno.args[0]!));
  console.log(JSON.stringify({
    shapes: [x, y, xTest, yTest].map((a) => a.shape),
    labels: [...y.values, ...yTest.values].slice(0, 10),
  }));
} catch (e) {
  console.log(JSON.stringify({ error: (e as Error).name, message: (e as Error).message }));
}
