/**
 * Forward mode through control flow: tangents are operands, carries and rows beside the values.
 *
 * @module
 */
import type { Jvp } from "../def.ts";
import type { Value } from "../value.ts";
import { avalsOf, type ScanParams, type SwitchParams, type WhileParams } from "./control_params.ts";

const either = (a: readonly boolean[], b: readonly boolean[]): boolean[] =>
  a.map((x, i) => x || b[i] === true);

const same = (a: readonly boolean[], b: readonly boolean[]): boolean =>
  a.every((x, i) => x === b[i]);

/** The tangents of outputs, those that there are in order. */
function spread(moving: readonly boolean[], tangents: readonly Value[]): (Value | null)[] {
  let next = 0;
  return moving.map((m) => m ? tangents[next++]! : null);
}

/** Forward mode through a choice. */
export const pushSwitch: Jvp<SwitchParams> = (ins, tangents, { branches }, _run, c) => {
  const moving = tangents.slice(1).map((t) => t !== null);
  const out = branches.map((b) => c.push(b, moving).moving).reduce(either);
  const pushed = branches.map((b) => c.push(b, moving, out).program);
  const all = c.emit("switch", [...ins, ...tangents.slice(1).filter((t) => t !== null)], {
    branches: pushed,
  });
  return { outs: all.slice(0, out.length), tangents: spread(out, all.slice(out.length)) };
};

/** Forward mode through a loop that ends by a condition; the condition does not move. */
export const pushWhile: Jvp<WhileParams> = (ins, tangents, params, _run, c) => {
  const { cond, body, condConsts, bodyConsts } = params;
  const start = condConsts + bodyConsts;
  const consts = tangents.slice(condConsts, start);
  const constsOn = consts.map((t) => t !== null);
  let on = tangents.slice(start).map((t) => t !== null);
  let pushed = c.push(body, [...constsOn, ...on], on);
  for (let next = either(on, pushed.moving); !same(on, next); next = either(on, pushed.moving)) {
    on = next;
    pushed = c.push(body, [...constsOn, ...on], on);
  }
  const { program } = pushed;
  const size = on.length;
  const [own, moved] = [
    program.inputs.slice(0, body.inputs.length),
    program.inputs.slice(body.inputs.length),
  ];
  const count = constsOn.filter((x) => x).length;
  const wide = {
    ...program,
    inputs: [
      ...own.slice(0, bodyConsts),
      ...moved.slice(0, count),
      ...own.slice(bodyConsts),
      ...moved.slice(count),
    ],
  };
  const carry = ins.slice(start);
  const starts = on.flatMap((m, i) => m ? [tangents[start + i] ?? carry[i]!.zeros()] : []);
  const condAvals = [...avalsOf(cond, cond.inputs), ...avalsOf(program, moved.slice(count))];
  const test = c.trace((args) => c.inline(cond, args.slice(0, cond.inputs.length)), condAvals);
  const all = c.emit("while", [
    ...ins.slice(0, start),
    ...consts.filter((t) => t !== null),
    ...carry,
    ...starts,
  ], { cond: test, body: wide, condConsts, bodyConsts: bodyConsts + count });
  return { outs: all.slice(0, size), tangents: spread(on, all.slice(size)) };
};

/** Forward mode through a loop over rows. */
export const pushScan: Jvp<ScanParams> = (ins, tangents, params, _run, c) => {
  const { body, consts, carry } = params;
  const end = consts + carry;
  const flags = tangents.map((t) => t !== null);
  let on = flags.slice(consts, end);
  const push = () => c.push(body, [...flags.slice(0, consts), ...on, ...flags.slice(end)], on);
  let pushed = push();
  for (;;) {
    const next = either(on, pushed.moving);
    if (same(on, next)) break;
    on = next;
    pushed = push();
  }
  const { program, moving } = pushed;
  const size = body.inputs.length;
  const count = (list: readonly boolean[]) => list.filter((x) => x).length;
  const movedConsts = count(flags.slice(0, consts));
  const movedCarry = count(on);
  const [own, moved] = [program.inputs.slice(0, size), program.inputs.slice(size)];
  const outs = program.outputs.slice(0, body.outputs.length);
  const movedOuts = program.outputs.slice(body.outputs.length);
  const wide = {
    ...program,
    inputs: [
      ...own.slice(0, consts),
      ...moved.slice(0, movedConsts),
      ...own.slice(consts, end),
      ...moved.slice(movedConsts, movedConsts + movedCarry),
      ...own.slice(end),
      ...moved.slice(movedConsts + movedCarry),
    ],
    outputs: [
      ...outs.slice(0, carry),
      ...movedOuts.slice(0, movedCarry),
      ...outs.slice(carry),
      ...movedOuts.slice(movedCarry),
    ],
  };
  const present = (list: readonly (Value | null)[]) => list.filter((t) => t !== null);
  const all = c.emit("scan", [
    ...ins.slice(0, consts),
    ...present(tangents.slice(0, consts)),
    ...ins.slice(consts, end),
    ...on.flatMap((m, i) => m ? [tangents[consts + i] ?? ins[consts + i]!.zeros()] : []),
    ...ins.slice(end),
    ...present(tangents.slice(end)),
  ], { ...params, body: wide, consts: consts + movedConsts, carry: carry + movedCarry });
  const rows = carry + movedCarry;
  const last = rows + outs.length - carry;
  return {
    outs: [...all.slice(0, carry), ...all.slice(rows, last)],
    tangents: [
      ...spread(on, all.slice(carry, rows)),
      ...spread(moving.slice(carry), all.slice(last)),
    ],
  };
};
