import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { type Driver, openDriver } from "../../../ffi/mod.ts";
import { calling, onStandIn } from "./stand_in.ts";
import { digits, guideTraining, losses } from "./train_step.ts";

/** Steps before all that is kept is there. */
const WARM = 6;

/** What is in order before something: so many launches of graphs, so many copies. */
interface Clock {
  launches: number;
  copies: number;
}

const joined = (a: Clock, b: Clock): Clock => ({
  launches: Math.max(a.launches, b.launches),
  copies: Math.max(a.copies, b.copies),
});

onStandIn(
  "the next batch is copied beside the step before, once the step two before has read its place",
  (r) => {
    const none: Clock = { launches: 0, copies: 0 };
    const streams = new Map<bigint | number, Clock>();
    const events = new Map<bigint | number, Clock>();
    /** What the program has waited for. */
    let host = none;
    const clock = (stream: bigint | number): Clock => joined(streams.get(stream) ?? none, host);
    const told: { kind: "copy" | "launch"; stream: bigint | number; before: Clock }[] = [];
    let done = none;
    calling(r, (symbols) => ({
      cuEventRecord: (event, stream) => {
        events.set(event, clock(stream));
        return symbols.cuEventRecord(event, stream);
      },
      cuStreamWaitEvent: (stream, event, flags) => {
        streams.set(stream, joined(clock(stream), events.get(event) ?? none));
        return symbols.cuStreamWaitEvent(stream, event, flags);
      },
      cuEventSynchronize: (event) => {
        host = joined(host, events.get(event) ?? none);
        return symbols.cuEventSynchronize(event);
      },
    }));
    const driver = openDriver({ path: r.path }).value!;
    const { copyIn, launchGraph } = driver;
    Object.assign(
      driver,
      {
        copyIn(to, from, bytes, stream) {
          told.push({ kind: "copy", stream, before: clock(stream) });
          done = { ...done, copies: done.copies + 1 };
          streams.set(stream, { ...clock(stream), copies: done.copies });
          return copyIn(to, from, bytes, stream);
        },
        launchGraph(graph, stream) {
          told.push({ kind: "launch", stream, before: clock(stream) });
          done = { ...done, launches: done.launches + 1 };
          streams.set(stream, { ...clock(stream), launches: done.launches });
          return launchGraph(graph, stream);
        },
      } satisfies Pick<Driver, "copyIn" | "launchGraph">,
    );
    r.device();
    const t = guideTraining();
    const batches = digits(WARM + 8);
    losses(t, batches.slice(0, WARM));
    told.length = 0;
    const { launches, copies } = done;
    for (const batch of batches.slice(WARM)) [, t.state] = t.step(t.state, batch);
    assertEquals(told.map(({ kind }) => kind), Array(8).fill(["copy", "launch"]).flat());
    for (let i = 0; i < 8; i++) {
      const [copy, launch] = told.slice(2 * i, 2 * i + 2) as [typeof told[0], typeof told[0]];
      assertNotEquals(copy.stream, launch.stream);
      assertEquals(launch.before.copies, copies + i + 1, `step ${i} has its own batch`);
      // while the results of the steps before were read, everything was waited for
      if (i >= 2) assertEquals(copy.before.launches, launches + i - 1, `copy ${i}`);
      else assert(copy.before.launches <= launches, `copy ${i}`);
    }
  },
);
