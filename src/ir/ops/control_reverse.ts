/**
 * Reverse mode through control flow. The forward pass hands on what the backward pass reads: a branch
 * its residuals in places that all branches share, a loop its own stacked, so that the backward loop
 * gets them row by row in reverse.
 *
 * @module
 */
import type { Aval } from "../aval.ts";
import type { Grad, Linearize, ReverseContext, Vjp } from "../def.ts";
import type { Id } from "../program.ts";
import { dependents, extract, residuals } from "../slice.ts";
import { avalsOf, type ScanParams, strong, type SwitchParams, zeros } from "./control_params.ts";

/** What pulls back through an op that prepared for it, preparing only now. */
export function prepared<P>(linearize: Linearize<P>): Vjp<P> {
  return (g, ins, outs, params, c) => {
    const active = ins.map((x) => x.dtype === "float32" || x.dtype === "float64");
    const { pull } = linearize(ins, active, params, c as ReverseContext);
    return pull(g.map((x, i) => x !== null && outs[i] !== undefined ? x : null));
  };
}

/** Reverse mode through a choice. */
export const linearizeSwitch: Linearize<SwitchParams> = (ins, active, { branches }, c) => {
  const [index, ...operands] = ins;
  const on = active.slice(1);
  const count = branches[0]!.outputs.length;
  const joints = branches.map((b) => c.pullback(b, on));
  const outsOn = Array.from({ length: count }, (_, k) => joints.some((j) => j.active[k]));
  const outAvals = avalsOf(branches[0]!, branches[0]!.outputs);
  const flows = on.map((_, i) => joints.some((j) => j.flows[i]));

  // what each branch hands on: its operands as they are, the rest in places that branches share
  const places: Aval[] = [];
  const parts = joints.map(({ program: p }) => {
    const size = operands.length;
    const kept = residuals(p, p.inputs.slice(size), p.outputs.slice(count));
    const own = new Map(p.inputs.slice(0, size).map((id, i) => [id, i]));
    const taken = new Set<number>();
    const place = new Map<Id, number>();
    for (const id of kept) {
      if (own.has(id)) continue;
      const a = strong(p.avals[id]!);
      let at = places.findIndex((q, i) => q.key === a.key && !taken.has(i));
      if (at < 0) at = places.push(a) - 1;
      taken.add(at);
      place.set(id, at);
    }
    return { kept, own, place };
  });
  const used = operands.map((_, i) =>
    parts.some(({ kept, own }) => kept.some((id) => own.get(id) === i))
  );
  const usedAt = operands.flatMap((_, i) => used[i] ? [i] : []);

  const forward = joints.map(({ program: p }, b) => {
    const { place } = parts[b]!;
    const extra = [...place.keys()];
    const inputs = p.inputs.slice(0, operands.length);
    const part = extract(p, inputs, [...p.outputs.slice(0, count), ...extra], true);
    return c.trace((args) => {
      const outs = c.inline(part, args);
      const at = new Map(extra.map((id, i) => [place.get(id)!, outs[count + i]!]));
      return [...outs.slice(0, count), ...places.map((a, i) => at.get(i) ?? zeros(a, c))];
    }, avalsOf(branches[b]!, branches[b]!.inputs));
  });
  const all = c.emit("switch", [index!, ...operands], { branches: forward });

  const pull = (g: readonly Grad[]): Grad[] => {
    const given = outAvals.map((_, k) => outsOn[k] === true && g[k] !== null);
    const backward = joints.map((joint, b) => {
      const { program: p } = joint;
      const { kept, own, place } = parts[b]!;
      const part = extract(
        p,
        [...kept, ...p.inputs.slice(operands.length)],
        p.outputs.slice(count),
      );
      const avals = [
        ...usedAt.map((i) => strong(operands[i]!.aval)),
        ...places,
        ...outAvals.filter((_, k) => given[k]).map(strong),
      ];
      return c.trace((args) => {
        const seen = new Map(usedAt.map((i, k) => [i, args[k]!]));
        let next = usedAt.length + places.length;
        const cts = outAvals.map((a, k) => given[k] ? args[next++]! : zeros(strong(a), c));
        const outs = c.inline(part, [
          ...kept.map((id) =>
            own.has(id) ? seen.get(own.get(id)!)! : args[usedAt.length + place.get(id)!]!
          ),
          ...cts.filter((_, k) => joint.active[k]),
        ]);
        let from = 0;
        const mine = on.map((_, i) => joint.flows[i] ? outs[from++]! : null);
        return mine.flatMap((x, i) => flows[i] ? [x ?? zeros(strong(operands[i]!.aval), c)] : []);
      }, avals);
    });
    const outs = c.emit("switch", [
      index!,
      ...usedAt.map((i) => operands[i]!),
      ...all.slice(count),
      ...g.flatMap((x, k) => given[k] ? [x!] : []),
    ], { branches: backward });
    let from = 0;
    return [null, ...flows.map((flow) => flow ? outs[from++]! : null)];
  };
  return { outs: all.slice(0, count), active: outsOn.map((x) => x === true), pull };
};

/** Reverse mode through a loop of known length. */
export const linearizeScan: Linearize<ScanParams> = (ins, active, params, c) => {
  const { body, consts, carry, length, reverse } = params;
  const end = consts + carry;
  const on = [...active];
  let joint = c.pullback(body, on);
  for (let grown = true; grown;) {
    grown = false;
    for (let i = 0; i < carry; i++) {
      if (joint.active[i] && !on[consts + i]) grown = on[consts + i] = true;
    }
    if (grown) joint = c.pullback(body, on);
  }
  const p = joint.program;
  const size = body.inputs.length;
  const count = body.outputs.length;
  const own = p.inputs.slice(0, size);
  const outIds = p.outputs.slice(0, count);
  const gradIds = p.outputs.slice(count);

  // what the backward loop reads: constants and what follows from them alone, rows of the inputs and
  // outputs as they are, and the rest, stacked
  const kept = residuals(p, p.inputs.slice(size), gradIds);
  const varying = dependents(p, own.slice(consts));
  const fixed = kept.filter((id) => !varying.has(id));
  const moving = kept.filter((id) => varying.has(id));
  const stacked = moving.filter((id) =>
    !own.slice(end).includes(id) && !outIds.slice(carry).includes(id)
  );
  const forward = extract(p, own, [...outIds, ...stacked], true);
  const all = c.emit("scan", ins, { ...params, body: forward });
  const still = c.inline(extract(p, own.slice(0, consts), fixed), ins.slice(0, consts));
  const rows = moving.map((id) => {
    const x = own.indexOf(id, end);
    if (x >= 0) return ins[x]!;
    const y = outIds.indexOf(id, carry);
    return y >= 0 ? all[y]! : all[count + stacked.indexOf(id)]!;
  });
  const rowAvals = moving.map((id) => strong(p.avals[id]!));

  const pull = (g: readonly Grad[]): Grad[] => {
    const carryOn = Array.from({ length: carry }, (_, i) => on[consts + i]!);
    const constOn = joint.flows.slice(0, consts);
    const given = outIds.map((_, k) => k >= carry && joint.active[k] === true && g[k] !== null);
    const backward = extract(p, [...fixed, ...moving, ...p.inputs.slice(size)], gradIds);
    const typed = (ids: readonly Id[]) => ids.map((i) => strong(body.avals[i]!));
    const carryAvals = typed(body.inputs.slice(consts, end)).filter((_, i) => carryOn[i]);
    const sumAvals = typed(body.inputs.slice(0, consts)).filter((_, i) => constOn[i]);
    const outAvals = typed(body.outputs);
    const avals = [
      ...fixed.map((id) => strong(p.avals[id]!)),
      ...carryAvals,
      ...sumAvals,
      ...rowAvals,
      ...outAvals.filter((_, k) => given[k]),
    ];
    const program = c.trace((args) => {
      let at = 0;
      const next = (n: number) => args.slice(at, at += n);
      const fixedArgs = next(fixed.length);
      const carryArgs = next(carryAvals.length);
      const sumArgs = next(sumAvals.length);
      const rowArgs = next(moving.length);
      const outArgs = next(avals.length);
      let fromCarry = 0;
      let fromOuts = 0;
      const cts = outIds.map((_, k) => {
        if (k >= carry) return given[k] ? outArgs[fromOuts++]! : null;
        return carryOn[k] ? carryArgs[fromCarry++]! : null;
      });
      const grads = c.inline(backward, [
        ...fixedArgs,
        ...rowArgs,
        ...cts.flatMap((x, k) => joint.active[k] ? [x ?? zeros(outAvals[k]!, c)] : []),
      ]);
      let from = 0;
      const mine = joint.flows.map((flow) => flow ? grads[from++]! : null);
      let sum = 0;
      return [
        ...mine.slice(consts, end).flatMap((x, i) =>
          carryOn[i] ? [x ?? zeros(strong(body.avals[body.inputs[consts + i]!]!), c)] : []
        ),
        ...mine.slice(0, consts).flatMap((x) => x === null ? [] : [sumArgs[sum++]!.add(x)]),
        ...mine.slice(end).flatMap((x) => x === null ? [] : [x]),
      ];
    }, avals);
    const carryStart = outAvals.slice(0, carry).flatMap((a, i) =>
      carryOn[i] ? [g[i] ?? zeros(a, c)] : []
    );
    const outs = c.emit("scan", [
      ...still,
      ...carryStart,
      ...sumAvals.map((a) => zeros(a, c)),
      ...rows,
      ...g.flatMap((x, k) => given[k] ? [x!] : []),
    ], {
      body: program,
      consts: fixed.length,
      carry: carryAvals.length + sumAvals.length,
      length,
      reverse: !reverse,
    });
    let at = 0;
    const take = (flag: boolean): Grad => flag ? outs[at++]! : null;
    const carryGrads = carryOn.map(take);
    const constGrads = constOn.map(take);
    const rowGrads = joint.flows.slice(end).map(take);
    return [...constGrads, ...carryGrads, ...rowGrads];
  };
  const outsOn = outIds.map((_, k) => k < carry ? on[consts + k]! : joint.active[k]!);
  return { outs: all.slice(0, count), active: outsOn, pull };
};
