/**
 * Driving a pipeline from its last stage, for `for...of` and for `for await`.
 *
 * @module
 */
import { END, type Stage } from "./stage.ts";

/** One pass in which every element is there at once. Leaving the loop closes the pipeline. */
export function* iterateSync<T>(stage: Stage<T>): Generator<T, void, undefined> {
  const cursor = stage.open({ sync: true });
  try {
    for (;;) {
      const x = cursor.next() as T | typeof END;
      if (x === END) return;
      yield x;
    }
  } finally {
    cursor.close();
  }
}

/** One pass that waits where a stage makes it wait. Leaving the loop closes the pipeline. */
export async function* iterateAsync<T>(stage: Stage<T>): AsyncGenerator<T, void, undefined> {
  const cursor = stage.open({ sync: false });
  try {
    for (;;) {
      const pulled = cursor.next();
      const x = pulled instanceof Promise ? await pulled : pulled;
      if (x === END) return;
      yield x;
    }
  } finally {
    await cursor.close();
  }
}
