/**
 * Products of matrices: right in every form, and wrong operands found.
 * @module
 */
import { assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { addressOf } from "../../../ffi/memory.ts";
import { tests } from "./harness.ts";

const test = await tests();

for (const double of [false, true]) {
  test(`products in ${double ? "float64" : "float32"}, stored as they are or transposed`, ({ machine }) => {
    const Values = double ? Float64Array : Float32Array, size = double ? 8 : 4;
    const table = (rows: number, columns: number, value: (i: number, j: number) => number) =>
      new Values(rows * columns).map((_: number, i: number) =>
        value(Math.floor(i / columns), i % columns)
      );
    const a = (i: number, q: number) => Math.sin(i * 3 + q),
      b = (q: number, j: number) => Math.cos(q - j);
    for (const [m, n, k] of [[37, 29, 300], [1, 1, 1], [16, 6, 256], [3, 100, 2]] as const) {
      const wanted = table(m, n, (i, j) => {
        let sum = 0;
        for (let q = 0; q < k; q++) sum += a(i, q) * b(q, j);
        return sum;
      });
      for (const transA of [false, true]) {
        for (const transB of [false, true]) {
          const A = machine.upload(transA ? table(k, m, (q, i) => a(i, q)) : table(m, k, a));
          const B = machine.upload(transB ? table(n, k, (j, q) => b(q, j)) : table(k, n, b));
          const C = machine.allocate(m * n * size);
          machine.multiply([m, n, k], A, B, C, { transA, transB, double });
          const got = machine.download(C, new Values(m * n));
          got.forEach((value, i) => assertAlmostEquals(value, wanted[i]!, double ? 1e-11 : 5e-4));
          machine.free(A, B, C);
        }
      }
    }
  });
}

test("k of 0 zeroes, beta adds, alpha scales, a stride of 0 repeats an operand", ({ machine }) => {
  const { blas, handle } = machine, scalars = new Float32Array([2, 0.5, 0, 1]);
  const at = (i: number) => addressOf(scalars) + BigInt(4 * i);
  const A = machine.upload(new Float32Array([1, 2, 3, 4])),
    C = machine.upload(new Float32Array(8).fill(10));
  const B = machine.upload(new Float32Array([1, 0, 0, 1, 2, 0, 0, 2]));
  machine.multiply([2, 2, 0], A, A, C);
  assertEquals([...machine.floats(C, 5)], [0, 0, 0, 0, 10]);
  assertEquals(blas.cublasSgemm_v2(handle, 0, 0, 2, 2, 2, at(0), B, 2, A, 2, at(1), C + 16n, 2), 0);
  assertEquals([...machine.floats(C, 8)], [0, 0, 0, 0, 7, 9, 11, 13]);
  assertEquals(
    // deno-fmt-ignore
    blas.cublasSgemmStridedBatched(handle, 0, 0, 2, 2, 2, at(3), B, 2, 4n, A, 2, 0n, at(2), C, 2, 4n, 2),
    0,
  );
  assertEquals([...machine.floats(C, 8)], [1, 2, 3, 4, 2, 4, 6, 8]);
  // deno-fmt-ignore
  assertEquals(blas.cublasGemmEx(handle, 0, 0, 2, 2, 2, at(3), B, 0, 2, A, 0, 2, at(3), C, 0, 2, 68, -1), 0);
  assertEquals([...machine.floats(C, 4)], [2, 4, 6, 8]);
  machine.free(A, B, C);
});

test("scalars in host memory are read at the call, those on the device when it runs", ({ machine }) => {
  const { blas, driver, handle, stream } = machine, scalars = new Float32Array([3, 0]);
  const one = machine.upload(new Float32Array([1])), C = machine.allocate(4);
  const at = addressOf(scalars);
  assertEquals(blas.cublasSgemm_v2(handle, 0, 0, 1, 1, 1, at, one, 1, one, 1, at + 4n, C, 1), 0);
  scalars[0] = 5;
  assertEquals(machine.floats(C, 1)[0], 3);
  const there = machine.upload(new Float32Array([3, 0]));
  assertEquals(blas.cublasSetPointerMode_v2(handle, 1), 0);
  assertEquals(driver.cuMemsetD32Async(there, 0x40e00000, 1n, stream), 0);
  assertEquals(
    blas.cublasSgemm_v2(handle, 0, 0, 1, 1, 1, there, one, 1, one, 1, there + 4n, C, 1),
    0,
  );
  assertEquals(machine.floats(C, 1)[0], 7);
  assertEquals(blas.cublasSetPointerMode_v2(handle, 0), 0);
  machine.free(one, C, there);
});

test("wrong arguments are refused, wrong operands found when the product runs", ({ machine, standIn, caught, refused }) => {
  const { blas, handle } = machine,
    x = machine.upload(new Float32Array(16)),
    fresh = machine.allocate(64);
  const scalar = addressOf(new Float32Array([1, 0]));
  assertEquals(
    blas.cublasSgemm_v2(handle, 0, 0, 4, 4, 4, scalar, x, 2, x, 4, scalar + 4n, fresh, 4),
    7,
  );
  assertMatch(standIn.report(), /bad argument: .* lda 2/);
  assertEquals(blas.cublasSgemm_v2(handle, 0, 0, 4, 4, 4, 0n, x, 4, x, 4, 0n, fresh, 4), 7);
  standIn.report();
  refused(7, () => machine.multiply([-1, 4, 4], x, x, fresh));
  caught(700, /cublasSgemm_v2 operand A: byte 64 of 80 is outside every live block/, () => {
    machine.multiply([4, 5, 4], x, x, fresh);
  });
  caught(719, /cublasSgemm_v2 operand B: byte 0 of 64 was never written/, () => {
    machine.multiply([4, 4, 4], fresh, x, x);
  });
  machine.free(x, fresh);
});

test("a product in TF32 rounds its operands and is reported", ({ machine, standIn }) => {
  const { blas, handle } = machine, C = machine.allocate(4), mode = new Int32Array(1);
  const x = machine.upload(new Float32Array([1 + 2 ** -12])),
    one = machine.upload(new Float32Array([1]));
  machine.multiply([1, 1, 1], x, one, C);
  assertEquals(machine.floats(C, 1)[0], 1 + 2 ** -12);
  assertEquals(blas.cublasSetMathMode(handle, 3), 0);
  machine.multiply([1, 1, 1], x, one, C);
  assertEquals(machine.floats(C, 1)[0], 1);
  assertEquals(standIn.report(), "cublasSgemm_v2: TF32");
  assertEquals(blas.cublasGetMathMode(handle, mode), 0);
  assertEquals(mode[0], 3);
  assertEquals(blas.cublasSetMathMode(handle, 0), 0);
  machine.free(x, one, C);
});

test("a captured product wants a workspace, which setting the stream forgets", ({ machine, standIn }) => {
  const { blas, handle, stream } = machine, x = machine.upload(new Float32Array(16));
  const y = machine.allocate(64), workspace = machine.allocate(1 << 20);
  machine.capture(() => machine.multiply([4, 4, 4], x, x, y)).destroy();
  assertMatch(standIn.report(), /captured without a workspace/);
  assertEquals(blas.cublasSetWorkspace_v2(handle, workspace + 4n, 1n << 10n), 7);
  assertEquals(blas.cublasSetWorkspace_v2(handle, workspace, 1n << 20n), 0);
  machine.capture(() => machine.multiply([4, 4, 4], x, x, y)).destroy();
  assertEquals(standIn.report(), "");
  assertEquals(blas.cublasSetStream_v2(handle, stream), 0);
  machine.capture(() => machine.multiply([4, 4, 4], x, x, y)).destroy();
  assertMatch(standIn.report(), /captured without a workspace/);
  machine.free(x, y, workspace);
});

test("a handle whose stream is gone, and one that is gone itself", ({ machine, standIn }) => {
  const { blas, driver, out } = machine, x = machine.upload(new Float32Array(16));
  const handle = machine.make("cublasCreate", blas.cublasCreate_v2(out)),
    stream = machine.newStream();
  const scalar = addressOf(new Float32Array([1, 0]));
  const product = () =>
    blas.cublasSgemm_v2(handle, 0, 0, 2, 2, 2, scalar, x, 2, x, 2, scalar + 4n, x + 32n, 2);
  assertEquals(blas.cublasSetStream_v2(handle, stream), 0);
  assertEquals(product(), 0);
  assertEquals(driver.cuStreamDestroy_v2(stream), 0);
  assertEquals(product(), 13);
  assertMatch(standIn.report(), /the handle's stream was destroyed/);
  assertEquals(blas.cublasDestroy_v2(handle), 0);
  assertEquals(product(), 1);
  machine.free(x);
});
