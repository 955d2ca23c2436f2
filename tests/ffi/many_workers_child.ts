/**
 * Opens one library in several workers at once; each computes as soon as it may.
 *
 * @module
 */

import { Worker } from "node:worker_threads";

const source = `
  const { findBlas, addressOf } = await import("${import.meta.resolve("../../ffi/mod.ts")}");
  const { parentPort } = await import("node:worker_threads");
  const { blas } = findBlas({ mode: "openblas", path: ${Deno.args[0]} });
  const ones = new Float64Array(64 * 64).fill(1), product = new Float64Array(64 * 64);
  const a = addressOf(ones), c = addressOf(product);
  for (let i = 0; i < 200; i++) blas.dgemm(false, false, 64, 64, 64, 1, a, 64, a, 64, 0, c, 64);
  parentPort.postMessage(product.every((x) => x === 64));
`;
const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
const right = await Promise.all(
  Array.from({ length: 6 }, () =>
    new Promise<boolean>((resolve, reject) => {
      new Worker(url).once("message", resolve).once("error", reject);
    })),
);
console.log(JSON.stringify([right.every((x) => x)]));
