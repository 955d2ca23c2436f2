/**
 * Counts and times as people read them: three digits and a unit.
 *
 * @module
 */

const SCALES = ["", "k", "M", "G", "T", "P"];

/** A count with a decimal prefix: `formatCount(12345, "FLOP")` is "12.3 kFLOP". */
export function formatCount(n: number, unit: string): string {
  let scale = 0;
  let value = n;
  while (value >= 999.5 && scale < SCALES.length - 1) {
    value /= 1000;
    scale++;
  }
  const digits = scale === 0 && Number.isInteger(value) ? String(value) : threeDigits(value);
  return `${digits} ${SCALES[scale]}${unit}`;
}

/** Milliseconds as a time: "12.3 us", "4.56 ms", "1.20 s". */
export function formatTime(ms: number): string {
  if (ms < 0.9995) return `${threeDigits(ms * 1000)} us`;
  if (ms < 999.5) return `${threeDigits(ms)} ms`;
  return `${threeDigits(ms / 1000)} s`;
}

/** Three digits, of which at most two follow the point. */
export function threeDigits(x: number): string {
  return x.toFixed(x < 9.995 ? 2 : x < 99.95 ? 1 : 0);
}
