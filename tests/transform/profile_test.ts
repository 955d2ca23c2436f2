import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { grad, jit, profile } from "../../src/transform/mod.ts";

const f = jit(function step(x: Tensor) {
  return x.matmul(x).exp().sum();
});
const x = np.zeros([32, 32]);
f(x);

Deno.test("a profile counts every run of every kernel, and their work", () => {
  const { calls, kernels, time, kernelTime } = profile(() => {
    for (let i = 0; i < 5; i++) f(x);
    x.sum();
  });
  assertEquals(calls, 6);
  const sorted = kernels.toSorted((a, b) => a.name < b.name ? -1 : 1);
  assertEquals(sorted.map(({ name, runs, flops, bytes }) => [name, runs, flops, bytes]), [
    ["exp+sum [] over [1024]", 5, 5 * 2048, 5 * 4 * 1025],
    ["gemm float32 NN 32x32x32", 5, 5 * 2 * 32 ** 3, 5 * 4 * 3 * 1024],
    ["sum [] over [1024]", 1, 1024, 4 * 1025],
  ]);
  assert(kernelTime > 0 && kernelTime <= time);
  assertEquals(kernels.map((k) => k.time), kernels.map((k) => k.time).sort((a, b) => b - a));
});

Deno.test("shares are of a peak that was measured: a large product comes near it", () => {
  const big = np.ones([512, 512]);
  big.matmul(big);
  const { peak, kernels } = profile(() => big.matmul(big));
  assert(peak.flops > 1e8 && peak.flops < 1e14, `${peak.flops} FLOP/s`);
  assert(peak.bytes > 1e8 && peak.bytes < 1e13, `${peak.bytes} B/s`);
  const { share, flops, time } = kernels[0]!;
  const rate = flops / time * 1000;
  assert(Math.abs(share - rate / peak.flops) < 1e-9 * share, `${share}`);
  assert(share > 0.02 && share < 20, `${share}`);
});

Deno.test("a profile prints as a table, a line for each kernel", () => {
  const p = profile(() => f(x));
  const [total, peak, head, ...rows] = Deno.inspect(p).split("\n");
  assertMatch(total!, /^[\d.]+ [um]?s in 1 calls, [\d.]+ [um]?s of it in kernels$/);
  assertMatch(
    peak!,
    /^peak of [a-z:0-9]+: [\d.]+ [MGT]FLOP\/s \(float32 matrix product\), [\d.]+ [MGT]B\/s/,
  );
  assertMatch(head!, /^of all {2}runs +time +each +arithmetic +memory +of peak {2}kernel$/);
  assertEquals(rows.length, 2);
  for (const row of rows) {
    assertMatch(
      row,
      /^ *\d+% +1 +[\d.]+ [um]s +[\d.]+ [um]s +[\d.]+ .?FLOP\/s +[\d.]+ .?B\/s +\d+% {2}\w/,
    );
  }
  const column = head!.indexOf("kernel");
  assert(rows.every((row) => row[column - 1] === " " && row[column] !== " "));
});

Deno.test("a profile of nothing is empty and prints", () => {
  const p = profile(() => {});
  assertEquals([p.calls, p.kernelTime, p.kernels], [0, 0, []]);
  assertEquals(String(p).split("\n").length, 3);
});

Deno.test("a promise is waited for", async () => {
  const p = await profile(async () => {
    f(x);
    await new Promise((done) => setTimeout(done, 5));
    f(x);
  });
  assertEquals(p.calls, 2);
  assert(p.time > p.kernelTime);
});

Deno.test("a trace for chrome://tracing has an event for each call and each step of it", () => {
  const path = Deno.makeTempFileSync({ suffix: ".json" });
  try {
    profile(() => (f(x), f(x)), { path });
    const { traceEvents } = JSON.parse(Deno.readTextFileSync(path)) as {
      traceEvents: Record<string, string | number>[];
    };
    assertEquals(traceEvents.map(({ name, cat }) => `${cat} ${name}`), [
      "kernel gemm float32 NN 32x32x32",
      "kernel exp+sum [] over [1024]",
      "call jit(step)",
      "kernel gemm float32 NN 32x32x32",
      "kernel exp+sum [] over [1024]",
      "call jit(step)",
    ]);
    const [gemm, , call] = traceEvents as Record<string, number>[];
    assert(call!.ts! <= gemm!.ts! && gemm!.ts! + gemm!.dur! <= call!.ts! + call!.dur!);
    assert(traceEvents.every(({ ph, pid, tid }) => ph === "X" && pid === 1 && tid === 1));
  } finally {
    Deno.removeSync(path);
  }
});

Deno.test("wrong uses are errors, and a failed function ends its profile", async () => {
  assertThrows(() => profile(1 as never), TypeError, "Cannot profile 1: give a function");
  assertThrows(() => profile(() => 1, { file: "a" } as never), TypeError, "the options are path");
  assertThrows(() => profile(() => 1, { path: 3 } as never), TypeError, "path 3: wanted a text");
  assertThrows(() => profile(() => profile(() => 1)), TypeError, "inside another profile");
  const inside = jit((x: Tensor) => {
    profile(() => x.add(1));
    return x;
  });
  assertThrows(() => inside(1), TypeError, "call profile outside of jit");
  let calls = 0;
  grad((x: Tensor) => {
    calls = profile(() => x.exp()).calls;
    return x;
  })(1);
  assertEquals(calls, 1);
  const fail = () => {
    throw new Error("failed");
  };
  assertThrows(() => profile(fail), Error, "failed");
  await assertRejects(() => profile(() => Promise.resolve().then(fail)), Error, "failed");
  assertEquals(profile(() => f(x)).calls, 1);
});

Deno.test("a trace for a folder that is not there asks for the folder", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const path of [`${folder}/none/a.json`, new URL(`file://${folder}/none/a.json`)]) {
      const e = assertThrows(() => profile(() => np.ones([2]), { path }), Deno.errors.NotFound);
      assertMatch(e.message, /^Cannot write .*a\.json: .*: make the folder .*none first$/);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
