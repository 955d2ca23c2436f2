import { assertEquals } from "@std/assert";
import { removeDead } from "../../../src/compile/simplify/mod.ts";
import { emitAll } from "../../../src/core/mod.ts";
import { print } from "../../../src/transform/debug.ts";
import { programOf } from "../random_programs.ts";
import { after, F, ops } from "./cases.ts";

Deno.test("steps whose results nobody reads go, and with them what only they read", () => {
  const p = after(
    removeDead,
    (x) => {
      x.exp().mul(3);
      emitAll("sort", [x], { axis: 0 });
      return [x.add(1)];
    },
    F,
  );
  assertEquals(ops(p), "literal add");
});

Deno.test("a step of several outputs stays when one of them is read", () => {
  const p = after(removeDead, (x) => [emitAll("sort", [x], { axis: 0 })[1]!], F);
  assertEquals(ops(p), "sort");
  assertEquals(p.steps[0]!.outs.length, 2);
});

Deno.test("what has an effect stays, and what it reads", () => {
  const p = programOf((x) => {
    print("{}", x.exp());
    return [x];
  }, [F]);
  assertEquals(ops(removeDead(p)), "exp callback");
});
