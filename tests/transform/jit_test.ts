/**
 * jit: what compiles anew, what does not, and what may be passed.
 *
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { HostArray, OutOfMemoryError } from "../../src/base/mod.ts";
import { currentDevice, type Tensor, Variable } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { grad, jit } from "../../src/transform/mod.ts";

/** A jitted function of any tree, and how often it was traced. */
function counted() {
  const count = { traces: 0 };
  const f = jit((x: unknown) => {
    count.traces++;
    return x as Tensor;
  });
  return { f: (x: unknown) => f(x as never), jitted: f, count };
}

Deno.test("a call with the same tree, shapes and dtypes compiles nothing", () => {
  const { f, jitted, count } = counted();
  for (let i = 0; i < 3; i++) f({ a: np.ones([2, 3]), b: [np.arange(4), null] });
  assertEquals([count.traces, jitted.compiles], [1, 1]);
});

Deno.test("each other shape, dtype or tree compiles once", () => {
  const { f, jitted } = counted();
  const kinds = [
    np.ones([2]),
    np.ones([3]),
    np.ones([2, 1]),
    np.ones([2], "int32"),
    np.ones([2], "float64"),
    [np.ones([2])],
    [np.ones([2]), null],
    { a: np.ones([2]) },
    { b: np.ones([2]) },
    null,
    [],
    1,
  ];
  for (let round = 0; round < 3; round++) for (const x of kinds) f(x);
  assertEquals(jitted.compiles, kinds.length);
});

Deno.test("a Variable, a HostArray, a typed array and a tensor of one aval share a program", () => {
  const { f, jitted } = counted();
  const all = [
    np.ones([2]),
    new HostArray([5, 6]),
    new Variable([7, 8]),
    new Float32Array([9, 10]),
  ];
  assertEquals(all.map((x) => f(x).toArray()), [[1, 1], [5, 6], [7, 8], [9, 10]]);
  assertEquals(jitted.compiles, 1);
});

Deno.test("numbers are run-time inputs", () => {
  const { f, jitted } = counted();
  assertEquals([1, 2.5, -0, NaN].map((x) => f(x).item()), [1, 2.5, -0, NaN]);
  assertEquals(jitted.compiles, 1);
});

Deno.test("a state that starts as numbers compiles at most once more", () => {
  const step = jit((x: Tensor) => x.mul(2).add(np.ones([])));
  let x: Tensor | number = 1;
  for (let i = 0; i < 5; i++) x = step(x);
  assertEquals([(x as Tensor).item(), step.compiles], [63, 2]);
});

Deno.test("numbers, HostArrays and constants that are returned become tensors", () => {
  const f = jit((x: Tensor) => ({ x, n: 2, flag: true, host: new HostArray([1, 2]) }));
  const { x, n, flag, host } = f(1) as unknown as Record<string, Tensor>;
  assertEquals([x, n, flag].map((t) => t!.item()), [1, 2, 1]);
  assertEquals(host!.toArray(), [1, 2]);
  assertEquals(flag!.dtype, "bool");
});

Deno.test("containers come out as they were returned", () => {
  const f = jit((x: Tensor) => [x, null, { b: [x], a: [] }]);
  const [, none, { a, b }] = f(1) as unknown as [Tensor, null, { a: []; b: Tensor[] }];
  assertEquals([none, a, b.length], [null, [], 1]);
});

Deno.test("leaves that are no arrays are refused with their path", () => {
  const { f } = counted();
  const cases: [unknown, string][] = [
    [{ a: [1, undefined] }, "args[0].a[1] is undefined"],
    [[1, "text"], 'args[0][1] is "text"'],
    [{ f() {} }, "args[0].f is function f"],
    [new Date(), "args[0] is Date"],
    [10n, "args[0] is 10"],
    [new BigInt64Array(1), "args[0] is BigInt64Array(8 bytes)"],
  ];
  for (const [x, text] of cases) {
    const e = assertThrows(() => f(x), TypeError);
    assertStringIncludes(e.message, text);
    assertStringIncludes(e.message, "staticArgs");
  }
});

Deno.test("results that are no arrays are refused with their path", () => {
  const returns = (x: unknown) => () => jit(() => x as Tensor)();
  assertThrows(returns(undefined), TypeError, "result is undefined");
  assertThrows(returns({ a: 1, b: "s" }), TypeError, 'result.b is "s"');
  assertThrows(returns([() => 1]), TypeError, "result[0] is function");
});

Deno.test("an async function is refused", () => {
  const f = jit((x: Tensor) => Promise.resolve(x));
  assertThrows(() => f(1), TypeError, "Cannot jit an async function");
});

Deno.test("what is no function, or an unknown option, is refused", () => {
  assertThrows(() => jit(1 as never), TypeError, "Cannot jit 1: give a function");
  assertThrows(
    () => jit((x) => x, { static: 1 } as never),
    TypeError,
    "the options are donate, staticArgs",
  );
  assertThrows(() => jit((x) => x, { donate: -1 }), RangeError, "counted from 0");
  const both = { donate: 0, staticArgs: [0] };
  assertThrows(() => jit((x: Tensor) => x, both), RangeError, "both donated and static");
});

Deno.test("each value of a static argument compiles once and arrives as it is", () => {
  const f = jit((x: Tensor, mode: string, n: number) => mode === "up" ? x.add(n) : x.sub(n), {
    staticArgs: [1, 2],
  });
  assertEquals([f(1, "up", 2).item(), f(1, "down", 2).item(), f(5, "up", 2).item()], [3, -1, 7]);
  assertEquals(f.compiles, 2);
  f(1, "up", 3);
  assertEquals(f.compiles, 3);
});

Deno.test("a static function is compared by identity", () => {
  const f = jit((g: (x: Tensor) => Tensor, x: Tensor) => g(x), { staticArgs: 0 });
  const double = (x: Tensor) => x.mul(2);
  assertEquals([f(double, 3).item(), f(double, 4).item(), f.compiles], [6, 8, 1]);
  f((x) => x.mul(2), 3);
  assertEquals(f.compiles, 2);
});

Deno.test("arrays and plain objects are refused as static arguments", () => {
  const f = jit((x: Tensor, _: unknown) => x, { staticArgs: 1 });
  for (const s of [[1], { a: 1 }, np.ones(1), new Float32Array(1), new Variable(1)]) {
    assertThrows(() => f(1, s), TypeError, "compared by identity");
  }
});

Deno.test("a path counts static arguments too", () => {
  const f = jit((_: string, x: Tensor) => x, { staticArgs: 0 });
  assertThrows(() => f("fast", "slow" as never), TypeError, 'args[1] is "slow"');
});

Deno.test("at most 64 programs are kept, and a warning says so once", () => {
  const warn = console.warn;
  const warnings: string[] = [];
  console.warn = (text: string) => warnings.push(text);
  try {
    const f = jit((x: Tensor) => x.add(1));
    const call = (n: number) => f(new HostArray(new Float32Array(n)));
    for (let n = 1; n <= 64; n++) call(n);
    call(1); // now the most recently used
    assertEquals([f.compiles, warnings.length], [64, 0]);
    call(65);
    call(1);
    assertEquals(f.compiles, 65);
    call(2); // the least recently used had gone
    assertEquals(f.compiles, 66);
    for (let n = 66; n < 70; n++) call(n);
    assertEquals(warnings.length, 1);
    assertMatch(warnings[0]!, /more than 64 kinds.*pad.*dropRemainder/);
  } finally {
    console.warn = warn;
  }
});

Deno.test("captured tensors are constants, also after the original is disposed of", () => {
  const c = np.array([10, 20]);
  const f = jit((x: Tensor) => x.add(c));
  assertEquals(f(1).toArray(), [11, 21]);
  c.dispose();
  assertEquals(f(2).toArray(), [12, 22]);
});

Deno.test("a failure in the traced function leaves everything usable", () => {
  let fail = true;
  const x = np.array([1, 2]);
  const f = jit((t: Tensor) => {
    if (fail) throw new RangeError("no");
    return t.add(1);
  }, { donate: 0 });
  assertThrows(() => f(x), RangeError, "no");
  assertEquals([x.toArray(), f.compiles], [[1, 2], 0]);
  fail = false;
  assertEquals(f(x).toArray(), [2, 3]);
});

Deno.test("running out of memory leaves the arguments as they were", () => {
  const f = jit((s: Tensor) => [s.add(1), s.reshape([-1, 1]).mul(s).sum({ axis: 0 })], {
    donate: 0,
  });
  const small = np.ones([10]);
  f(small);
  const big = np.ones([400_000]);
  const outer = jit((s: Tensor) => [s.add(1), s.reshape([-1, 1]).mul(s)], { donate: 0 });
  // what a GPU keeps for itself is pinned for good
  const { pinned } = currentDevice().heap.stats();
  assertThrows(() => outer(big), OutOfMemoryError);
  assertEquals(big.sum().item(), 400_000);
  assertEquals(currentDevice().heap.stats().pinned, pinned);
});

Deno.test("disposed and donated arguments are refused, and nothing stays pinned", () => {
  const f = jit((x: Tensor, y: Tensor) => x.add(y));
  const [x, y] = [np.ones(2), np.ones(2)];
  f(x, y);
  const { pinned } = currentDevice().heap.stats();
  y.dispose();
  assertThrows(() => f(x, y), Error, "disposed");
  assertEquals(f(x, x).toArray(), [2, 2]);
  assertEquals(currentDevice().heap.stats().pinned, pinned);
});

Deno.test("HostArray arguments have been read when the call returns", () => {
  const host = new HostArray([1, 2]);
  const y = jit((x: Tensor) => x)(host);
  host.values[0] = 99;
  assertEquals(y.toArray(), [1, 2]);
});

Deno.test("GLISSADE_DEBUG=1 tells each compile and what changed", async () => {
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", fileURLToPath(new URL("./debug_child.ts", import.meta.url))],
    env: { GLISSADE_DEBUG: "1", NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const lines = new TextDecoder().decode(stderr).trim().split("\n");
  const want = [
    /^glissade: compiled jit\(step\) in [\d.]+ ms: first call$/,
    /: args\[0\]\.x changed from f32\[2\] to f32\[3\]$/,
    /: args\[0\]\.x changed from f32\[3\] to i32\[3\]$/,
    /: the structure changed: \[0\] is an object with keys \["x"\] in one/,
    /: static argument 1 changed from "a" to "b"$/,
  ];
  assertEquals(lines.length, want.length, lines.join("\n"));
  want.forEach((w, i) => assertMatch(lines[i]!, w));
});

Deno.test("options of a wrong kind are named", () => {
  const f = (x: Tensor) => x;
  for (const options of [null, 5]) {
    assertThrows(() => jit(f, options as never), TypeError, `with ${options} as options`);
    assertThrows(() => grad(f, options as never), TypeError, `with ${options} as options`);
  }
  for (const at of [null, {}, true, "0", new Set([0])]) {
    const wanted = "give positions of arguments, counted from 0";
    assertThrows(() => jit(f, { donate: at as never }), RangeError, wanted);
    assertThrows(() => jit(f, { staticArgs: at as never }), RangeError, wanted);
    assertThrows(() => grad(f, { argnums: at as never })(1), TypeError, "argnums are integers");
  }
});

Deno.test("a boolean argument is refused, since it would be true in every if", () => {
  const f = jit((x: Tensor, training: boolean) => training ? x : x.neg());
  assertThrows(() => f(np.ones([2]), false), TypeError, "staticArgs");
  const g = jit((x: Tensor, training: boolean) => training ? x : x.neg(), { staticArgs: 1 });
  assertEquals(g(np.ones([2]), false).toArray(), [-1, -1]);
});

Deno.test("a setting is told the option that takes it, with its position", () => {
  const f = jit((x: Tensor, _setting: unknown) => x) as (...args: unknown[]) => unknown;
  for (const setting of [true, "relu"]) {
    assertThrows(
      () => f(1, setting),
      TypeError,
      "name a setting in staticArgs, as { staticArgs: [1] }",
    );
    assertThrows(
      () => jit(f as never)(1 as never, setting as never),
      TypeError,
      "{ staticArgs: [1] }",
    );
  }
  assertThrows(() => f(1, { flag: true }), TypeError, "make a setting an argument of its own");
});

Deno.test("a size that is a traced number is told so", () => {
  const wanted =
    "one that jit traces has no value yet: name the position of its argument in staticArgs";
  for (
    const f of [
      (n: Tensor) => np.zeros([n as never]),
      (n: Tensor) => np.zeros(n as never),
      (n: Tensor) => np.ones([6]).reshape([n as never, -1]),
      (n: Tensor) => np.ones([6]).reshape(n as never, -1),
    ]
  ) {
    const e = assertThrows(() => jit(f)(3));
    assertStringIncludes((e as Error).message, wanted);
  }
  assertEquals(jit((n: number) => np.zeros([n]), { staticArgs: [0] })(3).shape, [3]);
  const e = assertThrows(() => np.zeros(["3" as never]), RangeError);
  assertEquals(e.message, 'Cannot make zeros with shape ["3"]: sizes must be integers >= 0');
});
