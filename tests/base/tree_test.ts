/**
 * Trees: taking apart, building, comparing.
 *
 * @module
 */
import { assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { HostArray } from "../../src/base/host_array.ts";
import { alignPrefix, explainDifference, matches } from "../../src/base/structure.ts";
import * as tree from "../../src/base/tree.ts";

const nest = () => ({ b: [1, { c: 2 }], a: null, d: [] as number[] });

Deno.test("leaves come in order, objects by sorted key, null holds none", () => {
  assertEquals(tree.leaves({ b: 2, a: [1, null], c: { z: 4, y: 3 } }), [1, 2, 3, 4]);
});

Deno.test("unflatten undoes flatten, with null and empty containers", () => {
  const [leaves, structure] = tree.flatten(nest());
  assertEquals(tree.unflatten(structure, leaves), nest());
  assertThrows(() => tree.unflatten(structure, [1]), RangeError, "the structure has 2");
});

Deno.test("the order in which keys were written does not matter", () => {
  assertEquals(tree.structure({ a: 1, b: 2 }).key, tree.structure({ b: 1, a: 2 }).key);
  const out: unknown[] = [];
  assertEquals(matches(tree.structure({ a: 1, b: 2 }), { b: 20, a: 10 }, out), true);
  assertEquals(out, [10, 20]);
});

Deno.test("structures differ by kind, length, keys and null", () => {
  const all: unknown[] = [1, null, [], [1], [1, 1], [[1]], {}, { a: 1 }, { b: 1 }, { a: null }, [
    null,
  ]];
  for (const x of all) {
    const s = tree.structure(x);
    for (const y of all) {
      assertEquals(tree.structure(y).key === s.key, x === y, `${JSON.stringify([x, y])}`);
      assertEquals(matches(s, y, []), x === y, `matches ${JSON.stringify([x, y])}`);
    }
  }
});

Deno.test("keys are told apart by quotes, not by luck", () => {
  const a = tree.structure({ "a,b": 1 }).key;
  assertEquals(a === tree.structure({ a: 1, b: 1 }).key, false);
});

Deno.test("paths name every leaf", () => {
  assertEquals(tree.paths({ b: [1, { c: 2 }] }), ["b[0]", "b[1].c"]);
  assertEquals(tree.paths([1, [2]], "state"), ["state[0]", "state[1][0]"]);
});

Deno.test("map applies to one tree or to several of equal structure", () => {
  assertEquals(tree.map((x: number) => x + 1, nest()), { a: null, b: [2, { c: 3 }], d: [] });
  assertEquals(tree.map((x: number, y: number) => x * y, [1, 2], [3, 4]), [3, 8]);
});

Deno.test("map over trees of different structure names the place", () => {
  const e = assertThrows(
    () => tree.map((x: number) => x, { a: [1, 2] }, { a: [1, [2]] }),
    TypeError,
  );
  assertEquals(
    e.message,
    "Cannot map over trees of different structure: a[1] is a leaf in one and an array of 1 in " +
      "the other (tree 0 against tree 1)",
  );
  assertThrows(() => tree.map((x: number) => x, [1], [1, 2]), TypeError, "the root");
});

Deno.test("registered classes are nodes, and their aux is part of the structure", () => {
  class Box {
    constructor(readonly x: unknown, readonly tag: string) {}
  }
  assertEquals(tree.leaves([new Box(1, "t")]).length, 1);
  tree.register(Box, {
    flatten: (b) => ({ children: [b.x], aux: b.tag }),
    unflatten: ([x], tag) => new Box(x, tag as string),
  });
  const [leaves, s] = tree.flatten([new Box([1, 2], "t")]);
  assertEquals(leaves, [1, 2]);
  assertEquals(tree.unflatten(s, [3, 4]), [new Box([3, 4], "t")]);
  assertEquals(matches(s, [new Box([1, 2], "t")], []), true);
  assertEquals(matches(s, [new Box([1, 2], "other")], []), false);
  assertEquals(tree.paths([new Box([1, 2], "t")]), ["[0].Box[0][0]", "[0].Box[0][1]"]);
});

Deno.test("other instances are leaves, unchanged", () => {
  const d = new Date(0);
  assertStrictEquals(tree.leaves({ d })[0], d);
});

Deno.test("a difference is told in words", () => {
  const tell = (a: unknown, b: unknown) => explainDifference(tree.structure(a), tree.structure(b));
  assertEquals(
    tell({ x: 1 }, { y: 1 }),
    'the root is an object with keys ["x"] in one and an object with keys ["y"] in the other',
  );
  assertEquals(tell([1, null], [1, 2]), "[1] is null in one and a leaf in the other");
});

Deno.test("the leaves of a tree have their type in a function without annotations", () => {
  const rows = { a: new HostArray([1, 2]), b: [new HostArray([3])] };
  const heads: typeof rows = tree.map((x) => x.at(0), rows);
  assertEquals(heads.b[0]!.item(), 3);
  assertEquals(tree.map((x, y) => x + y, [1, 2], [3, 4]), [4, 6]);
});

Deno.test("a tree that holds itself is an error; a deep one is not", () => {
  const self: Record<string, unknown> = { a: 1 };
  self.b = [self];
  assertThrows(() => tree.flatten(self), RangeError, "Cannot flatten a tree of more than");
  assertThrows(() => tree.paths(self), RangeError, "holds itself");
  let deep: unknown = 7;
  for (let i = 0; i < 900; i++) deep = i % 2 ? [deep] : { a: deep };
  const [leaves, structure] = tree.flatten(deep);
  assertEquals(tree.flatten(tree.unflatten(structure, leaves))[1].key, structure.key);
});

Deno.test("leaves come with their paths, to functions too", () => {
  const t = { b: [1, { c: 2 }], a: 3, none: null };
  assertEquals(tree.leavesWithPath(t, "p"), [["p.a", 3], ["p.b[0]", 1], ["p.b[1].c", 2]]);
  assertEquals(tree.leavesWithPath(7), [["", 7]]);
  const named = tree.mapWithPath((path, x, y) => `${path}=${x}${y}`, t, t) as unknown;
  assertEquals(named, { a: "a=33", b: ["b[0]=11", { c: "b[1].c=22" }], none: null });
  assertThrows(() => tree.mapWithPath(() => 0, t, { a: 1 }), TypeError, "different structure");
});

Deno.test("reduce goes from the first leaf to the last", () => {
  const t = { b: ["c"], a: "b" };
  assertEquals(tree.reduce((sum, leaf) => sum + leaf, t), "bc");
  assertEquals(tree.reduce((sum, leaf) => sum + leaf, t, "a"), "abc");
  assertEquals(tree.reduce((sum: number) => sum, { none: null }, 5), 5);
  assertThrows(() => tree.reduce((sum) => sum, [null]), TypeError, "give what to begin with");
});

Deno.test("all and any ask numbers, booleans and tensors for their truth", () => {
  assertEquals([tree.all([]), tree.any([]), tree.all([null]), tree.any([null])], [
    ...[true, false, true, false],
  ]);
  assertEquals([tree.all([1, true, NaN]), tree.all([1, false]), tree.all([0])], [
    true,
    false,
    false,
  ]);
  assertEquals([tree.any([0, { a: true }]), tree.any([0, false, ""])], [true, false]);
});

Deno.test("transpose turns trees of trees inside out, through null", () => {
  const outer = tree.structure({ x: 0, none: null, y: [0, 0] });
  const inner = tree.structure([0, { z: 0 }]);
  const t = { x: [1, { z: 2 }], none: null, y: [[3, { z: 4 }], [5, { z: 6 }]] };
  const turned = tree.transpose(outer, inner, t);
  assertEquals(turned, [{ x: 1, none: null, y: [3, 5] }, { z: { x: 2, none: null, y: [4, 6] } }]);
  assertEquals(tree.transpose(inner, outer, turned), t);
  const e = assertThrows(() => tree.transpose(outer, inner, { ...t, x: [1, 2] }), TypeError);
  assertStringIncludes(e.message, "x[1] is a leaf in one and an object");
});

Deno.test("a prefix stands for all leaves beneath it, null for none of its own", () => {
  const align = (prefix: unknown, t: unknown) =>
    alignPrefix(tree.structure(prefix), tree.structure(t));
  const t = { a: [1, 2], b: { c: 3, d: null }, e: 4 };
  assertEquals(align(0, t), [0, 0, 0, 0]);
  assertEquals(align(null, t), [-1, -1, -1, -1]);
  assertEquals(align({ a: [0, null], b: 1, e: null }, t), [0, -1, 1, -1]);
  assertEquals(
    align({ a: 0, b: 1 }, t),
    'the root is an object with keys ["a","b"] in one and ' +
      'an object with keys ["a","b","e"] in the other',
  );
  assertEquals(
    align({ a: [0], b: 1, e: 2 }, t),
    "a is an array of 1 in one and an array of 2 in " +
      "the other",
  );
});
