/**
 * Control flow with less to do: what nobody reads goes, what does not change is done once.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { removeDead, settleLoops } from "../../../src/compile/simplify/mod.ts";
import type { Tensor } from "../../../src/core/mod.ts";
import type { Program, Step } from "../../../src/ir/program.ts";
import type { ScanParams, SwitchParams, WhileParams } from "../../../src/ir/ops/control_params.ts";
import * as debug from "../../../src/transform/debug.ts";
import { cond, scan, whileLoop } from "../../../src/transform/mod.ts";
import { after, D, F, ops } from "./cases.ts";

const only = (p: Program, op: string): Step => p.steps.find((s) => s.op === op)!;
const scanOf = (p: Program): ScanParams => only(p, "scan").params as unknown as ScanParams;
const whileOf = (p: Program): WhileParams => only(p, "while").params as unknown as WhileParams;

Deno.test("outputs, carries, constants and rows of a scan that nobody reads go", () => {
  const p = after(
    removeDead,
    (x, y) => {
      const [[a], [rows]] = scan(
        ([a, b, c]: Tensor[], [r, s]: Tensor[]) => [
          [a!.add(r!), b!.mul(y.sum().astype("float32")), c!.add(b!)],
          [a!.exp(), s!.sin()],
        ],
        [x.at(0), x.at(1), x.at(2)],
        [x, x.mul(2)],
      );
      return [a!, rows!];
    },
    F,
    D,
  );
  const { body, consts, carry } = scanOf(p);
  assertEquals([consts, carry, body.inputs.length, body.outputs.length], [0, 1, 2, 2]);
  assertEquals(ops(body), "add exp");
  assertEquals(only(p, "scan").outs.length, 2);
});

Deno.test("a carry that another one needs stays, and what has an effect", () => {
  const p = after(
    removeDead,
    (x) => {
      const [[a]] = scan(
        ([a, b, c]: Tensor[]) => [[a!.add(b!), b!.add(1), c!.mul(2)], null],
        [x.at(0), x.at(1), x.at(2)],
        null,
        { length: 3 },
      );
      return [a!];
    },
    F,
  );
  assertEquals(scanOf(p).carry, 2);
  const seen: number[] = [];
  const q = after(
    removeDead,
    (x) => {
      scan(
        (c: Tensor, r: Tensor) => {
          debug.callback((v) => seen.push(v.shape[0]!), r.mul(2));
          return [c.add(1), r];
        },
        0,
        x,
      );
      return [x];
    },
    F,
  );
  assertEquals([scanOf(q).carry, ops(scanOf(q).body)], [
    0,
    "literal mul callback",
  ]);
  assertEquals(seen, [4, 4, 4, 4, 4, 4]);
});

Deno.test("branches give only what is read, of operands that some branch reads", () => {
  const p = after(
    removeDead,
    (x, y) => {
      const pick = cond(
        x.at(0, 0).gt(0),
        () => ({ a: x.mul(2), b: y.exp() }),
        () => ({ a: x.add(1), b: y.sin() }),
      );
      return [pick.a];
    },
    F,
    D,
  );
  const { branches } = only(p, "switch").params as unknown as SwitchParams;
  assertEquals(branches.map((b) => [b.inputs.length, b.outputs.length]), [[1, 1], [1, 1]]);
  assertEquals(only(p, "switch").ins.length, 2);
});

Deno.test("a loop keeps the carries that its condition reads", () => {
  const p = after(
    removeDead,
    (x) => {
      const out = whileLoop(
        ([k]) => k!.lt(3),
        ([k, y, z]) => [k!.add(1), y!.mul(0.5), z!.exp()],
        [x.at(0, 2), x, x],
      );
      return [out[1]!];
    },
    F,
  );
  assertEquals([whileOf(p).body.outputs.length, whileOf(p).cond.inputs.length], [2, 2]);
});

Deno.test("what does not change from turn to turn is computed before the loop", () => {
  const p = after(
    (p) => removeDead(settleLoops(p)),
    (x) => {
      const w = x.matmul(x.T);
      return [
        scan(
          (c: Tensor, r: Tensor) => [c.add(r.matmul(w.matmul(w).exp()).sum()), null],
          x.at(0, 1),
          x.T,
        )[0],
      ];
    },
    F,
  );
  const { body, consts } = scanOf(p);
  assertEquals(consts, 1);
  assertEquals(ops(body).includes("exp"), false);
  assertEquals(ops(body).split(" ").filter((op) => op === "dot").length, 1);
  assertEquals(ops(p).includes("dot exp scan"), true);
});

Deno.test("a carry that is handed on unchanged is a constant, numbers lie within", () => {
  const p = after(
    settleLoops,
    (x) => {
      const [a, kept] = scan(
        ([a, kept]: Tensor[], r: Tensor) => [[a!.add(r.mul(kept!)), kept!], null],
        [x.at(0), x.at(1)],
        x,
      )[0];
      return [a!, kept!];
    },
    F,
  );
  assertEquals([scanOf(p).carry, scanOf(p).consts], [1, 1]);
  const q = after(
    settleLoops,
    (x) => [
      whileLoop(
        ([k, , n]) => k!.lt(n!),
        ([k, y, n]) => [k!.add(1), y!.mul(n!), n!],
        [x.sum().mul(0), x, 3],
      )[1]!,
    ],
    { ...F, data: Float32Array.from({ length: 12 }, (_, i) => i) },
  );
  const { condConsts, bodyConsts, cond } = whileOf(q);
  assertEquals([condConsts, bodyConsts, only(q, "while").ins.length], [0, 0, 2]);
  assertEquals(ops(cond), "literal lt");
});
