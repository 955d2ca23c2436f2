/**
 * Temporaries: what a function of the library computes eagerly on its way is given back when it
 * returns, because nobody else can hold it; otherwise it would fill the heap until it is moved out.
 *
 * @module
 */
import type { Tensor } from "./tensor.ts";

/** The tensors made since the innermost `releasing` began; null outside of all. */
let made: Tensor[] | null = null;

/** Hears of a tensor that an eager operation made. */
export function noteMade(t: Tensor): void {
  if (made !== null) made.push(t);
}

/**
 * Runs a function that hands nothing on but its result, and gives back the memory of all else that it
 * computed.
 */
export function releasing(f: () => Tensor): Tensor {
  const outer = made;
  const own: Tensor[] = made = [];
  try {
    const result = f();
    for (const t of own) if (t !== result) t.dispose();
    outer?.push(result);
    return result;
  } finally {
    made = outer;
  }
}
