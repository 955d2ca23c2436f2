import { assert, assertEquals, assertThrows } from "@std/assert";
import { config, HostArray, jit, np, type Tensor, valueAndGrad } from "../../mod.ts";
import { currentDevice, useDevice } from "../../src/core/mod.ts";
import type { Plan } from "../../src/compile/plan.ts";
import type { Device, Replay, Slots } from "../../src/device/device.ts";
import { createReference } from "../../src/device/reference/mod.ts";

/** What a device that runs plans as one was asked for. */
interface Told {
  prepared: number;
  runs: number;
  inputs: number[];
  outputs: number;
  disposed: number;
}

/** The reference device with calls run as one: fixed places for small inputs and fresh outputs. */
function replaying(told: Told): Device {
  const device = createReference();
  const { heap } = device;
  const replay = (plan: Plan, steps: readonly (() => void)[], _slots: Slots): Replay | null => {
    if (plan.steps.some((s) => s.kind === "host" || s.kind === "control")) return null;
    const places = new Map<string, number>();
    const place = (key: string, bytes: number): number => {
      let at = places.get(key);
      if (at === undefined) places.set(key, at = heap.pin(heap.reserve(bytes)));
      return at;
    };
    const due: [from: number, to: number, bytes: number][] = [];
    const [expected, given] = [new Set<number>(), new Set<number>()];
    const forget = (): void => {
      due.length = 0;
      given.clear();
      expected.clear();
    };
    return {
      takes: () => true,
      gives: (k) => plan.outputs[k]!.kind === "fresh",
      expect(i) {
        assert(!expected.has(i) && given.size === 0);
        expected.add(i);
      },
      input(i, bytes) {
        assert(expected.has(i));
        assert(!given.has(i), "a call that did not run has left an input");
        given.add(i);
        told.inputs.push(bytes.length);
        const at = place(`in ${i}`, bytes.length);
        heap.writeAt(at, bytes);
        return at;
      },
      output(k, address) {
        told.outputs++;
        const source = plan.outputs[k]!;
        const bytes = source.kind === "fresh" ? source.bytes : 0;
        const at = place(`out ${k}`, bytes);
        assert(due.every((d) => d[0] !== at), "a call that did not run has left an output");
        due.push([at, address, bytes]);
        return at;
      },
      run() {
        told.runs++;
        for (const step of steps) step();
        for (const [from, to, bytes] of due) heap.copy(from, to, bytes);
        forget();
      },
      abandon: forget,
      dispose: () => void told.disposed++,
    };
  };
  return Object.assign(device, { replay, prepare: () => void told.prepared++ });
}

/** Runs `f` with such a device in force. */
function on(f: (told: Told, device: Device) => void): void {
  const before = currentDevice();
  const told: Told = { prepared: 0, runs: 0, inputs: [], outputs: 0, disposed: 0 };
  const device = replaying(told);
  useDevice(device);
  try {
    f(told, device);
  } finally {
    useDevice(before);
  }
}

const batch = (n: number): HostArray => new HostArray(Float32Array.from([n, 2, 3, 4]), [2, 2]);

Deno.test("a device that runs calls as one gets host arguments in places of their own", () => {
  on((told) => {
    const f = jit((w: Tensor, x: Tensor, rate: Tensor) => x.matmul(w).sum().mul(rate));
    const w = np.ones([2, 2]);
    told.runs = 0;
    assertEquals(f(w, batch(1), 0.5).item(), 10);
    assertEquals(f(w, batch(5), 2).item(), 56);
    assertEquals(told.inputs, [16, 4, 16, 4]);
    assertEquals(told.runs, 2);
  });
});

Deno.test("results of earlier calls stay what they were when the call is run again", () => {
  on(() => {
    const f = jit((x: Tensor) => [x.mul(2), x.sum()]);
    const [a, s] = f(batch(1)) as [Tensor, Tensor];
    const [b, t] = f(batch(7)) as [Tensor, Tensor];
    assertEquals([...a.data(), s.item()], [2, 4, 6, 8, 10]);
    assertEquals([...b.data(), t.item()], [14, 4, 6, 8, 16]);
  });
});

Deno.test("an unchanged or donated host argument is an ordinary tensor afterwards", () => {
  on((told) => {
    const x = batch(1);
    const [same] = jit((x: Tensor) => [x, x.sum()])(x) as [Tensor, Tensor];
    (x.values as Float32Array)[0] = 99;
    assertEquals([...same.data()], [1, 2, 3, 4]);
    told.inputs = [];
    const g = jit((x: Tensor) => x.add(1), { donate: [0] });
    assertEquals([...g(batch(1)).data()], [2, 3, 4, 5]);
    assertEquals(told.inputs, []);
  });
});

Deno.test("training with donated state is the same run as one and step by step", () => {
  const train = (): number[] => {
    const loss = (w: Tensor, x: Tensor) => x.matmul(w).square().mean();
    const step = jit((w: Tensor, x: Tensor): [Tensor, Tensor] => {
      const [l, g] = valueAndGrad(loss)(w, x);
      return [l, w.sub(g.mul(0.01))];
    }, { donate: [0] });
    let w = np.ones([2, 3]);
    const losses: number[] = [];
    for (let i = 0; i < 5; i++) {
      let l: Tensor;
      [l, w] = step(w, batch(i));
      losses.push(l.item());
    }
    return losses;
  };
  const before = currentDevice();
  useDevice(createReference());
  const want = train();
  useDevice(before);
  on((told) => {
    assertEquals(train(), want);
    assert(told.runs >= 5);
  });
});

Deno.test("a watched call runs step by step, on a device that runs calls as one too", () => {
  on((told) => {
    const f = jit((x: Tensor) => x.log().sum());
    config({ checkNans: true });
    try {
      assertThrows(() => f(new HostArray(Float32Array.of(-1, 1), [2])), RangeError, "NaN");
    } finally {
      config({ checkNans: false });
    }
    assertEquals(told.runs, 0);
    assertEquals(f(new HostArray(Float32Array.of(1, 1), [2])).item(), 0);
  });
});

Deno.test("a dropped program gives its places back", () => {
  on((told) => {
    const f = jit((x: Tensor) => x.add(1));
    const { warn } = console;
    console.warn = () => {};
    try {
      for (let n = 1; n <= 66; n++) f(new HostArray(new Float32Array(n), [n]));
    } finally {
      console.warn = warn;
    }
    assertEquals(told.disposed, 2);
    assert(told.prepared >= 66);
  });
});

Deno.test("a call that fails before it runs leaves nothing to the next one", () => {
  on((told, { heap }) => {
    const f = jit((x: Tensor, y: Tensor) => x.matmul(y).add(1));
    const gone = np.ones([2, 2]);
    gone.dispose();
    assertEquals([...f(batch(1), np.ones([2, 2])).data()], [4, 4, 8, 8]);
    told.runs = 0;
    for (let i = 0; i < 2; i++) {
      assertThrows(() => f(batch(1), gone), Error, "disposed");
      assertThrows(() => f(gone, batch(1)), Error, "disposed");
    }
    const { scratch } = heap;
    const g = jit((x: Tensor, y: Tensor) => [x.matmul(y).matmul(y).add(1), x.sum()]);
    heap.scratch = () => {
      throw new RangeError("Cannot lease scratch: none: end calls");
    };
    try {
      assertThrows(
        () => g(batch(1), batch(2)),
        RangeError,
        "Cannot lease scratch: none: end calls",
      );
    } finally {
      heap.scratch = scratch;
    }
    assertEquals(told.runs, 0);
    assertEquals([...f(batch(1), batch(1)).data()], [8, 11, 16, 23]);
    assertEquals((g(batch(1), np.ones([2, 2])) as Tensor[])[1]!.item(), 10);
  });
});
