/** A program is destroyed whatever becomes of it; the compiler's functions are written here. @module */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  compileProgram,
  compileProgramAsync,
  type NvrtcSymbols,
  type Source,
} from "../../ffi/mod.ts";

const source: Source = { source: "any", name: "any.cu", options: ["--one", "--two"] };

/** How one compiler behaves, and the programs that it made and has not destroyed. */
function compiler(codes: { readonly create?: number; readonly compile?: number | Error }) {
  const alive = new Set<bigint>();
  let made = 0n;
  const nothing = (): number => 0;
  const compile = (program: bigint, count: number): number => {
    assertEquals([alive.has(program), count], [true, 2]);
    if (codes.compile instanceof Error) throw codes.compile;
    return codes.compile ?? 0;
  };
  const symbols: Partial<NvrtcSymbols> = {
    nvrtcGetErrorString: () => 0n,
    nvrtcCreateProgram(handle) {
      if (codes.create !== undefined) return codes.create;
      (handle as BigUint64Array)[0] = ++made;
      alive.add(made);
      return 0;
    },
    nvrtcDestroyProgram: (handle) => alive.delete((handle as BigUint64Array)[0]!) ? 0 : 4,
    nvrtcCompileProgram: compile,
    nvrtcCompileProgramAsync: (program, count) =>
      Promise.resolve().then(() => compile(program, count)),
    nvrtcGetProgramLogSize: nothing,
    nvrtcGetProgramLog: nothing,
    nvrtcGetCUBINSize: nothing,
    nvrtcGetCUBIN: nothing,
    nvrtcGetPTXSize: nothing,
    nvrtcGetPTX: nothing,
  };
  return { alive, made: () => Number(made), symbols: symbols as NvrtcSymbols };
}

Deno.test("a program is destroyed after success, after an error and after an exception", async () => {
  for (const compile of [0, 6]) {
    const one = compiler({ compile });
    assertEquals(compileProgram(one, source).code, compile);
    assertEquals((await compileProgramAsync(one, source)).code, compile);
    assertEquals([one.made(), one.alive.size], [2, 0]);
  }
  const one = compiler({ compile: new Error("Broken") });
  assertThrows(() => compileProgram(one, source), Error, "Broken");
  await assertRejects(() => compileProgramAsync(one, source), Error, "Broken");
  assertEquals([one.made(), one.alive.size], [2, 0]);
});

Deno.test("a program that could not be made is an answer with its code", async () => {
  const one = compiler({ create: 1 });
  const failed = { code: 1, message: "", log: "", cubin: null, ptx: null };
  assertEquals(compileProgram(one, source), failed);
  assertEquals(await compileProgramAsync(one, source), failed);
});
