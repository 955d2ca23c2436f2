/**
 * Batching of control flow: programs on all examples at once. Where examples go different ways, all
 * ways are gone, and each example keeps what is its own.
 *
 * @module
 */
import { forEach } from "../batching.ts";
import type { Batch, BatchContext } from "../def.ts";
import type { Value } from "../value.ts";
import { avalsOf, type ScanParams, type SwitchParams, type WhileParams } from "./control_params.ts";

const either = (a: readonly boolean[], b: readonly boolean[]): boolean[] =>
  a.map((x, i) => x || b[i] === true);

const same = (a: readonly boolean[], b: readonly boolean[]): boolean =>
  a.every((x, i) => x === b[i]);

/** `yes` for the examples whose flag is set, `no` for the others; all have examples in front. */
function select(flag: Value, yes: Value, no: Value, c: BatchContext): Value {
  const ones = new Array<number>(yes.shape.length - 1).fill(1);
  return c.emit("where", [flag.reshape([c.size, ...ones]), yes, no])[0]!;
}

/** A choice: of one branch for all examples, or where they differ of all, example by example. */
export const batchSwitch: Batch<SwitchParams> = (ins, batched, { branches }, c) => {
  const flags = batched.slice(1);
  if (!batched[0]) {
    const out = branches.map((b) => c.batch(b, flags).batched).reduce(either);
    const programs = branches.map((b) => c.batch(b, flags, out).program);
    return { outs: c.again(ins, { branches: programs }), batched: out };
  }
  const [index, ...operands] = ins;
  const all = branches[0]!.outputs.map(() => true);
  return branches.map((b) => c.inline(c.batch(b, flags, all).program, operands))
    .reduce((before, own, i) => own.map((y, k) => select(index!.ge(i), y, before[k]!, c)));
};

/** A loop: goes on while any example does; those that are done keep what they have. */
export const batchWhile: Batch<WhileParams> = (ins, batched, params, c) => {
  const { cond, body, condConsts, bodyConsts } = params;
  const start = condConsts + bodyConsts;
  const constFlags = batched.slice(condConsts, start);
  let on = batched.slice(start);
  const grow = () => {
    for (;;) {
      const next = either(on, c.batch(body, [...constFlags, ...on], on).batched);
      if (same(on, next)) return;
      on = next;
    }
  };
  const test = () => c.batch(cond, [...batched.slice(0, condConsts), ...on]);
  grow();
  if (test().batched[0]) on = on.map(() => true);
  const wide = c.batch(body, [...constFlags, ...on], on).program;
  const { program, batched: [apart] } = test();
  const carry = ins.slice(start).map((x, i) => on[i] ? forEach(x, batched[start + i]!, c.size) : x);
  const consts = ins.slice(0, start);
  if (!apart) {
    const outs = c.again([...consts, ...carry], { ...params, cond: program, body: wide });
    return { outs, batched: on };
  }
  const condAvals = avalsOf(program, program.inputs);
  const any = c.trace(
    (args) => c.emit("max", c.inline(program, args), { axes: [0] }),
    condAvals,
  );
  const held = c.trace((args) => {
    const now = args.slice(start);
    const going = c.inline(program, [...args.slice(0, condConsts), ...now])[0]!;
    const next = c.inline(wide, args.slice(condConsts));
    return next.map((y, i) => select(going, y, now[i]!, c));
  }, [...condAvals.slice(0, condConsts), ...avalsOf(wide, wide.inputs)]);
  const outs = c.again([...consts.slice(0, condConsts), ...consts, ...carry], {
    cond: any,
    body: held,
    condConsts,
    bodyConsts: start,
  });
  return { outs, batched: on };
};

/** The first two axes in the other order. */
const swapped = (x: Value): Value => x.transpose([1, 0, ...x.shape.map((_, i) => i).slice(2)]);

/** A loop over rows: each row holds all examples. */
export const batchScan: Batch<ScanParams> = (ins, batched, params, c) => {
  const { body, consts, carry } = params;
  const end = consts + carry;
  let on = batched.slice(consts, end);
  const make = () => c.batch(body, [...batched.slice(0, consts), ...on, ...batched.slice(end)], on);
  let made = make();
  for (;;) {
    const next = either(on, made.batched);
    if (same(on, next)) break;
    on = next;
    made = make();
  }
  const outs = c.again([
    ...ins.slice(0, consts),
    ...ins.slice(consts, end).map((x, i) => on[i] ? forEach(x, batched[consts + i]!, c.size) : x),
    ...ins.slice(end).map((x, i) => batched[end + i] ? swapped(x) : x),
  ], { ...params, body: made.program });
  const flags = made.batched.map((b, k) => k < carry ? on[k]! : b);
  return { outs: outs.map((y, k) => k >= carry && flags[k] ? swapped(y) : y), batched: flags };
};
