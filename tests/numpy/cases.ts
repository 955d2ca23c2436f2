/**
 * Golden cases of np and nn as tests run them: arguments turned into what users give, results
 * compared as the case says.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { HostArray } from "../../src/base/mod.ts";
import { Tensor, type TensorLike } from "../../src/core/mod.ts";
import {
  type GoldenArray,
  type GoldenRecord,
  type GoldenValue,
  isGoldenArray,
  readGolden,
} from "../goldens/read.ts";

/** A function of a namespace, seen from outside. */
export type AnyFunction = (...args: unknown[]) => unknown;

/** The functions among the exports of a namespace. */
export function functionsOf(namespace: object): Map<string, AnyFunction> {
  return new Map(
    Object.entries(namespace).filter((entry): entry is [string, AnyFunction] =>
      typeof entry[1] === "function"
    ),
  );
}

/** All cases of a namespace, by function. */
export function casesOf(namespace: "np" | "nn"): Map<string, GoldenRecord[]> {
  const all = [
    ...readGolden("numpy").cases.map((c) => ({ ...c, namespace: "np" })),
    ...readGolden("nn").cases,
    ...readGolden("numpy_more").cases,
    ...readGolden("numpy_names").cases,
    ...readGolden("conv").cases,
  ] as GoldenRecord[];
  const byName = new Map<string, GoldenRecord[]>();
  for (const c of all) {
    if (c.namespace !== namespace) continue;
    const name = c.fn as string;
    byName.set(name, [...byName.get(name) ?? [], c]);
  }
  return byName;
}

/** What a user gives for a golden value: arrays become HostArrays. */
export function given(value: GoldenValue): unknown {
  if (isGoldenArray(value)) return new HostArray(value.data, value.shape, value.dtype);
  if (Array.isArray(value)) return value.map(given);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, given(v)]));
  }
  return value;
}

/** A case in one line, for messages. */
export function describe(c: GoldenRecord): string {
  const text = Deno.inspect(c.args, { compact: true, breakLength: Infinity, iterableLimit: 12 });
  return `${c.fn}(${text.replace(/\s+/g, " ").slice(0, 300)}) ${JSON.stringify(c.options)} ${
    c.tags ?? ""
  }`;
}

/** The arguments of a case: those given in order, then the options where there are any. */
export function argumentsOf(c: GoldenRecord): unknown[] {
  const options = given(c.options!) as object;
  const args = (c.args as GoldenValue[]).map(given);
  return Object.keys(options).length > 0 ? [...args, options] : args;
}

/** The HostArrays among arguments, in order, and the arguments with others in their places. */
export function arraysIn(
  args: readonly unknown[],
): { arrays: HostArray[]; fill: (others: readonly TensorLike[]) => unknown[] } {
  const arrays: HostArray[] = [];
  const visit = (x: unknown): unknown => {
    if (x instanceof HostArray) return { slot: arrays.push(x) - 1 };
    return Array.isArray(x) ? x.map(visit) : x;
  };
  const holes = args.map(visit);
  const fill = (others: readonly TensorLike[]): unknown[] => {
    const back = (x: unknown): unknown =>
      Array.isArray(x)
        ? x.map(back)
        : typeof x === "object" && x !== null && "slot" in x
        ? others[x.slot as number]
        : x;
    return holes.map(back);
  };
  return { arrays, fill };
}

/** Asserts that a result is what a case wants. */
export function check(c: GoldenRecord, got: unknown, want: GoldenValue = c.want!): void {
  if (Array.isArray(want) && Array.isArray(got)) {
    const results = got.flat();
    assertEquals(results.length, want.length, `number of results of ${describe(c)}`);
    want.forEach((w, i) => check(c, results[i], w));
  } else if (typeof got === "boolean") {
    assertEquals(got, isGoldenArray(want) ? want.data[0] === 1 : want, describe(c));
  } else if (typeof got === "number" || typeof got === "string") {
    assertEquals(got, want, describe(c));
  } else if (Array.isArray(want) && Object.getPrototypeOf(got) === Object.prototype) {
    check(c, Object.values(got as object), want);
  } else if (got instanceof Tensor && isGoldenArray(want)) {
    assertEquals(got.dtype, want.dtype, `dtype of ${describe(c)}`);
    assertEquals(got.shape, want.shape, `shape of ${describe(c)}`);
    checkValues(c, got.data(), want);
  } else throw new Error(`${describe(c)} gave ${Deno.inspect(got)}`);
}

function checkValues(c: GoldenRecord, got: ArrayLike<number>, want: GoldenArray): void {
  const single = want.dtype === "float32";
  for (let i = 0; i < want.data.length; i++) {
    const [a, b] = [got[i]!, want.data[i]!];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    const least = single ? 2 ** -149 : Number.MIN_VALUE;
    const step = 2 ** Math.floor(Math.log2(Math.abs(b))) * 2 ** (single ? -23 : -52);
    const allowed = c.ulp !== undefined
      ? c.ulp as number * Math.max(least, step)
      : (c.atol as number ?? 0) + (c.rtol as number ?? 0) * Math.abs(b);
    if (!(Math.abs(a - b) <= allowed)) {
      throw new Error(
        `Element ${i} of ${describe(c)} is ${a}, wanted ${b}: off by ${
          Math.abs(a - b)
        }, allowed ${allowed}`,
      );
    }
  }
}
