/**
 * Random programs: what is run op by op, compiled as a whole, and run on the reference device is the
 * same, with donated inputs and without.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { currentDevice, type Tensor, useDevice } from "../../src/core/mod.ts";
import { createReference } from "../../src/device/reference/mod.ts";
import { printProgram } from "../../src/ir/program.ts";
import { jit } from "../../src/transform/jit.ts";
import { difference, type Read, read, upload } from "../ir/op_samples.ts";
import {
  type Flavour,
  programOf,
  randomBody,
  randomInputs,
  randomPairs,
  runEagerly,
  runPlan,
} from "./random_programs.ts";

const cpu = currentDevice();
const reference = createReference();

function on<T>(device: typeof cpu, f: () => T): T {
  useDevice(device);
  try {
    return f();
  } finally {
    useDevice(cpu);
  }
}

function explain(seed: number, how: string, why: string, flavour: Flavour, length: number): Error {
  const program = programOf(randomBody(seed, flavour, length), randomInputs(seed, flavour));
  return new Error(`Program of seed ${seed}, ${how}: ${why}\n${printProgram(program)}`);
}

for (const [flavour, count, length] of [["exact", 300, 14], ["smooth", 150, 12]] as const) {
  Deno.test(`${count} random ${flavour} programs: eager, compiled and reference agree`, () => {
    for (let seed = 0; seed < count; seed++) {
      const body = randomBody(seed, flavour, length);
      const inputs = randomInputs(seed, flavour);
      const compare = (how: string, got: Read[], want: Read[], exact: boolean) => {
        const near = exact ? {} : { rtol: 2e-4, atol: 2e-4 };
        const why = difference(got, want, near, exact);
        if (why !== null) throw explain(seed, how, why, flavour, length);
      };
      const eager = runEagerly(body, inputs);
      compare("plan", runPlan(programOf(body, inputs), inputs), eager, true);
      const jitted = jit((...xs: Tensor[]) => body(...xs))(...inputs.map(upload)) as Tensor[];
      compare("jit", jitted.map(read), eager, true);
      if (seed % 3 > 0) continue;
      const want = on(reference, () => runEagerly(body, inputs));
      compare("reference", eager, want, flavour === "exact");
    }
  });
}

Deno.test("300 random programs give the same with any inputs donated", () => {
  let pairs = 0;
  for (let seed = 1000; seed < 1300; seed++) {
    const body = randomBody(seed, "exact", 8);
    const inputs = randomInputs(seed, "exact");
    const program = programOf(body, inputs);
    const donated = randomPairs(seed, program);
    pairs += donated.size;
    const why = difference(
      runPlan(program, inputs, { donated }),
      runPlan(program, inputs),
      {},
      true,
    );
    if (why !== null) throw explain(seed, `donated ${[...donated]}`, why, "exact", 8);
  }
  assert(pairs > 300, `only ${pairs} inputs were donated`);
});

Deno.test("jit with donated arguments gives what jit without gives", () => {
  for (let seed = 2000; seed < 2060; seed++) {
    const body = randomBody(seed, "exact", 8);
    const inputs = randomInputs(seed, "exact");
    const plain = jit((...xs: Tensor[]) => body(...xs))(...inputs.map(upload)) as Tensor[];
    const all = inputs.map((_, i) => i);
    const taking = jit((...xs: Tensor[]) => body(...xs), { donate: all });
    for (let call = 0; call < 2; call++) {
      const got = (taking(...inputs.map(upload)) as Tensor[]).map(read);
      assertEquals(difference(got, plain.map(read), {}, true), null, `seed ${seed}`);
    }
  }
});
