/**
 * Which products are machine code of our own although OpenBLAS is there, and that nothing but the
 * shape decides it.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { config } from "../../../src/base/flags.ts";
import { createCpu } from "../../../src/device/cpu/mod.ts";
import { isOursFaster, type Product } from "../../../src/device/cpu/product_choice.ts";
import type { Device } from "../../../src/device/device.ts";
import { NO_AVX512 } from "../../ffi/codes.ts";
import { fill, seeded } from "./kernel_cases.ts";

const product = (m: number, n: number, k: number, flags = "NN", batch = 1): Product => ({
  m,
  n,
  k,
  batch,
  ta: flags[0] === "T",
  tb: flags[1] === "T",
});

/** A number of all bytes that a device makes of a product of the same numbers. */
function result(device: Device, p: Product): number {
  const random = seeded(5);
  const { m, n, k, batch } = p;
  const sizes = [batch * m * k, batch * k * n, batch * m * n];
  const slots = Float64Array.from(
    sizes,
    (size) => device.heap.pin(device.heap.fromBytes(fill(random, "float32", size, true))),
  );
  const out = device.heap.reserve(sizes[2]! * 4);
  slots[2] = device.heap.pin(out);
  const call = { name: "gemm", dtype: "float32", beta: 0, ...p } as const;
  device.link({ kind: "call", call, args: [0, 1, 2] }, slots)();
  return device.heap.read(out).reduce((sum, byte) => (sum * 31 + byte) | 0, 0);
}

/** Runs `body` for a device with each of the settings of `blas`; settings are then as before. */
function withSettings<T>(
  settings: readonly ("auto" | "openblas" | "builtin")[],
  body: (device: Device) => T,
  native = true,
): T[] {
  const before = config();
  try {
    return settings.map((setting) => {
      config({ blas: setting, native });
      return body(createCpu({ threads: 1 }));
    });
  } finally {
    config({ blas: before.blas, native: before.native });
  }
}

const [found] = withSettings(["auto"], (device) => device.describe().blas);
const why = NO_AVX512 !== ""
  ? NO_AVX512
  : found === "OpenBLAS"
  ? ""
  : " (not here: there is no OpenBLAS)";

Deno.test("a transposed right operand is ours, a transposed left one and small products are not", () => {
  assert(isOursFaster(product(64, 64, 64, "NT")));
  assert(isOursFaster(product(64, 64, 64, "TT")));
  assert(isOursFaster(product(512, 512, 512)));
  assert(isOursFaster(product(256, 10, 1024)));
  assert(!isOursFaster(product(512, 512, 512, "TN")));
  assert(!isOursFaster(product(160, 160, 160)));
  assert(!isOursFaster(product(16, 1024, 1024)));
  assert(!isOursFaster(product(2048, 2048, 2048, "NT")));
});

Deno.test("the guide's products are the library's: its start makes no code", () => {
  for (const [m, n, k] of [[32, 64, 784], [32, 64, 64], [32, 10, 64]] as const) {
    assert(!isOursFaster(product(m, n, k)));
    assert(!isOursFaster(product(k, n, m, "TN")));
    // the images have no gradient
    assert(k === 784 || !isOursFaster(product(m, k, n, "NT")));
  }
});

Deno.test("a batch is worth code as one large product is", () => {
  assert(!isOursFaster(product(16, 16, 32, "NT")));
  assert(isOursFaster(product(16, 16, 32, "NT", 64)));
});

Deno.test(`ours computes what it is faster at, and the library the rest${why}`, {
  ignore: why !== "",
}, () => {
  for (
    const p of [product(70, 90, 1000, "NT"), product(90, 300, 1000), product(90, 300, 1000, "TN")]
  ) {
    const [auto, openblas, builtin] = withSettings(
      ["auto", "openblas", "builtin"],
      (device) => result(device, p),
    );
    assertNotEquals(openblas, builtin, JSON.stringify(p));
    assertEquals(auto, isOursFaster(p) ? builtin : openblas, JSON.stringify(p));
  }
});

Deno.test(
  `without machine code all products are the library's${why}`,
  { ignore: why !== "" },
  () => {
    const p = product(70, 90, 300, "NT");
    const run = (device: Device): number => result(device, p);
    const [auto, openblas] = withSettings(["auto", "openblas"], run, false);
    assertEquals(auto, openblas);
  },
);

Deno.test(`backend tells that products are shared${why}`, { ignore: why !== "" }, () => {
  const [auto, openblas] = withSettings(
    ["auto", "openblas"],
    (device) => device.describe().reason!,
  );
  assertStringIncludes(auto!, "products that machine code (AVX-512) is faster at are machine code");
  assert(!openblas!.includes("machine code"));
});
