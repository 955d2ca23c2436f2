/**
 * The scalar operations that kernels call back into JavaScript for, lane by lane, because V8's own
 * are exact and WebAssembly has none.
 *
 * @module
 */

/** The name of a function that a kernel may import from "env". */
export type HostName = "rem" | "pow" | "integerPow" | "sin" | "cos" | "tan";

/**
 * The functions that kernels import from "env". Each is self-contained, so that its source text
 * can be sent to a worker.
 */
export const HOST_FUNCTIONS: Readonly<Record<HostName, (a: number, b: number) => number>> = {
  rem: (a, b) => a % b,
  pow: (a, b) => a === 1 || (a === -1 && (b === Infinity || b === -Infinity)) ? 1 : Math.pow(a, b),
  integerPow: (a, b) => {
    if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 === 0 ? 1 : -1) : 0;
    let power = 1;
    for (let base = a, n = b; n > 0; n = Math.floor(n / 2)) {
      if (n % 2 === 1) power = Math.imul(power, base);
      base = Math.imul(base, base);
    }
    return power;
  },
  sin: (a) => Math.sin(a),
  cos: (a) => Math.cos(a),
  tan: (a) => Math.tan(a),
};

/** The functions behind the operations that call only where a mask is set. */
export const WHERE_HOSTS = { sinWhere: "sin", cosWhere: "cos", tanWhere: "tan" } as const;
