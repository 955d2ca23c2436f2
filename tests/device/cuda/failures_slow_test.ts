import { ACTIONS, failEach, MANY, SMALL } from "./failures.ts";
import { onStandIn } from "./stand_in.ts";

for (const action of [...ACTIONS, MANY]) {
  onStandIn(
    `${action.name}: each native call fails with every code that it may give`,
    (rig) => failEach(rig, action, true),
    SMALL,
  );
}
