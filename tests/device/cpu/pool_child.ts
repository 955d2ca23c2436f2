/**
 * A child of pool_test.ts: a script that has workers, and ends in the way that its argument names.
 *
 * @module
 */
import { baseInterpreter, useDevice } from "../../../src/core/mod.ts";
import { createCpu } from "../../../src/device/cpu/mod.ts";

/** Computes on three threads; says whether the result is right. */
function compute(): boolean {
  useDevice(createCpu({ threads: 3, eager: true }));
  const n = 1 << 20;
  const x = baseInterpreter().upload(new Float32Array(n).fill(2), [n], "float32");
  // with OpenBLAS, where it is found, the workers call it as well
  const products = x.reshape([64, 128, 128]).matmul(x.reshape([64, 128, 128]));
  return x.mul(x).add(1).data().every((v) => v === 5) &&
    products.data().every((v) => v === 4 * 128);
}

const scope = globalThis as unknown as {
  name?: string;
  postMessage: (message: unknown) => void;
  close: () => void;
};

if (scope.name === "fork") {
  scope.postMessage(compute());
  scope.close();
} else if (Deno.args[0] === "fork") {
  // this module again, in workers of the script's own
  const all = Array.from({ length: 3 }, () => {
    const worker = new Worker(import.meta.url, { type: "module", name: "fork" });
    return new Promise((resolve) => worker.onmessage = (e) => resolve(e.data));
  });
  const own = compute();
  console.log([own, ...await Promise.all(all)].every((right) => right === true));
} else {
  console.log(compute());
  if (Deno.args[0] === "throw") throw new Error("As asked");
  if (Deno.args[0] === "exit") Deno.exit(3);
  if (Deno.args[0] === "await") await new Promise((resolve) => setTimeout(resolve, 20));
}
