import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withFiles } from "./plant.ts";

const script = Deno.readTextFileSync(fileURLToPath(new URL("../../.ci/run", import.meta.url)));
const green = "ok | 40 passed (2 steps) | 0 failed | 1 ignored (3s)";

/** What a stand-in for `deno` prints for each of the five runs, and its exit code. */
type Answers = Readonly<
  Record<"check" | "auto" | "builtin" | "cuda" | "slow", [string, number]>
>;

/** The last line and the exit code of .ci/run where `deno` gives these answers. */
function runWith(answers: Answers): Promise<{ last: string; code: number }> {
  return printedWith(answers).then(({ lines, code }) => ({ last: lines.at(-1)!, code }));
}

/** All lines. */
function printedWith(answers: Answers): Promise<{ lines: string[]; code: number }> {
  const cases = Object.entries(answers).map(([name, [text, code]]) =>
    `${name}) printf '%s\\n' '${text}'; exit ${code};;`
  );
  const deno = `#!/bin/bash\ncase "$2" in check) key=check;; test:slow) key=slow;; ` +
    `test:cuda) key=cuda;; ` +
    `*) key=$GLISSADE_BLAS;; esac\ncase $key in ${cases.join(" ")} *) exit 9;; esac\n`;
  const ldconfig = "#!/bin/bash\necho libopenblas.so.0\n";
  const there = "#!/bin/bash\n";
  const files = {
    ".ci/run": script,
    "bin/deno": deno,
    "bin/ldconfig": ldconfig,
    "bin/g++": there,
    "bin/python3": there,
  };
  return withFiles(files, async (root) => {
    for (const name of Object.keys(files)) await Deno.chmod(join(root, name), 0o755);
    const { code, stdout } = await new Deno.Command("bash", {
      args: [join(root, ".ci/run")],
      env: { PATH: `${join(root, "bin")}:${Deno.env.get("PATH")}` },
      stdin: "null",
      stderr: "null",
    }).output();
    return { lines: new TextDecoder().decode(stdout).trimEnd().split("\n"), code };
  });
}

const allGreen: Answers = {
  check: ["ok", 0],
  auto: [green, 0],
  builtin: [green, 0],
  cuda: ["ok | 20 passed | 0 failed (2s)", 0],
  slow: ["ok | 3 passed | 0 failed (1m2s)", 0],
};

const ignore = Deno.build.os === "windows";

Deno.test("the closing line sums all runs", { ignore }, async () => {
  assertEquals(await runWith(allGreen), { last: "103 passed, 0 failed", code: 0 });
});

Deno.test("failed tests are summed and end in a red exit", { ignore }, async () => {
  const builtin: [string, number] = ["FAILED | 30 passed | 10 failed (3s)", 1];
  const result = await runWith({ ...allGreen, builtin });
  assertEquals(result, { last: "93 passed, 10 failed", code: 1 });
});

Deno.test("a run that dies without a summary is a failure", { ignore }, async () => {
  const result = await runWith({ ...allGreen, auto: ["Segmentation fault", 139] });
  assertEquals(result, { last: "63 passed, 1 failed", code: 1 });
});

Deno.test("a run that fails with no failed test is a failure", { ignore }, async () => {
  const result = await runWith({ ...allGreen, slow: ["ok | 3 passed | 0 failed (1s)", 133] });
  assertEquals(result, { last: "103 passed, 1 failed", code: 1 });
});

Deno.test("a failed check is a failure, and the tests still run", { ignore }, async () => {
  const result = await runWith({ ...allGreen, check: ["FAILED | floors", 1] });
  assertEquals(result, { last: "103 passed, 1 failed", code: 1 });
});

Deno.test("what was left out is said again before the closing line", { ignore }, async () => {
  const cuda: [string, number] = [`LEFT OUT: a\nLEFT OUT: b\nLEFT OUT: a\n${green}`, 0];
  const { lines, code } = await printedWith({ ...allGreen, cuda });
  assertEquals(lines.slice(-3), ["LEFT OUT: a", "LEFT OUT: b", "123 passed, 0 failed"]);
  assertEquals(code, 0);
});

Deno.test("a run of tests is told that a missing compiler is a failure", { ignore }, async () => {
  const check: [string, number] = ["'; echo \"LEFT OUT: $GLISSADE_TEST_NO_SKIP\"; '", 0];
  const { lines } = await printedWith({ ...allGreen, check });
  assertEquals(lines.slice(-2), ["LEFT OUT: 1", "103 passed, 0 failed"]);
});
