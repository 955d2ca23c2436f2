/**
 * Effects: prints and callbacks in eager and compiled programs, kept and in order.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { DonatedError } from "../../src/base/errors.ts";
import { HostArray } from "../../src/base/host_array.ts";
import { currentDevice, type Tensor, useDevice } from "../../src/core/mod.ts";
import { createReference } from "../../src/device/reference/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import * as debug from "../../src/transform/debug.ts";
import { cond, grad, jit, jvp, scan, valueAndGrad, vmap } from "../../src/transform/mod.ts";
import { checkPlan, compile } from "../../src/compile/mod.ts";
import { printProgram } from "../../src/ir/program.ts";
import { Trace, within } from "../../src/core/mod.ts";

/** The lines that are printed while `f` runs. */
function printed(f: () => void): string[] {
  const lines: string[] = [];
  const log = console.log;
  console.log = (text: string) => lines.push(text);
  try {
    f();
  } finally {
    console.log = log;
  }
  return lines;
}

Deno.test("print shows values as NumPy does, eager and jitted, at every call", () => {
  const f = (x: Tensor) => {
    debug.print("x = {}, {{}} sum = {}", x, x.sum());
    return x.mul(2);
  };
  const jitted = jit(f);
  const lines = printed(() => {
    f(np.array([1, 2.5]));
    jitted(np.array([1, 2.5]));
    jitted(np.array([3, 4]));
  });
  assertEquals(lines, [
    "x = [1.  2.5], {} sum = 3.5",
    "x = [1.  2.5], {} sum = 3.5",
    "x = [3. 4.], {} sum = 7.0",
  ]);
  assertEquals(jitted.compiles, 1);
});

Deno.test("print takes numbers, booleans, integers and no value", () => {
  const lines = printed(() => {
    debug.print("{} {} {}", 2, np.array([true, false]), np.arange(3));
    debug.print("done");
  });
  assertEquals(lines, ["2.0 [ True False] [0 1 2]", "done"]);
});

Deno.test("a format that does not fit is refused when it is written", () => {
  const one = np.array(1);
  assertThrows(() => debug.print("{} {}", one), RangeError, "it has 2 places {} for 1 value");
  assertThrows(() => debug.print("{}"), RangeError, "it has 1 place {} for 0 values");
  assertThrows(() => debug.print("{x}", one), RangeError, "the brace at 0 stands alone");
  assertThrows(() => debug.print("}", one), RangeError, "the brace at 0 stands alone");
  assertThrows(() => debug.print(3 as unknown as string), TypeError, "wanted a text");
  assertThrows(
    () => debug.callback("f" as unknown as () => void),
    TypeError,
    'Cannot call back "f": give a function',
  );
  assertThrows(
    () => debug.callback(() => {}, "text"),
    TypeError,
    'arguments[0] is "text"',
  );
});

Deno.test("effects stay in order, twice the same and without a use of their values", () => {
  const seen: string[] = [];
  const note = (name: string) => (x: HostArray) => seen.push(`${name} ${x.toArray()}`);
  const a = note("a");
  const f = jit((x: Tensor) => {
    debug.callback(a, x.add(1));
    debug.callback(note("b"), x.exp().mul(0));
    debug.callback(a, x.add(1));
    debug.callback(() => seen.push("none"));
    return x.sub(x);
  });
  f(np.array(1));
  assertEquals(seen, ["a 2", "b 0", "a 2", "none"]);
  f(np.array(5));
  assertEquals(seen.slice(4), ["a 6", "b 0", "a 6", "none"]);
});

Deno.test("a callback gets trees of copies", () => {
  let got: HostArray | null = null;
  const f = jit((x: Tensor, y: Tensor) => {
    debug.callback(
      (tree, n) => {
        assertInstanceOf(tree.pair[0], HostArray);
        assertEquals(tree.pair[0]!.dtype, "float32");
        assertEquals(tree.pair[1]!.shape, [2, 2]);
        assertEquals(n.toArray(), 7);
        tree.pair[0]!.values.fill(-1);
        got = tree.pair[0]!;
      },
      { pair: [x, y] },
      7,
    );
    return x.add(y);
  });
  const x = np.ones([2]);
  assertEquals(f(x, np.ones([2, 2])).toArray(), [[2, 2], [2, 2]]);
  assertEquals(x.toArray(), [1, 1]);
  f(x, np.zeros([2, 2]));
  assertEquals(got!.toArray(), [-1, -1]);
});

Deno.test("a donated argument is seen before it is overwritten", () => {
  const seen: unknown[] = [];
  const f = jit((w: Tensor) => {
    const next = w.mul(2).add(1);
    debug.callback((x) => seen.push(x.toArray()), w);
    debug.callback((x) => seen.push(x.toArray()), next);
    return next;
  }, { donate: 0 });
  let w = np.array([1, 2, 3]);
  for (let i = 0; i < 3; i++) w = f(w);
  assertEquals(seen, [[1, 2, 3], [3, 5, 7], [3, 5, 7], [7, 11, 15], [7, 11, 15], [15, 23, 31]]);
});

Deno.test("under valueAndGrad an effect happens once, in the forward pass, and no gradient flows", () => {
  const seen: string[] = [];
  const loss = (w: Tensor) => {
    const y = w.mul(w);
    debug.callback((v) => seen.push(`forward ${v.toArray()}`), y);
    return y.sum();
  };
  const [value, g] = valueAndGrad(loss)(np.array([1, 2]));
  assertEquals([value.item(), g.toArray(), seen.splice(0)], [5, [2, 4], ["forward 1,4"]]);
  const step = jit((w: Tensor) => {
    const [value, g] = valueAndGrad(jit(loss))(w);
    debug.callback((v) => seen.push(`gradient ${v.toArray()}`), g);
    return value;
  });
  assertEquals(step(np.array([1, 3])).item(), 10);
  assertEquals(seen.splice(0), ["forward 1,9", "gradient 2,6"]);
  assertEquals(grad(grad((x) => loss(x)))(np.array(3)).item(), 2);
  assertEquals(seen, ["forward 9"]);
});

Deno.test("a callback that throws fails the call: outputs are freed, donated arguments are gone", () => {
  const cause = new RangeError("Cannot go beyond 1: stop here");
  let bad = false;
  const step = jit(function step(w: Tensor, x: Tensor) {
    const next = w.add(x);
    debug.callback(function watch() {
      if (bad) throw cause;
    }, next);
    return [next, w.mul(x)];
  }, { donate: 0 });
  let [w] = step(np.ones([1000]), 1) as [Tensor];
  bad = true;
  const before = currentDevice().heap.stats();
  const error = assertThrows(
    () => step(w, 1),
    Error,
    "Cannot go on with jit(step): the function of debug.callback(watch) threw RangeError: Cannot go beyond 1",
  );
  assertEquals(error.cause, cause);
  const after = currentDevice().heap.stats();
  assertEquals(after.pinned, before.pinned);
  assert(after.heapBytes <= before.heapBytes);
  assertThrows(() => w.data(), DonatedError, "donated to jit(step), which failed");
  bad = false;
  [w] = step(np.ones([1000]), 1) as [Tensor];
  assertEquals(w.at(7).item(), 2);
  bad = true;
  const x = np.ones([2]);
  assertThrows(
    () =>
      debug.callback(() => {
        throw cause;
      }, x),
    Error,
    "Cannot go on with debug.callback: the function of debug.callback threw",
  );
});

Deno.test("a callback may compute, with the program that called it too", () => {
  const seen: number[] = [];
  const f = jit((x: Tensor, depth: Tensor): Tensor => {
    const y = x.mul(2);
    debug.callback(
      (v, d) => {
        const n = d.values[0]!;
        if (n > 0) seen.push(f(np.asarray(v).add(1), n - 1).item());
      },
      y,
      depth,
    );
    return y.add(depth).sum();
  });
  assertEquals(f(np.array(1), 2).item(), 4);
  // f(1, 2): y = 2; f(3, 1): y = 6; f(7, 0) = 14
  assertEquals(seen, [14, 7]);
});

Deno.test("a callback that returns a promise is refused", () => {
  assertThrows(
    () => debug.callback(async () => await Promise.resolve(), np.array(1)),
    Error,
    "Cannot await in a callback",
  );
});

Deno.test("under vmap an effect happens for each example in turn, under jvp once", () => {
  const seen: unknown[] = [];
  const f = (x: Tensor) => {
    const y = x.mul(2);
    debug.callback((v) => seen.push(v.toArray()), y);
    return y.sum();
  };
  vmap(f)(np.array([[1, 2], [3, 4]]));
  assertEquals(seen.splice(0), [[2, 4], [6, 8]]);
  jit(vmap(f))(np.array([[1, 2], [3, 4]]));
  assertEquals(seen.splice(0), [[2, 4], [6, 8]]);
  assertEquals(jvp(f, [np.array([1, 2])], [np.array([1, 1])])[1].item(), 4);
  assertEquals(seen.splice(0), [[2, 4]]);
  vmap((x: Tensor) => scan((c: Tensor, r: Tensor) => [f(r).add(c), null], 0, x)[0])(
    np.array([[[1], [2]], [[3], [4]]]),
  );
  assertEquals(seen.splice(0), [[2], [6], [4], [8]]);
});

Deno.test("an effect in a branch happens when that branch runs", () => {
  const lines = (x: number) =>
    printed(() => {
      jit((x: Tensor) =>
        cond(x.gt(0), () => {
          debug.print("above {}", x);
          return x;
        }, () => {
          debug.print("below {}", x);
          return x;
        })
      )(x);
    });
  assertEquals(lines(1), ["above 1.0"]);
  assertEquals(lines(-1), ["below -1.0"]);
});

Deno.test("the reference device runs effects too", () => {
  const cpu = currentDevice();
  useDevice(createReference());
  try {
    const seen: unknown[] = [];
    const f = jit((x: Tensor) => {
      debug.callback((v) => seen.push(v.toArray()), x.mul(3));
      return x;
    });
    f(np.array([1, 2]));
    assertEquals(seen, [[3, 6]]);
  } finally {
    useDevice(cpu);
  }
});

Deno.test("programs and plans with effects print, and pass the checkers", () => {
  const trace = new Trace("f");
  const x = trace.input(np.zeros([3]).aval);
  const y = within(trace, () => {
    debug.print("x = {}", x);
    return x.add(x);
  });
  const { program } = trace.finish([x], [y]);
  assertEquals(
    printProgram(program).split("\n")[1]!.trim(),
    '= callback %0 {call: "print \\"x = {}\\""}',
  );
  const plan = compile(program, { check: true });
  checkPlan(plan);
  assertEquals(plan.steps.map((s) => s.kind).sort(), ["host", "kernel"]);
});
