import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { config, jit, np, profile, type Tensor } from "../../../mod.ts";
import { onStandIn } from "./stand_in.ts";

/** Takes the stand-in, which checks every access, some milliseconds. */
const MANY = 1 << 17;

onStandIn(
  "the device's clock tells how long work took, not how long it took to ask for it",
  (r) => {
    const device = r.device();
    const f = jit((x: Tensor) => x.exp());
    const x = np.ones([MANY]);
    f(x);
    const nothing = device.time!(() => {});
    const asked = performance.now();
    f(x);
    const asking = performance.now() - asked;
    const work = device.time!(() => void f(x));
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
  const { kernels, kernelTime, time, peak, device } = profile(() => void f(x, y));
  assertEquals(device, "cuda:0");
  const [long, short] = kernels as [typeof kernels[0], typeof kernels[0]];
  assertEquals([long.name, short.name], [`exp [${MANY}]`, "sin [16]"]);
  assert(long.time > 4 * short.time, `${long.time} ms, ${short.time} ms`);
  assert(kernelTime <= time, `${kernelTime} ms of ${time} ms`);
  const least = Math.max(long.flops / peak.flops, long.bytes / peak.bytes) * 1000;
  assert(Math.abs(long.share - least / long.time) < 1e-9 && long.share > 0, `${long.share}`);
});

onStandIn("what others have asked for is not of the call that is watched", (r) => {
  const device = r.device();
  const f = jit((x: Tensor) => x.exp());
  const g = jit((x: Tensor) => x.sin());
  const [x, y] = [np.ones([16 * MANY]), np.ones([16])];
  g(y);
  f(x);
  const others = device.time!(() => void f(x));
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
  const [, total] = /jit took ([\d.]+ [um]s) in 1 step/.exec(told) ?? [];
  assertMatch(told, /1x sin \[16\]/);
  const milliseconds = parseFloat(total!) / (total!.endsWith("us") ? 1000 : 1);
  assert(milliseconds < others / 2, `${told}, and what was asked before ${others} ms`);
});
