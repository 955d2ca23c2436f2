/**
 * A child of machine_code_test.ts: prints as JSON what becomes of machine code, as its argument says.
 *
 * @module
 */
import { machineCode, type PlacedCode, processor, type RunCode } from "../../ffi/mod.ts";

const RETURN = Uint8Array.of(0x31, 0xc0, 0xc3);

/** Whether there is machine code, and what the processor can do. */
function look(): unknown {
  return { code: machineCode() !== null, ...processor() };
}

/** What is placed before and after the system was told to refuse. */
function refuse(): unknown {
  const machine = machineCode()!;
  const before = machine.place(RETURN) !== null;
  const { prctl } = Deno.dlopen("libc.so.6", {
    prctl: { parameters: ["i32", "usize", "usize", "usize", "usize"], result: "i32" },
  }).symbols;
  // PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN
  if (prctl(65, 1n, 0n, 0n, 0n) !== 0) return null;
  return { before, after: [1, 2, 3].map(() => machine.place(RETURN) !== null) };
}

/** Holds one runner of each round and drops the code of the others: rounds until there is no room. */
async function drop(): Promise<unknown> {
  const machine = machineCode()!;
  const bytes = new Uint8Array(8 << 20);
  bytes.set(RETURN);
  const held: RunCode[] = [];
  let rounds = 0;
  for (; rounds < 40; rounds++) {
    const code: PlacedCode | null = machine.place(bytes);
    if (code === null) break;
    const run = machine.bind(code, 0, 1n);
    if (rounds % 10 === 0) held.push(run);
    run();
    (globalThis as unknown as { gc(): void }).gc();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  // a runner whose code was given back would end this process
  for (const run of held) run();
  return { rounds, held: held.length };
}

const kinds: Record<string, () => unknown> = { look, refuse, drop };
console.log(JSON.stringify(await kinds[JSON.parse(Deno.args[0]!)]!()));
