/** The builder of machine code: its stack, its numbers, its loops and branches. */
import { assertEquals, assertThrows } from "@std/assert";
import { I32, V128 } from "../../../../src/wasm/wasm.ts";
import { MachineCode } from "../../../../src/device/cpu/x64/code.ts";
import { Unsupported } from "../../../../src/device/cpu/x64/unsupported.ts";
import { NO_AVX512 } from "../../../ffi/codes.ts";
import { seeded } from "../kernel_cases.ts";
import { listingOf, runWritten } from "./machine_code.ts";

const ignore = NO_AVX512 !== "";
const memory = new WebAssembly.Memory({ initial: 1 });
const name = (text: string): string => `${text}${NO_AVX512}`;

/** The first lanes of the rows that a function writes, with a few numbers. */
function numbersOf(
  rows: number,
  numbers: readonly number[],
  write: (c: MachineCode, first: number) => void,
): number[] {
  new Uint8Array(memory.buffer).fill(0xa5);
  runWritten(memory, [64], numbers, (c) => write(c, 1));
  return Array.from({ length: rows }, (_, i) => new Int32Array(memory.buffer, 64 + 64 * i, 1)[0]!);
}

/** Stores a number in a row. */
const store = (c: MachineCode, row: number, push: () => void): void => {
  c.get(0);
  push();
  c.op("i32x4.splat").store("v128.store", { offset: 64 * row });
};

Deno.test(name("what is pushed keeps its value when its local is written afterwards"), {
  ignore,
}, () => {
  const got = numbersOf(6, [5, 7], (c, n) => {
    const [x, y] = [c.local(I32), c.local(V128)];
    // written by an instruction that was to make it for the stack
    c.get(n).get(n + 1).op("i32.add").set(x);
    store(c, 0, () => void c.get(x).i32.const(100).set(x));
    store(c, 1, () => void c.get(x));
    // of the number itself
    store(c, 2, () => void c.get(x).get(x).i32.const(1).op("i32.add").set(x));
    store(c, 3, () => void c.get(x));
    c.i32x4.const(3).i32x4.const(4).op("i32x4.add").set(y);
    c.get(0).get(y).i32x4.const(9).set(y).store("v128.store", { offset: 256 });
    c.get(0).get(y).store("v128.store", { offset: 320 });
  });
  assertEquals(got, [12, 100, 100, 101, 7, 9]);
});

Deno.test(name("a condition is that of when it was pushed"), { ignore }, () => {
  const got = numbersOf(1, [5, 7], (c, n) => {
    store(c, 0, () => {
      c.i32.const(1).i32.const(2).get(n).get(n + 1).op("i32.lt_u");
      c.i32.const(50).set(n);
      c.op("select");
    });
  });
  assertEquals(got, [1]);
});

Deno.test(name("a vector that is pushed twice and written between is two"), { ignore }, () => {
  const got = numbersOf(1, [5], (c, n) => {
    const x = c.local(V128);
    c.get(n).op("i32x4.splat").set(x);
    c.get(0).get(x);
    c.get(x).get(x).op("i32x4.mul").set(x);
    c.get(x).op("i32x4.sub").store("v128.store");
  });
  assertEquals(got, [5 - 25]);
});

Deno.test(name("numbers are added, multiplied and chosen as they are"), { ignore }, () => {
  const random = seeded(5);
  const some = [0, 1, 2, 3, 7, 64, 100, 65535, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
  const pick = () => some[Math.floor(random() * some.length)]!;
  for (let turn = 0; turn < 60; turn++) {
    const values = Array.from({ length: 14 }, pick);
    const factors = [pick(), 1, 4, 12, -3, 0].map((f) => f | 0);
    const got = numbersOf(values.length + 4, values, (c, n) => {
      // more of them than there are registers
      const own = values.map((_, i) => {
        const local = c.local(I32);
        c.get(n + i).i32.const(factors[i % factors.length]!).op("i32.mul")
          .get(n + (i + 1) % values.length).op("i32.add").set(local);
        return local;
      });
      own.forEach((local, i) => store(c, i, () => void c.get(local)));
      const at = values.length;
      store(c, at, () => void c.get(n).get(n + 1).op("i32.sub").i32.const(-9).op("i32.add"));
      store(c, at + 1, () => void c.i32.const(11).get(n + 2).op("i32.sub"));
      const choose = (is: "i32.lt_u" | "i32.ge_u" | "i32.gt_u") => {
        c.get(n + 3).get(n + 4).get(n + 5).get(n + 6).op(is).op("select");
      };
      store(c, at + 2, () => choose("i32.lt_u"));
      store(c, at + 3, () => choose(turn % 2 === 0 ? "i32.ge_u" : "i32.gt_u"));
    });
    const v = (i: number) => values[i % values.length]!;
    const low = (x: bigint) => Number(BigInt.asIntN(32, x));
    const want = values.map((x, i) =>
      low(BigInt(x) * BigInt(factors[i % factors.length]!) + BigInt(v(i + 1)))
    );
    want.push((v(0) - v(1) - 9) | 0, (11 - v(2)) | 0);
    want.push((v(5) < v(6) ? v(3) : v(4)) | 0);
    const holds = turn % 2 === 0 ? v(5) >= v(6) : v(5) > v(6);
    want.push((holds ? v(3) : v(4)) | 0);
    assertEquals(got, want, `${values}`);
  }
});

Deno.test(name("loops run as often as they are told, branches where they hold, four deep"), {
  ignore,
}, () => {
  for (const numbers of [[1, 1], [3, 2], [2, 5], [4, 0]] as const) {
    const [turns, other] = numbers;
    const [got] = numbersOf(1, numbers, (c, n) => {
      const [sum, i, j] = [c.local(I32), c.local(I32), c.local(I32)];
      c.i32.const(0).set(sum).get(n).set(i);
      c.loop((outer) => {
        c.get(n + 1).if(() => {
          c.get(n + 1).set(j);
          c.loop((inner) => {
            c.get(i).get(j).op("i32.ge_u").if(() => {
              c.get(i).i32.const(2).op("i32.gt_u").if(() => {
                c.get(sum).i32.const(1000).op("i32.add").set(sum);
              });
              c.get(sum).get(j).op("i32.add").set(sum);
            });
            c.get(j).i32.const(1).op("i32.sub").tee(j).brIf(inner);
          });
        });
        c.get(i).i32.const(1).op("i32.sub").tee(i).brIf(outer);
      });
      store(c, 0, () => void c.get(sum));
    });
    let want = 0;
    for (let i = turns; i > 0; i--) {
      for (let j = other; j > 0; j--) {
        if (i >= j) {
          if (i > 2) want += 1000;
          want += j;
        }
      }
    }
    assertEquals(got, want, `${numbers}`);
  }
});

Deno.test(name("addresses reach above two gigabytes, and back"), { ignore }, () => {
  const wide = new WebAssembly.Memory({ initial: 65536 });
  const top = 2 ** 32 - 128;
  new Int32Array(wide.buffer, top, 1)[0] = 77;
  runWritten(wide, [64, top], [], (c) => {
    c.get(0).get(1).load("v128.load32_splat").store("v128.store", { offset: 64 });
    // a constant that takes more than 31 bits
    c.get(0).get(0).i32.const(top - 64).op("i32.add").load("v128.load32_splat").store("v128.store");
    c.get(1).i32.const(-top + 64).op("i32.add").get(1).load("v128.load32_splat");
    c.store("v128.store", { offset: 128 });
  });
  assertEquals([0, 64, 128].map((at) => new Int32Array(wide.buffer, 64 + at, 1)[0]), [77, 77, 77]);
});

Deno.test("a local that only ever holds a constant is the constant", () => {
  const listing = listingOf(1, 0, (c) => {
    const [a, b, twice] = [c.local(V128), c.local(V128), c.local(V128)];
    c.f32x4.const(2).set(a);
    c.get(a).set(b);
    c.f32x4.const(3).set(twice);
    c.get(0).get(a).get(b).op("f32x4.mul").get(twice).op("f32x4.mul").store("v128.store");
    c.f32x4.const(4).set(twice);
    c.get(0).get(twice).store("v128.store");
  });
  const copies = listing.instructions.filter((i) => i.copies !== undefined);
  assertEquals(copies.length, 2);
  assertEquals(listing.aliases.size, 2);
  // both stand for the constant itself
  assertEquals(new Set(listing.aliases.values()).size, 1);
  const bits = [...listing.aliases.keys()].map((v) => listing.constants.get(v));
  assertEquals(bits, [1, 2].map(() => new Uint8Array(Float32Array.of(2).buffer)));
});

Deno.test("equal constants are one, those of other lengths others", () => {
  const { constants } = listingOf(1, 0, (c) => {
    c.i32x4.const(0).f32x4.const(0).f64x2.const(0).i64x2.const(0).f32x4.const(-0);
  });
  assertEquals([...constants.values()].map((bits) => bits.length), [4, 8, 4]);
});

Deno.test("what is no work on whole vectors is refused, so that the kernel stays WebAssembly", () => {
  const c = () => new MachineCode(1, 1);
  const x = () => c().f32x4.const(1) as MachineCode;
  for (
    const refused of [
      () => x().lane("f32x4.extract_lane", 0),
      () => x().f32x4.const(1).shuffle([]),
      () => x().lane("i32x4.extract_lane", 1),
      () => c().get(0).f32x4.const(1).laneMemory("v128.store32_lane", 1),
      () => x().get(1).op("i32x4.shl"),
      () => c().get(1).op("f64.convert_i32_s"),
      () => c().get(1).if(() => {}, () => {}),
    ]
  ) assertThrows(refused, Unsupported, "leave the kernel to WebAssembly");
});
