/**
 * The matrix product as machine code against plain loops in float64 and against the product in
 * WebAssembly, with everything around C watched, and its bits whatever the cuts.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import {
  createGemm,
  cutGemm,
  type GemmDtype,
  type GemmPieces,
} from "../../../../src/device/cpu/gemm.ts";
import { Pool } from "../../../../src/device/cpu/pool.ts";
import { createNativeGemm } from "../../../../src/device/cpu/x64/gemm.ts";
import { NO_AVX512 } from "../../../ffi/codes.ts";
import { cuts } from "../emitter.ts";
import { seeded } from "../kernel_cases.ts";

type Floats = Float32Array<ArrayBufferLike> | Float64Array<ArrayBufferLike>;

const ignore = NO_AVX512 !== "";
const PAGES = 1024;
const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true });
const wasm = createGemm(memory);
/** What must not be asked. */
const nothing: GemmPieces = {
  speed: () => 1,
  packing: () => [0, 0],
  scratchBytes: () => {
    throw new Error("Cannot ask the other product: there is room for code");
  },
  piece: () => {
    throw new Error("Cannot ask the other product: there is room for code");
  },
};
const native = createNativeGemm(memory, nothing);
const EPSILON = { float32: 2 ** -23, float64: 2 ** -52 };
const GUARD = -12345;
const random = seeded(11);
const below = (n: number): number => Math.floor(random() * n);

interface Case {
  readonly dtype: GemmDtype;
  readonly ta: boolean;
  readonly tb: boolean;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly batch: number;
  readonly beta: 0 | 1;
}

/** Operands in memory, C with guards around it, scratch behind. */
class Product {
  readonly c: Case;
  readonly all: Floats;
  readonly bytes: 4 | 8;
  /** Indices of numbers. */
  readonly at: readonly [number, number, number];
  readonly scratch: number;
  readonly before: Floats;

  constructor(c: Case, fill: () => number = () => 2 * random() - 1) {
    const { dtype, m, n, k, batch, beta } = c;
    this.c = c;
    this.bytes = dtype === "float32" ? 4 : 8;
    this.all = dtype === "float32"
      ? new Float32Array(memory.buffer)
      : new Float64Array(memory.buffer);
    const [a, b, size] = [batch * m * k, batch * k * n, batch * m * n];
    // operands lie at any address
    const at = [3, 3 + a + 5, 3 + a + 5 + b + 21] as const;
    this.at = at;
    this.scratch = Math.ceil((at[2] + size + 24) / 16) * 16;
    this.all.fill(GUARD, 0, this.scratch);
    for (let i = 0; i < a; i++) this.all[at[0] + i] = fill();
    for (let i = 0; i < b; i++) this.all[at[1] + i] = fill();
    for (let i = 0; i < size; i++) this.all[at[2] + i] = beta === 1 ? fill() : NaN;
    this.before = this.all.slice(0, this.scratch);
  }

  /** Arguments of a piece but its range. */
  args(rows: number, columns: number, across: number, each: number): number[] {
    const { ta, tb, m, n, k, beta } = this.c;
    const [a, b, c] = this.at.map((i) => i * this.bytes) as [number, number, number];
    const scratch = this.scratch * this.bytes;
    return [+ta, +tb, m, n, k, a, b, c, beta, scratch, rows, columns, across, each];
  }

  /** C after a product, which starts from what C was at first. */
  run(gemm: GemmPieces, pieces = 1, cut = cutGemm): Floats {
    const { dtype, m, n, k, batch } = this.c;
    this.all.set(this.before);
    const { rows, columns, across, each } = pieces === 1
      ? { rows: m, columns: n, across: 1, each: 1 }
      : cut(m, n, batch, pieces);
    const top = this.scratch + gemm.scratchBytes(rows, columns, k, dtype) / this.bytes;
    this.all.fill(GUARD, this.scratch, top + 16);
    const args = this.args(rows, columns, across, each);
    for (const [from, to] of pieces === 1 ? [[0, batch]] : cuts(random, batch * each)) {
      gemm.piece(dtype).run(...args, from!, to!);
    }
    const end = this.at[2] + batch * m * n;
    for (let i = 0; i < this.scratch; i++) {
      if (i === this.at[2]) i = end;
      if (this.all[i] !== this.before[i] && !Number.isNaN(this.before[i])) {
        throw new Error(`${this.text}: wrote at ${i}, C at ${this.at[2]}`);
      }
    }
    for (let i = 0; i < 16; i++) {
      assert(this.all[top + i] === GUARD, `${this.text}: behind scratch`);
    }
    return this.all.slice(this.at[2], end);
  }

  get text(): string {
    return JSON.stringify(this.c);
  }

  /** Refuses what is further from the true product than rounding allows. */
  check(got: Floats): void {
    const { dtype, ta, tb, m, n, k, batch, beta } = this.c;
    const [a, b, c] = this.at;
    for (let item = 0, i = 0; item < batch; item++) {
      for (let row = 0; row < m; row++) {
        for (let column = 0; column < n; column++, i++) {
          let sum = beta === 1 ? this.before[c + i]! : 0;
          let scale = Math.abs(sum);
          for (let p = 0; p < k; p++) {
            const x = this.before[a + item * m * k + (ta ? p * m + row : row * k + p)]!;
            const y = this.before[b + item * k * n + (tb ? column * k + p : p * n + column)]!;
            sum += x * y;
            scale += Math.abs(x * y);
          }
          const near = Math.abs(got[i]! - sum) <= EPSILON[dtype] * (k + 1) * scale;
          assert(near, `${this.text}: C[${item},${row},${column}] ${got[i]}, not ${sum}`);
        }
      }
    }
  }
}

function assertSameBits(got: Floats, expected: Floats, text: string): void {
  const [x, y] = [got, expected].map((v) => new Uint8Array(v.buffer, v.byteOffset, v.byteLength));
  assert(x!.length === y!.length && x!.every((byte, i) => byte === y![i]), text);
}

function someCase(size: number, depth = size): Case {
  return {
    dtype: random() < 0.5 ? "float32" : "float64",
    ta: random() < 0.5,
    tb: random() < 0.5,
    m: 1 + below(size),
    n: 1 + below(size),
    k: 1 + below(depth),
    batch: 1 + below(3),
    beta: random() < 0.5 ? 1 : 0,
  };
}

const forms = [false, true].flatMap((ta) => [false, true].map((tb) => ({ ta, tb })));

Deno.test(`products in machine code are right at every size${NO_AVX512}`, { ignore }, () => {
  for (let turn = 0; turn < 600; turn++) {
    const product = new Product(someCase(turn < 300 ? 20 : 70));
    product.check(product.run(native));
  }
  for (const dtype of ["float32", "float64"] as const) {
    for (const { ta, tb } of forms) {
      for (let m = 1; m <= 30; m++) {
        const n = [1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 129, 300][m % 13]!;
        const product = new Product({ dtype, ta, tb, m, n, k: m % 7 + 1, batch: 1, beta: 1 });
        product.check(product.run(native));
        const column = new Product({ dtype, ta, tb, m: n, n: 1, k: m, batch: 2, beta: 0 });
        column.check(column.run(native));
      }
    }
  }
});

Deno.test(`they are right across every block boundary${NO_AVX512}`, { ignore }, () => {
  for (const dtype of ["float32", "float64"] as const) {
    for (const form of forms) {
      for (
        const [m, n, k] of [[1, 1050, 771], [1050, 1, 771], [1, 70, 5000], [43, 530, 389], [
          29,
          37,
          1025,
        ], [
          90,
          70,
          259,
        ]] as const
      ) {
        const product = new Product({ dtype, ...form, m, n, k, batch: 1, beta: m % 2 as 0 | 1 });
        product.check(product.run(native));
      }
      const large = new Product({ dtype, ...form, m: 300, n: 517, k: 1025, batch: 1, beta: 1 });
      const [got, other] = [large.run(native), large.run(wasm)];
      const bound = 40 * EPSILON[dtype] * Math.sqrt(1025);
      got.forEach((x, i) => assert(Math.abs(x - other[i]!) < bound, `${large.text} at ${i}`));
    }
  }
});

Deno.test(`infinities and NaN reach only their rows and columns${NO_AVX512}`, { ignore }, () => {
  for (let turn = 0; turn < 200; turn++) {
    const special = () =>
      random() < 0.01 ? [NaN, Infinity, -Infinity, -0][below(4)]! : below(9) - 4;
    const product = new Product(someCase(40), special);
    const [got, other] = [product.run(native), product.run(wasm)];
    got.forEach((x, i) => assert(Object.is(x + 0, other[i]! + 0), `${product.text} at ${i}`));
  }
});

Deno.test(`cuts do not show in a bit of the result${NO_AVX512}`, { ignore }, () => {
  let cut = 0;
  for (let turn = 0; turn < 250; turn++) {
    const product = new Product(someCase(200, turn % 5 === 0 ? 800 : 40));
    const whole = product.run(native);
    for (const pieces of [2, 2 + below(12)]) {
      const { m, n, batch } = product.c;
      if (cutGemm(m, n, batch, pieces).each > 1) cut++;
      assertSameBits(product.run(native, pieces), whole, product.text);
    }
    const tiny = () => {
      const [rows, columns] = [1 + below(product.c.m), 1 + below(product.c.n)];
      const across = Math.ceil(product.c.n / columns);
      return { rows, columns, across, each: across * Math.ceil(product.c.m / rows) };
    };
    assertSameBits(product.run(native, 2, tiny), whole, product.text);
  }
  assert(cut > 100, `only ${cut} are cut`);
});

Deno.test(`one number does not depend on the other sizes${NO_AVX512}`, { ignore }, () => {
  const k = 1000;
  const values = Array.from({ length: k }, () => random() - 0.5);
  for (const dtype of ["float32", "float64"] as const) {
    const first = (m: number, n: number, ta: boolean, tb: boolean): number => {
      const product = new Product({ dtype, ta, tb, m, n, k, batch: 1, beta: 0 });
      for (let p = 0; p < k; p++) {
        product.before[product.at[0] + (ta ? p * m : p)] = values[p]!;
        product.before[product.at[1] + (tb ? p : p * n)] = values[k - 1 - p]!;
      }
      return product.run(native)[0]!;
    };
    const results = [[1, 200], [2, 300], [70, 1], [33, 6], [200, 200], [20, 8]].flatMap(
      ([m = 0, n = 0]) =>
        forms.filter(({ ta, tb }) => !(m === 1 && tb || n === 1 && !ta))
          .map(({ ta, tb }) => first(m, n, ta, tb)),
    );
    const dots = [[1, 1], [1, 5], [1, 8], [1, 100]].flatMap((
      [m = 0, n = 0],
    ) => [first(m, n, false, true), first(n, m, false, n === 1)]);
    assertEquals(dots, dots.map(() => dots[0]));
    assert(results[0] !== 0);
    assertEquals(results, results.map(() => results[0]));
  }
});

Deno.test(`threads do not show in a bit of the result${NO_AVX512}`, { ignore }, () => {
  const pool = new Pool(memory, { startAfter: 0 });
  pool.threads = 3;
  pool.start();
  for (const dtype of ["float32", "float64"] as const) {
    for (const { ta, tb } of forms) {
      const product = new Product({ dtype, ta, tb, m: 170, n: 260, k: 500, batch: 3, beta: 1 });
      const whole = product.run(native);
      const { rows, columns, across, each } = cutGemm(170, 260, 3, 9);
      const bytes = native.scratchBytes(rows, columns, 500, dtype);
      const args = product.args(rows, columns, across, each);
      const calls = [{ piece: native.piece(dtype), args, own: { arg: 9, bytes } }];
      for (let turn = 0; turn < 5; turn++) {
        product.all.set(product.before);
        pool.run({ calls, extent: 3 * each, cost: 1e9, grain: 1 });
        const got = product.all.slice(product.at[2], product.at[2] + whole.length);
        assertSameBits(got, whole, product.text);
      }
    }
  }
  pool.threads = 1;
});

Deno.test("where there is no room for code the other product computes", () => {
  const gemm = createNativeGemm(memory, wasm, () => null);
  assertEquals(gemm.piece("float32"), wasm.piece("float32"));
  assertEquals(gemm.speed("float64"), wasm.speed("float64"));
  const sizes = [40, 50, 60, "float64"] as const;
  assertEquals(gemm.scratchBytes(...sizes), wasm.scratchBytes(...sizes));
});
