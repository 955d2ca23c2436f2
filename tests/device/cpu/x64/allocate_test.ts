/** Registers are chosen so that nothing is lost that is read again. */
import { assert, assertEquals } from "@std/assert";
import { allocate, type Allocation } from "../../../../src/device/cpu/x64/allocate.ts";
import { type Bank, Listing, type Virtual } from "../../../../src/device/cpu/x64/listing.ts";
import { seeded } from "../kernel_cases.ts";

const VECTORS = [3, 5, 6];
const GENERALS = [2, 8];

/** Appends an instruction. */
function op(listing: Listing, def: Virtual | undefined, ...uses: Virtual[]): void {
  listing.add({ def, uses, write: () => {} });
}

/** Appends a loop. */
function loop(listing: Listing, body: () => void): void {
  const first = listing.instructions.length;
  op(listing, undefined);
  body();
  listing.loops.push({ first, last: listing.instructions.length - 1 });
}

const take = (listing: Listing, count: number, bank: Bank = "vector"): Virtual[] =>
  Array.from({ length: count }, () => listing.take(bank));

const placeOf = ({ locations }: Allocation, reg: Virtual): string => {
  const at = locations[reg]!;
  return at.kind === "register"
    ? `register ${at.register}`
    : at.kind === "stack"
    ? `slot ${at.slot}`
    : at.kind;
};

Deno.test("what comes into a loop and is read in it keeps its register until the loop's end", () => {
  const listing = new Listing();
  const [kept, a, b, c] = take(listing, 4) as [Virtual, Virtual, Virtual, Virtual];
  op(listing, kept);
  loop(listing, () => {
    op(listing, a, kept);
    op(listing, b, a);
    op(listing, c, b, a);
  });
  const made = allocate(listing, VECTORS, GENERALS);
  for (const other of [a, b, c]) assert(placeOf(made, other) !== placeOf(made, kept));
  assertEquals(made.vectorSlots, 0);
});

Deno.test("a register is shared by what is read last and what is made of it", () => {
  const listing = new Listing();
  const chain = take(listing, 20);
  chain.forEach((reg, i) => i === 0 ? op(listing, reg) : op(listing, reg, chain[i - 1]!));
  const made = allocate(listing, VECTORS, GENERALS);
  assertEquals(new Set(chain.map((reg) => placeOf(made, reg))).size, 1);
});

Deno.test("where registers are too few the rest lies on the stack, what is read in loops last", () => {
  const listing = new Listing();
  const inside = take(listing, 2);
  const outside = take(listing, 3);
  for (const reg of [...outside, ...inside]) op(listing, reg);
  loop(listing, () => op(listing, undefined, ...inside));
  op(listing, undefined, ...outside);
  const made = allocate(listing, VECTORS, GENERALS);
  for (const reg of inside) assert(placeOf(made, reg).startsWith("register"));
  assertEquals(outside.filter((reg) => placeOf(made, reg).startsWith("slot")).length, 2);
  assertEquals([made.vectorSlots, made.generalSlots], [2, 0]);
});

Deno.test("slots of the stack are shared by what is never wanted at once", () => {
  const listing = new Listing();
  for (let i = 0; i < 10; i++) {
    const regs = take(listing, 5);
    for (const reg of regs) op(listing, reg);
    op(listing, undefined, ...regs);
  }
  assertEquals(allocate(listing, VECTORS, GENERALS).vectorSlots, 2);
});

Deno.test("constants take the registers that are left, those that are read most first", () => {
  const listing = new Listing();
  const [a, b] = take(listing, 2) as [Virtual, Virtual];
  const constants = [1, 2, 3].map((n) => listing.constant(Uint8Array.of(n, 0, 0, 0)));
  op(listing, a, constants[0]!, constants[1]!);
  op(listing, b, a, constants[1]!, constants[2]!);
  op(listing, undefined, b, constants[2]!, constants[2]!);
  op(listing, undefined, constants[0]!);
  const made = allocate(listing, VECTORS, GENERALS);
  assertEquals(made.kept, [constants[2], constants[0]]);
  assertEquals(placeOf(made, constants[1]!), "constant");
  const own = new Set([a, b, ...made.kept].map((reg) => placeOf(made, reg)));
  assertEquals(own.size, 3);
});

/** A random function, with what runs it. */
function randomListing(seed: number) {
  const random = seeded(seed);
  const below = (n: number) => Math.floor(random() * n);
  const listing = new Listing();
  type Block = { readonly kind: "op"; readonly at: number } | {
    readonly kind: "loop" | "if";
    readonly blocks: readonly Block[];
  };
  const write = (depth: number, known: Virtual[]): Block[] => {
    const blocks: Block[] = [];
    for (let i = 3 + below(8); i > 0; i--) {
      if (depth < 4 && random() < 0.25) {
        const blocks2: Block[] = [];
        if (random() < 0.7) {
          // runs at least once: what it makes first is known after it
          loop(listing, () => blocks2.push(...write(depth + 1, known)));
          blocks.push({ kind: "loop", blocks: blocks2 });
        } else blocks.push({ kind: "if", blocks: write(depth + 1, [...known]) });
        continue;
      }
      const uses = known.length === 0
        ? []
        : Array.from({ length: below(4) }, () => known[below(known.length)]!);
      const again = known.length > 0 && random() < 0.4;
      const def = again
        ? known[below(known.length)]!
        : listing.take(random() < 0.7 ? "vector" : "general");
      if (!again) known.push(def);
      blocks.push({ kind: "op", at: listing.instructions.length });
      op(listing, def, ...uses);
    }
    return blocks;
  };
  const known: Virtual[] = [];
  const blocks = write(0, known);
  blocks.push({ kind: "op", at: listing.instructions.length });
  op(listing, undefined, ...known.filter(() => random() < 0.5));
  /** Calls back for each instruction as it is run. */
  const run = (visit: (at: number) => void): void => {
    const all = (list: readonly Block[]): void => {
      for (const block of list) {
        if (block.kind === "op") visit(block.at);
        else if (block.kind === "loop") {
          for (let i = 1 + below(3); i > 0; i--) all(block.blocks);
        } else if (random() < 0.5) all(block.blocks);
      }
    };
    all(blocks);
  };
  return { listing, run };
}

Deno.test("in 500 random functions everything that is read is what was written", () => {
  let spilled = 0;
  for (let seed = 0; seed < 500; seed++) {
    const { listing, run } = randomListing(seed);
    const made = allocate(listing, VECTORS, GENERALS);
    spilled += made.vectorSlots + made.generalSlots;
    const wanted = new Map<Virtual, number>();
    const held = new Map<string, number>();
    const key = (reg: Virtual) => `${listing.banks[reg]} ${placeOf(made, reg)}`;
    let time = 0;
    run((at) => {
      const { def, uses } = listing.instructions[at]!;
      for (const reg of uses) {
        assertEquals(held.get(key(reg)), wanted.get(reg), `seed ${seed}: ${reg} at ${at}`);
      }
      if (def === undefined) return;
      wanted.set(def, ++time);
      held.set(key(def), time);
    });
  }
  assert(spilled > 1000, `${spilled}`);
});
