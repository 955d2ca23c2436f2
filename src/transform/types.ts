/**
 * The types of transformed functions: what a function over tensors accepts once it is jitted or
 * differentiated.
 *
 * @module
 */
import type { TypedArray } from "../base/dtype.ts";
import type { HostArray } from "../base/host_array.ts";
import type { Tensor, Variable } from "../core/mod.ts";

/** What may stand for a tensor among the arguments of a jitted or differentiated function. */
export type Leaf = Tensor | HostArray | Variable | TypedArray | number;

/** An argument in which every Tensor may be any {@link Leaf}. */
export type Arg<T> = T extends Tensor ? Leaf
  : T extends HostArray | Variable | TypedArray | number | boolean | null | undefined ? T
  : T extends (...args: never[]) => unknown ? T
  : T extends readonly unknown[] ? { readonly [K in keyof T]: Arg<T[K]> }
  : T extends object ? { readonly [K in keyof T]: Arg<T[K]> }
  : T;

/** Arguments in which every Tensor may be any {@link Leaf}. */
export type Args<A extends readonly unknown[]> = { [K in keyof A]: Arg<A[K]> };

/** What a tree becomes when every leaf of it is a tensor, as gradients are. */
export type Gradients<T> = T extends Tensor | HostArray | Variable | TypedArray | number ? Tensor
  : T extends null | undefined ? T
  : T extends readonly unknown[] ? { -readonly [K in keyof T]: Gradients<T[K]> }
  : T extends object ? { -readonly [K in keyof T]: Gradients<T[K]> }
  : T;
