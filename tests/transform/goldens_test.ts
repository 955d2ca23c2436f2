/**
 * Transformations against JAX: the shapes and trees of Jacobians, axes of vmap, kinks in forward mode,
 * keys under vmap, derivatives written by users; eager and jitted.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { flatten } from "../../src/base/tree.ts";
import { emit, type Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import * as random from "../../src/random/mod.ts";
import {
  customJvp,
  customVjp,
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  jvp,
  vjp,
  vmap,
} from "../../src/transform/mod.ts";
import { type GoldenArray, readGolden } from "../goldens/read.ts";
import { difference, read, upload } from "../ir/op_samples.ts";

interface Case {
  readonly name: string;
  readonly args: readonly GoldenArray[];
  readonly want: readonly GoldenArray[];
}

type P = { a: Tensor; b: Tensor };

const table = (x: Tensor) => np.stack([x.sin().sum(0), x.mul(x).prod(0), x.at(0)]);
const trees = (p: P) => ({ v: p.a.mul(p.b), s: [p.a.sum().mul(p.b.square())] });
const loss = (p: P) => p.a.mul(p.b).exp().sum().add(p.b.pow(3));
const running = (x: Tensor) => np.cumsum(x.tanh().mul(np.flip(x)));
const wave = (x: Tensor) => x.sin().mul(np.cumprod(x)).sum();
const outer = (x: Tensor, y: Tensor) => np.outer(x, y);

const soft = customJvp(
  (x: Tensor, y: Tensor) => np.log(x.exp().add(y.exp())),
  ([x, y], [dx, dy]) => {
    const s = x!.sub(y!).sigmoid();
    const slope = s.mul(dx!).add(s.neg().add(1).mul(dy!)).mul(3);
    return [np.log(x!.exp().add(y!.exp())), slope];
  },
);
const clipped = customVjp(
  (x: Tensor) => x.sin(),
  (x: Tensor) => [x.sin(), x.cos()],
  (c: Tensor, g: Tensor) => [np.clip(g.mul(c), -0.5, 0.5)],
);

const one = (f: (x: Tensor) => Tensor) => (x: Tensor, t: Tensor) => jvp(f, [x], [t]);

/** Each function of make_transform.py, written in glissade. */
const FUNCTIONS: Record<string, (...args: Tensor[]) => unknown> = {
  "jacfwd table": jacfwd(table),
  "jacrev table": jacrev(table),
  "jacfwd trees": (a, b) => jacfwd(trees)({ a: a!, b: b! }),
  "jacrev trees": (a, b) => jacrev(trees)({ a: a!, b: b! }),
  "hessian trees": (a, b) => hessian(loss)({ a: a!, b: b! }),
  "hessian of two arguments": (x, y) =>
    hessian(
      (x: Tensor, y: Tensor) => x.square().mul(y.reshape([-1, 1])).sum().add(y.prod()),
      { argnums: [0, 1] },
    )(x!, y!),
  "jacrev of argument 1": (x, y) =>
    jacrev((x: Tensor, y: Tensor) => x.matmul(y), { argnums: 1 })(x!, y!),
  "jvp": (x, t) => jvp(running, [x!], [t!]),
  "vjp": (x, c) => vjp(running, [x!])[1](c!),
  "hvp forward over reverse": (x, v) => jvp(grad(wave), [x!], [v!]),
  "hvp reverse over reverse": (x, v) => grad((x: Tensor) => grad(wave)(x).mul(v!).sum())(x!),
  "jvp max of ties": one((x) => x.max()),
  "jvp sort of ties": one((x) => np.sort(x)),
  "jvp maximum of ties": one((x) => x.maximum(2)),
  "jvp abs at zero": one((x) => x.abs()),
  "jvp prod with zeros": one((x) => x.prod()),
  "jvp cumprod with zeros": one((x) => np.cumprod(x)),
  "vmap of dot over columns": vmap((x, y) => np.dot(x, y), { inAxes: [0, 1] }),
  "vmap out axis 1": vmap(outer, { inAxes: [0, 1], outAxes: 1 }),
  "vmap out axis -1": vmap((x) => outer(x, x), { inAxes: -1, outAxes: -1 }),
  "vmap with one argument whole": vmap((x, w) => w.matmul(x).tanh(), { inAxes: [0, null] }),
  "vmap of trees": (a, b) =>
    vmap((p: P) => ({ x: p.a.mul(p.b), y: p.a.sum() }), {
      inAxes: [{ a: 1, b: null }],
      outAxes: { x: 1, y: 0 },
    })({ a: a!, b: b! }),
  "vmap nested": vmap(
    vmap((x, y) => x.mul(y).sub(y), { inAxes: [null, 0] }) as (...xs: Tensor[]) => Tensor,
    { inAxes: [0, null] },
  ),
  "vmap of a constant": vmap(() => np.arange(3, { dtype: "float64" })),
  "gradients of each example": vmap(
    grad((w: Tensor, x: Tensor, y: Tensor) => x.matmul(w).tanh().sub(y).square()),
    { inAxes: [null, 0, 0] },
  ),
  "Hessians of each example": vmap(
    hessian((w: Tensor, x: Tensor) => w.mul(x).square().sum().neg().exp()),
    { inAxes: [null, 0] },
  ),
  "vmap of indices": vmap((x, i) => emit("dynamicSlice", [x, i.reshape([1])], { size: [2] })),
  "vmap of updates": vmap((x, u, i) => emit("dynamicUpdate", [x, u, i.reshape([1])])),
  "vmap of take": vmap((x, i) => np.take(x, i)),
  "uniform of each key": vmap((k) => random.uniform(k, [3])),
  "split of each key": vmap((k) => random.split(k, 2)),
  "fold_in of a counter": vmap((k, i) => random.foldIn(k, i), { inAxes: [null, 0] }),
  "permutation of each key": vmap((k) => random.permutation(k, 6)),
  "custom jvp forward": (x, y, t) => jvp(soft, [x!, y!], [t!, t!.mul(2)]),
  "custom jvp in reverse": (x, y) =>
    grad((x: Tensor, y: Tensor) => soft(x, y).square().sum(), { argnums: [0, 1] })(x!, y!),
  "custom jvp twice": (x, y) =>
    grad((x: Tensor) => grad((x: Tensor) => soft(x, y!).sum())(x).square().sum())(x!),
  "custom vjp": grad((x) => clipped(x).mul(3).sum()),
  "custom vjp of each example": vmap(grad((x: Tensor) => clipped(x).mul(3))),
  "custom vjp of a batch": grad((x) => vmap(clipped)(x).mul(3).sum()),
  "custom vjp twice": grad((x) => grad((x: Tensor) => clipped(x).sum())(x).square().sum()),
};

const cases = readGolden("transform").cases as unknown as Case[];

Deno.test("every function here has a golden, and the other way round", () => {
  assertEquals(cases.map((c) => c.name).sort(), Object.keys(FUNCTIONS).sort());
});

for (const { name, args, want } of cases) {
  Deno.test(`as JAX, eager and jitted: ${name}`, () => {
    const f = FUNCTIONS[name]!;
    for (const run of [f, jit(f as (...args: Tensor[]) => Tensor)]) {
      const got = flatten<Tensor>(run(...args.map(upload)))[0].map(read);
      assertEquals(difference(got, want, { rtol: 1e-12, atol: 1e-13 }), null);
    }
  });
}
