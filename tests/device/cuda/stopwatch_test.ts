import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { config, jit, np, profile, type Tensor } from "../../../mod.ts";
import { onStandIn } from "./stand_in.ts";

/** Takes the stand-in, which checks every access, some milliseconds. */
const MANY = 1 << 17;

/** The least of several: what else the machine does only adds to a time. */
const leastOf = (once: () => number): number =>
  Math.min(...Array.from({ length: 5 }, () => once()));

onStandIn(
  "the device's clock tells how long work took, not how long it took to ask for it",
  (r) => {
    const device = r.device();
    const f = jit((x: Tensor) => x.exp());
    const x = np.ones([MANY]);
    f(x);
    const nothing = leastOf(() => device.time!(() => {}));
    const work = leastOf(() => device.time!(() => void f(x)));
    const asking = leastOf(() => {
      const asked = performance.now();
      f(x);
      return performance.now() - asked;
    });
    assert(nothing >= 0 && work > 4 * nothing, `${work} ms, ${nothing} ms for nothing`);
    assert(work > asking, `${work} ms, ${asking} ms to ask`);
  },
);

onStandIn("what is timed may time something itself, or throw", (r) => {
  const device = r.device();
  const f = jit((x: Tensor) => x.exp());
  const x = np.ones([MANY]);
  let inner = 0;
  const outer = device.time!(() => {
    inner = device.time!(() => void f(x));
    f(x);
  });
  assert(outer > inner && inner > 0, `${outer} ms around ${inner} ms`);
  const fail = (): never => {
    throw new Error("Seen enough");
  };
  const before = r.standIn.counts().events;
  for (let i = 0; i < 5; i++) assertThrows(() => device.time!(fail), Error, "Seen enough");
  assert(device.time!(() => void f(x)) > 0);
  assertEquals(r.standIn.counts().events, before);
});

onStandIn("when events cannot be made, nothing is left behind", (r) => {
  const device = r.device();
  const before = r.standIn.counts().events;
  r.standIn.fail("cuEventCreate:2=2");
  assertThrows(() => device.time!(() => {}), Error, "Cannot");
  assertEquals(r.standIn.counts().events, before);
  assert(device.time!(() => {}) >= 0);
});

onStandIn("a profile has the time of each kernel, though all of them are queued at once", (r) => {
  r.device();
  const f = jit((x: Tensor, y: Tensor) => [x.exp(), y.sin()]);
  const [x, y] = [np.ones([MANY]), np.ones([16])];
  f(x, y);
  const longs: number[] = [];
  const shorts: number[] = [];
  for (let i = 0; i < 5; i++) {
    const { kernels, kernelTime, time, peak, device } = profile(() => void f(x, y));
    assertEquals(device, "cuda:0");
    const [long, short] = kernels as [typeof kernels[0], typeof kernels[0]];
    assertEquals([long.name, short.name], [`exp [${MANY}]`, "sin [16]"]);
    assert(kernelTime <= time, `${kernelTime} ms of ${time} ms`);
    const least = Math.max(long.flops / peak.flops, long.bytes / peak.bytes) * 1000;
    assert(Math.abs(long.share - least / long.time) < 1e-9 && long.share > 0, `${long.share}`);
    longs.push(long.time);
    shorts.push(short.time);
  }
  assert(Math.min(...longs) > 4 * Math.min(...shorts), `${longs} ms, ${shorts} ms`);
});

onStandIn("what others have asked for is not of the call that is watched", (r) => {
  const device = r.device();
  const f = jit((x: Tensor) => x.exp());
  const g = jit((x: Tensor) => x.sin());
  const [x, y] = [np.ones([16 * MANY]), np.ones([16])];
  g(y);
  f(x);
  const others = leastOf(() => device.time!(() => void f(x)));
  const own = leastOf(() => {
    let told = "";
    const print = console.error;
    console.error = (line: string) => told += `${line}\n`;
    f(x);
    try {
      config({ debug: 2 });
      g(y);
    } finally {
      config({ debug: 0 });
      console.error = print;
    }
    assertMatch(told, /1x sin \[16\]/);
    const [, total] = /jit took ([\d.]+ [um]s) in 1 step/.exec(told) ?? [];
    return parseFloat(total!) / (total!.endsWith("us") ? 1000 : 1);
  });
  assert(own < others / 2, `${own} ms, and what was asked before ${others} ms`);
});
