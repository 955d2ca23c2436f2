/** The processor's own word for what it can do. */
import { assertEquals } from "@std/assert";
import { machineCode, processor } from "../../ffi/mod.ts";

const linux = Deno.build.os === "linux" && machineCode() !== null;

Deno.test("the processor has AVX-512 where the system says so (Linux, x86-64)", {
  ignore: !linux,
}, () => {
  const flags = /^flags\s*: (.*)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))![1]!.split(" ");
  const wanted = ["fma", "avx2", "bmi2", "avx512f", "avx512dq", "avx512bw", "avx512vl"];
  assertEquals(processor().avx512, wanted.every((name) => flags.includes(name)));
});

Deno.test("where there is no machine code nothing is known of the processor", {
  ignore: machineCode() !== null,
}, () => assertEquals(processor(), { avx512: false }));
