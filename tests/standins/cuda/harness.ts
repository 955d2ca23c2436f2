/**
 * How tests of the stand-in begin and end: with a library of their own per file, nothing wrong
 * reported and nothing left behind.
 * @module
 */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { ownStandIn, standInProblem } from "./build.ts";
import { livingNames, openStandIn, type StandIn } from "./control.ts";
import { Machine, NativeFailure } from "./machine.ts";

/** A machine on a library of its own, and the control of it. */
export interface Bench {
  readonly machine: Machine;
  readonly standIn: StandIn;
  /**
   * Runs what must go wrong when it is waited for: asserts the code, that the context is dead, and
   * what the report says; then the machine is revived.
   */
  caught(code: number, report: RegExp, work: () => void): void;
  /** Asserts that a call is refused at once with this code, and forgets the report. */
  refused(code: number, work: () => void): void;
}

/** Declares tests that share one machine; `Deno.test` for those that need no g++. */
export type Declare = (name: string, body: (bench: Bench) => void | Promise<void>) => void;

/** The declaring function of a test file. */
export async function tests(): Promise<Declare> {
  const path = await ownStandIn();
  if (path === null) console.warn(`${standInProblem()}: its tests are skipped`);
  let bench: Bench | undefined;
  return (name, body) =>
    Deno.test({
      name,
      ignore: path === null,
      async fn() {
        const { machine, standIn } = bench ??= makeBench(path!);
        standIn.order(0);
        const before = standIn.counts();
        try {
          await body(bench);
          machine.synchronize();
          assertEquals(standIn.report(), "");
          const after = standIn.counts();
          for (const living of livingNames) assertEquals(after[living], before[living], living);
        } finally {
          standIn.revive();
        }
      },
    });
}

function makeBench(path: string): Bench {
  const machine = new Machine({ cuda: path, nvrtc: path, cublas: path });
  const standIn = openStandIn(path);
  const refused = (code: number, work: () => void) => {
    const error = assertThrows(work, NativeFailure);
    assertEquals(error.code, code, `${error.message}\n${standIn.report()}`);
    standIn.report();
  };
  return {
    machine,
    standIn,
    refused,
    caught(code, report, work) {
      assertEquals(standIn.report(), "");
      const error = assertThrows(() => {
        work();
        machine.synchronize();
      }, NativeFailure);
      const said = standIn.report();
      assertEquals(error.code, code, said);
      assertMatch(said, report);
      refused(code, () => machine.allocate(4));
      assert(standIn.counts().sticky === code);
      standIn.revive();
    },
  };
}
