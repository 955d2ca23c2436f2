/**
 * What is printed is what NVIDIA's compilers take, without a word.
 * @module
 */
import { assertEquals } from "@std/assert";
import { compileProgramAsync, openNvrtc } from "../../../../ffi/mod.ts";
import { PRELUDE, printStep } from "../../../../src/device/cuda/print/mod.ts";
import { type ScalarName, SCALARS } from "../../../../src/ir/scalar.ts";
import { wheelFile } from "../../../standins/wheels.ts";
import { CASES, generated, scalarCases } from "./cases.ts";
import { SMALL, type StepCase } from "./printed.ts";

/** Optimises less. */
const FAST = "--Ofast-compile=min";

/** The texts of all cases. */
function texts(): string[] {
  const cases: StepCase[] = [
    ...Object.values(CASES).flatMap((make) => make()),
    ...scalarCases(Object.keys(SCALARS) as ScalarName[]),
    ...(["elementwise", "reduce", "scan", "indirect"] as const)
      .flatMap((kind) => generated(kind, 0, 6)),
  ];
  const printed = new Set<string>();
  const sources: string[] = [];
  for (const { step } of cases) {
    // equal kernels are compiled once
    const { source } = printStep(step, "k", SMALL);
    if (printed.has(source)) continue;
    printed.add(source);
    sources.push(printStep(step, `k${printed.size}`, SMALL).source);
  }
  // two programs, for two processors
  const half = Math.ceil(sources.length / 2);
  return [sources.slice(0, half), sources.slice(half)].map((s) => PRELUDE + s.join("\n"));
}

for (const major of [12, 13] as const) {
  const found = await wheelFile(`nvrtc${major}`, `nvrtc${major}`);
  if (found.path === null) console.warn(`NVRTC ${major} is not asked: ${found.reason}`);
  Deno.test({
    name: `NVRTC ${major} compiles what is printed for sm_80 and sm_90, without a word`,
    ignore: found.path === null,
    async fn() {
      const nvrtc = openNvrtc({ path: found.path }).value!;
      const sources = texts();
      for (const sm of [80, 90]) {
        const options = [`--gpu-architecture=sm_${sm}`, "-default-device", FAST];
        const results = await Promise.all(
          sources.map((source) =>
            compileProgramAsync(nvrtc, { source, name: "printed.cu", options })
          ),
        );
        for (const { code, log } of results) assertEquals([code, log.slice(0, 2000)], [0, ""]);
      }
    },
  });
}
