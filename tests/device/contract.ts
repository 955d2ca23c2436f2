/**
 * What every device must do: one suite, registered once for each implementation.
 *
 * @module
 */
import { assert, assertEquals, assertNotStrictEquals, assertThrows } from "@std/assert";
import { allocate, DTYPES, isFloat, type Values } from "../../src/base/dtype.ts";
import { DonatedError, OutOfMemoryError } from "../../src/base/errors.ts";
import type { Call, DeviceStep, Plan } from "../../src/compile/plan.ts";
import {
  baseInterpreter,
  bind,
  currentDevice,
  emit,
  storageOf,
  type Tensor,
  useDevice,
} from "../../src/core/mod.ts";
import type { Device } from "../../src/device/device.ts";
import { createReference } from "../../src/device/reference/mod.ts";
import { runKernel } from "../../src/device/reference/kernel.ts";
import type { Kernel } from "../../src/ir/kernel.ts";
import { printKernel } from "../../src/ir/print_kernel.ts";
import { valueAndGrad } from "../../src/transform/grad.ts";
import { jit } from "../../src/transform/jit.ts";
import {
  programOf,
  randomBody,
  randomInputs,
  randomPairs,
  runEagerly,
  runPlan,
} from "../compile/random_programs.ts";
import { assertSamples, difference, NAMES, samplesOf } from "../ir/op_samples.ts";
import { type Case, type CaseKind, generate, seeded } from "./cpu/kernel_cases.ts";

/** An implementation to check. */
export interface Subject {
  readonly name: string;
  /** Makes the device; the same one serves all tests. */
  readonly make: () => Device;
  /** Settings to put in force around the test of that name; returns how to take them back. */
  readonly enter?: (what: string) => () => void;
  /** The tests that are run; all where absent. */
  readonly only?: RegExp;
}

const TAIL = 64;

/** Arrays on a device's heap, one storage each with a guarded tail, pinned while `use` runs. */
function withArrays<T>(device: Device, data: readonly Values[], use: (slots: Float64Array) => T): {
  result: T;
  after: Values[];
} {
  const storages = data.map((values) => {
    const bytes = new Uint8Array(values.byteLength + TAIL).fill(0xa5);
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return device.heap.fromBytes(bytes);
  });
  const result = use(Float64Array.from(storages, (s) => device.heap.pin(s)));
  const after = storages.map((s, i): Values => {
    device.heap.unpin(s);
    const bytes = device.heap.read(s);
    const { length, byteLength } = data[i]!;
    assert(bytes.subarray(byteLength).every((b) => b === 0xa5), `argument ${i} was overrun`);
    device.heap.dispose(s);
    const Type = data[i]!.constructor as { new (b: ArrayBuffer, o: number, n: number): Values };
    return new Type(bytes.buffer, 0, length);
  });
  return { result, after };
}

const stepOf = (kernel: Kernel): DeviceStep => ({
  kind: "kernel",
  kernel,
  args: kernel.args.map((_, i) => i),
});

/** A plan of these kernels, for devices that compile those of a plan together. */
const planOf = (cases: readonly Case[]): Plan => ({
  inputs: 0,
  literals: [],
  slots: [],
  values: [],
  steps: cases.map(({ kernel }) => stepOf(kernel)),
  outputs: [],
  scratchBytes: 0,
});

/** What the reference runner makes of a case. */
function wanted({ kernel, data }: Case): Values[] {
  let end = 0;
  const addresses = data.map((values) => {
    const at = end;
    end = (at + values.byteLength + 15) & ~7;
    return at;
  });
  const buffer = new ArrayBuffer(end + 8);
  const arrays = data.map((values, i) => {
    const Type = values.constructor as { new (b: ArrayBuffer, o: number, n: number): Values };
    const own = new Type(buffer, addresses[i]!, values.length);
    own.set(values);
    return own;
  });
  runKernel(kernel, buffer, addresses);
  return arrays;
}

/** Fails unless two arrays are equal; floats within a tolerance of the largest where sums round. */
function assertClose(got: Values, want: Values, tolerance: number, what: string): void {
  let size = 1;
  for (const w of want) if (Math.abs(w) < Infinity) size = Math.max(size, Math.abs(w));
  want.forEach((w, i) => {
    const g = got[i]!;
    const ok = Object.is(g, w) || tolerance > 0 && Math.abs(g - w) <= tolerance * size;
    assert(ok, `${what}: element ${i} is ${g}, not ${w}`);
  });
}

function checkCase(device: Device, c: Case): void {
  const { after } = withArrays(device, c.data, (slots) => device.link(stepOf(c.kernel), slots)());
  wanted(c).forEach((want, i) => {
    const { dtype } = c.kernel.args[i]!;
    const tolerance = !c.rounds || !isFloat(dtype) ? 0 : dtype === "float32" ? 4e-6 : 1e-12;
    assertClose(after[i]!, want, tolerance, `argument ${i} of\n${printKernel(c.kernel)}`);
  });
}

type Gemm = Extract<Call, { name: "gemm" }>;

/** c = a b (+ c), by plain loops in double precision. */
function product(call: Gemm, a: Values, b: Values, c: Values): Values {
  const { ta, tb, m, n, k, batch, beta } = call;
  const out = c.slice() as Values;
  for (let t = 0; t < batch; t++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = beta === 1 ? c[(t * m + i) * n + j]! : 0;
        for (let q = 0; q < k; q++) {
          sum += a[t * m * k + (ta ? q * m + i : i * k + q)]! *
            b[t * k * n + (tb ? j * k + q : q * n + j)]!;
        }
        out[(t * m + i) * n + j] = sum;
      }
    }
  }
  return out;
}

function checkGemm(device: Device, call: Gemm): void {
  const { dtype, m, n, k, batch, beta } = call;
  const random = seeded(m * 31 + n * 7 + k);
  const some = (length: number) => allocate(dtype, length).map(() => random() * 2 - 1) as Values;
  // what lay in the result before must not count, not even NaN
  const c = beta === 1 ? some(batch * m * n) : allocate(dtype, batch * m * n).fill(NaN);
  const data = [some(batch * m * k), some(batch * k * n), c];
  const step: DeviceStep = { kind: "call", call, args: [0, 1, 2] };
  const { after } = withArrays(device, data, (slots) => device.link(step, slots)());
  const want = product(call, data[0]!, data[1]!, c);
  const tolerance = (dtype === "float32" ? 2e-6 : 1e-14) * Math.max(1, Math.sqrt(k));
  assertClose(after[2]!, want, tolerance, JSON.stringify(call));
  assertEquals([after[0], after[1]], [data[0], data[1]]);
}

const f32 = (shape: readonly number[], ...values: number[]): Tensor =>
  baseInterpreter().upload(Float32Array.from(values), shape, "float32");

/** Registers the suite for one implementation. */
export function contract(subject: Subject): void {
  let made: Device | null = null;
  const check = (what: string, f: (device: Device) => void): void => {
    if (subject.only?.test(what) === false) return;
    Deno.test(`${subject.name}: ${what}`, () => {
      const before = currentDevice();
      const leave = subject.enter?.(what);
      try {
        const device = made ??= subject.make();
        useDevice(device);
        device.reconfigure();
        f(device);
      } finally {
        useDevice(before);
        leave?.();
      }
    });
  };

  check("tells what it is", (device) => {
    const info = device.describe();
    assertEquals(info.device, device.name);
    assert(info.blas !== "" && info.reason !== "" && info.threads >= 0);
  });

  for (const op of NAMES) {
    check(`${op} gives what NumPy gives`, () => assertSamples(samplesOf(op)));
  }

  const kinds: CaseKind[] = ["elementwise", "reduce", "scan", "indirect"];
  for (const kind of kinds) {
    check(`generated ${kind} kernels do what the scalar table says, and no byte more`, (device) => {
      const cases = Array.from({ length: 80 }, (_, i) => generate(9000 + i, kind));
      device.prepare?.(planOf(cases));
      for (const c of cases) checkCase(device, c);
    });
  }

  check("products of all transpositions, sizes, batches and both betas", (device) => {
    const sizes = [[1, 1, 1], [3, 5, 4], [17, 1, 9], [1, 19, 33], [33, 31, 29], [64, 64, 64]];
    for (const dtype of ["float32", "float64"] as const) {
      for (
        const [m, n, k] of [...sizes, [2, 3, 0], [0, 3, 2], [3, 0, 2]] as [
          number,
          number,
          number,
        ][]
      ) {
        for (let way = 0; way < 8; way++) {
          const [ta, tb, beta] = [(way & 1) > 0, (way & 2) > 0, (way & 4) > 0 ? 1 : 0] as const;
          const batch = way % 3 === 0 ? 1 : 3;
          checkGemm(device, { name: "gemm", dtype, ta, tb, m, n, k, batch, beta });
        }
      }
    }
  });

  check(
    "products at and just above the size up to which a library has kernels of its own",
    (device) => {
      const sizes = [[100, 100, 100], [33, 64, 784], [801, 40, 33], [33, 10, 3100], [2100, 30, 17]];
      const thin = [[1, 1030, 1001], [1203, 3, 300], [1, 1, 1_100_001], [7, 600, 260]];
      for (const dtype of ["float32", "float64"] as const) {
        for (const [i, [m, n, k]] of (sizes as [number, number, number][]).entries()) {
          for (const ta of [false, true]) {
            const [batch, beta] = [ta === (i % 2 === 0) ? 1 : 2, ta ? 1 : 0] as const;
            checkGemm(device, { name: "gemm", dtype, ta, tb: false, m, n, k, batch, beta });
          }
        }
        for (const [m, n, k] of thin as [number, number, number][]) {
          for (let way = 0; way < 4; way++) {
            const [ta, tb, beta] = [(way & 1) > 0, (way & 2) > 0, way < 2 ? 1 : 0] as const;
            checkGemm(device, { name: "gemm", dtype, ta, tb, m, n, k, batch: 1, beta });
          }
        }
      }
    },
  );

  check("a linked step follows its slots and outlives a reconfiguration", (device) => {
    const call: Gemm = {
      name: "gemm",
      dtype: "float32",
      ta: false,
      tb: false,
      m: 1,
      n: 1,
      k: 2,
      batch: 1,
      beta: 0,
    };
    const data = [[1, 2], [3, 4], [5, 6], [0], [0]].map((x) => Float32Array.from(x));
    const { after } = withArrays(device, data, (slots) => {
      const mine = slots.slice(0, 3);
      const run = device.link({ kind: "call", call, args: [0, 1, 2] }, mine);
      mine[2] = slots[3]!;
      run();
      device.reconfigure();
      mine.set([slots[2]!, slots[1]!, slots[4]!]);
      run();
    });
    assertEquals([after[3]![0], after[4]![0]], [11, 39]);
  });

  check("random programs: compiled as eager, donated as not, and as the reference", (device) => {
    const reference = createReference();
    for (let seed = 3000; seed < 3060; seed++) {
      const body = randomBody(seed, "exact", 10);
      const inputs = randomInputs(seed, "exact");
      const program = programOf(body, inputs);
      const eager = runEagerly(body, inputs);
      const donated = randomPairs(seed, program);
      const same = (got: ReturnType<typeof runEagerly>) =>
        assertEquals(difference(got, eager, {}, true), null, `seed ${seed}`);
      same(runPlan(program, inputs));
      same(runPlan(program, inputs, { donated }));
      useDevice(reference);
      const want = runEagerly(body, inputs);
      useDevice(device);
      assertEquals(difference(eager, want, {}, true), null, `seed ${seed}`);
    }
  });

  check("a jitted training step descends, in place", (device) => {
    const x = f32([4, 2], 0, 0, 0, 1, 1, 0, 1, 1);
    const y = f32([4, 1], 1, 3, 4, 6);
    const loss = (w: Tensor, b: Tensor) => {
      const d = x.matmul(w).add(b).sub(y);
      return d.mul(d).mean();
    };
    const pull = valueAndGrad(loss, { argnums: [0, 1] });
    const step = jit((w: Tensor, b: Tensor) => {
      const [value, [dw, db]] = pull(w, b) as [Tensor, [Tensor, Tensor]];
      return [w.sub(dw.mul(0.3)), b.sub(db.mul(0.3)), value];
    }, { donate: [0, 1] });
    let [w, b] = [f32([2, 1], 0, 0), f32([1], 0)];
    const address = (t: Tensor): number => {
      const at = device.heap.pin(storageOf(t, "pin"));
      device.heap.unpin(storageOf(t, "pin"));
      return at;
    };
    const places = new Set<string>();
    const first = w;
    let last = Infinity;
    for (let i = 0; i < 200; i++) {
      const out = step(w, b) as [Tensor, Tensor, Tensor];
      [w, b] = out;
      last = out[2].item();
      places.add(`${address(w)} ${address(b)}`);
    }
    assert(last < 1e-4, `the loss is still ${last}`);
    // y = 3 x0 + 2 x1 + 1
    assertClose(w.data(), Float32Array.of(3, 2), 1e-2, "weights");
    assertClose(b.data(), Float32Array.of(1), 1e-2, "bias");
    assertEquals(places.size, 1);
    assertEquals(step.compiles, 1);
    assertThrows(() => first.data(), DonatedError, "donated");
  });

  check("results outlive the byte budget", (device) => {
    const before = device.heap.budget;
    device.heap.budget = 1 << 20;
    try {
      const n = 1 << 14;
      const kept = Array.from({ length: 100 }, (_, i) => f32([1], i).broadcastTo([n]));
      assert(device.heap.stats().hostEvictions > 0);
      kept.forEach((t, i) => assertEquals(t.sum().item(), i * n));
      assertEquals(kept[7]!.add(kept[93]!).data()[n - 1], 100);
    } finally {
      device.heap.budget = before;
    }
  });

  check("a result that cannot fit is an error and changes nothing", () => {
    const x = f32([2], 5, 6);
    const wide = jit((v: Tensor) => v.slice([0, 1]).broadcastTo([2 ** 31]), { donate: 0 });
    assertThrows(() => wide(x), OutOfMemoryError);
    assertEquals(x.toArray(), [5, 6]);
    assertEquals(x.add(1).toArray(), [6, 7]);
  });

  check("data() is a copy of one's own", () => {
    const x = f32([2], 5, 6);
    x.data()[0] = 9;
    assertEquals(x.toArray(), [5, 6]);
    assertNotStrictEquals(x.data().buffer, x.data().buffer);
  });

  check("a tensor of another device is refused by name, wherever it comes in", (device) => {
    const other = createReference();
    useDevice(other);
    const far = bind(f32([2], 1, 2));
    useDevice(device);
    const near = bind(f32([2], 3, 4));
    const wrong = [
      () => near.add(far),
      () => jit((a: Tensor, b: Tensor) => a.add(b))(near, far),
      () => jit((a: Tensor) => a.add(far))(near),
    ];
    for (const f of wrong) {
      const e = assertThrows(f, TypeError, "move it with x.to(") as Error;
      assert(e.message.includes('"reference"'), e.message);
      assert(e.message.includes(`"${device.name}"`), e.message);
    }
    assertEquals(emit("neg", [far]).device, "reference");
    assertEquals(far.toArray(), [1, 2]);
    assertEquals(near.add(1).toArray(), [4, 5]);
  });

  check("bytes of every dtype come back as they went", () => {
    for (const dtype of Object.keys(DTYPES) as (keyof typeof DTYPES)[]) {
      const data = allocate(dtype, 3);
      data.set([0, 1, dtype === "bool" ? 1 : 7]);
      const t = baseInterpreter().upload(data, [3], dtype);
      assertEquals(t.data(), data);
      assertEquals(t.slice([2, 3]).item(), data[2]);
    }
  });
}
