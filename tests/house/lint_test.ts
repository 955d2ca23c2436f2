import { assertEquals } from "@std/assert";
import plugin from "../../.ci/lint.ts";

function found(source: string): string[] {
  return Deno.lint.runPlugin(plugin, "a.ts", source).map(({ id }) => id);
}

Deno.test("errors in the house's style pass", () => {
  assertEquals(found('throw new RangeError("Cannot take 5: the size is 3: take at most 3");'), []);
  assertEquals(found("throw new RangeError(`${name} is missing`);"), []);
  assertEquals(found("throw new RangeError(reason);"), []);
  assertEquals(found("throw new Error(`Cannot print ${x}...`);"), []);
});

Deno.test("a small first letter, a last period and a contraction are found", () => {
  for (
    const message of [
      '"cannot take 5"',
      '"Cannot take 5."',
      '"You can\'t take 5"',
      "`Cannot take ${5}.`",
      '"Cannot take " + 5 + " here."',
    ]
  ) {
    assertEquals(found(`throw new TypeError(${message});`), ["house/error-message"], message);
  }
});

Deno.test("the keyword private is found on each kind of member", () => {
  assertEquals(found("class A { private x = 1; private f(): void {} #y = 2; }"), [
    "house/hash-private",
    "house/hash-private",
  ]);
  assertEquals(found("class A { constructor(private x: number) {} }"), ["house/hash-private"]);
});
