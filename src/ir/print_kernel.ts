/**
 * Kernels as text: one line per step, stable enough to test.
 *
 * @module
 */
import { type DType, DTYPES } from "../base/dtype.ts";
import type { Kernel, ScalarStep, View } from "./kernel.ts";

const short = (d: DType): string => DTYPES[d].short;

function printView(v: View): string {
  const at = (v.at ?? []).map((a) => ` + ${a.stride}*%${a.step}`).join("");
  return `[${v.offset} + (${v.strides.join(",")})${at}]`;
}

function printStep(s: ScalarStep, i: number): string {
  const head = `  %${i}:${short(s.dtype)} = `;
  switch (s.op) {
    case "load":
      return `${head}load a${s.arg}${printView(s.view)}`;
    case "const":
      return `${head}${Object.is(s.value, -0) ? "-0" : s.value}`;
    case "index":
      return `${head}index ${s.axis}`;
    case "acc":
      return `${head}acc ${s.acc}`;
    default:
      return `${head}${s.op} ${s.args.map((a) => `%${a}`).join(" ")}`;
  }
}

/** Prints a kernel. */
export function printKernel(k: Kernel): string {
  const lines = [
    `kernel ${k.name} ${k.rows ? "rows " : ""}(${k.shape.join(",")})` +
    (k.reduce.length > 0 ? ` ${k.scan ? "scan" : "reduce"} (${k.reduce.join(",")})` : "") +
    ` args ${k.args.map((a, i) => `a${i}:${short(a.dtype)}${a.writes ? "!" : ""}`).join(" ")}`,
    ...k.body.map(printStep),
    ...k.accumulators.map((a, i) =>
      `  acc ${i}:${short(a.dtype)} ${a.combine} %${a.value}${
        a.factor === undefined ? "" : ` by %${a.factor}`
      }`
    ),
    ...k.epilogue.map((s, i) => printStep(s, i + k.body.length)),
    ...k.stores.map((s) =>
      `  store a${s.arg}${printView(s.view)} ${s.add ? "+=" : "="} %${s.value}`
    ),
  ];
  return lines.join("\n");
}
