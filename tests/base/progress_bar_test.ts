/** The progress bar: silent without a terminal, seldom redrawn, erased at the end. @module */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ProgressBar } from "../../src/base/progress_bar.ts";

function screen(terminal: boolean) {
  const written: string[] = [];
  return {
    written,
    isTerminal: () => terminal,
    writeSync(bytes: Uint8Array): number {
      written.push(new TextDecoder().decode(bytes));
      return bytes.length;
    },
  };
}

Deno.test("a progress bar writes nothing where nobody watches", () => {
  const output = screen(false);
  const bar = new ProgressBar({ total: 10, output });
  bar.update(5);
  bar.finish();
  assertEquals(output.written, []);
});

Deno.test("a progress bar draws one line, not for every step, and erases it", () => {
  const output = screen(true);
  const bar = new ProgressBar({ total: 1000, label: "Epoch 1", output });
  for (let i = 1; i <= 1000; i++) bar.update(i, "loss 0.5");
  bar.finish();
  const writes = output.written.length;
  assert(writes >= 2 && writes < 50, `it wrote ${writes} times`);
  // deno-lint-ignore no-control-regex
  assertMatch(output.written[0]!, /^\r\x1b\[2KEpoch 1 ░{30} 1\/1000 \d+:\d\d left {2}loss 0\.5$/);
  assertEquals(output.written.at(-1), "\r\x1b[2K");
  bar.finish();
  assertEquals(output.written.length, writes);
});

Deno.test("a line is logged after the bar is erased, so that neither spoils the other", () => {
  const output = screen(true);
  const lines: unknown[] = [];
  const log = console.log;
  console.log = (text) => lines.push([output.written.at(-1), text]);
  try {
    const bar = new ProgressBar({ total: 10, output });
    bar.update(5);
    bar.log("hello");
  } finally {
    console.log = log;
  }
  assertEquals(lines, [["\r\x1b[2K", "hello"]]);
});
