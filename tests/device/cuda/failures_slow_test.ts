import { ACTIONS, failEach, LONG, SMALL } from "./failures.ts";
import { onStandIn } from "./stand_in.ts";

for (const action of [...ACTIONS, ...LONG]) {
  onStandIn(
    `${action.name}: each native call fails with every code that it may give`,
    (rig) => failEach(rig, action, true),
    SMALL,
  );
}
