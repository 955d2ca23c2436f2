import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { DeadDeviceError, HostArray, jit, np, type Tensor } from "../../../mod.ts";
import { openDriver, openNvrtc } from "../../../ffi/mod.ts";
import { storageOf, useDevice } from "../../../src/core/mod.ts";
import type { DeviceStep } from "../../../src/compile/plan.ts";
import type { Device } from "../../../src/device/device.ts";
import { calling, onStandIn, type Rig } from "./stand_in.ts";
import { digits, guideTraining, losses, smallBatch, smallTraining } from "./train_step.ts";

/** Kernels of the rig's devices are compiled from the text that `edit` makes of what is printed. */
function editing(r: Rig, edit: (source: string) => string): void {
  const { value: driver } = openDriver({ path: r.path });
  const nvrtc = openNvrtc({ path: r.path, driver: driver!, capability: 80 }).value!;
  const { symbols } = nvrtc;
  const create: typeof symbols.nvrtcCreateProgram = (handle, source, ...rest) => {
    const text = new TextDecoder().decode(source as Uint8Array<ArrayBuffer>);
    const bytes = new TextEncoder().encode(edit(text));
    return symbols.nvrtcCreateProgram(handle, bytes, ...rest);
  };
  Object.assign(nvrtc, { symbols: { ...symbols, nvrtcCreateProgram: create } });
}

/** No kernels that other tests have kept. */
const fresh = (r: Rig): Device => r.device({ cubinCache: `${r.path}/none` });

/** What the stand-in found, after something that must have been found. */
function assertFound(r: Rig, pattern: RegExp): void {
  const faults = r.faults();
  assert(faults.some((line) => pattern.test(line)), `${pattern} is not in\n${faults.join("\n")}`);
}

function addressOf(device: Device, t: Tensor): number {
  const s = storageOf(t, "look at");
  const at = device.heap.pin(s);
  device.heap.unpin(s);
  return at;
}

/** Adds in place, with a guard behind the numbers; the kernel is named when it is found out. */
function addInPlace(r: Rig): Tensor {
  const device = fresh(r);
  const x = np.array(new HostArray(new Float32Array(999), [999]));
  const end = addressOf(device, x) + 4 * 999;
  r.standIn.mark(end, 36, "foreign");
  return jit((x: Tensor) => x.mul(x).add(3), { donate: [0] })(x);
}

onStandIn("a kernel as it is printed stays within its array", (r) => {
  assertEquals(addInPlace(r).data()[998], 3);
});

onStandIn("a kernel that stores one element too many is found, and named", (r) => {
  editing(
    r,
    (source) =>
      source.replaceAll("< 999u", "< 1000u").replaceAll("a1[i0]", "(i0 < 999 ? a1[i0] : 0.0f)"),
  );
  const x = addInPlace(r);
  const e = assertThrows(() => x.data(), DeadDeviceError) as Error;
  assert(/newest first: mul\+add \[999\]/.test(e.message), e.message);
  assertFound(
    r,
    /^out-of-bounds: write of 4 bytes at \S+ \d+ bytes into a live block .* of kernel /,
  );
});

onStandIn("a kernel that loads one element too many is found", (r) => {
  editing(r, (source) => source.replaceAll("< 999u", "< 1000u"));
  assertThrows(() => addInPlace(r).data(), DeadDeviceError);
  assertFound(
    r,
    /^out-of-bounds: read of 4 bytes at \S+ \d+ bytes into a live block .* of kernel /,
  );
});

const SUM = Float32Array.from({ length: 6000 }, (_, i) => i % 5);

/** The sum of two rows that blocks of several warps share. */
function sumRows(r: Rig): number[] {
  fresh(r);
  return [...np.array(new HostArray(SUM, [2, 3000])).sum({ axis: 1 }).data()];
}

onStandIn("a reduction as it is printed waits where it must", (r) => {
  let barriers = 0;
  editing(r, (source) => {
    barriers += source.split("__syncthreads();").length - 1;
    return source;
  });
  assertEquals(sumRows(r), [6000, 6000]);
  assert(barriers > 0);
});

onStandIn("a reduction without its barriers is found", (r) => {
  editing(r, (source) => source.replaceAll("__syncthreads();", ""));
  try {
    sumRows(r);
  } catch (e) {
    assert(e instanceof DeadDeviceError, `${e}`);
  }
  // shared memory: it lies in no block
  assertFound(r, /^uninitialised: read of 8 bytes at 0x[0-9a-f]+, by thread .* of kernel /);
});

/** A device whose steps are changed on their way to it. */
function rewriting(device: Device, rewrite: (step: DeviceStep) => DeviceStep): Device {
  return {
    name: device.name,
    heap: device.heap,
    prepare: (plan) => device.prepare!(plan),
    link: (step, slots) => device.link(rewrite(step), slots),
    describe: () => device.describe(),
    reconfigure: () => device.reconfigure(),
  };
}

for (const wrong of [false, true]) {
  onStandIn(
    wrong
      ? "a transposition that the planner puts over what it reads is found"
      : "a transposition as the planner puts it is right",
    (r) => {
      const device = rewriting(fresh(r), (step) => {
        if (!wrong || step.kind !== "kernel" || step.args.length !== 2) return step;
        const read = step.args[1]!;
        return { ...step, args: [read, read] };
      });
      useDevice(device);
      const x = np.array(new HostArray(SUM.slice(0, 3600), [60, 60]));
      const f = jit((x: Tensor) => x.transpose().add(1));
      if (!wrong) return assertEquals(f(x).data()[1], SUM[60]! + 1);
      assertThrows(() => f(x).data(), DeadDeviceError);
      assertFound(
        r,
        /^data race: read of 4 bytes at \S+ \d+ bytes into a live block .* of kernel /,
      );
    },
  );
}

onStandIn("copies that no event orders before the step that reads them are found", (r) => {
  calling(r, () => ({ cuStreamWaitEvent: () => 0 }));
  fresh(r);
  const told = guideTraining();
  try {
    losses(told, digits(6));
  } catch (e) {
    assert(e instanceof DeadDeviceError, `${e}`);
  }
  assertFound(r, /^data race: \S+.* touches what another stream works on, and nothing orders them/);
});

onStandIn("inputs that are overwritten before their copy ran make other losses", (r) => {
  const train = (): number[] => {
    let { w, step } = smallTraining();
    const told: Tensor[] = [];
    for (let i = 0; i < 40; i++) {
      const [l, next] = step(w, smallBatch(i));
      w = next;
      told.push(l);
    }
    return told.map((l) => l.item());
  };
  fresh(r);
  const want = train();
  let waits = true;
  const { cuEventSynchronize } = calling(r, () => ({
    cuEventSynchronize: (event) => waits ? cuEventSynchronize(event) : 0,
  }));
  fresh(r);
  assertEquals(train(), want);
  waits = false;
  fresh(r);
  assertNotEquals(train(), want);
  r.faults();
});

onStandIn("a graph that names memory which was freed is found", async (r) => {
  const blocks: bigint[] = [];
  const driver = calling(r, (symbols) => ({
    cuMemAlloc_v2: (out, bytes) => {
      const code = symbols.cuMemAlloc_v2(out, bytes);
      blocks.push((out as BigUint64Array)[0]!);
      return code;
    },
  }));
  const device = fresh(r);
  // nothing but the state, so that a call is the launch of a graph alone
  const step = jit((w: Tensor) => w.matmul(w).mul(0.25).matmul(w).add(w), { donate: [0] });
  let w = np.ones([3, 3]);
  for (let i = 0; i < 4; i++) w = step(w);
  assertEquals(r.standIn.counts().executables, 1);
  for (const block of blocks) driver.cuMemFree_v2(block);
  r.standIn.trace(true);
  step(w);
  assertEquals(r.calls(), ["cuGraphLaunch"]);
  await assertRejects(() => device.ready!(), DeadDeviceError, "a graph of 5 steps");
  assertFound(r, /^.+: byte 0 of \d+ is outside every live block/);
});
