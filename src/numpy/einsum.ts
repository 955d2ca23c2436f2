/**
 * Einstein summation: subscripts are read, diagonals taken, and operands contracted in pairs, each
 * pair as one (batched) matrix product.
 *
 * @module
 */
import { formatShape, formatValue, sizeOf } from "../base/mod.ts";
import type { Tensor, TensorLike } from "../core/mod.ts";
import { product } from "./contraction.ts";
import { together } from "./operands.ts";
import { diagonalOf } from "./parts.ts";

/** An operand whose axes have names: letters, or "0", "1" ... from the end for an ellipsis. */
interface Named {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

/**
 * Sums of products by Einstein's convention: `"ij,jk->ik"` is a matrix product. Letters that are
 * missing on the right are summed over; without `->` the letters that occur once remain, in
 * alphabetical order. A letter repeated in one operand takes its diagonal, and `...` stands for axes
 * that broadcast. Any number of operands.
 *
 * @throws {TypeError} when the subscripts are no string
 * @throws {RangeError} when they do not fit the operands
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const a = [[1, 2], [3, 4]];
 * assertEquals(np.einsum("ij,jk->ik", a, a).toArray(), [[7, 10], [15, 22]]);
 * assertEquals(np.einsum("ii", a).item(), 5);
 * ```
 */
export function einsum(subscripts: string, ...operands: TensorLike[]): Tensor {
  if (typeof subscripts !== "string") {
    throw new TypeError(
      `Cannot einsum with subscripts ${
        formatValue(subscripts)
      }: wanted a string, as "ij,jk->ik" (lists of axis numbers are not supported)`,
    );
  }
  const fail = (why: string): never => {
    throw new RangeError(`Cannot einsum ${JSON.stringify(subscripts)}: ${why}`);
  };
  const text = subscripts.replaceAll(" ", "");
  const sides = text.split("->");
  if (sides.length > 2) fail('"->" stands at most once');
  const terms = sides[0]!.split(",");
  if (operands.length === 0) fail("give at least one operand");
  if (terms.length !== operands.length) {
    fail(`it names ${terms.length} operands, but ${operands.length} were given`);
  }
  const inputs = together(operands, "einsum");
  const sizes = new Map<string, number>();
  let list = inputs.map((x, i): Named => name(x, terms[i]!, i, sizes, fail));
  const result = sides[1] === undefined
    ? implicit(terms, list)
    : explicit(sides[1], list, sizes, fail);

  list = list.map((n) => unique(dropOnes(n, sizes)));
  list = list.map((n, i) => {
    const others = list.filter((_, k) => k !== i).flatMap((o) => o.labels);
    return sumOut(n, new Set([...result, ...others]));
  });
  while (list.length > 1) {
    const [i, j] = cheapest(list, result, sizes);
    const rest = list.filter((_, k) => k !== i && k !== j);
    const keep = new Set([...result, ...rest.flatMap((n) => n.labels)]);
    list = [pair(list[i]!, list[j]!, keep), ...rest];
  }
  const last = list[0]!;
  // a broadcast axis that every operand had with size 1 was dropped: put it back
  const missing = result.filter((l) => !last.labels.includes(l));
  const x = last.x.reshape([...missing.map(() => 1), ...last.x.shape]);
  const labels = [...missing, ...last.labels];
  return x.transpose(result.map((l) => labels.indexOf(l)));
}

type Fail = (why: string) => never;

function split(term: string, fail: Fail): (string | null)[] {
  const out: (string | null)[] = [];
  for (let at = 0; at < term.length; at++) {
    if (term.startsWith("...", at)) {
      if (out.includes(null)) fail('"..." stands at most once in an operand');
      out.push(null);
      at += 2;
    } else if (/[A-Za-z]/.test(term[at]!)) out.push(term[at]!);
    else fail(`${JSON.stringify(term[at])} is neither a letter nor "..."`);
  }
  return out;
}

function name(x: Tensor, term: string, i: number, sizes: Map<string, number>, fail: Fail): Named {
  const parts = split(term, fail);
  const letters = parts.filter((p) => p !== null).length;
  const rest = x.ndim - letters;
  if (rest < 0 || (rest > 0 && !parts.includes(null))) {
    fail(`operand ${i} has shape ${formatShape(x.shape)}, but "${term}" names ${letters} axes`);
  }
  const labels = parts.flatMap((p) =>
    p === null ? Array.from({ length: rest }, (_, k) => String(rest - 1 - k)) : [p]
  );
  labels.forEach((label, axis) => {
    const n = x.shape[axis]!;
    const known = sizes.get(label);
    const free = /\d/.test(label);
    if (known === undefined || (free && known === 1)) sizes.set(label, n);
    else if (known !== n && !(free && n === 1)) {
      fail(
        `${free ? 'an axis of "..."' : `"${label}"`} has size ${known} in one place and ${n} in ` +
          `another`,
      );
    }
  });
  return { x, labels };
}

function ellipsis(list: readonly Named[]): string[] {
  const all = new Set(list.flatMap((n) => n.labels.filter((l) => /\d/.test(l))));
  return [...all].sort((a, b) => Number(b) - Number(a));
}

function implicit(terms: readonly string[], list: readonly Named[]): string[] {
  const letters = terms.join("").replaceAll(".", "");
  const once = [...new Set(letters)].filter((l) => letters.split(l).length === 2 && l !== ",");
  return [...ellipsis(list), ...once.sort()];
}

function explicit(
  term: string,
  list: readonly Named[],
  sizes: Map<string, number>,
  fail: Fail,
): string[] {
  const parts = split(term, fail);
  const free = ellipsis(list);
  if (free.length > 0 && !parts.includes(null)) {
    fail('the operands have "..." axes, so the result must have "..." too');
  }
  const out = parts.flatMap((p) => p === null ? free : [p]);
  for (const l of out) {
    if (!sizes.has(l)) fail(`"${l}" of the result occurs in no operand`);
  }
  if (new Set(out).size !== out.length) fail("the result names an axis twice");
  return out;
}

/** Without ellipsis axes of size 1 that stand for a larger (or lost) one. */
function dropOnes({ x, labels }: Named, sizes: Map<string, number>): Named {
  const gone = labels.map((l, i) => /\d/.test(l) && x.shape[i] === 1 && sizes.get(l) !== 1);
  return {
    x: x.reshape(x.shape.filter((_, i) => !gone[i])),
    labels: labels.filter((_, i) => !gone[i]),
  };
}

/** Repeated labels become one: the diagonal. */
function unique({ x, labels }: Named): Named {
  for (let i = 0; i < labels.length; i++) {
    const j = labels.indexOf(labels[i]!, i + 1);
    if (j < 0) continue;
    const rest = labels.map((_, k) => k).filter((k) => k !== i && k !== j);
    return unique({
      x: diagonalOf(x.transpose([...rest, i, j])),
      labels: [...rest.map((k) => labels[k]!), labels[i]!],
    });
  }
  return { x, labels };
}

/** Summed over the labels that nobody keeps. */
function sumOut({ x, labels }: Named, keep: ReadonlySet<string>): Named {
  const axis = labels.map((_, i) => i).filter((i) => !keep.has(labels[i]!));
  if (axis.length === 0) return { x, labels };
  const dtype = x.dtype;
  const sum = dtype === "bool" ? x.any({ axis }) : x.sum({ axis }).astype(dtype);
  return { x: sum, labels: labels.filter((_, i) => !axis.includes(i)) };
}

/** The two operands whose product is smallest; the first two of equals. */
function cheapest(
  list: readonly Named[],
  result: readonly string[],
  sizes: Map<string, number>,
): [number, number] {
  let best: [number, number] = [0, 1];
  let least = Infinity;
  for (let i = 0; i < list.length; i++) {
    for (let j = i + 1; j < list.length; j++) {
      const others = list.filter((_, k) => k !== i && k !== j).flatMap((n) => n.labels);
      const both = new Set([...list[i]!.labels, ...list[j]!.labels]);
      const kept = [...both].filter((l) => result.includes(l) || others.includes(l));
      const size = sizeOf(kept.map((l) => sizes.get(l)!));
      if (size < least) [best, least] = [[i, j], size];
    }
  }
  return best;
}

/** The product of two operands, summed over the labels that nobody keeps. */
function pair(a: Named, b: Named, keep: ReadonlySet<string>): Named {
  const shared = a.labels.filter((l) => b.labels.includes(l));
  const batch = shared.filter((l) => keep.has(l));
  const inner = shared.filter((l) => !keep.has(l));
  const freeA = a.labels.filter((l) => !shared.includes(l));
  const freeB = b.labels.filter((l) => !shared.includes(l));
  const labels = [...batch, ...freeA, ...freeB];
  const sizesOf = (n: Named, names: readonly string[]): number[] =>
    names.map((l) => n.x.shape[n.labels.indexOf(l)]!);
  const order = (n: Named, names: readonly string[]): Tensor =>
    n.x.transpose(names.map((l) => n.labels.indexOf(l)));
  if (inner.length === 0 || (batch.length > 0 && freeA.length === 0 && freeB.length === 0)) {
    const x = order(a, [...batch, ...freeA, ...inner]);
    const lead = [...sizesOf(a, batch), ...sizesOf(a, freeA), ...freeB.map(() => 1)];
    const left = x.reshape([...lead, ...sizesOf(a, inner)]);
    const y = order(b, [...batch, ...freeB, ...inner]);
    const right = y.reshape([
      ...sizesOf(b, batch),
      ...freeA.map(() => 1),
      ...sizesOf(b, freeB),
      ...sizesOf(b, inner),
    ]);
    const both = left.dtype === "bool" ? left.minimum(right) : left.mul(right);
    return sumOut({ x: both, labels: [...labels, ...inner] }, new Set(labels));
  }
  // transposed operands cost nothing where their axes already stand in the other order
  const ta = inPlace(a.labels, [...batch, ...inner, ...freeA]) &&
    !inPlace(a.labels, [...batch, ...freeA, ...inner]);
  const tb = inPlace(b.labels, [...batch, ...freeB, ...inner]) &&
    !inPlace(b.labels, [...batch, ...inner, ...freeB]);
  const [lead, m, k, n] = [
    sizesOf(a, batch),
    sizeOf(sizesOf(a, freeA)),
    sizeOf(sizesOf(a, inner)),
    sizeOf(sizesOf(b, freeB)),
  ] as const;
  const left = order(a, [...batch, ...(ta ? [...inner, ...freeA] : [...freeA, ...inner])]);
  const right = order(b, [...batch, ...(tb ? [...freeB, ...inner] : [...inner, ...freeB])]);
  const out = product(
    left.reshape([...lead, ...(ta ? [k, m] : [m, k])]),
    right.reshape([...lead, ...(tb ? [n, k] : [k, n])]),
    ta,
    tb,
  );
  return { x: out.reshape([...lead, ...sizesOf(a, freeA), ...sizesOf(b, freeB)]), labels };
}

function inPlace(labels: readonly string[], wanted: readonly string[]): boolean {
  return labels.every((l, i) => l === wanted[i]);
}
