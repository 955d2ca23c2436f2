import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { dots } from "../../bench/peers/picture.ts";
import { replaceSection, section } from "../../bench/peers/readme.ts";
import type { Entry, Results, Row } from "../../bench/peers/results.ts";
import {
  conditions,
  formatRatio,
  formatValue,
  fullTable,
  notes,
  report,
  rowMean,
  shortTable,
  targetTable,
} from "../../bench/peers/table.ts";

function entry(column: string, samples: number[], more: Partial<Entry> = {}): Entry {
  const said = { check: [], setting: null, absent: null, wrong: null };
  return { system: column, lane: column, column, samples, reps: 1, ...said, ...more };
}

const row: Row = {
  id: "W6 softmax",
  title: "softmax [4096,1000]",
  unit: "seconds",
  targets: [{ against: "fastest", atLeast: 0.7 }, { against: "numpy", atLeast: 2 }],
  entries: [
    entry("glissade", [0.002, 0.004, 0.003]),
    entry("jax", [0.006]),
    entry("jax", [0.007], { system: "jax on one core" }),
    entry("torch", [0.001], { wrong: "result 0 is 2, not 1" }),
    entry("tfjs", [], { absent: "has no such kernel" }),
    entry("jaxjs", [], { absent: "does not apply" }),
  ],
};

const results: Results = {
  date: "2026-01-02T03:04:05Z",
  machine: { cpu: "A CPU", cores: 2, memoryGiB: 8, os: "linux x86_64", flags: ["avx2"] },
  load: 0.1,
  threads: 2,
  rounds: 7,
  versions: {
    glissade: { deno: "2.9.6", BLAS: "OpenBLAS 0.3", threads: "2" },
    "jax on one core": { jax: "1.0" },
    jax: { jax: "1.0" },
    keras: "its process ended",
  },
  rows: [row],
};

Deno.test("times and bytes are told in the unit that gives few digits", () => {
  const cells = [4.567e-7, 0.0000214, 0.0214, 1.5, 0.5678].map((s) => formatValue(s, "seconds"));
  assertEquals(cells, ["0.457 us", "21.4 us", "21.4 ms", "1.5 s", "568 ms"]);
  assertEquals(formatValue(3 * 2 ** 20, "bytes"), "3 MiB");
  assertEquals([0.123, 12.34, 123.4].map(formatRatio), ["0.12", "12.3", "123"]);
});

Deno.test("the full table has medians, ratios, what is wrong and what is absent", () => {
  const line = fullTable(results).split("\n")[2]!;
  assertEquals(
    line.split("|").slice(1, 9).map((cell) => cell.trim()),
    ["W6 softmax: softmax [4096,1000]", "3 ms", "6 ms (2.00)", "", "", "**wrong**", "", ""],
  );
  assertStringIncludes(line, "absent");
});

Deno.test("targets tell whom they were measured against; a wrong result is not the fastest", () => {
  const lines = targetTable(results).split("\n");
  assertStringIncludes(lines[2]!, "0.70 against the fastest peer (JAX) | 2.00 | yes");
  assertStringIncludes(lines[3]!, "2.00 against NumPy | ? | ?");
  assertStringIncludes(lines[4]!, "geometric mean | 1.00 against the fastest peers | 2.00 | yes");
  assertAlmostEquals(rowMean([row, row], "W6")!, 2);
  assertEquals(rowMean([row], "W7"), null);
});

Deno.test("the short table names the fastest peer", () => {
  assertStringIncludes(shortTable(results), "| 3 ms | 6 ms (JAX) | 2.00 |");
});

Deno.test("notes hold what disagrees, what is absent, and nothing of what does not apply", () => {
  const text = notes(results);
  assertStringIncludes(text, "**PyTorch disagrees**: result 0 is 2, not 1 (W6 softmax)");
  assertStringIncludes(text, "TensorFlow.js is absent: has no such kernel (W6 softmax)");
  assert(!text.includes("jax-js") && !text.includes("one core"));
  const quick = { ...row, entries: [entry("jax", [3]), entry("jax", [2], { system: "a b" })] };
  assertStringIncludes(notes({ ...results, rows: [quick] }), "JAX was faster with one thread");
});

Deno.test("the conditions name the machine, the threads and each version once", () => {
  assertEquals(
    conditions(results),
    "A CPU (avx2), 2 cores, linux x86_64; 2 threads each; 2026-01-02; " +
      "deno 2.9.6, OpenBLAS 0.3, jax 1.0, keras absent (its process ended).",
  );
  assertStringIncludes(report(results), conditions(results));
  assertStringIncludes(conditions({ ...results, load: 8.25 }), "busy with other work (load 8.3)");
});

Deno.test("the picture has a dot for each peer that was measured and agrees", () => {
  assertEquals(dots(results).map(({ column, ratio }) => [column, ratio]), [["JAX", 2]]);
  const far = { ...row, entries: [entry("glissade", [1]), entry("jax", [1000])] };
  assertEquals(dots({ ...results, rows: [far] })[0]!.ratio, 100);
});

Deno.test("README's section is replaced between its markers and nowhere else", () => {
  const text = "a\n<!-- bench:peers -->\nold\n<!-- /bench:peers -->\nb\n";
  const made = replaceSection(text, "new");
  assertEquals(made, "a\n<!-- bench:peers -->\n\nnew\n\n<!-- /bench:peers -->\nb\n");
  assertEquals(replaceSection(made, "new"), made);
  assertStringIncludes(replaceSection(text, section(results)), "](bench/results/ratios.svg)");
});

Deno.test("a README without its markers is an error, not a lost section", () => {
  for (const text of ["a", "<!-- bench:peers -->", "<!-- /bench:peers --><!-- bench:peers -->"]) {
    let message = "";
    try {
      replaceSection(text, "new");
    } catch (error) {
      message = String(error);
    }
    assertStringIncludes(message, "Cannot rewrite the section");
  }
});
