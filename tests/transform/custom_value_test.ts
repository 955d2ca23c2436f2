/**
 * What the rules of customVjp and customJvp return as the value is of the kind that the function
 * returns, or refused, wherever the rule is met.
 *
 * @module
 */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { StatelessScope, type Tensor, Variable } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import {
  checkpoint,
  cond,
  customJvp,
  customVjp,
  foriLoop,
  grad,
  hessian,
  jacrev,
  jit,
  jvp,
  linearize,
  scan,
  valueAndGrad,
  vjp,
  vmap,
  whileLoop,
} from "../../src/transform/mod.ts";

type Map = (x: Tensor) => Tensor;
const x = np.array([1, 2, 3]);

/** Twice x, by a rule whose value is another. */
const reverse = (value: (x: Tensor) => unknown) =>
  customVjp(
    function twice(x: Tensor) {
      return x.mul(2);
    },
    (x: Tensor) => [value(x) as Tensor, null],
    (_: null, g: Tensor) => [g.mul(2)],
  ) as Map;

const forward = (value: (x: Tensor) => unknown) =>
  customJvp(
    function twice(x: Tensor) {
      return x.mul(2);
    },
    ([x]: Tensor[], [dx]: Tensor[]) => [value(x!), value(dx!)] as [Tensor, Tensor],
  ) as Map;

const right = (x: Tensor) => x.mul(2);

/** The sum of all leaves of whatever a function made of x. */
const sum = (y: unknown) => [y].flat().map((t) => np.sum(t as Tensor).astype("float32"))[0]!;

const both = np.stack([x, x]);
const inReverse: Record<string, (f: Map) => unknown> = {
  grad: (f) => grad((x: Tensor) => sum(f(x)))(x),
  valueAndGrad: (f) => valueAndGrad((x: Tensor) => sum(f(x)))(x),
  vjp: (f) => vjp(f, [x]),
  linearize: (f) => linearize((y: Tensor) => vjp(f, [y])[1](x)[0]!, [x]),
  jacrev: (f) => jacrev(f)(x),
  hessian: (f) => hessian((x: Tensor) => sum(f(x)))(x),
  "grad of grad": (f) => grad((x: Tensor) => sum(grad((x: Tensor) => sum(f(x)))(x)))(x),
  "jit of grad": (f) => jit(grad((x: Tensor) => sum(f(x))))(x),
  "grad of jit": (f) => grad(jit((x: Tensor) => sum(f(x))))(x),
  "vmap of grad": (f) => vmap(grad((x: Tensor) => sum(f(x))))(both),
  "grad of vmap": (f) => grad((x: Tensor) => sum(vmap(f)(x)))(both),
  "grad of vmap of vmap": (f) => grad((x: Tensor) => sum(vmap(vmap(f))(x)))(np.stack([both])),
  checkpoint: (f) => grad((x: Tensor) => sum(checkpoint(f)(x)))(x),
  scan: (f) =>
    grad((x: Tensor) => sum(scan((c: Tensor) => [f(c), null], x, null, { length: 3 })[0]))(x),
  "jit of scan": (f) =>
    jit(grad((x: Tensor) => sum(scan((c: Tensor, y: Tensor) => [f(c).add(y), c], x, both)[0])))(x),
  "vmap of scan": (f) =>
    vmap(grad((x: Tensor) => sum(scan((c: Tensor, y: Tensor) => [f(c).add(y), c], x, both)[0])))(
      both,
    ),
  foriLoop: (f) => grad((x: Tensor) => sum(foriLoop(0, 3, (_, c: Tensor) => f(c), x)))(x),
  cond: (f) => grad((x: Tensor) => sum(cond(np.sum(x).gt(0), f, (x) => x.neg(), x)))(x),
  "a loop in a branch": (f) =>
    grad((x: Tensor) =>
      sum(cond(
        np.sum(x).gt(0),
        (x) => foriLoop(0, 2, (_, c: Tensor) => f(c), x),
        (x) => x.neg(),
        x,
      ))
    )(x),
};

const inForward: Record<string, (f: Map) => unknown> = {
  jvp: (f) => jvp(f, [x], [x]),
  "jit of jvp": (f) => jit((x: Tensor) => jvp(f, [x], [x]))(x),
  "vmap of jvp": (f) => vmap((x: Tensor) => jvp(f, [x], [x])[1])(both),
  whileLoop: (f) => jvp((x: Tensor) => whileLoop((c) => np.sum(c).lt(40), f, x), [x], [x]),
  "linearize alone": (f) => linearize(f, [x]),
};

const wrong: [string, (x: Tensor) => unknown, string][] = [
  ["shape", (x) => x.mul(2).reshape([3, 1]), "Cannot accept float32[3,1] as value"],
  ["size", (x) => np.sum(x), "Cannot accept float32[] as value"],
  ["dtype", (x) => x.mul(2).astype("float64"), "Cannot accept float64[3] as value"],
  ["kind", (x) => x.mul(2).astype("int32"), "Cannot accept int32[3] as value"],
  ["structure", (x) => [x.mul(2)], "Cannot accept a value of another structure"],
  ["number of values", (x) => [x.mul(2), x], "Cannot accept a value of another structure"],
];

for (
  const [kind, make, ways, rule] of [
    ["customVjp", reverse, inReverse, "fwd of customVjp(twice)"],
    ["customJvp", forward, { ...inReverse, ...inForward }, "the rule of customJvp(twice)"],
  ] as const
) {
  for (const [way, run] of Object.entries(ways)) {
    Deno.test(`${kind}: a value of another kind is refused: ${way}`, () => {
      run(make(right));
      for (const [name, value, start] of wrong) {
        const { message } = assertThrows(() => run(make(value)), TypeError, start, name);
        assertStringIncludes(message, ` from ${rule}: it must `, name);
        assertStringIncludes(message, "the function itself returns", name);
      }
    });
  }
}

Deno.test("the message names the leaf, what came, what was wanted, and what to do", () => {
  const tree = (x: Tensor) => ({ a: x, b: [x.sum(), x] });
  const make = (value: unknown) =>
    customVjp(
      function mine(x: Tensor) {
        return tree(x);
      },
      () => [value as ReturnType<typeof tree>, null],
      () => [null],
    );
  const run = (value: unknown) =>
    assertThrows(() => grad((x: Tensor) => make(value)(x).a.sum())(x), TypeError).message;
  assertEquals(
    run({ a: x, b: [x.sum(), np.ones([3, 2])] }),
    "Cannot accept float32[3,2] as value.b[1] from fwd of customVjp(mine): it must be float32[3], " +
      "as what the function itself returns: return [value, residuals] with a value like that",
  );
  assertEquals(
    run({ a: x, b: x }),
    "Cannot accept a value of another structure from fwd of customVjp(mine): it must have that of " +
      "what the function itself returns, but b is a leaf in one and an array of 2 in the other: " +
      "return [value, residuals] with a value like that",
  );
});

Deno.test("a weak number is no fault, and takes the dtype of what it stands for", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const at = np.array(3, { dtype });
    // a number in the rule
    const f = customVjp((x: Tensor) => x.mul(0), () => [0, null] as never, () => [null]) as Map;
    assertEquals(vjp(f, [at])[0].dtype, dtype);
    const g = forward(() => 0);
    assertEquals(jvp(g, [at], [at]).map((t) => t.dtype), [dtype, dtype]);
    const loop = (c: Tensor) => foriLoop(0, 3, (_, c: Tensor) => f(c).add(c), c);
    assertEquals(grad(loop)(at).dtype, dtype);
  }
  // a number in the function, or weak arguments
  const one = customVjp(() => 1, () => [np.ones([]), null] as never, () => [null]) as Map;
  const loop = (c: Tensor) => foriLoop(0, 3, (_, c: Tensor) => one(c).add(c), c);
  assertEquals([grad(one)(3).item(), grad(loop)(3).item()], [0, 1]);
  const strong = reverse((x) => x.mul(np.full([], 2)));
  assertEquals([grad(strong)(3).item(), vmap(grad(strong))(x).toArray()], [2, [2, 2, 2]]);
  // but no number becomes an integer that has a fraction's dtype
  const count = customVjp(
    (x: Tensor) => x.astype("int32"),
    () => [0.5, null] as never,
    () => [null],
  ) as Map;
  assertThrows(() => vjp(count, [3]), TypeError, "Cannot accept float32[] as value");
});

/** A function that counts its calls, and one that calls it with its derivative. */
function counted() {
  const log: string[] = [];
  const f = customVjp(
    (x: Tensor) => {
      log.push("f");
      return x.mul(2);
    },
    (x: Tensor) => {
      log.push("fwd");
      return [x.mul(2), null];
    },
    (_: null, g: Tensor) => [g.mul(2)],
  ) as Map;
  const run = (what: (f: Map) => unknown) => {
    what(f);
    return log.splice(0).join(" ");
  };
  return { log, run };
}

Deno.test("the function is asked once for each kind of arguments, not in each call", () => {
  const { run } = counted();
  const slope = (x: Tensor) => (f: Map) => grad((x: Tensor) => f(x).sum())(x);
  assertEquals(run(slope(x)), "fwd f");
  assertEquals(run(slope(x)), "fwd");
  assertEquals(run(slope(np.ones([2]))), "fwd f");
  assertEquals(run(slope(np.ones([2]))), "fwd");
  assertEquals(run((f) => f(np.ones([4]))), "f");
  assertEquals(run(slope(np.ones([4]))), "fwd"); // it has run already
});

Deno.test("in jitted loops nothing runs at a step", () => {
  const { log, run } = counted();
  let step!: Map;
  assertEquals(
    run((f) => {
      step = jit(grad((x: Tensor) => foriLoop(0, 100, (_, c: Tensor) => f(c), x).sum()));
      step(x);
    }).split(" ").length < 10,
    true,
  );
  step(x.add(1));
  assertEquals(log, []);
});

Deno.test("what is asked computes nothing and leaves no trace in variables", () => {
  const count = new Variable(0);
  const f = customVjp(
    (x: Tensor) => {
      count.assignAdd(1);
      return x.mul(count.value);
    },
    (x: Tensor) => [x, null],
    (_: null, g: Tensor) => [g],
  ) as Map;
  assertEquals([grad(f)(3).item(), count.value.item()], [1, 0]);
  const scope = new StatelessScope([[count, 5]]);
  assertEquals(scope.run(() => grad(f)(4).item()), 1);
  assertEquals(scope.get(count)!.item(), 5);
});

Deno.test("a function that looks at values is believed, and one whose settings are values is asked", () => {
  const looks = (value: (x: Tensor) => unknown) =>
    customVjp(
      (x: Tensor) => np.array(Math.sin(x.item())),
      (x: Tensor) => [value(x) as Tensor, x],
      (x: Tensor, g: Tensor) => [g.mul(x.cos())],
    );
  assertEquals(grad(looks((x) => x.sin()))(0).item(), 1);
  const along = customVjp(
    (axis: Tensor, x: Tensor) => np.sum(x, { axis: axis.item() }),
    (axis: Tensor, x: Tensor) => [np.sum(x, { axis: axis.item() === 1 ? 0 : 1 }), null],
    (_axis: Tensor, _: null, g: Tensor) => [g],
    { nondiffArgnums: [0] },
  );
  assertThrows(
    () => vjp((x: Tensor) => along(1, x), [np.ones([2, 3])]),
    TypeError,
    "Cannot accept float32[3] as value from fwd of customVjp: it must be float32[2]",
  );
});

Deno.test("a function that depends on more than its arguments is asked again", () => {
  let rows = 2;
  const f = customVjp(
    (x: Tensor) => x.broadcastTo([rows, 3]),
    (x: Tensor) => [x.broadcastTo([rows, 3]), null],
    (_: null, g: Tensor) => [np.sum(g, { axis: 0 })],
  ) as Map;
  const slope = () => grad((x: Tensor) => f(x).sum())(x).toArray();
  assertEquals(slope(), [2, 2, 2]);
  rows = 4;
  assertEquals(slope(), [4, 4, 4]);
  const g = customVjp(
    (x: Tensor, by: Map) => by(x),
    (x: Tensor, by: Map) => [by(x), null],
    () => [null, null],
  );
  for (const by of [np.sum, np.square, (x: Tensor) => x.astype("float64")] as Map[]) {
    assertEquals(vjp((x: Tensor) => g(x, by), [x])[0].shape, by(x).shape);
  }
});
