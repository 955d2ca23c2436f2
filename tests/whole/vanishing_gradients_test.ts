import { assert, assertEquals } from "@std/assert";
import { jit, optimizers, type Tensor, Variable } from "../../mod.ts";

const makers: Record<string, () => optimizers.Optimizer> = {
  Adam: () => new optimizers.Adam(),
  AdamW: () => new optimizers.AdamW(),
  SGD: () => new optimizers.SGD({ momentum: 0.9 }),
  RMSprop: () => new optimizers.RMSprop({ momentum: 0.9, rho: 0.5, centered: true }),
};
for (const [name, make] of Object.entries(makers)) {
  for (const dtype of ["float32", "float64"] as const) {
    Deno.test(`${name}: means of ${dtype} gradients that stay 0 end at 0, never in denormal numbers`, () => {
      const w = new Variable([1, 2], { dtype });
      const optimizer = make();
      optimizer.build([w]);
      const step = jit((ov: Tensor[], g: Tensor, tv: Tensor) => {
        const [[next], rest] = optimizer.statelessApply(ov, [g], [tv]);
        return [rest, next!] as [Tensor[], Tensor];
      });
      const smallest = dtype === "float64" ? 2 ** -1022 : 2 ** -126;
      const start = new Variable([smallest * 8, -smallest * 8], { dtype }).value;
      const zero = start.zeros();
      let state = optimizer.variables.map((v) => v.shape.length === 0 ? v.value : start.abs());
      let weights = w.value;
      for (let i = 0; i < 60; i++) {
        [state, weights] = step(state, zero, weights);
        for (const slot of state.filter((t) => t.shape.length > 0)) {
          for (const value of slot.data()) assert(value === 0 || Math.abs(value) >= smallest, name);
        }
      }
      const momentum = optimizer.variables.findIndex((v) => v.path.endsWith("momentum"));
      assertEquals([...state[momentum]!.data()], [0, 0]);
    });
  }
}

Deno.test("a gradient that is not a number is not lost", () => {
  const w = new Variable([1], { dtype: "float32" });
  for (const make of Object.values(makers)) {
    const optimizer = make();
    optimizer.build([w]);
    const [[next]] = optimizer.statelessApply(optimizer.variables, [[NaN]], [w]);
    assertEquals(next!.data()[0], NaN);
  }
});
