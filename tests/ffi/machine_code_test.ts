/** Machine code: it gets what it is given, goes when nobody holds it, and is missed where forbidden. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { addressOf, machineCode, MOST_NUMBERS } from "../../ffi/mod.ts";
import { runChild } from "./children.ts";
import { ADD_FLOATS, copyNumbers, NO_AVX512, NO_CODE } from "./codes.ts";

const ignore = NO_CODE !== "";
const RETURN = Uint8Array.of(0x31, 0xc0, 0xc3);

Deno.test(`code gets its numbers, however many, and its base${NO_CODE}`, { ignore }, () => {
  const machine = machineCode()!;
  const words = new Int32Array(2048);
  const base = addressOf(words);
  for (const count of [...Array(20).keys(), 200]) {
    if (count === 0) continue;
    const code = machine.place(copyNumbers(count))!;
    const run = machine.bind(code, count, base);
    const given = Array.from({ length: count }, (_, i) => 2 ** 32 - 1 - 77 * i);
    // as Smi and as double, before and after the engine has made its call a fast one
    for (const address of [4, 1024, 4000]) {
      words.fill(0);
      given[0] = address;
      run(...given);
      const at = address / 4;
      assertEquals([...words.subarray(at, at + count)], given.map((x) => x | 0));
      assertEquals(words.filter((x) => x !== 0).length, count);
    }
    code.free();
  }
});

Deno.test(`hot calls of several codes reach each its own${NO_CODE}`, { ignore }, () => {
  const machine = machineCode()!;
  const blocks = [0, 1, 2].map(() => new Int32Array(16));
  const placed = machine.place(copyNumbers(3))!;
  const runs = blocks.map((block, i) =>
    machine.bind(i === 2 ? machine.place(copyNumbers(2))! : placed, 3, addressOf(block))
  );
  for (let i = 0; i < 120_000; i++) {
    runs[i % 3]!(8, i, -i);
    if (i % 1000 < 3) {
      assertEquals([...blocks[i % 3]!.subarray(2, 5)], [8, i, i % 3 === 2 ? 0 : -i]);
    }
  }
});

Deno.test(`code of AVX-512 sums arrays${NO_AVX512}`, { ignore: NO_AVX512 !== "" }, () => {
  const machine = machineCode()!;
  const floats = new Float32Array(3 * 64).map((_, i) => i < 128 ? i : -1);
  const run = machine.bind(machine.place(ADD_FLOATS)!, 5, addressOf(floats));
  run(0, 256, 512, 1, 3);
  const sums = [...floats.subarray(128)];
  assertEquals(sums, sums.map((_, i) => i < 16 || i >= 48 ? -1 : 64 + 2 * i));
});

Deno.test(`code gets a block of numbers and a memory of JavaScript${NO_CODE}`, { ignore }, () => {
  const machine = machineCode()!;
  const run = machine.bindOnMemory(machine.place(copyNumbers(3))!);
  for (let i = 0; i < 50_000; i++) {
    const memory = new Int32Array(8);
    run(Int32Array.of(8, i, -i), i % 2 === 0 ? memory : new Uint8Array(memory.buffer));
    if (i % 997 < 3) assertEquals([...memory], [0, 0, 8, i, 0 - i, 0, 0, 0]);
  }
});

const maps = Deno.build.os === "linux" && !ignore;
Deno.test(`code lies in pages that can only be read and run${NO_CODE}`, { ignore: !maps }, () => {
  const code = machineCode()!.place(new Uint8Array(5000))!;
  const found = Deno.readTextFileSync("/proc/self/maps").split("\n").find((line) => {
    const [low, high] = line.split(" ")[0]!.split("-").map((x) => BigInt(`0x${x}`));
    return low! <= code.address && code.address + 8192n <= high!;
  });
  assert(found?.split(" ")[1] === "r-xp", found);
  code.free();
});

Deno.test(`there is room for 64 MiB, and again when it is given back${NO_CODE}`, { ignore }, () => {
  const machine = machineCode()!;
  const bytes = new Uint8Array(63 << 20);
  const code = machine.place(bytes)!;
  assertEquals(machine.place(bytes), null);
  code.free();
  code.free();
  const again = machine.place(bytes)!;
  assertEquals(machine.place(bytes), null);
  again.free();
});

Deno.test(`more numbers than there is room for are refused${NO_CODE}`, { ignore }, () => {
  const machine = machineCode()!;
  const code = machine.place(RETURN)!;
  machine.bind(code, MOST_NUMBERS, 1n)();
  assertThrows(
    () => machine.bind(code, MOST_NUMBERS + 1, 1n),
    RangeError,
    "Cannot call code with 1025 numbers: at most 1024 are wanted",
  );
});

Deno.test(`code whose runner is dropped is given back, and no other${NO_CODE}`, {
  ignore,
}, async () => {
  const told = await runChild("machine_code_child.ts", ["-A", "--v8-flags=--expose-gc"], "drop");
  assertEquals(told, { rounds: 40, held: 4 });
});

Deno.test("without a bare permission there is no machine code and nothing is known", async () => {
  for (const flags of [[], ["--allow-ffi=/lib,/usr/lib,/lib64"], ["-A", "--deny-ffi=/nowhere"]]) {
    const told = await runChild<{ code: boolean }>("machine_code_child.ts", flags, "look");
    assertEquals(told, { code: false, avx512: false }, flags.join(" "));
  }
});

Deno.test(`a system that refuses is asked once${NO_CODE}`, {
  ignore: ignore || Deno.build.os !== "linux",
}, async () => {
  const told = await runChild("machine_code_child.ts", ["-A"], "refuse");
  // null: the kernel is older than 6.3 and does not know how to refuse
  if (told !== null) assertEquals(told, { before: true, after: [false, false, false] });
});
