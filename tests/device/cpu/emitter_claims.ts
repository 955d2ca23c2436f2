/**
 * What both emitters of the CPU are to do: claims about any function that makes kernels run.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { allocate, type DType, DTYPES } from "../../../src/base/dtype.ts";
import type { ScalarStep } from "../../../src/ir/kernel.ts";
import { printKernel } from "../../../src/ir/print_kernel.ts";
import { checkPieces, cuts, type Emitter } from "./emitter.ts";
import {
  ALL,
  type Case,
  type CaseKind,
  difference,
  fill,
  generate,
  seeded,
} from "./kernel_cases.ts";
import {
  broadcast,
  gathered,
  longProgram,
  manyArrays,
  manyConstants,
  manyFused,
  manyValues,
  nested,
  reduceCase,
  ROW,
  runningCase,
  scalarCase,
  severalAxes,
  signatures,
} from "./made_cases.ts";

/** Registers the claims as tests. */
export function claim(emitter: Emitter): void {
  const memory = new WebAssembly.Memory({ initial: 64 });
  const test = (name: string, body: () => void): void =>
    Deno.test(`${emitter.name}: ${name}`, { ignore: emitter.ignore }, body);

  /** Whether the emitter takes the case; throws where it runs otherwise than the reference. */
  const check = (c: Case): boolean => {
    const made = emitter.compile(c.kernel, memory, false);
    if (made === null) {
      assert(emitter.picky, printKernel(c.kernel));
      return false;
    }
    const found = difference(c, memory, made.run);
    made.free?.();
    assertEquals(found, null);
    return true;
  };
  /** A kernel of one point has no loop, and so no vector. */
  const must = (c: Case) => {
    const taken = check(c) || c.kernel.shape.every((n) => n < 2);
    assert(taken, `refused:\n${printKernel(c.kernel)}`);
  };

  const kinds: Record<CaseKind, number> = {
    elementwise: 500,
    reduce: 300,
    scan: 200,
    indirect: 250,
  };
  for (const [kind, count] of Object.entries(kinds) as [CaseKind, number][]) {
    test(`${count} generated ${kind} kernels agree with the reference`, () => {
      let taken = 0;
      for (let seed = 0; seed < count; seed++) {
        if (check(generate(seed, kind, emitter.picky))) taken++;
      }
      assert(taken > count / 10, `only ${taken} of ${count} are taken`);
    });
  }

  test("every native scalar agrees with its meaning for every type it is defined for", () => {
    const refused: string[] = [];
    for (const [op, types, to] of signatures()) {
      if (!check(scalarCase(op, types, to, 4 * 97 + 3))) refused.push(`${op} ${types[0]}`);
    }
    // what is done lane by lane
    const each = (op: string, ...types: DType[]) => types.map((t) => `${op} ${t}`);
    const integers: DType[] = ["uint8", "int32", "uint32"];
    const known = new Set([
      ...each("pow", ...integers, "float32", "float64"),
      ...each("rem", "float32", "float64"),
      ...each("shl", ...integers),
      ...each("shr", ...integers),
      ...["sin", "cos", "tan"].map((op) => `${op}Where bool`),
    ]);
    assertEquals(refused.filter((what) => !known.has(what)), []);
  });

  test("shifts by a uniform count agree with the reference", () => {
    for (const op of ["shl", "shr"] as const) {
      for (const t of ["uint8", "int32", "uint32"] as const) {
        for (const count of [0, 1, 7, 31, 32, 100, -1]) {
          const c = scalarCase(op, [t, t], t, 21);
          const body = [...c.kernel.body];
          body[1] = { op: "const", dtype: t, value: count };
          const taken = check({ ...c, kernel: { ...c.kernel, body } });
          assert(taken || count >= 32 || count < 0);
        }
      }
    }
  });

  test("floats become integers at the ends of the range, and beyond them", () => {
    for (const from of ["float32", "float64"] as const) {
      for (const to of ["int32", "uint32", "uint8", "bool"] as const) {
        const c = scalarCase("cast", [from], to, 32);
        const ends = [-(2 ** 31), -1, 0, 2 ** 30, 2 ** 31, 2 ** 32, 255];
        const near = (x: number) => [x, x - 0.5, x + 0.5, x - 256, x + 256, 0.9 * x];
        c.data[0]!.set([...ends.flatMap(near)].slice(0, 32));
        must(c);
        c.data[0]!.set([...ends.flatMap(near), NaN, -Infinity, Infinity].slice(-32));
        must(c);
      }
    }
  });

  test("extremes with a constant agree with the reference, whatever the constant", () => {
    for (const op of ["min", "max"] as const) {
      for (const t of ["float32", "float64"] as const) {
        for (const value of [0, -0, 1, -1, NaN, Infinity, -Infinity]) {
          for (const at of [0, 1]) {
            const c = scalarCase(op, [t, t], t, 99);
            const body = [...c.kernel.body];
            body[at] = { op: "const", dtype: t, value };
            must({ ...c, kernel: { ...c.kernel, body } });
          }
        }
      }
    }
  });

  test("every size of an elementwise kernel is done in full and no byte more", () => {
    for (const t of ALL) {
      for (let n = 0; n <= 70; n++) must(scalarCase("max", [t, t], t, n));
      for (let n = 1; n <= 70; n++) {
        must(scalarCase("cast", [t], t === "bool" ? "uint8" : "bool", n));
      }
      // so many that several vectors are worked on at once
      for (const n of [2049, 2063, 2064, 2065, 2111, 2112, 2113]) {
        must(scalarCase("add", [t, t], t, n));
      }
    }
  });

  test("reductions of every type along rows, columns and everything agree with the reference", () => {
    const sizes = [
      ...[[3, 17], [17, 3], [5, 64], [33, 18], [1, 1], [4, 0], [0, 4], [70, 81], [
        2,
        1500,
      ]] as const,
      ...[[1500, 2]] as const,
    ] as const;
    for (const combine of ["add", "mul", "max", "min", "argmax", "argmin"] as const) {
      for (const t of ALL) {
        for (const size of sizes) {
          for (const kept of ["rows", "columns", "none"] as const) {
            check(reduceCase(combine, t, size, kept));
          }
        }
      }
    }
  });

  test("reductions over several axes agree with the reference", () => {
    for (const combine of ["add", "mul", "max", "min", "argmax", "argmin"] as const) {
      for (const t of ALL) {
        for (const sizes of [[5, 3, 7, 19], [2, 17, 4, 33], [3, 2, 2, 16]] as const) {
          for (const kept of [[], [1], [3], [0, 2], [1, 3], [0, 3], [0, 1]]) {
            check(severalAxes(combine, t, sizes, kept));
          }
        }
      }
    }
  });

  test("argmax takes the first NaN, else the first of equals, wherever they lie", () => {
    for (const t of ["float32", "float64"] as const) {
      for (let at = 0; at < 40; at++) {
        for (const value of [NaN, 5]) {
          const c = reduceCase("argmax", t, [1, 40], "none");
          c.data[0]!.fill(1);
          c.data[0]![at] = value;
          c.data[0]![Math.min(39, at + 7)] = value;
          must(c);
        }
      }
    }
  });

  test("running results along an axis agree with the reference", () => {
    for (const combine of ["add", "mul", "max", "min", "linear"] as const) {
      for (const t of ALL) {
        for (const [rows, columns] of [[7, 16], [5, 33], [40, 3], [1, 1], [9, 600]] as const) {
          check(runningCase(combine, t, rows, columns));
        }
      }
    }
  });

  test("operands that are the same along an axis agree with the reference", () => {
    for (const t of ALL) {
      for (const [rows, columns] of [[3, 17], [4, 19], [33, 70], [70, 64]] as const) {
        for (const strides of [[0, 1], [1, 0], [0, 0]] as const) {
          must(broadcast(t, rows, columns, strides));
        }
      }
    }
  });

  test("rows at computed places agree with the reference", () => {
    for (const t of ALL) {
      for (const columns of [5, 15, 16, 17, 64, 70]) must(gathered(t, 9, columns));
    }
  });

  test("views of every second or hundredth element agree with the reference", () => {
    for (const t of ALL) {
      for (const stride of [2, 3, 100, -2]) {
        for (const n of [2, 15, 16, 17, 70, 2100]) {
          const c = scalarCase("max", [t, t], t, n);
          const body = [...c.kernel.body];
          const offset = stride < 0 ? (1 - n) * stride : 5;
          body[1] = { op: "load", dtype: t, arg: 1, view: { offset, strides: [stride] } };
          const long = fill(seeded(n), t, offset + (n - 1) * Math.abs(stride) + 1);
          const wide = { ...c, data: [c.data[0]!, long, c.data[2]!] };
          check({ ...wide, kernel: { ...c.kernel, body } });
        }
      }
    }
  });

  test("views that go backwards agree with the reference", () => {
    for (const t of ALL) {
      for (const n of [1, 5, 16, 17, 70]) {
        const c = scalarCase("add", [t, t], t, n);
        const body = [...c.kernel.body];
        body[0] = { op: "load", dtype: t, arg: 0, view: { offset: n - 1, strides: [-1] } };
        check({ ...c, kernel: { ...c.kernel, body } });
        const stores = [{ arg: 2, value: 2, view: { offset: n - 1, strides: [-1] } }];
        check({ ...c, kernel: { ...c.kernel, stores } });
      }
    }
  });

  test("a kernel with more constants than registers agrees with the reference", () => {
    for (const t of ["float32", "float64", "int32"] as const) must(manyConstants(t, 40, 77));
  });

  test("a kernel with more values than registers agrees with the reference", () => {
    for (const t of ["float32", "float64", "int32", "bool"] as const) {
      for (const n of [13, 77, 5000]) must(manyValues(t, 50, n));
    }
  });

  test("values that are multiplied and added again and again agree with the reference", () => {
    for (const t of ["float32", "float64"] as const) {
      for (let seed = 0; seed < 60; seed++) must(manyFused(t, 20 + seed * 2, seed));
    }
  });

  test("a kernel of twenty arrays agrees with the reference", () => {
    for (const t of ALL) {
      for (const n of [13, 77, 3000]) must(manyArrays(t, 20, n));
    }
  });

  test("loops four deep agree with the reference", () => {
    for (const t of ALL) {
      for (const sizes of [[3, 2, 5, 33], [2, 3, 4, 16], [2, 2, 2, 1], [2, 1, 3, 70]] as const) {
        must(nested(t, sizes));
      }
    }
  });

  test("ten million float32 ones-like values sum to within 1e-6", () => {
    const n = 10_000_000;
    const big = new WebAssembly.Memory({ initial: Math.ceil((n * 4 + 4096) / 65536) });
    const x = new Float32Array(big.buffer, 1024, n);
    for (const value of [0.1, 1 / 3]) {
      x.fill(value);
      const want = n * Math.fround(value);
      for (const columns of [1, 10]) {
        const { kernel } = reduceCase("add", "float32", [n / columns, columns], "columns");
        const made = emitter.compile(kernel, big, false);
        if (made === null) {
          assert(emitter.picky && columns > 1);
          continue;
        }
        made.run(1024, 64);
        made.free?.();
        const got = new Float32Array(big.buffer, 64, 1)[0]! * columns;
        assert(Math.abs(got - want) / want < 1e-6, `${got} is not ${want}`);
      }
    }
  });

  test("transposed copies of every type and many sizes agree with the reference", () => {
    for (const t of ALL) {
      for (
        const [rows, columns] of [[1, 9], [4, 4], [8, 8], [9, 13], [16, 33], [37, 21]] as const
      ) {
        check({
          kernel: {
            name: "transpose",
            shape: [columns, rows],
            reduce: [],
            args: [{ dtype: t, writes: false }, { dtype: t, writes: true }],
            body: [{ op: "load", dtype: t, arg: 0, view: { offset: 0, strides: [1, columns] } }],
            accumulators: [],
            epilogue: [],
            stores: [{ arg: 1, view: { offset: 0, strides: [rows, 1] }, value: 0 }],
          },
          data: [fill(seeded(rows), t, rows * columns), allocate(t, rows * columns)],
        });
      }
    }
  });

  test("scattered additions count every duplicate", () => {
    for (const t of ALL) {
      const n = 37;
      const index = new Int32Array(n).map((_, i) => i % 3);
      check({
        kernel: {
          name: "scatter",
          shape: [n],
          reduce: [],
          args: [
            { dtype: "int32", writes: false },
            { dtype: t, writes: false },
            { dtype: t, writes: true },
          ],
          body: [
            { op: "load", dtype: "int32", arg: 0, view: ROW },
            { op: "load", dtype: t, arg: 1, view: ROW },
          ],
          accumulators: [],
          epilogue: [],
          stores: [{
            arg: 2,
            value: 1,
            add: true,
            view: { offset: 0, strides: [0], at: [{ step: 0, stride: 1 }] },
          }],
        },
        data: [index, fill(seeded(3), t, n, true), fill(seeded(4), t, 3, true)],
      });
    }
  });

  test("an elementwise kernel may write over its own operand", () => {
    for (const t of ALL) {
      for (const n of [2, 15, 16, 43, 3000]) {
        const c = scalarCase("add", [t, t], t, n);
        const at = (address: number) => new DTYPES[t].array(memory.buffer, address, n);
        for (const address of [65536, 131072]) at(address).set(c.data[0]!);
        at(196608).set(c.data[1]!);
        const made = emitter.compile(c.kernel, memory, false)!;
        made.run(131072, 196608, 262144);
        made.run(65536, 196608, 65536);
        made.free?.();
        assertEquals(at(65536), at(262144));
      }
    }
  });

  const piecewise: Record<CaseKind, number> = {
    elementwise: 300,
    reduce: 300,
    scan: 300,
    indirect: 300,
  };
  for (const [kind, count] of Object.entries(piecewise) as [CaseKind, number][]) {
    test(`generated ${kind} kernels give the same bits in pieces`, () => {
      let cut = 0;
      for (let seed = 0; seed < count; seed++) {
        if ((checkPieces(emitter, generate(seed, kind, emitter.picky), memory, seed) ?? 0) > 0) {
          cut++;
        }
      }
      assert(cut > 20, `only ${cut} of ${count} can be cut`);
    });
  }

  test("a line of every length does all of it and no byte more, wherever it is cut", () => {
    const random = seeded(11);
    for (const t of ALL) {
      const { kernel } = scalarCase("sub", [t, t], t, 1 << 16);
      const line = emitter.compile(kernel, memory, true, true)!;
      assert(line.lineUnit > 0);
      for (let n = 1; n <= 200; n++) {
        const c = scalarCase("sub", [t, t], t, n);
        const extent = Math.ceil(n / line.lineUnit);
        assertEquals(difference(c, memory, (...args) => line.run(...args, n, 0, extent)), null);
        assertEquals(
          difference(c, memory, (...args) => {
            for (const [from, to] of cuts(random, extent)) line.run(...args, n, from, to);
          }),
          null,
        );
      }
      line.free?.();
    }
  });

  test("a line that reads its index knows it in every piece", () => {
    const body: ScalarStep[] = [
      { op: "index", dtype: "int32", axis: 0 },
      { op: "load", dtype: "int32", arg: 0, view: ROW },
      { op: "add", dtype: "int32", args: [0, 1] },
    ];
    const { kernel } = scalarCase("neg", ["int32"], "int32", 1 << 16);
    const made = emitter.compile(
      { ...kernel, body, stores: [{ arg: 1, value: 2, view: ROW }] },
      memory,
      true,
      true,
    )!;
    for (const n of [1, 15, 64, 199, 1000]) {
      const c = scalarCase("neg", ["int32"], "int32", n);
      const own = {
        ...c,
        kernel: { ...c.kernel, body, stores: [{ arg: 1, value: 2, view: ROW }] },
      };
      const extent = Math.ceil(n / made.lineUnit);
      const run = (...args: number[]) => {
        for (let i = extent - 1; i >= 0; i--) made.run(...args, n, i, i + 1);
      };
      assertEquals(difference(own, memory, run), null);
    }
    made.free?.();
  });

  test("200 random programs of many operations agree with the reference", () => {
    for (let seed = 0; seed < 200; seed++) {
      const c = longProgram(seed);
      const found = check(c);
      assert(found, `seed ${seed} is refused:\n${printKernel(c.kernel)}`);
    }
  });
}
