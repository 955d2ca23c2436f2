/**
 * Products and argument checks of the BLAS of this machine; where there is none, that finding it
 * says so.
 */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { addressOf, type Blas, findBlas, NativeLibraryError } from "../../ffi/mod.ts";
import { runChild, search } from "./children.ts";

const found = findBlas({ mode: "auto" });

function testBlas(claim: string, test: (blas: Blas) => void | Promise<void>): void {
  Deno.test(claim, () => {
    if (found.blas !== null) return test(found.blas);
    assert(found.attempts.length > 0);
    assert(!found.attempts.some((attempt) => attempt.outcome === "used"));
    assertStringIncludes(found.reason, "install OpenBLAS");
    assertThrows(() => findBlas({ mode: "openblas" }), NativeLibraryError, "Cannot find a BLAS");
  });
}

const NAN = NaN;
// [[1, 2, 3], [4, 5, 6]] [[7, 8], [9, 10], [11, 12]] = [[58, 64], [139, 154]], each stored both ways
// and with one number of padding in every row.
const A = { plain: [1, 2, 3, NAN, 4, 5, 6, NAN], transposed: [1, 4, NAN, 2, 5, NAN, 3, 6, NAN] };
const B = { plain: [7, 8, NAN, 9, 10, NAN, 11, 12, NAN], transposed: [7, 9, 11, 0, 8, 10, 12, 0] };

for (const name of ["sgemm", "dgemm"] as const) {
  const numbers = (from: number[]): Float32Array | Float64Array =>
    name === "sgemm" ? Float32Array.from(from) : Float64Array.from(from);

  for (const ta of [false, true]) {
    for (const tb of [false, true]) {
      testBlas(`${name} with transposes ${ta}, ${tb} gives the product done by hand`, (blas) => {
        const a = numbers(ta ? A.transposed : A.plain);
        const b = numbers(tb ? B.transposed : B.plain);
        const c = numbers([NAN, NAN, 5, NAN, NAN, 5]);
        const [atA, atB, atC] = [addressOf(a), addressOf(b), addressOf(c)];
        const [lda, ldb] = [ta ? 3 : 4, tb ? 4 : 3];
        blas[name](ta, tb, 2, 2, 3, 1, atA, lda, atB, ldb, 0, atC, 3);
        assertEquals([...c], [58, 64, 5, 139, 154, 5]);
        blas[name](ta, tb, 2, 2, 3, 2, atA, lda, atB, ldb, -1, atC, 3);
        assertEquals([...c], [58, 64, 5, 139, 154, 5]);
      });
    }
  }

  testBlas(`${name} refuses arguments that BLAS would only print about`, (blas) => {
    const good = [false, false, 2, 2, 2, 1, 64n, 2, 64n, 2, 0, 64n, 2] as const;
    const call = (place: number, value: unknown) => () => {
      const args = [...good] as unknown[];
      args[place] = value;
      blas[name](...args as Parameters<Blas["sgemm"]>);
    };
    for (const place of [2, 3, 4, 7, 9, 12]) {
      for (const value of [-1, 1.5, NaN, Infinity, 2 ** 31, 2 ** 32 + 2]) {
        assertThrows(call(place, value), RangeError, `Cannot call ${name} with`);
      }
      assertThrows(call(place, "2"), TypeError, `Cannot call ${name} with`);
      assertThrows(call(place, 2n), TypeError, `Cannot call ${name} with`);
    }
    for (const place of [7, 9, 12]) assertThrows(call(place, 1), RangeError, "at least 2");
    for (const place of [6, 8, 11]) {
      for (const value of [0n, -1n, 1n << 64n]) assertThrows(call(place, value), RangeError);
      for (const value of [64, null, undefined]) assertThrows(call(place, value), TypeError);
    }
    for (const place of [5, 10]) assertThrows(call(place, "1"), TypeError, "of type string");
    // A transposed A is stored in rows of m, a transposed B in rows of k.
    const small = (ta: boolean, tb: boolean, m: number, k: number) => () =>
      blas[name](ta, tb, m, 2, k, 1, 64n, 2, 64n, 2, 0, 64n, 2);
    assertThrows(small(true, false, 3, 2), RangeError, "lda = 2: at least 3");
    assertThrows(small(false, true, 2, 3), RangeError, "lda = 2: at least 3");
    assertThrows(small(true, true, 2, 3), RangeError, "ldb = 2: at least 3");
  });

  testBlas(`the cost of a hot ${name} call`, (blas) => {
    const memory = new Float64Array(64);
    const at = addressOf(memory);
    const calls = 200_000;
    let best = Infinity;
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      if (name === "sgemm") {
        for (let i = 0; i < calls; i++) {
          blas.sgemm(false, false, 0, 1, 1, 1, at, 1, at + 64n, 1, 0, at + 128n, 1);
        }
      } else {
        for (let i = 0; i < calls; i++) {
          blas.dgemm(false, false, 0, 1, 1, 1, at, 1, at + 64n, 1, 0, at + 128n, 1);
        }
      }
      best = Math.min(best, (performance.now() - start) / calls * 1e6);
    }
    console.log(`${name}: ${best.toFixed(0)} ns for a product of no rows`);
    assert(memory.every((x) => x === 0));
  });
}

testBlas("the number of threads can be set and is told", (blas) => {
  const before = blas.threads();
  for (const n of [0, -1, 1.5, NaN]) assertThrows(() => blas.setThreads(n), RangeError, "threads");
  blas.setThreads(1);
  assert(blas.threads() === 1 || before === 0);
  blas.setThreads(Math.max(1, before));
  assertEquals(blas.threads(), before);
});

testBlas("the reason names library, version and path", (blas) => {
  assertStringIncludes(found.reason, `${blas.library} ${blas.version}`.trim());
  assertStringIncludes(found.reason, blas.path);
  assertEquals(found.attempts.at(-1), {
    candidate: found.attempts.at(-1)!.candidate,
    outcome: "used",
    reason: "it passed every check",
  });
});

testBlas("a library is wrapped once, so that its calls keep one target", (blas) => {
  assert(findBlas({ mode: "openblas", candidates: [blas.path] }).blas === blas);
  assert(findBlas({ mode: "auto", path: blas.path }).blas === blas);
});

testBlas(
  "a library cut short is a reason, with and without the permission to read",
  async (blas) => {
    if (!blas.path.startsWith("/") || blas.library === "Accelerate") return;
    const path = Deno.makeTempFileSync({ suffix: ".so" });
    try {
      Deno.copyFileSync(blas.path, path);
      Deno.truncateSync(path, Math.floor(Deno.statSync(path).size / 2));
      for (const flags of [["-A"], ["--allow-ffi"]]) {
        const [told] = await search(flags, [{ mode: "auto", candidates: [path] }]);
        assertEquals(told!.blas, null);
        assertEquals(told!.attempts[0]!.outcome, "truncated");
      }
    } finally {
      Deno.removeSync(path);
    }
  },
);

testBlas("workers may open the same library at the same time", async (blas) => {
  const [told] = await runChild<boolean[]>("many_workers_child.ts", ["-A"], blas.path);
  assert(told);
});

testBlas("a core type that the user chose stands", async (blas) => {
  if (blas.library !== "OpenBLAS" || Deno.build.arch !== "x86_64") return;
  const searches = [{ mode: "auto", path: blas.path } as const];
  const [told] = await search(["-A"], searches, { OPENBLAS_CORETYPE: "Prescott" });
  const [other] = await search(["-A"], searches);
  // A build for one processor has no choice.
  assert(["Prescott", other!.blas!.coreType].includes(told!.blas!.coreType));
});
