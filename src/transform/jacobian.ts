/**
 * Jacobians and Hessians: one derivative per pair of an output element and an input element.
 *
 * @module
 */
import { isFloat } from "../base/dtype.ts";
import { paths, unflatten } from "../base/tree.ts";
import { Batch, current, emit, pushAlong, type Tensor, within } from "../core/mod.ts";
import { checkCall } from "./check_call.ts";
import type { GradOptions } from "./grad.ts";
import type { Flat } from "./leaves.ts";
import { positions, withTensors } from "./primals.ts";
import type { Args, Gradients, Leaf } from "./types.ts";
import { type Taped, taped } from "./vjp.ts";

type Fn = (...args: unknown[]) => unknown;

/** Jacobians of a tree by a tree: in the place of each leaf of `Y` a tree like `X`. */
export type Jacobian<Y, X> = Y extends Leaf ? Gradients<X>
  : Y extends null | undefined ? Y
  : Y extends readonly unknown[] ? { -readonly [K in keyof Y]: Jacobian<Y[K], X> }
  : Y extends object ? { -readonly [K in keyof Y]: Jacobian<Y[K], X> }
  : Y;

/** For each leaf, the part of the identity that moves one element at a time: [all elements, ...leaf]. */
function basis(tensors: readonly Tensor[]): { total: number; parts: Tensor[] } {
  const total = tensors.reduce((n, t) => n + t.size, 0);
  let from = 0;
  const count = (n: number, axis: number, shape: number[]): Tensor =>
    emit("iota", [], { shape: n === 0 ? shape.map(() => 0) : shape, axis, dtype: "int32" });
  const parts = tensors.map((t) => {
    const shape = [total, t.size];
    const row = count(total, 0, shape);
    const part = t.size === 0
      ? t.zeros([total, 0])
      : emit("eq", [row, count(total, 1, shape).add(from)]).astype(t.dtype);
    from += t.size;
    return part.reshape([total, ...t.shape]);
  });
  return { total, parts };
}

/** A linear function of tensors, applied to each row of its arguments. */
function onEachRow(
  f: (rows: readonly Tensor[]) => readonly Tensor[],
  rows: readonly Tensor[],
  size: number,
): Tensor[] {
  const batch = new Batch(current(), size, "a Jacobian");
  const outs = within(batch, () => f(rows.map((t) => batch.example(t))));
  const all = outs.map((y) => batch.examples(y) ?? y.broadcastTo([size, ...y.shape]));
  batch.end();
  return all;
}

/** Columns [total, ...of] cut into one tensor per leaf, [..leaf, ...of]. */
function cut(columns: Tensor, leaves: readonly Tensor[]): Tensor[] {
  let from = 0;
  return leaves.map((leaf) => {
    const rest = columns.shape.slice(1);
    const part = emit("slice", [columns], {
      start: columns.shape.map((_, i) => i === 0 ? from : 0),
      size: [leaf.size, ...rest],
      step: columns.shape.map(() => 1),
    });
    from += leaf.size;
    return part.reshape([...leaf.shape, ...rest]);
  });
}

/** The last `rank` axes first. */
function lastFirst(x: Tensor, rank: number): Tensor {
  const axes = x.shape.map((_, i) => i);
  const split = axes.length - rank;
  return x.transpose([...axes.slice(split), ...axes.slice(0, split)]);
}

/** [output][input] to [output.shape, ...input.shape]. */
type Blocks = readonly (readonly Tensor[])[];

function inReverse({ tape, handles, out }: Taped): Blocks {
  const { total, parts } = basis(out.tensors);
  const pulled = onEachRow(
    (rows) => tape.pull(out.tensors, rows, handles).map((g, i) => g ?? handles[i]!.zeros()),
    parts,
    total,
  );
  const byInput = pulled.map((g) => cut(g, out.tensors));
  return out.tensors.map((_, o) => byInput.map((column) => column[o]!));
}

function forward({ tape, handles, primals, out }: Taped): Blocks {
  const { total, parts } = basis(primals.tensors);
  const pushed = onEachRow(
    (rows) =>
      pushAlong(tape, handles, rows, out.tensors).map((t, i) => t ?? out.tensors[i]!.zeros()),
    parts,
    total,
  );
  return pushed.map((t, o) => {
    const rank = out.tensors[o]!.shape.length;
    return cut(t, primals.tensors).map((part) => lastFirst(part, rank));
  });
}

/** Puts blocks where they belong: trees of inputs in the place of the outputs' leaves. */
function assemble(blocks: Blocks, out: Flat, inputs: Flat, single: boolean): unknown {
  const rows = blocks.map((row) => {
    const list = unflatten(inputs.structure, row) as unknown[];
    return single ? list[0] : list;
  });
  return unflatten(out.structure, rows);
}

function jacobian(
  f: unknown,
  options: GradOptions,
  blocks: (run: Taped) => Blocks,
): (...args: never[]) => unknown {
  checkCall(f, options, ["argnums", "hasAux"], "take the Jacobian of");
  const run = (...args: unknown[]): unknown => {
    const at = positions(options.argnums, args.length);
    const others = args.map((x, k) => at.includes(k) ? null : withTensors(x));
    const of = (...chosen: unknown[]) => {
      const full = [...others];
      at.forEach((k, i) => full[k] = chosen[i]);
      return (f as Fn)(...full);
    };
    Object.defineProperty(of, "name", { value: (f as Fn).name });
    const done = taped(of, at.map((k) => args[k]), options.hasAux === true, at);
    done.out.tensors.forEach((y, i) => {
      if (isFloat(y.dtype)) return;
      const path = paths(unflatten(done.out.structure, done.out.tensors), "result")[i];
      throw new TypeError(
        `Cannot take the Jacobian of ${path} of dtype ${y.dtype}: outputs must be floating point; ` +
          `return others as aux with hasAux`,
      );
    });
    const tree = assemble(blocks(done), done.out, done.primals, !Array.isArray(options.argnums));
    return options.hasAux ? [tree, done.aux] : tree;
  };
  Object.defineProperty(run, "name", { value: (f as Fn).name });
  return run as (...args: never[]) => unknown;
}

/**
 * A function that returns the Jacobian of `f`, one column at a time in forward mode and all columns
 * together: the choice where there are fewer inputs than outputs.
 *
 * @param f a function of trees of tensors that returns such a tree
 * @param options `argnums`: which argument(s) to differentiate (default the first); `hasAux`: `f`
 * returns `[value, aux]`
 * @returns a function with the same arguments that returns, in the place of each leaf of the value, a
 * tree like the argument whose leaves have the shape of the output followed by that of the input (a
 * list of them for several argnums); with `hasAux` a pair with aux
 * @throws {TypeError} at the call, when an input is not floating point
 *
 * @example
 * ```ts
 * import { jacfwd, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const f = (x: ReturnType<typeof np.array>) => np.stack([x.at(0).mul(x.at(1)), x.at(1), x.sum()]);
 * assertEquals(jacfwd(f)(np.array([2, 5])).toArray(), [[5, 2], [0, 1], [1, 1]]);
 * ```
 */
export function jacfwd<R>(
  f: (...args: Tensor[]) => R,
  options?: { argnums?: number | undefined; hasAux?: false | undefined },
): (...args: Leaf[]) => Jacobian<R, Tensor>;
/** For functions of typed arguments. */
export function jacfwd<A extends readonly unknown[], R, N extends number = 0>(
  f: (...args: A) => R,
  options?: { argnums?: N | undefined; hasAux?: false | undefined },
): (...args: Args<A>) => Jacobian<R, A[N]>;
/** With `hasAux`. */
export function jacfwd<A extends readonly unknown[], R, X, N extends number = 0>(
  f: (...args: A) => readonly [R, X],
  options: { argnums?: N | undefined; hasAux: true },
): (...args: Args<A>) => [Jacobian<R, A[N]>, X];
/** With several argnums. */
export function jacfwd<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options: { argnums: readonly number[]; hasAux?: false | undefined },
): (...args: Args<A>) => Jacobian<R, A[number][]>;
export function jacfwd(
  f: (...args: never[]) => unknown,
  options: GradOptions = {},
): (...args: never[]) => unknown {
  return jacobian(f, options, forward);
}

/**
 * A function that returns the Jacobian of `f`, one row at a time in reverse mode and all rows
 * together: the choice where there are fewer outputs than inputs. Otherwise as {@link jacfwd}.
 *
 * @param f a function of trees of tensors that returns such a tree
 * @param options `argnums`, `hasAux`: as for jacfwd
 * @throws {TypeError} at the call, when an input is not floating point
 *
 * @example
 * ```ts
 * import { jacrev, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const f = (x: ReturnType<typeof np.array>) => ({ sum: x.sum(), squares: x.square() });
 * const { sum, squares } = jacrev(f)(np.array([2, 5]));
 * assertEquals([sum.toArray(), squares.toArray()], [[1, 1], [[4, 0], [0, 10]]]);
 * ```
 */
export function jacrev<R>(
  f: (...args: Tensor[]) => R,
  options?: { argnums?: number | undefined; hasAux?: false | undefined },
): (...args: Leaf[]) => Jacobian<R, Tensor>;
/** For functions of typed arguments. */
export function jacrev<A extends readonly unknown[], R, N extends number = 0>(
  f: (...args: A) => R,
  options?: { argnums?: N | undefined; hasAux?: false | undefined },
): (...args: Args<A>) => Jacobian<R, A[N]>;
/** With `hasAux`. */
export function jacrev<A extends readonly unknown[], R, X, N extends number = 0>(
  f: (...args: A) => readonly [R, X],
  options: { argnums?: N | undefined; hasAux: true },
): (...args: Args<A>) => [Jacobian<R, A[N]>, X];
/** With several argnums. */
export function jacrev<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options: { argnums: readonly number[]; hasAux?: false | undefined },
): (...args: Args<A>) => Jacobian<R, A[number][]>;
export function jacrev(
  f: (...args: never[]) => unknown,
  options: GradOptions = {},
): (...args: never[]) => unknown {
  return jacobian(f, options, inReverse);
}

/**
 * A function that returns the Hessian of `f`, all second derivatives: the forward Jacobian of the
 * reverse one.
 *
 * @param f a function of trees of tensors, mostly with a scalar result
 * @param options `argnums`, `hasAux`: as for {@link jacfwd}
 * @returns a function with the same arguments; for an argument of shape `[n]` and a scalar result it
 * returns `[n, n]`, for trees a tree like the argument in the place of each leaf of one
 * @throws {TypeError} at the call, when an input is not floating point
 *
 * @example
 * ```ts
 * import { hessian, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const f = (x: ReturnType<typeof np.array>) => x.at(0).square().mul(x.at(1));
 * assertEquals(hessian(f)(np.array([3, 5])).toArray(), [[10, 6], [6, 0]]);
 * ```
 */
export function hessian<R>(
  f: (...args: Tensor[]) => R,
  options?: { argnums?: number | undefined; hasAux?: false | undefined },
): (...args: Leaf[]) => Jacobian<Jacobian<R, Tensor>, Tensor>;
/** For functions of typed arguments. */
export function hessian<A extends readonly unknown[], R, N extends number = 0>(
  f: (...args: A) => R,
  options?: { argnums?: N | undefined; hasAux?: false | undefined },
): (...args: Args<A>) => Jacobian<Jacobian<R, A[N]>, A[N]>;
/** With `hasAux`. */
export function hessian<A extends readonly unknown[], R, X, N extends number = 0>(
  f: (...args: A) => readonly [R, X],
  options: { argnums?: N | undefined; hasAux: true },
): (...args: Args<A>) => [Jacobian<Jacobian<R, A[N]>, A[N]>, X];
/** With several argnums. */
export function hessian<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options: { argnums: readonly number[]; hasAux?: false | undefined },
): (...args: Args<A>) => Jacobian<Jacobian<R, A[number][]>, A[number][]>;
export function hessian(
  f: (...args: never[]) => unknown,
  options: GradOptions = {},
): (...args: never[]) => unknown {
  return jacobian(jacobian(f, options, inReverse), options, forward);
}
