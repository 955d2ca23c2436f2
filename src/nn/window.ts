/**
 * What convolutions and pooling have in common: windows that slide over the spatial axes of
 * [batch, ...spatial, channels].
 *
 * @module
 */
import { formatShape, formatValue } from "../base/mod.ts";
import { emit, type Tensor } from "../core/mod.ts";
import { windowCount } from "../ir/ops/convolve.ts";
import { constant } from "../numpy/operands.ts";
import type { Padding, PerAxis } from "./types.ts";

/** Windows, completely described. */
export interface Windows {
  readonly size: readonly number[];
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
  /** Cells before and after each spatial axis. */
  readonly pads: readonly (readonly [number, number])[];
  /** How many windows there are along each spatial axis. */
  readonly counts: readonly number[];
}

/** Reads one integer >= 1 for each of `rank` axes. */
export function perAxis(x: unknown, rank: number, what: string, action: string): readonly number[] {
  const list = Array.isArray(x) ? x as unknown[] : new Array<unknown>(rank).fill(x);
  const wanted = `wanted an integer >= 1${rank === 1 ? "" : `, or one for each of ${rank} axes`}`;
  if (list.length !== rank) {
    throw new RangeError(`Cannot ${action} with ${what} ${formatValue(x)}: ${wanted}`);
  }
  for (const n of list) {
    if (!Number.isSafeInteger(n)) {
      throw new TypeError(`Cannot ${action} with ${what} ${formatValue(x)}: ${wanted}`);
    }
    if (n as number < 1) {
      throw new RangeError(`Cannot ${action} with ${what} ${formatValue(x)}: ${wanted}`);
    }
  }
  return list as number[];
}

function isPairs(padding: unknown): padding is readonly (readonly [number, number])[] {
  return Array.isArray(padding) && padding.every((p) => Array.isArray(p) && p.length === 2);
}

/** Checks a padding as such; `causal` says whether that is allowed. */
export function checkPadding(
  padding: unknown,
  rank: number,
  causal: boolean,
  action: string,
): Padding {
  const names = ["valid", "same", ...(causal ? ["causal"] : [])];
  if (typeof padding === "string" && names.includes(padding)) return padding as Padding;
  if (!isPairs(padding)) {
    const Kind = typeof padding === "string" ? RangeError : TypeError;
    throw new Kind(
      `Cannot ${action} with padding ${formatValue(padding)}: wanted ` +
        `${names.map((n) => `"${n}"`).join(", ")} or a pair [before, after] for each spatial axis`,
    );
  }
  if (padding.length !== rank || padding.flat().some((n) => !Number.isSafeInteger(n) || n < 0)) {
    throw new RangeError(
      `Cannot ${action} with padding ${formatValue(padding)}: wanted ${rank} pairs ` +
        `[before, after] of integers >= 0`,
    );
  }
  return padding;
}

/** Where the windows of `size` lie over x, whose spatial axes are all but the first and last. */
export function placeWindows(
  x: Tensor,
  size: readonly number[],
  options: {
    strides?: PerAxis | undefined;
    dilation?: PerAxis | undefined;
    padding?: Padding | undefined;
  },
  action: string,
  causal = false,
): Windows {
  const rank = size.length;
  const strides = perAxis(options.strides ?? 1, rank, "strides", action);
  const dilation = perAxis(options.dilation ?? 1, rank, "dilation", action);
  const padding = checkPadding(options.padding ?? "valid", rank, causal && rank === 1, action);
  const spatial = x.shape.slice(1, -1);
  const pads = spatial.map((n, i): readonly [number, number] => {
    if (typeof padding !== "string") return padding[i]!;
    const reach = (size[i]! - 1) * dilation[i]!;
    if (padding === "valid") return [0, 0];
    if (padding === "causal") return [reach, 0];
    const total = Math.max(0, (Math.ceil(n / strides[i]!) - 1) * strides[i]! + reach + 1 - n);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
  const counts = spatial.map((n, i) => {
    const count = windowCount(n + pads[i]![0] + pads[i]![1], size[i]!, strides[i]!, dilation[i]!);
    if (count > 0) return count;
    throw new RangeError(
      `Cannot ${action} ${formatShape(x.shape)} with windows of ${formatShape(size)}` +
        `${
          dilation.some((d) => d > 1) ? ` and dilation ${formatShape(dilation)}` : ""
        }: they are ` +
        `larger than the spatial sizes ${
          formatShape(spatial)
        }; use padding "same" or smaller windows`,
    );
  });
  return { size, strides, dilation, pads, counts };
}

/** The array with `fill` around its spatial axes. */
export function padSpatial(x: Tensor, pads: Windows["pads"], fill = 0): Tensor {
  if (pads.every(([low, high]) => low === 0 && high === 0)) return x;
  return emit("pad", [x, constant(fill, x)], {
    low: [0, ...pads.map(([low]) => low), 0],
    high: [0, ...pads.map(([, high]) => high), 0],
    inner: x.shape.map(() => 0),
  });
}

/** Every window of an array that is padded already: [batch, ...counts, ...size, channels]. */
export function windowsOf(x: Tensor, { size, strides, dilation, counts }: Windows): Tensor {
  // windows of one cell, all of them, are the array itself
  if (size.every((k) => k === 1) && strides.every((s) => s === 1)) {
    const [batch, channels] = [x.shape[0]!, x.shape[x.ndim - 1]!];
    return x.reshape([batch, ...counts, ...size, channels]);
  }
  return emit("windows", [x], { size, strides, dilation });
}
