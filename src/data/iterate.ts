/**
 * Driving a pipeline from its last stage, for `for...of` and for `for await`.
 *
 * @module
 */
import { openPipeline, Run } from "./run.ts";
import {
  type Cursor,
  describeStage,
  END,
  notSynchronous,
  type Stage,
  type State,
} from "./stage.ts";

/** Milliseconds between two turns of the event loop. */
const YIELD_EVERY = 5;

/** What is told of every element before the next is computed: a cursor, to ask for its state. */
export interface Follower {
  /** A cursor was opened, or (null) closed. */
  follow(cursor: Cursor<unknown> | null): void;
  /** Another element is about to be computed. */
  pulling(): void;
  /** It was computed. */
  pulled(): void;
}

/** One pass in which every element is there at once. Leaving the loop closes the pipeline. */
export function* iterateSync<T>(
  stage: Stage<T>,
  state?: State,
  follower?: Follower,
): Generator<T, void, undefined> {
  const cursor = openPipeline(stage, new Run(true, follower !== undefined), state);
  follower?.follow(cursor);
  try {
    for (;;) {
      follower?.pulling();
      const x = cursor.next();
      if (x instanceof Promise) {
        x.catch(() => {});
        throw notSynchronous(describeStage(stage.label, stage.inputs), "it gave a Promise");
      }
      follower?.pulled();
      if (x === END) return;
      yield x;
    }
  } finally {
    follower?.follow(null);
    cursor.close();
  }
}

/** One pass that waits where a stage makes it wait. Leaving the loop closes the pipeline. */
export async function* iterateAsync<T>(
  stage: Stage<T>,
  state?: State,
  follower?: Follower,
): AsyncGenerator<T, void, undefined> {
  const every = optionsOf(stage).yieldEvery ?? YIELD_EVERY;
  const cursor = openPipeline(stage, new Run(false, follower !== undefined), state);
  follower?.follow(cursor);
  try {
    for (let turned = performance.now();;) {
      if (performance.now() - turned >= every) {
        await new Promise<void>((done) => setImmediate(done));
        turned = performance.now();
      }
      follower?.pulling();
      const pulled = cursor.next();
      const x = pulled instanceof Promise ? await pulled : pulled;
      follower?.pulled();
      if (x === END) return;
      yield x;
    }
  } finally {
    follower?.follow(null);
    await cursor.close();
  }
}

/** The options of a pipeline: of several that were given, the last stage's. */
function optionsOf(stage: Stage<unknown>): NonNullable<Stage<unknown>["options"]> {
  const below = stage.inputs.map(optionsOf);
  return Object.assign({}, ...below, stage.options);
}
