/**
 * Several devices side by side, as users see them: reference devices stand for two GPUs.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  backend,
  config,
  data,
  devices,
  type DeviceSetting,
  evalShape,
  grad,
  HostArray,
  jit,
  layers,
  makeProgram,
  metrics,
  models,
  NativeLibraryError,
  nn,
  np,
  optimizers,
  profile,
  random,
  scan,
  type Tensor,
  tree,
  valueAndGrad,
  Variable,
  vmap,
} from "../../mod.ts";
import { type DeviceFamily, installFamily } from "../../src/core/mod.ts";
import { createReference } from "../../src/device/reference/mod.ts";

const GPUS: DeviceFamily = {
  list: () =>
    [0, 1].map((i) => ({ name: `cuda:${i}`, kind: "stand-in", memory: 1 << 30, reason: null })),
  make(index) {
    if (index > 1) throw new NativeLibraryError(`Cannot use "cuda:${index}": there are 2 GPUs`);
    return createReference(`cuda:${index}`);
  },
};

/** Runs a test on a machine with two such GPUs, with a device in force. */
function withGpus(f: () => void, device: DeviceSetting = "cpu"): void {
  const undo = installFamily("cuda", GPUS);
  const before = config().device;
  try {
    config({ device });
    f();
  } finally {
    config({ device: before });
    undo();
  }
}

const large = (value = 1): Tensor => np.full([200, 200], value); // too large to go anywhere unasked
const onGpu = (x: Tensor): Tensor => x.to("cuda:0");

Deno.test("devices are listed, and config puts one in force", () => {
  withGpus(() => {
    assertEquals(devices().map((d) => d.name), ["cpu", "cuda:0", "cuda:1"]);
    assertEquals([backend().device, np.ones([2]).device], ["cpu", "cpu"]);
    config({ device: "cuda" });
    assertEquals([backend().device, np.ones([2]).device], ["cuda:0", "cuda:0"]);
    config({ device: "cuda:1" });
    assertEquals(np.array([1, 2]).add(1).device, "cuda:1");
    config({ device: "auto" });
    assertEquals(np.ones([2]).device, "cpu");
  });
});

Deno.test("a device that is not there is an error that says why, and changes nothing", () => {
  withGpus(() => {
    assertThrows(() => config({ device: "cuda:7" }), NativeLibraryError, "there are 2 GPUs");
    assertEquals([config().device, backend().device], ["cpu", "cpu"]);
    const x = np.ones([2]);
    assertThrows(() => x.to("cuda:7"), NativeLibraryError, "there are 2 GPUs");
    assertThrows(() => jit((x) => x, { device: "cuda:7" })(x), NativeLibraryError);
    assertThrows(() => x.to("gpu"), RangeError, 'Cannot use the device "gpu"');
    assertThrows(() => x.to(0 as never), RangeError, "devices() lists");
    assertThrows(() => jit((x) => x, { device: "gpu" }), RangeError, '"gpu"');
    assertThrows(() => jit((x) => x, { precision: "half" as never }), RangeError, '"tf32"');
  });
});

Deno.test("to copies to another device, and gives the tensor itself on its own", () => {
  withGpus(() => {
    const x = np.array([[1, 2], [3, 4]], { dtype: "int32" });
    const y = x.to("cuda:1");
    assertEquals([x.device, y.device, y.dtype, y.toArray()], [
      "cpu",
      "cuda:1",
      "int32",
      [[1, 2], [3, 4]],
    ]);
    assertStrictEquals(y.to("cuda:1"), y);
    assertStrictEquals(x.to("cpu"), x);
    assertStrictEquals(x.to("auto"), x);
    assertEquals(y.to("cuda").device, "cuda:0");
    assertEquals(y.to("cpu").toArray(), x.toArray());
    const state = { w: x, rest: [np.zeros([0]), null] };
    const moved = tree.map((t: Tensor) => t.to("cuda:0"), state) as typeof state;
    assertEquals([moved.w.device, moved.rest[0]!.shape], ["cuda:0", [0]]);
  });
});

Deno.test("operations run where their tensors lie; numbers and host values go there", () => {
  withGpus(() => {
    const x = onGpu(np.array([1, 2, 3]));
    const results = [
      x.add(1),
      x.mul([2, 3, 4]),
      x.sub(new Float32Array([1, 1, 1])),
      np.add(new HostArray(new Float32Array(3)), x),
      np.where(x.gt(1), x, 0),
      np.concatenate([x, np.arange(3).astype("float32")]),
      np.matmul(np.eye(3), x),
      nn.oneHot(x.astype("int32"), 4),
      x.zeros([300, 300]),
      x.slice([0, 2]).set(0, 9),
      np.pad(x, 1),
      x.cbrt(),
      np.percentile(x, 50),
      vmap((v) => v.mul(2).sum())(x),
      grad((v) => v.square().sum())(x),
      scan((c, v) => [c.add(v), c], np.array(0), x)[0] as Tensor,
    ];
    assertEquals(results.map((t) => t.device), results.map(() => "cuda:0"));
    assertEquals(results[5]!.toArray(), [1, 2, 3, 0, 1, 2]);
    assertEquals(results.at(-1)!.item(), 6);
    assertEquals(np.arange(3).device, "cpu");
  });
});

Deno.test("a big host array is an operand anywhere", () => {
  withGpus(() => {
    const host = new HostArray(new Float32Array(40000).fill(2), [200, 200]);
    assertEquals(onGpu(large()).add(host).at(3, 4).item(), 3);
  });
});

Deno.test("two devices in one operation are an error that says how to move", () => {
  withGpus(() => {
    const [a, b, c] = [large().to("cpu"), onGpu(large()), large().to("cuda:1")];
    const small = np.ones([2]).to("cpu");
    const wrong: [() => unknown, string, string][] = [
      [() => a.add(b), "cpu", "cuda:0"],
      [() => b.matmul(c), "cuda:0", "cuda:1"],
      [() => b.slice([0, 2], 0).add(small), "cuda:0", "cpu"],
      [() => np.concatenate([a, b, c]), "cpu", "cuda:0"],
      [() => jit((x: Tensor, y: Tensor) => x.add(y))(b, c), "cuda:0", "cuda:1"],
      [() => jit((x: Tensor) => x.add(c))(b), "cuda:0", "cuda:1"],
      [() => jit((x: Tensor) => x.add(1), { device: "cuda:1" })(b), "cuda:0", "cuda:1"],
      [() => grad((x: Tensor) => x.mul(c).sum())(b), "cuda:0", "cuda:1"],
      [() => scan((s: Tensor) => [s.add(c), s], b, null, { length: 2 }), "cuda:0", "cuda:1"],
      [() => new Variable(b).assign(c), "cuda:0", "cuda:1"],
    ];
    for (const [f, one, other] of wrong) {
      const e = assertThrows(f, TypeError, "x.to(") as Error;
      assert(e.message.includes(`"${one}"`) && e.message.includes(`"${other}"`), e.message);
    }
    assertEquals([a.at(0, 0).item(), b.at(0, 0).item(), c.at(0, 0).item()], [1, 1, 1]);
  });
});

Deno.test("jit runs on the device it names, or where its arguments lie", () => {
  withGpus(() => {
    const host = new HostArray(new Float32Array([1, 2]));
    const f = jit((x: Tensor, rate: Tensor) => x.mul(rate).sum());
    const g = jit((x: Tensor, rate: Tensor) => x.mul(rate).sum(), { device: "cuda" });
    assertEquals([f(host, 2).device, g(host, 2).device, g(host, 2).item()], ["cpu", "cuda:0", 6]);
    assertEquals(g(np.array([3, 4]), 1).item(), 7);
    assertEquals(f(onGpu(np.ones([2])), 2).device, "cuda:0");
    assertEquals(f(np.ones([2]).to("cuda:1"), host).device, "cuda:1");
    assertEquals(f(new Variable(onGpu(np.ones([2]))), 3).device, "cuda:0");
    assertEquals(f.compiles, 3);
    assertEquals(f(new Int16Array([1, 2]), 2).item(), 6);
    assertEquals(g(new Int16Array([1, 2]), 2).device, "cuda:0");
    config({ device: "cuda:1" });
    assertEquals([f(host, 2).device, g(host, 2).device], ["cuda:1", "cuda:0"]);
    assert(g.explain(host, 2).kernels.length > 0);
  });
});

Deno.test("what a jitted function makes and captures lies on the device that it runs on", () => {
  withGpus(() => {
    const table = np.arange(4);
    const f = jit((x: Tensor) => {
      assertEquals(np.ones([2]).add(1).device, "traced");
      assertStrictEquals(x.to("cuda:0"), x);
      return x.add(np.array([1, 2, 3, 4])).add(table).mul(random.uniform(random.key(1), [4]));
    }, { device: "cuda:0" });
    const y = f(np.zeros([4]));
    assertEquals([y.device, f.compiles], ["cuda:0", 1]);
    const want = np.array([1, 3, 5, 7]).mul(random.uniform(random.key(1), [4]));
    assertEquals(want.device, "cpu");
    assertEquals(y.toArray(), want.toArray());
    assertEquals(table.toArray(), [0, 1, 2, 3]);
  });
});

Deno.test("moving inside a transformed function is refused, where it would be a copy", () => {
  withGpus(() => {
    const x = onGpu(np.ones([2]));
    const moves = (x: Tensor) => x.to("cuda:1").sum();
    assertThrows(() => jit(moves)(x), TypeError, "runs on one device");
    assertThrows(() => grad(moves)(x), TypeError, "runs on one device");
    assertThrows(() => vmap((x: Tensor) => x.to("cuda:1"))(x), TypeError, "runs on one device");
    assertEquals(grad((x: Tensor) => x.to("cuda:0").sum())(x).toArray(), [1, 1]);
    const inner = jit((x: Tensor) => x.mul(2), { device: "cuda:1" });
    const e = assertThrows(() => jit((x: Tensor) => inner(x))(x), TypeError) as Error;
    assert(e.message.includes('on "cuda:1" within a call on "cuda:0"'), e.message);
    const alike = jit((x: Tensor) => x.mul(2), { device: "cuda:0" });
    assertEquals(jit((x: Tensor) => alike(x))(x).toArray(), [2, 2]);
    assertEquals(grad((x: Tensor) => alike(x).sum())(x).device, "cuda:0");
  });
});

Deno.test("programs are recorded and shapes found for tensors of any device", () => {
  withGpus(() => {
    const x = onGpu(large());
    assertEquals(makeProgram((y: Tensor) => y.add(x))(x).ops, ["add"]);
    assertEquals(evalShape((y: Tensor) => y.sum({ axis: 0 }), x).shape, [200]);
  });
});

Deno.test("a donated argument is given up on its device, a copied one is not", () => {
  withGpus(() => {
    const f = jit((x: Tensor) => x.add(1), { device: "cuda:0", donate: [0] });
    const [near, far] = [onGpu(np.ones([2])), np.ones([2])];
    assertEquals([f(near).toArray(), f(far).toArray()], [[2, 2], [2, 2]]);
    assertThrows(() => near.data(), Error, "donated");
    assertEquals(far.toArray(), [1, 1]);
  });
});

Deno.test("a variable stays on its device", () => {
  withGpus(() => {
    const v = new Variable(large());
    assertEquals(v.to("cuda:0").device, "cuda:0");
    v.assign(new HostArray(new Float32Array(40000).fill(2), [200, 200]));
    assertEquals([v.device, v.value.at(0, 0).item()], ["cuda:0", 2]);
    v.assignAdd(1);
    assertEquals([v.device, v.value.at(0, 0).item()], ["cuda:0", 3]);
    assertStrictEquals(v.to("cpu"), v);
    assertEquals([v.device, v.value.at(0, 0).item()], ["cpu", 3]);
  });
});

/** Losses of a few steps of a model that is made, and moved, as `move` says. */
function train(move: (m: models.Model) => void, device: string | undefined): number[] {
  const inputs = layers.input({ shape: [200] });
  const wide = new layers.Dense(160, { kernelInitializer: "ones" }).apply(inputs);
  const dropped = new layers.Dropout(0.25, { seed: 3 }).apply(wide);
  const outputs = new layers.Dense(2, { kernelInitializer: "ones" }).apply(dropped);
  const model = new models.Model({ inputs, outputs });
  move(model);
  const optimizer = new optimizers.Adam({ learningRate: 0.01 });
  optimizer.build(model.trainableVariables);
  const loss = (tv: Tensor[], ntv: Tensor[], x: Tensor): [Tensor, Tensor[]] => {
    const [y, updated] = model.statelessCall(tv, ntv, x, { training: true });
    return [y.square().mean(), updated];
  };
  const gradFn = valueAndGrad(loss, { hasAux: true });
  const step = jit((state: [Tensor[], Tensor[], Tensor[]], x: Tensor) => {
    const [[value, ntv], grads] = gradFn(state[0], state[1], x);
    const [tv, own] = optimizer.statelessApply(state[2], grads, state[0]);
    return [value, [tv, ntv, own]] as [Tensor, [Tensor[], Tensor[], Tensor[]]];
  }, device === undefined ? { donate: [0] } : { donate: [0], device });
  let state: [Tensor[], Tensor[], Tensor[]] = [
    model.trainableVariables.map((v) => v.value),
    model.nonTrainableVariables.map((v) => v.value),
    optimizer.variables.map((v) => v.value),
  ];
  const seen: number[] = [];
  const mean = new metrics.Mean();
  const batches = data.Dataset.fromTensorSlices([np.ones([12, 200])])
    .map(([x]) => {
      const y = np.multiply(x, 0.01);
      assertEquals(y.device, "cpu");
      return [y];
    })
    .batch(4);
  for (const [x] of batches) {
    let value: Tensor;
    [value, state] = step(state, x as HostArray);
    mean.updateState(value);
    seen.push(value.item(), mean.result().item());
  }
  model.trainableVariables.forEach((v, i) => v.assign(state[0][i]!));
  const where = model.variables[0]!.device;
  assertEquals(state[2].at(-1)!.device, where);
  assertEquals(model.apply(np.ones([1, 200])).device, where);
  return seen;
}

Deno.test("a model trains on the device in force, or on the one that it was moved to", () => {
  withGpus(() => {
    const want = train(() => {}, undefined);
    const close = (got: number[]) =>
      got.forEach((x, i) => assert(Math.abs(x - want[i]!) <= 1e-4 * Math.abs(want[i]!), `${got}`));
    close(train((m) => m.to("cuda:0"), undefined));
    close(train((m) => m.to("cuda:1"), "cuda:1"));
    assertThrows(() => train(() => {}, "cuda:1"), TypeError, 'x.to("cuda:1")');
    config({ device: "cuda" });
    close(train(() => {}, undefined));
  });
});

Deno.test("a layer that is built by its first call lies where its input does", () => {
  withGpus(() => {
    const dense = new layers.Dense(300);
    assertEquals(dense.apply(onGpu(large())).device, "cuda:0");
    assertEquals(dense.kernel!.device, "cuda:0");
  });
});

Deno.test("random draws have the same bits on every device", () => {
  withGpus(() => {
    const draw = (): unknown[] => {
      const key = random.key(7);
      return [
        random.bits(key, [5]),
        random.uniform(random.split(key, 3).at(1), [300]),
        random.permutation(key, 10),
      ].map((t) => [...t.data()]);
    };
    const want = draw();
    config({ device: "cuda" });
    assertEquals(draw(), want);
  });
});

Deno.test("a profile tells of the device that computed", () => {
  withGpus(() => {
    const f = jit((x: Tensor) => x.add(1));
    const x = onGpu(np.ones([8]));
    f(x);
    const p = profile(() => f(x));
    assertEquals([p.device, p.kernels.length], ["cuda:0", 1]);
    assertEquals(profile(() => np.ones([4]).add(1)).device, "cpu");
  });
});

Deno.test("pipelines that wait give host arrays of what was computed anywhere", async () => {
  const undo = installFamily("cuda", GPUS);
  try {
    const add = (x: HostArray) => Promise.resolve(np.add(x, np.ones([2]).to("cuda:0")));
    const set = data.Dataset.fromTensorSlices(np.ones([3, 2])).map(add);
    for await (const x of set) assertEquals(x.toArray(), [2, 2]);
    await assertRejects(() => Promise.resolve().then(() => np.ones([2]).to("cuda:2")));
  } finally {
    undo();
  }
});

Deno.test("the precision of products is part of what is compiled", () => {
  const a = np.ones([4, 4]);
  const [f, g] = [jit((x) => x.matmul(x)), jit((x) => x.matmul(x), { precision: "tf32" })];
  const told = (h: typeof f) => `${h.explain(a).plan}`.includes("tf32");
  const before = config().precision;
  try {
    assertEquals([told(f), told(g)], [false, true]);
    config({ precision: "tf32" });
    assertEquals([told(f), told(g), f.compiles, g.compiles], [true, true, 2, 1]);
    assertEquals(g(a).toArray(), f(a).toArray());
    const wide = a.astype("float64");
    assertEquals(told(jit((x) => x.matmul(wide))), false);
    config({ precision: "float32" });
    assertEquals([told(f), f.compiles], [false, 2]);
  } finally {
    config({ precision: before });
  }
});
