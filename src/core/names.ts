/**
 * Default names, made unique by counting: dense, dense_1, dense_2.
 *
 * @module
 */

const counts = new Map<string, number>();

/** The next unused name from a stem. */
export function uniqueName(stem: string): string {
  const n = counts.get(stem) ?? 0;
  counts.set(stem, n + 1);
  return n === 0 ? stem : `${stem}_${n}`;
}

/** snake_case of a class name, as default names are made: BatchNormalization gives batch_normalization. */
export function snakeCase(name: string): string {
  return name.replace(/(.)([A-Z][a-z]+)/g, "$1_$2").replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

/** Starts counting again. */
export function clearNames(): void {
  counts.clear();
}
