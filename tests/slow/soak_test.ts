import { assertFlat, runSoak } from "../whole/soak.ts";
import type { Soak } from "../whole/soak_child.ts";

const steps = 100_000;
const minutes = 60_000;

/** Soaks that run side by side, two at a time: the machines that run these tests have two cores. */
const pairs: [string, Soak[]][] = [
  ["100,000 donated guide steps, in a for and in a for await", [
    { kind: "guide", count: steps, loop: "for", donate: true },
    { kind: "guide", count: steps, loop: "forAwait", donate: true },
  ]],
  ["100,000 guide steps, nothing donated, in a for and in a for await", [
    { kind: "guide", count: steps, loop: "for", donate: false },
    { kind: "guide", count: steps, loop: "forAwait", donate: false },
  ]],
  ["10,000,000 tiny eager operations, and 500 shapes through one jit", [
    { kind: "eager", count: 10_000_000 },
    { kind: "shapes", count: 500 },
  ]],
];
for (const [what, soaks] of pairs) {
  Deno.test(`memory stays flat over ${what}`, async () => {
    const all = await Promise.all(soaks.map((soak) => runSoak(soak, 10 * minutes)));
    all.forEach(assertFlat);
  });
}
