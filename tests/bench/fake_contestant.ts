/**
 * A contestant that computes nothing: its kind of work says how it behaves.
 *
 * @module
 */
import { Absent, serve, type Work } from "../../bench/peers/contestants/serve.ts";

function wait(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

await serve({ fake: "1.0" }, (kind, sizes, lane): Work => {
  if (kind === "absent") throw new Absent("not today");
  if (kind === "dies") Deno.exit(3);
  if (kind === "hangs") wait(60_000);
  if (kind === "fails later" && lane === "slow") {
    return {
      run: () => {
        throw new RangeError("Cannot go on: it is enough");
      },
      check: () => [1],
    };
  }
  console.log("this is no part of the protocol");
  const milliseconds = lane === "slow" ? 4 : 1;
  return {
    run: (reps) => wait(reps * milliseconds),
    check: () => [lane === "wrong" ? 2 : 1, sizes.n as number],
    setting: lane === "slow" ? "leisurely" : undefined,
  };
});
