/**
 * Results of glissade's own kernels and of products do not depend on the number of threads.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type Config, config } from "../../../src/base/flags.ts";
import { currentDevice, useDevice } from "../../../src/core/mod.ts";
import { createCpu } from "../../../src/device/cpu/mod.ts";
import type { Device } from "../../../src/device/device.ts";
import { findBlas } from "../../../ffi/mod.ts";
import { programOf, randomBody, runPlan } from "../../compile/random_programs.ts";
import type { GoldenArray } from "../../goldens/read.ts";
import { difference, type Read } from "../../ir/op_samples.ts";
import { fill, seeded } from "./kernel_cases.ts";

/** Devices of one thread, and of more that share whatever they can. */
function devices(): Device[] {
  return [1, 2, 4].map((threads) =>
    createCpu({ threads, eager: threads > 1, worth: threads === 4 ? 0 : 20_000 })
  );
}

/** Runs `check` with those products; the device and settings of before are back afterwards. */
function withDevices(products: Config["blas"], check: (all: Device[]) => void): void {
  const before = currentDevice();
  const { blas } = config();
  config({ blas: products });
  try {
    check(devices());
  } finally {
    useDevice(before);
    config({ blas });
  }
}

const SHAPES = [[300, 257], [64, 33, 17], [50_001], [3, 20_000], [20_000, 3], [128, 128]];

for (const flavour of ["exact", "smooth"] as const) {
  Deno.test(`random ${flavour} programs of large arrays give the same bits on every number of threads`, () => {
    withDevices("builtin", (all) => {
      for (let seed = 0; seed < 18; seed++) {
        const random = seeded(seed);
        const shape = SHAPES[seed % SHAPES.length]!;
        const size = shape.reduce((n, m) => n * m, 1);
        const inputs = ["float32", seed % 3 === 0 ? "float64" : "float32", "int32"].map(
          (dtype): GoldenArray => ({
            dtype: dtype as "float32",
            shape,
            data: fill(random, dtype as "float32", size, flavour === "smooth"),
          }),
        ).slice(0, flavour === "smooth" ? 2 : 3);
        const program = programOf(randomBody(seed, flavour, 8, 200_000), inputs);
        let want: Read[] | undefined;
        for (const device of all) {
          useDevice(device);
          const got = runPlan(program, inputs);
          want ??= got;
          assertEquals(difference(got, want, {}, true), null, `seed ${seed} on ${shape}`);
        }
      }
    });
  });
}

const { blas: found } = findBlas({ mode: "auto" });

for (const products of ["builtin", "openblas", "auto"] as const) {
  const ignore = products === "openblas" && found === null;
  const why = ignore ? " (not here: there is no OpenBLAS)" : "";
  const name = `${products} products, and sorts, give the same bits on every number of threads`;
  Deno.test(name + why, { ignore }, () => {
    withDevices(products, (all) => {
      const random = seeded(1);
      const wanted = new Map<string, string>();
      for (
        const [m, n, k, batch, transposed] of [
          [200, 300, 70, 1, "b"],
          [33, 70, 128, 9, "b"],
          [1, 5000, 64, 1, "b"],
          [301, 257, 333, 1, "b"],
          [40, 1000, 700, 3, "b"],
          // blocks, with the depth whole and cut
          [130, 192, 200, 2, ""],
          [288, 64, 1500, 1, "a"],
          [600, 528, 260, 1, ""],
          // large, for OpenBLAS alone
          [1000, 1000, 300, 1, "a"],
        ] as const
      ) {
        const sizes = [batch! * m! * k!, batch! * k! * n!, batch! * m! * n!];
        const data = sizes.map((size) => fill(random, "float32", size, true));
        for (const device of all) {
          device.reconfigure();
          const storages = data.map((d) => device.heap.fromBytes(d));
          const slots = Float64Array.from(storages, (s) => device.heap.pin(s));
          const [ta, tb] = [transposed === "a", transposed === "b"];
          const call = { dtype: "float32", ta, tb, m, n, k, batch, beta: 1 } as {
            dtype: "float32";
            ta: boolean;
            tb: boolean;
            m: number;
            n: number;
            k: number;
            batch: number;
            beta: 1;
          };
          const sort = { dtype: "float32", outer: batch! * m!, size: n!, inner: 1 } as const;
          device.link({ kind: "call", call: { name: "gemm", ...call }, args: [0, 1, 2] }, slots)();
          const outs = [sizes[2]! * 4, sizes[2]! * 4].map((bytes) => device.heap.reserve(bytes));
          const places = Float64Array.from([slots[2]!, ...outs.map((s) => device.heap.pin(s))]);
          device.link({ kind: "call", call: { name: "sort", ...sort }, args: [0, 1, 2] }, places)();
          [storages[2]!, ...outs].forEach((s, i) => {
            const key = `${m} ${n} ${k} ${batch} ${i}`;
            const text = device.heap.read(s).join();
            assert(wanted.get(key) === undefined || wanted.get(key) === text, key);
            wanted.set(key, text);
          });
        }
      }
      assertEquals(wanted.size, 27);
    });
  });
}
