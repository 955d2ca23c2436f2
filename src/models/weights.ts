/**
 * Lists of variables kept in files by name, and put back all or none. Two models made by the same
 * code in one process differ in the numbers of their automatic names; those are seen through.
 *
 * @module
 */
import { formatShape } from "../base/errors.ts";
import { HostArray } from "../base/host_array.ts";
import { sameShape } from "../base/shape.ts";
import { type Tensor, toTensor, type Variable } from "../core/mod.ts";
import { readFound, toPath, writeWhole } from "../formats/files.ts";

/** The entry of the metadata that is ours. */
export const METADATA = "glissade";

/** The values of a tensor, copied. */
export function hostOf(t: Tensor): HostArray {
  return new HostArray(t.data(), t.shape, t.dtype);
}

/** The paths of variables; where some are equal, numbered from the second on. */
export function namesOf(variables: readonly Variable[]): string[] {
  const used = new Map<string, number>();
  return variables.map(({ path }) => {
    const n = (used.get(path) ?? 0) + 1;
    used.set(path, n);
    return n === 1 ? path : `${path}#${n}`;
  });
}

/** Values kept under the names of variables. */
export interface Kept {
  /** The file, for messages. */
  readonly file: string;
  /** The values by name. */
  readonly values: ReadonlyMap<string, HostArray>;
  /** Whether their order is that of the variables; without it only equal names match. */
  readonly ordered: boolean;
}

/** A name without the numbers that automatic names get. */
const stem = (name: string): string => name.replaceAll(/_\d+(?=$|[_/])/g, "");

const show = (x: { dtype: string; shape: readonly number[] }): string =>
  `${x.dtype}${formatShape(x.shape)}`;

/**
 * The kept value of each variable: those of the same names, else, where only the numbers of
 * automatic names differ, those at the same places.
 *
 * @param owner whose variables they are, as `the model "m"`
 * @throws {RangeError} when a name is missing or left over, or a shape differs
 * @throws {TypeError} when a dtype differs
 */
export function matchVariables(
  variables: readonly Variable[],
  kept: Kept,
  owner: string,
): [Variable, HostArray][] {
  const names = namesOf(variables);
  const keptNames = [...kept.values.keys()];
  const action = `Cannot load ${kept.file} into ${owner}`;
  let found = names;
  if (names.length !== keptNames.length || names.some((name) => !kept.values.has(name))) {
    if (
      kept.ordered && names.length === keptNames.length &&
      names.every((name, i) => stem(name) === stem(keptNames[i]!))
    ) {
      found = keptNames;
    } else {
      throw mismatch(action, owner, variables, names, kept);
    }
  }
  return variables.map((v, i) => {
    const x = kept.values.get(found[i]!)!;
    const both = `${action}: the variable "${names[i]}" is ${show(v)}, found ${show(x)}`;
    if (!sameShape(x.shape, v.shape)) {
      throw new RangeError(`${both}: shapes must be equal: make it as it was when it was saved`);
    }
    if (x.dtype !== v.dtype) {
      throw new TypeError(
        `${both}: dtypes must be equal: read the file with io.loadSafetensors and assign with astype`,
      );
    }
    return [v, x];
  });
}

function mismatch(
  action: string,
  owner: string,
  variables: readonly Variable[],
  names: readonly string[],
  { values }: Kept,
): RangeError {
  const i = names.findIndex((name) => !values.has(name));
  if (i >= 0) {
    const rest = [...values.keys()].filter((name) => !names.includes(name));
    const shown = rest.slice(0, 4).map((name) => `"${name}" ${show(values.get(name)!)}`);
    if (rest.length > 4) shown.push(`${rest.length - 4} more`);
    return new RangeError(
      `${action}: the variable "${names[i]}" ${show(variables[i]!)} is not in it: it holds ` +
        (shown.length > 0 ? `${shown.join(", ")} instead` : "no others"),
    );
  }
  const over = [...values.keys()].find((name) => !names.includes(name))!;
  return new RangeError(
    `${action}: found "${over}" ${show(values.get(over)!)}, for which ${owner} has no variable`,
  );
}

/** Puts values into variables: all of them, or, where one cannot be made a tensor, none. */
export function assignAll(pairs: readonly (readonly [Variable, HostArray])[]): void {
  const tensors = pairs.map(([v, x]) => [v, toTensor(x)] as const);
  for (const [v, t] of tensors) v.assign(t);
}

/** Writes variables to a safetensors file under their paths. */
export async function saveVariables(
  path: string | URL,
  variables: readonly Variable[],
): Promise<void> {
  const names = namesOf(variables);
  const file = toPath(path);
  const tensors = Object.fromEntries(variables.map((v, i) => [names[i]!, hostOf(v.value)]));
  const metadata = { [METADATA]: JSON.stringify({ kind: "weights", variables: names }) };
  const { formatSealed } = await import("../formats/sealed.ts");
  await writeWhole(file, formatSealed({ tensors, metadata }));
}

/** Reads variables from a safetensors file, ours or another's. */
export async function loadVariables(
  path: string | URL,
  variables: readonly Variable[],
  owner: string,
): Promise<void> {
  const bytes = await readFound(path);
  const file = toPath(path);
  const { isSealed, parseSealed } = await import("../formats/sealed.ts");
  const { parseSafetensors } = await import("../formats/safetensors.ts");
  const parse = isSealed(bytes) ? parseSealed : parseSafetensors;
  const { tensors, metadata } = parse(bytes, file);
  const order = orderOf(metadata[METADATA]);
  const ordered = order !== null && order.length === Object.keys(tensors).length &&
    order.every((name) => Object.hasOwn(tensors, name));
  const names = ordered ? order : Object.keys(tensors);
  const values = new Map(names.map((name) => [name, tensors[name]!]));
  assignAll(matchVariables(variables, { file, values, ordered }, owner));
}

/** The order of the variables, where our metadata tells it. */
function orderOf(text: string | undefined): string[] | null {
  try {
    const { variables } = JSON.parse(text ?? "{}") as { variables?: unknown };
    return Array.isArray(variables) ? variables.map(String) : null;
  } catch {
    return null;
  }
}
