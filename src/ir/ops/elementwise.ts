/**
 * Ops that work on each element alone. Operands broadcast as in NumPy and have one dtype.
 * Conventions at kinks are JAX's: abs at 0 has slope 1, a tie of maximum gives half to each side.
 *
 * @module
 */
import { checkDType, type DType } from "../../base/dtype.ts";
import { broadcastShapes } from "../../base/shape.ts";
import { makeAval } from "../aval.ts";
import { pointwise } from "../batching.ts";
import { binary, compare, def, elementwiseOp, one, unary } from "../def.ts";
import { alike, ANY, BITS, FLOAT, NUMBER } from "../operands.ts";
import type { Value } from "../value.ts";

/** 1 - x * x */
const oneLessSquare = (x: Value): Value => x.mul(x).neg().add(1);

/** g to the winner, half of it to each side of a tie. */
const toWinner = (g: Value, a: Value, b: Value, out: Value): Value[] => {
  const tie = a.eq(b).astype(g.dtype).mul(-0.5).add(1);
  return [
    g.mul(a.eq(out).astype(g.dtype)).mul(tie),
    g.mul(b.eq(out).astype(g.dtype)).mul(tie),
  ];
};

const where = (c: Value, a: Value, b: Value): Value => c.emit("where", [a, b])[0]!;

/** log(x), with 1 in the place of 0 so that 0 ** y has no infinite slope in y. */
const safeLog = (x: Value): Value => where(x.eq(0), x.zeros().add(1), x).log();

export const elementwise = {
  add: binary("add", NUMBER, (g) => [g, g]),
  sub: binary("sub", NUMBER, (g) => [g, g.neg()], "subtract"),
  mul: binary("mul", NUMBER, (g, a, b) => [g.mul(b), g.mul(a)], "multiply"),
  div: binary("div", NUMBER, (g, _a, b, out) => [g.div(b), g.mul(out).div(b).neg()], "divide"),
  floorDiv: binary("floorDiv", NUMBER, null, "floor-divide"),
  mod: binary(
    "mod",
    NUMBER,
    (g, a, b) => [g, g.mul(a.emit("floorDiv", [b])[0]!).neg()],
    "take the remainder of",
  ),
  rem: binary(
    "rem",
    NUMBER,
    (g, a, b) => [g, g.mul(a.div(b).emit("trunc", [])[0]!).neg()],
    "take the remainder of",
  ),
  pow: binary("pow", NUMBER, (g, a, b, out) => [
    g.mul(where(b.eq(0), a.zeros(), b.mul(a.pow(where(b.eq(0), b.zeros().add(1), b.sub(1)))))),
    g.mul(out).mul(safeLog(a)),
  ], "raise to a power"),
  maximum: binary("max", ANY, toWinner, "take the maximum of"),
  minimum: binary("min", ANY, toWinner, "take the minimum of"),
  atan2: binary("atan2", FLOAT, (g, a, b) => {
    const r = g.div(a.mul(a).add(b.mul(b)));
    return [r.mul(b), r.mul(a).neg()];
  }),
  logaddexp: binary("logaddexp", FLOAT, (g, a, b, out) => {
    const slope = (x: Value): Value => where(x.eq(out), x.zeros(), x.sub(out)).exp();
    return [g.mul(slope(a)), g.mul(slope(b))];
  }, "add the exponentials of"),

  eq: compare("eq"),
  ne: compare("ne"),
  lt: compare("lt"),
  le: compare("le"),
  gt: compare("gt"),
  ge: compare("ge"),

  and: binary("and", BITS, null),
  or: binary("or", BITS, null),
  xor: binary("xor", BITS, null),
  not: unary("not", BITS, null),
  shl: binary("shl", ["uint", "int"], null, "shift"),
  shr: binary("shr", ["uint", "int"], null, "shift"),

  where: elementwiseOp(
    "where",
    ([c, a, b]) => {
      if (c!.dtype !== "bool") {
        throw new TypeError(
          `Cannot select by a condition of dtype ${c!.dtype}: it must be bool, as x.gt(0) gives it`,
        );
      }
      alike("select from", [a!, b!]);
      const shape = broadcastShapes("select from", c!.shape, a!.shape, b!.shape);
      return [makeAval(shape, a!.dtype, a!.weak && b!.weak)];
    },
    one((g, [c]) => [null, where(c!, g, g.zeros()), where(c!, g.zeros(), g)]),
  ),
  cast: def<{ dtype: DType; weak?: boolean }>({
    class: "elementwise",
    scalar: "cast",
    avals: ([a], { dtype, weak }) => {
      checkDType(dtype, "convert an array");
      return [makeAval(a!.shape, dtype, weak === true)];
    },
    vjp: one((g, [a]) => [g.astype(a!.dtype)]),
    jvp: (_ins, [t], { dtype }, run) => ({ outs: run(), tangents: [t!.astype(dtype)] }),
    batch: pointwise,
  }),

  neg: unary("neg", NUMBER, (g) => g.neg()),
  abs: unary("abs", NUMBER, (g, x) => where(x.ge(0), g, g.neg())),
  sign: unary("sign", NUMBER, null),
  floor: unary("floor", FLOAT, null),
  ceil: unary("ceil", FLOAT, null),
  trunc: unary("trunc", FLOAT, null),
  round: unary("round", FLOAT, null),
  sqrt: unary("sqrt", FLOAT, (g, _x, y) => g.mul(0.5).div(y)),
  rsqrt: unary("rsqrt", FLOAT, (g, x, y) => g.mul(-0.5).mul(y).div(x)),
  exp: unary("exp", FLOAT, (g, _x, y) => g.mul(y)),
  expm1: unary("expm1", FLOAT, (g, _x, y) => g.mul(y.add(1))),
  log: unary("log", FLOAT, (g, x) => g.div(x)),
  log1p: unary("log1p", FLOAT, (g, x) => g.div(x.add(1))),
  sin: unary("sin", FLOAT, (g, x) => g.mul(x.cos())),
  cos: unary("cos", FLOAT, (g, x) => g.mul(x.sin()).neg()),
  tan: unary("tan", FLOAT, (g, _x, y) => g.mul(y.mul(y).add(1))),
  asin: unary("asin", FLOAT, (g, x) => g.div(oneLessSquare(x).sqrt())),
  acos: unary("acos", FLOAT, (g, x) => g.div(oneLessSquare(x).sqrt()).neg()),
  atan: unary("atan", FLOAT, (g, x) => g.div(x.mul(x).add(1))),
  sinh: unary("sinh", FLOAT, (g, x) => g.mul(x.cosh())),
  cosh: unary("cosh", FLOAT, (g, x) => g.mul(x.sinh())),
  tanh: unary("tanh", FLOAT, (g, _x, y) => g.mul(oneLessSquare(y))),
  asinh: unary("asinh", FLOAT, (g, x) => g.div(x.mul(x).add(1).sqrt())),
  acosh: unary("acosh", FLOAT, (g, x) => g.div(x.sub(1).mul(x.add(1)).sqrt())),
  atanh: unary("atanh", FLOAT, (g, x) => g.div(oneLessSquare(x))),
  erf: unary("erf", FLOAT, (g, x) => g.mul(2 / Math.sqrt(Math.PI)).mul(x.mul(x).neg().exp())),
  erfinv: unary("erfinv", FLOAT, (g, _x, y) => g.mul(Math.sqrt(Math.PI) / 2).mul(y.mul(y).exp())),
  sigmoid: unary("sigmoid", FLOAT, (g, _x, y) => g.mul(y).mul(y.neg().add(1))),
};
