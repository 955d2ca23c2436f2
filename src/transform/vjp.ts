/**
 * vjp: the value of a function, and its transposed derivative to apply to cotangents.
 *
 * @module
 */
import { isFloat } from "../base/dtype.ts";
import { unflatten } from "../base/tree.ts";
import { current, Tape, type Tensor, within } from "../core/mod.ts";
import { checkCall } from "./check_call.ts";
import { type Flat, flatResult, labelOf, splitAux } from "./leaves.ts";
import { fresh, partners, primalsOf } from "./primals.ts";
import type { Arg, Args, Gradients, Leaf } from "./types.ts";

/** Options of {@link vjp}, `jvp` and `linearize`. */
export interface AuxOptions {
  /** Whether the function returns `[value, aux]`; aux is passed through. */
  hasAux?: boolean | undefined;
}

type Fn = (...args: unknown[]) => unknown;

/** A function that has run on a tape. */
export interface Taped {
  readonly tape: Tape;
  /** The handles that it was given. */
  readonly handles: readonly Tensor[];
  readonly primals: Flat;
  readonly out: Flat;
  readonly aux: unknown;
}

/** Runs a function on fresh handles under a tape; `at` are the primals' positions, if arguments. */
export function taped(
  f: Fn,
  primals: readonly unknown[],
  hasAux: boolean,
  at?: readonly number[],
): Taped {
  const flat = primalsOf(primals, (k) => at === undefined ? `primals[${k}]` : `args[${at[k]}]`);
  const tape = new Tape(current());
  const handles = fresh(flat.tensors);
  for (const x of handles) tape.watch(x);
  const given = unflatten(flat.structure, handles) as unknown[];
  return within(tape, () => {
    const { value, aux } = splitAux(f(...given), hasAux, "differentiate");
    const out = flatResult(value, "differentiate", labelOf(f, "the function"));
    return { tape, handles, primals: flat, out, aux };
  });
}

/**
 * The value of `f` at `primals`, and a function that pulls a cotangent of the value back to one
 * cotangent per argument: a vector-Jacobian product, for which `f` does not run again. It may be
 * called any number of times, also under `vmap`, `jit` and further derivatives.
 *
 * @param f a function of trees of tensors that returns such a tree
 * @param primals its arguments, as a list; all leaves are floating point
 * @returns `[value, pull]`, with `hasAux` `[value, pull, aux]`. `pull` takes a tree like the value
 * (integer outputs have no derivative, their cotangents do not count) and returns a list like
 * `primals`
 * @throws {TypeError} when a primal is not floating point, or a cotangent does not fit
 *
 * @example
 * ```ts
 * import { np, vjp } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const [y, pull] = vjp((x, y) => x.mul(y), [np.array([1, 2]), np.array([3, 4])]);
 * assertEquals(y.toArray(), [3, 8]);
 * const [gx, gy] = pull(np.array([1, 10]));
 * assertEquals([gx!.toArray(), gy!.toArray()], [[3, 40], [1, 20]]);
 * ```
 */
export function vjp<R>(
  f: (...args: Tensor[]) => R,
  primals: readonly Leaf[],
  options?: { hasAux?: false | undefined },
): [Gradients<R>, (cotangent: Arg<R>) => Tensor[]];
/** For functions of typed arguments. */
export function vjp<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  primals: Args<A>,
  options?: { hasAux?: false | undefined },
): [Gradients<R>, (cotangent: Arg<R>) => Gradients<A>];
/** With `hasAux`. */
export function vjp<A extends readonly unknown[], R, X>(
  f: (...args: A) => readonly [R, X],
  primals: Args<A>,
  options: { hasAux: true },
): [Gradients<R>, (cotangent: Arg<R>) => Gradients<A>, X];
export function vjp(
  f: (...args: never[]) => unknown,
  primals: readonly unknown[],
  options: AuxOptions = {},
): unknown {
  checkCall(f, options, ["hasAux"], "take the vjp of");
  const { tape, handles, primals: flat, out, aux } = taped(
    f as Fn,
    primals,
    options.hasAux === true,
  );
  const isSmooth = out.tensors.map((y) => isFloat(y.dtype));
  const smooth = (list: readonly Tensor[]) => list.filter((_, i) => isSmooth[i]);
  const pull = (cotangent: unknown): unknown => {
    const given = partners(cotangent, out, "cotangents", "value");
    const pulled = tape.pull(smooth(out.tensors), smooth(given), handles);
    return unflatten(flat.structure, pulled.map((g, i) => g ?? flat.tensors[i]!.zeros()));
  };
  const value = unflatten(out.structure, out.tensors);
  return options.hasAux ? [value, pull, aux] : [value, pull];
}
